"""Which cycle a command means, and an engine that reads it though it is over."""

from __future__ import annotations

from dataclasses import replace

from mappings.suggest import one_of
from okr.calendar import find_cycle, make_cycles
from okr.model import Cycle
from okr.problem import UnknownWord
from sync.engine import Engine
from sync.read import read_snapshot
from sync.sheet.layout import Tab
from sync.sheet.snapshot import Snapshot


def parse_cycle(engine: Engine, name: str) -> Cycle:
    """The cycle that a word on the command line means. Raises UnknownWord."""
    calendar = engine.project.config.calendar
    cycle = find_cycle(name, calendar)
    if cycle is None:
        known = [item.name for item in calendar.cycles]
        fix = "Write a quarter, half or year: 2026-Q4, 2026-H2, 2026." + (
            f" Or one of the config: {one_of(known)}." if known else ""
        )
        raise UnknownWord(f"“{name}” is no cycle.", fix=fix)
    return cycle


def choose_cycle(engine: Engine, name: str | None) -> Cycle:
    """The named cycle; without a name the last one of the sheet that is over and not closed, else the present one."""
    if name is not None:
        return parse_cycle(engine, name)
    now = engine.now()
    snapshot = read_snapshot(engine, now)
    over = [cycle for cycle in list_cycles(engine, snapshot) if cycle.end < now.date() and not cycle.closed]
    if over:
        return max(over, key=lambda cycle: cycle.end)
    running = [cycle for cycle in list_cycles(engine, snapshot) if cycle.start <= now.date() <= cycle.end]
    if not running:
        raise UnknownWord("The sheet has no key result of a cycle that is running or waits to be closed.")
    return min(running, key=lambda cycle: cycle.end - cycle.start)


def list_cycles(engine: Engine, snapshot: Snapshot) -> tuple[Cycle, ...]:
    """The cycles of the sheet's rows, the earliest first."""
    used = {row.key.cycle for tab in (Tab.OBJECTIVES, Tab.KEY_RESULTS) for row in snapshot.views[tab].rows}
    known = {**make_cycles(used, engine.project.config.calendar), **snapshot.okrs.cycles}
    found = (cycle for name, cycle in known.items() if name in used)
    return tuple(sorted(found, key=lambda cycle: (cycle.start, cycle.end)))


def widen(engine: Engine, cycle: Cycle) -> Engine:
    """The engine that reads this cycle's check-ins and History too, whether or not it is open."""
    return replace(engine, also=(replace(cycle, closed=False),))
