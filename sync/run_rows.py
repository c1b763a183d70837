"""What History and Runs get of a run, in the order of their columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.board import Drawings, say_drift
from sync.plan import Plan
from sync.row_plan import Change
from sync.sheet.cell import CellValue
from sync.sheet.columns import find_column
from sync.sheet.layout import Tab
from sync.sheet.ledger import RowKey
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.snapshot import Snapshot
from sync.sheet.store_error import LayoutError

HistoryRow = tuple[CellValue, ...]

RUN_COUNTS = 5
"""How many numbers a row of Runs has."""


@dataclass(frozen=True, slots=True)
class RunStamp:
    """Which run writes, and since when; ``remark`` is its summary for the Runs tab.

    ``heard`` is when the sources had answered: the moment that the heartbeat stands for.
    """

    run: str
    started: datetime
    finished: datetime
    result: str = "ok"
    remark: str = ""
    heard: datetime | None = None


def history_tab(snapshot: Snapshot, key: RowKey) -> int:
    """The History of the row's cycle; KPIs, which have none, are kept with the first open cycle."""
    tab = snapshot.history.get(key.cycle) if key.cycle else next(iter(snapshot.history.values()), None)
    if tab is None:
        title = snapshot.names.title(Tab.HISTORY, key.cycle)
        raise LayoutError(
            f"there is no tab “{title}”, where old values are kept.", fix="Run: okr-sync layout. Nothing was written."
        )
    return tab.tab_id


def history_row(change: Change, now: datetime, run: str) -> HistoryRow:
    """One change as History keeps it, in the order of the tab's columns; people's text is cut to what a cell holds."""
    key = change.key
    header = find_column(key.tab, change.field).header
    when = now.strftime("%Y-%m-%d %H:%M")
    row = (when, run, key.tab.value, key.cycle, key.id, header, change.old, change.new, change.reason)
    return tuple(clean_text(value, PEOPLE_AT_MOST) if isinstance(value, str) else value for value in row)


def run_rows(plan: Plan, stamp: RunStamp, drawings: Drawings) -> Iterator[HistoryRow]:
    """The run's row of Runs, after what people left on a tab that it draws anew."""
    yield from (drift_row(stamp, remark) for remark in say_drift(plan.snapshot, drawings))
    yield run_row(plan, stamp)


def run_row(plan: Plan, stamp: RunStamp) -> HistoryRow:
    """The run's row of Runs."""
    counts = (
        len(plan.moved),
        len(plan.aged),
        sum(len(row.holds) for row in plan.rows),
        len(plan.gaps),
        len(plan.problems),
    )
    return (stamp.run, *render_moments(stamp), stamp.result, *(Decimal(count) for count in counts), stamp.remark)


def render_moments(stamp: RunStamp) -> tuple[str, str]:
    """When a run began and ended, as Runs keeps it."""
    return stamp.started.strftime("%Y-%m-%d %H:%M:%S"), stamp.finished.strftime("%Y-%m-%d %H:%M:%S")


def drift_row(stamp: RunStamp, remark: str) -> HistoryRow:
    """A row of Runs with what people left on a tab that is drawn anew."""
    return (stamp.run, *render_moments(stamp), "drift", *(None for _ in range(RUN_COUNTS)), remark)
