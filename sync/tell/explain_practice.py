"""The part of an explanation that is about the practice: whose goals it moves, moved goalposts, hints. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from okr.calendar import render_day
from okr.contribution import Contribution
from okr.goalposts import Grades, make_grades, render_moved
from okr.model import KeyResult
from okr.number import render_number, render_score
from okr.problem import Problem
from okr.result import KeyResultResult
from sync.tell.explain import Explanation
from sync.tell.explain_source import Line

_APART = "is scored by other key results, not by this one"


def render_contributions(moved: Sequence[Contribution]) -> Iterator[Line]:
    """The objectives above, and how far each is moved: "moves it by 0.04, as 8 % of its score: Win hospitals"."""
    for each in moved:
        share = render_number(each.share, is_share=True)
        said = f"moves it by {render_score(each.points)}, as {share} of its score"
        yield each.objective.id, f"{said if each.share else _APART}: {each.name}"


def find_grades(found: Explanation) -> Grades | None:
    """The grades as committed and as revised, where goalposts were moved."""
    kr, result, span = found.definition, found.result, found.span
    if not found.entry.moves or span is None or not isinstance(kr, KeyResult):
        return None
    current = result.current if isinstance(result, KeyResultResult) else None
    return make_grades(kr, found.entry.moves, span[0], current, found.rules.cap)


def render_goalposts(found: Explanation) -> Iterator[Line]:
    """What was moved, when, and what it is worth both ways."""
    kr, grades = found.definition, find_grades(found)
    if grades is None or not isinstance(kr, KeyResult):
        return
    for move in found.entry.moves:
        yield render_day(move.day, found.day), render_moved(kr, move, found.day)
    committed, revised = (render_score(grade) if grade is not None else "no grade" for grade in grades)
    yield "grade", f"{committed} as committed, {revised} as revised"


def render_hints(hints: Sequence[Problem]) -> Iterator[Line]:
    """What could be said better."""
    for hint in hints:
        yield "", hint.message
        if hint.fix:
            yield "better", hint.fix


def practice_json(found: Explanation) -> dict[str, Any]:
    """The same for programs."""
    grades = find_grades(found)
    return {
        "contributions": [
            {"objective": each.objective.id, "share": each.share, "points": each.points} for each in found.contributions
        ],
        "goalposts": {
            "moves": [move._asdict() for move in found.entry.moves],
            "as_committed": grades.committed,
            "as_revised": grades.revised,
        }
        if grades is not None
        else None,
        "hints": [{"code": hint.code, "message": hint.message, "fix": hint.fix} for hint in found.hints],
    }
