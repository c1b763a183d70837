"""Requests on rows and columns: insert, delete, move, append, size, hide, group, sort, filter, find and replace."""

from __future__ import annotations

import re
from typing import Any

from sandbox.google_batch import Edit, request
from sandbox.google_cell import EMPTY, Cell, Effective, Failure, Formula
from sandbox.google_document import COLUMNS, ROWS, Tab
from sandbox.google_error import invalid
from sandbox.google_input import parse_entered
from sandbox.google_mask import merge, parse_update_mask
from sandbox.google_move import delete_lines, insert_lines, move_lines, resize_grid
from sandbox.google_number import format_value
from sandbox.google_order import to_text
from sandbox.google_range import Area
from sandbox.google_reference import offset_references
from sandbox.google_render import shown
from sandbox.google_schema import Json
from sandbox.google_width import text_width

SINGULAR = {ROWS: "row", COLUMNS: "column"}


def read_span(edit: Edit, span: Json) -> tuple[Tab, str, int, int]:
    """Read a DimensionRange as tab, dimension, start and end; open ends are the grid's."""
    tab = edit.tab(span.get("sheetId", 0))
    dimension = span.get("dimension", "")
    if dimension not in (ROWS, COLUMNS):
        raise invalid("Must specify a dimension.")
    return tab, dimension, span.get("startIndex", 0), span.get("endIndex", tab.count(dimension))


def _lines(tab: Tab, dimension: str, start: int, end: int) -> Area:
    if dimension == ROWS:
        return Area(tab.id, start, 0, end, tab.column_count)
    return Area(tab.id, 0, start, tab.row_count, end)


@request("insertDimension")
def insert_dimension(edit: Edit, body: Json) -> None:
    """Insert rows or columns; with ``inheritFromBefore`` they look like the one before."""
    tab, dimension, start, end = read_span(edit, body.get("range", {}))
    if start > tab.count(dimension):
        raise invalid(f"range.startIndex is larger than current grid size ({tab.count(dimension)})")
    before = body.get("inheritFromBefore", False)
    if start == tab.count(dimension) and not before:
        raise invalid("range.startIndex must be less than the grid size if inheritFromBefore is false.")
    if before and start == 0:
        raise invalid("range.startIndex must be greater than 0 if inheritFromBefore is true.")
    if end <= start:
        raise invalid("range.endIndex must be greater than range.startIndex.")
    edit.check_protection(_lines(tab, dimension, start, start + 1))
    insert_lines(edit.document, tab, dimension, start, end - start)
    edit.document.check_size()
    model = start - 1 if before else end
    for at in range(start, end):
        _inherit(tab, dimension, model, at)


def _inherit(tab: Tab, dimension: str, model: int, at: int) -> None:
    size = {name: value for name, value in tab.lines[dimension].get(model, {}).items() if name == "pixelSize"}
    if size:
        tab.lines[dimension][at] = size
    bottom, right = tab.used()
    for other in range(right if dimension == ROWS else bottom):
        row, column = (model, other) if dimension == ROWS else (other, model)
        form, rule = tab.cell(row, column).form, tab.cell(row, column).rule
        if form or rule:
            tab.put(*((at, other) if dimension == ROWS else (other, at)), Cell(form=form, rule=rule))


@request("deleteDimension")
def delete_dimension(edit: Edit, body: Json) -> None:
    """Delete rows or columns; one that isn't frozen has to stay."""
    tab, dimension, start, end = read_span(edit, body.get("range", {}))
    size, one = tab.count(dimension), SINGULAR[dimension]
    if start >= size or end > size:
        at = start if start >= size else size
        raise invalid(
            f"Cannot delete a {one} that doesn't exist. "
            f"Tried to delete {one} index {at} but there are only {size} {one}s."
        )
    if end <= start:
        raise invalid("range.endIndex must be greater than range.startIndex.")
    frozen = tab.grid.get("frozenRowCount" if dimension == ROWS else "frozenColumnCount", 0)
    left = [at for at in range(size) if not start <= at < end]
    if not left:
        raise invalid(f"You can't delete all the {one}s on the sheet.")
    if frozen and all(at < frozen for at in left):
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {one}s.")
    edit.check_protection(_lines(tab, dimension, start, end))
    delete_lines(edit.document, tab, dimension, start, end - start)


@request("moveDimension")
def move_dimension(edit: Edit, body: Json) -> None:
    """Move rows or columns; ``destinationIndex`` counts in the grid before they moved."""
    tab, dimension, start, end = read_span(edit, body.get("source", {}))
    to = body.get("destinationIndex", 0)
    if end > tab.count(dimension) or to > tab.count(dimension):
        raise invalid(f"Cannot move a {SINGULAR[dimension]} beyond the end of the grid.")
    if start < to < end:
        raise invalid("destinationIndex cannot be inside the source range.")
    edit.check_protection(_lines(tab, dimension, min(start, to), max(end, to)))
    move_lines(edit.document, tab, dimension, start, end - start, to)


@request("appendDimension")
def append_dimension(edit: Edit, body: Json) -> None:
    """Make the grid longer at its end."""
    tab = edit.tab(body.get("sheetId", 0))
    extra = body.get("length", 0)
    if extra <= 0:
        raise invalid("Must specify a length greater than 0.")
    rows = body.get("dimension") == ROWS
    size = (tab.row_count + extra, tab.column_count) if rows else (tab.row_count, tab.column_count + extra)
    resize_grid(edit.document, tab, *size)


@request("updateDimensionProperties")
def update_dimension_properties(edit: Edit, body: Json) -> None:
    """Size or hide rows or columns."""
    mask = parse_update_mask(body.get("fields"), "DimensionProperties")
    tab, dimension, start, end = read_span(edit, body.get("range", {}))
    asked = body.get("properties", {})
    for at in range(start, min(end, tab.count(dimension))):
        line = merge(tab.lines[dimension].get(at, {}), asked, mask)
        tab.lines[dimension].pop(at, None)
        if line:
            tab.lines[dimension][at] = line


@request("autoResizeDimensions")
def auto_resize_dimensions(edit: Edit, body: Json) -> None:
    """Fit columns to their widest line of text; rows go back to their usual height."""
    tab, dimension, start, end = read_span(edit, body.get("dimensions", {}))
    for at in range(start, min(end, tab.count(dimension))):
        tab.lines[dimension].pop(at, None)
        if dimension == COLUMNS:
            texts = (shown(edit.document, tab, row, at) or "" for row in range(len(tab.rows)))
            widest = max((text_width(line) for text in texts for line in text.split("\n")), default=0)
            if widest:
                tab.lines[dimension][at] = {"pixelSize": max(21, round(widest) + 3)}


@request("sortRange")
def sort_range(edit: Edit, body: Json) -> None:
    """Sort the rows of a range by the columns named; their formulas go with them."""
    tab, area = edit.area(body.get("range"))
    edit.check_protection(area)
    specs = body.get("sortSpecs", [])
    if any(each.meets(area) and each.bottom - each.top > 1 for each in tab.merges):
        raise invalid("You can't sort a range with vertical merges.")
    sort_rows(edit, tab, area, [(s.get("dimensionIndex", 0), s.get("sortOrder") == "DESCENDING") for s in specs])


def sort_rows(edit: Edit, tab: Tab, area: Area, keys: list[tuple[int, bool]]) -> None:
    """Sort rows by (column, descending): numbers, then texts, then truths; blanks last either way."""
    sheet = edit.document.calculator()
    order = list(range(area.top, area.bottom))
    for column, descending in reversed(keys):
        values = {row: sheet.value(tab.id, row, column) for row in order}
        filled = [row for row in order if values[row] is not None]
        filled.sort(key=lambda row: _rank(values[row]), reverse=descending)
        order = filled + [row for row in order if values[row] is None]
    old = [[tab.cell(row, column) for column in range(area.left, area.right)] for row in order]
    for place, (row, line) in enumerate(zip(order, old, strict=True)):
        for across, cell in enumerate(line):
            moved = cell
            if isinstance(cell.value, Formula):
                text = offset_references(cell.value.text, area.top + place - row, 0)
                moved = cell._replace(value=Formula(text))
            tab.put(area.top + place, area.left + across, moved)


def _rank(value: Effective) -> tuple[int, Any]:
    if isinstance(value, Failure):
        return 3, 0
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


@request("setBasicFilter")
def set_basic_filter(edit: Edit, body: Json) -> None:
    """Put a filter on a range of a tab, in place of the one there was."""
    asked = body.get("filter", {})
    tab, area = edit.area(asked.get("range"))
    where = {"sheetId": tab.id} if tab.id else {}
    bounds = {
        "startRowIndex": area.top,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
    tab.filter = {**asked, "range": where | bounds}
    specs = tab.filter.get("sortSpecs", [])
    if specs:
        keys = [(each.get("dimensionIndex", 0), each.get("sortOrder") == "DESCENDING") for each in specs]
        sort_rows(edit, tab, area._replace(top=area.top + 1), keys)


@request("clearBasicFilter")
def clear_basic_filter(edit: Edit, body: Json) -> None:
    """Take a tab's filter away."""
    edit.tab(body.get("sheetId", 0)).filter = None


@request("findReplace")
def find_replace(edit: Edit, body: Json) -> Json:
    """Replace text in cells, and count what changed."""
    find, put = body.get("find", ""), body.get("replacement", "")
    if not find:
        raise invalid("Must specify what to find.")
    expression = find if body.get("searchByRegex") else re.escape(find)
    if body.get("matchEntireCell"):
        expression = f"^(?:{expression})$"
    pattern = re.compile(expression, 0 if body.get("matchCase") else re.IGNORECASE)
    counts = {"occurrencesChanged": 0, "valuesChanged": 0, "formulasChanged": 0}
    rows, tabs = set(), set()
    for tab, area in _searched(edit, body):
        for row in range(area.top, min(area.bottom, len(tab.rows))):
            for column in range(area.left, min(area.right, len(tab.rows[row]))):
                cell = tab.cell(row, column)
                text, formula = _searchable(edit, cell, bool(body.get("includeFormulas")))
                replaced, count = pattern.subn(lambda _: put, text) if text else (text, 0)
                if count:
                    edit.check_protection(Area(tab.id, row, column, row + 1, column + 1))
                    value = parse_entered(replaced, cell.form, edit.document.locale)[0]
                    new = cell._replace(value=value, runs=None)
                    tab.put(row, column, EMPTY if new == EMPTY else new)
                    counts["occurrencesChanged"] += count
                    counts["formulasChanged" if formula else "valuesChanged"] += 1
                    rows.add((tab.id, row))
                    tabs.add(tab.id)
    counts |= {"rowsChanged": len(rows), "sheetsChanged": len(tabs)}
    return {name: count for name, count in counts.items() if count}


def _searched(edit: Edit, body: Json) -> list[tuple[Tab, Area]]:
    if body.get("allSheets"):
        return [(tab, tab.whole()) for tab in edit.document.tabs]
    if "range" in body:
        return [edit.area(body["range"])]
    tab = edit.tab(body.get("sheetId", 0))
    return [(tab, tab.whole())]


def _searchable(edit: Edit, cell: Cell, formulas: bool) -> tuple[str, bool]:
    if isinstance(cell.value, Formula):
        return (cell.value.text, True) if formulas else ("", True)
    if cell.value is None:
        return "", False
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        return format_value(cell.value, (cell.form or {}).get("numberFormat"), edit.document.locale), False
    return to_text(cell.value), False
