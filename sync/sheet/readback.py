"""What a write really hit: the receipt's pre-image against the snapshot that the plan was made from. Pure.

Between our read and our write people may have sorted, inserted or typed. The pre-image is the sheet exactly as it
was at the moment of writing. A write is good where the header, the row's id and the cell itself were what the snapshot
showed; everything else is put back as the pre-image shows it, and the plan is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sync.sheet.cell import EMPTY, Cell, CellValue
from sync.sheet.google_cell import make_serial, parse_serial
from sync.sheet.layout import Tab
from sync.sheet.store import Batch, CellWrite, Receipt, TabChanges

Cells = Mapping[tuple[int, int], Cell]
Grid = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A write that hit something else than the plan meant.

    ``before`` is what stood there at the moment of writing; ``None`` where nobody can tell. ``has_moved``: another
    row or column had come there; else a person had typed into the very cell. ``known`` is that same cell as the
    snapshot had it, wherever it stood then. ``is_certain`` is false where the pre-image couldn't be used and
    ``before`` is what the snapshot knew.
    """

    tab: Tab
    tab_id: int
    write: CellWrite
    before: Cell | None
    has_moved: bool
    known: Cell | None = None
    is_certain: bool = True


def split_kept(image: dict[tuple[int, int], Cell], at: int, rows: int) -> list[list[Cell]]:
    """Take out of a pre-image what stands in it from a column on: the rows of a tab that was drawn over."""
    kept: list[list[Cell]] = [[] for _ in range(rows)]
    for row, column in sorted(place for place in image if place[1] >= at):
        kept[row] += [EMPTY] * (column - at - len(kept[row]))
        kept[row].append(image.pop((row, column)))
    return kept


def check_receipt(batch: Batch, receipt: Receipt, snapshot: Mapping[int, Grid]) -> tuple[Misplaced, ...]:
    """The writes that have to be put back. ``snapshot`` maps a tab's id to its cells as the plan saw them."""
    if receipt.before is None:
        return ()
    found: list[Misplaced] = []
    for change in batch.changes:
        sight = _Sight(change, snapshot.get(change.tab_id, ()), receipt)
        found += _check_tab(sight)
    return tuple(found)


def _check_tab(sight: _Sight) -> Iterator[Misplaced]:
    """The misplaced writes of one tab. A row that was empty is filled whole or not at all: it is somebody's now."""
    checked = [(write, _check_write(sight, write)) for write in sight.change.cells]
    taken = {write.row for write, miss in checked if miss and not miss.has_moved and sight.was_empty(write.row)}
    for write, miss in checked:
        if miss or write.row in taken:
            yield miss or sight.misplace(write, has_moved=False)


class _Sight:
    """One tab of a receipt beside the snapshot of it."""

    def __init__(self, change: TabChanges, grid: Grid, receipt: Receipt) -> None:
        self.change = change
        self.grid = grid
        self.before: Cells = (receipt.before or {}).get(change.tab_id, {})
        written = {(write.row, write.column): Cell(write.value) for write in change.cells}
        self.ids = {at: cell for at, cell in written.items() if at[1] == change.id_column}
        self.after: Cells | None = (receipt.after or {}).get(change.tab_id)
        self.is_usable = self.after is None or self._corresponds(self.after)
        self._rows: dict[object, int] | None = None

    def _corresponds(self, after: Cells) -> bool:
        """Whether the pre-image's ids and headers are the tab's own, row by row: a filter may have come between.

        An id that the batch itself gave to a new row is as expected.
        """
        ids = ((row, self.change.id_column) for row in range(self.change.used[0]))
        headers = ((self.change.header_row, column) for column in range(self.change.used[1]))
        return all(
            same_content(self.ids.get(at, self.before.get(at, EMPTY)), after.get(at, EMPTY))
            for group in (ids, headers)
            for at in group
        )

    def stood(self, row: int, column: int) -> Cell:
        """The cell of the snapshot."""
        return self.grid[row][column] if row < len(self.grid) and column < len(self.grid[row]) else EMPTY

    def was_empty(self, row: int) -> bool:
        """Whether nothing stood in a row of the snapshot."""
        return row >= len(self.grid) or all(cell.value is None and not cell.formula for cell in self.grid[row])

    def misplace(self, write: CellWrite, *, has_moved: bool) -> Misplaced:
        """A write that hit what the pre-image shows."""
        before = self.before.get((write.row, write.column), EMPTY)
        return Misplaced(self.change.tab, self.change.tab_id, write, before, has_moved, self.known(self.before, write))

    def marks(self, cells: Cells, write: CellWrite) -> tuple[Cell, Cell]:
        """The row's id and the column's header beside a write."""
        own_id = cells.get((write.row, self.change.id_column), EMPTY)
        return own_id, cells.get((self.change.header_row, write.column), EMPTY)

    def has_moved(self, cells: Cells, write: CellWrite) -> bool:
        """Whether another row or column stands at the address of a write than in the snapshot."""
        own_id, header = self.marks(cells, write)
        at = write.row, self.change.id_column
        known = self.stood(*at) if cells is self.before else self.ids.get(at, self.stood(*at))
        return not (
            same_content(own_id, known) and same_content(header, self.stood(self.change.header_row, write.column))
        )

    def known(self, cells: Cells, write: CellWrite) -> Cell | None:
        """The cell that now has the id and header at a write's address, as the snapshot had it."""
        own_id, header = self.marks(cells, write)
        row = self._find_row(own_id)
        column = self._find_column(header)
        return None if row is None or column is None else self.stood(row, column)

    def _find_row(self, own_id: Cell) -> int | None:
        if self._rows is None:
            first = self.change.header_row + 1
            ids = ((cell_content(self.stood(at, self.change.id_column)), at) for at in range(first, len(self.grid)))
            self._rows = {content: at for content, at in ids if content is not None}
        return self._rows.get(cell_content(own_id))

    def _find_column(self, header: Cell) -> int | None:
        if header is EMPTY or self.change.header_row >= len(self.grid):
            return None
        headers = enumerate(self.grid[self.change.header_row])
        return next((at for at, cell in headers if same_content(cell, header)), None)


def _check_write(sight: _Sight, write: CellWrite) -> Misplaced | None:
    if not sight.is_usable:
        return _check_by_snapshot(sight, write)
    before = sight.before.get((write.row, write.column), EMPTY)
    has_moved = sight.has_moved(sight.before, write)
    stood = sight.stood(write.row, write.column)
    if not has_moved and same_content(before, stood) and not _has_new_note(write, before, stood):
        return None
    return sight.misplace(write, has_moved=has_moved)


def _has_new_note(write: CellWrite, before: Cell, stood: Cell) -> bool:
    """Whether somebody left a note of their own where ours is written or taken away.

    A pre-image without a note says nothing: it may have been copied without notes.
    """
    return write.note is not None and before.note is not None and before.note != stood.note


def _check_by_snapshot(sight: _Sight, write: CellWrite) -> Misplaced | None:
    """Without a pre-image only the tab's own ids and headers count, and what the snapshot knew of that row."""
    after = sight.after or {}
    if not sight.has_moved(after, write):
        return None
    known = sight.known(after, write)
    return Misplaced(sight.change.tab, sight.change.tab_id, write, known, True, known, is_certain=False)


def same_content(one: Cell, other: Cell) -> bool:
    """Whether two cells hold the same. Formats don't count: the pre-image has none, so days are serial numbers."""
    return cell_content(one) == cell_content(other)


def cell_content(cell: Cell) -> object:
    """What a cell holds, comparable between a tab and a copy of it that has no formats."""
    if cell.formula is not None:
        return ("formula", cell.formula)
    return _plain(cell.value)


def _plain(value: CellValue) -> object:
    if isinstance(value, bool):
        return ("flag", value)
    if isinstance(value, date):
        return Decimal(make_serial(value))
    return value


def make_put_back(misplaced: Iterable[Misplaced]) -> dict[int, tuple[CellWrite, ...]]:
    """The writes that restore what stood there, by tab id. What nobody can tell is left as it is."""
    found: dict[int, list[CellWrite]] = {}
    for miss in misplaced:
        if miss.before is not None:
            found.setdefault(miss.tab_id, []).append(_restore(miss, miss.before))
    return {tab_id: tuple(writes) for tab_id, writes in found.items()}


def make_expected(batch: Batch, receipt: Receipt) -> dict[int, Grid]:
    """What stands in each tab after a batch, as far as its receipt shows: the pre-image with the writes in it.

    It is the snapshot against which the receipt of a put-back is checked, because people may move things again.
    """
    found: dict[int, Grid] = {}
    for change in batch.changes:
        cells = dict((receipt.before or {}).get(change.tab_id, {}))
        cells |= {(write.row, write.column): _written(write, cells) for write in change.cells}
        rows = max((row for row, _ in cells), default=-1) + 1
        columns = max((column for _, column in cells), default=-1) + 1
        found[change.tab_id] = [[cells.get((row, at), EMPTY) for at in range(columns)] for row in range(rows)]
    return found


def _written(write: CellWrite, before: Cells) -> Cell:
    """A cell after a write: its note, too, or our own would look like somebody's."""
    old = before.get((write.row, write.column), EMPTY)
    note = old.note if write.note is None else write.note or None
    return replace(old, note=note) if write.note_only else Cell(write.value, formula=write.formula, note=note)


def _restore(miss: Misplaced, before: Cell) -> CellWrite:
    """The write that puts a cell back: its formula or value, and the format and note where ours replaced them."""
    write, known = miss.write, miss.known
    value = before.value
    if isinstance(value, Decimal) and _was_day(miss):
        value = parse_serial(value)
    has_format = write.is_percent is not None or isinstance(write.value, date)
    is_number = isinstance(value, Decimal)
    return CellWrite(
        row=write.row,
        column=write.column,
        value=value,
        is_percent=(known.is_percent if known else False) if has_format and is_number else None,
        note=None if write.note is None else before.note or (known.note if known else None) or "",
        field=write.field,
        row_id=write.row_id,
        formula=before.formula,
        note_only=write.note_only,
    )


def _was_day(miss: Misplaced) -> bool:
    """Whether a number of the pre-image is a day: as the snapshot knew it, or in a column where we write days."""
    if miss.known is not None and miss.known.value is not None:
        return isinstance(miss.known.value, date)
    return isinstance(miss.write.value, date) and not miss.has_moved
