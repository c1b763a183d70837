from decimal import Decimal

import pytest

from sync.sheet.cell import Cell
from sync.sheet.google_read import (
    READ_MASK,
    TABS_MASK,
    is_missing_range,
    make_ranges,
    parse_blocks,
    parse_request_index,
    parse_sheet,
    quote_title,
)
from sync.sheet.store import CellRange
from tests.unit.google_discovery import mask_faults


def text(value):
    return {"effectiveValue": {"stringValue": value}, "formattedValue": value}


ANSWER = {
    "properties": {"title": "OKRs", "locale": "de_DE", "timeZone": "Europe/Berlin"},
    "sheets": [
        {
            "properties": {"title": "Key Results", "gridProperties": {"rowCount": 200, "columnCount": 31}},
            "merges": [{"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}],
            "data": [
                {
                    "columnMetadata": [
                        {"developerMetadata": [{"metadataKey": "okr_sync_field", "metadataValue": "kr_id"}]},
                        {"developerMetadata": [{"metadataKey": "theirs", "metadataValue": "x"}]},
                        {},
                    ],
                    "rowData": [
                        {"values": [text("KR ID"), text("Key result"), {}]},
                        {},
                        {"values": [{}, text("typed"), {"effectiveFormat": {"numberFormat": {"type": "TEXT"}}}]},
                        {"values": [{}, {}]},
                    ],
                }
            ],
        },
        {"properties": {"sheetId": 7, "title": "_okr_sync_before_1", "hidden": True}, "data": [{}]},
    ],
}


def test_a_sheet_is_read_without_its_empty_ends():
    sheet = parse_sheet("abc", ANSWER, {"Budget": 4})
    assert (sheet.title, sheet.locale, sheet.timezone) == ("OKRs", "de_DE", "Europe/Berlin")
    assert sheet.url == "https://docs.google.com/spreadsheets/d/abc"
    assert (sheet.others, sheet.other_ids) == (("Budget",), {"Budget": 4})
    tab = sheet.find_tab("Key Results")
    assert (tab.tab_id, tab.row_count, tab.column_count) == (0, 200, 31)
    assert tab.cells == (
        (Cell("KR ID", "KR ID"), Cell("Key result", "Key result")),
        (),
        (Cell(), Cell("typed", "typed")),
    )
    assert tab.merges == (CellRange(1, 0, 2, 0),)
    assert tab.markers == {0: "kr_id"}
    guard = sheet.find_tab("_okr_sync_before_1")
    assert guard.hidden
    assert guard.cells == ()
    assert guard.tab_id == 7


@pytest.mark.parametrize(
    ("title", "quoted"),
    [("KPIs", "'KPIs'"), ("Key Results", "'Key Results'"), ("Bob's", "'Bob''s'"), ("A1", "'A1'"), ("1:1", "'1:1'")],
)
def test_titles_are_quoted(title, quoted):
    assert quote_title(title) == quoted


def test_heads_are_one_row_and_never_asked_for_twice():
    assert make_ranges(["Runs", "KPIs", "Runs"], ["Runs", "Bob's"]) == ["'Runs'", "'KPIs'", "'Bob''s'!1:1"]


def test_blocks_lie_where_google_says():
    blocks = {
        "data": [
            {"rowData": [{"values": [text("KR ID")]}]},
            {"startRow": 4, "startColumn": 3, "rowData": [{"values": [{}, {"effectiveValue": {"numberValue": 2}}]}]},
        ]
    }
    assert parse_blocks(blocks) == {(0, 0): Cell("KR ID", "KR ID"), (4, 4): Cell(Decimal(2))}


def test_refusals_are_understood():
    assert is_missing_range("Unable to parse range: 'KPIs'")
    assert not is_missing_range("Invalid value at 'ranges'")
    assert parse_request_index("Invalid requests[12].deleteSheet: No sheet with id: 21686688") == 12
    assert parse_request_index("Internal error") is None


@pytest.mark.parametrize("mask", [READ_MASK, TABS_MASK])
def test_masks_name_what_google_has(mask):
    assert mask_faults("Spreadsheet", mask) == []
