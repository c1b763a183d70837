"""The engine's own tabs as drawings of a plan. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from okr.calendar import render_day
from okr.model import Cycle, Key
from sync.batches import RunStamp
from sync.board import find_board_drift
from sync.plan import Plan
from sync.plan_row import Held, Takeover
from sync.sheet.columns import find_column
from sync.sheet.dashboard import DashboardFacts, draw_dashboard
from sync.sheet.layout import Tab
from sync.sheet.merge import Wanted
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.rules import MANUAL_DAYS
from sync.sheet.store import Draw, Drawing
from sync.standings import say_gap


def draw_tabs(plan: Plan, stamp: RunStamp, stale_days: int) -> Sequence[tuple[int, Drawing]]:
    """The drawings that a write carries: the Dashboard, where the sheet has one.

    Without a tab Runs, where what people left on it is kept, a Dashboard with such text stays as it is.
    """
    tab, cycle = plan.snapshot.dashboard, _cycle(plan)
    if tab is None or cycle is None or (plan.snapshot.runs is None and find_board_drift(plan.snapshot)):
        return ()
    return ((tab.tab_id, _cut(draw_dashboard(make_facts(plan, stamp, cycle, stale_days)))),)


def _cut(drawing: Drawing) -> Drawing:
    """The drawing with people's texts (names, values) as a cell can hold them."""
    return replace(drawing, rows=tuple(tuple(draw and _cut_draw(draw) for draw in row) for row in drawing.rows))


def _cut_draw(draw: Draw) -> Draw:
    return replace(draw, value=clean_text(draw.value, PEOPLE_AT_MOST)) if isinstance(draw.value, str) else draw


def _cycle(plan: Plan) -> Cycle | None:
    """The cycle that the Dashboard shows: the shortest one that is open."""
    cycles = [cycle for cycle in plan.snapshot.okrs.cycles.values() if cycle.start <= plan.day <= cycle.end]
    return min(cycles, key=lambda cycle: cycle.end - cycle.start, default=None)


def make_facts(plan: Plan, stamp: RunStamp, cycle: Cycle, stale_days: int) -> DashboardFacts:
    """What the Dashboard has to say of a plan."""
    gaps: dict[str, list[str]] = {}
    for key, gap in plan.gaps.items():
        gaps.setdefault(say_gap(gap), []).append(key.id)
    return DashboardFacts(
        title=plan.snapshot.raw.title or "OKRs",
        cycle=cycle,
        synced=stamp.started,
        okrs=plan.snapshot.okrs,
        card=plan.scorecard,
        held=[_say_hold(hold, plan) for row in plan.rows for hold in row.holds],
        waiting=[_say_takeover(item) for row in plan.rows for item in row.takeovers],
        gaps=gaps,
        stale=_stale(plan, stale_days),
    )


def _say_hold(hold: Held, plan: Plan) -> str:
    header = find_column(hold.key.tab, hold.field).header
    want = "nothing yet" if isinstance(hold.want, Wanted) else hold.want
    since = render_day(hold.since, plan.day)
    return f"{hold.key.id}: {header} is {hold.value} since {since}; okr-sync would write {want}."


def _say_takeover(item: Takeover) -> str:
    header = find_column(item.key.tab, item.field).header
    want = "nothing yet" if isinstance(item.want, Wanted) else item.want
    return f"{item.key.id}: {header} says {item.value}, from before okr-sync; it would write {want} ({item.place})."


def _stale(plan: Plan, stale_days: int) -> frozenset[Key]:
    """The key results whose value is old: the same days as the sheet's own conditional rules."""
    found = set()
    for key, item in plan.standings.items():
        as_of = item.standing.as_of
        days = stale_days if item.is_mapped else max(stale_days, MANUAL_DAYS)
        if key.tab is Tab.KEY_RESULTS and as_of is not None and (plan.day - as_of.date()).days > days:
            found.add(key.key)
    return frozenset(found)
