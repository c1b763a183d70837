"""A lost ledger: what History and our notes still tell of what the machine wrote and what people hold."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from sync.rebuild import rebuild_ledger
from sync.row_plan import HOLD_NOTE
from sync.run import RunWishes, apply_run, preview
from sync.sheet.history import HELD_REASON, HistoryLine
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Hold
from sync.sheet.snapshot import LedgerLost
from sync.sheet.store_error import LayoutError
from tests.support.lived_sheet import open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.unit.sync_sheets import Q4, TODAY, cell, kr, row_key, view_of

KR = Tab.KEY_RESULTS
A = row_key("A")


def line(field, new, when="2026-11-10 06:30", *, old=None, reason="moved", key=A):
    return HistoryLine(when, "run", key, field, old, new, reason)


def rebuilt(row, *lines, mapped=True):
    found = rebuild_ledger([view_of(KR, [row])], lines, lambda _: mapped, TODAY, UTC)
    return found.entries.get(A), found.adopted


def test_the_last_value_that_the_machine_wrote_is_the_base():
    entry, adopted = rebuilt(kr("A", current=5), line(Field.CURRENT, D(3)), line(Field.CURRENT, D(5)))
    assert entry.bases == {Field.CURRENT: D(5)}
    assert entry.holds == {}
    assert adopted == frozenset()


def test_what_was_typed_over_since_is_no_base_and_no_hold_yet():
    entry, _ = rebuilt(kr("A", current=8), line(Field.CURRENT, D(5)))
    assert entry.bases == {Field.CURRENT: D(5)}  # the next plan sees 8 as typed over
    assert entry.holds == {}


@pytest.mark.parametrize("has_note", [True, False])
def test_a_hold_is_known_by_our_note_or_by_history(has_note):
    typed = replace(cell(8), note=HOLD_NOTE if has_note else None)
    told = [line(Field.CURRENT, D(5)), line(Field.CURRENT, D(8), "2026-11-12 06:30", reason=HELD_REASON)]
    entry, adopted = rebuilt(kr("A", current=typed), *told)
    assert entry.holds == {Field.CURRENT: Hold(date(2026, 11, 12), D(8))}
    assert entry.bases == {Field.CURRENT: D(5)}
    assert adopted == frozenset()


def test_a_noted_hold_that_history_has_lost_is_as_old_as_today():
    entry, _ = rebuilt(kr("A", score=replace(cell(D("0.8")), note=HOLD_NOTE)))
    assert entry.holds == {Field.SCORE: Hold(TODAY, D("0.8"))}


def test_what_nobody_can_account_for_waits_where_it_matters():
    entry, adopted = rebuilt(kr("A", current=8, status="On track", why="because", freshness=TODAY))
    assert entry is None
    assert adopted == {"Key Results/current", "Key Results/status"}  # Why and Freshness are only said anew


def test_what_moves_with_time_has_no_base_in_history():
    """History has a Why only where it once replaced a pasted one; those that were written since are in no line."""
    entry, adopted = rebuilt(kr("A", why="slower than the week before"), line(Field.WHY, "0.33 of 0.51 expected"))
    assert entry is None
    assert adopted == frozenset()


def test_the_current_of_a_manual_key_result_is_nobodys_business():
    entry, adopted = rebuilt(kr("A", current=8), mapped=False)
    assert (entry, adopted) == (None, frozenset())


def test_the_last_reading_is_as_fresh_as_the_row_says():
    told = line(Field.CURRENT, D(5), "2026-11-10 06:30")
    entry, _ = rebuilt(kr("A", current=5, freshness=date(2026, 11, 20)), told)
    assert (entry.good.value, entry.good.as_of) == (D(5), datetime(2026, 11, 20, tzinfo=UTC))
    assert entry.updated == date(2026, 11, 10)
    entry, _ = rebuilt(kr("A", current=5), told)
    assert entry.good.as_of == datetime(2026, 11, 10, tzinfo=UTC)


def test_weekly_points_come_from_the_scores_that_history_has():
    days = ("2026-10-05 06:30", "2026-10-06 06:30", "2026-10-12 06:30", "2026-11-02 06:30")
    told = [line(Field.SCORE, D(at) / 10, day) for at, day in enumerate(days)]
    entry, _ = rebuilt(kr("A", score=D("0.3")), *told)
    assert [(point.day.isoformat(), point.score) for point in entry.points] == [
        ("2026-10-05", D(0)),
        ("2026-10-12", D("0.2")),
        ("2026-11-02", D("0.3")),
    ]


@pytest.mark.parametrize(
    "damaged", [line(Field.SCORE, D(1), "last Tuesday"), line(Field.WHY, "x" * 5000), line(Field.WHY, "=A1")]
)
def test_lines_that_say_too_little_are_passed_over(damaged):
    assert rebuilt(kr("A"), damaged) == (None, frozenset())


def test_rows_that_share_an_id_are_told_apart_by_nobody():
    rows = [kr("A", current=1), kr("A", current=2)]
    found = rebuild_ledger([view_of(KR, rows)], [line(Field.CURRENT, D(1))], lambda _: True, TODAY, UTC)
    assert found.entries == {}


# A whole run


@pytest.fixture
def lived():
    store = MemoryStore()
    sheet = open_lived_sheet(store, MemoryPeople(store))
    sheet.run_cleanly()
    return sheet


def status(sheet, row=1, field=Field.CURRENT):
    return sheet.look().cell(KR, row, sheet.at(KR, field)).value


def test_a_run_makes_the_ledger_anew_says_so_and_keeps_what_people_wrote(lived):
    lived.type(KR, 1, Field.SCORE, D("0.8"))
    lived.run_cleanly()
    lived.type(KR, 2, Field.CURRENT, D(3))  # not seen by any run yet
    report = lived.run_without_ledger()
    assert [problem.code for problem in report.plan.new_problems] == ["sheet.ledger-rebuilt"]
    held = {(item.key.id, item.field) for row in report.plan.rows for item in row.holds}
    assert held == {("A", Field.SCORE), ("B", Field.CURRENT)}
    assert status(lived, 1, Field.SCORE) == D("0.8")
    assert status(lived, 2) == D(3)
    assert not any(row.takeovers for row in report.plan.rows)
    lived.run_cleanly()


def test_history_is_read_only_then(lived):
    read = []
    fetch = lived.store.inner.fetch_sheet
    lived.store.inner.fetch_sheet = lambda titles, heads=(): (read.append(tuple(titles)), fetch(titles, heads))[1]
    apply_run(lived.engine, RunWishes())
    assert not any(f"History {Q4.name}" in titles for titles in read)
    read.clear()
    lived.people.delete_tab(Tab.LEDGER.value)
    apply_run(lived.engine, RunWishes())
    assert sum(f"History {Q4.name}" in titles for titles in read) == 1


def test_a_new_reading_after_the_loss_is_written(lived):
    lived.run_without_ledger()
    lived.world.numbers["a"] = D(0)
    lived.run_cleanly()
    assert status(lived) == D(0)


def test_a_dead_source_after_the_loss_leaves_the_last_good_value(lived):
    lived.world.is_down = True
    report = lived.run_without_ledger()
    assert report is not None
    assert status(lived) == D(1)
    assert status(lived, field=Field.STATUS) != "No data"


def test_a_new_epoch_is_not_the_old_one(lived):
    before = lived.look().ledger.head.epoch
    lived.run_without_ledger()
    assert lived.look().ledger.head.epoch != before


def test_a_plan_says_what_the_next_run_does_and_makes_nothing(lived):
    lived.people.delete_tab(Tab.LEDGER.value)
    with pytest.raises(LedgerLost, match="gone") as caught:
        preview(lived.engine, RunWishes())
    assert "from History" in str(caught.value.fix)
    assert not lived.has_ledger()


def test_a_sheet_that_was_never_prepared_is_no_lost_one():
    store = MemoryStore()
    sheet = open_lived_sheet(store, MemoryPeople(store))
    for title in ("Runs", Tab.LEDGER.value):
        sheet.people.delete_tab(title)
    with pytest.raises(LayoutError, match="not prepared"):
        apply_run(sheet.engine, RunWishes())
