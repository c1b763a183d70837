"""A wrong clock: from when it is said, from when nothing is written, and in which words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.clock import say_off, say_span
from sync.clock import LONGEST_PAUSE, ClockWrong, check_heartbeat, check_served, find_off

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=BERLIN)
UTC_NOON = NOON.astimezone(UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (6 * MINUTE, "6 minutes"),
        (119 * MINUTE, "119 minutes"),
        (2 * HOUR, "2 hours"),
        (47 * HOUR, "47 hours"),
        (2 * DAY, "2 days"),
        (365 * DAY, "365 days"),
    ],
)
def test_spans_are_said_in_their_largest_fitting_unit(span: timedelta, said: str) -> None:
    assert say_span(span) == said
    assert say_off(span) == f"this machine's clock is {said} behind Google's"
    assert say_off(-span) == f"this machine's clock is {said} ahead of Google's"


@pytest.mark.parametrize(
    ("now", "off", "told", "refused"),
    [
        (NOON, None, False, False),
        (NOON, 5 * MINUTE, False, False),
        (NOON, -6 * MINUTE, True, False),
        (NOON, HOUR, True, False),
        (NOON, HOUR + MINUTE, True, True),
        (NOON, -HOUR - MINUTE, True, True),
        (NOON.replace(hour=23, minute=58), 4 * MINUTE, False, False),
        (NOON.replace(hour=23, minute=58), 6 * MINUTE, True, True),
        (NOON.replace(hour=0, minute=3), -6 * MINUTE, True, True),
    ],
)
def test_what_the_server_says(now: datetime, off: timedelta | None, told: bool, refused: bool) -> None:
    assert bool([*find_off(now, None, off)]) is told
    if refused:
        with pytest.raises(ClockWrong, match=r"this machine's clock is .* Google's: it is .* Nothing was written"):
            check_served(now, off)
    else:
        check_served(now, off)


@pytest.mark.parametrize(
    ("last", "refused"),
    [
        (None, ""),
        (NOON, ""),
        (NOON + 5 * MINUTE, ""),
        (NOON + 6 * MINUTE, "which is still to come here: this machine's clock is 6 minutes behind"),
        (NOON + 400 * DAY, "still to come"),
        (UTC_NOON - LONGEST_PAUSE, ""),
        (UTC_NOON - LONGEST_PAUSE - MINUTE, "100 days ago by this machine's clock"),
    ],
)
def test_what_the_last_run_says(last: datetime | None, refused: str) -> None:
    for heartbeat in {last, last and last.astimezone(UTC)}:
        check_heartbeat(NOON, heartbeat, timedelta())
        if refused:
            with pytest.raises(ClockWrong, match=refused):
                check_heartbeat(NOON, heartbeat, None)
        else:
            check_heartbeat(NOON, heartbeat, None)


def test_a_last_run_in_the_future_is_told_where_the_server_knows_better() -> None:
    [problem] = find_off(NOON, NOON + DAY, timedelta())
    assert problem.message == "the last run was on 23 Nov 2026 at 12:00, which is still to come"
    assert [*find_off(NOON, NOON + DAY, None)] == []


@given(st.integers(-(10**6), 10**6), st.integers(-(10**4), 10**4))
def test_whatever_passes_is_the_server_s_day(minutes: int, seconds: int) -> None:
    """Also on the days on which Berlin's clocks change."""
    here, off = (UTC_NOON + minutes * MINUTE).astimezone(BERLIN), timedelta(seconds=seconds)
    try:
        check_served(here, off)
    except ClockWrong:
        assert abs(off) > 5 * MINUTE
    else:
        assert abs(off) <= HOUR
        there = (here.astimezone(UTC) + off).astimezone(BERLIN)
        assert abs(off) <= 5 * MINUTE or there.date() == here.date()
