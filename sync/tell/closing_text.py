"""What closing a cycle writes, for a terminal and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.suggest import name_some
from okr.calendar import render_day
from okr.model import Cycle
from okr.number import render_score
from sync.plan import Plan
from sync.row_plan import Change
from sync.sheet.columns import find_column
from sync.sheet.layout import Field
from sync.tell.render import render_pair
from sync.tell.review import Review


def render_closing(plan: Plan, review: Review, title: str, marked: int) -> str:
    """The plan of a closing for a person."""
    cycle = review.cycle
    scored = "–" if review.score is None else render_score(review.score)
    lines = [f"Close {cycle.name}"]
    lines += [f"  {_say_early(cycle, plan)}"] if plan.day <= cycle.end else []
    lines.append(f"  {len(review.grades)} key results, {review.covered} with data, average score {scored}")
    lines.append(f"  A new tab “{title}” keeps every grade as a value; runs leave the cycle's rows alone from now on")
    lines += [f"  {marked} rows with an empty Cycle get {cycle.name} written into it"] if marked else []
    moves = list(_render_moves(plan))
    lines += ["  Final values:", *(f"    {move}" for move in moves)] if moves else []
    undecided = [grade.kr.key.id for grade in review.undecided]
    lines += [f"  At close says nothing yet of {name_some(undecided)}"] if undecided else []
    return "\n".join(lines)


def _say_early(cycle: Cycle, plan: Plan) -> str:
    return f"It runs until {render_day(cycle.end, plan.day)}: what happens until then won't count"


def _render_moves(plan: Plan) -> Iterator[str]:
    definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    for row in plan.rows:
        texts = [_render_move(change, plan, definitions) for change in row.changes]
        if texts:
            yield f"{row.key.id:<9} {'   '.join(texts)}"


def _render_move(change: Change, plan: Plan, definitions: Any) -> str:
    old, new = render_pair(change, definitions.get(change.key.key), plan.day)
    return f"{find_column(change.key.tab, change.field).header} {old} → {new}"


def closing_json(plan: Plan, review: Review, title: str) -> dict[str, Any]:
    """The same for programs."""
    return {
        "cycle": review.cycle.name,
        "tab": title,
        "marked": [row.key.id for row in plan.rows if any(write.field is Field.CYCLE for write in row.cells)],
        "moved": [
            {"id": row.key.id, "field": change.field.value, "old": change.old, "new": change.new}
            for row in plan.rows
            for change in row.changes
        ],
        "grades": [
            {"id": grade.kr.key.id, "score": grade.result.score, "status": grade.result.word} for grade in review.grades
        ],
    }
