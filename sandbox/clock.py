"""The time in the sandbox: one clock that all stand-ins share and a test or the demo may set."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """An aware moment that stands still until it is moved, or runs along with real time.

    ``Clock(moment)`` stands still; ``Clock(moment, running=True)`` starts at that moment and runs.
    """

    def __init__(self, now: datetime | None = None, *, running: bool = False) -> None:
        self._lock = threading.Lock()
        self._running = running
        self._at = _aware(now) if now is not None else datetime.now(UTC)
        self._set_at = time.monotonic()
        self._start = self._at

    def now(self) -> datetime:
        """Return the present moment of the sandbox's world."""
        with self._lock:
            return self._now()

    def set(self, now: datetime) -> None:
        """Make it ``now``, earlier or later."""
        moment = _aware(now)
        with self._lock:
            self._at, self._set_at = moment, time.monotonic()

    def advance(self, by: timedelta) -> None:
        """Move the world forward (or back, with a negative ``by``)."""
        with self._lock:
            self._at, self._set_at = self._now() + by, time.monotonic()

    def seconds(self) -> float:
        """Return the seconds since the clock was made, for quotas that should follow this clock."""
        return (self.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Wait in the sandbox's time: nobody waits, the clock moves. Fits wherever a sleep is injected."""
        self.advance(timedelta(seconds=seconds))

    def _now(self) -> datetime:
        ran = time.monotonic() - self._set_at if self._running else 0.0
        return self._at + timedelta(seconds=ran)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"the sandbox's clock needs a moment with a zone, not {moment!r}")
    return moment
