"""The rows of a closed cycle as they stood, whole: every column of their tab, people's too. An archive, of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from sync.plan import Plan
from sync.row_plan import OUR_NOTES
from sync.sheet.cell import EMPTY, Cell, CellValue, is_formula
from sync.sheet.layout import Tab
from sync.sheet.locate import Row, TabView
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.store import Draw, Drawing
from sync.sheet.style import Style

Line = tuple[Draw | None, ...]
Written = Mapping[tuple[Tab, int, int], CellValue]

WIDTHS = (90, 320, 130)
ARCHIVED = (Tab.OBJECTIVES, Tab.KEY_RESULTS)


def draw_rows(plan: Plan, cycle: str) -> Drawing:
    """Below a heading for each tab its headers and the cycle's rows, with what this plan writes into them.

    What a person sees in a cell is what is kept of it; a formula and a note go along as the cell's note.
    """
    day = f"{render_day(plan.day, plan.day)} {plan.day.year}"
    lead = f"Its rows as they stood on {day}, with all columns. These are values."
    top: list[Line] = [(Draw(f"{cycle} rows", Style.TITLE, span=6),), (Draw(lead, Style.SUBTITLE, span=10),)]
    return Drawing(WIDTHS, (*top, *_lines(plan, cycle)), heights={0: 34})


def _lines(plan: Plan, cycle: str) -> Iterator[Line]:
    written = {
        (row.key.tab, write.row, write.column): write.value
        for row in plan.rows
        for write in row.cells
        if not write.note_only
    }
    for tab in ARCHIVED:
        view = plan.snapshot.views.get(tab)
        rows = [row for row in view.rows if row.key.cycle == cycle] if view is not None else []
        if view is not None and rows:
            yield ()
            yield (Draw(view.raw.title, Style.HEADING, span=6),)
            yield from _draw_table(view, rows, written)


def _draw_table(view: TabView, rows: Sequence[Row], written: Written) -> Iterator[Line]:
    headers = view.raw.cells[view.header_row]
    width = max(len(headers), *(len(row.cells) for row in rows))
    kept = [at for at in range(width) if _cell(headers, at).shown or any(_cell(row.cells, at).shown for row in rows)]
    yield tuple(Draw(_clean(_cell(headers, at).shown), Style.LABEL) for at in kept)
    for row in rows:
        yield tuple(_draw_cell(view.tab, row, at, written) for at in kept)


def _draw_cell(tab: Tab, row: Row, at: int, written: Written) -> Draw | None:
    cell, place = _cell(row.cells, at), (tab, row.index, at)
    if place in written:
        return _draw_value(written[place], cell.is_percent, "")
    note = cell.note if cell.note and cell.note not in OUR_NOTES else ""
    if is_formula(cell):
        note = "\n".join(filter(None, (f"Was the formula {cell.formula}", note)))
    value = cell.value if isinstance(cell.value, Decimal | date) and not cell.error else cell.shown
    return _draw_value(value, cell.is_percent, note)


def _draw_value(value: CellValue, is_percent: bool, note: str) -> Draw | None:
    if value is None or (value == "" and not note):
        return None
    said = _clean(value) if isinstance(value, str) else value
    return Draw(said, _style(value, is_percent=is_percent), note=_clean(note) or None)


def _style(value: CellValue, *, is_percent: bool) -> Style:
    if isinstance(value, date):
        return Style.DATE
    if isinstance(value, Decimal):
        return Style.PERCENT if is_percent else Style.NUMBER
    return Style.TEXT


def _cell(cells: Sequence[Cell], at: int) -> Cell:
    return cells[at] if at < len(cells) else EMPTY


def _clean(text: str) -> str:
    return clean_text(text, PEOPLE_AT_MOST)
