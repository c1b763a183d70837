"""People who edit a workbook with another program, and save it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment

from sync.sheet.cell import CellValue

Lines = list[list[Any]]


@dataclass
class WorkbookPeople:
    """What people do: open, edit, save, close. Rows and columns are moved with their values and notes."""

    path: Path

    def put(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        def edit(sheet: Any) -> None:
            sheet.cell(row + 1, column + 1).value = formula or (float(value) if isinstance(value, Decimal) else value)

        self._edit(title, edit)

    def permute_rows(self, title: str, order: Sequence[int]) -> None:
        self._rearrange(title, lambda lines: [lines[0], *(lines[at] for at in order), *lines[1 + len(order) :]])

    def insert_row(self, title: str, row: int) -> None:
        self._rearrange(title, lambda lines: [*lines[:row], [], *lines[row:]])

    def delete_row(self, title: str, row: int) -> None:
        self._rearrange(title, lambda lines: [*lines[:row], *lines[row + 1 :]])

    def move_column(self, title: str, column: int, to: int) -> None:
        def move(line: list[Any]) -> list[Any]:
            line = line + [None] * (max(column, to) + 1 - len(line))
            line.insert(to, line.pop(column))
            return line

        self._rearrange(title, lambda lines: [move(line) for line in lines])

    def insert_column(self, title: str, column: int) -> None:
        self._rearrange(title, lambda lines: [[*line[:column], None, *line[column:]] for line in lines])

    def delete_column(self, title: str, column: int) -> None:
        self._rearrange(title, lambda lines: [[*line[:column], *line[column + 1 :]] for line in lines])

    def note(self, title: str, row: int, column: int, text: str) -> None:
        def edit(sheet: Any) -> None:
            sheet.cell(row + 1, column + 1).comment = Comment(text, "Somebody")

        self._edit(title, edit)

    def delete_tab(self, title: str) -> None:
        book = openpyxl.load_workbook(self.path)
        del book[title]
        book.save(self.path)

    def save(self) -> bytes:
        return self.path.read_bytes()

    def restore(self, version: bytes) -> None:
        self.path.write_bytes(version)

    def _rearrange(self, title: str, change: Callable[[Lines], Lines]) -> None:
        def edit(sheet: Any) -> None:
            old = [[(cell.value, cell.number_format, cell.comment) for cell in row] for row in sheet.iter_rows()]
            height, width = len(old), max(map(len, old)) + 1
            for row, line in enumerate(change(old) + [[]] * height):
                for column in range(width):
                    cell = sheet.cell(row + 1, column + 1)
                    found = line[column] if column < len(line) else None
                    value, form, comment = found or (None, "General", None)
                    cell.value, cell.number_format = value, form
                    cell.comment = None
                    if comment is not None:
                        cell.comment = type(comment)(comment.text, comment.author)

        self._edit(title, edit)

    def _edit(self, title: str, edit: Callable[[Any], None]) -> None:
        book = openpyxl.load_workbook(self.path)
        edit(book[title])
        book.save(self.path)
