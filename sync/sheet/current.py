"""What a person typed into Current: a number in the target's scale, or the problem with it. Pure."""

from __future__ import annotations

from decimal import Decimal

from okr.model import KeyResult, Kind
from okr.problem import Problem
from sync.sheet.cell import Cell
from sync.sheet.layout import Field
from sync.sheet.locate import Row, TabView
from sync.sheet.row_reader import cell_number, is_share


def read_current(view: TabView, row: Row, kr: KeyResult | None) -> tuple[Decimal | None, Problem | None]:
    """A person's number in Current; or why it can't be scored, where something stands there."""
    cell = view.cell(row, Field.CURRENT)
    number = cell_number(cell)
    if number is None:
        return None, _not_a_number(view, row, cell) if cell.value is not None or cell.error else None
    has_scale = kr is not None and kr.target is not None and kr.kind not in (Kind.MILESTONES, Kind.BOOLEAN)
    if kr is not None and has_scale and number and is_share(cell) != kr.is_share:
        return None, _mixed_scales(view, row, cell, share=kr.is_share)
    return number, None


def _not_a_number(view: TabView, row: Row, cell: Cell) -> Problem:
    return Problem(
        code="sheet.not-a-number",
        message=f"Current says “{cell.error or cell.shown}”, which is not a number",
        place=view.place(row, Field.CURRENT),
        fix="Type the number alone; or clear the cell, and okr-sync fills it in where a mapping exists.",
        subject=row.key.id,
    )


def _mixed_scales(view: TabView, row: Row, cell: Cell, *, share: bool) -> Problem:
    want = "in percent like the target" if share else "as a plain number like the target"
    return Problem(
        code="sheet.mixed-scales",
        message=f"Current says “{cell.shown}”, and the target is in another scale",
        place=view.place(row, Field.CURRENT),
        fix=f"Write it {want}.",
        subject=row.key.id,
    )
