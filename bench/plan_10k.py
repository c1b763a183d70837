"""How long the plan of a big sheet takes: 10,000 key results under 2,000 objectives, every row aged, a tenth moved.

Measured is what a run does between its last answer and its write: the snapshot of what was read, and the plan.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mappings.model import Reading
from okr.calendar import Calendar, current_cycle
from okr.model import Cycle
from sync.batches import make_batches
from sync.collector import paused_collector
from sync.plan import Plan, make_plan
from sync.plan_task import PlanRules
from sync.run_rows import RunStamp
from sync.sheet.cell import EMPTY, Cell, CellValue
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Head, RowKey
from sync.sheet.ledger_text import render_head
from sync.sheet.snapshot import GUARD_TITLES, SheetNames, Snapshot, make_snapshot
from sync.sheet.store import RawSheet, RawTab
from sync.standings import Asked

KEY_RESULTS, PER_OBJECTIVE = 10_000, 5
ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=ZONE)
CYCLE = current_cycle(Calendar(), NOW.date())
SECONDS, MEGABYTES = 2.0, 300.0
"""What is promised."""

ROUNDS = 5
"""The best of so many counts: other programs on the machine only make it slower."""

Rows = list[list[Cell]]


@dataclass(frozen=True)
class Cost:
    """What planning cost: seconds of processor time, megabytes at the most, and what was planned."""

    snapshot: float
    plan: float
    batches: float
    megabytes: float
    moved: int
    aged: int

    @property
    def seconds(self) -> float:
        """What is promised about: from what was read to the plan."""
        return self.snapshot + self.plan


def make_cell(value: CellValue) -> Cell:
    """A cell as a store reads it."""
    return EMPTY if value is None else Cell(value, f"{value:f}" if isinstance(value, Decimal) else str(value))


def make_rows(tab: Tab, rows: Iterable[Mapping[Field, CellValue]]) -> Rows:
    """A tab's cells with its headers."""
    columns = COLUMNS[tab]
    lines = [[make_cell(column.header) for column in columns]]
    lines += [[make_cell(row.get(column.field)) for column in columns] for row in rows]
    return lines


def make_definitions(count: int) -> dict[Tab, Rows]:
    """What people typed."""
    objectives = range(count // PER_OBJECTIVE)
    return {
        Tab.OBJECTIVES: make_rows(
            Tab.OBJECTIVES,
            ({Field.OBJECTIVE_ID: f"O{number}", Field.OBJECTIVE: f"Objective {number}"} for number in objectives),
        ),
        Tab.KEY_RESULTS: make_rows(
            Tab.KEY_RESULTS,
            (
                {
                    Field.KR_ID: f"KR{number}",
                    Field.KEY_RESULT: f"Key result {number}",
                    Field.OWNER: f"Person {number % 300}",
                    Field.OBJECTIVE_ID: f"O{number // PER_OBJECTIVE}",
                    Field.BASELINE: Decimal(0),
                    Field.TARGET: Decimal(100 + number % 7),
                }
                for number in range(count)
            ),
        ),
        Tab.LEDGER: [[EMPTY, make_cell(render_head(Head("bench", "epoch")))]],
    }


def make_sheet(cells: Mapping[Tab, Rows]) -> RawSheet:
    """The sheet as one read gives it."""
    titles = [*(tab.value for tab in cells), f"{Tab.HISTORY.value} {CYCLE.name}", Tab.RUNS.value, *GUARD_TITLES]
    by_title: dict[str, Sequence[Sequence[Cell]]] = {tab.value: tuple(map(tuple, rows)) for tab, rows in cells.items()}
    tabs = (RawTab(number, title, cells=by_title.get(title, ())) for number, title in enumerate(titles))
    return RawSheet("bench", "Bench", "", tuple(tabs))


def make_asked(count: int, now: datetime, shift: int) -> Asked:
    """A reading of every key result; a tenth of them has moved by ``shift``."""
    keys = [RowKey(Tab.KEY_RESULTS, CYCLE.name, f"KR{number}") for number in range(count)]
    readings = {
        key: Reading(Decimal(number % 90 + (shift if number % 10 == 0 else 0)), now, detail=f"{number % 90} records")
        for number, key in enumerate(keys)
    }
    return Asked(dict.fromkeys(keys, "jira: project = WEB, count"), readings)


def understand(sheet: RawSheet) -> Snapshot:
    """The snapshot of a read."""
    cycles: dict[str, Cycle] = {CYCLE.name: CYCLE}
    return make_snapshot(sheet, SheetNames(), cycles, (CYCLE.name,))


def write(cells: dict[Tab, Rows], plan: Plan) -> None:
    """Carry a plan out on the cells."""
    for row in plan.rows:
        for change in row.cells:
            cells[row.key.tab][change.row][change.column] = make_cell(change.value)
        if row.line is not None:
            cells[Tab.LEDGER].append([make_cell(str(row.key)), make_cell(row.line)])
    head = make_batches(plan, RunStamp("first", NOW, NOW), (), None)[-1].head
    cells[Tab.LEDGER][0] = [EMPTY, make_cell(head), EMPTY, make_cell(plan.now.isoformat())]


def measure(count: int = KEY_RESULTS) -> Cost:
    """Plan a sheet that was synced yesterday; the best of some rounds."""
    cells = make_definitions(count)
    rules = PlanRules(cycles=frozenset({CYCLE.name}))
    write(cells, make_plan(understand(make_sheet(cells)), make_asked(count, NOW, 0), rules, NOW, ()))
    sheet, today = make_sheet(cells), NOW + timedelta(days=1)
    asked = make_asked(count, today, 3)
    return min((_plan_once(sheet, asked, rules, today) for _ in range(ROUNDS)), key=lambda cost: cost.seconds)


def _plan_once(sheet: RawSheet, asked: Asked, rules: PlanRules, today: datetime) -> Cost:
    started = time.process_time()
    with paused_collector():
        snapshot = understand(sheet)
        understood = time.process_time()
        plan = make_plan(snapshot, asked, rules, today, ())
        planned = time.process_time()
    make_batches(plan, RunStamp("second", today, today), (), 2_000_000)
    batched = time.process_time()
    parts = (understood - started, planned - understood, batched - planned)
    return Cost(*parts, _megabytes(), len(plan.moved), len(plan.aged))


def _megabytes() -> float:
    """The most memory this process ever had. Linux counts kilobytes, macOS bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def render_cost(cost: Cost) -> str:
    """The costs beside what is promised."""
    verdict = "kept" if cost.seconds < SECONDS and cost.megabytes < MEGABYTES else "MISSED"
    return (
        f"Plan of {KEY_RESULTS:,} key results: {cost.seconds:.2f} s of CPU (promised: {SECONDS:.0f}), "
        f"{cost.megabytes:.0f} MB (promised: {MEGABYTES:.0f}): {verdict}\n"
        f"  snapshot {cost.snapshot:.2f} s, plan {cost.plan:.2f} s, batches {cost.batches:.2f} s; "
        f"{cost.moved} rows moved, {cost.aged} aged"
    )
