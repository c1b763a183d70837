"""Machine cells that a merge hides: what is written there nobody sees."""

from __future__ import annotations

from okr.problem import CellPlace, Problem, Severity
from sync.sheet.cell import Address
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.locate import TabView
from sync.sheet.store import CellRange


def check_merged(view: TabView) -> list[Problem]:
    """The machine cells of rows with an id that lie inside a merge and aren't its first cell, one problem a merge."""
    rows = [row.index for row in view.rows]
    columns = [at for field in MACHINE_FIELDS.get(view.tab, ()) if (at := view.columns.get(field)) is not None]
    return [
        _hidden(view, area)
        for area in view.raw.merges
        if any(_hides(area, row, column) for row in rows for column in columns)
    ]


def _hides(area: CellRange, row: int, column: int) -> bool:
    is_inside = area.top <= row <= area.bottom and area.left <= column <= area.right
    return is_inside and (row, column) != (area.top, area.left)


def _hidden(view: TabView, area: CellRange) -> Problem:
    first, last = Address(area.top, area.left), Address(area.bottom, area.right)
    return Problem(
        code="sheet.merged",
        message=f"{first}:{last} are merged, and okr-sync writes into cells that this hides",
        place=CellPlace(view.raw.title, str(first)),
        fix="Unmerge them, or give the column another header and let okr-sync layout add one of its own.",
        severity=Severity.WARNING,
    )
