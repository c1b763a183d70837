"""The checkbox “Sync now” on the Dashboard: how it is drawn, found again and read. Pure.

It stands in the first row, so that looking at it is a read of one row. A drawing leaves what is ticked alone: whoever
ticks it while a run is going on is served by the next one.
"""

from __future__ import annotations

from dataclasses import replace

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.store import Draw, Drawing, RawTab, Spot
from sync.sheet.style import Style

LABEL = "Sync now"
NOTE = "Tick it, and the numbers are read anew: when okr-sync next looks at the sheet, at the latest tonight."
_TICKS = frozenset({"true", "x", "yes", "✓", "1"})


def tick_cells() -> tuple[Draw, Draw]:
    """The label and the checkbox, for the end of the first row."""
    return Draw(LABEL, Style.NUMBER), Draw(value=False, style=Style.TICK, note=NOTE, keeps=True)


def find_tick(board: RawTab) -> Spot | None:
    """The checkbox of a Dashboard as it was read: the cell after the label. ``None`` where there is none yet."""
    for row, cells in enumerate(board.cells[:1]):
        for column, cell in enumerate(cells):
            if cell.shown.strip() == LABEL:
                return Spot(board.tab_id, row, column + 1)
    return None


def is_ticked(board: RawTab | None) -> bool:
    """Whether somebody asks for a run. In a workbook people may write x or yes as well."""
    spot = find_tick(board) if board is not None else None
    if board is None or spot is None or spot.column >= len(board.cells[spot.row]):
        return False
    return _says_yes(board.cells[spot.row][spot.column])


def free_tick(drawing: Drawing, board: RawTab) -> Drawing:
    """The drawing with the checkbox written anew where something stands in its cell that is no tick."""

    def free(row: int, at: int, draw: Draw | None) -> Draw | None:
        is_there = row < len(board.cells) and at < len(board.cells[row])
        cell = board.cells[row][at] if is_there else EMPTY
        is_ours = cell.value is None or isinstance(cell.value, bool) or _says_yes(cell)
        return draw if draw is None or not draw.keeps or is_ours else replace(draw, keeps=False)

    rows = (tuple(free(row, at, draw) for at, draw in enumerate(cells)) for row, cells in enumerate(drawing.rows))
    return replace(drawing, rows=tuple(rows))


def _says_yes(cell: Cell) -> bool:
    return cell.value is True or str(cell.value if cell.value is not None else "").strip().casefold() in _TICKS
