"""Somebody goes back to a version of the sheet, or copies the file: on every kind of store."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from sync.sheet.layout import Field, Tab
from sync.sheet.workbook import WorkbookStore
from tests.machine.test_stores import open_google, service
from tests.support.fake_source import World
from tests.support.faulty_store import FaultyStore
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.workbook_people import WorkbookPeople

__all__ = ["service"]

KR, A, B = Tab.KEY_RESULTS, 1, 2


MEMORY, REAL = ("like google", "like a workbook"), ("workbook", "google")


@pytest.fixture
def sheet(request: pytest.FixtureRequest, tmp_path: Path) -> LivedSheet:
    """A sheet of the kind that the test names; in memory, in both manners, where it names none."""
    world = World.with_numbers()
    if request.param == "google":
        return open_google(request.getfixturevalue("service"), world)
    if request.param == "workbook":
        path = tmp_path / "okrs.xlsx"
        return open_lived_sheet(WorkbookStore(path), WorkbookPeople(path), world)
    store = MemoryStore(has_before=request.param == "like google")
    return open_lived_sheet(store, MemoryPeople(store), world)


in_memory = pytest.mark.parametrize("sheet", MEMORY, indirect=True)
everywhere = pytest.mark.parametrize("sheet", [*MEMORY, *REAL], indirect=True)


def read(sheet: LivedSheet, number: int) -> None:
    sheet.world.numbers["a"] = Decimal(number)


def current(sheet: LivedSheet, row: int = A) -> object:
    look = sheet.look()
    return look.cell(KR, row, sheet.at(KR, Field.CURRENT)).value


def live_a_week(sheet: LivedSheet) -> None:
    """A version is kept after the first night; then numbers move, people type, and several runs write."""
    sheet.run()
    sheet.keep_version()
    for number in (2, 3):
        sheet.world.pass_days()
        read(sheet, number)
        sheet.run()
    sheet.type(KR, B, Field.SCORE, Decimal("0.5"))
    sheet.run()


@everywhere
def test_the_next_run_makes_the_sheet_what_it_would_be(sheet: LivedSheet) -> None:
    live_a_week(sheet)
    revision = sheet.look().ledger.head.revision
    sheet.restore_version()
    assert current(sheet) == 1
    assert sheet.look().ledger.head.revision < revision
    assert sheet.run_cleanly() is not None
    assert current(sheet) == 3
    read(sheet, 0)
    assert sheet.run_cleanly() is not None
    assert current(sheet) == 0
    assert sheet.errors == []


@in_memory
def test_what_people_type_after_going_back_is_held(sheet: LivedSheet) -> None:
    live_a_week(sheet)
    sheet.restore_version()
    sheet.type(KR, A, Field.CURRENT, Decimal(3))
    read(sheet, 2)
    sheet.run_cleanly()
    assert current(sheet) == 3


@in_memory
def test_going_back_again_and_again(sheet: LivedSheet) -> None:
    live_a_week(sheet)
    for number in (0, 2):
        sheet.restore_version()
        read(sheet, number)
        assert sheet.run_cleanly() is not None
        assert current(sheet) == number
    assert sheet.errors == []


@everywhere
def test_a_run_that_read_before_plans_anew(sheet: LivedSheet) -> None:
    live_a_week(sheet)
    read(sheet, 0)
    report = sheet.run(act=sheet.restore_version)
    assert report is not None
    assert report.attempts == 2
    assert sheet.run_cleanly() is not None
    assert current(sheet) == 0


@in_memory
def test_a_run_that_died_and_a_version_from_before_it(sheet: LivedSheet) -> None:
    live_a_week(sheet)
    read(sheet, 0)
    sheet.run(faults=["dies_after"])
    sheet.restore_version()
    assert sheet.run_cleanly() is not None
    assert current(sheet) == 0


@in_memory
def test_a_source_that_is_down_after_going_back_shows_the_age_of_the_version(sheet: LivedSheet) -> None:
    live_a_week(sheet)
    day = sheet.world.now.date()
    sheet.restore_version()
    sheet.world.is_down = True
    sheet.run_cleanly()
    assert current(sheet) == 1
    fresh = sheet.look().cell(KR, A, sheet.at(KR, Field.FRESHNESS)).value
    assert str(fresh) < str(day)


def copy_of(sheet: LivedSheet, request: pytest.FixtureRequest) -> LivedSheet:
    """The copy of a file, with a config and an engine of its own."""
    inner = sheet.store.inner
    if isinstance(inner, MemoryStore):
        twin = inner.copy("copy")
        return _beside(sheet, LivedSheet(FaultyStore(twin), MemoryPeople(twin), sheet.world, sheet.engine))
    if isinstance(inner, WorkbookStore):
        path = Path(inner.place).with_name("copy.xlsx")
        shutil.copy(inner.place, path)
        store = WorkbookStore(path)
        return _beside(sheet, LivedSheet(FaultyStore(store), WorkbookPeople(path), sheet.world, sheet.engine))
    service = request.getfixturevalue("service")
    document = service.copy(sheet.people.document)  # type: ignore[attr-defined]
    return _beside(sheet, open_google(service, sheet.world, document))


def _beside(sheet: LivedSheet, twin: LivedSheet) -> LivedSheet:
    twin.columns = {tab: list(fields) for tab, fields in sheet.columns.items()}
    twin.engine = replace(sheet.engine, store=twin.store)
    return twin


@everywhere
def test_a_copy_of_the_file_is_said_once_and_lives_on(sheet: LivedSheet, request: pytest.FixtureRequest) -> None:
    live_a_week(sheet)
    twin = copy_of(sheet, request)
    epoch = sheet.look().ledger.head.epoch
    read(sheet, 2)
    report = twin.run_cleanly()
    assert report is not None
    assert [problem.code for problem in report.plan.problems] == ["sheet.copy"]
    assert (current(twin), current(sheet)) == (2, 3)
    assert twin.look().ledger.head.epoch != epoch
    again = twin.run_cleanly()
    assert again is not None
    assert again.plan.problems == ()
    read(sheet, 0)
    for each in (sheet, twin):
        each.type(KR, B, Field.STATUS, "Off track")
        assert each.run_cleanly() is not None
        assert current(each) == 0
    assert sheet.look().ledger.head.epoch == epoch
    assert sheet.errors == twin.errors == []


@pytest.mark.parametrize("sheet", ["like a workbook"], indirect=True)
def test_a_note_that_comes_before_the_write_of_a_hold_stays(sheet: LivedSheet) -> None:
    """A sheet that was saved since it was read is planned anew."""
    sheet.run()
    sheet.type(KR, A, Field.SCORE, Decimal("0.5"))
    sheet.run(act=lambda: sheet.note(KR, A, Field.SCORE, "agreed"))
    cell = sheet.look().cell(KR, A, sheet.at(KR, Field.SCORE))
    assert (cell.value, cell.note) == (Decimal("0.5"), "agreed")


@in_memory
def test_a_note_that_was_there_before_the_hold_stays(sheet: LivedSheet) -> None:
    sheet.run()
    sheet.type(KR, A, Field.SCORE, Decimal("0.5"))
    sheet.note(KR, A, Field.SCORE, "agreed")
    sheet.run_cleanly()
    sheet.release()
    assert sheet.look().cell(KR, A, sheet.at(KR, Field.SCORE)).note == "agreed"
