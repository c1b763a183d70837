from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.calendar import (
    Calendar,
    current_cycle,
    elapsed_share,
    find_cycle,
    make_cycles,
    normalise_cycle_name,
    open_cycles,
    render_day,
    week_start,
    week_starts,
)
from okr.model import Cycle

DAYS = st.dates(date(2000, 1, 1), date(2050, 12, 31))
SPRINT = Cycle("Sprint North", date(2026, 11, 2), date(2026, 11, 29))


@pytest.mark.parametrize(
    ("name", "year_starts", "start", "end"),
    [
        ("2026-Q4", 1, date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-Q1", 1, date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-H2", 1, date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", 1, date(2026, 1, 1), date(2026, 12, 31)),
        ("2026", 4, date(2025, 4, 1), date(2026, 3, 31)),
        ("2026-Q1", 7, date(2025, 7, 1), date(2025, 9, 30)),
        ("2026-Q4", 7, date(2026, 4, 1), date(2026, 6, 30)),
        ("2024-Q1", 12, date(2023, 12, 1), date(2024, 2, 29)),
    ],
)
def test_a_name_means_a_span_of_the_fiscal_year_that_ends_in_it(name, year_starts, start, end):
    assert find_cycle(name, Calendar(year_starts)) == Cycle(name, start, end)


@pytest.mark.parametrize(
    ("written", "one_spelling"),
    [
        ("2026-Q4", "2026-Q4"),
        (" q4 2026 ", "2026-Q4"),
        ("2026Q4", "2026-Q4"),
        ("Q4/26", "2026-Q4"),
        ("FY26 Q4", "2026-Q4"),
        ("Q4 FY2026", "2026-Q4"),
        ("Q4 '26", "2026-Q4"),
        ("2026 h1", "2026-H1"),
        ("FY2026", "2026"),
        ("FY 26", "2026"),
        ("sprint  north", "Sprint North"),
        ("  Moon   shot ", "Moon shot"),
        ("2026-H3", "2026-H3"),
        ("1026-Q1", "1026-Q1"),
        ("26", "26"),
        ("2026-Q5", "2026-Q5"),
    ],
)
def test_each_cycle_has_one_spelling(written, one_spelling):
    assert normalise_cycle_name(written, Calendar(1, (SPRINT,))) == one_spelling


def test_a_name_that_means_nothing_is_no_cycle():
    assert [find_cycle(name, Calendar()) for name in ("", "2026-H3", "2026-Q5", "26", "1026", "soon")] == [None] * 6


def test_a_configured_cycle_wins_over_a_derived_one_however_it_is_written():
    own = Cycle("2026-Q4", date(2026, 10, 5), date(2027, 1, 3))
    calendar = Calendar(1, (own,))
    assert find_cycle("q4 2026", calendar) == own
    assert find_cycle("2026-q4", calendar) == own
    assert current_cycle(calendar, date(2026, 10, 2)) == own
    assert make_cycles(["Q4 26", "2026", "soon"], calendar) == {"2026-Q4": own, "2026": find_cycle("2026", Calendar())}


def test_open_is_begun_and_neither_closed_nor_settled():
    quarter = Cycle("Q", date(2026, 10, 1), date(2026, 12, 31))
    year = Cycle("Y", date(2026, 1, 1), date(2026, 12, 31))
    shut = Cycle("S", date(2026, 1, 1), date(2026, 12, 31), closed=True)
    cycles = {cycle.name: cycle for cycle in (quarter, year, shut)}
    assert open_cycles(cycles, date(2026, 9, 30)) == (year,)
    assert open_cycles(cycles, date(2026, 10, 1)) == (year, quarter)
    assert open_cycles(cycles, date(2026, 12, 31)) == (year, quarter)
    assert open_cycles(cycles, date(2027, 1, 1)) == ()
    assert open_cycles(cycles, date(2027, 1, 2), settle_days=2) == (year, quarter)
    assert open_cycles(cycles, date(2027, 1, 3), settle_days=2) == ()


def test_a_new_row_belongs_to_the_shortest_configured_cycle_or_to_the_quarter():
    year = Cycle("Year", date(2026, 1, 1), date(2026, 12, 31))
    assert current_cycle(Calendar(1, (year, SPRINT)), date(2026, 11, 22)) == SPRINT
    assert current_cycle(Calendar(1, (SPRINT,)), date(2026, 12, 22)).name == "2026-Q4"


@given(DAYS, st.integers(1, 12))
def test_every_day_lies_in_the_quarter_that_is_current_on_it(day, year_starts):
    cycle = current_cycle(Calendar(year_starts), day)
    assert cycle.start <= day <= cycle.end
    assert find_cycle(cycle.name, Calendar(year_starts)) == cycle


@given(st.integers(2000, 2100), st.integers(1, 12))
def test_quarters_and_halves_tile_their_year(year, year_starts):
    calendar = Calendar(year_starts)
    whole = find_cycle(str(year), calendar)
    for part, count in (("Q", 4), ("H", 2)):
        spans = [find_cycle(f"{year}-{part}{number}", calendar) for number in range(1, count + 1)]
        assert (spans[0].start, spans[-1].end) == (whole.start, whole.end)
        assert all(late.start - early.end == timedelta(days=1) for early, late in pairwise(spans))


def test_a_day_counts_whole():
    start, end = date(2026, 10, 1), date(2026, 12, 31)
    shares = [elapsed_share(start, end, day) for day in (date(2026, 9, 30), start, date(2026, 11, 15), end)]
    assert shares == [0, Decimal(1) / 92, Decimal("0.5"), 1]
    assert elapsed_share(start, end, date(2027, 5, 1)) == 1
    assert [elapsed_share(start, start, start + timedelta(days=n)) for n in (-1, 0, 1)] == [0, 1, 1]


@given(DAYS, st.integers(0, 800), DAYS)
def test_time_never_runs_backwards(start, length, today):
    end = start + timedelta(days=length)
    share = elapsed_share(start, end, today)
    assert 0 <= share <= 1
    assert share <= elapsed_share(start, end, today + timedelta(days=1))
    assert (share == 0) == (today < start)
    assert (share == 1) == (today >= end)


def test_weeks_begin_on_monday():
    assert week_start(date(2026, 11, 22)) == date(2026, 11, 16)
    assert week_start(date(2026, 11, 16)) == date(2026, 11, 16)
    mondays = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    assert list(week_starts(date(2026, 11, 4), date(2026, 11, 16))) == mondays


def test_a_day_shows_its_year_only_when_it_is_another_one():
    assert render_day(date(2026, 11, 2), date(2026, 1, 1)) == "2 Nov"
    assert render_day(date(2027, 1, 5), date(2026, 11, 22)) == "5 Jan 2027"
