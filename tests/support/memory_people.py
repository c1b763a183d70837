"""People who edit the sheet in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sync.sheet.cell import CellValue
from sync.sheet.store import CellRange
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

    def merge(self, title: str, area: CellRange) -> None:
        self.store.merge(title, area)

    def unmerge(self, title: str) -> None:
        self.store.reshape(title, merges=())

    def hide(self, title: str, rows: Collection[int], columns: Collection[int]) -> None:
        self.store.reshape(title, rows=frozenset(rows), columns=frozenset(columns))

    def filter(self, title: str, rows: Collection[int], *, skips: bool = False) -> None:
        self.store.reshape(title, filtered=frozenset(rows), skips=skips)

    def protect(self, title: str, columns: Collection[int]) -> None:
        self.store.reshape(title, closed=frozenset(columns))

    def unprotect(self) -> None:
        for tab in self.store.tabs:
            self.store.reshape(tab.title, closed=None)

    def paint(self, title: str, row: int, column: int) -> None:
        self.store.reshape(title, paint=self.store.tab(title).shape.paint | {(row, column)})

    def shape(self, title: str) -> object:
        return self.store.tab(title).shape

    def rename_tab(self, title: str, new: str) -> None:
        self.store.rename_tab(title, new)

    def delete_tab(self, title: str) -> None:
        self.store.delete_tab(title)

    def save(self) -> MemoryStore:
        return self.store.copy()

    def restore(self, version: MemoryStore) -> None:
        self.store.restore(version)
