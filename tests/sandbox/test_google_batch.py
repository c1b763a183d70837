"""``batchUpdate``: every kind of request that is served, in order, all or nothing."""

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.google_batch import REQUESTS, apply_batch
from sandbox.google_cell import Formula
from sandbox.google_document import Document
from sandbox.google_error import ApiError
from sandbox.google_mask import parse_mask
from sandbox.google_render import render_spreadsheet
from sandbox.google_schema import messages
from tests.unit.google_discovery import faults

ROBOT = "robot@x.example"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLOSED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


@pytest.fixture
def book():
    """A document with A1:C4 filled: ids, numbers, formulas over them."""
    document = Document("Book", now=lambda: NOW)
    document.share(ROBOT)
    rows = [["id", "n", "twice"], *[[f"k{n}", n, f"=B{n + 1}*2"] for n in (1, 2, 3)]]
    batch(document, write(rows))
    return document


def typed(value):
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, str):
        kind = "formulaValue" if value.startswith("=") else "stringValue"
        return {"userEnteredValue": {kind: value}}
    return {"userEnteredValue": {"numberValue": value}}


def write(rows, row=0, column=0, tab=0, fields="userEnteredValue"):
    start = {"sheetId": tab, "rowIndex": row, "columnIndex": column}
    return {
        "updateCells": {"start": start, "rows": [{"values": [typed(v) for v in r]} for r in rows], "fields": fields}
    }


def batch(document, *requests, **options):
    body = {"requests": list(requests), **options}
    assert faults("BatchUpdateSpreadsheetRequest", body) == []
    answer = apply_batch(document, ROBOT, body)
    assert faults("BatchUpdateSpreadsheetResponse", answer) == []
    assert len(answer["replies"]) == len(requests)
    return answer["replies"]


def refusal(document, *requests):
    before = render_spreadsheet(document, grid=True)
    with pytest.raises(ApiError) as refused:
        apply_batch(document, ROBOT, {"requests": list(requests)})
    assert render_spreadsheet(document, grid=True) == before, "a refused batch changed something"
    assert refused.value.code == 400
    return refused.value.message


def shown(document, tab=0):
    """What a tab's cells are worth, row by row."""
    page = document.tab(tab)
    calculator = document.calculator()
    rows = [[calculator.value(tab, row, at) for at in range(len(line))] for row, line in enumerate(page.rows)]
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    return rows


def area(top=0, bottom=None, left=0, right=None, tab=0):
    """A GridRange; None is open."""
    made = {"sheetId": tab, "startRowIndex": top, "startColumnIndex": left}
    made |= {"endRowIndex": bottom} if bottom is not None else {}
    return made | ({"endColumnIndex": right} if right is not None else {})


def span(dimension, start, end, tab=0):
    return {"sheetId": tab, "dimension": dimension, "startIndex": start, "endIndex": end}


def add_tab(number, title="Other", **properties):
    return {"addSheet": {"properties": {"sheetId": number, "title": title, **properties}}}


# Tabs


def test_a_tab_comes_with_the_id_and_title_asked_for(book):
    reply = batch(book, add_tab(7, "Other", index=0, gridProperties={"rowCount": 5, "columnCount": 3}))[0]
    assert reply["addSheet"]["properties"] == {
        "sheetId": 7,
        "title": "Other",
        "index": 0,
        "sheetType": "GRID",
        "gridProperties": {"rowCount": 5, "columnCount": 3},
    }
    assert [tab.id for tab in book.tabs] == [7, 0]


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        ([{"deleteSheet": {"sheetId": 21686688}}], "Invalid requests[0].deleteSheet: No sheet with id: 21686688"),
        (
            [add_tab(7, "A"), add_tab(8, "B"), add_tab(9, "C"), add_tab(10, "a")],
            'Invalid requests[3].addSheet: A sheet with the name "a" already exists. Please enter another name.',
        ),
        ([add_tab(7, "A"), add_tab(7, "B")], "Invalid requests[1].addSheet: Sheet with id 7 already exists."),
        (
            [{"deleteSheet": {"sheetId": 0}}],
            "Invalid requests[0].deleteSheet: You can't remove all the sheets in a document.",
        ),
        (
            [add_tab(7, "A", hidden=True), {"deleteSheet": {"sheetId": 0}}],
            "Invalid requests[1].deleteSheet: You can't remove all the visible sheets in a document.",
        ),
        (
            [{"updateSheetProperties": {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}}],
            "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document.",
        ),
        (
            [{"updateSheetProperties": {"properties": {"sheetId": 4}, "fields": "hidden"}}],
            "Invalid requests[0].updateSheetProperties: No sheet with id: 4",
        ),
        (
            [{"updateSheetProperties": {"properties": {"sheetId": 0}, "fields": "hiden"}}],
            "Invalid requests[0].updateSheetProperties: Invalid field: hiden",
        ),
        (
            [add_tab(7, "A", gridProperties={"rowCount": 10_000_000, "columnCount": 2})],
            (
                "Invalid requests[0].addSheet: This action would increase the number of cells in the workbook "
                "above the limit of 10000000 cells."
            ),
        ),
        ([], "Must specify at least one request."),
        ([write([[1]], tab=99)], "Invalid requests[0].updateCells: No grid with id: 99"),
        (
            [write([[1]], row=1000)],
            "Invalid requests[0].updateCells: GridCoordinate.rowIndex[1000] is after last row in grid[999]",
        ),
        (
            [write([[1, 2]], column=25)],
            "Invalid requests[0].updateCells: Attempting to write column: 26, beyond the last requested column of: 25",
        ),
        (
            [{"updateCells": {"range": area(0, 1, 0, 1), "rows": [{}, {}], "fields": "note"}}],
            "Invalid requests[0].updateCells: Attempting to write row: 1, beyond the last requested row of: 0",
        ),
        (
            [write([["x" * 50_001]])],
            (
                "Invalid requests[0].updateCells: Your input contains more than the maximum of 50000 characters "
                "in a single cell."
            ),
        ),
        (
            [{"repeatCell": {"range": area(1000, None, 0, 2), "cell": {}, "fields": "note"}}],
            (
                "Invalid requests[0].repeatCell: Range (Sheet1!A1001:B) exceeds grid limits. "
                "Max rows: 1000, max columns: 26"
            ),
        ),
        (
            [{"deleteDimension": {"range": span("ROWS", 1000, 1001)}}],
            (
                "Invalid requests[0].deleteDimension: Cannot delete a row that doesn't exist. "
                "Tried to delete row index 1000 but there are only 1000 rows."
            ),
        ),
        (
            [
                {
                    "updateSheetProperties": {
                        "properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}},
                        "fields": "gridProperties.frozenRowCount",
                    }
                },
                {"deleteDimension": {"range": span("ROWS", 1, 1000)}},
            ],
            "Invalid requests[1].deleteDimension: Sorry, it is not possible to delete all non-frozen rows.",
        ),
        (
            [{"insertDimension": {"range": span("COLUMNS", 26, 27)}}],
            (
                "Invalid requests[0].insertDimension: range.startIndex must be less than the grid size "
                "if inheritFromBefore is false."
            ),
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_googles_words_and_changes_nothing(book, requests, message):
    assert refusal(book, *copy.deepcopy(requests)) == message


def test_a_kind_that_is_not_served_is_loud(book):
    with pytest.raises(ApiError, match=r"does not serve autoFill \(requests\[1\]\)") as refused:
        apply_batch(book, ROBOT, {"requests": [add_tab(7), {"autoFill": {}}]})
    assert refused.value.code == 501
    assert len(book.tabs) == 1


def test_the_guard_of_two_overlapping_writers_lets_only_one_through(book):
    batch(book, add_tab(901, "guard"))
    first = [{"deleteSheet": {"sheetId": 901}}, add_tab(902, "guard"), write([["first"]])]
    second = [{"deleteSheet": {"sheetId": 901}}, add_tab(903, "guard"), write([["second"]])]
    batch(book, *first)
    assert refusal(book, *second) == "Invalid requests[0].deleteSheet: No sheet with id: 901"
    assert shown(book)[0][0] == "first"


def test_a_tab_is_renamed_moved_coloured_and_formulas_follow_its_title(book):
    batch(book, add_tab(7), add_tab(8, "Third"), write([["=Sheet1!B2"]], tab=7))
    properties = {"sheetId": 0, "title": "My numbers", "index": 3, "tabColor": {"red": 1}}
    batch(book, {"updateSheetProperties": {"properties": properties, "fields": "title,index,tabColor"}})
    assert [tab.title for tab in book.tabs] == ["Other", "Third", "My numbers"]
    assert book.tab(7).cell(0, 0).value == Formula("='My numbers'!B2")
    assert shown(book, 7) == [[1]]
    told = render_spreadsheet(book, parse_mask("sheets.properties"))["sheets"][2]["properties"]
    assert told["tabColorStyle"] == {"rgbColor": {"red": 1}}


def test_shrinking_the_grid_cuts_what_lay_outside(book):
    grid = {"rowCount": 2, "columnCount": 2}
    fields = "gridProperties.rowCount,gridProperties.columnCount"
    batch(book, {"updateSheetProperties": {"properties": {"sheetId": 0, "gridProperties": grid}, "fields": fields}})
    assert shown(book) == [["id", "n"], ["k1", 1]]


def test_a_duplicate_has_its_own_ids_and_leaves_the_original_alone(book):
    batch(book, {"addProtectedRange": {"protectedRange": {"range": area(0, 1), "warningOnly": True}}})
    batch(book, {"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 5, "newSheetName": "Copy"}})
    batch(book, write([["changed"]], tab=5))
    assert shown(book)[0][0] == "id"
    assert [tab.id for tab in book.tabs] == [5, 0]
    first, second = (tab.lists["protectedRanges"][0] for tab in book.tabs)
    assert first["protectedRangeId"] != second["protectedRangeId"]
    assert first["range"]["sheetId"] == 5


def test_deleting_a_tab_breaks_references_and_keeps_the_names_of_its_ranges(book):
    batch(book, add_tab(7), write([["=Sheet1!B2"]], tab=7))
    batch(book, {"addNamedRange": {"namedRange": {"namedRangeId": "g", "name": "guard", "range": area(0, 1, 0, 1)}}})
    batch(book, {"deleteSheet": {"sheetId": 0}})
    assert book.tab(7).cell(0, 0).value == Formula("=#REF!")
    taken = refusal(book, {"addNamedRange": {"namedRange": {"namedRangeId": "g", "name": "x", "range": area(tab=7)}}})
    assert "already exists" in taken


# Cells


def test_typed_cells_are_kept_as_they_are_typed(book):
    batch(book, write([[1.5, "=B2", "1.10", True, "'x"]], row=9))
    assert book.tab(0).rows[9] == [
        (1.5, None, None, None, None),
        (Formula("=B2"), None, None, None, None),
        ("1.10", None, None, None, None),
        (True, None, None, None, None),
        ("'x", None, None, None, None),
    ]


def test_an_empty_object_clears_and_other_fields_stay(book):
    batch(book, {"repeatCell": {"range": area(1, 2, 1, 2), "cell": {"note": "n"}, "fields": "note"}})
    batch(book, write([[None]], row=1, column=1))
    assert book.tab(0).cell(1, 1) == (None, None, "n", None, None)


def test_over_a_range_cells_without_data_are_cleared(book):
    rows = [{"values": [typed("new")]}]
    batch(book, {"updateCells": {"range": area(1, 3, 0, 2), "rows": rows, "fields": "userEnteredValue"}})
    assert [line[:2] for line in shown(book)] == [["id", "n"], ["new", None], [None, None], ["k3", 3]]


def test_a_repeated_formula_moves_along(book):
    cell = {"userEnteredValue": {"formulaValue": "=B2+1"}}
    batch(book, {"repeatCell": {"range": area(1, 4, 3, 4), "cell": cell, "fields": "userEnteredValue"}})
    assert [line[3] for line in shown(book)[1:]] == [2, 3, 4]


def test_appended_cells_come_after_the_last_row_with_data_and_the_grid_grows(book):
    fields = "gridProperties.rowCount"
    grid = {"properties": {"sheetId": 0, "gridProperties": {"rowCount": 4}}, "fields": fields}
    note = {
        "updateCells": {"start": {"sheetId": 0, "rowIndex": 3}, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}
    }
    append = {"appendCells": {"rows": [{"values": [typed("k4")]}, {"values": [typed("k5")]}], "fields": "*"}}
    batch(book, {"updateSheetProperties": grid}, note, append)
    assert [line[0] for line in shown(book)] == ["id", "k1", "k2", "k3", "k4", "k5"]
    assert book.tab(0).row_count == 6


def test_a_copy_to_another_tab_at_the_same_place_is_the_sheet_as_it_was(book):
    paste = {"source": area(), "destination": area(tab=7), "pasteType": "PASTE_FORMULA"}
    batch(book, add_tab(7, hidden=True), {"copyPaste": paste}, write([["changed", 9]], row=1))
    assert shown(book, 7) == [["id", "n", "twice"], ["k1", 1, 2], ["k2", 2, 4], ["k3", 3, 6]]
    assert book.tab(7).cell(1, 2).value == Formula("=B2*2")


@pytest.mark.parametrize(
    ("kind", "value", "bold"),
    [
        ("PASTE_NORMAL", Formula("=B6*2"), True),
        ("PASTE_FORMULA", Formula("=B6*2"), False),
        ("PASTE_VALUES", 2, False),
        ("PASTE_FORMAT", None, True),
    ],
)
def test_what_a_paste_takes_along(book, kind, value, bold):
    bolden = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    batch(book, {"repeatCell": {"range": area(1, 2, 2, 3), "cell": bolden, "fields": "userEnteredFormat.textFormat"}})
    batch(book, {"copyPaste": {"source": area(1, 2, 2, 3), "destination": area(5, 6, 2, 3), "pasteType": kind}})
    cell = book.tab(0).cell(5, 2)
    assert cell.value == value
    assert bool(cell.form) == bold


def test_a_copy_fills_a_larger_target_by_repeating(book):
    batch(book, {"copyPaste": {"source": area(1, 2, 1, 2), "destination": area(6, 9, 0, 2)}})
    assert shown(book)[6:9] == [[1, 1]] * 3


def test_a_cut_leaves_nothing_behind(book):
    batch(
        book, {"cutPaste": {"source": area(1, 2, 0, 2), "destination": {"sheetId": 0, "rowIndex": 7, "columnIndex": 1}}}
    )
    assert shown(book)[1][:2] == [None, None]
    assert shown(book)[7] == [None, "k1", 1]


def test_merging_keeps_the_first_value_only(book):
    batch(book, {"mergeCells": {"range": area(1, 3, 0, 2), "mergeType": "MERGE_ROWS"}})
    assert [line[:2] for line in shown(book)[1:3]] == [["k1", None], ["k2", None]]
    assert [each[1:] for each in book.tab(0).merges] == [(1, 0, 2, 2), (2, 0, 3, 2)]
    batch(book, {"unmergeCells": {"range": area()}})
    assert book.tab(0).merges == []


def test_rows_are_sorted_with_their_formulas_notes_and_formats(book):
    batch(book, {"repeatCell": {"range": area(1, 2, 0, 1), "cell": {"note": "first"}, "fields": "note"}})
    batch(book, {"sortRange": {"range": area(1, 4), "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]}})
    assert shown(book) == [["id", "n", "twice"], ["k3", 3, 6], ["k2", 2, 4], ["k1", 1, 2]]
    assert book.tab(0).cell(3, 0).note == "first"


def test_a_partial_sort_tears_rows_apart(book):
    spec = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    batch(book, {"sortRange": {"range": area(1, 4, 1, 2), "sortSpecs": spec}})
    assert [line[:2] for line in shown(book)[1:]] == [["k1", 3], ["k2", 2], ["k3", 1]]


def test_sorting_puts_numbers_before_texts_and_blanks_last_either_way(book):
    batch(book, write([["b"], [None], [2], [True], ["A"], [1]], row=0, column=5))
    for order, wanted in (("ASCENDING", [1, 2, "A", "b", True, None]), ("DESCENDING", [True, "b", "A", 2, 1, None])):
        batch(
            book, {"sortRange": {"range": area(0, 6, 5, 6), "sortSpecs": [{"dimensionIndex": 5, "sortOrder": order}]}}
        )
        assert [book.calculator().value(0, row, 5) for row in range(6)] == wanted


def test_find_and_replace_counts_what_it_changed(book):
    reply = batch(book, {"findReplace": {"find": "K", "replacement": "kr-", "allSheets": True}})[0]["findReplace"]
    assert reply == {"occurrencesChanged": 3, "valuesChanged": 3, "rowsChanged": 3, "sheetsChanged": 1}
    assert [line[0] for line in shown(book)] == ["id", "kr-1", "kr-2", "kr-3"]


def test_validation_and_borders_are_kept_on_cells(book):
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "y"}]}, "strict": True}
    line = {"style": "SOLID", "color": {"red": 1}}
    batch(book, {"setDataValidation": {"range": area(1, 2, 0, 1), "rule": rule}})
    batch(book, {"updateBorders": {"range": area(1, 3, 0, 2), "top": line, "innerVertical": line}})
    cell = book.tab(0).cell(1, 0)
    assert cell.rule == rule
    assert sorted(cell.form["borders"]) == ["right", "top"]
    batch(book, {"setDataValidation": {"range": area(1, 2, 0, 1)}})
    assert book.tab(0).cell(1, 0).rule is None


# Rows and columns


def tagged(place):
    return {"metadataId": 3, "metadataKey": "okr", "visibility": "DOCUMENT", "location": {"dimensionRange": place}}


def test_inserted_rows_move_cells_formulas_rules_and_tags(book):
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$B2>1"}]}
    paint = {"condition": condition, "format": {"textFormat": {"bold": True}}}
    rule = {"ranges": [area(1, 4, 0, 3)], "booleanRule": paint}
    tag = tagged(span("COLUMNS", 1, 2))
    batch(book, {"addConditionalFormatRule": {"rule": rule}}, {"createDeveloperMetadata": {"developerMetadata": tag}})
    batch(
        book, {"insertDimension": {"range": span("COLUMNS", 0, 1)}}, {"insertDimension": {"range": span("ROWS", 1, 3)}}
    )
    assert shown(book)[3] == [None, "k1", 1, 2]
    assert book.tab(0).cell(3, 3).value == Formula("=C4*2")
    moved = book.tab(0).lists["conditionalFormats"][0]
    assert moved["ranges"] == [{"startRowIndex": 3, "endRowIndex": 6, "startColumnIndex": 1, "endColumnIndex": 4}]
    assert moved["booleanRule"]["condition"]["values"][0]["userEnteredValue"] == "=$C4>1"
    assert book.metadata[3]["location"]["dimensionRange"]["startIndex"] == 2
    assert (book.tab(0).row_count, book.tab(0).column_count) == (1002, 27)


def test_deleted_columns_take_their_tags_along(book):
    tag = tagged(span("COLUMNS", 1, 2))
    batch(book, {"createDeveloperMetadata": {"developerMetadata": tag}})
    batch(book, {"deleteDimension": {"range": span("COLUMNS", 1, 2)}})
    assert book.metadata == {}
    assert book.tab(0).cell(1, 1).value == Formula("=#REF!*2")


def test_a_moved_column_keeps_its_formulas_right(book):
    batch(book, {"moveDimension": {"source": span("COLUMNS", 1, 2), "destinationIndex": 0}})
    assert shown(book)[1][:3] == [1, "k1", 2]
    assert book.tab(0).cell(1, 2).value == Formula("=A2*2")


def test_rows_are_not_followed_by_tags_when_they_are_sorted(book):
    tag = tagged(span("ROWS", 1, 2))
    batch(book, {"createDeveloperMetadata": {"developerMetadata": tag}})
    batch(book, {"sortRange": {"range": area(1, 4), "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]}})
    assert book.metadata[3]["location"]["dimensionRange"]["startIndex"] == 1


def test_widths_and_hidden_lines(book):
    update = {"range": span("COLUMNS", 1, 2), "properties": {"pixelSize": 55, "hiddenByUser": True}, "fields": "*"}
    batch(book, {"updateDimensionProperties": update}, {"appendDimension": {"dimension": "COLUMNS", "length": 2}})
    data = render_spreadsheet(book, parse_mask("sheets.data.columnMetadata"))["sheets"][0]["data"][0]
    assert data["columnMetadata"][:3] == [
        {"pixelSize": 100},
        {"pixelSize": 55, "hiddenByUser": True},
        {"pixelSize": 100},
    ]
    assert len(data["columnMetadata"]) == 28


def group(start, end, kind="addDimensionGroup"):
    return {kind: {"range": span("COLUMNS", start, end)}}


@pytest.mark.parametrize(
    ("requests", "groups"),
    [
        ([group(2, 4), group(1, 5)], [(1, 5, 1), (2, 4, 2)]),
        ([group(1, 5), group(2, 4)], [(1, 5, 1), (2, 4, 2)]),
        ([group(1, 4), group(2, 5)], [(1, 5, 1), (2, 4, 2)]),
        ([group(1, 3), group(3, 5)], [(1, 5, 1)]),
        ([group(1, 5), group(2, 4), group(3, 5, "deleteDimensionGroup")], [(1, 4, 1), (2, 3, 2)]),
    ],
)
def test_groups_nest_join_and_part_as_googles_reference_says(book, requests, groups):
    batch(book, *requests)
    told = [(g["range"]["startIndex"], g["range"]["endIndex"], g["depth"]) for g in book.tab(0).groups["COLUMNS"]]
    assert told == groups


def test_a_folded_group_hides_its_columns(book):
    batch(book, group(1, 3))
    folded = {"range": span("COLUMNS", 1, 3), "depth": 1, "collapsed": True}
    batch(book, {"updateDimensionGroup": {"dimensionGroup": folded, "fields": "collapsed"}})
    assert book.tab(0).lines["COLUMNS"] == {1: {"hiddenByUser": True}, 2: {"hiddenByUser": True}}
    assert book.tab(0).groups["COLUMNS"][0]["collapsed"] is True


# What hangs on a sheet


def guard(**more):
    return {"addProtectedRange": {"protectedRange": {"range": area(0, 2, 0, 2), **more}}}


def test_somebody_elses_protection_stops_an_edit(book):
    book.access["boss@x.example"] = "owner"
    apply_batch(book, "boss@x.example", {"requests": [guard()]})
    assert refusal(book, write([["x"]], row=1, column=1)) == CLOSED
    assert refusal(book, {"deleteSheet": {"sheetId": 0}}, add_tab(4)) != ""
    batch(book, write([["x"]], row=2, column=2))


@pytest.mark.parametrize("more", [{"warningOnly": True}, {"editors": {"users": [ROBOT]}}])
def test_a_warning_or_being_an_editor_stops_nothing(book, more):
    book.access["boss@x.example"] = "owner"
    apply_batch(book, "boss@x.example", {"requests": [guard(**more)]})
    batch(book, write([["x"]], row=1, column=1))


def test_a_protection_can_be_changed_and_taken_away(book):
    number = batch(book, guard())[0]["addProtectedRange"]["protectedRange"]["protectedRangeId"]
    update = {"protectedRange": {"protectedRangeId": number, "description": "ours"}, "fields": "description"}
    batch(book, {"updateProtectedRange": update})
    assert book.tab(0).lists["protectedRanges"][0]["description"] == "ours"
    batch(book, {"deleteProtectedRange": {"protectedRangeId": number}})
    assert book.tab(0).lists["protectedRanges"] == []


def rule(text):
    condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
    return {"ranges": [area(0, 9)], "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}}}


def order(book):
    rules = book.tab(0).lists["conditionalFormats"]
    return [each["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for each in rules]


def test_conditional_rules_are_a_list_whose_places_shift(book):
    for place, text in enumerate("abc"):
        batch(book, {"addConditionalFormatRule": {"rule": rule(text), "index": place}})
    batch(book, {"updateConditionalFormatRule": {"sheetId": 0, "index": 2, "newIndex": 0}})
    assert order(book) == ["c", "a", "b"]
    batch(book, {"updateConditionalFormatRule": {"index": 1, "rule": rule("x")}})
    reply = batch(book, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})[0]
    assert reply["deleteConditionalFormatRule"]["rule"]["ranges"] == [
        {"startRowIndex": 0, "endRowIndex": 9, "startColumnIndex": 0}
    ]
    assert order(book) == ["x", "b"]
    assert "No conditional format" in refusal(book, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 2}})


def test_bands_do_not_overlap(book):
    band = {"bandedRange": {"bandedRangeId": 4, "range": area(0, 5), "rowProperties": {"firstBandColor": {"red": 1}}}}
    batch(book, {"addBanding": band})
    assert "already has alternating background colors" in refusal(
        book, {"addBanding": {"bandedRange": {**band["bandedRange"], "bandedRangeId": 5}}}
    )
    batch(book, {"deleteBanding": {"bandedRangeId": 4}})


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("addBanding", {"bandedRange": {"bandedRangeId": 4, "rowProperties": {"firstBandColor": {"red": 1}}}},
         "Banded range with id 4 already exists."),
        ("addChart",
         {"chart": {"chartId": 6, "spec": {"title": "t"}, "position": {"overlayPosition": {"anchorCell": {}}}}},
         "Chart with id 6 already exists."),
        ("addProtectedRange", {"protectedRange": {"protectedRangeId": 9, "warningOnly": True}},
         "Protected range with id 9 already exists."),
    ],
)  # fmt: skip
def test_an_id_that_is_taken_is_refused(book, kind, body, message):
    def request(top):
        [(name, given)] = body.items()
        return {kind: {name: given if kind == "addChart" else given | {"range": area(top, top + 3)}}}

    batch(book, request(0))
    assert refusal(book, request(10)) == f"Invalid requests[0].{kind}: {message}"


def test_charts_are_kept_moved_and_deleted(book):
    anchor = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 1}}}
    chart = {"chartId": 6, "spec": {"title": "t"}, "position": anchor}
    batch(book, {"addChart": {"chart": chart}})
    moved = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 9}}}
    batch(book, {"updateEmbeddedObjectPosition": {"objectId": 6, "newPosition": moved, "fields": "anchorCell"}})
    assert book.tab(0).lists["charts"][0]["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 9
    batch(book, {"updateChartSpec": {"chartId": 6, "spec": {"altText": "n by id"}}})
    (kept,) = book.tab(0).lists["charts"]
    assert kept["spec"] == {"altText": "n by id"}, "nothing of what it showed stays"
    assert kept["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 9, "it stays where it is"
    batch(book, {"deleteEmbeddedObject": {"objectId": 6}})
    assert book.tab(0).lists["charts"] == []
    message = "Invalid requests[0].updateChartSpec: No embedded object with id: 6"
    assert refusal(book, {"updateChartSpec": {"chartId": 6, "spec": {}}}) == message


def test_tags_are_found_changed_and_deleted_by_filters(book):
    place = {"sheetId": 0}
    tag = {"metadataId": 3, "metadataKey": "okr", "metadataValue": "a", "visibility": "DOCUMENT", "location": place}
    batch(book, {"createDeveloperMetadata": {"developerMetadata": tag}})
    assert "already exists" in refusal(book, {"createDeveloperMetadata": {"developerMetadata": tag}})
    found = [{"developerMetadataLookup": {"metadataKey": "okr"}}]
    update = {"dataFilters": found, "developerMetadata": {"metadataValue": "b"}, "fields": "metadataValue"}
    batch(book, {"updateDeveloperMetadata": update})
    assert book.metadata[3]["metadataValue"] == "b"
    batch(book, {"deleteDeveloperMetadata": {"dataFilter": found[0]}})
    assert book.metadata == {}


def test_a_filter_hides_rows_but_keeps_them(book):
    criteria = {"0": {"hiddenValues": ["k2"]}}
    batch(book, {"setBasicFilter": {"filter": {"range": area(0, 4, 0, 3), "criteria": criteria}}})
    rows = render_spreadsheet(book, parse_mask("sheets.data.rowMetadata"))["sheets"][0]["data"][0]["rowMetadata"]
    assert [at for at, line in enumerate(rows) if line.get("hiddenByFilter")] == [2]
    assert shown(book)[2][0] == "k2"
    batch(book, {"clearBasicFilter": {"sheetId": 0}})
    assert book.tab(0).filter is None


# The answer


def test_the_answer_brings_the_sheet_as_it_is_now_as_far_as_it_was_asked(book):
    body = {
        "requests": [write([["new"]], row=1)],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["Sheet1!A1:A2"],
        "responseIncludeGridData": True,
    }
    fields = parse_mask("replies,updatedSpreadsheet.sheets(properties.sheetId,data.rowData.values.userEnteredValue)")
    answer = apply_batch(book, ROBOT, body, fields)
    values = [{"values": [{"userEnteredValue": {"stringValue": text}}]} for text in ("id", "new")]
    assert answer == {
        "replies": [{}],
        "updatedSpreadsheet": {"sheets": [{"properties": {"sheetId": 0}, "data": [{"rowData": values}]}]},
    }


def test_a_bad_response_range_refuses_the_whole_batch(book):
    body = {"requests": [write([["new"]])], "includeSpreadsheetInResponse": True, "responseRanges": ["Nowhere!A1"]}
    with pytest.raises(ApiError, match="Unable to parse range: Nowhere!A1"):
        apply_batch(book, ROBOT, body)
    assert shown(book)[0][0] == "id"


def test_the_whole_resource_is_as_google_describes_it(book):
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}, "numberFormat": {"type": "NUMBER", "pattern": "0.00"}}}
    batch(
        book,
        guard(),
        {"addConditionalFormatRule": {"rule": rule("k1")}},
        {"repeatCell": {"range": area(0, 4, 0, 3), "cell": {**bold, "note": "n"}, "fields": "userEnteredFormat,note"}},
        {"mergeCells": {"range": area(8, 9, 0, 2)}},
        {"setBasicFilter": {"filter": {"range": area(0, 4, 0, 3)}}},
        write([["=1/0", "=NOPE()"]], row=6),
        group(1, 2),
    )
    told = render_spreadsheet(book, grid=True)
    assert faults("Spreadsheet", told) == []
    rows = told["sheets"][0]["data"][0]["rowData"]
    assert rows[1]["values"][1]["formattedValue"] == "1.00"
    assert rows[1]["values"][0]["effectiveFormat"]["textFormat"]["bold"] is True
    assert rows[6]["values"][0]["effectiveValue"]["errorValue"]["type"] == "DIVIDE_BY_ZERO"
    assert rows[6]["values"][1]["formattedValue"] == "#NAME?"


def test_conditional_formats_show_in_the_effective_format(book):
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=$B2>1"}]}
    paint = {"condition": condition, "format": {"backgroundColor": {"green": 1}}}
    batch(book, {"addConditionalFormatRule": {"rule": {"ranges": [area(1, 4, 0, 1)], "booleanRule": paint}}})
    mask = parse_mask("sheets.data.rowData.values.effectiveFormat.backgroundColor")
    rows = render_spreadsheet(book, mask)["sheets"][0]["data"][0]["rowData"]
    white = {"red": 1, "green": 1, "blue": 1}
    colours = [row["values"][0]["effectiveFormat"]["backgroundColor"] for row in rows]
    assert colours == [white, white, {"green": 1}, {"green": 1}]


VALUES = st.sampled_from([1, "x", "=A1", True, None])
PLACES, COUNTS = st.integers(0, 5), st.integers(1, 2)


def insert(start, count):
    return {"insertDimension": {"range": span("ROWS", start, start + count)}}


def delete(start, count):
    return {"deleteDimension": {"range": span("COLUMNS", start, start + count)}}


def move(start, to):
    return {"moveDimension": {"source": span("ROWS", start, start + 1), "destinationIndex": to}}


ONE = st.one_of(
    st.builds(lambda value, row, column: write([[value]], row, column), VALUES, PLACES, PLACES),
    st.builds(insert, PLACES, COUNTS),
    st.builds(delete, PLACES, COUNTS),
    st.builds(move, PLACES, PLACES),
    st.builds(lambda number: add_tab(number, f"T{number}"), st.integers(5, 8)),
    st.builds(lambda number: {"deleteSheet": {"sheetId": number}}, st.integers(5, 8)),
    st.just({"mergeCells": {"range": area(0, 2, 0, 2)}}),
    st.just(guard(warningOnly=True)),
)


@given(st.lists(ONE, max_size=6))
def test_a_batch_is_all_or_nothing(requests):
    document = Document("Book", now=lambda: NOW)
    document.share(ROBOT)
    before = render_spreadsheet(document, grid=True)
    with pytest.raises(ApiError):
        apply_batch(document, ROBOT, {"requests": [*requests, {"deleteSheet": {"sheetId": 404}}]})
    assert render_spreadsheet(document, grid=True) == before


def test_names_bands_titles_and_widths_are_updated(book):
    name = {"namedRangeId": "n", "name": "numbers", "range": area(1, 4, 1, 2)}
    band = {"bandedRangeId": 4, "range": area(0, 5), "rowProperties": {"firstBandColor": {"red": 1}}}
    batch(book, {"addNamedRange": {"namedRange": name}}, {"addBanding": {"bandedRange": band}})
    batch(
        book,
        {"updateNamedRange": {"namedRange": {"namedRangeId": "n", "name": "ns"}, "fields": "name"}},
        {"updateBanding": {"bandedRange": {"bandedRangeId": 4, "range": area(0, 9)}, "fields": "range"}},
        {"updateSpreadsheetProperties": {"properties": {"title": "T", "locale": "de_DE"}, "fields": "title,locale"}},
        {"autoResizeDimensions": {"dimensions": span("COLUMNS", 0, 1)}},
        write([["=SUM(NS)"]], row=9),
    )
    assert shown(book)[9][0] == 6
    assert book.tab(0).lists["bandedRanges"][0]["range"]["endRowIndex"] == 9
    assert (book.title, book.locale) == ("T", "de_DE")
    assert book.tab(0).lines["COLUMNS"][0]["pixelSize"] < 100


def test_a_served_kind_is_one_that_google_knows():
    assert REQUESTS.keys() < messages()["Request"].keys()
    assert {"updateCells", "copyPaste", "deleteSheet", "addDimensionGroup"} <= REQUESTS.keys()


def test_rules_are_left_alone_where_the_mask_shows_no_colour(book, monkeypatch):
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=TRUE"}]}
    rule = {
        "ranges": [{"sheetId": 0}],
        "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}},
    }
    apply_batch(book, ROBOT, {"requests": [{"addConditionalFormatRule": {"rule": rule, "index": 0}}]})

    def paint(*_):
        raise AssertionError("a rule was computed")

    monkeypatch.setattr("sandbox.google_condition.Painter.paint", paint)
    cells = "sheets.data.rowData.values(effectiveValue,effectiveFormat.numberFormat)"
    assert render_spreadsheet(book, parse_mask(cells))["sheets"][0]["data"][0]["rowData"]
    with pytest.raises(AssertionError, match="computed"):
        render_spreadsheet(book, parse_mask("sheets.data.rowData.values.effectiveFormat.textFormat"))


def test_a_tab_is_protected_as_a_whole_once_and_a_range_as_often_as_asked(book):
    whole = {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "warningOnly": True}}}
    batch(book, whole, guard(warningOnly=True), guard(warningOnly=True))
    with pytest.raises(ApiError) as refused:
        batch(book, whole)
    assert (
        refused.value.message == 'Invalid requests[0].addProtectedRange: Sheet "Sheet1" already has sheet protection.'
    )
    assert len(book.tabs[0].lists["protectedRanges"]) == 3
