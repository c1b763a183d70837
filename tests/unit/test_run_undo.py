"""Undoing a run: what it changed comes back and is held, what has changed since stays, and twice is once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from okr.problem import UnknownWord
from sync.care.release import cells_of, find_kept, make_wish
from sync.care.undo import find_undoing
from sync.row_plan import UNDO_NOTE
from sync.run import RunWishes, apply_run, preview
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.store_error import SheetError
from tests.support.fake_source import World
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore

KR = Tab.KEY_RESULTS
A = 1
KEY = RowKey(KR, "2026-Q4", "A")
D = Decimal


@pytest.fixture(params=[True, False], ids=["google", "workbook"])
def sheet(request: pytest.FixtureRequest) -> LivedSheet:
    """A sheet that a first run has filled, A being 1, and that a second run made 3."""
    store = MemoryStore(has_before=request.param)
    sheet = open_lived_sheet(store, MemoryPeople(store), World.with_numbers())
    sheet.world.numbers["a"] = D(1)
    sheet.run()
    sheet.world.numbers["a"] = D(3)
    return sheet


def shows(sheet: LivedSheet, name: Field, row: int = A, tab: Tab = KR):
    key = next(key for key, rows in sheet.keys(sheet.look()).items() if key.tab is tab and rows == [row])
    return sheet.live(sheet.look(), key, row, name)


def undo(sheet: LivedSheet, run: str, only: frozenset[str] = frozenset()):
    """Undo it; returns what was found, and the report where something was put back."""
    undoing = find_undoing(sheet.engine, run, only)
    if not undoing.cells:
        return undoing, None
    wishes = RunWishes(fetch=False, only=frozenset(key.id for key, _ in undoing.cells), undo=undoing.cells)
    return undoing, apply_run(sheet.engine, wishes)


def lines(sheet: LivedSheet, run: str) -> list[tuple[object, ...]]:
    return [line[4:8] for line in sheet.look().history if line[1] == run]


def test_the_old_values_come_back_held_and_told(sheet: LivedSheet) -> None:
    before = {name: shows(sheet, name) for name in (Field.CURRENT, Field.SCORE, Field.STATUS)}
    objective = shows(sheet, Field.SCORE, 1, Tab.OBJECTIVES)
    run = sheet.run().stamp.run
    assert shows(sheet, Field.CURRENT) == 3
    undoing, report = undo(sheet, run)
    assert undoing.left == ()
    assert {name: shows(sheet, name) for name in before} == before
    assert shows(sheet, Field.SCORE, 1, Tab.OBJECTIVES) == objective
    entry = sheet.look().ledger.entries[KEY]
    assert {name: (hold.value, hold.why) for name, hold in entry.holds.items()} == {
        name: (value, f"run {run} undone") for name, value in before.items()
    }
    assert entry.holds[Field.CURRENT].since == sheet.engine.now().date()
    told = lines(sheet, report.stamp.run)
    assert ("A", "Current", D(3), D(1)) in told
    assert len(told) == len(undoing.cells)
    assert sheet.look().rows(KR)[A][sheet.at(KR, Field.CURRENT)].note == UNDO_NOTE


def test_it_stays_through_the_next_nights_until_it_is_released(sheet: LivedSheet) -> None:
    undo(sheet, sheet.run().stamp.run)
    sheet.world.pass_days(3)
    sheet.world.numbers["a"] = D(2)
    sheet.run_cleanly()
    assert shows(sheet, Field.CURRENT) == 1
    seen = preview(sheet.engine, RunWishes(fetch=False))
    kept = find_kept(seen, make_wish(["A"], frozenset({"A"}), waiting=False))
    assert {item.field for item in kept} == {Field.CURRENT, Field.SCORE, Field.STATUS}
    apply_run(sheet.engine, RunWishes(only=frozenset({"A"}), release=cells_of(kept)))
    assert shows(sheet, Field.CURRENT) == 2
    assert sheet.look().ledger.entries[KEY].holds == {}
    assert sheet.look().rows(KR)[A][sheet.at(KR, Field.CURRENT)].note is None


def test_clearing_the_cell_hands_it_back(sheet: LivedSheet) -> None:
    undo(sheet, sheet.run().stamp.run)
    sheet.type(KR, A, Field.CURRENT, None)
    sheet.run_cleanly()
    assert shows(sheet, Field.CURRENT) == 3


def test_twice_is_once(sheet: LivedSheet) -> None:
    run = sheet.run().stamp.run
    undo(sheet, run)
    before = sheet.look()
    undoing, report = undo(sheet, run)
    assert report is None
    assert {item.why for item in undoing.left} == {f"run {run} undone"}
    after = sheet.look()
    assert (after.history, after.rows(KR)) == (before.history, before.rows(KR))


def test_what_a_person_or_a_later_run_changed_stays(sheet: LivedSheet) -> None:
    run = sheet.run().stamp.run
    sheet.type(KR, A, Field.CURRENT, D(2))
    undoing, _ = undo(sheet, run)
    assert shows(sheet, Field.CURRENT) == 2
    assert ("A", Field.CURRENT, "changed since by a person") in [(x.key.id, x.field, x.why) for x in undoing.left]
    assert (KEY, Field.CURRENT) not in undoing.cells


def test_what_a_later_run_changed_there_and_back_stays(sheet: LivedSheet) -> None:
    run = sheet.run().stamp.run
    for number in (2, 3):
        sheet.world.numbers["a"] = D(number)
        later = sheet.run().stamp.run
    undoing, report = undo(sheet, run)
    assert report is None
    assert shows(sheet, Field.CURRENT) == 3
    assert {item.why for item in undoing.left if item.key == KEY} == {f"changed since by {later}"}


def test_somebody_who_types_while_it_is_written_wins(sheet: LivedSheet) -> None:
    undoing = find_undoing(sheet.engine, sheet.run().stamp.run)
    sheet.store.act = lambda: sheet.type(KR, A, Field.CURRENT, D(2))
    wishes = RunWishes(fetch=False, only=frozenset({"A"}), undo=undoing.cells)
    apply_run(sheet.engine, wishes)
    assert shows(sheet, Field.CURRENT) == 2
    assert sheet.look().ledger.entries[KEY].holds[Field.CURRENT].why == ""


@pytest.mark.parametrize("fault", ["lost", "unsent", "before"])
def test_a_lost_answer_doesnt_tell_it_twice(sheet: LivedSheet, fault: str) -> None:
    run = sheet.run().stamp.run
    undoing = find_undoing(sheet.engine, run)
    sheet.store.faults = [fault]
    wishes = RunWishes(fetch=False, only=frozenset({"A"}), undo=undoing.cells)
    try:
        apply_run(sheet.engine, wishes)
    except SheetError:
        undo(sheet, run)
    told = [line[4:8] for line in sheet.look().history if "undone" in str(line[8])]
    assert sorted(map(str, told)) == sorted(set(map(str, told)))
    assert len(told) == len(undoing.cells)
    assert shows(sheet, Field.CURRENT) == 1


def test_first_values_are_left_and_listed(sheet: LivedSheet) -> None:
    first = sheet.look().history[0][1]
    undoing, report = undo(sheet, str(first))
    assert report is None
    assert {item.why for item in undoing.left} == {"was empty before the run; an empty cell is okr-sync's to fill"}


def test_only_some_rows(sheet: LivedSheet) -> None:
    sheet.world.numbers["b"] = D(3)
    run = sheet.run().stamp.run
    undo(sheet, run, frozenset({"A"}))
    assert shows(sheet, Field.CURRENT) == 1
    assert shows(sheet, Field.CURRENT, 2) == 3


def test_a_row_that_is_no_longer_mapped_is_left(sheet: LivedSheet) -> None:
    run = sheet.run().stamp.run
    sheet.type(KR, A, Field.KR_ID, "Z")
    undoing, _ = undo(sheet, run)
    assert {item.why for item in undoing.left if item.key == KEY} == {"its row is gone"}


def test_an_unknown_run_is_told_which_there_are(sheet: LivedSheet) -> None:
    run = sheet.run().stamp.run
    with pytest.raises(UnknownWord) as caught:
        find_undoing(sheet.engine, "nope")
    assert run in str(caught.value.fix)


def test_a_cell_that_the_run_emptied_in_the_last_column_comes_back(sheet: LivedSheet) -> None:
    """A read ends each row at its last filled cell."""
    sheet.move_column(KR, sheet.at(KR, Field.SCORE), len(sheet.columns[KR]) - 1)
    sheet.run()
    score = shows(sheet, Field.SCORE)
    target = shows(sheet, Field.TARGET)
    sheet.type(KR, A, Field.TARGET, None)
    run = sheet.run().stamp.run
    assert shows(sheet, Field.SCORE) is None
    sheet.type(KR, A, Field.TARGET, target)
    undo(sheet, run)
    assert shows(sheet, Field.SCORE) == score is not None
