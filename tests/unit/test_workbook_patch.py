"""Changes to sheets whose XML looks in all the ways that Excel, LibreOffice and others write it."""

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import Cell as OpenpyxlCell

from sync.sheet.cell import Cell
from sync.sheet.layout import Tab
from sync.sheet.store import Batch, CellWrite, RawTab, TabChanges
from sync.sheet.store_error import LayoutError, SheetBusy, SheetInUse, SheetRefused
from sync.sheet.style import Style
from sync.sheet.workbook import WorkbookStore
from sync.sheet.workbook_blank import add_sheet, make_package
from sync.sheet.workbook_read import Book, parse_address, parse_range
from tests.support.foreign_workbook import read_parts

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CHAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
WRAPPED = 1
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., WorkbookStore]:
    """A workbook with two sheets: "Key Results" with this XML, and the ledger."""

    def made(inside: str, *, before: str = "", workbook: str = "") -> WorkbookStore:
        package = make_package()
        add_sheet(Book(package), "Key Results", hidden=False)
        add_sheet(Book(package), "_okr_sync", hidden=True)
        assert Book(package).styles.look(Style.WRAPPED) == WRAPPED
        package.put(SHEET, f"<worksheet {MAIN}>{before}<sheetData>{inside}</sheetData></worksheet>".encode())
        package.put("xl/calcChain.xml", f'<calcChain {MAIN}><c r="A1" i="1"/></calcChain>'.encode(), CHAIN)
        package.relate("xl/workbook.xml", "calcChain", "xl/calcChain.xml")
        if workbook:
            text = package.read("xl/workbook.xml").replace(b"<bookViews>", workbook.encode() + b"<bookViews>")
            package.put("xl/workbook.xml", text)
        path = tmp_path / "okrs.xlsx"
        path.write_bytes(package.render())
        return WorkbookStore(path)

    return made


def read(store: WorkbookStore) -> RawTab:
    tab = store.fetch_sheet(["Key Results"]).find_tab("Key Results")
    assert tab is not None
    return tab


def cells(store: WorkbookStore) -> list[list[object]]:
    return [[cell.value for cell in row] for row in read(store).cells]


def change(store: WorkbookStore, *writes: CellWrite) -> None:
    raw = store.fetch_sheet(["Key Results", "_okr_sync"])
    changes = TabChanges(Tab.KEY_RESULTS, raw.tabs[0].tab_id, 0, 0, (9, 9), writes)
    store.apply_batch(Batch(raw.tabs[1].tab_id, NOW, changes=(changes,), sheet_revision=raw.revision))


def xml(store: WorkbookStore) -> str:
    return read_parts(Path(store.place))[SHEET].decode()


def opened(store: WorkbookStore, address: str) -> OpenpyxlCell:
    found = openpyxl.load_workbook(store.place)["Key Results"][address]
    assert isinstance(found, OpenpyxlCell)
    return found


# Reading


@pytest.mark.parametrize(
    ("inside", "cell"),
    [
        ('<c r="A1"><v>0.30000000000000004</v></c>', Cell(Decimal("0.3"), "0.3")),
        ('<c r="A1" t="str"><f>B1&amp;"x"</f><v>_x0041_x</v></c>', Cell("Ax", "Ax", formula='=B1&"x"')),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', Cell(None, "", formula='=""')),
        ('<c r="A1"><f>1+1</f></c>', Cell(formula="=1+1", error="formula without a value")),
        ('<c r="A1"><f>1+1</f><v></v></c>', Cell(formula="=1+1", error="formula without a value")),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', Cell(None, "#DIV/0!", formula="=1/0", error="#DIV/0!")),
        ('<c r="A1" t="b"><v>1</v></c>', Cell(True, "TRUE")),
        ('<c r="A1" t="b"><f>TRUE()</f><v>1</v></c>', Cell(True, "TRUE")),
        ('<c r="A1"><f>false()</f></c>', Cell(False, "FALSE")),
        ('<c r="A1" t="b"><f>1&lt;2</f><v>1</v></c>', Cell(True, "TRUE", formula="=1<2")),
        ('<c r="A1" t="d"><v>2026-11-22T00:00:00</v></c>', Cell(date(2026, 11, 22), "2026-11-22")),
        ('<c r="A1" t="d"><v>T12:00:00</v></c>', Cell("T12:00:00", "T12:00:00")),
        (
            '<c r="A1" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>',
            Cell("rich", "rich"),
        ),
    ],
)
def test_cells_are_read_as_what_they_are(make: Callable[..., WorkbookStore], inside: str, cell: Cell) -> None:
    assert read(make(f'<row r="1">{inside}</row>')).cells == [[cell]]


def test_rows_and_cells_without_numbers_stand_where_they_follow(make: Callable[..., WorkbookStore]) -> None:
    store = make("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c/><c r='D3'><v>3</v></c><c><v>4</v></c></row>")
    assert cells(store) == [[1, 2], [], [None, None, None, 3, 4]]
    change(store, CellWrite(2, 1, Decimal(9)), CellWrite(1, 0, Decimal(8)))
    assert cells(store) == [[1, 2], [8], [None, 9, None, 3, 4]]
    assert opened(store, "E3").value == 4


def test_what_only_has_a_style_holds_nothing(make: Callable[..., WorkbookStore]) -> None:
    assert read(make('<row r="1"><c r="A1"><v>1</v></c></row><row r="900"><c r="A900" s="0"/></row>')).used_rows == 1


@pytest.mark.parametrize("address", ["", "7", "A", "AAAA1", "A1:B2", "Ä1"])
def test_what_is_no_address_is_damage(address: str) -> None:
    with pytest.raises(SheetRefused):
        parse_address(address)


def test_addresses_are_read() -> None:
    assert parse_address("$XFD$1048576") == (1_048_575, 16_383)
    assert tuple(parse_range("B2:C4")) == (1, 1, 3, 2)
    assert tuple(parse_range("B2")) == (1, 1, 1, 1)


# Writing


def test_cells_and_rows_are_put_in_where_they_belong(make: Callable[..., WorkbookStore]) -> None:
    store = make(
        '<row r="2" spans="2:4"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row>', before='<dimension ref="B2:D2"/>'
    )
    places = [(1, 2), (1, 0), (1, 26), (0, 0), (4, 1)]
    change(store, *(CellWrite(row, column, Decimal(row * 100 + column)) for row, column in places))
    text = xml(store)
    assert [text.index(f'r="{at}"') for at in ("A1", "A2", "B2", "C2", "D2", "AA2", "B5")] == sorted(
        text.index(f'r="{at}"') for at in ("A1", "A2", "B2", "C2", "D2", "AA2", "B5")
    )
    assert 'ref="A1:AA5"' in text
    assert "spans" not in text
    assert opened(store, "AA2").value == 126


def test_a_new_cell_takes_the_style_of_its_row_or_column(make: Callable[..., WorkbookStore]) -> None:
    columns = '<cols><col min="2" max="3" style="3"/></cols>'
    store = make('<row r="1"/><row r="2" s="5" customFormat="1"/>', before=columns)
    change(store, *(CellWrite(row, 2, "x") for row in (0, 1)), CellWrite(0, 4, "x"))
    assert '<c r="C1" s="3"' in xml(store)
    assert '<c r="C2" s="5"' in xml(store)
    assert '<c r="E1" t=' in xml(store)


def test_a_plain_number_gets_as_many_decimals_as_a_manager_reads(make: Callable[..., WorkbookStore]) -> None:
    store = make("")
    values = {"A1": "5.46774194", "B1": "2160", "C1": "0.0123", "D1": "45.5"}
    change(store, *(CellWrite(0, at, Decimal(text), is_percent=False) for at, text in enumerate(values.values())))
    shown = {at: opened(store, at).number_format for at in values}
    assert shown == {"A1": "#,##0.00", "B1": "#,##0", "C1": "#,##0.0000", "D1": "#,##0.0"}
    assert [cell.value for cell in read(store).cells[0]] == [Decimal(text) for text in values.values()]
    change(store, CellWrite(0, 0, Decimal(6), is_percent=False), CellWrite(0, 1, Decimal("0.5"), is_percent=True))
    assert (opened(store, "A1").number_format, opened(store, "B1").number_format) == ("#,##0", "0%")


def test_clearing_keeps_the_style_and_makes_no_cell(make: Callable[..., WorkbookStore]) -> None:
    store = make('<row r="1"><c r="A1" s="0" t="s" cm="1"><v>0</v></c></row>')
    change(store, CellWrite(0, 0, None), CellWrite(5, 5, None))
    assert '<c r="A1" s="0"/>' in xml(store)
    assert "F6" not in xml(store)


def test_cells_that_share_the_formula_of_an_overwritten_one_keep_theirs(make: Callable[..., WorkbookStore]) -> None:
    store = make(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$A$1</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><f t="shared" si="0"/><v>3</v></c></row>'
    )
    before = [row[1].formula for row in read(store).cells]
    assert before == ["=A1*$A$1", "=A2*$A$1", "=A3*$A$1"]
    change(store, CellWrite(0, 1, Decimal(7)))
    assert [row[1].formula for row in read(store).cells] == [None, *before[1:]]
    assert [row[1].value for row in read(store).cells] == [7, 2, 3]
    assert opened(store, "B3").value == "=A3*$A$1"


def test_a_dependent_of_a_shared_formula_can_be_overwritten(make: Callable[..., WorkbookStore]) -> None:
    store = make(
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B2" si="0">A1*2</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>'
    )
    change(store, CellWrite(1, 1, Decimal(7)))
    assert [(row[1].formula, row[1].value) for row in read(store).cells] == [("=A1*2", 1), (None, 7)]


@pytest.mark.parametrize("at", [(0, 0), (1, 0)])
def test_a_part_of_an_array_formula_is_refused(make: Callable[..., WorkbookStore], at: tuple[int, int]) -> None:
    store = make(
        '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c></row>'
    )
    before = Path(store.place).read_bytes()
    with pytest.raises(SheetRefused, match="array formula"):
        change(store, CellWrite(0, 3, "fine"), CellWrite(*at, Decimal(1)))
    assert Path(store.place).read_bytes() == before


def test_an_array_formula_of_one_cell_can_be_overwritten(make: Callable[..., WorkbookStore]) -> None:
    store = make('<row r="1"><c r="A1"><f t="array" ref="A1">SUM(B1:B2)</f><v>1</v></c></row>')
    change(store, CellWrite(0, 0, Decimal(2)))
    assert cells(store) == [[2]]


def test_the_order_of_calculation_is_dropped_with_a_formula_and_only_then(make: Callable[..., WorkbookStore]) -> None:
    store = make('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')
    change(store, CellWrite(0, 1, Decimal(1)))
    parts = read_parts(Path(store.place))
    assert "xl/calcChain.xml" in parts
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
    change(store, CellWrite(0, 0, Decimal(1)))
    parts = read_parts(Path(store.place))
    assert "xl/calcChain.xml" not in parts
    assert b"calcChain" not in parts["[Content_Types].xml"] + parts["xl/_rels/workbook.xml.rels"]


def test_days_in_a_workbook_that_counts_from_1904(make: Callable[..., WorkbookStore]) -> None:
    store = make("", workbook='<workbookPr date1904="1"/>')
    change(store, CellWrite(0, 0, date(2026, 11, 22)), CellWrite(0, 1, date(1903, 1, 1)))
    assert [cell.value for cell in read(store).cells[0]] == [date(2026, 11, 22), "1903-01-01"]
    assert opened(store, "A1").value == datetime(2026, 11, 22)  # noqa: DTZ001  openpyxl's own


def test_a_number_over_a_day_is_a_number(make: Callable[..., WorkbookStore]) -> None:
    store = make("")
    change(store, CellWrite(0, 0, date(2026, 11, 22)))
    change(store, CellWrite(0, 0, Decimal("0.5")))
    assert cells(store) == [[Decimal("0.5")]]


def test_text_is_kept_without_what_no_workbook_can_hold(make: Callable[..., WorkbookStore]) -> None:
    store = make("")
    change(store, CellWrite(0, 0, " a\x00b\x1b[31m\ufffe_x0041_\n<&> 🎯 "), CellWrite(0, 1, "=1+1"))
    assert cells(store) == [[" ab[31m_x0041_\n<&> 🎯 ", "=1+1"]]
    found = opened(store, "B1")
    assert (found.value, found.data_type) == ("=1+1", "s") or found.data_type == "inlineStr"


def test_text_longer_than_a_cell_is_refused(make: Callable[..., WorkbookStore]) -> None:
    with pytest.raises(SheetRefused, match=r"Key Results!A1 would get 32768 characters"):
        change(make(""), CellWrite(0, 0, "x" * 32_768))


def test_a_row_is_as_high_as_its_wrapped_text_unless_people_fixed_it(make: Callable[..., WorkbookStore]) -> None:
    store = make(
        '<row r="1" ht="15"/><row r="2" ht="15" customHeight="1"/><row r="3" ht="44"/><row r="4" ht="44"/>',
        before=f'<cols><col min="1" max="1" width="12" style="{WRAPPED}"/></cols>',
    )
    change(store, CellWrite(0, 0, "word " * 12), CellWrite(1, 0, "word " * 12), CellWrite(2, 0, "word"))
    sheet = openpyxl.load_workbook(store.place)["Key Results"]
    heights = [sheet.row_dimensions[row].height for row in (1, 2, 3, 4)]
    assert heights[0] == pytest.approx(6 * 13 + 5, abs=14)
    assert heights[1:] == [15, None, 44]


# All or nothing


def test_an_open_workbook_is_read_but_not_written(make: Callable[..., WorkbookStore]) -> None:
    store = make("")
    Path(store.place).with_name("~$okrs.xlsx").write_bytes(b"Maya")
    assert read(store).title == "Key Results"
    with pytest.raises(SheetInUse):
        change(store, CellWrite(0, 0, "x"))
    assert cells(store) == []


def test_a_tab_that_is_gone_refuses_the_whole_batch(make: Callable[..., WorkbookStore]) -> None:
    store = make("")
    raw = store.fetch_sheet(["Key Results", "_okr_sync"])
    lost = TabChanges(Tab.KPIS, 99, 0, 0, (1, 1), (CellWrite(0, 0, "x"),))
    good = TabChanges(Tab.KEY_RESULTS, raw.tabs[0].tab_id, 0, 0, (1, 1), (CellWrite(0, 0, "x"),))
    with pytest.raises(LayoutError):
        store.apply_batch(Batch(raw.tabs[1].tab_id, NOW, changes=(good, lost)))
    assert cells(store) == []


def test_a_save_since_the_read_is_busy(make: Callable[..., WorkbookStore]) -> None:
    store = make("")
    raw = store.fetch_sheet(["_okr_sync"])
    with zipfile.ZipFile(store.place, "a") as package:
        package.writestr("customXml/item1.xml", "<a/>")
    with pytest.raises(SheetBusy):
        store.apply_batch(Batch(raw.tabs[0].tab_id, NOW, sheet_revision=raw.revision))
    assert zipfile.ZipFile(BytesIO(Path(store.place).read_bytes())).testzip() is None
