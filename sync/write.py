"""Writes a plan, and looks at what each write hit: what was not meant is put back, and the plan is made again.

A write is never sent twice. A run that dies before it could look leaves the mending to the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sync.astray import find_astray
from sync.batches import make_batches, view_grids
from sync.board import Rows, find_drawn_over, find_overdrawn, find_unticked
from sync.closed_tab import make_closed_tab
from sync.drawings import draw_tabs
from sync.engine import Engine
from sync.plan import Plan
from sync.put_back import make_put_back_batch
from sync.quota import QuotaWaits
from sync.read import read_snapshot
from sync.restoring import make_mend_batch
from sync.run_rows import HistoryRow, RunStamp
from sync.sheet.readback import Grid, Misplaced, check_receipt, make_expected, make_put_back
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import Batch, CellWrite, Receipt
from sync.sheet.store_error import SheetBusy, SheetError, SheetOverQuota, WriteUnconfirmed
from sync.telling import make_refused_batch, make_told_batch

log = logging.getLogger(__name__)

ATTEMPTS = 3


def write_plan(engine: Engine, plan: Plan, stamp: RunStamp, told: set[HistoryRow], overdrawn: list[str]) -> int:
    """Write the plan's batches; put back what hit something that had moved, and raise SheetBusy for another plan.

    ``told`` collects what the History tabs got: a plan that is made again doesn't tell it again. ``overdrawn`` collects
    what people typed on the Dashboard while it was drawn anew, until Runs has been told.
    """
    if plan.is_quiet and not (engine.project.config.sheet.heartbeat or overdrawn or plan.has_news):
        return 0
    config = engine.project.config
    drawings = () if plan.is_quiet else draw_tabs(plan, stamp, config.stale_days, config.scoring)
    added = make_closed_tab(plan)
    unticked = find_unticked(plan, drawings)
    batches = make_batches(plan, stamp, drawings, engine.store.batch_bytes, frozenset(told), added, unticked)
    grids = view_grids(plan.snapshot)
    for batch in batches:
        receipt = _send(engine, plan, batch, told, overdrawn)
        misplaced = check_receipt(batch, receipt, grids)
        if misplaced:
            put_back(engine, batch, receipt, misplaced, partial(make_put_back_batch, plan))
            raise SheetBusy(f"{len(misplaced)} cells had moved or changed since they were read; they were put back.")
    if overdrawn:
        _tell_overdrawn(engine, plan, batches[-1] if batches else None, stamp, overdrawn)
    return len(batches)


def _tell_overdrawn(engine: Engine, plan: Plan, last: Batch | None, stamp: RunStamp, overdrawn: list[str]) -> None:
    """Keep in Runs what people typed between our read and the write that drew over it. The log has it in any case."""
    snapshot, written = plan.snapshot, last
    for _ in range(ATTEMPTS):
        telling = make_told_batch(snapshot, written, stamp, overdrawn)
        if telling is None:
            return
        try:
            engine.store.apply_batch(telling)
        except SheetBusy:
            snapshot, written = read_snapshot(engine, plan.now), None
        except SheetError as error:
            log.warning("run %s: Runs couldn't be told what was typed on the Dashboard: %s", stamp.run, error)
            return
        else:
            overdrawn.clear()
            return


def tell_refused(engine: Engine, plan: Plan, stamp: RunStamp) -> None:
    """Keep in Runs that a run was refused, and why. The log has it in any case."""
    batch = make_refused_batch(plan, stamp, find_unticked(plan, ()))
    try:
        if batch is not None:
            engine.store.apply_batch(batch)
    except SheetError as error:
        log.warning("run %s: Runs couldn't be told that it was refused: %s", stamp.run, error)


def _send(engine: Engine, plan: Plan, batch: Batch, told: set[HistoryRow], overdrawn: list[str]) -> Receipt:
    """Write once. Where the answer is lost, the sheet itself is asked; a write that can't be found is planned anew.

    Raises:
        SheetBusy: it has landed, and hit what it didn't mean: that has to be mended first.
    """
    lines = {row for append in batch.appends for row in append.rows}
    try:
        receipt = engine.store.apply_batch(batch)
    except WriteUnconfirmed as error:
        snapshot = read_snapshot(engine, plan.now)
        if batch.head is None or snapshot.head_text != batch.head:
            raise
        log.warning("the answer to a write was lost, but it has landed: %s", error)
        told.update(lines)
        overdrawn += _find_overdrawn(plan, find_drawn_over(plan.snapshot, batch, snapshot))
        if not find_astray(snapshot).is_nothing:
            raise SheetBusy("cells had moved or changed since they were read; they are put back.") from error
        return Receipt()
    told.update(lines)
    overdrawn += _find_overdrawn(plan, receipt.drawn_over)
    return receipt


def _find_overdrawn(plan: Plan, drawn_over: Mapping[int, Rows]) -> tuple[str, ...]:
    found = find_overdrawn(plan.snapshot, drawn_over)
    for remark in found:
        log.warning("typed on the Dashboard while it was drawn anew: %s", remark)
    return found


Restoring = Callable[[Batch, Mapping[int, tuple[CellWrite, ...]], Mapping[int, Grid]], Batch]
"""Makes the batch that puts cells back after another one, for tabs that stand as in the last argument."""


def put_back(engine: Engine, batch: Batch, receipt: Receipt, misplaced: Sequence[Misplaced], make: Restoring) -> None:
    """Restore what a write hit by mistake; and again, where people moved things meanwhile."""
    for _ in range(ATTEMPTS):
        expected = make_expected(batch, receipt)
        restoring = make(batch, make_put_back(misplaced), expected)
        receipt = engine.store.apply_batch(restoring)
        misplaced = check_receipt(restoring, receipt, expected)
        if not misplaced:
            return
        batch = restoring
    log.error("run: %d cells could not be put back; the version history has them.", len(misplaced))


def mend_sheet(engine: Engine, snapshot: Snapshot, run: str, now: datetime) -> Snapshot:
    """The sheet with what a run that died hit by mistake put back; as it is where there is nothing of that kind.

    Raises:
        SheetBusy: somebody else wrote meanwhile, three times over. Nothing was lost.
        SheetOverQuota: the quota of writes wasn't there again in time.
    """
    quota, turns = QuotaWaits(engine), 0
    while not (astray := find_astray(snapshot)).is_nothing:
        if turns == ATTEMPTS:
            raise SheetBusy(
                f"the sheet was written by somebody else {ATTEMPTS} times while what the last run hit was put back.",
                fix="Run again in a few minutes. Nothing was lost.",
            )
        log.warning("the last run died before it looked at what it hit: %d cells are put back", astray.count)
        stamp = RunStamp(run, now, engine.now())
        try:
            engine.store.apply_batch(make_mend_batch(snapshot, astray, stamp))
            turns += 1
        except SheetOverQuota as error:
            quota.wait(error)
        except (SheetBusy, WriteUnconfirmed) as error:
            log.warning("run %s: mending: %s", run, error)
            turns += 1
        snapshot = read_snapshot(engine, now)
    return snapshot
