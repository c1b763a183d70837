"""``cycle open``, applied: the rows of the next cycle in one guarded write. Safe to repeat."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from okr.model import Cycle
from okr.problem import UnknownWord
from sync.astray import find_astray
from sync.batches import tab_changes
from sync.care.next_cycle import Opening, make_opening
from sync.care.turn import CycleRefused
from sync.cycles import list_cycles, widen
from sync.engine import Engine
from sync.guarded import make_guarded, read_mended, write_guarded
from sync.plan import Plan
from sync.read import read_snapshot
from sync.run import RunWishes, preview
from sync.sheet.layout import Field, Tab
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import TabChanges
from sync.sheet.store_error import SheetBusy, WriteUnconfirmed
from sync.write import ATTEMPTS

log = logging.getLogger(__name__)


def choose_origin(engine: Engine, cycle: Cycle) -> Cycle:
    """The cycle before one: the last one of the sheet that is about as long and ends before it. Raises UnknownWord."""
    known = list_cycles(engine, read_snapshot(engine, engine.now()))
    days = (cycle.end - cycle.start).days
    alike = [item for item in known if item.start < cycle.start and abs((item.end - item.start).days - days) < 20]
    if not alike:
        raise UnknownWord(
            f"The sheet has no cycle before {cycle.name} that is as long.", fix="Name it: --from 2026-Q4."
        )
    return max(alike, key=lambda item: item.end)


def find_opening(engine: Engine, cycle: Cycle, origin: Cycle) -> tuple[Plan, Opening]:
    """What opening a cycle would write. Reads the sheet, asks no source, writes nothing.

    Raises:
        CycleRefused: both are the same, the new one is closed, or a tab can't tell cycles apart.
    """
    if cycle.name == origin.name:
        raise CycleRefused(f"{cycle.name} can't be opened from itself. Nothing was written.", fix="Name another one.")
    plan = preview(widen(engine, origin), RunWishes(fetch=False))
    if cycle.closed or cycle.name in plan.snapshot.ledger.head.closed:
        fix = f"Take it back first: okr-sync cycle reopen {cycle.name}"
        raise CycleRefused(f"{cycle.name} is closed. Nothing was written.", fix=fix)
    for tab in (Tab.OBJECTIVES, Tab.KEY_RESULTS):
        view = plan.snapshot.views[tab]
        if Field.CYCLE not in view.columns:
            raise CycleRefused(
                f"the tab “{view.raw.title}” has no column Cycle, so that rows of two cycles can't be told apart. "
                "Nothing was written.",
                fix="Add a column headed “Cycle”, or name yours under sheet.columns.",
            )
    return plan, make_opening(plan, cycle.name, origin.name)


def open_cycle(engine: Engine, cycle: Cycle, origin: Cycle) -> Opening:
    """Write it. What is there already is left as it is.

    Raises:
        SheetBusy: somebody edited the sheet each time; what had gone astray was put back.
    """
    for attempt in range(1, ATTEMPTS + 1):
        plan, opening = find_opening(engine, cycle, origin)
        if not find_astray(plan.snapshot).is_nothing:
            read_mended(engine, engine.now())
            plan, opening = find_opening(engine, cycle, origin)
        if opening.is_nothing:
            return opening
        changes = tuple(_make_changes(plan.snapshot, opening))
        count = sum(item.is_new for item in opening.key_results)
        remark = f"{cycle.name} opened from {origin.name}: {count} key results"
        batch = make_guarded(engine, plan.snapshot, changes, ("opened", remark), engine.now())
        try:
            write_guarded(engine, plan.snapshot, batch)
        except (SheetBusy, WriteUnconfirmed) as error:
            log.warning("cycle open, attempt %d of %d: %s", attempt, ATTEMPTS, error)
            if attempt == ATTEMPTS:
                raise
        else:
            return opening
    raise SheetBusy("no attempt was made.")


def _make_changes(snapshot: Snapshot, opening: Opening) -> Iterator[TabChanges]:
    for tab, cells in opening.cells.items():
        if cells:
            yield tab_changes(snapshot.views[tab], cells)
