"""Batches that put back what was hit or moved by mistake, with a row of Runs that says so. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sync.astray import Astray
from sync.batches import tab_changes, view_grids
from sync.heads import forget_refresh, guard_ids, make_epoch
from sync.row_plan import Change
from sync.run_rows import RUN_COUNTS, HistoryRow, RunStamp, history_row, history_tab, render_moments
from sync.sheet.layout import SIGNIFICANT, Tab
from sync.sheet.ledger_text import render_entry, render_head
from sync.sheet.merge import Verdict
from sync.sheet.record import render_record
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Append, Batch, CellWrite, GuardSwap, LedgerLine

Restores = Mapping[Tab, tuple[CellWrite, ...]]


def make_restoring_batch(
    snapshot: Snapshot, restores: Restores, stamp: RunStamp, appends: Iterator[Append], *lines: LedgerLine
) -> Batch:
    """The batch that writes these cells, guarded like any other; the heartbeat stays what it was."""
    head = make_epoch(snapshot.ledger.head, snapshot.raw.sheet_id)
    head = replace(head, revision=head.revision + 1, run=stamp.run)
    changes = tuple(tab_changes(snapshot.views[tab], cells) for tab, cells in restores.items() if cells)
    return Batch(
        ledger_tab_id=snapshot.ledger_tab.tab_id,
        heartbeat=snapshot.ledger.heartbeat or stamp.started,
        head=render_head(head),
        guard=GuardSwap(old=snapshot.guard, new=guard_ids(head.epoch, head.revision)),
        changes=changes,
        ledger=lines,
        appends=tuple(appends),
        sheet_revision=snapshot.raw.revision,
        record=render_record(head.revision, changes, view_grids(snapshot), restores=True),
    )


def make_mend_batch(snapshot: Snapshot, astray: Astray, stamp: RunStamp) -> Batch:
    """The batch that puts back what a run that died hit by mistake, with the ledger's lines and a row of Runs."""
    at = snapshot.ledger.lines
    head = forget_refresh(snapshot.ledger.head)  # what the run that died wrote of it went elsewhere
    snapshot = replace(snapshot, ledger=replace(snapshot.ledger, head=head))
    lines = (LedgerLine(at[key], str(key), render_entry(entry)) for key, entry in astray.entries.items())
    return make_restoring_batch(snapshot, astray.restores, stamp, _mend_appends(snapshot, astray, stamp), *lines)


def _mend_appends(snapshot: Snapshot, astray: Astray, stamp: RunStamp) -> Iterator[Append]:
    """The row of Runs, and in History the way back of what the run that died said it had changed."""
    back: dict[int, list[HistoryRow]] = {}
    for key, entry in astray.entries.items():
        bases = snapshot.ledger.entries[key].bases
        for field in SIGNIFICANT & entry.bases.keys():
            if bases[field] != (old := entry.bases[field]):
                change = Change(key, "", field, bases[field], old, Verdict.CHANGE, "its run was cut off; put back")
                line = history_row(change, stamp.started, stamp.run)
                back.setdefault(history_tab(snapshot, key), []).append(line)
    yield from (Append(tab_id, tuple(lines)) for tab_id, lines in back.items())
    remark = f"a run before was cut off while people worked: {astray.count} cells are as they had left them"
    remark += f"; {astray.lost} can't be found any more, the version history has them" if astray.lost else ""
    yield from append_run(snapshot, replace(stamp, result="mended", remark=remark))


def append_run(snapshot: Snapshot, stamp: RunStamp) -> Iterator[Append]:
    """The row of Runs of what counts nothing: its result and its remark."""
    if snapshot.runs is not None:
        nothing = (None for _ in range(RUN_COUNTS))
        row = (stamp.run, *render_moments(stamp), stamp.result, *nothing, stamp.remark)
        yield Append(snapshot.runs.tab_id, (row,))
