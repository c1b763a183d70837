"""Moved goalposts as people and programs read them, with both grades. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from okr.calendar import render_day
from okr.goalposts import Grades, render_moved
from okr.number import render_score
from sync.moved import Moved


def render_moves(item: Moved, today: date) -> Iterator[str]:
    """Each move as a line: "22 Nov: Target 40 → 50 ms"."""
    for move in item.moves:
        yield f"{render_day(move.day, today)}: {render_moved(item.row, move, today)}"


def render_grades(grades: Grades) -> str:
    """Both grades as a person reads them: "0.62 as committed, 0.80 as revised"."""
    committed, revised = (render_score(grade) if grade is not None else "no grade" for grade in grades)
    return f"{committed} as committed, {revised} as revised"


def moved_json(item: Moved) -> dict[str, Any]:
    """The same for programs. Scores are fractions, days ISO dates."""
    return {
        "id": item.row.key.id,
        "moves": [move._asdict() for move in item.moves],
        "as_committed": item.grades.committed,
        "as_revised": item.grades.revised,
    }
