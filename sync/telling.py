"""Batches that change no table and only tell Runs something: that a run was refused, what was typed over. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync.heads import guard_ids, make_epoch
from sync.plan import Plan
from sync.run_rows import RunStamp, drift_row, run_row
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Append, Batch, GuardSwap, Spot


def make_refused_batch(plan: Plan, stamp: RunStamp, unticked: tuple[Spot, ...] = ()) -> Batch | None:
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
        appends=(Append(snapshot.runs.tab_id, (run_row(plan, stamp),)),),
        unticked=unticked,
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
        appends=(Append(snapshot.runs.tab_id, tuple(drift_row(stamp, remark) for remark in remarks)),),
    )
