"""Writes nothing but the outbox into the ledger's head, guarded like every write, and planned again where it lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sync.engine import Engine
from sync.heads import guard_ids, make_epoch
from sync.quota import QuotaWaits
from sync.read import read_snapshot
from sync.share import make_share, next_outbox_head, share_snapshot
from sync.sheet.ledger_text import render_head
from sync.sheet.outbox import Outbox
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Batch, GuardSwap
from sync.sheet.store_error import SheetBusy, WriteUnconfirmed
from sync.write import ATTEMPTS

log = logging.getLogger(__name__)


def change_outbox(engine: Engine, change: Callable[[Snapshot, Outbox], Outbox]) -> Outbox:
    """Read the sheet, and write the outbox that ``change`` makes of the one there. Nothing is written where it is same.

    Raises:
        SheetBusy: somebody else wrote between our read and our write, three times over.
        OkrSyncError: any other reason why nothing was written.
    """
    quota = QuotaWaits(engine)
    for _ in range(ATTEMPTS):
        try:
            return quota.planned_anew(partial(_change, engine, change))
        except (SheetBusy, WriteUnconfirmed) as error:
            log.warning("what people were told couldn't be remembered yet: %s", error)
    raise SheetBusy(
        f"the sheet was written by somebody else {ATTEMPTS} times between our read and our write.",
        fix="Run again in a few minutes. Nothing was lost.",
    )


def _change(engine: Engine, change: Callable[[Snapshot, Outbox], Outbox]) -> Outbox:
    config, now = engine.project.config, engine.now()
    whole = read_snapshot(engine, now)
    share = make_share(config.name, config.sheet.rows, whole.ledger.head, now)
    known = share_snapshot(share, whole).ledger.head.outbox
    outbox = change(whole, known)
    if outbox == known:
        return outbox
    head = make_epoch(whole.ledger.head, whole.raw.sheet_id)
    head = next_outbox_head(share, replace(head, revision=head.revision + 1), outbox)
    batch = Batch(
        ledger_tab_id=whole.ledger_tab.tab_id,
        heartbeat=whole.ledger.heartbeat or now,
        head=render_head(head),
        guard=GuardSwap(old=whole.guard, new=guard_ids(head.epoch, head.revision)),
        sheet_revision=whole.raw.revision,
    )
    engine.store.apply_batch(batch)
    return outbox
