"""What the machines found in a deep look, each as a short life of its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.workbook import WorkbookStore
from tests.machine.sheet_machine import CONFIG
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE
from tests.support.workbook_people import WorkbookPeople

KR = Tab.KEY_RESULTS
A = RowKey(KR, CYCLE, "A")


def open_sheet(*, has_before: bool) -> LivedSheet:
    store = MemoryStore(has_before=has_before)
    return open_lived_sheet(store, MemoryPeople(store), config=CONFIG)


def holds(sheet: LivedSheet) -> list[tuple[RowKey, Field]]:
    return [(key, name) for key, entry in sheet.look().ledger.entries.items() for name in entry.holds]


@pytest.mark.parametrize("gone", [1, 6])
@pytest.mark.parametrize("faults", [("", "dies_after"), ("", "dies_before"), ("dies_after",), ()])
def test_what_a_doubled_id_got_is_no_hold_when_one_row_is_left(gone: int, faults: tuple[str, ...]) -> None:
    """Either of the two rows goes in the very moment in which both are told that they share their id."""
    sheet = open_sheet(has_before=True)
    sheet.insert(KR, 0)
    sheet.run(act=lambda: sheet.copy_row(KR, 2, None))
    sheet.run_that_dies(lambda sheet: sheet.delete(KR, gone), None, faults)
    sheet.delete(KR, 5)
    assert sheet.run_cleanly() is not None
    assert holds(sheet) == []


@pytest.mark.parametrize("death", ["dies_before", "dies_after"])
def test_a_row_that_its_doubled_ids_write_never_reached_is_no_hold(death: str) -> None:
    """A row comes between the two, so that only the upper one is told; then the upper one goes."""
    sheet = open_sheet(has_before=True)
    sheet.run()
    sheet.copy_row(KR, 1, None)
    sheet.run_that_dies(lambda sheet: sheet.insert(KR, 2), lambda sheet: sheet.delete(KR, 1), ("", death))
    assert sheet.run_cleanly() is not None
    assert holds(sheet) == []


def test_no_data_that_somebody_types_after_the_doubling_was_put_back_is_held() -> None:
    """The write that would have said it reached neither row: a person's own word is a person's."""
    sheet = open_sheet(has_before=True)
    sheet.run()
    sheet.copy_row(KR, 1, None)
    sheet.run(act=lambda: sheet.delete(KR, 1), faults=["", "dies_after"])
    sheet.type(KR, 4, Field.STATUS, "No data")
    sheet.run_cleanly()
    assert holds(sheet) == [(A, Field.STATUS)]


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
def test_a_memory_that_is_lost_twice_makes_no_hold_of_what_moves_with_time(has_before: bool) -> None:
    """History tells of a Why only where it replaced what nobody could account for: its later ones are in no line."""
    sheet = open_sheet(has_before=has_before)
    sheet.run(fetch=False)
    sheet.run_without_ledger()
    sheet.refresh()
    sheet.sort(KR, (3, 1, 0, 2, 4, 5))
    assert sheet.run_without_ledger() is not None
    assert holds(sheet) == []


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
def test_a_quiet_run_into_a_version_whose_memory_is_another_tab_plans_anew(has_before: bool) -> None:
    """The heartbeat has no guard; the tab that it is written into is one that the version doesn't have."""
    sheet = open_sheet(has_before=has_before)
    sheet.keep_version()
    sheet.run_without_ledger()
    sheet.run_cleanly()
    report = sheet.run(act=sheet.restore_version)
    assert report is not None
    assert report.attempts == 2


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
def test_a_renamed_tab_is_found_again_by_every_run_and_not_only_by_the_next(has_before: bool) -> None:
    sheet = open_sheet(has_before=has_before)
    sheet.run()
    sheet.rename_tab(KR, "Ziele")
    for number in (2, 3):
        sheet.world.numbers["a"] = Decimal(number)
        assert sheet.run_cleanly() is not None
    sheet.rename_tab(KR, "Key Results")
    assert sheet.run_cleanly() is not None
    assert sheet.errors == []


@pytest.mark.parametrize("where", ["like google", "like a workbook", "a workbook"])
def test_a_run_that_makes_a_tab_makes_nothing_twice_that_people_renamed(where: str, tmp_path: Path) -> None:
    """A new cycle's first night makes its tabs; so does the night after somebody deleted a History."""
    path = tmp_path / "okrs.xlsx"
    if where == "a workbook":
        sheet = open_lived_sheet(WorkbookStore(path), WorkbookPeople(path))
    else:
        sheet = open_sheet(has_before=where == "like google")
    sheet.run()
    sheet.rename_tab(KR, "Ziele")
    sheet.rename_header(KR, Field.STATUS, "Lage")
    sheet.run_cleanly()
    tabs = len(sheet.store.fetch_sheet(()).others)
    sheet.delete_ours(Tab.HISTORY)
    sheet.world.numbers["a"] = Decimal(2)
    assert sheet.run_cleanly() is not None
    assert len(sheet.store.fetch_sheet(()).others) == tabs
    headers = [cell.shown for cell in sheet.look().rows(KR)[0]]
    assert "Lage" in headers
    assert "Status" not in headers


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
def test_what_was_left_on_a_dashboard_that_nobody_remembers_is_in_runs(has_before: bool) -> None:
    sheet = open_sheet(has_before=has_before)
    sheet.run()
    sheet.leave_text(3, 2, "call Maya")
    sheet.run_without_ledger()
    assert sheet.run_cleanly() is not None
    told = [row[-1].shown for row in sheet.look().rows(Tab.RUNS) if row[3].value == "drift"]
    assert len(told) == 1
    assert "call Maya" in told[0]


def test_a_header_that_was_renamed_before_the_first_run_is_told_to_be_missing() -> None:
    """Nothing stands below it yet by which the engine would know its own column again."""
    sheet = open_sheet(has_before=False)
    sheet.rename_header(KR, Field.WHY, "Comment")
    sheet.type(KR, 1, Field.WHY, "because")
    report = sheet.run_cleanly()
    assert report is not None
    assert "sheet.column-missing" in [problem.code for problem in report.plan.problems]
    assert sheet.live(sheet.look(), A, 1, Field.WHY) == "because"


def test_a_mapped_row_that_comes_back_while_sources_are_asked_is_no_manual_one() -> None:
    """Nobody was asked for it: it keeps its last reading, and what was copied into it is put right."""
    sheet = open_sheet(has_before=False)
    sheet.run()
    sheet.delete(KR, 3)
    report = sheet.run(act=lambda: sheet.copy_row(KR, 3, "C"))
    assert report is not None
    assert report.attempts == 2
    key = RowKey(KR, CYCLE, "C")
    assert report.plan.standings[key].is_mapped
    assert sheet.live(sheet.look(), key, 4, Field.CURRENT) == Decimal(1)
    assert [problem.code for problem in report.plan.problems if problem.subject == "C"] == []


@pytest.mark.parametrize("is_first", [True, False], ids=["row goes first", "memory goes first"])
def test_a_row_that_comes_back_by_a_copy_in_a_run_that_dies_is_put_right_with_its_old_values_in_history(
    *, is_first: bool
) -> None:
    sheet = open_sheet(has_before=False)
    if is_first:
        sheet.delete(KR, 3)
    sheet.run_without_ledger()
    if not is_first:
        sheet.delete(KR, 3)
    sheet.run_that_dies(lambda sheet: sheet.copy_row(KR, 3, "C"), None, ("", "dies_after"))
    assert sheet.run_cleanly() is not None
    assert [type(error).__name__ for error in sheet.errors] == ["Crash"]
    assert sheet.live(sheet.look(), RowKey(KR, CYCLE, "C"), 4, Field.CURRENT) == Decimal(1)


@pytest.mark.parametrize("gone", [1, 6])
@pytest.mark.parametrize("number", [None, Decimal(2)], ids=["gap", "moved"])
def test_of_a_row_that_is_doubled_while_a_run_dies_either_half_may_go(gone: int, number: Decimal | None) -> None:
    """The half that is left says what the machine wrote before, or what it wrote last: nobody typed either."""
    sheet = open_sheet(has_before=True)
    sheet.run()
    sheet.world.numbers.pop("a")
    if number is not None:
        sheet.world.numbers["a"] = number
    last = sheet.last_row(KR) + 1
    sheet.run_that_dies(
        lambda sheet: sheet.copy_row(KR, 1, None), lambda sheet: sheet.delete(KR, min(gone, last)), ("dies_after",)
    )
    assert sheet.run_cleanly() is not None
    assert holds(sheet) == []
