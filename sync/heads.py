"""The ledger's head under the next revision: epoch, guard tabs, heartbeat, and what a run leaves there. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sync.board import Drawings, next_drawn
from sync.plan import Plan
from sync.plan_turn import next_closed
from sync.run_rows import RunStamp
from sync.share import next_outbox_head, next_parts
from sync.sheet.layout import MERGED
from sync.sheet.ledger import Head, Part
from sync.sheet.snapshot import Snapshot, remember_columns


def guard_ids(epoch: str, revision: int) -> tuple[int, ...]:
    """The ids of the guard tabs under a revision: a hash, so that no two revisions or epochs share one.

    Google's sheet ids are non-negative 32-bit integers.
    """
    return tuple(
        int.from_bytes(hashlib.sha256(f"{epoch}:{revision}:{number}".encode()).digest()[:4], "big") & 0x7FFFFFFF
        for number in range(1, len(MERGED) + 1)
    )


def make_epoch(head: Head, sheet_id: str) -> Head:
    """The head for this spreadsheet: a copy of another one gets an epoch of its own."""
    if head.sheet_id == sheet_id:
        return head
    epoch = hashlib.sha256(f"{head.epoch}:{sheet_id}".encode()).hexdigest()[:16] if head.sheet_id else head.epoch
    return replace(head, sheet_id=sheet_id, epoch=epoch)


def next_heartbeat(plan: Plan, stamp: RunStamp) -> datetime:
    """The moment at which all readings were last confirmed. A run that asked before another one never turns it back;
    unless a clock was so wrong that it lies more than a day ahead.
    """
    known, heard = plan.snapshot.ledger.heartbeat, stamp.heard or plan.now
    if known is None:
        return heard
    return known if not plan.confirms or heard < known < heard + timedelta(days=1) else heard


def sheet_heartbeat(head: Head, heartbeat: datetime) -> datetime:
    """The sheet's own: the latest of all configs that keep it."""
    return max([heartbeat, *(part.heartbeat for part in head.parts.values() if part.heartbeat)])


def next_head(
    plan: Plan, head: Head, stamp: RunStamp, drawings: Drawings, heartbeat: datetime, *, is_last: bool
) -> Head:
    """The head that one of a plan's batches leaves; only the last one says what the run has seen and done.

    The first one brings the news already: a run that dies before the last one must not leave it untold.
    """
    head = replace(make_epoch(head, plan.snapshot.raw.sheet_id), revision=head.revision + 1, run=stamp.run)
    head = next_outbox_head(plan.share, head, plan.outbox)
    if not is_last:
        return head
    refreshed = plan.day if plan.refreshes else head.refreshed
    problems = plan.life.open
    head = replace(
        head,
        refreshed=refreshed,
        columns=remember_columns(plan.snapshot),
        tabs=remember_tabs(plan.snapshot),
        problems=problems,
        drawn=next_drawn(head, plan.snapshot, drawings),
        words=plan.rule.preset,
        closed=next_closed(head.closed, plan.turn, plan.day),
    )
    return next_parts(plan.share, head, Part(plan.share.rows, problems, refreshed, heartbeat, plan.outbox))


def restore_refresh(plan: Plan, head: Head) -> Head:
    """The head after a write that was put back: what moves with time is as old there as the plan found it."""
    refreshed, own = plan.snapshot.ledger.head.refreshed, head.parts.get(plan.share.name)
    if plan.share.is_whole or own is None:
        return replace(head, refreshed=refreshed)
    return replace(head, parts={**head.parts, plan.share.name: own._replace(refreshed=refreshed)})


def forget_refresh(head: Head) -> Head:
    """The head where nobody knows how old what moves with time is: each config's next run refreshes it."""
    parts = {name: part._replace(refreshed=None) for name, part in head.parts.items()}
    return replace(head, refreshed=None, parts=parts)


def remember_tabs(snapshot: Snapshot) -> dict[str, int]:
    """The tabs' ids by the titles under which they are looked for: not by those that people gave them since."""
    meant = {now: title for title, now in snapshot.names.renamed.items()}
    return {meant.get(tab.title, tab.title): tab.tab_id for tab in snapshot.raw.tabs}
