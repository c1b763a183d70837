"""A person with a spreadsheet program: types into, sorts and annotates an .xlsx workbook, and saves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from copy import copy
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

DRAWN = ("Dashboard", "Guide")
TEXT_HEADERS = ("ID", "Parent", "Cycle")


class WorkbookPerson:
    """Acts on the workbook at ``path``: each act opens it and saves it, as a person would."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _open(self, tab: str) -> Iterator[Worksheet]:
        from openpyxl import load_workbook

        book = load_workbook(self._path)
        yield book[tab]
        _fit_rows(book)
        book.save(self._path)

    def fill(self, tab: str, rows: Iterable[Mapping[str, str]]) -> None:
        """Type rows below the header, each text as a spreadsheet program would read it."""
        with self._open(tab) as sheet:
            columns = {cell.value: at for at, cell in enumerate(sheet[1], start=1)}
            for number, row in enumerate(rows, start=2):
                for header, text in row.items():
                    _type(sheet.cell(number, columns[header]), text, is_text=header.endswith(TEXT_HEADERS))

    def type(self, tab: str, row_id: str, header: str, text: str) -> None:
        """Type into the cell of a row, found by its id, and a column, found by its header."""
        with self._open(tab) as sheet:
            _type(sheet.cell(_row(sheet, row_id), _column(sheet, header)), text, is_text=False)

    def rename_header(self, tab: str, header: str, text: str) -> None:
        """Write something else into a column's header."""
        with self._open(tab) as sheet:
            sheet.cell(1, _column(sheet, header)).value = text

    def add_note(self, tab: str, row_id: str, header: str, text: str) -> None:
        """Put a note on a cell."""
        from openpyxl.comments import Comment

        with self._open(tab) as sheet:
            sheet.cell(_row(sheet, row_id), _column(sheet, header)).comment = Comment(text, "Somebody")

    def sort(self, tab: str, header: str) -> None:
        """Sort all rows by a column, whole rows at once, empty cells last."""
        with self._open(tab) as sheet:
            at = _column(sheet, header)
            rows = [[(cell.value, _look(cell)) for cell in row] for row in sheet.iter_rows(min_row=2)]
            rows.sort(key=lambda row: (row[at - 1][0] is None, str(row[at - 1][0] or "")))
            for number, row in enumerate(rows, start=2):
                for column, (value, look) in enumerate(row, start=1):
                    cell: Any = sheet.cell(number, column)
                    cell.value, cell._style = value, look


def _column(sheet: Worksheet, header: str) -> int:
    return next(at for at, cell in enumerate(sheet[1], start=1) if cell.value == header)


def _row(sheet: Worksheet, row_id: str) -> int:
    rows = enumerate(sheet.iter_rows(min_row=2, max_col=1), start=2)
    return next(at for at, row in rows if row[0].value == row_id)


def _look(cell: Any) -> Any:
    """How a cell looks: its own format, else its column's."""
    return copy(cell._style if cell.has_style else cell.parent.column_dimensions[cell.column_letter]._style)


def _fit_rows(book: Workbook) -> None:
    """Leave the heights of rows to their texts, as spreadsheet programs do; openpyxl would save them all as fixed."""
    for sheet in book.worksheets:
        if sheet.title not in DRAWN:
            for number, line in sheet.row_dimensions.items():
                line.height = line.height if number == 1 else None


def _type(cell: Any, text: str, *, is_text: bool) -> None:
    """What a spreadsheet program makes of typed text: percent, a day, a number, else text. The look stays."""
    cell._style = _look(cell)
    if is_text:
        cell.value = text
        return
    if text.endswith("%") and text[0].isdigit():
        cell.value, cell.number_format = float(text[:-1]) / 100, "0.##%" if "." in text else "0%"
        return
    for parse in (float, date.fromisoformat):
        look = cell.number_format
        try:
            cell.value = parse(text)
        except ValueError:
            continue
        if look != "General":
            cell.number_format = look
        return
    cell.value = text
