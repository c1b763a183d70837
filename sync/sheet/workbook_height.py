"""How high a row has to be for its wrapped texts. Excel and LibreOffice fit rows only while somebody types.

An estimate: a column's width counts digits, and running text is a sixth narrower than they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sync.sheet.workbook_xml import Element, find, forget

ROW_POINTS, LINE_SPACING, _USUAL_SIZE = 18.0, 1.3, 10.0
DEFAULT_WIDTH = 8.43
_MAX_POINTS = 409.0  # Excel specifications and limits
_TRUE = ("1", "true")


def read_widths(root: Element) -> dict[int, float]:
    """The width of each column that has one, in characters; columns count from 0."""
    columns = find(root, "cols")
    widths: dict[int, float] = {}
    for stretch in columns if columns is not None else ():
        first, last = int(stretch.get("min", "1")), int(stretch.get("max", "1"))
        for number in range(first, min(last, first + 200) + 1):
            widths[number - 1] = float(stretch.get("width", DEFAULT_WIDTH))
    return widths


def fit_height(
    row: Element,
    cells: Mapping[int, Element],
    widths: Mapping[int, float],
    read: Callable[[Element], str],
    look: Callable[[Element], tuple[float, bool]],
) -> None:
    """Set a row's height to that of its highest text, unless somebody fixed it.

    ``read`` gives a cell's text, ``look`` the size of its font and whether it wraps. The height isn't marked as
    fixed: Excel goes on fitting it when people type.
    """
    if row.get("customHeight") in _TRUE:
        return
    height = ROW_POINTS
    for column, cell in cells.items():
        size, is_wrapped = look(cell)
        width = widths.get(column, DEFAULT_WIDTH) * _USUAL_SIZE / size
        lines = count_lines(read(cell), width) if is_wrapped else 1
        height = max(height, lines * size * LINE_SPACING + 5 if len(cell) else 0)
    if height > ROW_POINTS:
        row.set("ht", f"{min(height, _MAX_POINTS):g}")
    else:
        forget(row, "ht")


def count_lines(text: str, width: float) -> int:
    """Into how many lines a text breaks, between words, in a column of this many characters."""
    room = max(int(width * 1.2) - 1, 1)
    total = 0
    for paragraph in text.split("\n"):
        used, lines = 0, 1
        for word in paragraph.split(" "):
            if used and used + 1 + len(word) > room:
                lines, used = lines + 1, 0
            used += len(word) + (1 if used else 0)
            while used > room:
                lines, used = lines + 1, used - room
        total += lines
    return total
