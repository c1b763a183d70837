"""Draws a whole tab of the machine's anew: cells, widths, merges, notes and links; the rest of the sheet stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.sheet.cell import Cell
from sync.sheet.store import Draw, Drawing
from sync.sheet.workbook_chart import update_charts
from sync.sheet.workbook_links import apply_links, clear_links
from sync.sheet.workbook_notes import apply_notes, clear_notes
from sync.sheet.workbook_patch import Grid
from sync.sheet.workbook_read import Book, Sheet, render_address
from sync.sheet.workbook_xml import (
    WORKSHEET_ORDER,
    Element,
    add,
    find,
    find_or_place,
    make,
    place,
    remove,
)

PIXELS_A_CHARACTER = 7
"""How wide a digit of the default font is (Arial 10 and Calibri 11 alike); a column's width counts digits."""
POINTS_A_PIXEL = 0.75


def render_width(pixels: int) -> str:
    """A column's width in characters."""
    return f"{pixels / PIXELS_A_CHARACTER:.4f}".rstrip("0").rstrip(".")


def draw_tab(book: Book, sheet: Sheet, drawing: Drawing) -> None:
    """Replace what stands in a tab by a drawing."""
    stands = book.read_tab(sheet).cells
    root = book.package.touch(sheet.part)
    data = find_or_place(root, "sheetData", WORKSHEET_ORDER)
    for line in list(data):
        data.remove(line)
    for tag in ("cols", "mergeCells", "dimension", "dataValidations"):
        remove(root, tag)
    clear_links(book.package, sheet)
    _draw_widths(root, drawing)
    grid = Grid(book, sheet)
    notes = clear_notes(book.package, sheet.part)
    for row, cells in enumerate(drawing.rows):
        for column, draw in enumerate(cells):
            if draw is not None:
                _draw_cell(book, grid, row, column, keep_value(draw, stands, row, column))
                if draw.note:
                    notes[row, column] = draw.note
    grid.finish(_spans(drawing))
    _draw_heights(grid, drawing)
    _draw_merges(root, drawing)
    _draw_ticks(root, drawing)
    apply_links(book.package, sheet, _links(drawing))
    _draw_size(root, drawing)
    apply_notes(book.package, sheet.part, notes)
    update_charts(book.package, sheet.part, sheet.title, drawing)


def keep_value(draw: Draw, stands: Sequence[Sequence[Cell]], row: int, column: int) -> Draw:
    """The cell to draw: with the value that stands there already, where that is to stay."""
    if not draw.keeps or row >= len(stands) or column >= len(stands[row]) or stands[row][column].value is None:
        return draw
    return replace(draw, value=stands[row][column].value)


def _draw_ticks(root: Element, drawing: Drawing) -> None:
    """Excel has no checkbox in a cell that every version knows: a list of TRUE and FALSE takes its place."""
    ticks = [
        render_address(row, column)
        for row, cells in enumerate(drawing.rows)
        for column, draw in enumerate(cells)
        if draw is not None and isinstance(draw.value, bool)
    ]
    if not ticks:
        return
    rules = place(root, make("dataValidations", {"count": "1"}), WORKSHEET_ORDER)
    rule = add(rules, "dataValidation", {"type": "list", "allowBlank": "1", "sqref": " ".join(ticks)})
    add(rule, "formula1").text = '"TRUE,FALSE"'


def _draw_cell(book: Book, grid: Grid, row: int, column: int, draw: Draw) -> None:
    style = book.styles.look_for(draw.style, draw.value)
    for at in range(column, column + max(draw.span, 1)):
        grid.style(row, at, style)
    if draw.formula:
        grid.write_formula(row, column, draw.formula, draw.value)
    else:
        grid.write(row, column, draw.value)


def _draw_widths(root: Element, drawing: Drawing) -> None:
    if not drawing.widths:
        return
    columns = place(root, make("cols"), WORKSHEET_ORDER)
    for at, pixels in enumerate(drawing.widths, start=1):
        add(columns, "col", {"min": str(at), "max": str(at), "width": render_width(pixels), "customWidth": "1"})


def _draw_heights(grid: Grid, drawing: Drawing) -> None:
    for row, pixels in (drawing.heights or {}).items():
        grid.set_height(row, pixels * POINTS_A_PIXEL)


def _spans(drawing: Drawing) -> dict[tuple[int, int], int]:
    return {
        (row, column): draw.span
        for row, cells in enumerate(drawing.rows)
        for column, draw in enumerate(cells)
        if draw is not None and draw.span > 1
    }


def _draw_merges(root: Element, drawing: Drawing) -> None:
    areas = [
        f"{render_address(row, column)}:{render_address(row, column + span - 1)}"
        for (row, column), span in _spans(drawing).items()
    ]
    if areas:
        merges = place(root, make("mergeCells", {"count": str(len(areas))}), WORKSHEET_ORDER)
        for area in areas:
            add(merges, "mergeCell", {"ref": area})


def _links(drawing: Drawing) -> dict[tuple[int, int], str]:
    return {
        (row, column): draw.link
        for row, cells in enumerate(drawing.rows)
        for column, draw in enumerate(cells)
        if draw is not None and draw.link
    }


def _draw_size(root: Element, drawing: Drawing) -> None:
    width = max((len(cells) for cells in drawing.rows), default=0)
    if width and find(root, "dimension") is None:
        end = render_address(len(drawing.rows) - 1, width - 1)
        place(root, make("dimension", {"ref": f"A1:{end}"}), WORKSHEET_ORDER)
