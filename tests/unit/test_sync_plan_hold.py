"""Holds in time: what is typed anew is held anew, the end of a hold is said a while before."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from sync.hold_rules import HoldRules
from sync.row_plan import HOLD_NOTE
from sync.sheet.cell import Cell
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry, Hold
from sync.sheet.ledger_text import parse_entry, render_entry
from sync.sheet.merge import Verdict
from tests.unit.sync_sheets import TODAY, cell, formula, kr
from tests.unit.test_sync_plan import GAP, A, B, Sheet, ids, settled, told

RULES = HoldRules(expire=30, warn=7)


def codes(plan) -> list[str]:
    return [problem.code for problem in plan.problems]


def held(name: Field = Field.SCORE, value="0.9") -> Sheet:
    """A sheet in which somebody typed over a cell today."""
    sheet = settled()
    sheet.rows[A.tab][0][name] = cell(Decimal(value))
    sheet.apply(holds=RULES)
    return sheet


def pass_days(sheet: Sheet, days: int) -> None:
    sheet.now += timedelta(days=days)


def each_day(sheet: Sheet, days: int, rules: HoldRules = RULES) -> list:
    plans = []
    for _ in range(days):
        pass_days(sheet, 1)
        plans.append(sheet.apply(holds=rules))
    return plans


def test_a_hold_stays_for_ever_unless_the_config_says_otherwise():
    sheet = held()
    plan = each_day(sheet, 1, HoldRules())[0]
    pass_days(sheet, 5_000)
    sheet.apply(holds=HoldRules())
    assert codes(plan) == []
    assert Field.SCORE in sheet.entries[A].holds
    assert sheet.value(Field.SCORE) == Decimal("0.9")


def test_the_end_is_said_a_week_before_and_then_the_machine_writes():
    sheet = held()
    plans = each_day(sheet, 30)
    assert [number for number, plan in enumerate(plans, 1) if "sheet.hold-expires" in codes(plan)] == [*range(23, 30)]
    (change,) = [item for item in plans[-1].rows[0].changes if item.field is Field.SCORE]
    assert (change.old, change.new, change.verdict) == (Decimal("0.9"), Decimal("0.3"), Verdict.CHANGE)
    assert change.reason.startswith("held since 22 Nov; the hold has expired. ")
    assert (A.id, Field.SCORE, Decimal("0.9"), Decimal("0.3")) in told(plans[-1])
    assert sheet.value(Field.SCORE) == Decimal("0.3")
    assert sheet.rows[A.tab][0][Field.SCORE].note is None
    assert Field.SCORE not in sheet.entries[A].holds


def test_the_warning_names_cell_value_and_both_days():
    sheet = held()
    plan = each_day(sheet, 23)[-1]
    (problem,) = plan.problems
    assert problem.message == "A Score: “0.9”, held since 22 Nov, is handed back on 22 Dec"
    assert str(problem.place).startswith("Key Results!")
    assert problem.severity.value == "warning"


def test_nobody_is_surprised_when_expiry_is_turned_on_late_or_runs_were_missing():
    sheet = held()
    pass_days(sheet, 400)
    assert codes(sheet.apply(holds=RULES)) == ["sheet.hold-expires"]
    plans = each_day(sheet, 7)
    assert ["sheet.hold-expires" in codes(plan) for plan in plans] == [True] * 6 + [False]
    assert sheet.value(Field.SCORE) == Decimal("0.3")


def test_a_new_value_is_held_anew():
    sheet = held()
    each_day(sheet, 25)
    assert sheet.entries[A].holds[Field.SCORE].warned is not None
    sheet.rows[A.tab][0][Field.SCORE] = cell(Decimal("0.8"))
    plan = each_day(sheet, 1)[0]
    assert codes(plan) == []
    assert sheet.entries[A].holds[Field.SCORE] == Hold(sheet.now.date(), Decimal("0.8"))
    assert not sheet.plan(holds=RULES).moved


def test_a_new_current_is_as_fresh_as_its_typing_and_the_next_plan_is_quiet():
    sheet = held(Field.CURRENT, "5")
    pass_days(sheet, 3)
    sheet.rows[A.tab][0][Field.CURRENT] = cell(Decimal(6))
    sheet.apply(holds=RULES)
    assert sheet.value(Field.FRESHNESS) == sheet.now.date()
    assert sheet.plan(holds=RULES).is_quiet


def test_a_formula_that_gives_another_result_was_not_typed_anew():
    sheet = settled()
    sheet.rows[A.tab][0][Field.CURRENT] = formula("=X1", Decimal(5))
    sheet.apply(holds=RULES)
    pass_days(sheet, 3)
    sheet.rows[A.tab][0][Field.CURRENT] = formula("=X1", Decimal(6))
    sheet.apply(holds=RULES)
    assert sheet.entries[A].holds[Field.CURRENT] == Hold(TODAY, Decimal(5))


def test_a_formula_s_hold_ends_like_any_other():
    sheet = settled()
    sheet.rows[A.tab][0][Field.SCORE] = formula("=X1", Decimal("0.9"))
    sheet.apply(holds=RULES)
    for _ in range(60):
        pass_days(sheet, 1)
        sheet.apply(holds=RULES)
    assert sheet.rows[A.tab][0][Field.SCORE].formula is None
    assert sheet.value(Field.SCORE) != Decimal("0.9")
    assert Field.SCORE not in sheet.entries[A].holds


def test_a_note_of_somebodys_own_keeps_the_value():
    sheet = held()
    kept = sheet.rows[A.tab][0][Field.SCORE]
    sheet.rows[A.tab][0][Field.SCORE] = replace(kept, note="agreed with the board")
    assert not any(map(codes, each_day(sheet, 60)))
    assert sheet.value(Field.SCORE) == Decimal("0.9")


def test_without_a_fresh_reading_the_last_good_one_comes_back():
    sheet = held(Field.CURRENT, "5")
    sheet.gaps["A"] = GAP
    each_day(sheet, 30)
    assert sheet.value(Field.CURRENT) == Decimal(3)
    assert Field.CURRENT not in sheet.entries[A].holds


def test_what_is_not_planned_is_not_given_back():
    sheet = settled(kr("A"), kr("B"), A=3, B=3)
    sheet.rows[A.tab][1][Field.SCORE] = cell(Decimal("0.9"))
    sheet.apply(holds=RULES)
    each_day(sheet, 29)
    pass_days(sheet, 1)
    plan = sheet.plan(holds=RULES, only=frozenset({"A"}))
    assert "B" not in ids(plan.rows)
    assert plan.scorecard.key_results[B.key].score == Decimal("0.9")
    assert Field.SCORE in {item.field for row in sheet.plan(holds=RULES).moved for item in row.changes}


@pytest.mark.parametrize(("days", "expected"), [(9, []), (10, ["sheet.hold-old"])])
def test_an_old_hold_is_told_of(days: int, expected: list[str]):
    sheet = held()
    pass_days(sheet, days)
    plan = sheet.plan(holds=HoldRules(remind=10))
    assert codes(plan) == expected
    for problem in plan.problems:
        assert problem.message == "A Score: “0.9” is held since 22 Nov"


def test_a_hold_that_was_warned_of_reads_back():
    entry = replace(Entry(), holds={Field.SCORE: Hold(TODAY, Decimal(1), warned=date(2026, 12, 1))})
    assert parse_entry(render_entry(entry)) == entry


def test_our_own_note_is_no_persons():
    sheet = held()
    found = sheet.rows[A.tab][0][Field.SCORE]
    assert isinstance(found, Cell)
    assert found.note == HOLD_NOTE
