"""The one way to ask a service: a client per thread, the limiter, the one retry layer, and the time limit.

The vendors' libraries retry too, each in its own broken way; theirs are off. Attempts would multiply.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from connectors.base import ScanExpired, SourceUnavailable, Surroundings
from connectors.limiter import Limiter
from connectors.reply import Asked, transport

log = logging.getLogger(__name__)

Client = TypeVar("Client")
Result = TypeVar("Result")

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long is tried. ``budget`` and ``longest_wait`` are seconds; the first try counts."""

    attempts: int = 5
    budget: float = 180.0
    longest_wait: float = 60.0
    jitter: Callable[[float, float], float] = random.uniform


@contextmanager
def time_limit(deadline: float) -> Iterator[None]:
    """Whatever this thread asks inside ends by ``deadline``, a moment of the injected monotonic clock."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def time_left(monotonic: Callable[[], float]) -> float:
    """Seconds that this thread still has, of the injected clock; infinite where nobody has set a limit."""
    limit = _deadline.get()
    return float("inf") if limit is None else limit - monotonic()


def retried(
    fetch: Callable[[], Result],
    asked: Asked,
    around: Surroundings,
    patience: Patience = Patience(),
) -> Result:
    """``fetch()``, tried again while its source is unavailable and there is patience and time.

    Waits are drawn evenly from 0 to 1, 2, 4 … seconds (full jitter), or are what the source asks for and up to
    a second more. Raises the last error; whatever is no SourceUnavailable at once.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception

    started = around.monotonic()

    def wait(state: RetryCallState) -> float:
        told = getattr(_error_of(state), "retry_after", None)
        if told is not None:
            return float(told) + patience.jitter(0.0, 1.0)
        return patience.jitter(0.0, min(patience.longest_wait, 2.0 ** (state.attempt_number - 1)))

    def stop(state: RetryCallState) -> bool:
        end = started + patience.budget
        limit = _deadline.get()
        end = end if limit is None else min(end, limit)
        return state.attempt_number >= patience.attempts or around.monotonic() + state.upcoming_sleep >= end

    def tell(state: RetryCallState) -> None:
        log.info("%s: %s Trying again in %.0f s.", asked.source, _error_of(state), state.upcoming_sleep)

    return Retrying(
        retry=retry_if_exception(_is_passing),
        wait=wait,
        stop=stop,
        sleep=around.sleep,
        before_sleep=tell,
        reraise=True,
    )(fetch)


def _error_of(state: Any) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, SourceUnavailable) and not isinstance(error, ScanExpired | OutOfTime)


class OutOfTime(SourceUnavailable):
    """The run's time for this source is used up; nothing was asked."""


class Wire(Generic[Client]):
    """A connection to one service, for all threads. Clients are made when a thread first asks."""

    def __init__(
        self,
        asked: Asked,
        around: Surroundings,
        make_client: Callable[[], Client],
        *,
        per_second: float | None = None,
        per_minute: int | None = None,
        patience: Patience = Patience(),
        close_client: Callable[[Client], None] = lambda _: None,
    ) -> None:
        self.asked, self.around, self.patience = asked, around, patience
        self._make_client, self._close_client = make_client, close_client
        self._limiter = _share_limiter(asked, around, per_second, per_minute)
        self._mine = threading.local()
        self._clients: list[Client] = []
        self._lock = threading.Lock()

    def ask(self, call: Callable[[Client], Result]) -> Result:
        """``call`` with this thread's client, within the limits, tried again where that may help.

        Raises SourceError. ``call`` makes exactly one request and is free of side effects on the service.
        """
        return retried(lambda: self._once(call), self.asked, self.around, self.patience)

    def close(self) -> None:
        """Close the clients of all threads."""
        with self._lock:
            clients, self._clients = self._clients, []
            self._mine = threading.local()
        for client in clients:
            self._close_client(client)

    def check_time(self) -> None:
        """For what goes on after ``ask`` gave its answer: a stream of rows. Raises OutOfTime."""
        self._check_time(0.0)

    def _once(self, call: Callable[[Client], Result]) -> Result:
        try:
            with transport(self.asked):
                client = self._client()  # the first takes a while, in which no slot may be held
                with self._limiter.slot(self._check_time):
                    self._check_time(0.0)
                    return call(client)
        except SourceUnavailable as error:
            if error.retry_after is not None:
                self._limiter.pause(error.retry_after)
            raise

    def _check_time(self, wait: float) -> None:
        limit = _deadline.get()
        if limit is not None and self.around.monotonic() + wait >= limit:
            raise OutOfTime(
                f"The time for {self.asked.source} is used up.", fix="Raise run.source_budget, or ask for less."
            )

    def _client(self) -> Client:
        client: Client | None = getattr(self._mine, "client", None)
        if client is None:
            client = self._mine.client = self._make_client()
            with self._lock:
                self._clients.append(client)
        return client


def _share_limiter(asked: Asked, around: Surroundings, per_second: float | None, per_minute: int | None) -> Limiter:
    """This connection's limiter; the one of every sheet that asks the same host by the same credential."""

    def make() -> Limiter:
        return Limiter(per_second, around.monotonic, around.sleep, per_minute=per_minute)

    if around.limiters is None or not asked.host:
        return make()
    how, _, where = asked.credential.partition(":")
    credential = str((around.folder / where).resolve()) if how == "file" else asked.credential
    return around.limiters.share((asked.host, credential, per_second, per_minute), make)
