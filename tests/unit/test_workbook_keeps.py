"""A workbook that people made: what isn't ours stays byte for byte."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from sync.sheet.layout import Field, Tab
from sync.sheet.store import Batch, CellWrite, RawSheet, TabChanges
from sync.sheet.store_error import SheetRefused
from sync.sheet.wish import LayoutWish, LeaveWish
from sync.sheet.workbook import WorkbookStore
from tests.contract.store_contract import make_wish
from tests.support.excel_extras import MACRO, MACRO_PART, SPARKLINES, add_macro_and_sparklines
from tests.support.foreign_workbook import HEADERS, make_foreign_workbook, read_parts

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
THEIRS = {
    "xl/charts/chart1.xml",
    "xl/media/image1.png",
    "xl/drawings/drawing1.xml",
    "xl/worksheets/sheet2.xml",
    "xl/tables/table1.xml",
    "xl/theme/theme1.xml",
    "xl/comments/comment1.xml",
    "docProps/core.xml",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "okrs.xlsx"
    make_foreign_workbook(made)
    return made


def both(store: WorkbookStore) -> RawSheet:
    return store.fetch_sheet(["Key Results", "_okr_sync", "Deck"])


def test_a_run_changes_the_parts_it_writes_and_no_other(path: Path) -> None:
    store = WorkbookStore(path)
    store.prepare(make_wish())
    raw, before = both(store), read_parts(path)
    keys, ledger = raw.find_tab("Key Results"), raw.find_tab("_okr_sync")
    assert keys is not None
    assert ledger is not None
    writes = (CellWrite(1, 3, Decimal(12)), CellWrite(2, 4, Decimal("0.5")), CellWrite(2, 5, "On track"))
    changes = TabChanges(Tab.KEY_RESULTS, keys.tab_id, 0, 0, (4, 7), writes)
    store.apply_batch(Batch(ledger.tab_id, NOW, head="{}", changes=(changes,), sheet_revision=raw.revision))
    after = read_parts(path)
    assert list(after) == list(before)
    assert after.keys() >= THEIRS
    changed = {name for name in before if before[name] != after[name]}
    ledger_part = "xl/worksheets/sheet12.xml"
    assert changed == {"xl/worksheets/sheet1.xml", ledger_part}  # calculation on load was on already
    old, new = before["xl/worksheets/sheet1.xml"], after["xl/worksheets/sheet1.xml"]
    assert _without_data(old) == _without_data(new)
    assert _their_cells(raw) == _their_cells(both(store))


def test_macros_and_sparklines_come_through_layout_and_run(path: Path) -> None:
    path = add_macro_and_sparklines(path)
    store = WorkbookStore(path)
    store.prepare(make_wish())
    raw, before = both(store), read_parts(path)
    keys, ledger = raw.find_tab("Key Results"), raw.find_tab("_okr_sync")
    assert keys is not None
    assert ledger is not None
    assert before[MACRO_PART] == MACRO
    changes = TabChanges(Tab.KEY_RESULTS, keys.tab_id, 0, 0, (4, 7), (CellWrite(1, 3, Decimal(12)),))
    store.apply_batch(Batch(ledger.tab_id, NOW, head="{}", changes=(changes,), sheet_revision=raw.revision))
    after = read_parts(path)
    assert after[MACRO_PART] == MACRO
    assert after["[Content_Types].xml"] == before["[Content_Types].xml"]
    assert b"macroEnabled" in after["[Content_Types].xml"]
    sheet = after["xl/worksheets/sheet1.xml"].decode()
    assert SPARKLINES[SPARKLINES.index("<x14:sparklineGroup ") :].removesuffix("</ext></extLst>") in sheet
    assert _without_data(before["xl/worksheets/sheet1.xml"]) == _without_data(after["xl/worksheets/sheet1.xml"])
    assert sheet.index("</conditionalFormatting>") < sheet.index("<extLst>")  # the schema's order: Excel repairs else


def _without_data(sheet: bytes) -> tuple[bytes, bytes]:
    head, _, rest = sheet.partition(b"<sheetData>")
    return head.partition(b"<worksheet")[2], rest.partition(b"</sheetData>")[2]


def _their_cells(raw: RawSheet) -> list[object]:
    tab = raw.find_tab("Key Results")
    assert tab is not None
    ours = {(1, 3), (2, 4), (2, 5)}
    return [cell for row, cells in enumerate(tab.cells) for at, cell in enumerate(cells) if (row, at) not in ours]


def test_a_heartbeat_changes_the_ledgers_part_only(path: Path) -> None:
    store = WorkbookStore(path)
    store.prepare(make_wish())
    raw, before = both(store), read_parts(path)
    ledger = raw.find_tab("_okr_sync")
    assert ledger is not None
    store.apply_batch(Batch(ledger.tab_id, NOW, sheet_revision=raw.revision))
    after = read_parts(path)
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet12.xml"}


def test_layout_adds_to_a_sheet_that_exists_and_moves_nothing(path: Path) -> None:
    store = WorkbookStore(path)
    before, parts = both(store), read_parts(path)
    prepared = store.prepare(make_wish())
    assert "Key Results" not in prepared.tabs
    assert prepared.columns[:3] == ("Progress", "Why", "Change")
    assert "Notes" not in prepared.columns
    after = read_parts(path)
    untouched = THEIRS - {"xl/comments/comment1.xml"}
    assert {name: after[name] for name in untouched} == {name: parts[name] for name in untouched}
    old, new = before.find_tab("Key Results"), both(store).find_tab("Key Results")
    assert old is not None
    assert new is not None
    assert [list(row[: len(HEADERS)]) for row in new.cells] == [list(row) for row in old.cells]
    assert new.cells[0][len(HEADERS)].shown == "Progress"
    assert new.cells[0][len(HEADERS)].note
    sheet = openpyxl.load_workbook(path, rich_text=True)["Key Results"]
    assert sheet.tables["Results"].ref == "A1:G3"
    assert sheet["B2"].comment.text == "what Maya thinks"
    assert sheet["B2"].comment.author == "Maya"
    assert str(sheet["G4"].value) == "plain bold"
    assert next(str(rule.sqref) for rule in sheet.data_validations.dataValidation) == "G2:G9"
    assert len(openpyxl.load_workbook(path)["Deck"]._charts) == 1


def test_configured_headers_are_found_and_used(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book["Key Results"]["D1"] = "Ist"
    book.save(path)
    wish = make_wish(Tab.KEY_RESULTS)
    headers = {Tab.KEY_RESULTS: {Field.CURRENT: "Ist", Field.WHY: "Warum"}}
    prepared = WorkbookStore(path).prepare(
        LayoutWish(wish.tabs, wish.guard, wish.head, wish.stale_days, wish.today, headers)
    )
    assert "Warum" in prepared.columns
    assert "Ist" not in prepared.columns
    assert "Current" not in prepared.columns


def test_their_headers_may_stand_below_a_title(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["Key Results"]
    del sheet.tables["Results"]
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Our OKRs"
    book.save(path)
    WorkbookStore(path).prepare(make_wish(Tab.KEY_RESULTS))
    tab = both(WorkbookStore(path)).find_tab("Key Results")
    assert tab is not None
    assert tab.cells[2][len(HEADERS)].shown == "Progress"
    rules = openpyxl.load_workbook(path)["Key Results"].conditional_formatting
    assert "F4:F2000" in " ".join(str(each.sqref) for each in rules)


def test_a_stretch_of_equal_columns_keeps_its_look_outside_ours(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    for letter in ("D", "Z"):
        book["Key Results"].column_dimensions[letter].width = 33
    book["Key Results"].column_dimensions["D"].min, book["Key Results"].column_dimensions["D"].max = 4, 24
    book.save(path)
    WorkbookStore(path).prepare(make_wish(Tab.KEY_RESULTS))
    columns = re.findall(r"<col [^>]*>", read_parts(path)["xl/worksheets/sheet1.xml"].decode())
    spans = [tuple(int(re.search(rf'{key}="(\d+)"', each)[1]) for key in ("min", "max")) for each in columns]  # type: ignore[index]
    assert spans == [(4, 7), *((at, at) for at in range(8, 20)), (20, 24), (26, 26)]
    assert ['width="33"' in each for each in columns] == [True] + [False] * 12 + [True, True]


def test_a_chart_sheet_with_our_name_is_refused(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.create_chartsheet("Runs")
    book.save(path)
    before = path.read_bytes()
    with pytest.raises(SheetRefused, match="holds a chart"):
        WorkbookStore(path).prepare(make_wish())
    assert path.read_bytes() == before


def test_leaving_takes_ours_out_and_keeps_every_other_part_byte_for_byte(path: Path) -> None:
    store = WorkbookStore(path)
    before, parts = both(store), read_parts(path)
    store.prepare(make_wish())
    titles = [new.title for new in make_wish().tabs if new.title not in titles_of(before)]
    removed = store.leave(LeaveWish(tuple(titles), ("Key Results",), frozenset()))
    assert removed.rules > 0
    after = read_parts(path)
    untouched = THEIRS - {"xl/comments/comment1.xml"}
    assert {name: after[name] for name in untouched} == {name: parts[name] for name in untouched}
    assert {name for name in after if "worksheets/sheet" in name} == {
        name for name in parts if "worksheets/sheet" in name
    }
    book = openpyxl.load_workbook(path)
    assert set(book.sheetnames) == titles_of(before)
    assert not any(
        "okr-sync" in str(rule.formula) for area in book["Key Results"].conditional_formatting for rule in area.rules
    )
    assert book["Key Results"]["B2"].comment.text == "what Maya thinks"


def titles_of(raw: RawSheet) -> set[str]:
    return {*(tab.title for tab in raw.tabs), *raw.others}
