from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Gap, GapKind
from okr.model import Point
from sync.plan_learn import WEEKS_KEPT, add_point, count_doubt, gap_reason, learn_row
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Good, Hold
from sync.sheet.merge import Verdict
from sync.standings import RowStanding
from tests.unit.sync_plans import KR, A, asked_of, tasks_of
from tests.unit.sync_sheets import (
    TODAY,
    entry_of,
    kr,
    ledger_tab,
)

D = Decimal


def learned(entry=NO_ENTRY, asked=None, today=TODAY, verdicts=None):
    task = tasks_of({KR: [kr("A")]}, asked or asked_of(A=5), ledger=ledger_tab({A: entry}))[A]
    task = replace(task, entry=entry)
    verdicts = verdicts or dict.fromkeys(task.wants, Verdict.CHANGE)
    return learn_row(task, verdicts, dict.fromkeys(task.wants), today)


def test_a_reading_is_kept_apart_from_what_was_written():
    entry = learned()
    assert entry.bases[Field.CURRENT] == D(5)
    assert entry.good == Good(D(5), None)
    assert (entry.gap, entry.updated, entry.doubt_days) == ("", TODAY, 0)
    assert entry.points == (Point(TODAY, D("0.5")),)
    assert entry.rule == "pace_ratio 0.9 0.7 0.1"
    assert entry.definition.startswith("Increase|0|10|")


def test_an_unchanged_value_keeps_its_day():
    before = replace(NO_ENTRY, good=Good(D(5), None), updated=date(2026, 10, 9))
    assert learned(before).updated == date(2026, 10, 9)
    assert learned(replace(before, good=Good(D(4), None))).updated == TODAY


def test_a_row_that_became_manual_forgets_what_it_wrote_into_current():
    before = replace(entry_of(current=D(5)), holds={Field.CURRENT: Hold(TODAY, D(6))})
    entry = learned(before, asked_of())
    assert Field.CURRENT not in entry.bases
    assert Field.CURRENT not in entry.holds


def test_a_gap_keeps_the_good_reading_and_says_why():
    before = replace(NO_ENTRY, good=Good(D(5), None), updated=date(2026, 10, 9))
    entry = learned(before, asked_of(A=Gap(GapKind.UNAVAILABLE, "504 after 3 tries", source="jira")))
    assert entry.good.value == D(5)
    assert entry.gap == "jira could not be reached"
    assert entry.updated == date(2026, 10, 9)


def test_what_was_not_asked_stays_as_the_last_run_knew_it():
    before = replace(NO_ENTRY, good=Good(D(5), None), gap="jira refused to answer", doubt_days=2, doubted=TODAY)
    entry = learned(before, asked_of(A=None))
    assert (entry.gap, entry.doubt_days, entry.doubted) == ("jira refused to answer", 2, TODAY)


def test_a_doubt_is_counted_and_an_end_of_it_too():
    doubt = Gap(GapKind.DOUBT, "it fell by half")
    before = replace(NO_ENTRY, good=Good(D(9), None), doubt_days=1, doubted=TODAY - timedelta(days=1))
    entry = learned(before, asked_of(A=doubt))
    assert (entry.doubt_days, entry.doubted) == (2, TODAY)
    assert (learned(entry).doubt_days, learned(entry).doubted) == (0, None)


@pytest.mark.parametrize(
    ("days", "doubted", "count"),
    [(0, None, 1), (1, TODAY, 1), (3, TODAY, 3), (1, TODAY - timedelta(days=1), 2), (3, TODAY - timedelta(days=5), 4)],
)
def test_doubts_count_days_not_runs(days, doubted, count):
    assert count_doubt(replace(NO_ENTRY, doubt_days=days, doubted=doubted), TODAY) == count


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (RowStanding(None, was_asked=False), "before"),
        (RowStanding(None), ""),
        (RowStanding(None, gap=Gap(GapKind.MISREAD, "no field Amount.")), "no field Amount"),
        (RowStanding(None, gap=Gap(GapKind.REFUSED, "401", source="crm")), "crm refused to answer"),
    ],
)
def test_reasons(found, reason):
    assert gap_reason(found, replace(NO_ENTRY, gap="before")) == reason


@given(days=st.lists(st.integers(0, 20), max_size=40))
def test_points_are_weekly_and_thirteen_at_most(days):
    points, day = (), TODAY
    for step in days:
        day += timedelta(days=step)
        points = add_point(points, day, D("0.123456"))
    assert len(points) <= WEEKS_KEPT
    assert all(late.day - early.day >= timedelta(days=7) for early, late in pairwise(points))
    assert all(point.score == D("0.1235") for point in points)
    if days:
        assert day - points[-1].day < timedelta(days=7)


def test_without_a_score_there_is_no_point():
    assert add_point((), TODAY, None) == ()
