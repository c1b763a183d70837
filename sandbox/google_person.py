"""A person with the spreadsheet open in a browser: types, sorts, renames, moves, deletes, as people do."""

from __future__ import annotations

from typing import Any

from sandbox.google_batch import Edit, apply_batch
from sandbox.google_batch_lines import sort_rows
from sandbox.google_cell import EMPTY, Cell
from sandbox.google_document import COLUMNS, ROWS, Document, Tab
from sandbox.google_eyes import Eyes
from sandbox.google_move import delete_lines, insert_lines, move_lines
from sandbox.google_range import Area, parse_box, write_area
from sandbox.google_schema import Json
from sandbox.google_values import enter

OWNER = "person@acme.example"


class Person(Eyes):
    """Edits a document directly, under the service's lock. Tabs are named by title, columns by letter or header.

    Typing is read as the browser reads it, but for one thing: the percent sign that the editor adds by itself in a
    cell formatted as percent is not added here.
    """

    def _typed(self, cell: Cell, text: str) -> Cell:
        return enter(cell, text, self._document.locale, typed=True, year=self._document.now().year)

    def _data(self, tab: Tab) -> Area:
        top = max(tab.grid.get("frozenRowCount", 1), 1)
        bottom = tab.used(lambda cell: cell.value is not None)[0]
        return Area(tab.id, top, 0, max(bottom, top), tab.column_count)

    # Writing

    def type(self, tab: str, address: str, text: str) -> None:
        """Type into a cell."""
        with self._open():
            page = self._tab(tab)
            at = self._cell(page, address)
            page.put(*at, self._typed(page.cell(*at), text))
            self._document.touched()

    def clear(self, tab: str, address: str) -> None:
        """Press Delete on a cell or range: values go; formats, notes and rules stay."""
        with self._open():
            page = self._tab(tab)
            top, left, bottom, right = parse_box(address) or invalid_address(address)
            for row in range(top, min(bottom, len(page.rows))):
                for column in range(left, min(right, len(page.rows[row]))):
                    cell = page.cell(row, column)._replace(value=None, runs=None)
                    page.put(row, column, EMPTY if cell == EMPTY else cell)
            self._document.touched()

    def paste(self, tab: str, address: str, rows: list[list[str]]) -> None:
        """Paste a block of text at a cell."""
        with self._open():
            page = self._tab(tab)
            top, left = self._cell(page, address)
            for down, row in enumerate(rows):
                for across, text in enumerate(row):
                    at = (top + down, left + across)
                    page.put(*at, self._typed(page.cell(*at), text))
            self._document.touched()

    def sort(self, tab: str, column: str | int, descending: bool = False) -> None:
        """Sort the rows below the header by a column."""
        with self._open():
            page = self._tab(tab)
            keys = [(self._column(page, column), descending)]
            sort_rows(Edit(self._document, OWNER), page, self._data(page), keys)
            self._document.touched()

    def sort_some(self, tab: str, area: str, column: str | int, descending: bool = False) -> None:
        """Sort only a selected range, such as ``E2:H10``: the mistake that tears rows apart."""
        with self._open():
            page = self._tab(tab)
            box = parse_box(area) or invalid_address(area)
            keys = [(self._column(page, column), descending)]
            sort_rows(Edit(self._document, OWNER), page, Area(page.id, *box), keys)
            self._document.touched()

    def rename_header(self, tab: str, column: str | int, text: str) -> None:
        """Type a new header over a column."""
        with self._open():
            page = self._tab(tab)
            row = max(page.grid.get("frozenRowCount", 1), 1) - 1
            at = (row, self._column(page, column))
            page.put(*at, page.cell(*at)._replace(value=text))
            self._document.touched()

    def rename_tab(self, tab: str, title: str) -> None:
        """Rename a tab."""
        self._batch(tab, lambda page: {
            "updateSheetProperties": {"properties": {"sheetId": page.id, "title": title}, "fields": "title"}
        })  # fmt: skip

    def delete_tab(self, tab: str) -> None:
        """Delete a tab."""
        self._batch(tab, lambda page: {"deleteSheet": {"sheetId": page.id}})

    def _batch(self, tab: str, make: Any) -> Json:
        with self._open():
            owners = dict(self._document.access)
            self._document.access[OWNER] = "owner"
            try:
                return apply_batch(self._document, OWNER, {"requests": [make(self._tab(tab))]})
            finally:
                self._document.access = owners

    def move_column(self, tab: str, column: str | int, before: str | int) -> None:
        """Drag a column to stand before another."""
        with self._open():
            page = self._tab(tab)
            start, to = self._column(page, column), self._column(page, before)
            move_lines(self._document, page, COLUMNS, start, 1, to)
            self._document.touched()

    def insert_column(self, tab: str, before: str | int, header: str = "") -> None:
        """Insert an empty column, and perhaps type its header."""
        with self._open():
            page = self._tab(tab)
            at = self._column(page, before)
            insert_lines(self._document, page, COLUMNS, at, 1)
            if header:
                self.rename_header(tab, at, header)
            self._document.touched()

    def delete_column(self, tab: str, column: str | int) -> None:
        """Delete a column."""
        with self._open():
            page = self._tab(tab)
            delete_lines(self._document, page, COLUMNS, self._column(page, column), 1)
            self._document.touched()

    def insert_row(self, tab: str, row: int, values: list[str] | None = None) -> None:
        """Insert an empty row above row number ``row``, and perhaps type into it."""
        with self._open():
            page = self._tab(tab)
            insert_lines(self._document, page, ROWS, row - 1, 1)
            if values:
                self.paste(tab, f"A{row}", [values])
            self._document.touched()

    def delete_row(self, tab: str, row: int) -> None:
        """Delete row number ``row``."""
        with self._open():
            delete_lines(self._document, self._tab(tab), ROWS, row - 1, 1)
            self._document.touched()

    def duplicate_row(self, tab: str, row: int) -> None:
        """Insert a copy of row number ``row`` below it."""
        with self._open():
            page = self._tab(tab)
            line = list(page.rows[row - 1])
            insert_lines(self._document, page, ROWS, row, 1)
            for column, cell in enumerate(line):
                page.put(row, column, cell)
            self._document.touched()

    def add_note(self, tab: str, address: str, text: str) -> None:
        """Write a note on a cell; an empty text removes it."""
        with self._open():
            page = self._tab(tab)
            at = self._cell(page, address)
            page.put(*at, page.cell(*at)._replace(note=text or None))
            self._document.touched()

    def filter(self, tab: str, column: str | int, hide: list[str]) -> None:
        """Filter out the rows that show one of the texts in a column."""
        with self._open():
            page = self._tab(tab)
            at, area = self._column(page, column), self._data(page)
            where = {"sheetId": page.id} if page.id else {}
            bounds = {
                "startRowIndex": area.top - 1,
                "endRowIndex": area.bottom,
                "startColumnIndex": 0,
                "endColumnIndex": page.column_count,
            }
            page.filter = {"range": where | bounds, "criteria": {str(at): {"hiddenValues": hide}}}
            self._document.touched()

    def hide_column(self, tab: str, column: str | int) -> None:
        """Hide a column."""
        self._batch(tab, lambda page: _hidden(page, COLUMNS, self._column(page, column)))

    def hide_row(self, tab: str, row: int) -> None:
        """Hide row number ``row``."""
        self._batch(tab, lambda page: _hidden(page, ROWS, row - 1))

    def hide_tab(self, tab: str) -> None:
        """Hide a tab."""
        self._batch(tab, lambda page: {
            "updateSheetProperties": {"properties": {"sheetId": page.id, "hidden": True}, "fields": "hidden"}
        })  # fmt: skip

    def protect(self, tab: str, area: str = "", editors: tuple[str, ...] = ()) -> None:
        """Protect a range, or the whole tab, so that only the owner and these editors may change it."""
        self._batch(tab, lambda page: {
            "addProtectedRange": {"protectedRange": {"range": _box(page, area), "editors": {"users": list(editors)}}}
        })  # fmt: skip

    def merge(self, tab: str, area: str) -> None:
        """Merge the cells of a range; only the first one's value stays."""
        self._batch(tab, lambda page: {"mergeCells": {"range": _box(page, area), "mergeType": "MERGE_ALL"}})

    def copy_file(self, title: str | None = None) -> Document:
        """Make a copy of the whole spreadsheet (File, Make a copy)."""
        with self._open():
            return self._home.copy(self._document, title)


def invalid_address(address: str) -> tuple[int, int, int, int]:
    """Refuse what is no range."""
    raise KeyError(f"“{address}” is no range.")


def _box(page: Tab, area: str) -> Json:
    """Return the GridRange of an A1 range; no range is the whole tab."""
    if not area:
        return {"sheetId": page.id}
    return {"sheetId": page.id} | write_area(Area(page.id, *(parse_box(area) or invalid_address(area))))


def _hidden(page: Tab, dimension: str, at: int) -> Json:
    span = {"sheetId": page.id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
    return {
        "updateDimensionProperties": {"range": span, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
    }
