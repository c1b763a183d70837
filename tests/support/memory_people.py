"""People who edit the sheet in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sync.sheet.cell import CellValue
from tests.support.memory_store import MemoryStore


@dataclass
class MemoryPeople:
    """What people do, on a MemoryStore."""

    store: MemoryStore

    def put(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        self.store.type(title, row, column, value, formula=formula)

    def permute_rows(self, title: str, order: Sequence[int]) -> None:
        self.store.permute_rows(title, order)

    def insert_row(self, title: str, row: int) -> None:
        self.store.insert_row(title, row)

    def delete_row(self, title: str, row: int) -> None:
        self.store.delete_row(title, row)

    def move_column(self, title: str, column: int, to: int) -> None:
        self.store.move_column(title, column, to)

    def insert_column(self, title: str, column: int) -> None:
        self.store.insert_column(title, column)

    def delete_column(self, title: str, column: int) -> None:
        self.store.delete_column(title, column)

    def note(self, title: str, row: int, column: int, text: str) -> None:
        self.store.note(title, row, column, text)

    def delete_tab(self, title: str) -> None:
        self.store.delete_tab(title)

    def save(self) -> MemoryStore:
        return self.store.copy()

    def restore(self, version: MemoryStore) -> None:
        self.store.restore(version)
