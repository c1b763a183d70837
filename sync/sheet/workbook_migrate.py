"""What a workbook of an older layout is given: what its columns lack, where nobody put something of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sync.sheet.growth import Gift, Given, Worn
from sync.sheet.style import LOOKS, Style
from sync.sheet.workbook_columns import Placed, add_dropdown, dress_column
from sync.sheet.workbook_notes import apply_notes
from sync.sheet.workbook_read import Book, Sheet, parse_address, parse_range
from sync.sheet.workbook_xml import Element, find, name

_HEADERS = frozenset({LOOKS[Style.HEADER].fill, LOOKS[Style.HEADER_MACHINE].fill})


def read_worn(book: Book, sheet: Sheet, header_row: int) -> Worn:
    """How the columns of a tab look."""
    root = book.package.tree(sheet.part)
    headed, formatted = set(), set(_styled_columns(root))
    for row, column, style in _styled_cells(root):
        if row == header_row and book.styles.fill(style) in _HEADERS:
            headed.add(column)
        elif row > header_row:
            formatted.add(column)
    return Worn(frozenset(headed), frozenset(_ruled_columns(root)), frozenset(formatted))


def _styled_cells(root: Element) -> Iterator[tuple[int, int, int]]:
    """Row, column and style number of the cells that have a look."""
    for cell in root.iter(name("c")):
        if (style := int(cell.get("s") or 0)) and (address := cell.get("r")):
            yield (*parse_address(address), style)


def _styled_columns(root: Element) -> Iterator[int]:
    columns = find(root, "cols")
    for stretch in columns if columns is not None else ():
        if int(stretch.get("style") or 0):
            yield from range(int(stretch.get("min", "1")) - 1, int(stretch.get("max", "0")))


def _ruled_columns(root: Element) -> Iterator[int]:
    for rule in root.iter(name("dataValidation")):
        for area in rule.get("sqref", "").split():
            found = parse_range(area)
            yield from range(found.left, found.right + 1)


def give(book: Book, sheet: Sheet, header_row: int, given: Sequence[Given], names: str) -> None:
    """Give columns what they lack. ``names`` is where the names of people stand, as a formula."""
    for each in given:
        placed = Placed(each.at, each.header, each.column)
        if Gift.FORMAT in each.gifts:
            dress_column(book, sheet, header_row, placed)
        if Gift.LIST in each.gifts:
            add_dropdown(book.package.touch(sheet.part), header_row, placed, names)
    notes = {(header_row, each.at): each.column.note for each in given if Gift.NOTE in each.gifts}
    apply_notes(book.package, sheet.part, notes)
