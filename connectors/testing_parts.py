"""What tests of connectors are made of: a time in which nothing sleeps, a service's stand-in, its faults, options."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from connectors.base import ConnectorFactory, Surroundings
from connectors.secret import fetch_secrets
from mappings.model import Metric

TOKEN = "tok-3nl1ghten3d-s3cret"  # noqa: S105 - planted, to see that it appears nowhere
QUICK = (1.0, 0.3)
"""Seconds to connect and to answer, for tests of silence."""


class FakeTime:
    """A clock that only sleeping moves; for all threads."""

    def __init__(self, now: datetime | None = None) -> None:
        self._start = now or datetime.now(UTC).replace(microsecond=0)
        self._passed = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The moment."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        with self._lock:
            return self._passed

    def sleep(self, seconds: float) -> None:
        """Let time pass, and note it."""
        with self._lock:
            self._passed += seconds
            self.slept.append(seconds)

    def around(self, **extra: Any) -> Surroundings:
        """Surroundings that live in this time."""
        return Surroundings(now=self.now, sleep=self.sleep, monotonic=self.monotonic, extra=extra)


@dataclass(frozen=True, slots=True)
class Spoil:
    """What shall go wrong with the next ``times`` requests (``None``: all) after ``skip`` good ones.

    ``kind``: status (an error answer, with Retry-After), timeout (silence), cut (closed without an answer),
    truncate (half an answer), html (a login page with status 200).
    """

    kind: str
    status: int = 500
    retry_after: str | None = None
    times: int | None = 1
    skip: int = 0


class StandIn(Protocol):
    """The service on a socket."""

    @property
    def url(self) -> str:
        """Its address, for the option."""
        ...

    def calls(self) -> list[str]:
        """Every request so far: "GET /path"."""
        ...

    def spoil(self, spoil: Spoil) -> None:
        """Script a fault."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """A metric and the value that it has in the stand-in's world."""

    metric: Metric
    value: Decimal


def make_options(factory: ConnectorFactory, written: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    """Options as a config would give them: the form filled, its secrets fetched."""
    return fetch_secrets(factory.options_form().model_validate(dict(written)), environ)
