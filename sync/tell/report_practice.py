"""The sections of the report about the practice: what was won, what moved most, which goalposts were moved. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from okr.calendar import render_day
from okr.checkin import find_blockers, render_blocker
from okr.goalposts import render_moved
from okr.model import Cycle, KeyResult, Objective, Status
from okr.number import render_score
from okr.result import KeyResultResult, ObjectiveResult
from sync.moved import Moved, find_moved
from sync.plan import Plan
from sync.tell.moved import render_grades
from sync.tell.outlook import render_change
from sync.tell.report_html import items, render_pill, section, tag, text
from sync.tell.report_tree import find_results
from sync.wins import Mover, find_movers, find_wins

MOVERS_AT_MOST = 8
_OVER = frozenset({Status.ACHIEVED, Status.MISSED, Status.CLOSED, Status.PAUSED})


def render_wins(plan: Plan, cycle: Cycle) -> str:
    """What was achieved for the first time this week, with the names of those who did it."""
    wins = find_wins(plan, cycle)
    every: list[tuple[Objective | KeyResult, ObjectiveResult | KeyResultResult]] = [*wins.objectives, *wins.key_results]
    lines = (tag("div", _name(row), render_pill(result.status, result.word)) for row, result in every)
    return section("Won this week", str(len(every)), items(lines, "moves"))


def render_movers(plan: Plan, cycle: Cycle) -> str:
    """Whose score moved most in a week, whichever way."""
    movers = find_movers(plan, find_results(plan, cycle))
    count = f"{MOVERS_AT_MOST} of {len(movers)}" if len(movers) > MOVERS_AT_MOST else str(len(movers))
    lines = (_render_mover(item) for item in movers[:MOVERS_AT_MOST])
    return section("Moved most this week", count, items(lines, "moves"))


def _render_mover(item: Mover) -> str:
    score = f" to {render_score(item.result.score)}" if item.result.score is not None else ""
    moved = tag("span", tag("small", "Score"), tag("b", text(render_change(item.change))), text(score), cls="move")
    return _name(item.kr) + tag("div", moved)


def render_blockers(plan: Plan, cycle: Cycle) -> str:
    """What people say is in the way, by the latest check-in of each key result that isn't over."""
    running = {kr.key: kr for kr, result in find_results(plan, cycle) if result.status not in _OVER}
    found = find_blockers(item for item in plan.snapshot.okrs.check_ins if item.key in running)
    lines = (_name(running[item.key]) + tag("p", text(render_blocker(item, plan.day))) for item in found)
    return section("In the way", str(len(found)), items(lines, "moves"))


def render_moved_goalposts(plan: Plan, cycle: Cycle) -> str:
    """The goalposts that were moved in this cycle, each with both grades of today's value."""
    moved = [item for item in find_moved(plan) if item.row.key.cycle == cycle.name and item.moves]
    lines = (_name(item.row) + "".join(_render_moved(item, plan)) for item in moved)
    return section("Goalposts moved", f"{len(moved)}, graded as committed and as revised", items(lines, "moves"))


def _render_moved(item: Moved, plan: Plan) -> Iterator[str]:
    for move in item.moves:
        day, said = render_day(move.day, plan.day), render_moved(item.row, move, plan.day)
        yield tag("div", tag("span", tag("small", text(day)), text(said), cls="move"))
    yield tag("p", text(f"Score {render_grades(item.grades)}"))


def _name(row: KeyResult | Objective) -> str:
    """The id, the name, and whose it is."""
    whose = row.owner.strip() or (row.team.strip() if isinstance(row, Objective) else "")
    owner = tag("span", text(whose), cls="owner") if whose else ""
    return tag("span", text(row.key.id), cls="id") + tag("span", text(row.name), cls="name") + owner
