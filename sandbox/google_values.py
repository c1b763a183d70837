"""``spreadsheets.values``: get, update, append, clear, and their batches."""

from __future__ import annotations

import json
import re
from typing import Any

from sandbox.google_a1 import render_range, resolve_range
from sandbox.google_batch import Edit
from sandbox.google_cell import EMPTY, Cell, Effective, Failure, Formula, Value
from sandbox.google_document import Document, Tab
from sandbox.google_error import invalid, violations
from sandbox.google_input import parse_entered, parse_raw
from sandbox.google_move import insert_lines, resize_grid
from sandbox.google_number import format_value, is_date, pattern_of
from sandbox.google_range import Area, letters
from sandbox.google_render import number_format
from sandbox.google_schema import PACKAGE, Json, clean

Options = dict[str, str]
LIST_VALUE = "type.googleapis.com/google.protobuf.ListValue"


def read_values(document: Document, text: str, options: Options) -> Json:
    """Answer ``values.get`` for one range."""
    tab, area = resolve_range(document, text)
    return value_range(document, tab, area, options)


def value_range(document: Document, tab: Tab, area: Area, options: Options) -> Json:
    """Return a ValueRange: without the empty rows and cells at its end."""
    major = options.get("majorDimension", "ROWS")
    rows = [_line(document, tab, row, area, options) for row in range(area.top, min(area.bottom, len(tab.rows)))]
    if major == "COLUMNS":
        wide = max(map(len, rows), default=0)
        rows = [[row[at] if at < len(row) else "" for row in rows] for at in range(wide)]
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    result: Json = {"range": render_range(tab, area), "majorDimension": major}
    return result | ({"values": rows} if rows else {})


def _line(document: Document, tab: Tab, row: int, area: Area, options: Options) -> list[Any]:
    line = tab.rows[row]
    return [
        "" if line[column] is EMPTY else _shown(document, tab, row, column, line[column], options)
        for column in range(area.left, min(area.right, len(line)))
    ]


def _shown(document: Document, tab: Tab, row: int, column: int, cell: Cell, options: Options) -> Any:
    if cell.value is None:
        return ""
    render = options.get("valueRenderOption", "FORMATTED_VALUE")
    if render == "FORMULA" and isinstance(cell.value, Formula):
        return cell.value.text
    value: Effective
    value = document.calculator().value(tab.id, row, column) if isinstance(cell.value, Formula) else cell.value
    form = number_format(document, cell)
    dated = options.get("dateTimeRenderOption") == "FORMATTED_STRING" and is_date(pattern_of(form, document.locale))
    if render == "FORMATTED_VALUE" or isinstance(value, Failure) or (dated and not isinstance(value, str)):
        return format_value(value, form, document.locale)
    return "" if value is None else value


def update_values(edit: Edit, text: str, body: Any, options: Options) -> Json:
    """Answer ``values.update``: write what is given, skip nulls; a range of one cell is only the corner."""
    read_rows(body, "data")
    tab, area = resolve_range(edit.document, text)
    return update_area(edit, tab, area, text, body, options)


def update_area(edit: Edit, tab: Tab, area: Area, text: str, body: Any, options: Options) -> Json:
    """Write a body's values into an area, which ``text`` names in refusals."""
    rows = read_rows(body, "data")
    if isinstance(body, dict) and body.get("majorDimension") == "COLUMNS":
        rows = transpose(rows)
    high, wide = len(rows), max(map(len, rows), default=0)
    written = Area(tab.id, area.top, area.left, area.top + high, area.left + wide)
    _check_room(tab, area, written, text)
    return _write(edit, tab, written, rows, options)


def transpose(rows: list[list[Any]]) -> list[list[Any]]:
    """Turn columns into rows; what is missing is skipped."""
    wide = max(map(len, rows), default=0)
    return [[row[at] if at < len(row) else None for row in rows] for at in range(wide)]


def _check_room(tab: Tab, area: Area, written: Area, text: str) -> None:
    single = area.bottom - area.top == 1 and area.right - area.left == 1
    bottom = tab.row_count if single else area.bottom
    right = tab.column_count if single else area.right
    if written.right > right:
        raise invalid(f"Requested writing within range [{text}], but tried writing to column [{letters(right)}]")
    if written.bottom > bottom:
        raise invalid(f"Requested writing within range [{text}], but tried writing to row [{bottom + 1}]")


def read_rows(body: Any, at: str) -> list[list[Any]]:
    """Return a body's values. Raises ApiError for what is no list of lists of scalars."""
    values = body.get("values") if isinstance(body, dict) else None
    if values is None:
        clean("ValueRange", body, at)
        return []
    where = f"{at}.values"
    rows = values if isinstance(values, list) else [values]
    for place, row in enumerate(rows):
        spot = f"{where}[{place}]" if isinstance(values, list) else where
        if not isinstance(row, list):
            text = f"Invalid value at '{spot}' ({LIST_VALUE}), {json.dumps(row)}"
            raise violations([(spot, text)])
        for across, value in enumerate(row):
            if isinstance(value, dict | list):
                kind = "struct_value" if isinstance(value, dict) else "list_value"
                raise invalid(f"Invalid {where}[{place}][{across}]: {kind} {json.dumps(value)}")
    clean("ValueRange", {name: value for name, value in body.items() if name != "values"}, at)
    return rows


def _write(edit: Edit, tab: Tab, written: Area, rows: list[list[Any]], options: Options) -> Json:
    edit.check_protection(written)
    typed = input_option(options) == "USER_ENTERED"
    year = edit.document.now().year
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if value is not None:
                at = (written.top + down, written.left + across)
                cell = enter(tab.cell(*at), value, edit.document.locale, typed=typed, year=year)
                tab.put(*at, cell)
    edit.document.touched()
    result: Json = {
        "spreadsheetId": edit.document.id,
        "updatedRange": render_range(tab, written),
        "updatedRows": sum(any(value is not None for value in row) for row in rows),
        "updatedColumns": len({at for row in rows for at, value in enumerate(row) if value is not None}),
        "updatedCells": sum(value is not None for row in rows for value in row),
    }
    if options.get("includeValuesInResponse", "").lower() == "true":
        shown = {
            "valueRenderOption": options.get("responseValueRenderOption", "FORMATTED_VALUE"),
            "dateTimeRenderOption": options.get("responseDateTimeRenderOption", "SERIAL_NUMBER"),
        }
        result["updatedData"] = value_range(edit.document, tab, written, shown)
    return result


def input_option(options: Options) -> str:
    """Return RAW or USER_ENTERED. Raises ApiError when neither was said."""
    option = options.get("valueInputOption", "INPUT_VALUE_OPTION_UNSPECIFIED")
    if option not in ("RAW", "USER_ENTERED"):
        if option == "INPUT_VALUE_OPTION_UNSPECIFIED":
            raise invalid("'valueInputOption' is required but not specified")
        raise invalid(f"Invalid value at 'value_input_option' ({PACKAGE}ValueInputOption), \"{option}\"")
    return option


def enter(cell: Cell, value: Any, locale: str, *, typed: bool, year: int | None = None) -> Cell:
    """Return the cell with a JSON scalar put into it, read as typed (in a year) or taken as it is."""
    form = cell.form
    new: Value
    if typed and isinstance(value, str):
        new, number = parse_entered(value, form, locale, year)
        if number is not None and not (form or {}).get("numberFormat"):
            form = {**(form or {}), "numberFormat": number}
    else:
        new = parse_raw(value)
    result = Cell(new, form, cell.note, cell.rule, None)
    return EMPTY if result == EMPTY else result


def append_values(edit: Edit, text: str, body: Any, options: Options) -> Json:
    """Answer ``values.append``: find the last table within the range and write below it."""
    rows = read_rows(body, "data")
    if isinstance(body, dict) and body.get("majorDimension") == "COLUMNS":
        rows = transpose(rows)
    tab, area = resolve_range(edit.document, text)
    table = _last_table(tab, area)
    top, left = (table.bottom, table.left) if table else (area.top, area.left)
    high, wide = len(rows), max(map(len, rows), default=0)
    if options.get("insertDataOption") == "INSERT_ROWS" and high and top < tab.row_count:
        insert_lines(edit.document, tab, "ROWS", top, high)
    bottom, right = max(tab.row_count, top + high), max(tab.column_count, left + wide)
    if (bottom, right) != (tab.row_count, tab.column_count):
        resize_grid(edit.document, tab, bottom, right)
    written = Area(tab.id, top, left, top + high, left + wide)
    result: Json = {"spreadsheetId": edit.document.id}
    if table:
        result["tableRange"] = render_range(tab, table)
    return result | {"updates": _write(edit, tab, written, rows, options)}


def _last_table(tab: Tab, area: Area) -> Area | None:
    """Find the table that holds the lowest filled cell of the area, grown to every filled neighbour."""
    filled = [
        (row, column)
        for row in range(area.top, min(area.bottom, len(tab.rows)))
        for column in range(area.left, min(area.right, len(tab.rows[row])))
        if tab.rows[row][column].value is not None
    ]
    if not filled:
        return None
    row, column = filled[-1]
    table = Area(tab.id, row, column, row + 1, column + 1)
    while (grown := _grown(tab, table)) != table:
        table = grown
    return table


def _grown(tab: Tab, table: Area) -> Area:
    top, left, bottom, right = table[1:]
    for row in range(max(0, top - 1), min(bottom + 1, len(tab.rows))):
        line = tab.rows[row]
        for column in range(max(0, left - 1), min(right + 1, len(line))):
            if line[column].value is not None:
                table = Area(
                    tab.id,
                    min(table.top, row),
                    min(table.left, column),
                    max(table.bottom, row + 1),
                    max(table.right, column + 1),
                )
    return table


def clear_values(edit: Edit, text: str) -> str:
    """Clear the values of a range and return its name; formats, notes and rules stay."""
    tab, area = resolve_range(edit.document, text)
    edit.check_protection(area)
    clear_area_values(edit, tab, area)
    return render_range(tab, area)


def clear_area_values(edit: Edit, tab: Tab, area: Area) -> None:
    """Clear the values of an area; formats, notes and rules stay."""
    for row in range(area.top, min(area.bottom, len(tab.rows))):
        line = tab.rows[row]
        for column in range(area.left, min(area.right, len(line))):
            if line[column] is not EMPTY:
                cell = line[column]._replace(value=None, runs=None)
                line[column] = EMPTY if cell == EMPTY else cell
    edit.document.touched()


def batch_update_values(edit: Edit, body: Any) -> Json:
    """Answer ``values.batchUpdate``: all ranges or none."""
    if isinstance(body, dict):
        data = body.get("data") or []
        items = data if isinstance(data, list) else [data]
        head = clean("BatchUpdateValuesRequest", {name: value for name, value in body.items() if name != "data"})
    else:
        items, head = [], clean("BatchUpdateValuesRequest", body)
    options = {name: str(value) for name, value in head.items()}
    input_option(options)
    state = edit.document.save()
    responses = []
    try:
        for place, each in enumerate(items):
            read_rows(each, f"data[{place}]")
            responses.append(update_values(edit, each.get("range", ""), each, options))
    except BaseException:
        edit.document.restore(state)
        raise
    return totals(edit.document, responses)


def totals(document: Document, responses: list[Json]) -> Json:
    """Return what a batch of updates answers: the sums, and each update's own answer."""
    tabs = {re.split(r"!", each["updatedRange"])[0] for each in responses}
    result: Json = {
        "spreadsheetId": document.id,
        "totalUpdatedRows": len(_touched(responses, r"\d+")),
        "totalUpdatedColumns": len(_touched(responses, r"[A-Z]+")),
        "totalUpdatedCells": sum(each["updatedCells"] for each in responses),
        "totalUpdatedSheets": len(tabs),
        "responses": responses,
    }
    return {name: value for name, value in result.items() if value}


def _touched(responses: list[Json], kind: str) -> set[tuple[str, int]]:
    """Return the rows (or columns) that were written, each counted once for its tab."""
    found = set()
    for each in responses:
        title, _, box = each["updatedRange"].rpartition("!")
        ends = [re.findall(kind, corner)[0] for corner in box.split(":")]
        first, last = (_place(end) for end in (ends[0], ends[-1]))
        found |= {(title, at) for at in range(first, last + 1)}
    return found


def _place(end: str) -> int:
    if end.isdigit():
        return int(end)
    number = 0
    for letter in end:
        number = number * 26 + ord(letter) - 64
    return number
