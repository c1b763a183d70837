"""A document as the Spreadsheet resource: what ``spreadsheets.get`` answers, built only as far as a mask asks."""

from __future__ import annotations

from typing import Any

from sandbox.google_cell import EMPTY, Cell, Effective, Formula, write_value
from sandbox.google_condition import Painter, hidden_rows
from sandbox.google_dialect import outer_call
from sandbox.google_document import COLUMNS, ROWS, Document, Tab
from sandbox.google_mask import ALL, Mask, below, select
from sandbox.google_move import metadata_at
from sandbox.google_number import format_value, pattern_of
from sandbox.google_range import Area, write_area
from sandbox.google_schema import THEME, Json

WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: Json = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}
COLUMN_PIXELS, ROW_PIXELS = 100, 21
PAINTED = {"backgroundColor", "backgroundColorStyle", "textFormat", "*"}
DATED = {"TODAY": "DATE", "DATE": "DATE", "EDATE": "DATE", "EOMONTH": "DATE", "NOW": "DATE_TIME"}


def render_spreadsheet(
    document: Document, mask: Mask = ALL, areas: list[Area] | None = None, *, grid: bool = False
) -> Json:
    """Return the resource. ``areas`` limit it to their tabs and cells; ``grid`` adds the cells where no mask does.

    Tabs that no area touches are left out; of those that are left, all rules, merges and protections are told
    whether or not they meet an area (what the real service leaves out there isn't recorded).
    """
    sheets = below(mask, "sheets")
    shown = [tab for tab in document.tabs if areas is None or any(area.tab == tab.id for area in areas)]
    result: Json = {
        "spreadsheetId": document.id,
        "properties": _properties(document),
        "namedRanges": list(document.named.values()),
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{document.id}/edit",
        "developerMetadata": [
            each for each in document.metadata.values() if each["location"]["locationType"] == "SPREADSHEET"
        ],
    }
    kept: Json = copy_json(select({name: value for name, value in result.items() if value != []}, mask))
    if sheets is not False:
        wants_data = grid if mask is None else below(sheets, "data") is not False
        kept["sheets"] = [_sheet(document, tab, sheets, areas, wants_data=wants_data) for tab in shown]
    return kept


def copy_json(value: Any) -> Any:
    """Return JSON that shares nothing that may change later with the document."""
    if isinstance(value, dict):
        return {name: copy_json(each) for name, each in value.items()}
    return [copy_json(each) for each in value] if isinstance(value, list) else value


def _properties(document: Document) -> Json:
    theme = [{"colorType": name, "color": {"rgbColor": color}} for name, color in THEME.items()]
    return {
        "title": document.title,
        "locale": document.locale,
        "autoRecalc": "ON_CHANGE",
        "timeZone": document.timezone,
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": {"primaryFontFamily": "Arial", "themeColors": theme},
        **document.properties,
    }


def render_properties(document: Document, tab: Tab) -> Json:
    """Return a tab's SheetProperties."""
    return {
        "sheetId": tab.id,
        "title": tab.title,
        "index": document.tabs.index(tab),
        "sheetType": "GRID",
        "gridProperties": tab.grid,
        **tab.properties,
    }


def _sheet(document: Document, tab: Tab, mask: Mask, areas: list[Area] | None, *, wants_data: bool) -> Json:
    metadata = [
        each
        for each in document.metadata.values()
        if each["location"]["locationType"] == "SHEET" and each["location"].get("sheetId", 0) == tab.id
    ]
    result: Json = {
        "properties": render_properties(document, tab),
        **tab.lists,
        "merges": [write_area(each) for each in tab.merges],
        "rowGroups": tab.groups[ROWS],
        "columnGroups": tab.groups[COLUMNS],
        "developerMetadata": metadata,
    }
    if tab.filter is not None:
        result["basicFilter"] = tab.filter
    result = copy_json(select({name: value for name, value in result.items() if value != []}, mask))
    under = below(mask, "data")
    if wants_data and under is not False:
        wanted = [area for area in areas if area.tab == tab.id] if areas is not None else [tab.whole()]
        reader = Reader(document, tab, under)
        result["data"] = [reader.data(area) for area in wanted]
    return result


class Reader:
    """Renders cells of one tab, as far as a mask of GridData asks."""

    def __init__(self, document: Document, tab: Tab, mask: Mask) -> None:
        self._document = document
        self._tab = tab
        self._mask = mask
        rows = below(mask, "rowData")
        cells = below(rows, "values") if rows is not False else False
        self._cells = cells
        self._sheet = document.calculator()
        form = below(cells, "effectiveFormat") if cells is not False else False
        self._known: dict[int, Json] = {}
        self._bares: dict[tuple[int, int], Json] = {}
        shows_paint = form is None or (form is not False and bool(PAINTED & form.keys()))
        self._painter = Painter(document, tab) if shows_paint and tab.lists["conditionalFormats"] else None
        self._plain = self._parts()

    def _parts(self) -> list[tuple[str, Mask]]:
        if self._cells is False:
            return []
        names = (
            "userEnteredValue", "effectiveValue", "formattedValue", "userEnteredFormat", "effectiveFormat",
            "note", "dataValidation", "textFormatRuns",
        )  # fmt: skip
        return [(name, under) for name in names if (under := below(self._cells, name)) is not False]

    def data(self, area: Area) -> Json:
        """Return the GridData of an area: rows and cells after the last used one are left out."""
        result: Json = {}
        if area.top and below(self._mask, "startRow") is not False:
            result["startRow"] = area.top
        if area.left and below(self._mask, "startColumn") is not False:
            result["startColumn"] = area.left
        if self._plain or below(self._mask, "rowData") is not False:
            rows = [self._row(row, area) for row in range(area.top, min(area.bottom, len(self._tab.rows)))]
            while rows and not rows[-1]:
                rows.pop()
            if rows:
                result["rowData"] = rows
        for name, dimension in (("rowMetadata", ROWS), ("columnMetadata", COLUMNS)):
            if below(self._mask, name) is not False:
                result[name] = self._lines(dimension, area)
        return result

    def _row(self, row: int, area: Area) -> Json:
        line = self._tab.rows[row]
        end = min(area.right, len(line))
        while end > area.left and line[end - 1] == EMPTY:
            end -= 1
        if end <= area.left:
            return {}
        if not self._plain:
            return {"values": [{} for _ in range(area.left, end)]}
        return {"values": [self._cell(row, column, line[column]) for column in range(area.left, end)]}

    def _cell(self, row: int, column: int, cell: Cell) -> Json:
        if cell is EMPTY:
            return {}
        if cell.value is None and cell.note is None and cell.runs is None and self._painter is None:
            return self._bare(row, column, cell)
        return self._whole(row, column, cell)

    def _bare(self, row: int, column: int, cell: Cell) -> Json:
        """Return a cell without a value: the same for equal formats, and a formatted tab has thousands of them."""
        key = (id(cell.form), id(cell.rule))
        told = self._bares.get(key)
        if told is None:
            told = self._bares[key] = self._whole(row, column, cell)
        return told

    def _whole(self, row: int, column: int, cell: Cell) -> Json:
        entered = cell.value
        value = self._sheet.value(self._tab.id, row, column) if isinstance(entered, Formula) else entered
        result: Json = {}
        for name, under in self._plain:
            if name == "effectiveFormat":
                told = self._effective(row, column, cell, value, under)
            else:
                told = self._part(name, cell, value)
                told = told if under is None or told is None else select(told, under)
            if told is not None:
                result[name] = told
        return result

    def _part(self, name: str, cell: Cell, value: Effective) -> Any:
        match name:
            case "userEnteredValue":
                return write_value(cell.value)
            case "effectiveValue":
                return write_value(value)
            case "formattedValue":
                form = number_format(self._document, cell)
                return None if value is None else format_value(value, form, self._document.locale)
            case "userEnteredFormat":
                return cell.form
            case "note":
                return cell.note
            case "dataValidation":
                return cell.rule
            case _:
                return cell.runs

    def _effective(self, row: int, column: int, cell: Cell, value: Effective, mask: Mask) -> Json:
        """Return the part of the effective format that was asked; without rules it is the same for equal formats."""
        if self._painter is not None or isinstance(cell.value, Formula):
            form = self._plainly(cell)
            painted = self._painter.paint(row, column, value) if self._painter is not None else {}
            told: Json = select(overlay(form, painted), mask)
            return told
        known = self._known.get(id(cell.form))
        if known is None:
            known = self._known[id(cell.form)] = select(self._plainly(cell), mask)
        return known

    def _plainly(self, cell: Cell) -> Json:
        form = overlay(DEFAULT_FORMAT, cell.form or {})
        number = number_format(self._document, cell)
        if number:
            form["numberFormat"] = {**number, "pattern": pattern_of(number, self._document.locale)}
        return {**form, "hyperlinkDisplayType": "PLAIN_TEXT"}

    def _lines(self, dimension: str, area: Area) -> list[Json]:
        tagged = metadata_at(self._document, self._tab.id, dimension)
        filtered = hidden_rows(self._document, self._tab) if dimension == ROWS else set()
        usual = ROW_PIXELS if dimension == ROWS else COLUMN_PIXELS
        lines = self._tab.lines[dimension]
        found = []
        for at in range(area.top, area.bottom) if dimension == ROWS else range(area.left, area.right):
            line: Json = {"pixelSize": usual, **lines.get(at, {})}
            if at in filtered:
                line["hiddenByFilter"] = True
            if at in tagged:
                line["developerMetadata"] = tagged[at]
            found.append(line)
        return found


def overlay(under: Json, over: Json) -> Json:
    """Lay one format over another."""
    result = dict(under)
    for name, value in over.items():
        inner = result.get(name)
        both = isinstance(value, dict) and isinstance(inner, dict) and name in ("textFormat", "borders", "padding")
        result[name] = {**inner, **value} if both and inner else value
    return result


def number_format(document: Document, cell: Cell) -> Json | None:
    """Return a cell's number format: its own, or the one that its formula brings along."""
    own = (cell.form or {}).get("numberFormat")
    if own or not isinstance(cell.value, Formula):
        return own
    kind = DATED.get(outer_call(cell.value.text))
    return {"type": kind} if kind else None


def shown(document: Document, tab: Tab, row: int, column: int, cell: Cell | None = None) -> str | None:
    """Return the text that a person sees in a cell, or None in one without a value."""
    cell = tab.cell(row, column) if cell is None else cell
    if cell.value is None:
        return None
    value = document.calculator().value(tab.id, row, column)
    return format_value(value, number_format(document, cell), document.locale)
