"""Writes that no run makes, into people's own columns: under the same guard, and looked at after the write.

``adopt`` and ``cycle open`` write so: what they write was shown to somebody first, and goes into empty cells alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sync.batches import view_grids
from sync.engine import Engine
from sync.heads import guard_ids, make_epoch
from sync.run_rows import RUN_COUNTS, RunStamp
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.readback import check_receipt, make_put_back
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Append, Batch, GuardSwap, TabChanges
from sync.sheet.store_error import SheetBusy


def make_guarded(
    engine: Engine, snapshot: Snapshot, changes: tuple[TabChanges, ...], stamp: tuple[str, str], now: datetime
) -> Batch:
    """The batch of these changes. ``stamp`` is the result and the remark of its row in Runs."""
    ledger = snapshot.ledger
    head = replace(make_epoch(ledger.head, snapshot.raw.sheet_id), revision=ledger.head.revision + 1)
    return Batch(
        ledger_tab_id=snapshot.ledger_tab.tab_id,
        heartbeat=ledger.heartbeat or now,
        head=render_head(head),
        guard=GuardSwap(snapshot.guard, guard_ids(head.epoch, head.revision)),
        changes=changes,
        appends=tuple(_run_row(snapshot, RunStamp(engine.make_id(now), now, engine.now(), *stamp))),
        sheet_revision=snapshot.raw.revision,
    )


def _run_row(snapshot: Snapshot, stamp: RunStamp) -> Iterator[Append]:
    if snapshot.runs is not None:
        moments = stamp.started.strftime("%Y-%m-%d %H:%M:%S"), stamp.finished.strftime("%Y-%m-%d %H:%M:%S")
        row = (stamp.run, *moments, stamp.result, *(None for _ in range(RUN_COUNTS)), stamp.remark)
        yield Append(snapshot.runs.tab_id, (row,))


def write_guarded(engine: Engine, snapshot: Snapshot, batch: Batch) -> None:
    """Write once; put back what hit rows that had moved since they were read. Raises SheetBusy then."""
    receipt = engine.store.apply_batch(batch)
    misplaced = check_receipt(batch, receipt, view_grids(snapshot))
    if not misplaced:
        return
    restored = make_put_back(misplaced)
    assert batch.head is not None
    assert batch.guard is not None
    head = parse_head(batch.head)
    head = replace(head, revision=head.revision + 1)
    changes = tuple(replace(each, cells=restored[each.tab_id]) for each in batch.changes if each.tab_id in restored)
    swap = GuardSwap(batch.guard.new, guard_ids(head.epoch, head.revision))
    engine.store.apply_batch(replace(batch, head=render_head(head), guard=swap, changes=changes, appends=()))
    raise SheetBusy(
        f"somebody moved rows while {len(misplaced)} cells were written; those were put back.",
        fix="Run it again: it writes what is still missing.",
    )
