"""How often a service is asked: one limiter per connection, shared by all its threads.

A service counts calls when they arrive, and nobody outside knows that moment: only that it lies between the
sending and the answer. So a call keeps its slot until one span after its *answer*. Then, whenever a call is
sent, at most n - 1 others can have arrived within the span before it, however slow the network is.

That costs one round trip in each span, a sixth of the rate at 200 ms. Most of it is won back by what no call can do
without: a call takes a while to arrive, and its answer a while to come back. Where these two least whiles together
are w, a slot may be freed w earlier: the earlier call arrived that much before its answer, or the later one arrives
that much after its sending. The quickest round trip seen is no more than w where the two are independent of each
other; nine tenths of it are trusted, after some answers, and nothing any more once the service has refused one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

_TRUSTED = 0.9  # of the quickest round trip
_ENOUGH = 5  # answers before any of it is trusted


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
        self._freed: deque[float] = deque()  # when the slots of answered calls are free again
        self._quickest = float("inf")
        self._answers = 0
        self._was_refused = False
        self._closed_until: float | None = None

    @contextmanager
    def slot(self, check: Callable[[float], None] = lambda _: None) -> Iterator[None]:
        """Wait for a slot and keep it during one call. ``check`` is shown each wait in seconds and may raise."""
        self._enter(check)
        sent = self._monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                answered = self._monotonic()
                self._freed.append(answered + self._span - self._surely_on_the_way(answered - sent))
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Let nobody through for so long: the service asked for it, and each further call prolongs its ban."""
        with self._changed:
            self._was_refused = True
            self._closed_until = max(self._closed_until or 0.0, self._monotonic() + seconds)

    def _surely_on_the_way(self, took: float) -> float:
        """Seconds that every call and its answer spend on their way at least, as far as that is known."""
        self._answers += 1
        self._quickest = min(self._quickest, took)
        if self._was_refused or self._answers <= _ENOUGH:
            return 0.0
        return min(_TRUSTED * self._quickest, self._span / 2)

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
                while self._freed and self._freed[0] <= now:
                    self._freed.popleft()
                if self._calls is None or self._under_way + len(self._freed) < self._calls:
                    self._under_way += 1
                    return 0.0
                if self._freed:
                    return max(self._freed[0] - now, 1e-6)
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
