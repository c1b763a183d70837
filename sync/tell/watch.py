"""From the config to those who are told of runs. A secret that is missing is a line in the log, never a failed run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from connectors.secret import fetch_secret
from okr.problem import OkrSyncError
from sync.config import Config
from sync.mail_rules import Route
from sync.tell.notify import Message, fits, send
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


def send_alerts(config: Config, folder: Path, environ: Mapping[str, str], alerts: Sequence[Message]) -> None:
    """Send ops what there is."""
    if alerts and config.telling.alerts:
        send(alerts, _fetch(config.telling.alerts, folder, environ))


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
