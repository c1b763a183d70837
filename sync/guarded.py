"""Writes that no run makes, into people's own columns: under the same guard, recorded, and looked at after the write.

``adopt`` and ``cycle open`` write so: what they write was shown to somebody first, and goes into empty cells alone.
Where the process dies before it has looked, whoever reads the sheet next finds the record and mends it, like a run's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sync.astray import find_astray
from sync.batches import view_grids
from sync.engine import Engine
from sync.heads import guard_ids, make_epoch
from sync.read import read_snapshot
from sync.restoring import append_run
from sync.run_rows import RunStamp
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.readback import Grid, check_receipt
from sync.sheet.record import render_record
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Batch, CellWrite, GuardSwap, Receipt, TabChanges
from sync.sheet.store_error import SheetBusy, WriteUnconfirmed
from sync.write import mend_sheet, put_back

log = logging.getLogger(__name__)


def read_mended(engine: Engine, now: datetime) -> Snapshot:
    """The sheet, after what somebody who died hit by mistake was put back.

    Raises:
        SheetBusy: somebody else wrote meanwhile, three times over. Nothing was lost.
    """
    return mend_sheet(engine, read_snapshot(engine, now), engine.make_id(now), now)


def make_guarded(
    engine: Engine, snapshot: Snapshot, changes: tuple[TabChanges, ...], stamp: tuple[str, str], now: datetime
) -> Batch:
    """The batch of these changes. ``stamp`` is the result and the remark of its row in Runs."""
    ledger, run = snapshot.ledger, engine.make_id(now)
    head = replace(make_epoch(ledger.head, snapshot.raw.sheet_id), revision=ledger.head.revision + 1, run=run)
    return Batch(
        ledger_tab_id=snapshot.ledger_tab.tab_id,
        heartbeat=ledger.heartbeat or now,
        head=render_head(head),
        guard=GuardSwap(snapshot.guard, guard_ids(head.epoch, head.revision)),
        changes=changes,
        appends=tuple(append_run(snapshot, RunStamp(run, now, engine.now(), *stamp))),
        sheet_revision=snapshot.raw.revision,
        record=() if snapshot.raw.revision else render_record(head.revision, changes, view_grids(snapshot)),
    )


def write_guarded(engine: Engine, snapshot: Snapshot, batch: Batch) -> None:
    """Write once; put back what hit rows that had moved since they were read.

    Raises:
        SheetBusy: somebody moved or typed meanwhile; that was put back.
        WriteUnconfirmed: the answer was lost, and the sheet shows that it didn't land.
    """
    receipt = _send(engine, batch)
    misplaced = check_receipt(batch, receipt, view_grids(snapshot))
    if misplaced:
        put_back(engine, batch, receipt, misplaced, _make_restoring)
        raise _moved(len(misplaced))


def _send(engine: Engine, batch: Batch) -> Receipt:
    """Send it; where the answer is lost, the sheet itself is asked whether it landed, and what it hit."""
    try:
        return engine.store.apply_batch(batch)
    except WriteUnconfirmed as error:
        now = engine.now()
        found = read_snapshot(engine, now)
        if found.head_text != batch.head:
            raise
        log.warning("the answer to a write was lost, but it has landed: %s", error)
        astray = find_astray(found)
        if not astray.is_nothing:
            mend_sheet(engine, found, engine.make_id(now), now)
            raise _moved(astray.count) from error
        return Receipt()


def _moved(count: int) -> SheetBusy:
    return SheetBusy(
        f"somebody moved rows while {count} cells were written; those were put back.",
        fix="Run it again: it writes what is still missing.",
    )


def _make_restoring(batch: Batch, restored: Mapping[int, tuple[CellWrite, ...]], expected: Mapping[int, Grid]) -> Batch:
    """The batch that puts cells back, under the next revision. The ledger learns nothing, as it did from the write."""
    assert batch.head is not None
    assert batch.guard is not None
    head = parse_head(batch.head)
    head = replace(head, revision=head.revision + 1)
    changes = tuple(replace(each, cells=restored[each.tab_id]) for each in batch.changes if each.tab_id in restored)
    record = render_record(head.revision, changes, expected, restores=True) if batch.record else ()
    guard = GuardSwap(batch.guard.new, guard_ids(head.epoch, head.revision))
    return replace(batch, head=render_head(head), guard=guard, changes=changes, appends=(), record=record)
