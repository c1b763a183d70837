from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sheet.google_write import (
    RECEIPT_MASK,
    Grid,
    make_requests,
    make_response_ranges,
)
from sync.sheet.layout import Tab
from sync.sheet.store import Append, Batch, CellWrite, Draw, Drawing, GuardSwap, LedgerLine, TabChanges
from sync.sheet.style import Style
from tests.unit.google_discovery import mask_faults, request_faults

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
GRIDS = {1: Grid("Key Results", 200, 31), 2: Grid("Objectives", 200, 12), 9: Grid("_okr_sync", 5, 4)}


def kinds(requests):
    return [next(iter(each)) for each in requests]


def change(*cells, tab=Tab.KEY_RESULTS, tab_id=1, used=(4, 11)):
    return TabChanges(tab, tab_id, id_column=0, header_row=0, used=used, cells=cells)


def updates(*cells):
    requests = make_requests(Batch(9, NOW, changes=(change(*cells),)), GRIDS)
    return [
        each["updateCells"] for each in requests if each.get("updateCells", {}).get("start", {}).get("sheetId") == 1
    ]


FULL = Batch(
    ledger_tab_id=9,
    heartbeat=NOW,
    head='{"v":1}',
    guard=GuardSwap(old=(71, 72, 73), new=(81, 82, 83)),
    changes=(
        change(CellWrite(1, 6, Decimal("0.42")), CellWrite(1, 7, "On track"), CellWrite(3, 7, "At risk")),
        change(CellWrite(1, 8, Decimal("0.5")), tab=Tab.OBJECTIVES, tab_id=2, used=(2, 12)),
    ),
    ledger=(LedgerLine(1, "Key Results|Q4|A", "{}"), LedgerLine(2, "Key Results|Q4|B", "{}"), LedgerLine(7, "", "")),
    appends=(Append(5, (("2026", date(2026, 11, 22)), ("2027", None))), Append(6, ())),
    drawings=((4, Drawing((100, 100), ((Draw("Title", Style.TITLE, span=2, note="n", link="https://x.test"),),))),),
)


def test_the_order_is_the_law():
    requests = make_requests(FULL, GRIDS)
    assert kinds(requests)[:8] == ["deleteSheet"] * 3 + ["addSheet"] * 3 + ["copyPaste"] * 2
    assert kinds(requests)[8:] == [
        "updateCells",  # Score and Status of row 2
        "updateCells",  # Status of row 4
        "updateCells",  # the objective's Score
        "appendDimension",  # the ledger's grid has 5 rows
        "updateCells",  # head and lines 2 and 3
        "updateCells",  # line 8 is cleared
        "appendCells",
        "unmergeCells",
        "updateSheetProperties",
        "repeatCell",
        "updateCells",
        "mergeCells",
        "updateDimensionProperties",
        "autoResizeDimensions",
    ]
    assert request_faults(requests) == []


def test_what_is_drawn_over_is_kept_in_the_last_guard_tab_and_asked_back():
    grids = GRIDS | {4: Grid("Dashboard", 30, 8), 3: Grid("KPIs", 50, 9)}
    requests = make_requests(FULL, grids)
    copies = [each["copyPaste"] for each in requests if "copyPaste" in each]
    (kept,) = [each for each in copies if each["source"]["sheetId"] == 4]
    assert kinds(requests).index("unmergeCells") > requests.index({"copyPaste": kept}), "before it is drawn over"
    assert kept["destination"] | {"endRowIndex": 30, "startColumnIndex": 1, "endColumnIndex": 9} == kept["destination"]
    assert kept["destination"]["sheetId"] == 83
    assert guard_sizes(requests)[-1] == {"rowCount": 30, "columnCount": 9}
    assert make_response_ranges(FULL, grids)[-1] == "'_okr_sync_before_3'!B1:I30"
    assert request_faults(requests) == []


def test_what_is_drawn_over_stands_beside_the_pre_image_of_the_same_guard_tab():
    kpis = change(CellWrite(1, 3, Decimal(1)), tab=Tab.KPIS, tab_id=3, used=(4, 9))
    batch = replace(FULL, changes=(kpis,))
    grids = GRIDS | {4: Grid("Dashboard", 30, 8), 3: Grid("KPIs", 50, 9)}
    assert make_response_ranges(batch, grids)[-1] == "'_okr_sync_before_3'!J1:Q30"
    assert guard_sizes(make_requests(batch, grids))[-1] == {"rowCount": 50, "columnCount": 17}


def guard_sizes(requests):
    return [each["addSheet"]["properties"]["gridProperties"] for each in requests if "addSheet" in each]


def test_the_guard_is_hidden_new_and_as_large_as_what_it_keeps():
    requests = make_requests(FULL, GRIDS)
    added = [each["addSheet"]["properties"] for each in requests if "addSheet" in each]
    assert [each["sheetId"] for each in added] == [81, 82, 83]
    assert [each["title"] for each in added] == [f"_okr_sync_before_{n}" for n in (1, 2, 3)]
    assert all(each["hidden"] for each in added)
    assert [tuple(each["gridProperties"].values()) for each in added] == [(200, 31), (200, 12), (1, 1)]
    copies = [each["copyPaste"] for each in requests if "copyPaste" in each]
    assert [each["source"]["sheetId"] for each in copies] == [1, 2]
    assert [each["destination"]["sheetId"] for each in copies] == [81, 82]
    for each in copies:
        assert each["pasteType"] == "PASTE_FORMULA"
        assert {**each["source"], "sheetId": 0} == {**each["destination"], "sheetId": 0}


def test_a_huge_tab_is_copied_as_far_as_it_is_used():
    grids = GRIDS | {1: Grid("Key Results", 50_000, 31)}
    added = [each["addSheet"]["properties"] for each in make_requests(FULL, grids) if "addSheet" in each]
    assert added[0]["gridProperties"] == {"rowCount": 4, "columnCount": 11}


def test_a_first_write_has_no_guard_to_delete():
    requests = make_requests(Batch(9, NOW, guard=GuardSwap((), (81, 82, 83))), GRIDS)
    assert kinds(requests) == ["addSheet"] * 3 + ["updateCells"]


def test_a_heartbeat_is_one_small_update():
    requests = make_requests(Batch(9, NOW), GRIDS)
    assert requests == [
        {
            "updateCells": {
                "start": {"sheetId": 9, "rowIndex": 0, "columnIndex": 2},
                "rows": [
                    {
                        "values": [
                            {"userEnteredValue": {"numberValue": 46348.25}},
                            {"userEnteredValue": {"stringValue": "2026-11-22T06:00:00+00:00"}},
                        ]
                    }
                ],
                "fields": "userEnteredValue",
            }
        }
    ]


def test_runs_break_at_holes_and_stack_below_each_other():
    found = updates(
        CellWrite(1, 6, "a"), CellWrite(1, 7, "b"), CellWrite(2, 6, "c"), CellWrite(3, 6, "d"), CellWrite(3, 8, None)
    )
    assert [(each["start"]["rowIndex"], each["start"]["columnIndex"]) for each in found] == [(1, 6), (3, 8)]
    assert [len(row["values"]) for row in found[0]["rows"]] == [2, 1, 1]
    assert found[1]["rows"] == [{"values": [{}]}]


@pytest.mark.parametrize(
    ("write", "fields", "number_format"),
    [
        (CellWrite(1, 3, Decimal("0.5")), "userEnteredValue", None),
        (
            CellWrite(1, 3, Decimal("0.5"), is_percent=True),
            "userEnteredValue,userEnteredFormat.numberFormat",
            {"type": "PERCENT", "pattern": "0%"},
        ),
        (
            CellWrite(1, 3, Decimal("0.505"), is_percent=True),
            "userEnteredValue,userEnteredFormat.numberFormat",
            {"type": "PERCENT", "pattern": "0.0%"},
        ),
        (
            CellWrite(1, 3, Decimal(1200), is_percent=False),
            "userEnteredValue,userEnteredFormat.numberFormat",
            {"type": "NUMBER", "pattern": "#,##0"},
        ),
        (
            CellWrite(1, 3, date(2026, 11, 22)),
            "userEnteredValue,userEnteredFormat.numberFormat",
            {"type": "DATE", "pattern": "d mmm yyyy"},
        ),
        (CellWrite(1, 3, None, is_percent=True), "userEnteredValue", None),
        (CellWrite(1, 3, "x", note="held"), "userEnteredValue,note", None),
        (CellWrite(1, 3, "x", note=""), "userEnteredValue,note", None),
    ],
)
def test_a_write_names_only_what_it_sets(write, fields, number_format):
    (found,) = updates(write)
    (data,) = found["rows"][0]["values"]
    assert found["fields"] == fields
    assert data.get("userEnteredFormat", {}).get("numberFormat") == number_format
    assert data.get("note") == (write.note or None)


def test_a_formula_is_put_back_as_a_formula():
    (found,) = updates(CellWrite(1, 3, Decimal(4), formula="=2+2"))
    assert found["rows"][0]["values"] == [{"userEnteredValue": {"formulaValue": "=2+2"}}]


@given(st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)), st.sampled_from(["a", "b", None, 1])))
def test_exactly_the_wanted_cells_are_touched(cells):
    writes = [
        CellWrite(row, column, date(2026, 1, 1) if value == 1 else value) for (row, column), value in cells.items()
    ]
    touched = {}
    for each in updates(*writes):
        start = each["start"]
        for down, row in enumerate(each["rows"]):
            for across, data in enumerate(row["values"]):
                place = (start["rowIndex"] + down, start["columnIndex"] + across)
                assert place not in touched
                value = data.get("userEnteredValue", {})
                touched[place] = value.get("stringValue") or (1 if "numberValue" in value else None)
                assert ("userEnteredFormat" in data) == ("numberFormat" in each["fields"])
    assert touched == cells


def test_the_answer_brings_headers_ids_and_written_columns():
    ranges = make_response_ranges(FULL, GRIDS)
    assert ranges == [
        "'_okr_sync_before_1'!1:1",
        "'_okr_sync_before_1'!A1:A4",
        "'_okr_sync_before_1'!G1:H4",
        "'Key Results'!1:1",
        "'Key Results'!A1:A4",
        "'_okr_sync_before_2'!1:1",
        "'_okr_sync_before_2'!A1:A2",
        "'_okr_sync_before_2'!I1:I2",
        "'Objectives'!1:1",
        "'Objectives'!A1:A2",
    ]
    assert mask_faults("BatchUpdateSpreadsheetResponse", RECEIPT_MASK) == []


def test_a_ledger_grid_that_is_large_enough_is_left():
    batch = Batch(9, NOW, ledger=(LedgerLine(4, "Key Results|Q4|A", "{}"),))
    assert "appendDimension" not in kinds(make_requests(batch, GRIDS))
    grown = make_requests(Batch(9, NOW, ledger=(LedgerLine(5, "k", "{}"),)), GRIDS)
    assert grown[0] == {"appendDimension": {"sheetId": 9, "dimension": "ROWS", "length": 51}}


def test_a_note_alone_leaves_the_value():
    (found,) = updates(CellWrite(1, 3, None, note="held", note_only=True))
    assert (found["fields"], found["rows"]) == ("note", [{"values": [{"note": "held"}]}])


def test_the_ledger_grows_for_a_record_that_an_older_layout_has_no_columns_for():
    requests = make_requests(Batch(9, NOW, head="{}", guard=FULL.guard, record=("one", "two")), GRIDS)
    assert {"appendDimension": {"sheetId": 9, "dimension": "COLUMNS", "length": 3}} in requests
    (head,) = (
        each["updateCells"] for each in requests if each.get("updateCells", {}).get("start", {}).get("sheetId") == 9
    )
    values = [data.get("userEnteredValue", {}) for data in head["rows"][0]["values"]]
    assert values[4:] == [{"stringValue": "one"}, {"stringValue": "two"}, {}]  # the empty cell ends it
