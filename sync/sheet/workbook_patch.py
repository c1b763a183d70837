"""Changes cells in one sheet's XML, and nothing else of it: rows and cells are put in where they belong.

A cell keeps its style. Text is written into the cell itself (inline), so that the shared texts of the workbook stay
untouched, and never as a formula. Rows whose height Excel had fitted to their text get it fitted again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sync.sheet.cell import CellValue
from sync.sheet.number_format import GENERAL, plain_code, share_code
from sync.sheet.store import CellRange
from sync.sheet.store_error import SheetRefused
from sync.sheet.workbook_formula import find_array, release_formula
from sync.sheet.workbook_height import DEFAULT_WIDTH, fit_height, read_widths
from sync.sheet.workbook_read import COLUMN_LIMIT, ROW_LIMIT, Book, Sheet, parse_address, parse_range, render_address
from sync.sheet.workbook_style import DAY_CODE, Styles
from sync.sheet.workbook_value import MAX_TEXT, Kind, make_serial, render_number
from sync.sheet.workbook_xml import (
    WORKSHEET_ORDER,
    Element,
    add,
    add_text,
    encode_text,
    find,
    find_or_place,
    forget,
    make,
    name,
    read_text,
)

_ROW, _C = name("row"), name("c")


class Grid:
    """The cells of one sheet, for changing."""

    def __init__(self, book: Book, sheet: Sheet) -> None:
        self._book = book
        self._styles: Styles = book.styles
        self._title = sheet.title
        self.root = book.package.touch(sheet.part)
        self._data = find_or_place(self.root, "sheetData", WORKSHEET_ORDER)
        self._rows: dict[int, Element] = {}
        self._order: list[int] = []
        self._cells: dict[int, dict[int, Element]] = {}
        self._touched: set[int] = set()
        self.lost_formulas = False
        self._index_rows()
        self._arrays = find_array(self.root)

    def _index_rows(self) -> None:
        """Find the rows, and write out the numbers that the schema lets a writer leave out."""
        following = 1
        for row in self._data.iterchildren(_ROW):
            number = int(row.get("r") or following)
            row.set("r", str(number))
            self._rows[number - 1] = row
            self._order.append(number - 1)
            following = number + 1

    def write(
        self, row: int, column: int, value: CellValue, *, is_percent: bool | None = None, code: str | None = None
    ) -> None:
        """Put a value into a cell, or clear it. A day or a share gets a fitting number format where it has none.

        ``code`` is the format of a number where no person chose one.
        """
        if value is None or value == "":
            found = self._find(row, column)
            if found is not None:
                self._empty(found, row, column)
            return
        cell = self._cell(row, column)
        self._empty(cell, row, column)
        if isinstance(value, bool):
            cell.set("t", "b")
            add(cell, "v", None, "1" if value else "0")
        elif isinstance(value, Decimal) and value.is_finite():
            self._write_number(cell, value, is_percent, code)
        elif isinstance(value, date) and (serial := make_serial(value, self._book.epoch)) is not None:
            self._write_day(cell, serial)
        else:
            self._write_text(cell, str(value), row, column)

    def write_formula(self, row: int, column: int, formula: str, value: CellValue) -> None:
        """Put a person's formula back, with the value that it gave."""
        self.write(row, column, value)
        cell = self._cell(row, column)
        made = make("f", None, formula.removeprefix("="))
        inline = find(cell, "is")
        if inline is not None:
            cell.remove(inline)
            cell.set("t", "str")
            add(cell, "v", None, encode_text(str(value)))
        cell.insert(0, made)

    def write_moment(self, row: int, column: int, serial: Decimal, style: int) -> None:
        """Put a serial number with a date-time style into a cell."""
        cell = self._cell(row, column)
        self._empty(cell, row, column)
        cell.set("s", str(style))
        add(cell, "v", None, render_number(serial))

    def style(self, row: int, column: int, style: int) -> None:
        """Set a cell's style number."""
        self._cell(row, column).set("s", str(style))

    def filled_rows(self, column: int) -> list[int]:
        """The rows that have a cell in this column."""
        return [row for row in self._order if self._find(row, column) is not None]

    def restyle(self, row: int, column: int, old: int, new: int) -> None:
        """Give a cell one look of ours for another; a look that people gave it stays."""
        cell = self._cell(row, column)
        if cell.get("s") == str(old):
            cell.set("s", str(new))

    def set_height(self, row: int, points: float) -> None:
        """Fix a row's height."""
        line = self._row(row)
        line.set("ht", f"{points:g}")
        line.set("customHeight", "1")

    def _write_number(self, cell: Element, value: Decimal, is_percent: bool | None, code: str | None) -> None:
        style = int(cell.get("s") or 0)
        kind = self._styles.kind(style)
        if is_percent and kind is not Kind.PERCENT:
            cell.set("s", str(self._styles.variant(style, share_code(value))))
        elif kind is Kind.DAY or (is_percent is False and (kind is Kind.PERCENT or self._styles.is_plain(style))):
            fitting = GENERAL if is_percent is None else code or plain_code(value)
            cell.set("s", str(self._styles.variant(style, fitting)))
        add(cell, "v", None, render_number(value))

    def _write_day(self, cell: Element, serial: int) -> None:
        style = int(cell.get("s") or 0)
        if self._styles.kind(style) is not Kind.DAY:
            cell.set("s", str(self._styles.variant(style, DAY_CODE)))
        add(cell, "v", None, str(serial))

    def _write_text(self, cell: Element, text: str, row: int, column: int) -> None:
        if len(text) > MAX_TEXT:
            raise SheetRefused(
                f"{self._title}!{render_address(row, column)} would get {len(text)} characters, and a cell of a "
                f"workbook holds {MAX_TEXT}. Nothing was written.",
                fix="Keep this sheet in Google Sheets, or shorten the texts that the row is made of.",
            )
        cell.set("t", "inlineStr")
        add_text(add(cell, "is"), text)

    def _empty(self, cell: Element, row: int, column: int) -> None:
        """Take everything out of a cell except its style."""
        area = next((area for area in self._arrays if _within(area, row, column)), None)
        if area is not None:
            raise SheetRefused(
                f"{self._title}!{render_address(row, column)} is part of an array formula, which can't be changed in "
                "part. Nothing was written.",
                fix="Replace the array formula by one formula in each cell, or move it away from okr-sync's columns.",
            )
        formula = find(cell, "f")
        if formula is not None:
            self.lost_formulas = True
            release_formula(self.root, cell, formula)
        for child in list(cell):
            cell.remove(child)
        self._touched.add(row)
        forget(cell, "t", "cm", "vm")

    def _find(self, row: int, column: int) -> Element | None:
        return self._cells_of(row).get(column) if row in self._rows else None

    def _cell(self, row: int, column: int) -> Element:
        if not (0 <= row < ROW_LIMIT and 0 <= column < COLUMN_LIMIT):
            raise SheetRefused(f"{self._title} is full: a workbook has no row {row + 1}, column {column + 1}.")
        line = self._row(row)
        cells = self._cells_of(row)
        if column not in cells:
            cell = make("c", {"r": render_address(row, column)})
            if style := self._default_style(line, column):
                cell.set("s", style)
            following = next((cells[at] for at in sorted(cells) if at > column), None)
            if following is not None:
                following.addprevious(cell)
            else:
                line.insert(len(cells), cell)
            cells[column] = cell
            forget(line, "spans")
        return cells[column]

    def _row(self, row: int) -> Element:
        if row not in self._rows:
            made = make("row", {"r": str(row + 1)})
            self._data.insert(bisect_left(self._order, row), made)
            insort(self._order, row)
            self._rows[row] = made
        return self._rows[row]

    def _cells_of(self, row: int) -> dict[int, Element]:
        if row not in self._cells:
            found: dict[int, Element] = {}
            for cell in self._rows[row].iterchildren(_C):
                address = cell.get("r")
                column = parse_address(address)[1] if address else max(found, default=-1) + 1
                cell.set("r", render_address(row, column))
                found[column] = cell
            self._cells[row] = found
        return self._cells[row]

    def _default_style(self, line: Element, column: int) -> str | None:
        if line.get("customFormat") in ("1", "true") and line.get("s"):
            return line.get("s")
        columns = find(self.root, "cols")
        for each in columns if columns is not None else ():
            if int(each.get("min", "0")) <= column + 1 <= int(each.get("max", "0")):
                return each.get("style")
        return None

    def last_row(self) -> int:
        """The last row that holds a value or a formula, counted from 0; -1 where the sheet is empty."""
        for row in reversed(self._order):
            if any(len(cell) for cell in self._rows[row].iterchildren(_C)):
                return row
        return -1

    def finish(self, spans: Mapping[tuple[int, int], int] | None = None) -> None:
        """Fit the heights of the changed rows, and bring the sheet's stated size up to date.

        ``spans`` are the cells that are merged with so many columns.
        """
        widths = read_widths(self.root)
        for row in self._touched & self._rows.keys():
            cells = self._cells_of(row)
            room = {
                at: sum(widths.get(at + n, DEFAULT_WIDTH) for n in range((spans or {}).get((row, at), 1)))
                for at in cells
            }
            fit_height(self._rows[row], cells, room, self._read, self._look)
        self._state_size()

    def _read(self, cell: Element) -> str:
        value, inline = find(cell, "v"), find(cell, "is")
        if inline is not None:
            return read_text(inline)
        if value is None or cell.get("t") not in ("s", "str"):
            return ""
        text = value.text or ""
        return self._book.shared[int(text)] if cell.get("t") == "s" else text

    def _look(self, cell: Element) -> tuple[float, bool]:
        return self._styles.shape(int(cell.get("s") or 0))

    def _state_size(self) -> None:
        used = [int(row.get("r", "1")) for row in self._data.iterchildren(_ROW) if len(row)]
        columns = [at for cells in self._cells.values() for at in cells]
        dimension = find(self.root, "dimension")
        if dimension is None or not used or not columns:
            return
        old = parse_range(dimension.get("ref") or "A1")
        top, bottom = min(old.top, used[0] - 1), max(old.bottom, used[-1] - 1)
        left, right = min(old.left, *columns), max(old.right, *columns)
        dimension.set("ref", f"{render_address(top, left)}:{render_address(bottom, right)}")


def _within(area: CellRange, row: int, column: int) -> bool:
    return area.top <= row <= area.bottom and area.left <= column <= area.right
