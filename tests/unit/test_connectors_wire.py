"""The one retry layer: what is tried again, how long is waited, and when it ends."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors.base import ScanExpired, SourceMisread, SourceRefused, SourceUnavailable
from connectors.reply import Asked, retry_after
from connectors.testing import FakeTime
from connectors.wire import OutOfTime, Patience, Wire, retried, time_limit

ASKED = Asked("jira", "acme.example", "env:JIRA_TOKEN")
CALM = Patience(jitter=lambda _, high: high)


def failing(*errors: BaseException) -> tuple[Callable[[], str], list[int]]:
    left, calls = list(errors), [0]

    def fetch() -> str:
        calls[0] += 1
        if left:
            raise left.pop(0)
        return "fine"

    return fetch, calls


def test_waits_grow_and_end() -> None:
    time = FakeTime()
    fetch, calls = failing(*[SourceUnavailable("down")] * 9)
    with pytest.raises(SourceUnavailable, match="down"):
        retried(fetch, ASKED, time.around(), CALM)
    assert time.slept == [1, 2, 4, 8]
    assert calls == [5]


def test_jitter_is_full_and_capped() -> None:
    time, drawn = FakeTime(), []
    patience = Patience(
        attempts=9, budget=9999, longest_wait=10, jitter=lambda low, high: drawn.append((low, high)) or 0.0
    )
    fetch, _ = failing(*[SourceUnavailable("down")] * 8)
    assert retried(fetch, ASKED, time.around(), patience) == "fine"
    assert drawn == [(0, 1), (0, 2), (0, 4), (0, 8), (0, 10), (0, 10), (0, 10), (0, 10)]


def test_what_the_service_asks_for_is_waited_and_up_to_a_second_more() -> None:
    time = FakeTime()
    fetch, _ = failing(SourceUnavailable("busy", retry_after=120))
    assert retried(fetch, ASKED, time.around(), CALM) == "fine"
    assert time.slept == [121]


def test_a_wait_that_ends_after_the_budget_is_not_begun() -> None:
    time = FakeTime()
    fetch, calls = failing(SourceUnavailable("busy", retry_after=179.5))
    with pytest.raises(SourceUnavailable):
        retried(fetch, ASKED, time.around(), CALM)
    assert time.slept == []
    assert calls == [1]


def test_a_time_limit_ends_it_too() -> None:
    time = FakeTime()
    fetch, calls = failing(*[SourceUnavailable("down")] * 4)
    with time_limit(time.monotonic() + 5), pytest.raises(SourceUnavailable, match="down"):
        retried(fetch, ASKED, time.around(), CALM)
    assert calls == [3]
    assert sum(time.slept) == 3


@pytest.mark.parametrize(
    "error",
    [
        SourceRefused("no"),
        SourceMisread("html"),
        ScanExpired("gone"),
        OutOfTime("late"),
        ValueError("bug"),
        KeyboardInterrupt(),
    ],
)
def test_nothing_else_is_tried_again(error: BaseException) -> None:
    time = FakeTime()
    fetch, calls = failing(error)
    with pytest.raises(type(error)):
        retried(fetch, ASKED, time.around(), CALM)
    assert calls == [1]
    assert time.slept == []


def test_each_wait_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="connectors")
    fetch, _ = failing(SourceUnavailable("It answered 503.", retry_after=7))
    retried(fetch, ASKED, FakeTime().around(), CALM)
    assert "jira: It answered 503. Trying again in 8 s." in caplog.text


class TestWire:
    def wire(self, time: FakeTime, **more: object) -> Wire[object]:
        return Wire(ASKED, time.around(), object, patience=CALM, **more)  # type: ignore[arg-type]

    def test_the_limit_of_time_is_checked_before_each_call(self) -> None:
        time, calls = FakeTime(), []
        with time_limit(10):
            time.sleep(11)
            with pytest.raises(OutOfTime, match="jira is used up"):
                self.wire(time).ask(calls.append)
        assert calls == []

    def test_after_a_429_no_thread_gets_through_before_its_time(self) -> None:
        time = FakeTime()
        wire = self.wire(time)

        def refuse(_: object) -> None:
            raise SourceUnavailable("busy", retry_after=30)

        with pytest.raises(SourceUnavailable), time_limit(20):
            wire.ask(refuse)
        assert time.monotonic() == 0
        with pytest.raises(OutOfTime), time_limit(20):
            wire.ask(id)
        wire.ask(id)
        assert time.monotonic() >= 30

    def test_one_client_per_thread_all_closed_in_the_end(self) -> None:
        import threading

        closed: list[object] = []
        wire = self.wire(FakeTime(), close_client=closed.append)
        seen: list[object] = []
        threads = [threading.Thread(target=lambda: [wire.ask(seen.append) for _ in range(3)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wire.close()
        assert len(seen) == 12
        assert len(set(map(id, seen))) == 4
        assert set(map(id, closed)) == set(map(id, seen))


NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:45 GMT"}, 45),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:45 GMT", "Date": "Sun, 22 Nov 2026 09:00:40 GMT"}, 5),
        ({"Retry-After": "Sun, 22 Nov 2026 08:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
    ],
)
def test_retry_after_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds
