"""How often a stand-in may be called: a sliding window, as the vendors' own limits are."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.wrappers import Request

Key = Callable[[Request], str | None]


def _everyone(_: Request) -> str | None:
    return "everyone"


@dataclass(slots=True)
class Quota:
    """At most ``calls`` in any ``per_seconds``, counted apart for each ``key(request)``.

    A key of None means that the request is outside this quota. After an excess the same key is refused
    for ``penalty`` seconds (Airtable refuses a base for 30); without one it may call again as soon as
    the window has room. Calls that are refused don't count.
    """

    calls: int
    per_seconds: float
    key: Key = _everyone
    penalty: float = 0.0
    name: str = ""
    _taken: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _closed_until: dict[str, float] = field(default_factory=dict)

    def wait(self, request: Request, now: float) -> float:
        """Return how many seconds the request would have to wait; 0 when it may pass."""
        key = self.key(request)
        if key is None:
            return 0.0
        if self._closed_until.get(key, now) > now:
            return self._closed_until[key] - now
        window = self._window(key, now)
        if len(window) < self.calls:
            return 0.0
        wait = max(window[0] + self.per_seconds - now, self.penalty)
        if self.penalty:
            self._closed_until[key] = now + wait
        return wait

    def count(self, request: Request, now: float) -> None:
        """Count a request that passed."""
        key = self.key(request)
        if key is not None:
            self._window(key, now).append(now)

    def left(self, request: Request, now: float) -> int:
        """Return how many calls the window still has for the request's key."""
        key = self.key(request)
        return self.calls if key is None else max(0, self.calls - len(self._window(key, now)))

    def _window(self, key: str, now: float) -> deque[float]:
        window = self._taken[key]
        while window and window[0] <= now - self.per_seconds:
            window.popleft()
        return window
