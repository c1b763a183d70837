"""What a person sees of a spreadsheet in the browser: values, texts, notes, and where things stand."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from sandbox.google_cell import Effective
from sandbox.google_document import Document, Tab
from sandbox.google_range import column_of, letters, parse_box
from sandbox.google_render import shown


class Home(Protocol):
    """The service in which the spreadsheet lives."""

    lock: Any

    def copy(self, document: Document, title: str | None = None, owner: str | None = None) -> Document:
        """Copy a spreadsheet."""
        ...


class Eyes:
    """Reads a document under the service's lock. Tabs are named by title, columns by letter, header or index."""

    def __init__(self, home: Home, document: Document) -> None:
        self._home = home
        self._document = document

    def _open(self) -> AbstractContextManager[Any]:
        return self._home.lock  # type: ignore[no-any-return]

    def _tab(self, title: str) -> Tab:
        tab = self._document.titled(title)
        if tab is None:
            raise KeyError(f"There is no tab “{title}”; there are {[each.title for each in self._document.tabs]}.")
        return tab

    def _cell(self, tab: Tab, address: str) -> tuple[int, int]:
        box = parse_box(address)
        if box is None or box[0] >= tab.row_count or box[1] >= tab.column_count:
            raise KeyError(f"“{tab.title}” has no cell {address}.")
        return box[0], box[1]

    def _column(self, tab: Tab, column: str | int) -> int:
        if isinstance(column, int):
            return column
        header = self._header(tab)
        if column in header:
            return header.index(column)
        if column.isalpha() and len(column) <= 3 and column.isupper():
            return column_of(column)
        raise KeyError(f"“{tab.title}” has no column “{column}”; its headers are {[each for each in header if each]}.")

    def _header(self, tab: Tab) -> list[str]:
        row = max(tab.grid.get("frozenRowCount", 1), 1) - 1
        line = tab.rows[row] if row < len(tab.rows) else []
        return [shown(self._document, tab, row, at) or "" for at in range(len(line))]

    def value(self, tab: str, address: str) -> Effective:
        """Return what a cell is worth: a number, text, truth or None; an error as a Failure."""
        with self._open():
            page = self._tab(tab)
            return self._document.calculator().value(page.id, *self._cell(page, address))

    def text(self, tab: str, address: str) -> str:
        """Return what a cell shows."""
        with self._open():
            page = self._tab(tab)
            return shown(self._document, page, *self._cell(page, address)) or ""

    def note(self, tab: str, address: str) -> str | None:
        """Return a cell's note."""
        with self._open():
            page = self._tab(tab)
            return page.cell(*self._cell(page, address)).note

    def find(self, tab: str, text: str, column: str | int = 0) -> int:
        """Return the number (as in ``D7``) of the first row that shows ``text`` in a column."""
        with self._open():
            page = self._tab(tab)
            at = self._column(page, column)
            for row in range(len(page.rows)):
                if shown(self._document, page, row, at) == text:
                    return row + 1
        raise KeyError(f"No row of “{tab}” shows “{text}” in column {column}.")

    def address(self, tab: str, row_text: str, column: str) -> str:
        """Return the address of the cell in the row whose first column shows ``row_text``, under a header."""
        with self._open():
            return f"{letters(self._column(self._tab(tab), column))}{self.find(tab, row_text)}"

    def rows(self, tab: str) -> list[list[str]]:
        """Return a tab as a person sees it, row by row."""
        with self._open():
            page = self._tab(tab)
            return [
                [shown(self._document, page, row, column) or "" for column in range(len(line))]
                for row, line in enumerate(page.rows)
            ]
