"""Signals: at once, after what is shielded, and at once again for somebody who insists."""

import os
import signal
from collections.abc import Iterator

import pytest

from sync.interrupt import SIGNALS, Stopped, catching_signals, shielded


@pytest.fixture(autouse=True)
def caught() -> Iterator[None]:
    with catching_signals():
        yield


def strike(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_outside_of_a_write_it_stops_at_once(number: int, code: int) -> None:
    with pytest.raises(Stopped) as stop:
        strike(number)
    assert stop.value.code == code


def test_a_write_is_finished_first() -> None:
    done = []
    with pytest.raises(Stopped, match="SIGTERM"), shielded():  # noqa: PT012 - the order in it is what is tested
        with shielded():
            strike(signal.SIGTERM)
            done.append("inner")
        done.append("outer")
    assert done == ["inner", "outer"]
    with shielded():  # and it is over with that
        pass


def test_a_second_signal_does_not_wait() -> None:
    done = []
    with pytest.raises(Stopped, match="SIGINT"), shielded():  # noqa: PT012 - the order in it is what is tested
        strike(signal.SIGTERM)
        strike(signal.SIGINT)
        done.append("never")
    assert done == []


def test_an_error_inside_gives_way_to_the_signal() -> None:
    with pytest.raises(Stopped), shielded():  # noqa: PT012 - the order in it is what is tested
        strike(signal.SIGTERM)
        raise ValueError("the write failed")


def test_afterwards_signals_are_as_they_were() -> None:
    found = [signal.getsignal(number) for number in SIGNALS]
    with catching_signals():
        pass
    assert [signal.getsignal(number) for number in SIGNALS] == found
