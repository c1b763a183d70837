"""What we wrote is still there after LibreOffice saved the workbook, and we still find our way in it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from sync.run import RunWishes, preview
from sync.sheet.cell import EMPTY, CellValue, Form, canon
from sync.sheet.chart import ChartName
from sync.sheet.dashboard import draw_dashboard
from sync.sheet.dashboard_facts import WeekPoint
from sync.sheet.drift import find_drift, fingerprint, shows
from sync.sheet.layout import Field, Tab
from sync.sheet.store import CellWrite
from sync.sheet.workbook import WorkbookStore
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_palette import read_palette
from sync.sheet.workbook_read import Book
from sync.sheet.workbook_style import PALETTE
from tests.contract.store_contract import AT, FORMS, KR, LEDGER, VALUES, House, live_value, make_wish, write
from tests.contract.test_store_workbook import Colleague
from tests.support.fake_source import World
from tests.support.foreign_workbook import read_parts
from tests.support.lived_sheet import open_lived_sheet
from tests.support.office import save_in_libreoffice
from tests.support.tools import needs
from tests.support.workbook_people import WorkbookPeople
from tests.unit.dashboards import facts_of, result

pytestmark = [pytest.mark.slow, needs("soffice")]

STUBBORN: dict[Form, tuple[CellValue, ...]] = {
    Form.TEXT: ("=1+1", "'quoted", "1.10", "01", "TRUE", "false", "45 %", "2026-11-22", "3/4", "-", "#N/A", "a_x0041_"),
    Form.NUMBER: (Decimal("0.1"), Decimal("1E-9"), Decimal("123456789012"), Decimal("-0.333333333333"), True, "n/a"),
    Form.SCORE: (Decimal("0.0001"), Decimal(1), Decimal("-0.5"), Decimal(0), "high"),
    Form.DATE: (date(1900, 1, 1), date(1900, 3, 1), date(2024, 2, 29), date(9999, 12, 31), "soon"),
    Form.FLAG: (True, False),
    Form.CHOICE: ("On track", "ü € 漢字 🎯", "two\nlines", "tab\there"),
    Form.ID: ("1.10", "007", "1e5", "1-2", "=A1"),
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    path = tmp_path / "okrs.xlsx"
    store = WorkbookStore(path)
    store.prepare(make_wish())
    return House(store, Colleague(path))


def test_every_form_reads_back_equal_after_libreoffice_saved_it(house: House, tmp_path: Path) -> None:
    wanted: dict[tuple[int, Field], CellValue] = {}
    for field in VALUES:
        for row, value in enumerate(STUBBORN[FORMS[field]], start=1):
            wanted[row, field] = canon(FORMS[field], value)
    drawn = _draw_values(Random(7), first=20)
    wanted |= drawn
    house.write(*(write(row, field, value) for (row, field), value in wanted.items()))
    save_in_libreoffice(tmp_path / "okrs.xlsx", tmp_path)
    rows = house.tab().cells
    for (row, field), value in wanted.items():
        cell = rows[row][AT[field]] if row < len(rows) and AT[field] < len(rows[row]) else EMPTY
        assert canon(FORMS[field], live_value(field, cell)) == canon(FORMS[field], value), (row, field)


def _draw_values(random: Random, first: int) -> dict[tuple[int, Field], CellValue]:
    """Two hundred rows of anything: one visit to LibreOffice is slow, so that it sees them all at once."""
    signs = "aZ09 .,;'\"=+-%/_()&<>äß€漢🎯"
    found: dict[tuple[int, Field], CellValue] = {}
    for row in range(first, first + 200):
        found[row, Field.WHY] = canon(Form.TEXT, "".join(random.choices(signs, k=random.randrange(1, 15))))
        found[row, Field.CURRENT] = canon(
            Form.NUMBER, Decimal(random.randrange(-(10**11), 10**11)).scaleb(-random.randrange(9))
        )
        found[row, Field.SCORE] = canon(Form.SCORE, Decimal(random.randrange(20_000)) / 10_000)
        found[row, Field.FRESHNESS] = date(1900, 3, 1) + timedelta(days=random.randrange(200_000))
    return found


def test_percent_notes_hidden_tabs_and_formulas_survive(house: House, tmp_path: Path) -> None:
    house.person.type(KR, 1, AT[Field.TARGET], Decimal(42), formula="=6*7")
    house.person.note(KR, 2, AT[Field.NOTES], "a person's note")
    house.write(
        write(1, Field.CURRENT, Decimal("0.31"), is_percent=True), write(1, Field.SCORE, Decimal("0.4"), note="kept")
    )
    save_in_libreoffice(tmp_path / "okrs.xlsx", tmp_path)
    cell = house.cell(1, Field.CURRENT)
    assert (cell.value, cell.is_percent, cell.shown) == (Decimal("0.31"), True, "31%")
    target = house.cell(1, Field.TARGET)
    assert (target.value, target.formula) == (Decimal(42), "=6*7")
    assert house.cell(1, Field.SCORE).note == "kept"
    assert house.cell(2, Field.NOTES).note == "a person's note"
    assert house.tab(LEDGER).hidden
    house.write(write(1, Field.SCORE, Decimal("0.4"), note=""))
    assert house.cell(1, Field.SCORE).note is None
    assert house.cell(2, Field.NOTES).note == "a person's note"


def test_the_palette_is_found_again_and_layout_has_nothing_to_do(house: House, tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    house.write(write(1, Field.SCORE, Decimal("0.4")))
    save_in_libreoffice(path, tmp_path)
    book = Book(Package(path.read_bytes()))
    ledger = book.find_sheet(LEDGER)
    assert ledger is not None
    assert len(read_palette(book, ledger)) == len(PALETTE)
    assert house.store.prepare(make_wish()).is_nothing
    styles = read_parts(path)["xl/styles.xml"]
    house.write(
        write(2, Field.SCORE, Decimal("0.5")),
        write(2, Field.FRESHNESS, date(2026, 11, 22)),
        write(2, Field.CURRENT, Decimal("0.5"), is_percent=True),
        CellWrite(3, AT[Field.STATUS], "On track"),
    )
    assert read_parts(path)["xl/styles.xml"] == styles


def test_a_synced_workbook_that_libreoffice_saved_has_no_false_hold_and_nothing_to_write(tmp_path: Path) -> None:
    path = tmp_path / "okrs.xlsx"
    numbers = {"a": "0.1", "b": "0.333333333333", "c": "123456789.125", "k": "2"}
    world = World(numbers={name: Decimal(number) for name, number in numbers.items()})
    sheet = open_lived_sheet(WorkbookStore(path), WorkbookPeople(path), world)
    sheet.type(Tab.KEY_RESULTS, 4, Field.CURRENT, Decimal("0.7"))
    sheet.run_cleanly()
    sheet.type(Tab.KEY_RESULTS, 1, Field.SCORE, Decimal("0.8"))
    sheet.run_cleanly()
    save_in_libreoffice(path, tmp_path)
    plan = preview(sheet.engine, RunWishes())
    assert plan.is_quiet, [(row.key.id, row.cells) for row in plan.rows]
    assert [(held.key.id, held.field) for row in plan.rows for held in row.holds] == [("A", Field.SCORE)]
    sheet.world.pass_days()
    sheet.run_cleanly()
    save_in_libreoffice(path, tmp_path)
    assert preview(sheet.engine, RunWishes()).is_quiet


def test_the_dashboard_and_its_charts_are_known_again_after_libreoffice(house: House, tmp_path: Path) -> None:
    scored = facts_of(result("O.1", change="0.1"), result("O.2", None), objectives=("O", "P"), how="2 moved")
    course = (WeekPoint(date(2026, 11, 16), Decimal("0.4"), Decimal("0.5")),)
    drawing = draw_dashboard(replace(scored, course=course))
    board = house.tab("Dashboard")
    house.write(drawings=((board.tab_id, drawing),))
    assert shows(house.tab("Dashboard"), drawing)
    save_in_libreoffice(tmp_path / "okrs.xlsx", tmp_path)
    board = house.tab("Dashboard")
    assert find_drift(board, fingerprint(drawing)) == ()
    assert shows(board, drawing)
    assert sorted(board.charts) == sorted(ChartName)
    house.write(drawings=((board.tab_id, drawing),))
    assert house.tab("Dashboard").charts == {chart.name: chart.told for chart in drawing.charts}
