"""A clock that only waiting moves: budgets run out by what the engine waits for, never by how busy the machine is."""

from __future__ import annotations

import threading


class StillClock:
    """Seconds since its beginning. ``sleep`` returns at once, and that much later it is. Safe among threads."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """The present moment."""
        with self._lock:
            return self._seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._seconds += max(seconds, 0.0)
