"""Designs that were tried and lose what people wrote: the law that the machines hold has to see the damage of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import pytest

import sync.plan_row
import sync.put_back
import sync.run
import sync.run_rows
import sync.sheet.snapshot
import sync.write
from sync.astray import Astray, find_astray
from sync.plan import make_plan
from sync.prepare import prepare_sheet
from sync.sheet.layout import Field, Tab
from sync.sheet.merge import Verdict, judge
from sync.sheet.store import Batch, Receipt
from sync.sheet.store_error import SheetRefused, WriteUnconfirmed
from tests.support.faulty_store import FaultyStore
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE
from tests.support.sheet_law import Damage

A = 1
"""The row of key result A."""


def type_current(sheet: LivedSheet, number: int | None) -> None:
    sheet.type(Tab.KEY_RESULTS, A, Field.CURRENT, None if number is None else Decimal(number))


def read(sheet: LivedSheet, number: int) -> None:
    sheet.world.numbers["a"] = Decimal(number)


def somebody_agrees_for_a_while(sheet: LivedSheet) -> None:
    type_current(sheet, 2)
    for number in (1, 2, 3):
        read(sheet, number)
        sheet.run_cleanly()


def somebody_knows_better(sheet: LivedSheet) -> None:
    type_current(sheet, 2)
    sheet.run_cleanly()
    type_current(sheet, 1)
    sheet.run_cleanly()


def somebody_types_while_we_write(sheet: LivedSheet) -> None:
    read(sheet, 0)
    sheet.run(act=lambda: type_current(sheet, 2))
    sheet.run_cleanly()


def somebody_inserts_a_row_while_we_write(sheet: LivedSheet) -> None:
    read(sheet, 0)
    sheet.run(act=lambda: sheet.insert(Tab.KEY_RESULTS, 0))
    sheet.run_cleanly()


def an_answer_is_lost(sheet: LivedSheet) -> None:
    read(sheet, 0)
    sheet.run(faults=["lost"])
    sheet.run_cleanly()


def an_answer_is_lost_while_somebody_types(sheet: LivedSheet) -> None:
    read(sheet, 0)
    sheet.run(act=lambda: type_current(sheet, 2), faults=["lost"])
    sheet.run_cleanly()


def a_run_dies_while_somebody_types(sheet: LivedSheet) -> None:
    read(sheet, 0)
    sheet.run_that_dies(lambda sheet: type_current(sheet, 2))
    sheet.run_cleanly()


def a_run_dies_while_somebody_inserts_a_row(sheet: LivedSheet) -> None:
    read(sheet, 0)
    sheet.run_that_dies(lambda sheet: sheet.insert(Tab.KEY_RESULTS, 0))
    sheet.run_cleanly()


def a_run_dies_and_the_number_moves_on(sheet: LivedSheet) -> None:
    """Nobody types anything: nothing may be held."""
    read(sheet, 0)
    sheet.run(faults=["dies_after"])
    read(sheet, 2)
    sheet.run_cleanly()
    if any(entry.holds for entry in sheet.look().ledger.entries.values()):
        raise Damage("the machine's own value is held as if a person had typed it")


def a_source_is_down(sheet: LivedSheet) -> None:
    sheet.world.is_down = True
    sheet.run_cleanly()


def nobody_can_account_for_anything(sheet: LivedSheet) -> None:
    """Memory and History are gone: everything that matters waits."""
    for title in (Tab.LEDGER.value, f"{Tab.HISTORY.value} {CYCLE}"):
        sheet.people.delete_tab(title)
    prepare_sheet(sheet.engine)
    read(sheet, 0)
    assert sheet.run() is not None


def somebody_leaves_a_text_on_the_dashboard(sheet: LivedSheet) -> None:
    sheet.leave_text(2, 1, "see the minutes")
    read(sheet, 0)
    sheet.run_cleanly()


def the_account_is_kept_out(sheet: LivedSheet) -> None:
    """Nothing is written as long as it is; then all is well."""
    read(sheet, 0)
    sheet.protect(Tab.KEY_RESULTS, Field.SCORE)
    assert sheet.run() is None
    sheet.unprotect()
    assert sheet.run_cleanly() is not None


def somebody_dresses_the_sheet(sheet: LivedSheet) -> None:
    sheet.paint(Tab.KEY_RESULTS, A, 3)
    sheet.hide(Tab.KEY_RESULTS, (2,), (4,))
    sheet.merge(Tab.KEY_RESULTS, A, Field.SCORE, (1, 0))
    read(sheet, 0)
    sheet.run_cleanly()


LIVES = (
    a_run_dies_and_the_number_moves_on,
    a_run_dies_while_somebody_types,
    a_run_dies_while_somebody_inserts_a_row,
    somebody_agrees_for_a_while,
    somebody_knows_better,
    somebody_types_while_we_write,
    somebody_inserts_a_row_while_we_write,
    an_answer_is_lost,
    an_answer_is_lost_while_somebody_types,
    a_source_is_down,
    nobody_can_account_for_anything,
    somebody_leaves_a_text_on_the_dashboard,
    the_account_is_kept_out,
    somebody_dresses_the_sheet,
)


def live(life: Callable[[LivedSheet], None]) -> bool:
    """Whether the law held through a short life."""
    store = MemoryStore()
    sheet = open_lived_sheet(store, MemoryPeople(store))
    sheet.run()
    try:
        life(sheet)
    except Damage:
        return False
    return True


def is_damage_found() -> bool:
    return not all(live(life) for life in LIVES)


@pytest.mark.parametrize("life", LIVES)
def test_the_law_holds_as_it_is(life: Callable[[LivedSheet], None]) -> None:
    assert live(life)


def judge_as(change: Callable[..., Verdict], patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sync.plan_row, "judge", lambda *args, **more: change(judge(*args, **more), *args))


def test_a_hold_that_is_guessed_from_equal_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(verdict, entry, field, live, want):  # type: ignore[no-untyped-def]
        return Verdict.AGREEMENT if verdict is Verdict.HELD and live == want else verdict

    judge_as(guess, monkeypatch)
    assert is_damage_found()


def test_a_typed_value_that_becomes_the_base(monkeypatch: pytest.MonkeyPatch) -> None:
    def adopt(task, verdicts, lives, today):  # type: ignore[no-untyped-def]
        entry = learn_row(task, verdicts, lives, today)
        new = {name for name, verdict in verdicts.items() if verdict is Verdict.NEW_HOLD}
        holds = {name: hold for name, hold in entry.holds.items() if name not in new}
        return replace(entry, holds=holds, bases={**entry.bases, **{name: lives[name] for name in new}})

    learn_row = sync.plan_row.learn_row
    monkeypatch.setattr(sync.plan_row, "learn_row", adopt)
    assert is_damage_found()


def test_the_last_writer_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    def win(verdict, *_):  # type: ignore[no-untyped-def]
        return Verdict.CHANGE if verdict in (Verdict.NEW_HOLD, Verdict.HELD) else verdict

    judge_as(win, monkeypatch)
    assert is_damage_found()


def test_a_put_back_that_forgets_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.put_back, "_restored_lines", lambda *_: ())
    assert is_damage_found()


def test_a_put_back_of_whole_ledger_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def restore(plan, batch, restored):  # type: ignore[no-untyped-def]
        for line in lines(plan, batch, restored):
            old = next(row.old_line for row in plan.rows if str(row.key) == line.key)
            yield replace(line, text=old or line.text)

    lines = sync.put_back._restored_lines
    monkeypatch.setattr(sync.put_back, "_restored_lines", restore)
    assert is_damage_found()


def test_no_look_at_what_stood_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.write, "check_receipt", lambda *_: ())
    assert is_damage_found()


@dataclass
class Stubborn(FaultyStore):
    """Sends a write again when its answer was lost, past the guard."""

    def apply_batch(self, batch: Batch) -> Receipt:
        try:
            return super().apply_batch(batch)
        except WriteUnconfirmed:
            tabs = [tab.tab_id for tab in self.inner.tabs if tab.title.startswith("_okr_sync_before_")]  # type: ignore[attr-defined]
            again = replace(
                batch, guard=batch.guard and replace(batch.guard, old=tuple(tabs), new=(7_001, 7_002, 7_003))
            )
            return self.inner.apply_batch(again)


def test_a_write_that_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.lived_sheet.FaultyStore", Stubborn)
    assert is_damage_found()


@dataclass
class Apart(FaultyStore):
    """Writes what the ledger learns in a second request, after the cells."""

    def apply_batch(self, batch: Batch) -> Receipt:
        receipt = super().apply_batch(replace(batch, ledger=()))
        if batch.ledger:
            self.inner.apply_batch(Batch(batch.ledger_tab_id, batch.heartbeat, ledger=batch.ledger))
        return receipt


def test_a_ledger_in_a_second_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.lived_sheet.FaultyStore", Apart)
    assert is_damage_found()


def test_a_sheet_that_nobody_looks_into_after_a_lost_answer_or_a_death(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.write, "find_astray", lambda *_: Astray({}, {}))
    assert is_damage_found()


def test_a_mending_that_forgets_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(snapshot):  # type: ignore[no-untyped-def]
        return replace(find_astray(snapshot), entries={})

    monkeypatch.setattr(sync.write, "find_astray", forget)
    assert is_damage_found()


@pytest.mark.parametrize("part", ["_holds", "_takeovers"])
def test_a_report_that_keeps_to_itself_what_people_hold_or_have_to_accept(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync.plan_row, part, lambda *_: [])
    assert is_damage_found()


def test_a_report_that_keeps_gaps_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.run, "make_plan", lambda *args: replace(make_plan(*args), gaps={}))
    assert is_damage_found()


def test_a_merge_that_hides_what_is_written_and_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.sheet.snapshot, "check_merged", lambda *_: [])
    assert is_damage_found()


def test_a_dashboard_that_is_drawn_over_what_people_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync.run_rows, "say_drift", lambda *_: ())
    assert is_damage_found()


@dataclass
class Careless(FaultyStore):
    """What is refused has been written in part; what people gave a tab besides its cells is gone after a write."""

    keeps_shapes: bool = True

    def apply_batch(self, batch: Batch) -> Receipt:
        store = self.inner
        assert isinstance(store, MemoryStore)
        try:
            receipt = super().apply_batch(batch)
        except SheetRefused:
            store.type(Tab.KPIS.value, 1, 4, "half")
            raise
        for tab in store.tabs if not self.keeps_shapes else ():
            store.reshape(tab.title, paint=frozenset())
        return receipt


def test_a_refused_run_that_has_written_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.lived_sheet.FaultyStore", Careless)
    assert [life for life in LIVES if not live(life)] == [the_account_is_kept_out]


def test_a_write_that_takes_peoples_colours_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.lived_sheet.FaultyStore", partial(Careless, keeps_shapes=False))
    assert not live(somebody_dresses_the_sheet)
