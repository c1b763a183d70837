"""People who edit a spreadsheet of the sandbox, as if in a browser."""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.google_batch import apply_batch
from sandbox.google_document import Document
from sandbox.google_person import OWNER
from sync.sheet.cell import CellValue
from sync.sheet.google_cell import make_data
from sync.sheet.store import CellRange

PAINT = {"red": 1.0, "green": 0.5, "blue": 0.25}


@dataclass
class GooglePeople:
    """What people do, on a document."""

    document: Document

    def put(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        """Type into a cell; beyond the last one they add rows or columns first."""
        tab = self._tab(title)
        for dimension, more in (("ROWS", row + 1 - tab.row_count), ("COLUMNS", column + 1 - tab.column_count)):
            if more > 0:
                self._send("appendDimension", {"sheetId": tab.id, "dimension": dimension, "length": more})
        start = {"sheetId": tab.id, "rowIndex": row, "columnIndex": column}
        rows = [{"values": [make_data(value, formula)]}]
        self._send("updateCells", {"start": start, "rows": rows, "fields": "userEnteredValue"})

    def permute_rows(self, title: str, order: Sequence[int]) -> None:
        tab = self._tab(title)
        tab.rows[1 : 1 + len(order)] = [tab.rows[at] for at in order]
        self.document.touched()

    def insert_row(self, title: str, row: int) -> None:
        self._send("insertDimension", {"range": self._line(title, "ROWS", row), "inheritFromBefore": row > 1})

    def delete_row(self, title: str, row: int) -> None:
        self._send("deleteDimension", {"range": self._line(title, "ROWS", row)})

    def move_column(self, title: str, column: int, to: int) -> None:
        to = to if to <= column else to + 1
        if column != to:
            self._send("moveDimension", {"source": self._line(title, "COLUMNS", column), "destinationIndex": to})

    def insert_column(self, title: str, column: int) -> None:
        self._send("insertDimension", {"range": self._line(title, "COLUMNS", column)})

    def delete_column(self, title: str, column: int) -> None:
        self._send("deleteDimension", {"range": self._line(title, "COLUMNS", column)})

    def note(self, title: str, row: int, column: int, text: str) -> None:
        start = {"sheetId": self._tab(title).id, "rowIndex": row, "columnIndex": column}
        self._send("updateCells", {"start": start, "rows": [{"values": [{"note": text}]}], "fields": "note"})

    def merge(self, title: str, area: CellRange) -> None:
        self._send("mergeCells", {"range": self._area(title, area), "mergeType": "MERGE_ALL"})

    def unmerge(self, title: str) -> None:
        self._send("unmergeCells", {"range": {"sheetId": self._tab(title).id}})

    def hide(self, title: str, rows: Collection[int], columns: Collection[int]) -> None:
        for dimension, lines in (("ROWS", rows), ("COLUMNS", columns)):
            for at in {*self._hidden(self._tab(title), dimension), *lines}:
                span = {"range": self._line(title, dimension, at), "properties": {"hiddenByUser": at in lines}}
                self._send("updateDimensionProperties", {**span, "fields": "hiddenByUser"})

    def filter(self, title: str, rows: Collection[int], *, skips: bool = False) -> None:
        tab = self._tab(title)
        if not rows:
            self._send("clearBasicFilter", {"sheetId": tab.id})
            return
        shown = [str(tab.cell(row, 0).value) for row in sorted(rows)]
        span = {"sheetId": tab.id, "startRowIndex": 0, "startColumnIndex": 0}
        self._send("setBasicFilter", {"filter": {"range": span, "criteria": {"0": {"hiddenValues": shown}}}})

    def protect(self, title: str, columns: Collection[int]) -> None:
        for column in columns or (None,):
            span = {"sheetId": self._tab(title).id} if column is None else self._column(title, column)
            guard = {"range": span, "editors": {"users": [OWNER]}}
            if not any(self._is_same(each, guard) for each in self._tab(title).lists["protectedRanges"]):
                self._send("addProtectedRange", {"protectedRange": guard})

    def _is_same(self, one: dict[str, Any], other: dict[str, Any]) -> bool:
        return bool(one.get("range") == other["range"] and not one.get("warningOnly"))

    def unprotect(self) -> None:
        for tab in self.document.tabs:
            for guard in [each for each in tab.lists["protectedRanges"] if not each.get("warningOnly")]:
                self._send("deleteProtectedRange", {"protectedRangeId": guard["protectedRangeId"]})

    def paint(self, title: str, row: int, column: int) -> None:
        area = self._area(title, CellRange(row, column, row, column))
        cell = {"userEnteredFormat": {"backgroundColor": PAINT}}
        self._send("repeatCell", {"range": area, "cell": cell, "fields": "userEnteredFormat.backgroundColor"})

    def shape(self, title: str) -> object:
        tab = next((tab for tab in self.document.tabs if tab.title == title), None)
        if tab is None:
            return None
        painted = [
            (row, column)
            for row, cells in enumerate(tab.rows)
            for column, cell in enumerate(cells)
            if (cell.form or {}).get("backgroundColor") == PAINT
        ]
        guards = [each for each in tab.lists["protectedRanges"] if not each.get("warningOnly")]
        hidden = (self._hidden(tab, "ROWS"), self._hidden(tab, "COLUMNS"))
        return sorted(tab.merges), hidden, copy.deepcopy(tab.filter), copy.deepcopy(guards), painted

    def _hidden(self, tab: Any, dimension: str) -> list[int]:
        return sorted(at for at, line in tab.lines[dimension].items() if line.get("hiddenByUser"))

    def _area(self, title: str, area: CellRange) -> dict[str, Any]:
        rows = {"startRowIndex": area.top, "endRowIndex": area.bottom + 1}
        columns = {"startColumnIndex": area.left, "endColumnIndex": area.right + 1}
        return {"sheetId": self._tab(title).id, **rows, **columns}

    def _column(self, title: str, column: int) -> dict[str, Any]:
        return {"sheetId": self._tab(title).id, "startColumnIndex": column, "endColumnIndex": column + 1}

    def rename_tab(self, title: str, new: str) -> None:
        properties = {"sheetId": self._tab(title).id, "title": new}
        self._send("updateSheetProperties", {"properties": properties, "fields": "title"})

    def delete_tab(self, title: str) -> None:
        self._send("deleteSheet", {"sheetId": self._tab(title).id})

    def save(self) -> dict[str, Any]:
        return self.document.save()

    def restore(self, version: dict[str, Any]) -> None:
        self.document.restore({**version, "tabs": [tab.copy() for tab in version["tabs"]]})
        self.document.touched()

    def _tab(self, title: str) -> Any:
        return next(tab for tab in self.document.tabs if tab.title == title)

    def _line(self, title: str, dimension: str, at: int) -> dict[str, Any]:
        return {"sheetId": self._tab(title).id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}

    def _send(self, name: str, body: dict[str, Any]) -> None:
        apply_batch(self.document, OWNER, {"requests": [{name: body}]})
