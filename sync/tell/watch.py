"""From the config to those who are told of runs. A secret that is missing is a line in the log, never a failed run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from connectors.secret import fetch_secret
from okr.problem import OkrSyncError
from sync.config import Config
from sync.mail_rules import Route
from sync.tell.notify import Message, can_send, fits, send
from sync.tell.telemetry import Watch

log = logging.getLogger(__name__)


def open_watch(config: Config, folder: Path, environ: Mapping[str, str]) -> Watch:
    """Who watches over the runs of a config."""
    telling = config.telling
    return Watch(
        metrics=folder / telling.metrics if telling.metrics else None,
        push=next(iter(_fetch((telling.push,), folder, environ)), None) if telling.push else None,
        ping=next(iter(_fetch((telling.ping,), folder, environ)), None) if telling.ping else None,
    )


PAUSES = (5.0, 30.0)
"""Seconds before an alert that wasn't taken is sent again."""


def send_alerts(
    config: Config,
    folder: Path,
    environ: Mapping[str, str],
    alerts: Sequence[Message],
    sleep: Callable[[float], None],
) -> None:
    """Send ops what there is; again, where an address didn't take it, for no other run says it is new."""
    if not alerts or not config.telling.alerts:
        return
    addresses = _fetch(config.telling.alerts, folder, environ)
    left = [(alert, address) for address in addresses for alert in alerts if fits(alert, address)]
    for pause in (0.0, *PAUSES):
        if pause:
            sleep(pause)
        left = [(alert, address) for alert, address in left if not send([alert], [address])]
        if not left or not can_send():
            return
    log.error("ops were not told: %s", "; ".join(dict.fromkeys(alert.title for alert, _ in left)))


def send_to(folder: Path, environ: Mapping[str, str], route: Route, messages: Sequence[Message]) -> int:
    """Send messages to a route's addresses; how many were taken. Where no address fits any of them, none is missing."""
    addresses = _fetch(route.to, folder, environ)
    if addresses and not any(fits(message, address) for message in messages for address in addresses):
        return 1
    return send(messages, addresses)


def _fetch(references: Iterable[str], folder: Path, environ: Mapping[str, str]) -> list[str]:
    """The addresses behind references; one secret may hold several, parted by white space."""
    found: list[str] = []
    for reference in references:
        try:
            found += fetch_secret(reference, environ, folder).reveal().split()
        except OkrSyncError as error:
            log.warning("nobody is told by %s: %s", reference, error)
    return found
