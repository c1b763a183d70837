"""Cells as ``updateCells`` requests that touch them and no other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from sync.sheet.google_cell import Json


class PlacedCell(NamedTuple):
    """One cell to write: where, which of its fields, and Google's data for it."""

    mask: str
    row: int
    column: int
    data: Json


def make_updates(tab_id: int, cells: Iterable[PlacedCell]) -> Iterator[Json]:
    """``updateCells`` requests that touch these cells and no other.

    Neighbours in a row go together, broken at every hole; such runs in rows below each other go together where
    they begin in the same column. Rows of one request may differ in length (discovery document, ``start``).
    """
    runs = sorted(_runs(cells), key=lambda run: (run[0].mask, run[0].column, run[0].row))
    for _, block in groupby(enumerate(runs), lambda pair: _below(pair[0], pair[1][0])):
        rows = [run for _, run in block]
        start = {"sheetId": tab_id, "rowIndex": rows[0][0].row, "columnIndex": rows[0][0].column}
        values = [{"values": [cell.data for cell in run]} for run in rows]
        yield {"updateCells": {"start": start, "rows": values, "fields": rows[0][0].mask}}


def _runs(cells: Iterable[PlacedCell]) -> Iterator[list[PlacedCell]]:
    """Neighbours of one kind in one row."""
    ordered = sorted(cells, key=lambda cell: (cell.mask, cell.row, cell.column))
    for _, group in groupby(enumerate(ordered), lambda pair: _beside(*pair)):
        yield [cell for _, cell in group]


def _beside(position: int, cell: PlacedCell) -> tuple[str, int, int]:
    """The same for cells that follow each other in a row."""
    return cell.mask, cell.row, cell.column - position


def _below(position: int, first: PlacedCell) -> tuple[str, int, int]:
    """The same for runs that follow each other downwards from one column."""
    return first.mask, first.column, first.row - position
