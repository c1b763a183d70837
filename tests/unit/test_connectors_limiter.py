"""The limiter: no n + 1 calls in one second as the service counts them, wherever between us they arrive."""

import threading
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.limiter import Limiter
from connectors.testing import FakeTime


def arrivals(per_second: float, calls: list[tuple[float, float]], *, refused: bool = False) -> list[float]:
    """When calls arrive that each take (until arrival, until the answer after it); one after the other."""
    time = FakeTime()
    limiter = Limiter(per_second, time.monotonic, time.sleep)
    if refused:
        limiter.pause(0)
    found = []
    for before, after in calls:
        with limiter.slot():
            time.sleep(before)
            found.append(time.monotonic())
            time.sleep(after)
    return found


delays = st.floats(0, 3, allow_nan=False)


def is_within(rate: int, found: list[float]) -> bool:
    return all(later - earlier >= 1 - 1e-9 for earlier, later in zip(found, found[rate:], strict=False))


@given(st.lists(st.tuples(delays, delays), max_size=40), st.integers(1, 7))
def test_no_window_of_a_second_holds_more_than_the_rate(calls: list[tuple[float, float]], rate: int) -> None:
    """Whatever the network does: this is what holds once a service has refused a call, and before five answers."""
    assert is_within(rate, arrivals(rate, calls, refused=True))
    assert is_within(rate, arrivals(rate, calls[:5]))


leasts = st.floats(0, 1, allow_nan=False)
jitters = st.lists(st.tuples(st.just(0.0) | delays, st.just(0.0) | delays), min_size=30, max_size=60)


@given(leasts, leasts, jitters, st.integers(1, 7))
def test_nor_where_every_way_takes_a_while(
    there: float, back: float, jitter: list[tuple[float, float]], rate: int
) -> None:
    """Delays come on top of a least way there and back, of which some call has shown the whole or nearly so."""
    calls = [(there + one, back + other) for one, other in jitter]
    calls[3] = (there, back + (there + back) / 10)
    assert is_within(rate, arrivals(rate, calls))


@pytest.mark.parametrize(("there", "back"), [(0.2, 0.0), (0.0, 0.2), (0.1, 0.1)])
def test_most_of_the_round_trip_is_won_back(there: float, back: float) -> None:
    """Five a second at 200 ms: 200 calls within a tenth of the 39 s that they take at best."""
    time = FakeTime()
    limiter = Limiter(5, time.monotonic, time.sleep)
    found: list[float] = []
    answers: list[float] = []
    while len(found) < 200:  # calls side by side: as many are sent as may be, then they are answered in turn
        with ExitStack() as open_slots:
            for _ in range(5):
                open_slots.enter_context(limiter.slot())
                found.append(time.monotonic() + there)
            time.sleep(there + back)
        answers.append(time.monotonic())
    assert is_within(5, found)
    assert answers[-1] <= 1.1 * (39 + 0.2)


def test_calls_under_way_hold_their_slots() -> None:
    """Four slow calls may all arrive at the end of their time; the fifth and sixth can't be sent meanwhile."""
    time = FakeTime()
    limiter = Limiter(5, time.monotonic, time.sleep)
    inside, release, entered = threading.Semaphore(0), threading.Event(), []

    def slow() -> None:
        with limiter.slot():
            inside.release()
            release.wait(5)

    threads = [threading.Thread(target=slow) for _ in range(5)]
    for thread in threads:
        thread.start()
    for _ in threads:
        inside.acquire(timeout=5)

    def sixth() -> None:
        with limiter.slot():
            entered.append(time.monotonic())

    waiting = threading.Thread(target=sixth)
    waiting.start()
    waiting.join(0.05)
    assert entered == []  # not even after any number of seconds: nothing was answered yet
    release.set()
    for thread in (*threads, waiting):
        thread.join(5)
    assert len(entered) == 1
    assert entered[0] >= 1


def test_many_threads_share_one_rate() -> None:
    time = FakeTime()
    limiter = Limiter(5, time.monotonic, time.sleep)
    found: list[float] = []

    def work() -> None:
        for _ in range(10):
            with limiter.slot():
                found.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    found.sort()
    assert len(found) == 80
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in zip(found, found[5:], strict=False))


@pytest.mark.parametrize(("rate", "least"), [(None, 0.0), (1, 9.0), (0.5, 18.0), (2.5, 4.0)])
def test_rates_of_any_size(rate: float | None, least: float) -> None:
    time = FakeTime()
    limiter = Limiter(rate, time.monotonic, time.sleep)
    for _ in range(10):
        with limiter.slot():
            pass
    assert time.monotonic() == pytest.approx(least)


def test_a_pause_holds_everybody_back() -> None:
    time = FakeTime()
    limiter = Limiter(None, time.monotonic, time.sleep)
    limiter.pause(30)
    limiter.pause(5)
    with limiter.slot():
        assert time.monotonic() >= 30


def test_a_wait_may_be_refused_and_takes_no_slot() -> None:
    time = FakeTime()
    limiter = Limiter(1, time.monotonic, time.sleep)

    def refuse(wait: float) -> None:
        raise TimeoutError(wait)

    with limiter.slot():
        pass
    with pytest.raises(TimeoutError), limiter.slot(refuse):
        pass
    time.sleep(1)
    with limiter.slot(refuse):
        pass


def test_a_call_that_fails_gives_its_slot_back() -> None:
    time = FakeTime()
    limiter = Limiter(1, time.monotonic, time.sleep)
    with pytest.raises(ValueError, match="x"), limiter.slot():
        raise ValueError("x")
    with limiter.slot():
        assert time.monotonic() >= 1


def test_a_limit_by_the_minute_lets_them_all_through_at_once_and_then_waits_out_the_minute() -> None:
    time = FakeTime()
    limiter = Limiter(None, time.monotonic, time.sleep, per_minute=30)
    sent = []
    for _ in range(65):
        with limiter.slot():
            sent.append(time.monotonic())
    assert [sent.count(at) for at in sorted(set(sent))] == [30, 30, 5]
    assert sent[30] - sent[0] >= 60
