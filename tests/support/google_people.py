"""People who edit a spreadsheet of the sandbox, as if in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.google_batch import apply_batch
from sandbox.google_document import Document
from sandbox.google_person import OWNER
from sync.sheet.cell import CellValue
from sync.sheet.google_cell import make_data


@dataclass
class GooglePeople:
    """What people do, on a document."""

    document: Document

    def put(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        start = {"sheetId": self._tab(title).id, "rowIndex": row, "columnIndex": column}
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
