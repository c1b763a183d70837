"""People who edit a workbook with another program, and save it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from sync.sheet.cell import CellValue
from sync.sheet.store import CellRange

PAINT = "FFFF8040"
Lines = list[list[Any]]


@dataclass
class WorkbookPeople:
    """What people do: open, edit, save, close. Rows and columns are moved with their values and notes."""

    path: Path
    _shapes: tuple[bytes, dict[str, object]] | None = None

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

    moves_merges = False
    """Whether rows and columns can be moved where cells are merged."""

    def merge(self, title: str, area: CellRange) -> None:
        self._edit(title, lambda sheet: sheet.merge_cells(None, *_corners(area)))

    def unmerge(self, title: str) -> None:
        def edit(sheet: Any) -> None:
            for area in list(sheet.merged_cells.ranges):
                sheet.unmerge_cells(str(area))

        self._edit(title, edit)

    def hide(self, title: str, rows: Collection[int], columns: Collection[int]) -> None:
        def edit(sheet: Any) -> None:
            for row in rows:
                sheet.row_dimensions[row + 1].hidden = True
            for column in columns:
                sheet.column_dimensions[get_column_letter(column + 1)].hidden = True

        self._edit(title, edit)

    def filter(self, title: str, rows: Collection[int], *, skips: bool = False) -> None:
        def edit(sheet: Any) -> None:
            sheet.auto_filter.ref = sheet.dimensions if rows else None
            for row in range(2, sheet.max_row + 1):
                sheet.row_dimensions[row].hidden = row - 1 in rows

        self._edit(title, edit)

    def protect(self, title: str, columns: Collection[int]) -> None:
        """A workbook has no accounts: it is open in Excel, where nobody else can save it."""
        self._lock.touch()

    def unprotect(self) -> None:
        self._lock.unlink(missing_ok=True)

    @property
    def _lock(self) -> Path:
        return self.path.with_name(f"~${self.path.name}")

    def paint(self, title: str, row: int, column: int) -> None:
        def edit(sheet: Any) -> None:
            sheet.cell(row + 1, column + 1).fill = PatternFill("solid", PAINT)

        self._edit(title, edit)

    def shape(self, title: str) -> object:
        saved = self.path.read_bytes()
        if self._shapes is None or self._shapes[0] != saved:
            book = openpyxl.load_workbook(self.path)
            self._shapes = saved, {sheet.title: _shape(sheet) for sheet in book.worksheets}
        return self._shapes[1].get(title)

    def rename_tab(self, title: str, new: str) -> None:
        def edit(sheet: Any) -> None:
            sheet.title = new

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


def _corners(area: CellRange) -> tuple[int, int, int, int]:
    return area.top + 1, area.left + 1, area.bottom + 1, area.right + 1


def _shape(sheet: Any) -> object:
    hidden = [
        sorted(str(at) for at, line in lines.items() if line.hidden)
        for lines in (sheet.row_dimensions, sheet.column_dimensions)
    ]
    painted = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == PAINT]
    return sorted(map(str, sheet.merged_cells.ranges)), hidden, sheet.auto_filter.ref, painted
