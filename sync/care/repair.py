"""``repair``: finds a partial sort, and puts the machine's cells back to the rows whose ids they belong to."""

from __future__ import annotations

from sync.engine import Engine
from sync.plan_repair import Repair, make_repair
from sync.read import read_snapshot
from sync.restoring import append_run, make_restoring_batch
from sync.run import RunWishes, find_out, plan_run
from sync.run_rows import RunStamp
from sync.sheet.layout import Tab
from sync.sheet.merge import ShuffleError
from sync.sheet.snapshot import Snapshot
from sync.write import mend_sheet


def find_repair(engine: Engine) -> tuple[Snapshot, Repair] | None:
    """What undoes a partial sort of the sheet as it is now; ``None`` where nothing was sorted apart.

    Reads the sheet and asks no source.
    """
    now = engine.now()
    wishes = RunWishes(fetch=False)
    findings = find_out(engine, wishes, now)
    try:
        plan_run(engine, wishes, findings, findings.snapshot, now)
    except ShuffleError as error:
        return findings.snapshot, make_repair(findings.snapshot, error.rows)
    return None


def apply_repair(engine: Engine, snapshot: Snapshot, repair: Repair) -> str:
    """Write the cells back in one guarded batch. Returns the name under which Runs tells it.

    Raises:
        SheetBusy: somebody wrote since the sheet was read; what was hit by mistake was put back.
        OkrSyncError: any other reason why nothing was written.
    """
    started = engine.now()
    run = engine.make_id(started)
    remark = f"{len(repair.cells)} cells of {len(repair.rows)} rows that were sorted apart are back in their rows"
    stamp = RunStamp(run, started, engine.now(), result="repaired", remark=remark)
    restores = {Tab.KEY_RESULTS: tuple(cell.write for cell in repair.cells)}
    engine.store.apply_batch(make_restoring_batch(snapshot, restores, stamp, append_run(snapshot, stamp)))
    mend_sheet(engine, read_snapshot(engine, engine.now()), run, started)
    return run
