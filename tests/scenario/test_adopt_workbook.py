"""A company's own workbook: looked at, adopted, checked, planned, synced; and nothing of theirs is touched."""

import re
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from sync.sheet.workbook_read import parse_address
from sync.sheet.workbook_xml import name
from tests.support.company import say
from tests.support.ugly_workbooks import (
    TAB,
    WIDTH,
    make_merged_workbook,
    make_quarter_workbook,
    make_section_workbook,
)

SHEET = "xl/worksheets/sheet1.xml"
MAKERS = {"merged": make_merged_workbook, "sections": make_section_workbook, "quarters": make_quarter_workbook}
WIDTHS = {"merged": WIDTH, "sections": 6, "quarters": 7}
IDS = {
    "merged": ["O-1.1", "O-1.2", "O-1.3", "O-2.1", "O-2.2"],
    "sections": ["KR1.1", "KR1.2", "KR2.1", "KR2.2"],
    "quarters": ["O-1.1", "O-1.2", "O-2.1"],
}
"""A maker's key results, and how many columns of theirs it has."""


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def folder(tmp_path, kind):
    MAKERS[kind](tmp_path / "okrs.xlsx")
    return tmp_path


@pytest.fixture
def merged(tmp_path):
    make_merged_workbook(tmp_path / "okrs.xlsx")
    return tmp_path


def read_parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {item: archive.read(item) for item in archive.namelist()}


def their_cells(data: bytes, width: int) -> dict[str, bytes]:
    """Every cell of their columns, as its XML."""
    root = etree.fromstring(data)
    return {
        cell.get("r"): etree.tostring(cell, method="c14n2")
        for cell in root.iter(name("c"))
        if parse_address(cell.get("r"))[1] < width
    }


def pieces(data: bytes, *tags: str) -> list[bytes]:
    root = etree.fromstring(data)
    return [etree.tostring(each, method="c14n2") for tag in tags for each in root.iter(name(tag))]


def assert_theirs_untouched(before: dict[str, bytes], after: dict[str, bytes], width: int) -> None:
    """Cells byte for byte; merges, dropdowns, rules, freeze, widths; every other part of theirs; and all formats."""
    assert their_cells(before[SHEET], width) == their_cells(after[SHEET], width)
    for tag in ("mergeCell", "pane"):
        assert pieces(before[SHEET], tag) == pieces(after[SHEET], tag)
    for tag in ("conditionalFormatting", "dataValidation", "col"):
        kept = pieces(after[SHEET], tag)
        assert [each for each in pieces(before[SHEET], tag) if each not in kept] == []
    shared = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml", SHEET}
    ours = re.compile(r"xl/worksheets/_rels/sheet1|comments|vmlDrawing|legacyDrawing|docProps")
    for part, data in before.items():
        if part not in shared and not ours.search(part):
            assert after[part] == data, part
    styles = name("cellXfs")
    formats = [etree.fromstring(parts["xl/styles.xml"]).find(styles) for parts in (before, after)]
    old, new = ([etree.tostring(each, method="c14n2") for each in found] for found in formats)
    assert new[: len(old)] == old


def column(folder, title, header, tab_row):
    """The cells below one of the headers."""
    sheet = openpyxl.load_workbook(folder / "okrs.xlsx")[title]
    at = next(cell.column for cell in sheet[tab_row] if cell.value == header)
    return {
        row: value for row in range(tab_row + 1, sheet.max_row + 1) if (value := sheet.cell(row, at).value) is not None
    }


def test_looking_writes_nothing(folder, kind):
    before = (folder / "okrs.xlsx").read_bytes()
    said = say("adopt", "okrs.xlsx", folder=folder)
    assert said.code == 0
    assert "Nothing was written." in said.out
    assert all(id_ in said.out for id_ in IDS[kind])
    assert [path.name for path in folder.iterdir()] == ["okrs.xlsx"]
    assert (folder / "okrs.xlsx").read_bytes() == before


def test_adopted_checked_planned_and_synced_without_a_touch(folder, kind):
    before = read_parts(folder / "okrs.xlsx")
    said = say("adopt", "okrs.xlsx", "--apply", folder=folder)
    assert said.code == 0, said.text
    assert_theirs_untouched(before, read_parts(folder / "okrs.xlsx"), WIDTHS[kind])
    assert say("adopt", "--apply", "--accept-proposals", folder=folder).code == 0
    found = say("check", "--sheet", "--json", folder=folder).json
    assert sorted(each["id"] for each in found["manual"]) == IDS[kind]
    planned = say("plan", folder=folder)
    assert planned.code == 0, planned.text
    assert all(id_ in planned.out for id_ in IDS[kind])
    assert say("run", folder=folder).code in (0, 4)
    assert_theirs_untouched(before, read_parts(folder / "okrs.xlsx"), WIDTHS[kind])
    assert "nothing" in say("plan", folder=folder).out.casefold()


def test_applying_twice_changes_nothing(folder):
    assert say("adopt", "okrs.xlsx", "--apply", folder=folder).code == 0
    once = (folder / "okrs.xlsx").read_bytes()
    again = say("adopt", "okrs.xlsx", "--apply", folder=folder)
    assert again.code == 0
    assert again.out.startswith("Nothing was missing")
    assert (folder / "okrs.xlsx").read_bytes() == once


def test_scores_are_those_of_their_numbers(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    assert say("run", folder=merged).code in (0, 4)
    assert column(merged, TAB, "KR ID", 4) == dict(zip(range(5, 10), IDS["merged"], strict=True))
    scores = column(merged, TAB, "Score", 4)
    assert scores == {5: pytest.approx(0.8444), 7: pytest.approx(0.8421), 9: 1}
    assert column(merged, TAB, "Kind", 4) == {6: "Decrease", 8: "Decrease"}
    status = column(merged, TAB, "Status (okr-sync)", 4)
    assert (status[6], status[8]) == ("No data", "No data")
    assert column(merged, "Objectives", "Objective", 1) == {2: "Delight hospitals", 3: "Ship a site people like"}


def test_what_was_read_out_of_text_waits_with_a_note_and_is_never_written_by_itself(merged):
    said = say("adopt", "okrs.xlsx", "--apply", folder=merged)
    assert "Waiting for a person" in said.out
    assert column(merged, TAB, "Baseline", 4) == {}
    sheet = openpyxl.load_workbook(merged / "okrs.xlsx")[TAB]
    at = next(cell.column for cell in sheet[4] if cell.value == "Baseline")
    assert "Baseline 32" in sheet.cell(5, at).comment.text
    assert "Increase NPS from 32 to 45" in sheet.cell(5, at).comment.text
    assert sheet["B5"].comment.text == "not the trial users"


def test_accepted_values_are_written_where_nobody_typed_meanwhile(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    book = openpyxl.load_workbook(merged / "okrs.xlsx")
    sheet = book[TAB]
    at = next(cell.column for cell in sheet[4] if cell.value == "Baseline")
    sheet.cell(5, at).value = 30
    book.save(merged / "okrs.xlsx")
    said = say("adopt", "--apply", "--accept-proposals", folder=merged)
    assert said.code == 0, said.text
    assert column(merged, TAB, "Baseline", 4) == {5: 30, 6: 0.05}
    assert column(merged, TAB, "Kind", 4) == {6: "Decrease", 8: "Decrease", 9: "At least"}
    assert say("adopt", "--apply", "--accept-proposals", folder=merged).out.startswith("Nothing was missing")


def test_a_new_key_result_gets_the_next_id(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    book = openpyxl.load_workbook(merged / "okrs.xlsx")
    sheet = book[TAB]
    for at, value in ((2, "Nights without a page"), (3, "Ida"), (4, 80), (5, 12)):
        sheet.cell(10, at).value = value
    book.save(merged / "okrs.xlsx")
    assert say("adopt", "--apply", folder=merged).code == 0
    assert column(merged, TAB, "KR ID", 4)[10] == "O-2.3"
    assert column(merged, TAB, "Objective ID", 4)[10] == "O-2"


def test_their_own_dashboard_stays_theirs(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    assert say("run", folder=merged).code in (0, 4)
    book = openpyxl.load_workbook(merged / "okrs.xlsx")
    assert [cell.value for cell in book["Dashboard"]["A"]] == ["Board pack", None, f"=SUM('{TAB}'!E5:E9)"]
    assert book["Dashboard (okr-sync)"]["A1"].value


def test_a_column_that_can_not_be_used_is_said(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Résultat clé", "Cible", "Échéance"])
    book.active.append(["Signer des contrats", 20, "31/12/2026"])
    book.save(tmp_path / "okrs.xlsx")
    seen = say("adopt", "okrs.xlsx", folder=tmp_path)
    unused = seen.out.split("Columns of yours that are not used\n")[1].split("\n\n")[0]
    assert unused == (
        "  Due: column C holds what okr-sync can't read as Due, such as “31/12/2026”; "
        "make it days of the sheet, or 2026-12-31"
    )


def test_values_of_theirs_in_a_machines_column_wait(merged):
    """Their column Actual is Current: the ledger remembers that what stands there was people's."""
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    ledger = openpyxl.load_workbook(merged / "okrs.xlsx")["_okr_sync"]["B1"].value
    assert '"Key Results/current"' in ledger
    assert '"Key Results/score"' not in ledger


def test_a_config_that_is_there_is_asked_to_say_it_first(merged):
    (merged / "config.yaml").write_text("sheet:\n  workbook: okrs.xlsx\nsources: {}\nmappings: m.yaml\n")
    (merged / "m.yaml").write_text("key_results: {}\n")
    before = (merged / "okrs.xlsx").read_bytes()
    said = say("adopt", "--apply", folder=merged)
    assert said.code == 2
    assert "Key Results: OKRs Q4" in said.err
    assert (merged / "okrs.xlsx").read_bytes() == before
    block = say("adopt", "--json", folder=merged).json["config"]
    (merged / "config.yaml").write_text(f"sheet:\n  workbook: okrs.xlsx\n{block}\nsources: {{}}\nmappings: m.yaml\n")
    assert say("adopt", "--apply", folder=merged).code == 0
    assert say("adopt", "--json", folder=merged).json["settled"] is True


def test_another_sheet_than_the_configs_may_be_looked_at_and_not_written(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    make_section_workbook(merged / "other.xlsx")
    assert say("adopt", "other.xlsx", folder=merged).code == 0
    said = say("adopt", "other.xlsx", "--apply", folder=merged)
    assert said.code == 2
    assert "about another sheet" in said.err


def test_a_sheet_that_is_kept_already_needs_its_config(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    (merged / "config.yaml").unlink()
    said = say("adopt", "okrs.xlsx", folder=merged)
    assert said.code == 2
    assert "already keeps this sheet" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("adopt",), "which sheet?"),
        (("adopt", "no.xlsx"), "no.xlsx"),
        (("adopt", "not a sheet"), "no address of a Google spreadsheet"),
        (("adopt", "okrs.xlsx", "--tab", "Nope"), "no tab “Nope”"),
        (("adopt", "okrs.xlsx", "--accept-proposals"), "goes with --apply"),
    ],
)
def test_what_can_not_be_done_says_so(merged, words, told):
    said = say(*words, folder=merged)
    assert said.code in (1, 2)
    assert told in said.err
    assert "Traceback" not in said.text


def test_an_open_workbook_is_left_alone_and_no_config_is_written_twice(merged):
    (merged / ".~lock.okrs.xlsx#").write_text("Maya")
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 5
    (merged / ".~lock.okrs.xlsx#").unlink()
    assert say("adopt", "--apply", folder=merged).code == 0


def test_layout_alone_leaves_a_progress_that_people_typed(tmp_path):
    """Whoever names nothing and adopts nothing: a column of theirs with one of our headers is not drawn over."""
    book = openpyxl.Workbook()
    book.active.title = "Key Results"
    for row in (("KR ID", "Key result", "Target", "Current", "Progress"), ("A-1", "Deals", 60, 12, 0.45)):
        book.active.append(row)
    book.save(tmp_path / "okrs.xlsx")
    for words in (("init", "--workbook", "okrs.xlsx"), ("layout",), ("run",), ("run",)):
        assert say(*words, folder=tmp_path).code in (0, 4)
    assert column(tmp_path, "Key Results", "Progress", 1) == {2: 0.45}
    assert column(tmp_path, "Key Results", "Score", 1) == {2: 0.2}


def test_bars_are_drawn_on_when_the_ledger_was_lost(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    assert say("run", folder=merged).code in (0, 4)
    book = openpyxl.load_workbook(merged / "okrs.xlsx")
    del book["_okr_sync"]
    book.save(merged / "okrs.xlsx")
    assert say("layout", folder=merged).code == 0
    assert '"Key Results/progress"' not in openpyxl.load_workbook(merged / "okrs.xlsx")["_okr_sync"]["B1"].value


def test_a_key_result_without_an_id_is_said(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    book = openpyxl.load_workbook(merged / "okrs.xlsx")
    book[TAB]["B10"], book[TAB]["D10"] = "Nights without a page", 80
    book.save(merged / "okrs.xlsx")
    said = say("plan", folder=merged)
    assert "row 10 looks like a key result and has no id" in said.out
    assert "okr-sync adopt --apply" in said.out


def test_a_teams_tab_gives_its_ids_the_teams_letters(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Website"
    book.create_sheet("Sales")
    for sheet in book.worksheets:
        sheet.append(("Objective", "Key result", "Target", "Actual"))
        sheet.append(("Grow", "Orders a week", 60, 12))
    book.save(tmp_path / "okrs.xlsx")
    said = say("adopt", "okrs.xlsx", "--tab", "Sales", "--apply", folder=tmp_path)
    assert said.code == 0, said.text
    assert column(tmp_path, "Sales", "KR ID", 1) == {2: "SAL-1.1"}
    assert column(tmp_path, "Objectives", "Team", 1) == {2: "Sales"}
    assert [cell.value for cell in openpyxl.load_workbook(tmp_path / "okrs.xlsx")["Website"][1]][-1] == "Actual"
    assert say("adopt", "--apply", folder=tmp_path).out.startswith("Nothing was missing")


def test_leaving_keeps_the_day_of_the_last_sync_and_no_formula_that_reads_our_tab(merged):
    assert say("adopt", "okrs.xlsx", "--apply", folder=merged).code == 0
    assert say("run", folder=merged).code == 4  # two of their targets are no numbers
    board = openpyxl.load_workbook(merged / "okrs.xlsx")["Dashboard (okr-sync)"]
    shown = [cell.coordinate for row in board.iter_rows() for cell in row if "_okr_sync" in str(cell.value)]
    assert shown == ["B3"]
    assert say("leave", "--yes", folder=merged).code == 0
    left = openpyxl.load_workbook(merged / "okrs.xlsx")
    assert all(
        "_okr_sync" not in str(cell.value) for tab in left.worksheets[:3] for row in tab.iter_rows() for cell in row
    )
    assert isinstance(left["Dashboard (okr-sync)"]["B3"].value, datetime)
