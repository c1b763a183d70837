"""The palette in the ledger tab: one painted cell a look, by which its style number is found again."""

from __future__ import annotations

from sync.sheet.workbook_patch import Grid
from sync.sheet.workbook_read import Book, Sheet, parse_address
from sync.sheet.workbook_style import PALETTE, palette_name
from sync.sheet.workbook_xml import find, name, read_text

FIRST_COLUMN = 5
"""Column F; the columns before it are the ledger's own."""
_C = name("c")


def read_palette(book: Book, ledger: Sheet) -> dict[str, int]:
    """The painted looks: a palette cell's text → its style number."""
    row = next(book.package.tree(ledger.part).iter(name("row")), None)
    painted: dict[str, int] = {}
    if row is None or row.get("r", "1") != "1":
        return painted
    for cell in row.iterchildren(_C):
        if parse_address(cell.get("r") or "A1")[1] < FIRST_COLUMN:
            continue
        value, inline = find(cell, "v"), find(cell, "is")
        if inline is not None:
            text = read_text(inline)
        elif cell.get("t") == "s" and value is not None:
            text = book.shared[int(value.text or "0")]
        else:
            continue
        painted[text] = int(cell.get("s") or 0)
    return painted


def paint_palette(book: Book, ledger: Sheet) -> bool:
    """Paint the looks that are missing; returns whether any was."""
    painted = read_palette(book, ledger)
    book.styles.learn(painted)
    missing = [each for each in PALETTE if palette_name(*each) not in painted]
    if not missing:
        return False
    grid = Grid(book, ledger)
    for at, (style, code) in enumerate(PALETTE, start=FIRST_COLUMN):
        grid.write(0, at, palette_name(style, code))
        grid.style(0, at, book.styles.look(style, code))
    grid.finish()
    return True
