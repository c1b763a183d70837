"""A sheet in memory that keeps the contract of ``sync.sheet.store.Store``, for tests that are about something else.

It takes a person who acts between a read and a write, and it fails on request, before or after the write landed. With
``has_before`` it works like the Google store (guard tabs, a pre-image in the receipt), without like a workbook
(a revision, no pre-image).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from sync.sheet.cell import EMPTY, Cell, CellValue
from sync.sheet.chart import ChartName
from sync.sheet.columns import COLUMNS
from sync.sheet.growth import is_added
from sync.sheet.layout import BEFORE_TITLE, DRAWN, MERGED, Tab
from sync.sheet.ledger import HEAD_ROW, HEARTBEAT_COLUMN, KEY_COLUMN, MOMENT_COLUMN, SENTENCE, TEXT_COLUMN
from sync.sheet.locate import find_columns, find_header_row
from sync.sheet.record import RECORD_COLUMN
from sync.sheet.store import Batch, CellRange, CellWrite, Drawing, RawSheet, RawTab, Receipt
from sync.sheet.store_error import SheetBusy, SheetInUse, SheetRefused, SheetUnavailable, WriteUnconfirmed
from sync.sheet.wish import LayoutWish, LeaveWish, NewTab, Prepared, Removed
from tests.support.memory_shape import Shape, deleted, inserted, placed

Grid = dict[tuple[int, int], Cell]
WIDTH = 60
"""Columns of every tab; a guard tab holds two beside each other, the second as it was before it was drawn anew."""

_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)


def make_cell(value: CellValue, old: Cell = EMPTY, *, is_percent: bool | None = None) -> Cell:
    """A cell as it reads after a value was written over another: the note stays."""
    if value is None or value == "":
        return replace(EMPTY, note=old.note)
    percent = old.is_percent if is_percent is None else is_percent
    percent = percent and isinstance(value, Decimal)
    return Cell(value, _show(value, is_percent=percent), percent, note=old.note)


def _show(value: CellValue, *, is_percent: bool) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}%" if is_percent else f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass
class MemoryTab:
    """One tab: its cells by row and column."""

    tab_id: int
    title: str
    hidden: bool = False
    grid: Grid = field(default_factory=dict)
    shape: Shape = field(default_factory=Shape)
    charts: dict[ChartName, str] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    width: int = WIDTH

    def read(self) -> RawTab:
        """The tab as a store returns it."""
        held = {at: cell for at, cell in self.grid.items() if cell != EMPTY}
        rows: list[list[Cell]] = [[] for _ in range(max((row for row, _ in held), default=-1) + 1)]
        for (row, column), cell in sorted(held.items()):
            rows[row].extend([EMPTY] * (column - len(rows[row])))
            rows[row].append(cell)
        cells, charts = tuple(map(tuple, rows)), dict(self.charts)
        return RawTab(self.tab_id, self.title, self.hidden, cells, 2000, self.width, self.shape.merges, charts=charts)

    @property
    def used_rows(self) -> int:
        """Rows up to the last that holds anything."""
        return max((row + 1 for (row, _), cell in self.grid.items() if cell != EMPTY), default=0)


class MemoryStore:
    """A store without a file or a network.

    ``act`` runs once, between a read and the next write: what a person does there. ``fail`` makes the next write
    fail "before" it lands (SheetUnavailable) or "after" (WriteUnconfirmed). ``reads`` and ``writes`` are counted.
    """

    def __init__(self, *, has_before: bool = True, sheet_id: str = "memory") -> None:
        self.tabs: list[MemoryTab] = []
        self.act: Callable[[], None] | None = None
        self.fail: Literal["before", "after"] | None = None
        self.reads = 0
        self.writes = 0
        self.batches: list[Batch] = []
        self.sheet_id = sheet_id
        self._has_before = has_before
        self._revision = 0
        self._known: dict[int, tuple[int, RawTab]] = {}

    @property
    def batch_bytes(self) -> int | None:
        """No limit."""
        return None

    @property
    def account(self) -> str:
        return ""

    @property
    def place(self) -> str:
        """A name for messages."""
        return f"memory:{self.sheet_id}"

    def copy(self, sheet_id: str = "") -> MemoryStore:
        """The sheet as it is now, in a store of its own; with an id of its own it is a copy of the file."""
        other = MemoryStore(has_before=self._has_before, sheet_id=sheet_id or self.sheet_id)
        other.tabs = [
            replace(tab, grid=dict(tab.grid), charts=dict(tab.charts), links=dict(tab.links)) for tab in self.tabs
        ]
        return other

    def restore(self, version: MemoryStore) -> None:
        """A person goes back to a version of the sheet: everything in it, also what is hidden."""
        self._revision += 1
        self.tabs = version.copy().tabs

    # The person

    def tab(self, title: str) -> MemoryTab:
        """A tab by its title, for the person and for looking."""
        return next(tab for tab in self.tabs if tab.title == title)

    def cell(self, title: str, row: int, column: int) -> Cell:
        """What stands in a cell."""
        return self.tab(title).grid.get((row, column), EMPTY)

    def type(
        self,
        title: str,
        row: int,
        column: int,
        value: CellValue,
        *,
        formula: str | None = None,
        is_percent: bool | None = None,
    ) -> None:
        """A person types into a cell; ``value`` is what a formula gives."""
        self._revision += 1
        grid = self.tab(title).grid
        cell = make_cell(value, grid.get((row, column), EMPTY), is_percent=is_percent)
        grid[row, column] = replace(cell, formula=formula)

    def note(self, title: str, row: int, column: int, text: str) -> None:
        """A person leaves a note on a cell."""
        self._revision += 1
        grid = self.tab(title).grid
        grid[row, column] = replace(grid.get((row, column), EMPTY), note=text)

    def link(self, title: str, row: int, column: int) -> str | None:
        """Where a click on a cell leads."""
        return self.tab(title).links.get((row, column))

    def delete_chart(self, title: str, name: ChartName) -> None:
        """A person deletes a chart of ours."""
        self._revision += 1
        del self.tab(title).charts[name]

    def permute_rows(self, title: str, order: Sequence[int], *, first: int = 1) -> None:
        """A person sorts: row ``first + i`` becomes what row ``order[i]`` was."""
        self._revision += 1
        tab = self.tab(title)
        new = {old: first + at for at, old in enumerate(order)}
        tab.shape = tab.shape.move_rows(placed(new))
        tab.grid = {(new.get(row, row), column): cell for (row, column), cell in tab.grid.items()}

    def insert_row(self, title: str, row: int) -> None:
        """A person inserts an empty row before this one."""
        self._revision += 1
        tab = self.tab(title)
        tab.shape = tab.shape.move_rows(inserted(row))
        tab.grid = {(at + (at >= row), column): cell for (at, column), cell in tab.grid.items()}

    def delete_row(self, title: str, row: int) -> None:
        """A person deletes a row."""
        self._revision += 1
        tab = self.tab(title)
        tab.shape = tab.shape.move_rows(deleted(row))
        tab.grid = {(at - (at > row), column): cell for (at, column), cell in tab.grid.items() if at != row}

    def move_column(self, title: str, column: int, to: int) -> None:
        """A person moves a column: it comes to stand at ``to``."""
        self._revision += 1
        tab = self.tab(title)
        order = list(range(max(column, to, *(at for _, at in tab.grid)) + 1))
        order.insert(to, order.pop(column))
        new = {old: at for at, old in enumerate(order)}
        tab.shape = tab.shape.move_columns(placed(new))
        tab.grid = {(row, new[at]): cell for (row, at), cell in tab.grid.items()}

    def insert_column(self, title: str, column: int) -> None:
        """A person inserts an empty column before this one."""
        self._revision += 1
        tab = self.tab(title)
        tab.shape = tab.shape.move_columns(inserted(column))
        tab.grid = {(row, at + (at >= column)): cell for (row, at), cell in tab.grid.items()}

    def delete_column(self, title: str, column: int) -> None:
        """A person deletes a column."""
        self._revision += 1
        tab = self.tab(title)
        tab.shape = tab.shape.move_columns(deleted(column))
        tab.grid = {(row, at - (at > column)): cell for (row, at), cell in tab.grid.items() if at != column}

    def merge(self, title: str, area: CellRange) -> None:
        """A person merges cells: only the first keeps what it holds."""
        self._revision += 1
        tab = self.tab(title)
        apart = (each for each in tab.shape.merges if not _meets(each, area))
        tab.shape = replace(tab.shape, merges=(*apart, area))
        tab.grid = {
            at: cell for at, cell in tab.grid.items() if at == area[:2] or not _meets(CellRange(*at, *at), area)
        }

    def reshape(self, title: str, **shape: Any) -> None:
        """A person hides, filters, protects, paints."""
        self._revision += 1
        tab = self.tab(title)
        tab.shape = replace(tab.shape, **shape)

    def rename_tab(self, title: str, new: str) -> None:
        """A person gives a tab another title."""
        self._revision += 1
        self.tab(title).title = new

    def delete_tab(self, title: str) -> None:
        """A person deletes a tab."""
        self._revision += 1
        self.tabs = [tab for tab in self.tabs if tab.title != title]

    # The store

    def fetch_titles(self) -> tuple[str, ...]:
        """All tabs."""
        return tuple(tab.title for tab in self.tabs)

    def fetch_sheet(self, titles: Sequence[str], heads: Sequence[str] = ()) -> RawSheet:
        """Read these tabs; of ``heads`` the first row."""
        self.reads += 1
        wanted = {*titles, *heads}
        raws = [self._read(tab) for tab in self.tabs if tab.title in wanted]
        ids = {tab.title: tab.tab_id for tab in self.tabs if tab.title not in wanted}
        return RawSheet(
            sheet_id=self.sheet_id,
            title="OKRs",
            url=self.place,
            tabs=tuple(raw if raw.title in titles else replace(raw, cells=raw.cells[:1]) for raw in raws),
            others=tuple(tab.title for tab in self.tabs if tab.title not in wanted),
            revision="" if self._has_before else str(self._revision),
            other_ids=ids if wanted - {raw.title for raw in raws} else {},
        )

    def _read(self, tab: MemoryTab) -> RawTab:
        """The tab; the same object as long as nobody has changed anything."""
        known = self._known.get(tab.tab_id)
        if known is None or known[0] != self._revision:
            known = self._known[tab.tab_id] = (self._revision, tab.read())
        return known[1]

    def apply_batch(self, batch: Batch) -> Receipt:
        """Write all of it or nothing."""
        self.writes += 1
        if self.act is not None:
            act, self.act = self.act, None
            act()
        fail, self.fail = self.fail, None
        if fail == "before":
            raise SheetUnavailable("The sheet can't be reached. Nothing was written.")
        tabs = [replace(tab, grid=dict(tab.grid), charts=dict(tab.charts), links=dict(tab.links)) for tab in self.tabs]
        before = self._check(batch)
        self._check_there(batch)
        self._check_closed(batch)
        drawn = {tab_id for tab_id, _ in batch.drawings} if before is not None else ()
        drawn_over = {tab.tab_id: tab.read().cells for tab in self.tabs if tab.tab_id in drawn}
        _change(tabs, batch)
        self.tabs = tabs
        self._revision += 1
        self.batches.append(batch)
        if fail == "after":
            raise WriteUnconfirmed("The answer was lost. It may have been written.")
        return Receipt(before, before and _marks(tabs, batch), drawn_over)

    def _check(self, batch: Batch) -> dict[int, Grid] | None:
        """Compare and swap: the guard tabs, or the revision. Returns the pre-image."""
        if not self._has_before:
            if batch.sheet_revision and batch.sheet_revision != str(self._revision):
                raise SheetBusy("Somebody saved the sheet since it was read. Nothing was written.")
            return None
        if batch.guard is None:
            return None
        present = [tab.tab_id for tab in self.tabs if tab.title.startswith(BEFORE_TITLE)]
        if sorted(present) != sorted(batch.guard.old) or {tab.tab_id for tab in self.tabs} & set(batch.guard.new):
            raise SheetBusy("Another run was faster. Nothing was written.")
        ids = {change.tab_id for change in batch.changes}
        return {tab.tab_id: _copied(tab) for tab in self.tabs if tab.tab_id in ids}

    def _check_there(self, batch: Batch) -> None:
        """A tab that is written is known by its id: one that was deleted since, or came back with another id, isn't."""
        written = {batch.ledger_tab_id, *(change.tab_id for change in batch.changes)}
        written |= {append.tab_id for append in batch.appends} | {tab_id for tab_id, _ in batch.drawings}
        if not written <= {tab.tab_id for tab in self.tabs}:
            raise SheetBusy("A tab was deleted between the read and the write. Nothing was written.")

    def _check_closed(self, batch: Batch) -> None:
        """Nobody writes where somebody protects it from the account; a workbook that is open is closed altogether."""
        if not self._has_before and any(tab.shape.closed is not None for tab in self.tabs):
            raise SheetInUse("The workbook is open in Excel. Nothing was written.")
        columns = {change.tab_id: {write.column for write in change.cells} for change in batch.changes}
        touched = {append.tab_id for append in batch.appends} | {tab_id for tab_id, _ in batch.drawings}
        for tab in self.tabs:
            at = range(self._width(tab)) if tab.tab_id in touched else columns.get(tab.tab_id, set())
            if tab.shape.is_closed(at) and at:
                raise SheetRefused("Nothing was written: You are trying to edit a protected cell or object.")

    def _width(self, tab: MemoryTab) -> int:
        return max((column + 1 for _, column in tab.grid), default=1)

    def prepare(self, wish: LayoutWish) -> Prepared:
        """Make what is missing."""
        made: list[str] = []
        columns: list[str] = []
        repairs: list[str] = []
        for new in wish.tabs:
            if all(tab.title != new.title for tab in self.tabs):
                tab = MemoryTab(self._new_id(), new.title, hidden=new.tab is Tab.LEDGER)
                self.tabs.append(tab)
                made.append(new.title)
                if new.tab is Tab.LEDGER:
                    tab.grid[HEAD_ROW, KEY_COLUMN] = make_cell(SENTENCE)
                    tab.grid[HEAD_ROW, TEXT_COLUMN] = make_cell(wish.head)
                    for line in wish.lines:
                        tab.grid[line.row, KEY_COLUMN] = make_cell(line.key)
                        tab.grid[line.row, TEXT_COLUMN] = make_cell(line.text)
                if new.drawing is not None:
                    _draw(tab, new.drawing)
            repairs += self._add_charts(new, is_new=new.title in made)
            added = self._add_columns(wish, new.tab, new.title)
            columns += added if new.title not in made else []
        for new in wish.tabs if Tab.LEDGER.value in made else ():
            self._give_notes(new)
        if wish.migration:
            self.tabs = [tab for tab in self.tabs if tab.tab_id not in wish.migration.guard]
            ledger = next(tab for tab in self.tabs if tab.title == Tab.LEDGER.value)
            ledger.grid[HEAD_ROW, TEXT_COLUMN] = make_cell(wish.head)
        if self._has_before:
            made += self._add_guards(wish.guard)
        self._revision += 1
        return Prepared(tuple(made), tuple(columns), tuple(repairs))

    def _give_notes(self, new: NewTab) -> None:
        """The notes of headers that were left without one."""
        tab, notes = self.tab(new.title), {column.header: column.note for column in COLUMNS.get(new.tab, ())}
        bare = [at for at, cell in tab.grid.items() if at[0] == 0 and not cell.note and notes.get(cell.shown)]
        tab.grid |= {at: replace(tab.grid[at], note=notes[tab.grid[at].shown]) for at in bare}

    def _add_charts(self, new: NewTab, *, is_new: bool) -> list[str]:
        charts = self.tab(new.title).charts
        missing = [each for each in (new.drawing.charts if new.drawing else ()) if each.name not in charts]
        charts |= {each.name: each.told for each in missing}
        return [f"charts of {new.title}"] if missing and not is_new else []

    def leave(self, wish: LeaveWish) -> Removed:
        """Take out what is ours."""
        dropped = tuple(tab.title for tab in self.tabs if tab.title in wish.drop)
        self.tabs = [tab for tab in self.tabs if tab.title not in wish.drop]
        notes = 0
        for tab in self.tabs:
            ours = [at for at, cell in tab.grid.items() if tab.title in wish.tables and cell.note in wish.notes]
            tab.grid |= {at: replace(tab.grid[at], note=None) for at in ours}
            notes += len(ours)
        self._revision += 1
        return Removed(dropped, notes=notes)

    def prove_guard(self) -> tuple[str, ...]:
        """Nothing to prove: it compares ids itself."""
        return ()

    def _new_id(self) -> int:
        return max((tab.tab_id for tab in self.tabs), default=0) + 1

    def _add_columns(self, wish: LayoutWish, kind: Tab, title: str) -> list[str]:
        if kind in (*DRAWN, Tab.LEDGER):
            return []
        tab = self.tab(title)
        raw = tab.read()
        headers = (wish.headers or {}).get(kind, {})
        row = find_header_row(kind, raw, headers)
        found = find_columns(kind, raw, row, headers, {})[0] if raw.cells else {}
        edge = max((len(cells) for cells in raw.cells), default=0)
        added = []
        for column in COLUMNS[kind]:
            if column.field not in found and is_added(column, wish, kind, is_empty=not raw.cells):
                cell = make_cell(headers.get(column.field, column.header))
                tab.grid[row, edge + len(added)] = replace(cell, note=column.note or None)
                added.append(column.header)
        return added

    def _add_guards(self, ids: Sequence[int]) -> list[str]:
        titles = [f"{BEFORE_TITLE}{number}" for number in range(1, len(ids) + 1)]
        missing = [
            (i, title) for i, title in zip(ids, titles, strict=True) if title not in {t.title for t in self.tabs}
        ]
        self.tabs += [MemoryTab(tab_id, title, hidden=True) for tab_id, title in missing]
        return [title for _, title in missing]


def _change(tabs: list[MemoryTab], batch: Batch) -> None:
    for dropped in batch.dropped:
        tabs.remove(next(tab for tab in tabs if tab.tab_id == dropped.tab_id))
    for added in batch.added:
        assert added.title not in {tab.title for tab in tabs}
        tabs.append(MemoryTab(added.tab_id, added.title))
        _draw(tabs[-1], added.drawing)
    by_id = {tab.tab_id: tab for tab in tabs}
    if batch.guard is not None:
        _swap_guards(tabs, batch)
    for change in batch.changes:
        for write in change.cells:
            _write(by_id[change.tab_id].grid, write)
            _link(by_id[change.tab_id].links, write)
    _write_ledger(by_id[batch.ledger_tab_id].grid, batch)
    for append in batch.appends:
        tab = by_id[append.tab_id]
        for row, values in enumerate(append.rows, start=tab.used_rows):
            tab.grid |= {(row, column): make_cell(value) for column, value in enumerate(values)}
    for tab_id, drawing in batch.drawings:
        _draw(by_id[tab_id], drawing)
    for spot in batch.unticked:
        old = by_id[spot.tab_id].grid.get((spot.row, spot.column), EMPTY)
        by_id[spot.tab_id].grid[spot.row, spot.column] = replace(make_cell(value=False), note=old.note)


def _swap_guards(tabs: list[MemoryTab], batch: Batch) -> None:
    """New guard tabs, which hold the targets as they are before the write."""
    assert batch.guard is not None
    images = {MERGED.index(change.tab): change.tab_id for change in batch.changes}
    grids = {tab.tab_id: _copied(tab) for tab in tabs}
    tabs[:] = [tab for tab in tabs if tab.tab_id not in batch.guard.old]
    for number, new in enumerate(batch.guard.new):
        grid = dict(grids[images[number]]) if number in images else {}
        if number == len(MERGED) - 1 and batch.drawings:
            grid |= {(row, column + WIDTH): cell for (row, column), cell in grids[batch.drawings[0][0]].items()}
        tabs.append(MemoryTab(new, f"{BEFORE_TITLE}{number + 1}", hidden=True, grid=grid, width=2 * WIDTH))


def _copied(tab: MemoryTab) -> Grid:
    """The tab as a copy of it is: without the rows that a filter hides, where copies leave those out."""
    left_out = sorted(tab.shape.filtered) if tab.shape.skips else []
    return {
        (row - bisect(left_out, row), column): cell for (row, column), cell in tab.grid.items() if row not in left_out
    }


def _meets(one: CellRange, other: CellRange) -> bool:
    """Whether two rectangles have a cell in common."""
    return max(one.top, other.top) <= min(one.bottom, other.bottom) and max(one.left, other.left) <= min(
        one.right, other.right
    )


def _write(grid: Grid, write: CellWrite) -> None:
    at = (write.row, write.column)
    cell = old = grid.get(at, EMPTY)
    if not write.note_only:
        cell = make_cell(write.value, old, is_percent=write.is_percent)
        cell = replace(cell, formula=write.formula)
    if write.note is not None:
        cell = replace(cell, note=write.note or None)
    grid[at] = cell


def _link(links: dict[tuple[int, int], str], write: CellWrite) -> None:
    if write.link:
        links[write.row, write.column] = write.link
    elif write.link == "":
        links.pop((write.row, write.column), None)


def _write_ledger(grid: Grid, batch: Batch) -> None:
    if batch.head is not None:
        grid[HEAD_ROW, KEY_COLUMN] = make_cell(SENTENCE)
        grid[HEAD_ROW, TEXT_COLUMN] = make_cell(batch.head)
    for at, piece in enumerate((*batch.record, None) if batch.record else (), start=RECORD_COLUMN):
        grid[HEAD_ROW, at] = make_cell(piece)
    wall = batch.heartbeat.replace(tzinfo=UTC) - _EPOCH
    grid[HEAD_ROW, HEARTBEAT_COLUMN] = make_cell(Decimal(f"{wall.total_seconds() / 86400:.8f}"))
    grid[HEAD_ROW, MOMENT_COLUMN] = make_cell(batch.heartbeat.isoformat())
    for line in batch.ledger:
        grid[line.row, KEY_COLUMN] = make_cell(line.key)
        grid[line.row, TEXT_COLUMN] = make_cell(line.text)


def _draw(tab: MemoryTab, drawing: Drawing) -> None:
    stood, tab.grid, merges = tab.grid, {}, []
    for row, cells in enumerate(drawing.rows):
        for column, draw in enumerate(cells):
            if draw is not None:
                old = stood.get((row, column), EMPTY).value if draw.keeps else None
                value = draw.value if old is None else old
                tab.grid[row, column] = replace(make_cell(value), note=draw.note, formula=draw.formula)
                if draw.span > 1:
                    merges.append(CellRange(row, column, row, column + draw.span - 1))
    tab.shape = replace(tab.shape, merges=tuple(merges))
    tab.charts |= {chart.name: chart.told for chart in drawing.charts if chart.name in tab.charts}


def _marks(tabs: list[MemoryTab], batch: Batch) -> dict[int, Grid]:
    """Header row and ids of the changed tabs after the write."""
    places = {change.tab_id: change for change in batch.changes}
    return {
        tab.tab_id: {
            (row, column): cell
            for (row, column), cell in tab.grid.items()
            if row == places[tab.tab_id].header_row or column == places[tab.tab_id].id_column
        }
        for tab in tabs
        if tab.tab_id in places
    }
