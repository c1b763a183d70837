from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Key, Kind, Standing, Status
from okr.result import KeyResultResult, KpiResult, ObjectiveResult
from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Good
from sync.sheet.merge import Wanted
from sync.sheet.rules import MANUAL_SOURCE
from sync.standings import RowStanding
from sync.wants import make_bar, updated_day, want_key_result, want_kpi, want_objective
from tests.unit.okr_rows import TODAY, key_result

D = Decimal
KEY = Key("2026-Q4", "K")
AS_OF = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
FOUND = RowStanding(Standing(D(5), AS_OF), Good(D(5), None))
RESULT = KeyResultResult(
    KEY, D(5), D("0.5"), D("0.50004"), Status.AT_RISK, "0.50 of 0.58", pace=D("0.57609"), change=D("0.1"),
    forecast=D("0.9"), trend="▁▂▃", confidence=7,
)  # fmt: skip


@pytest.mark.parametrize(
    ("score", "bar"),
    [
        (None, ""),
        (D(0), "░░░░░░░░░░ 0 %"),
        (D("0.62"), "██████░░░░ 62 %"),
        (D("0.049"), "░░░░░░░░░░ 5 %"),
        (D("0.051"), "█░░░░░░░░░ 5 %"),
        (D(1), "██████████ 100 %"),
        (D("1.2"), "██████████ 120 %"),
        (D("-0.3"), "░░░░░░░░░░ -30 %"),
    ],
)
def test_bar(score, bar):
    assert make_bar(score) == bar


@given(score=st.decimals(-3, 3, places=4))
def test_a_bar_has_ten_blocks(score):
    bar = make_bar(score)
    assert bar.count("█") + bar.count("░") == 10
    assert bar.index(" ") == 10


def wants(kr=None, found=FOUND, source="Jira", entry=NO_ENTRY, shown=RESULT, own=RESULT):
    return want_key_result(kr or key_result("K"), shown, own, found, source, entry, TODAY)


def test_wants_of_a_mapped_row_are_canonical():
    assert wants() == {
        Field.CURRENT: D(5),
        Field.SCORE: D("0.5"),
        Field.STATUS: "At risk",
        Field.WHY: "0.50 of 0.58",
        Field.CHANGE: D("0.1"),
        Field.FRESHNESS: date(2026, 11, 20),
        Field.CONFIDENCE: D(7),
        Field.PACE: D("0.5761"),
        Field.FORECAST: D("0.9"),
        Field.TREND: "▁▂▃",
        Field.UPDATED: TODAY,
        Field.SOURCE: "Jira",
        Field.HINT: None,
    }


def test_a_manual_rows_current_is_no_machine_cell():
    found = wants(source=None)
    assert Field.CURRENT not in found
    assert found[Field.SOURCE] == MANUAL_SOURCE
    assert found[Field.SCORE] == D("0.5")


def test_what_isnt_known_is_left_empty():
    nothing = KeyResultResult(KEY, None, None, None, Status.NO_DATA, "No data")
    found = wants(found=RowStanding(Standing()), shown=nothing, own=nothing)
    assert found[Field.CURRENT] is Wanted.NOTHING_KNOWN  # never blank, never nought
    for name in (
        Field.SCORE,
        Field.CHANGE,
        Field.FRESHNESS,
        Field.CONFIDENCE,
        Field.PACE,
        Field.TREND,
        Field.UPDATED,
        Field.HINT,
    ):
        assert found[name] is None


@pytest.mark.parametrize(("value", "word"), [(1, "Yes"), (0, "No"), ("0.5", "Yes")])
def test_yes_and_no_are_words(value, word):
    found = replace(FOUND, good=Good(D(value), None))
    assert wants(key_result("K", Kind.BOOLEAN), found)[Field.CURRENT] == word
    assert wants(key_result("K", Kind.MILESTONES), found)[Field.CURRENT] == D(value)


def test_score_is_the_machines_own_and_status_follows_what_is_in_force():
    held = replace(RESULT, score=D("0.9"), status=Status.ON_TRACK, why="0.90 typed by a person")
    found = wants(shown=held)
    assert (found[Field.SCORE], found[Field.STATUS], found[Field.WHY]) == (
        D("0.5"),
        "On track",
        "0.90 typed by a person",
    )
    result = ObjectiveResult(Key("2026-Q4", "O"), D("0.4"), Status.AT_RISK, "weak", "1 of 2")
    top = want_objective(replace(result, score=D("0.8"), status=Status.ON_TRACK, why="typed"), result)
    assert top == {
        Field.SCORE: D("0.4"),
        Field.STATUS: "On track",
        Field.WHY: "typed",
        Field.COVERAGE: "1 of 2",
        Field.HINT: None,
    }


def test_kpis():
    result = KpiResult(Key("", "K"), D(5), Status.ON_TRACK, "inside its band")
    found = want_kpi(result, FOUND, "Jira")
    assert found == {
        Field.STATUS: "On track",
        Field.WHY: "inside its band",
        Field.FRESHNESS: date(2026, 11, 20),
        Field.CURRENT: D(5),
    }
    assert Field.CURRENT not in want_kpi(result, FOUND, None)


@pytest.mark.parametrize(
    ("good", "before", "day"),
    [
        (Good(D(5), None), None, TODAY),
        (Good(D(5), None), Good(D(4), None), TODAY),
        (Good(D(5), None), Good(D(5), None), date(2026, 10, 1)),
        (None, Good(D(5), None), date(2026, 10, 1)),
    ],
)
def test_updated_is_the_day_on_which_the_value_changed(good, before, day):
    entry = replace(NO_ENTRY, good=before, updated=date(2026, 10, 1))
    assert updated_day(replace(FOUND, good=good), entry, TODAY) == day
