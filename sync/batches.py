"""From a plan to what the store is asked to write: batches, each all or nothing, under one revision each. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.board import Drawings, next_drawn, say_drift
from sync.plan import Plan
from sync.plan_row import Change, RowPlan
from sync.plan_turn import next_closed
from sync.share import next_parts
from sync.sheet.cell import CellValue
from sync.sheet.columns import ID_FIELD, find_column
from sync.sheet.doubled import DOUBLED_FIELDS
from sync.sheet.layout import MERGED, SIGNIFICANT, Field, Tab
from sync.sheet.ledger import NO_ENTRY, Head, Part, RowKey
from sync.sheet.ledger_text import parse_entry, parse_head, render_entry, render_head
from sync.sheet.locate import TabView
from sync.sheet.merge import unlearn
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.readback import Grid
from sync.sheet.record import render_record
from sync.sheet.snapshot import Snapshot, remember_columns
from sync.sheet.store import AddedTab, Append, Batch, CellWrite, GuardSwap, LedgerLine, TabChanges
from sync.sheet.store_error import LayoutError

HistoryRow = tuple[CellValue, ...]

_CELL_BYTES, _ROW_BYTES, _DRAW_BYTES = 170, 400, 260

RUN_COUNTS = 5
"""How many numbers a row of Runs has."""


@dataclass(frozen=True, slots=True)
class RunStamp:
    """Which run writes, and since when; ``remark`` is its summary for the Runs tab.

    ``heard`` is when the sources had answered: the moment that the heartbeat stands for.
    """

    run: str
    started: datetime
    finished: datetime
    result: str = "ok"
    remark: str = ""
    heard: datetime | None = None


def guard_ids(epoch: str, revision: int) -> tuple[int, ...]:
    """The ids of the guard tabs under a revision: a hash, so that no two revisions or epochs share one.

    Google's sheet ids are non-negative 32-bit integers.
    """
    return tuple(
        int.from_bytes(hashlib.sha256(f"{epoch}:{revision}:{number}".encode()).digest()[:4], "big") & 0x7FFFFFFF
        for number in range(1, len(MERGED) + 1)
    )


def make_batches(
    plan: Plan,
    stamp: RunStamp,
    drawings: Drawings,
    limit: int | None,
    told: frozenset[HistoryRow] = frozenset(),
    added: tuple[AddedTab, ...] = (),
) -> tuple[Batch, ...]:
    """What the store has to write, in order. A quiet plan is a heartbeat; one that confirms nothing is nothing.

    A batch holds whole rows and at most about ``limit`` bytes (``None``: no limit). The last one carries the
    drawings, the added tabs, the Runs row and the head's problems; where it would get too large, it carries no rows.
    ``told`` are rows that History has from an attempt before.

    Raises:
        LayoutError: a tab that the write needs is missing.
    """
    snapshot = plan.snapshot
    heartbeat = next_heartbeat(plan, stamp)
    if plan.is_quiet:
        return (_quiet_batch(plan, stamp, heartbeat),) if plan.confirms else ()
    lines = _line_rows(plan)
    chunks = list(_chunks(plan.rows, limit)) or [()]
    if limit is not None and drawings and sum(map(row_bytes, chunks[-1])) + drawing_bytes(drawings) > limit:
        chunks.append(())
    batches = []
    head, guard = snapshot.ledger.head, snapshot.guard
    for number, rows in enumerate(chunks):
        is_last = number == len(chunks) - 1
        drawn = tuple(drawings) if is_last else ()
        head = _next_head(plan, head, stamp, drawn, heartbeat, is_last=is_last)
        swap = GuardSwap(old=guard, new=guard_ids(head.epoch, head.revision))
        guard = swap.new
        changes = tuple(_tab_changes(snapshot, rows))
        batches.append(
            Batch(
                ledger_tab_id=snapshot.ledger_tab.tab_id,
                heartbeat=_sheet_heartbeat(head, heartbeat),
                head=render_head(head),
                guard=swap,
                changes=changes,
                ledger=tuple(_ledger_lines(rows, lines)),
                appends=_appends(plan, rows, stamp, told, drawn, is_last=is_last),
                drawings=drawn,
                added=added if is_last else (),
                sheet_revision=snapshot.raw.revision,
                record=_record(snapshot, head.revision, changes),
            )
        )
    return tuple(batches)


def _record(snapshot: Snapshot, revision: int, changes: tuple[TabChanges, ...]) -> tuple[str, ...]:
    """What the next run needs in order to see what this batch hit; nothing where a write can't miss (a workbook)."""
    return () if snapshot.raw.revision else render_record(revision, changes, view_grids(snapshot))


def view_grids(snapshot: Snapshot) -> dict[int, Grid]:
    """The tabs that people and machine share as the snapshot has them, by their ids."""
    return {view.raw.tab_id: view.raw.cells for view in snapshot.views.values()}


def next_heartbeat(plan: Plan, stamp: RunStamp) -> datetime:
    """The moment at which all readings were last confirmed. A run that asked before another one never turns it back;
    unless a clock was so wrong that it lies more than a day ahead.
    """
    known, heard = plan.snapshot.ledger.heartbeat, stamp.heard or plan.now
    if known is None:
        return heard
    return known if not plan.confirms or heard < known < heard + timedelta(days=1) else heard


def make_epoch(head: Head, sheet_id: str) -> Head:
    """The head for this spreadsheet: a copy of another one gets an epoch of its own."""
    if head.sheet_id == sheet_id:
        return head
    epoch = hashlib.sha256(f"{head.epoch}:{sheet_id}".encode()).hexdigest()[:16] if head.sheet_id else head.epoch
    return replace(head, sheet_id=sheet_id, epoch=epoch)


def _quiet_batch(plan: Plan, stamp: RunStamp, heartbeat: datetime) -> Batch:
    """The heartbeat. Of a config that shares the sheet it stands in the head, which needs a guard."""
    snapshot = plan.snapshot
    quiet = Batch(snapshot.ledger_tab.tab_id, heartbeat, sheet_revision=snapshot.raw.revision)
    if plan.share.is_whole:
        return quiet
    head = _next_head(plan, snapshot.ledger.head, stamp, (), heartbeat, is_last=True)
    head = replace(head, run=snapshot.ledger.head.run, drawn=snapshot.ledger.head.drawn)
    guard = GuardSwap(old=snapshot.guard, new=guard_ids(head.epoch, head.revision))
    return replace(quiet, heartbeat=_sheet_heartbeat(head, heartbeat), head=render_head(head), guard=guard)


def _sheet_heartbeat(head: Head, heartbeat: datetime) -> datetime:
    """The sheet's own: the latest of all configs that keep it."""
    return max([heartbeat, *(part.heartbeat for part in head.parts.values() if part.heartbeat)])


def _next_head(
    plan: Plan, head: Head, stamp: RunStamp, drawings: Drawings, heartbeat: datetime, *, is_last: bool
) -> Head:
    head = replace(make_epoch(head, plan.snapshot.raw.sheet_id), revision=head.revision + 1, run=stamp.run)
    if not is_last:
        return head
    refreshed = plan.day if plan.refreshes else head.refreshed
    problems = plan.life.open
    head = replace(
        head,
        refreshed=refreshed,
        columns=remember_columns(plan.snapshot),
        tabs={tab.title: tab.tab_id for tab in plan.snapshot.raw.tabs},
        problems=problems,
        drawn=next_drawn(head, plan.snapshot, drawings),
        words=plan.rule.preset,
        closed=next_closed(head.closed, plan.turn, plan.day),
    )
    return next_parts(plan.share, head, Part(plan.share.rows, problems, refreshed, heartbeat))


def _chunks(rows: Sequence[RowPlan], limit: int | None) -> Iterator[tuple[RowPlan, ...]]:
    chunk: list[RowPlan] = []
    size = 0
    for row in rows:
        own = row_bytes(row)
        if limit is not None and chunk and size + own > limit:
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(row)
        size += own
    if chunk:
        yield tuple(chunk)


def row_bytes(row: RowPlan) -> int:
    """About how many bytes a row's part of a request has."""
    texts = sum(len(write.value.encode()) for write in row.cells if isinstance(write.value, str))
    texts += sum(len(write.link) for write in row.cells if write.link)
    history = len(row.history) * _ROW_BYTES
    return texts + len(row.cells) * _CELL_BYTES + len((row.line or "").encode()) + history + _ROW_BYTES


def drawing_bytes(drawings: Drawings) -> int:
    """About how many bytes drawings have in a request: mostly how their cells look."""
    draws = (draw for _, drawing in drawings for row in drawing.rows for draw in row if draw is not None)
    return sum(_DRAW_BYTES + (len(draw.value.encode()) if isinstance(draw.value, str) else 0) for draw in draws)


def _line_rows(plan: Plan) -> dict[RowKey, int]:
    """Where each row's ledger line goes: where it stands, or after the last one."""
    lines, free = dict(plan.snapshot.ledger.lines), plan.snapshot.ledger.next_row
    for row in plan.rows:
        if row.line is not None and row.key not in lines:
            lines[row.key] = free
            free += 1
    return lines


def _ledger_lines(rows: Iterable[RowPlan], lines: Mapping[RowKey, int]) -> Iterator[LedgerLine]:
    for row in rows:
        if row.line is not None:
            yield LedgerLine(lines[row.key], str(row.key), row.line)


def _tab_changes(snapshot: Snapshot, rows: Sequence[RowPlan]) -> Iterator[TabChanges]:
    for tab in MERGED:
        view = snapshot.views.get(tab)
        cells = tuple(write for row in rows if row.key.tab is tab for write in row.cells)
        if view is not None and cells:
            yield tab_changes(view, cells)


def tab_changes(view: TabView, cells: tuple[CellWrite, ...]) -> TabChanges:
    """These writes with what the store has to know of their tab."""
    used_columns = max((len(row) for row in view.raw.cells), default=0)
    return TabChanges(
        tab=view.tab,
        tab_id=view.raw.tab_id,
        id_column=view.columns[ID_FIELD[view.tab]],
        header_row=view.header_row,
        used=(
            max(len(view.raw.cells), *(write.row + 1 for write in cells)),
            max(used_columns, *(write.column + 1 for write in cells)),
        ),
        cells=cells,
    )


def _appends(
    plan: Plan,
    rows: Sequence[RowPlan],
    stamp: RunStamp,
    told: frozenset[HistoryRow],
    drawings: Drawings,
    *,
    is_last: bool,
) -> tuple[Append, ...]:
    known = {line[:-1] for line in told}  # what changed, without the reason: a plan made again may see another one
    by_tab: dict[int, list[HistoryRow]] = {}
    for row in rows:
        for change in row.history:
            line = history_row(change, plan.now, stamp.run)
            if line[:-1] not in known:
                by_tab.setdefault(history_tab(plan.snapshot, change.key), []).append(line)
    appends = [Append(tab_id, tuple(lines)) for tab_id, lines in by_tab.items()]
    if is_last and plan.snapshot.runs is not None:
        appends.append(Append(plan.snapshot.runs.tab_id, tuple(_run_rows(plan, stamp, drawings))))
    return tuple(appends)


def history_tab(snapshot: Snapshot, key: RowKey) -> int:
    """The History of the row's cycle; KPIs, which have none, are kept with the first open cycle."""
    tab = snapshot.history.get(key.cycle) if key.cycle else next(iter(snapshot.history.values()), None)
    if tab is None:
        title = snapshot.names.title(Tab.HISTORY, key.cycle)
        raise LayoutError(
            f"there is no tab “{title}”, where old values are kept.", fix="Run: okr-sync layout. Nothing was written."
        )
    return tab.tab_id


def history_row(change: Change, now: datetime, run: str) -> HistoryRow:
    """One change as History keeps it, in the order of the tab's columns; people's text is cut to what a cell holds."""
    key = change.key
    header = find_column(key.tab, change.field).header
    when = now.strftime("%Y-%m-%d %H:%M")
    row = (when, run, key.tab.value, key.cycle, key.id, header, change.old, change.new, change.reason)
    return tuple(clean_text(value, PEOPLE_AT_MOST) if isinstance(value, str) else value for value in row)


def _run_rows(plan: Plan, stamp: RunStamp, drawings: Drawings) -> Iterator[HistoryRow]:
    """The run's row of Runs, after what people left on a tab that it draws anew."""
    yield from (_drift_row(stamp, remark) for remark in say_drift(plan.snapshot, drawings))
    yield _run_row(plan, stamp)


def _run_row(plan: Plan, stamp: RunStamp) -> HistoryRow:
    counts = (
        len(plan.moved),
        len(plan.aged),
        sum(len(row.holds) for row in plan.rows),
        len(plan.gaps),
        len(plan.problems),
    )
    return (stamp.run, *render_moments(stamp), stamp.result, *(Decimal(count) for count in counts), stamp.remark)


def render_moments(stamp: RunStamp) -> tuple[str, str]:
    """When a run began and ended, as Runs keeps it."""
    return stamp.started.strftime("%Y-%m-%d %H:%M:%S"), stamp.finished.strftime("%Y-%m-%d %H:%M:%S")


def _drift_row(stamp: RunStamp, remark: str) -> HistoryRow:
    """A row of Runs with what people left on a tab that is drawn anew."""
    return (stamp.run, *render_moments(stamp), "drift", *(None for _ in range(RUN_COUNTS)), remark)


def make_refused_batch(plan: Plan, stamp: RunStamp) -> Batch | None:
    """The batch that tells Runs that a run was refused, and nothing else; ``None`` without Runs."""
    snapshot = plan.snapshot
    if snapshot.runs is None:
        return None
    head = make_epoch(snapshot.ledger.head, snapshot.raw.sheet_id)
    head = replace(head, revision=head.revision + 1)
    return Batch(
        ledger_tab_id=snapshot.ledger_tab.tab_id,
        heartbeat=snapshot.ledger.heartbeat or stamp.started,
        head=render_head(head),
        guard=GuardSwap(old=snapshot.guard, new=guard_ids(head.epoch, head.revision)),
        appends=(Append(snapshot.runs.tab_id, (_run_row(plan, stamp),)),),
        sheet_revision=snapshot.raw.revision,
    )


def make_told_batch(snapshot: Snapshot, last: Batch | None, stamp: RunStamp, remarks: Sequence[str]) -> Batch | None:
    """The batch that tells Runs what people typed on the Dashboard while it was drawn anew; ``None`` without Runs.

    ``last`` is the batch that this run wrote last; without a guard of its own the sheet's is as the snapshot has it.
    """
    if snapshot.runs is None:
        return None
    known = last.head if last is not None else None
    head = parse_head(known) if known else make_epoch(snapshot.ledger.head, snapshot.raw.sheet_id)
    head = replace(head, revision=head.revision + 1)
    return Batch(
        ledger_tab_id=snapshot.ledger_tab.tab_id,
        heartbeat=last.heartbeat if last is not None else snapshot.ledger.heartbeat or stamp.started,
        head=render_head(head),
        guard=GuardSwap(
            old=last.guard.new if last is not None and last.guard is not None else snapshot.guard,
            new=guard_ids(head.epoch, head.revision),
        ),
        appends=(Append(snapshot.runs.tab_id, tuple(_drift_row(stamp, remark) for remark in remarks)),),
    )


def make_put_back_batch(
    plan: Plan, batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]], expected: Mapping[int, Grid]
) -> Batch:
    """The batch that puts back what a write hit by mistake, and what the ledger had learned of those cells.

    A cycle that it closed is open again, and its frozen tab goes: the plan is made anew.

    ``expected`` are the tabs as they stand after that write.
    """
    assert batch.head is not None
    assert batch.guard is not None
    head = parse_head(batch.head)
    head = replace(head, revision=head.revision + 1, closed=plan.snapshot.ledger.head.closed)
    changes = tuple(
        replace(change, cells=restored[change.tab_id]) for change in batch.changes if change.tab_id in restored
    )
    return Batch(
        ledger_tab_id=batch.ledger_tab_id,
        heartbeat=batch.heartbeat,
        head=render_head(head),
        guard=GuardSwap(old=batch.guard.new, new=guard_ids(head.epoch, head.revision)),
        changes=changes,
        ledger=tuple(_restored_lines(plan, batch, restored)),
        dropped=batch.added,
        record=render_record(head.revision, changes, expected, restores=True),
    )


def _restored_lines(plan: Plan, batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]]) -> Iterator[LedgerLine]:
    """The ledger's lines of the rows that were meant, with what it knew before of the cells that are put back."""
    meant: dict[tuple[int, int], RowPlan] = {(row.view.raw.tab_id, row.row.index): row for row in plan.rows}
    lines = {line.key: line for line in batch.ledger}
    hit: dict[str, tuple[RowPlan, set[Field]]] = {}
    for tab_id, writes in restored.items():
        for write in writes:
            row = meant.get((tab_id, write.row))
            if row is not None and write.field is not None:
                hit.setdefault(str(row.key), (row, set()))[1].add(write.field)
    for key, (row, fields) in hit.items():
        if key in lines:
            before = parse_entry(row.old_line) if row.key in plan.snapshot.ledger.entries else NO_ENTRY
            learned = parse_entry(lines[key].text)
            told = {
                field: learned.bases[field]
                for field in SIGNIFICANT & fields & learned.bases.keys()
                if learned.bases[field] != before.bases.get(field)
            }
            entry = replace(unlearn(learned, before, fields), told={**learned.told, **before.told, **told})
            if not fields.isdisjoint(DOUBLED_FIELDS):
                entry = replace(entry, doubled=before.doubled or _is_reached(row.key, batch, restored, plan))
            yield replace(lines[key], text=render_entry(entry))


def _is_reached(key: RowKey, batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]], plan: Plan) -> bool:
    """Whether of the rows that share this id at least one says so now: not every write into them was put back."""
    rows = [row for row in plan.rows if row.key == key and row.key.key in row.view.duplicates]
    places = {(row.view.raw.tab_id, write.row, write.column) for row in rows for write in row.cells}
    sent = {(change.tab_id, write.row, write.column) for change in batch.changes for write in change.cells}
    back = {(tab_id, write.row, write.column) for tab_id, writes in restored.items() for write in writes}
    return not (places & sent) <= back
