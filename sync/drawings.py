"""The engine's own tabs as drawings of a plan. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from okr.model import Cycle, ScoringRules
from sync.board import find_board_drift, stands_as
from sync.board_facts import make_facts
from sync.plan import Plan
from sync.run_rows import RunStamp
from sync.sheet.dashboard import draw_dashboard
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.store import Draw, Drawing
from sync.sheet.tick import free_tick

_USUAL = ScoringRules()


def draw_tabs(
    plan: Plan, stamp: RunStamp, stale_days: int, rules: ScoringRules = _USUAL
) -> Sequence[tuple[int, Drawing]]:
    """The drawings that a write carries: the Dashboard, where the sheet has one that doesn't stand there as it is.

    Without a tab Runs, where what people left on it is kept, a Dashboard with such text stays as it is.
    """
    tab, cycle = plan.snapshot.dashboard, _cycle(plan)
    if tab is None or cycle is None or (plan.snapshot.runs is None and find_board_drift(plan.snapshot)):
        return ()
    drawing = free_tick(_cut(draw_dashboard(make_facts(plan, stamp, cycle, stale_days, rules))), tab)
    return () if stands_as(plan.snapshot, drawing) else ((tab.tab_id, drawing),)


def _cut(drawing: Drawing) -> Drawing:
    """The drawing with people's texts (names, values) as a cell can hold them."""
    return replace(drawing, rows=tuple(tuple(draw and _cut_draw(draw) for draw in row) for row in drawing.rows))


def _cut_draw(draw: Draw) -> Draw:
    return replace(draw, value=clean_text(draw.value, PEOPLE_AT_MOST)) if isinstance(draw.value, str) else draw


def _cycle(plan: Plan) -> Cycle | None:
    """The cycle that the Dashboard shows: the shortest one that is open."""
    cycles = [cycle for cycle in plan.snapshot.okrs.cycles.values() if cycle.start <= plan.day <= cycle.end]
    return min(cycles, key=lambda cycle: cycle.end - cycle.start, default=None)
