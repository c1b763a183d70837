"""From a plan to what the store is asked to write: batches, each all or nothing, under one revision each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sync.board import Drawings
from sync.heads import guard_ids, next_head, next_heartbeat, sheet_heartbeat
from sync.plan import Plan
from sync.row_plan import RowPlan
from sync.run_rows import HistoryRow, RunStamp, history_row, history_tab, run_rows
from sync.sheet.columns import ID_FIELD
from sync.sheet.layout import MERGED
from sync.sheet.ledger import RowKey
from sync.sheet.ledger_text import render_head
from sync.sheet.locate import TabView
from sync.sheet.readback import Grid
from sync.sheet.record import render_record
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import AddedTab, Append, Batch, CellWrite, GuardSwap, LedgerLine, Spot, TabChanges

_CELL_BYTES, _ROW_BYTES, _HISTORY_BYTES, _DRAW_BYTES = 115, 300, 500, 260
"""Beside their texts: of a cell, of a row with its line in the ledger, of a row of History, of a drawn cell."""


def make_batches(
    plan: Plan,
    stamp: RunStamp,
    drawings: Drawings,
    limit: int | None,
    told: frozenset[HistoryRow] = frozenset(),
    added: tuple[AddedTab, ...] = (),
    unticked: tuple[Spot, ...] = (),
) -> tuple[Batch, ...]:
    """What the store has to write, in order. A quiet plan is a heartbeat; one that confirms nothing is nothing.

    A batch holds whole rows and at most about ``limit`` bytes (``None``: no limit). The last one carries the
    drawings, the added tabs, the Runs row and the head's problems; where it would get too large, it carries no rows.
    Only with it the heartbeat moves: a run that stops before has not confirmed the rows that it never reached.
    ``told`` are rows that History has from an attempt before. ``unticked`` are checkboxes whose wish is served.

    Raises:
        LayoutError: a tab that the write needs is missing.
    """
    snapshot = plan.snapshot
    heartbeat = next_heartbeat(plan, stamp)
    if plan.is_quiet:
        return (_quiet_batch(plan, stamp, heartbeat),) if plan.confirms or plan.has_news else ()
    lines = _line_rows(plan)
    chunks = list(_chunks(plan.rows, limit)) or [()]
    if limit is not None and drawings and sum(map(row_bytes, chunks[-1])) + drawing_bytes(drawings) > limit:
        chunks.append(())
    batches = []
    head, guard = snapshot.ledger.head, snapshot.guard
    unconfirmed = snapshot.ledger.heartbeat or heartbeat
    for number, rows in enumerate(chunks):
        is_last = number == len(chunks) - 1
        drawn = tuple(drawings) if is_last else ()
        head = next_head(plan, head, stamp, drawn, heartbeat, is_last=is_last)
        swap = GuardSwap(old=guard, new=guard_ids(head.epoch, head.revision))
        guard = swap.new
        changes = tuple(_tab_changes(snapshot, rows))
        batches.append(
            Batch(
                ledger_tab_id=snapshot.ledger_tab.tab_id,
                heartbeat=sheet_heartbeat(head, heartbeat if is_last else unconfirmed),
                head=render_head(head),
                guard=swap,
                changes=changes,
                ledger=tuple(_ledger_lines(rows, lines)),
                appends=_appends(plan, rows, stamp, told, drawn, is_last=is_last),
                drawings=drawn,
                added=added if is_last else (),
                unticked=unticked if is_last else (),
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


def _quiet_batch(plan: Plan, stamp: RunStamp, heartbeat: datetime) -> Batch:
    """The heartbeat. Of a config that shares the sheet it stands in the head, which needs a guard; so does news."""
    snapshot = plan.snapshot
    quiet = Batch(snapshot.ledger_tab.tab_id, heartbeat, sheet_revision=snapshot.raw.revision)
    if plan.share.is_whole and not plan.has_news:
        return quiet
    head = next_head(plan, snapshot.ledger.head, stamp, (), heartbeat, is_last=True)
    head = replace(head, run=snapshot.ledger.head.run, drawn=snapshot.ledger.head.drawn)
    guard = GuardSwap(old=snapshot.guard, new=guard_ids(head.epoch, head.revision))
    return replace(quiet, heartbeat=sheet_heartbeat(head, heartbeat), head=render_head(head), guard=guard)


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
    history = len(row.history) * _HISTORY_BYTES
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
        appends.append(Append(plan.snapshot.runs.tab_id, tuple(run_rows(plan, stamp, drawings))))
    return tuple(appends)
