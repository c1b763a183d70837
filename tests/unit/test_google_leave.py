"""What leaving takes out of a spreadsheet: what carries our marks, and nothing of a person's."""

from sync.sheet.cell import Cell
from sync.sheet.google_leave import make_leaving
from sync.sheet.google_marks import MARKER, WARNING
from sync.sheet.google_read import MARKER_KEY
from sync.sheet.store import RawTab
from sync.sheet.wish import LeaveWish, Removed


def rule(formula):
    return {"booleanRule": {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}}}


def tag(key):
    return {"columnMetadata": [{"developerMetadata": [{"metadataKey": key}]}]}


SHEETS = [
    {
        "properties": {"sheetId": 7, "title": "Key Results"},
        "conditionalFormats": [rule(f"=((A1)*{MARKER})>0"), rule("=A1>0"), rule(f"=((B1)*{MARKER})>0")],
        "protectedRanges": [
            {"protectedRangeId": 1, "description": WARNING + "ours", "warningOnly": True},
            {"protectedRangeId": 2, "description": "the board's", "warningOnly": True},
            {"protectedRangeId": 3, "description": WARNING + "made hard by a person"},
        ],
        "data": [tag(MARKER_KEY), tag("somebody_elses")],
    },
    {"properties": {"sheetId": 9, "title": "_okr_sync"}, "protectedRanges": [], "data": [tag(MARKER_KEY)]},
]
WISH = LeaveWish(("_okr_sync",), ("Key Results",), frozenset({"ours"}))


def test_rules_warnings_markers_notes_and_tabs_of_ours_go_and_no_others():
    table = RawTab(7, "Key Results", cells=((Cell("a", note="mine"), Cell("b", note="ours")),))
    requests, removed = make_leaving(WISH, SHEETS, [table])
    assert removed == Removed(("_okr_sync",), rules=2, warnings=1, markers=1, notes=1)
    kinds = [(kind, body) for each in requests for kind, body in each.items()]
    assert [body["index"] for kind, body in kinds if kind == "deleteConditionalFormatRule"] == [2, 0]
    assert [body for kind, body in kinds if kind == "deleteProtectedRange"] == [{"protectedRangeId": 1}]
    (note,) = [body for kind, body in kinds if kind == "updateCells"]
    assert (note["start"]["columnIndex"], note["fields"]) == (1, "note")
    (markers,) = [body for kind, body in kinds if kind == "deleteDeveloperMetadata"]
    assert markers["dataFilter"]["developerMetadataLookup"] == {"metadataKey": MARKER_KEY}
    assert kinds[-1] == ("deleteSheet", {"sheetId": 9})


def test_where_there_is_nothing_of_ours_nothing_is_asked():
    requests, removed = make_leaving(WISH, [{"properties": {"sheetId": 1, "title": "Deck"}}], [])
    assert (requests, removed.is_nothing) == ([], True)
