"""How often a service is asked: one limiter per connection, shared by all its threads.

A service counts calls when they arrive, and nobody outside knows that moment: only that it lies between the
sending and the answer. So a call keeps its slot until one span after its *answer*. Then, whenever a call is
sent, at most n - 1 others can have arrived within the span before it, however slow the network is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager


class Limiter:
    """At most ``per_second`` calls in any one-second window as the service counts them; ``None``: no such limit.

    A rate below one a second means one call in that much longer a span. ``per_minute`` is instead of it, for a service
    that counts by the minute and takes them all at once. Clock and sleep are injected.
    """

    def __init__(
        self,
        per_second: float | None,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        *,
        per_minute: int | None = None,
    ) -> None:
        self._calls = per_minute if per_second is None else max(1, int(per_second))
        self._span = 60.0 if per_second is None else max(1.0, 1.0 / per_second)
        self._monotonic, self._sleep = monotonic, sleep
        self._changed = threading.Condition()
        self._under_way = 0
        self._answered: deque[float] = deque()
        self._closed_until: float | None = None

    @contextmanager
    def slot(self, check: Callable[[float], None] = lambda _: None) -> Iterator[None]:
        """Wait for a slot and keep it during one call. ``check`` is shown each wait in seconds and may raise."""
        self._enter(check)
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._answered.append(self._monotonic())
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Let nobody through for so long: the service asked for it, and each further call prolongs its ban."""
        with self._changed:
            self._closed_until = max(self._closed_until or 0.0, self._monotonic() + seconds)

    def _enter(self, check: Callable[[float], None]) -> None:
        while (wait := self._take()) > 0:
            check(wait)
            self._sleep(wait)

    def _take(self) -> float:
        """Take a slot and return 0, or return the seconds until one may be free."""
        with self._changed:
            while True:
                now = self._monotonic()
                if self._closed_until is not None and now < self._closed_until:
                    return self._closed_until - now
                while self._answered and self._answered[0] + self._span <= now:
                    self._answered.popleft()
                if self._calls is None or self._under_way + len(self._answered) < self._calls:
                    self._under_way += 1
                    return 0.0
                if self._answered:
                    return max(self._answered[0] + self._span - now, 1e-6)
                self._changed.wait()


class Limiters:
    """The limiters of one process, so that several sheets that ask by one credential share its limits."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Limiter] = {}
        self._lock = threading.Lock()

    def share(self, key: Hashable, make: Callable[[], Limiter]) -> Limiter:
        """The limiter of this service and credential; made when it is first asked for."""
        with self._lock:
            if key not in self._found:
                self._found[key] = make()
            return self._found[key]
