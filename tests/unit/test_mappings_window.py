"""Windows: half-open, in the company's zone, right on the days when clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.node import Tree
from mappings.window import CALENDAR_PERIODS, Within, make_window, midnight, parse_within
from mappings.yaml_text import parse_yaml
from okr.model import Cycle

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 22)  # a Sunday
CYCLE = Cycle("Q4", date(2026, 10, 1), date(2026, 12, 31))


def node(text: str):
    tree = parse_yaml(text, "m.yaml")
    assert isinstance(tree, Tree)
    return tree.root


@pytest.mark.parametrize(
    ("period", "today", "year_starts", "first", "after"),
    [
        ("cycle", TODAY, 1, "2026-10-01", "2027-01-01"),
        ("1d", TODAY, 1, "2026-11-22", "2026-11-23"),
        ("28d", TODAY, 1, "2026-10-26", "2026-11-23"),
        ("4w", TODAY, 1, "2026-10-26", "2026-11-23"),
        ("3m", TODAY, 1, "2026-08-23", "2026-11-23"),
        ("1y", TODAY, 1, "2025-11-23", "2026-11-23"),
        ("1m", date(2026, 3, 30), 1, "2026-02-28", "2026-03-31"),
        ("9999y", TODAY, 1, "1900-01-01", "2026-11-23"),
        ("9999d", TODAY, 1, "1999-07-09", "2026-11-23"),
        ("week", TODAY, 1, "2026-11-16", "2026-11-23"),
        ("week", date(2026, 11, 23), 1, "2026-11-23", "2026-11-24"),
        ("month", TODAY, 1, "2026-11-01", "2026-11-23"),
        ("quarter", TODAY, 1, "2026-10-01", "2026-11-23"),
        ("year", TODAY, 1, "2026-01-01", "2026-11-23"),
        ("quarter", TODAY, 2, "2026-11-01", "2026-11-23"),
        ("quarter", date(2026, 1, 15), 2, "2025-11-01", "2026-01-16"),
        ("year", date(2026, 1, 15), 4, "2025-04-01", "2026-01-16"),
    ],
)
def test_days(period, today, year_starts, first, after):
    window = make_window(Within("Closed", period), today, BERLIN, CYCLE, year_starts)
    assert window.field == "Closed"
    assert window.start == datetime.fromisoformat(first).replace(tzinfo=BERLIN)
    assert window.end == datetime.fromisoformat(after).replace(tzinfo=BERLIN)


def test_a_cycle_over_a_clock_change_has_an_hour_more():
    window = make_window(Within("f", "cycle"), TODAY, BERLIN, CYCLE)
    assert window.start.utcoffset() == timedelta(hours=2)
    assert window.end.utcoffset() == timedelta(hours=1)
    assert window.end.astimezone(UTC) - window.start.astimezone(UTC) == timedelta(days=92, hours=1)


def test_where_clocks_skip_midnight_the_day_begins_after_the_gap():
    santiago = ZoneInfo("America/Santiago")  # 2024-09-08 began at 01:00
    start = midnight(date(2024, 9, 8), santiago)
    assert (start.hour, start.day) == (1, 8)
    assert start - timedelta(seconds=1) < start
    assert (start.astimezone(UTC) - timedelta(seconds=1)).astimezone(santiago).date() == date(2024, 9, 7)


def test_where_midnight_comes_twice_the_first_counts():
    havana = ZoneInfo("America/Havana")  # 2024-11-03 01:00 went back to 00:00
    assert midnight(date(2024, 11, 3), havana).astimezone(UTC) == datetime(2024, 11, 3, 4, tzinfo=UTC)


@given(
    st.dates(date(1990, 1, 1), date(2035, 12, 31)),
    st.sampled_from(["Europe/Berlin", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "UTC"]),
)
def test_days_join_without_gap_or_overlap(day, zone):
    zone = ZoneInfo(zone)
    start, after = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    assert start < after
    assert start.date() == day
    last = (after.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone)
    assert last.date() == day


def test_a_cycle_is_needed():
    with pytest.raises(ValueError, match="cycle"):
        make_window(Within("f", "cycle"), TODAY, BERLIN)


def test_parsing():
    assert parse_within(node("{cycle: Closed}")) == (Within("Closed", "cycle"), ())
    assert parse_within(node("{28d: resolved}"))[0] == Within("resolved", "28d")


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("{cylce: Closed}", "no period is called “cylce”", "did you mean “cycle”?"),
        ("{0d: Closed}", "no period is called “0d”", "28d"),
        ("{28 days: Closed}", "no period is called “28 days”", "28d"),
        ("cycle", "a period and the date field", "{cycle: Closed}"),
        ("{cycle: a, 28d: b}", "a period and the date field", "{cycle: Closed}"),
        ("{cycle: }", "needs the name of a date field", "{cycle: Closed}"),
        ("{cycle: [a]}", "needs the name of a date field", "{cycle: Closed}"),
    ],
)
def test_what_is_no_window(text, said, fix):
    within, (problem,) = parse_within(node(text))
    assert within is None
    assert said in problem.message
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("period", "today", "year_starts", "first", "after"),
    [
        ("last week", TODAY, 1, "2026-11-09", "2026-11-16"),
        ("last month", TODAY, 1, "2026-10-01", "2026-11-01"),
        ("last month", date(2026, 3, 31), 1, "2026-02-01", "2026-03-01"),
        ("last month", date(2026, 1, 1), 1, "2025-12-01", "2026-01-01"),
        ("last quarter", TODAY, 1, "2026-07-01", "2026-10-01"),
        ("last quarter", TODAY, 2, "2026-08-01", "2026-11-01"),
        ("last year", TODAY, 1, "2025-01-01", "2026-01-01"),
        ("last year", date(2026, 1, 15), 4, "2024-04-01", "2025-04-01"),
    ],
)
def test_whole_periods_before_this_one(period, today, year_starts, first, after):
    window = make_window(Within("Closed", period), today, BERLIN, CYCLE, year_starts)
    assert (window.start, window.end) == tuple(
        datetime.fromisoformat(day).replace(tzinfo=BERLIN) for day in (first, after)
    )


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 12), st.sampled_from(CALENDAR_PERIODS))
def test_the_last_period_ends_where_this_one_begins(today, year_starts, period):
    this, last = (
        make_window(Within("f", name), today, BERLIN, CYCLE, year_starts) for name in (period, f"last {period}")
    )
    assert last.start < last.end == this.start


@pytest.mark.parametrize(
    ("period", "fix"), [("year to date", "Write year:"), ("last mont", "last month"), ("fortnight", "28d")]
)
def test_a_period_that_is_none_says_what_to_write(period, fix):
    _, (problem,) = parse_within(node(f"{{{period}: Closed}}"))
    assert fix in problem.fix
