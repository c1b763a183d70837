"""The part of an explanation that is about the practice: whose goals it moves, moved goalposts, hints. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from okr.calendar import render_day
from okr.contribution import Contribution
from okr.goalposts import render_moved
from okr.number import render_number, render_score
from okr.problem import Problem
from sync.moved import Moved
from sync.tell.explain import Explanation
from sync.tell.explain_source import Line
from sync.tell.moved import moved_json, render_grades

_APART = "is scored by other key results, not by this one"


def render_contributions(moved: Sequence[Contribution]) -> Iterator[Line]:
    """The objectives above, and how far each is moved: "moves it by 0.04, as 8 % of its score: Win hospitals"."""
    for each in moved:
        share = render_number(each.share, is_share=True)
        said = f"moves it by {render_score(each.points)}, as {share} of its score"
        yield each.objective.id, f"{said if each.share else _APART}: {each.name}"


def render_goalposts(moved: Moved | None, today: date) -> Iterator[Line]:
    """What was moved, when, and what it is worth both ways."""
    if moved is None:
        return
    for move in moved.moves:
        yield render_day(move.day, today), render_moved(moved.row, move, today)
    yield "grade", render_grades(moved.grades)


def render_hints(hints: Sequence[Problem]) -> Iterator[Line]:
    """What could be said better."""
    for hint in hints:
        yield "", hint.message
        if hint.fix:
            yield "better", hint.fix


def practice_json(found: Explanation) -> dict[str, Any]:
    """The same for programs."""
    return {
        "contributions": [
            {"objective": each.objective.id, "share": each.share, "points": each.points} for each in found.contributions
        ],
        "goalposts": moved_json(found.moved) if found.moved is not None else None,
        "hints": [{"code": hint.code, "message": hint.message, "fix": hint.fix} for hint in found.hints],
    }
