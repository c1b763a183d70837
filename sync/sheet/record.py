"""The record of a batch: where it meant to write and what it expected there, kept in the sheet beside the pre-image.

A process can die after its write and before it has looked at what the write hit. Record and pre-image together tell
the next run, which knows nothing of the first one's snapshot. The record stands in the ledger's first line from column
E on, in as many cells as it needs. Contents are kept as short marks; only what a put-back was to restore stands there
in full, because it may stand nowhere else. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import Any, NamedTuple

from sync.sheet.cell import EMPTY, Cell, CellValue
from sync.sheet.layout import Tab
from sync.sheet.ledger import HEAD_ROW
from sync.sheet.ledger_text import parse_value, render_value
from sync.sheet.readback import Grid, cell_content
from sync.sheet.store import CellWrite, RawTab, TabChanges

RECORD_COLUMN = 4
"""Where the record begins in the ledger's first line; it ends at the first empty cell."""

PIECE = 40_000
"""How many characters of it one cell holds: a cell of Google's takes 50,000."""

MARK = 5
NOTHING_WRITTEN = "." * 2 * MARK
NOTE_WRITTEN = "~" * MARK
"""Stands for what was written where that is a note alone."""


class Redo(NamedTuple):
    """What a put-back was to write: it has to be written again where it went astray."""

    value: CellValue
    formula: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """One write as it was meant: its address, and the marks of the row's id, the column's header and the cell there.

    ``after`` is the mark of what was written.
    """

    row: int
    column: int
    own_id: str
    header: str
    before: str
    after: str
    redo: Redo | None = None


@dataclass(frozen=True, slots=True)
class TabRecord:
    """What a batch wrote into one tab, and where its headers and ids stood."""

    id_column: int
    header_row: int
    writes: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What one batch wrote. ``revision`` is the ledger's under which it did."""

    revision: int
    tabs: Mapping[Tab, TabRecord]


def mark_cell(cell: Cell) -> str:
    """A short mark of what a cell holds: 30 bits of a hash, the same for the same content in whatever format."""
    content = cell_content(cell)
    if isinstance(content, Decimal):
        content = f"{content.normalize():f}" if content.is_finite() else str(content)
    elif isinstance(content, str):
        content = f"t{content}"
    digest = hashlib.sha256(str(content).encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest[:4]).decode()[:MARK]


def render_record(
    revision: int, changes: Iterable[TabChanges], grids: Mapping[int, Grid], *, restores: bool = False
) -> tuple[str, ...]:
    """The record of a batch in pieces. ``grids`` are the tabs as its plan saw them; ``restores``: it is a put-back."""
    tabs = {change.tab.value: _render_tab(change, grids.get(change.tab_id, ()), restores) for change in changes}
    text = json.dumps({"r": revision, "t": tabs}, ensure_ascii=False, separators=(",", ":"))
    return tuple(text[at : at + PIECE] for at in range(0, len(text), PIECE))


def _render_tab(change: TabChanges, grid: Grid, restores: bool) -> dict[str, Any]:
    columns = sorted({write.column for write in change.cells})
    rows: dict[int, dict[int, CellWrite]] = {}
    for write in change.cells:
        rows.setdefault(write.row, {})[write.column] = write
    kept: dict[str, Any] = {
        "i": change.id_column,
        "h": change.header_row,
        "c": [[column, mark_cell(_at(grid, change.header_row, column))] for column in columns],
        "w": [
            [row, mark_cell(_at(grid, row, change.id_column)) + "".join(_marks(grid, row, columns, writes))]
            for row, writes in sorted(rows.items())
        ],
    }
    if restores:
        kept["b"] = [[write.row, write.column, *_render_redo(write)] for write in change.cells if not write.note_only]
    return kept


def _at(grid: Grid, row: int, column: int) -> Cell:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else EMPTY


def _marks(grid: Grid, row: int, columns: Sequence[int], writes: Mapping[int, CellWrite]) -> Iterator[str]:
    for column in columns:
        write = writes.get(column)
        if write is None:
            yield NOTHING_WRITTEN
            continue
        after = NOTE_WRITTEN if write.note_only else mark_cell(Cell(write.value, formula=write.formula))
        yield mark_cell(_at(grid, row, column)) + after


def _render_redo(write: CellWrite) -> tuple[str | None, str | None]:
    value = f"b{int(write.value)}" if isinstance(write.value, bool) else render_value(write.value)
    return value, write.formula


def parse_record(ledger: RawTab) -> Record | None:
    """The record of the last batch; ``None`` where there is none, or none that can be read."""
    line = ledger.cells[HEAD_ROW] if ledger.cells else ()
    pieces = (cell.value for cell in line[RECORD_COLUMN:])
    text = "".join(piece for piece in takewhile(bool, pieces) if isinstance(piece, str))
    if not text:
        return None
    try:
        parts = json.loads(text)
        return Record(int(parts["r"]), {Tab(tab): _parse_tab(kept) for tab, kept in parts["t"].items()})
    except (ValueError, ArithmeticError, TypeError, AttributeError, LookupError, RecursionError):
        return None


def _parse_tab(kept: Mapping[str, Any]) -> TabRecord:
    redos = {(row, column): Redo(_parse_redo(value), formula) for row, column, value, formula in kept.get("b", ())}
    writes = (
        Written(row, column, marks[:MARK], header, before, after, redos.get((row, column)))
        for row, marks in kept["w"]
        for (column, header), (before, after) in zip(kept["c"], _pairs(marks), strict=True)
        if before + after != NOTHING_WRITTEN
    )
    return TabRecord(int(kept["i"]), int(kept["h"]), tuple(writes))


def _pairs(marks: str) -> Iterator[tuple[str, str]]:
    """The marks before and after of each column, behind the id's."""
    for at in range(MARK, len(marks), 2 * MARK):
        yield marks[at : at + MARK], marks[at + MARK : at + 2 * MARK]


def _parse_redo(text: str | None) -> CellValue:
    if text is not None and text.startswith("b"):
        return text == "b1"
    return parse_value(text)
