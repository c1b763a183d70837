"""A plan in a file: applied exactly as it was shown, or refused with the reason."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sync.run import RunWishes, apply_run
from sync.run_saved import apply_saved, preview_to_save
from sync.saved_plan import PlanFileError, SavedPlan, StalePlan, parse_saved, render_saved
from sync.sheet.layout import Field, Tab
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore

KR = Tab.KEY_RESULTS
ALL = RunWishes()


@pytest.fixture
def sheet() -> LivedSheet:
    """A sheet that was synced, and whose source says something else since."""
    store = MemoryStore()
    lived = open_lived_sheet(store, MemoryPeople(store))
    apply_run(lived.engine, ALL)
    lived.world.numbers["a"] = Decimal(2)
    del lived.world.numbers["b"]
    lived.store.landed.clear()
    return lived


def save(sheet: LivedSheet, wishes: RunWishes = ALL) -> SavedPlan:
    """Plan, write the file, read it again."""
    _, saved = preview_to_save(sheet.engine, wishes)
    text = json.dumps({"version": 1, **render_saved(saved, {})}, default=str)
    found = parse_saved(text, "plan.json")
    assert found.world == saved.world
    return found


def current(sheet: LivedSheet, row: int, name: Field = Field.CURRENT):
    return sheet.look().cell(KR, row, sheet.at(KR, name)).value


def other_engine(sheet: LivedSheet, **project: str):
    return replace(sheet.engine, project=replace(sheet.engine.project, **project))


def refuse(sheet: LivedSheet, saved: SavedPlan, match: str) -> None:
    before = len(sheet.store.landed)
    with pytest.raises(StalePlan, match=match):
        apply_saved(sheet.engine, saved, ALL)
    assert len(sheet.store.landed) == before


def test_it_writes_what_a_run_would_have_written_and_asks_nobody(sheet):
    saved = save(sheet)
    twin = MemoryStore()
    other = open_lived_sheet(twin, MemoryPeople(twin))
    apply_run(other.engine, ALL)
    other.world.numbers = dict(sheet.world.numbers)
    apply_run(other.engine, ALL)
    sheet.world.asked.clear()
    sheet.world.numbers["a"] = Decimal(3)
    report = apply_saved(sheet.engine, saved, ALL)
    assert sheet.world.asked == []
    assert current(sheet, 1) == 2
    assert [row.key.id for row in report.plan.moved] == ["A", "O"]
    assert report.plan.problems == other.run().plan.problems
    assert sheet.look().rows(KR) == other.look().rows(KR)
    assert sheet.look().ledger.entries == other.look().ledger.entries


def test_applying_it_twice_is_refused(sheet):
    saved = save(sheet)
    apply_saved(sheet.engine, saved, ALL)
    refuse(sheet, saved, "okr-sync has written the sheet since")


def test_what_people_do_elsewhere_does_not_matter(sheet):
    saved = save(sheet)
    sheet.type(KR, 1, Field.NOTES, "a new note")
    apply_saved(sheet.engine, saved, ALL)
    assert (current(sheet, 1), current(sheet, 1, Field.NOTES)) == (2, "a new note")


@pytest.mark.parametrize(
    ("name", "value"), [(Field.CURRENT, Decimal(9)), (Field.TARGET, Decimal(9)), (Field.SCORE, Decimal("0.5"))]
)
def test_an_edit_that_the_plan_does_not_know_refuses_it(sheet, name, value):
    saved = save(sheet)
    sheet.type(KR, 3, name, value)
    refuse(sheet, saved, r"people have edited the sheet, .* for .*C")


def test_other_files_refuse_it(sheet):
    saved = save(sheet)
    sheet.engine = other_engine(sheet, fingerprint="other")
    refuse(sheet, saved, "the config or the mappings have changed")


def test_a_run_that_asked_again_refuses_it(sheet):
    saved = save(sheet)
    sheet.world.numbers = {name: Decimal(1) for name in "abck"}
    sheet.world.now += timedelta(hours=1)
    assert apply_run(sheet.engine, ALL).plan.is_quiet
    refuse(sheet, saved, "a run has asked the sources again")


def test_another_sheet_refuses_it(sheet):
    saved = save(sheet)
    refuse(sheet, replace(saved, world=replace(saved.world, sheet="other")), "another sheet")


@pytest.mark.parametrize(("hours", "is_refused"), [(23, False), (25, True)])
def test_old_readings_refuse_it(sheet, hours, is_refused):
    saved = save(sheet)
    sheet.world.now += timedelta(hours=hours)
    if is_refused:
        refuse(sheet, saved, "25 hours old; run.plan_age allows 24")
    else:
        apply_saved(sheet.engine, saved, ALL)
        assert current(sheet, 1) == 2


def test_wishes_go_along(sheet):
    sheet.world.numbers["c"] = Decimal(3)
    apply_saved(sheet.engine, save(sheet, RunWishes(only=frozenset("A"))), ALL)
    assert (current(sheet, 1), current(sheet, 3)) == (2, 1)
    apply_saved(sheet.engine, save(sheet, RunWishes(fetch=False)), ALL)
    assert current(sheet, 3) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "kind": "okr-sync plan"}', '{"kind": "x", "version": 1}']
)
def test_other_files_are_no_plans(text):
    with pytest.raises(PlanFileError):
        parse_saved(text, "x.json")


def test_a_plan_of_another_version_says_so():
    with pytest.raises(PlanFileError, match="version 2, this one reads 1"):
        parse_saved('{"version": 2, "kind": "okr-sync plan"}', "x.json")


@pytest.mark.parametrize("spoil", ["now", "heard", "world", "readings", "rows", "wishes", "problems"])
def test_a_damaged_plan_is_refused_as_such(sheet, spoil):
    _, saved = preview_to_save(sheet.engine, ALL)
    parts = {"version": 1, **render_saved(saved, {}), spoil: "nonsense"}
    with pytest.raises(PlanFileError):
        parse_saved(json.dumps(parts, default=str), "x.json")
