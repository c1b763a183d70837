"""Bodies, masks and ranges: read as strictly as Google reads them."""

import json
from pathlib import Path

import googleapiclient
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.google_error import ApiError
from sandbox.google_mask import check_answer_mask, merge, parse_mask, parse_update_mask, select
from sandbox.google_range import EDGE, Area, Shift, letters, parse_box, quoted, read_area, render_box, write_area
from sandbox.google_schema import clean, float32, messages

DISCOVERY = json.loads(
    (Path(googleapiclient.__file__).parent / "discovery_cache/documents/sheets.v4.json").read_text("utf-8")
)["schemas"]
PLAIN = {"any": None, "mask": "string", "long": "string", "enum": "string", "bool": "boolean", "int": "integer"}


def kind_of(schema):
    """A discovery field as our table would say it: its kind, and how often it repeats."""
    if schema.get("type") == "array":
        kind, repeats = kind_of(schema["items"])
        return kind, repeats + 1
    if "additionalProperties" in schema:
        return kind_of(schema["additionalProperties"])
    return schema.get("$ref") or schema.get("type"), 0


@pytest.mark.parametrize("message", sorted(messages()))
def test_the_table_of_messages_is_googles(message):
    for name, field in messages()[message].items():
        schema = DISCOVERY[message]["properties"][name]
        kind, repeats = kind_of(schema)
        assert field.repeats == repeats, name
        if field.kind in ("any", "unserved"):
            continue
        wanted = {"float": "number", "double": "number"}.get(field.kind, PLAIN.get(field.kind, field.kind))
        assert kind == wanted, name
        leaf = schema.get("items", schema)
        assert field.choices == frozenset(leaf.get("enum", ())), name
    if message not in ("Request", "Response"):
        assert messages()[message].keys() == DISCOVERY[message]["properties"].keys()


def test_every_kind_of_request_is_known_even_when_it_is_not_served():
    assert messages()["Request"].keys() == DISCOVERY["Request"]["properties"].keys()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"requests": [{"updateCels": {}}]},
            "Invalid JSON payload received. Unknown name \"updateCels\" at 'requests[0]': Cannot find field.",
        ),
        (
            {"requests": [{"addSheet": {"properties": {"nam": "x"}}}]},
            (
                "Invalid JSON payload received. Unknown name \"nam\" at 'requests[0].add_sheet.properties': "
                "Cannot find field."
            ),
        ),
        (
            {"wishes": []},
            'Invalid JSON payload received. Unknown name "wishes": Cannot find field.',
        ),
        (
            {"requests": [{"deleteSheet": {"sheetId": "one"}}]},
            "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"one\"",
        ),
        (
            {"requests": [{"copyPaste": {"pasteType": "PASTE_ALL"}}]},
            (
                "Invalid value at 'requests[0].copy_paste.paste_type' "
                '(type.googleapis.com/google.apps.sheets.v4.PasteType), "PASTE_ALL"'
            ),
        ),
        (
            {"includeSpreadsheetInResponse": "yes"},
            "Invalid value at 'include_spreadsheet_in_response' (TYPE_BOOL), \"yes\"",
        ),
    ],
)
def test_what_google_does_not_know_is_refused_in_its_words(body, text):
    with pytest.raises(ApiError) as refused:
        clean("BatchUpdateSpreadsheetRequest", body)
    assert refused.value.code == 400
    assert refused.value.message == text
    assert refused.value.body()["error"]["details"][0]["fieldViolations"][0]["description"] == text


def test_several_faults_are_told_at_once():
    with pytest.raises(ApiError) as refused:
        clean("BatchUpdateSpreadsheetRequest", {"a": 1, "b": 2})
    assert len(refused.value.message.splitlines()) == 2


def test_nulls_and_defaults_are_no_fields_but_a_zero_index_is():
    read = clean("GridRange", {"sheetId": 0, "startRowIndex": 0, "endRowIndex": None})
    assert read == {"startRowIndex": 0}
    assert clean("ExtendedValue", {"numberValue": 0}) == {"numberValue": 0}
    assert clean("ExtendedValue", {"boolValue": False}) == {"boolValue": False}
    assert clean("SheetProperties", {"hidden": False, "sheetId": 0}) == {"sheetId": 0}


def test_a_colour_is_kept_in_256_steps_and_as_a_style():
    read = clean("CellFormat", {"backgroundColor": {"red": 1.0, "green": 0.0, "blue": 0.5}})
    assert read["backgroundColor"] == {"red": 1, "blue": 0.49803922}
    assert read["backgroundColorStyle"] == {"rgbColor": read["backgroundColor"]}
    themed = clean("TextFormat", {"foregroundColorStyle": {"themeColor": "ACCENT1"}})
    assert themed["foregroundColor"]["green"] == 0.52156866


def test_a_32_bit_float_is_written_as_shortly_as_it_can_be():
    assert [float32(value) for value in (0.1, 0.4980392156862745, 1.0, 2 / 3)] == [0.1, 0.49803922, 1, 0.6666667]


ANSWER = {
    "spreadsheetId": "s",
    "sheets": [
        {
            "properties": {"sheetId": 0, "title": "A"},
            "data": [{"rowData": [{"values": [{"note": "n", "formattedValue": "1"}, {}]}]}],
        }
    ],
}


@pytest.mark.parametrize(
    ("mask", "kept"),
    [
        ("*", ANSWER),
        ("sheets.properties.title", {"sheets": [{"properties": {"title": "A"}}]}),
        ("sheets/properties/title", {"sheets": [{"properties": {"title": "A"}}]}),
        (
            "spreadsheetId,sheets(properties(sheetId,title),data(rowData.values(note)))",
            {
                "spreadsheetId": "s",
                "sheets": [
                    {
                        "properties": {"sheetId": 0, "title": "A"},
                        "data": [{"rowData": [{"values": [{"note": "n"}, {}]}]}],
                    }
                ],
            },
        ),
        ("sheets.*.title", {"sheets": [{"properties": {"title": "A"}, "data": [{}]}]}),
        ("sheets(properties.*)", {"sheets": [{"properties": {"sheetId": 0, "title": "A"}}]}),
        ("spreadsheet_id", {"spreadsheetId": "s"}),
    ],
)
def test_a_mask_keeps_what_it_names(mask, kept):
    assert select(ANSWER, parse_mask(mask)) == kept


@pytest.mark.parametrize(
    "mask",
    ["sheets.foo", "sheets(properties(titel))", "nothing", "sheets(", "sheets)", "a,,b", "sheets.properties.title.x"],
)
def test_a_mask_that_names_what_is_not_there_is_refused(mask):
    with pytest.raises(ApiError) as refused:
        check_answer_mask(parse_mask(mask), "Spreadsheet", mask)
    assert refused.value.message == "Request contains an invalid argument."
    violation = refused.value.details[0]["fieldViolations"][0]
    assert "Error expanding 'fields' parameter. Cannot find matching fields for path" in violation["description"]


def test_an_update_sets_what_is_given_and_clears_what_is_only_named():
    old = {"note": "old", "userEnteredFormat": {"textFormat": {"bold": True}, "wrapStrategy": "WRAP"}}
    mask = parse_update_mask("note,userEnteredFormat.textFormat", "CellData")
    assert merge(old, {"userEnteredFormat": {"textFormat": {"italic": True}}}, mask) == {
        "userEnteredFormat": {"textFormat": {"italic": True}, "wrapStrategy": "WRAP"}
    }
    assert merge(old, {}, parse_update_mask("*", "CellData")) == {}


def test_a_colour_in_an_update_mask_stands_for_its_style_too():
    mask = parse_update_mask("userEnteredFormat.backgroundColor", "CellData")
    old = clean("CellData", {"userEnteredFormat": {"backgroundColor": {"red": 1}}})
    assert merge(old, {}, mask) == {}


@pytest.mark.parametrize("fields", [None, ""])
def test_an_update_needs_fields(fields):
    with pytest.raises(ApiError, match=r"At least one field must be listed in 'fields'"):
        parse_update_mask(fields, "CellData")


# Ranges


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("A1", (0, 0, 1, 1)),
        ("$B$2:d3", (1, 1, 3, 4)),
        ("D4:A1", (0, 0, 4, 4)),
        ("A:B", (0, 0, EDGE, 2)),
        ("2:3", (1, 0, 3, EDGE)),
        ("A3:B", (2, 0, EDGE, 2)),
        ("A1:1", (0, 0, 1, EDGE)),
        ("A", None),
        ("7", None),
        ("A0", None),
        ("Total!", None),
        ("ABCD1", None),
    ],
)
def test_a1_notation(text, box):
    assert parse_box(text) == box


@given(st.integers(0, 20_000))
def test_columns_have_one_name_each(column):
    box = parse_box(f"{letters(column)}1")
    assert (column > 18_277) or box == (0, column, 1, column + 1)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 9), st.integers(1, 9))
def test_a_range_is_read_back_as_it_was_written(top, left, high, wide):
    area = Area(7, top, left, top + high, left + wide)
    assert read_area(write_area(area)) == area
    assert parse_box(render_box(area)) == area[1:]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Sheet1", "Sheet1"),
        ("_okr", "_okr"),
        ("My tab", "'My tab'"),
        ("D3", "'D3'"),
        ("It's", "'It''s'"),
        ("1a", "'1a'"),
    ],
)
def test_a_title_is_quoted_where_it_must_be(title, shown):
    assert quoted(title) == shown


SHIFTS = st.one_of(
    st.builds(Shift, st.just(1), st.just("ROWS"), st.just("insert"), st.integers(0, 12), st.integers(1, 4)),
    st.builds(Shift, st.just(1), st.just("ROWS"), st.just("delete"), st.integers(0, 12), st.integers(1, 4)),
)


@given(SHIFTS, st.integers(0, 12), st.integers(1, 6))
def test_a_span_follows_the_rows_that_it_holds(shift, start, size):
    kept = [now for at in range(start, start + size) if (now := shift.place(at)) is not None]
    span = shift.span(start, start + size)
    assert (span is None) == (not kept)
    if span:
        assert (span[0], span[1]) == (kept[0], kept[-1] + 1)


@given(st.integers(0, 5), st.integers(1, 3), st.integers(0, 8))
def test_a_move_puts_every_row_in_exactly_one_place(start, size, to):
    if start < to < start + size:
        return
    shift = Shift(1, "ROWS", "move", start, size, to)
    rows = list(range(8 if start + size <= 8 else start + size))
    moved = rows[start : start + size]
    rest = [row for row in rows if row not in moved]
    place = len([row for row in rest if row < to])
    wanted = rest[:place] + moved + rest[place:]
    assert sorted(rows, key=lambda row: shift.place(row)) == wanted
