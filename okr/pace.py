"""The score expected by a day: linear over a key result's own days, or the dated plan that stands in Steps.

Every day counts whole: what is expected by a day is expected by its end, and all of it by the end of the
due day.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from okr.calendar import elapsed_share
from okr.model import KeyResult, Kind
from okr.score import FOUR_PLACES, ONE, ZERO, has_slope, make_progress

_DAY = timedelta(days=1)


def make_pace(kr: KeyResult, start: date, due: date, today: date, aim: Decimal = ONE) -> Decimal:
    """The score expected by the end of ``today``, rounded to four places: 0 before the start.

    ``aim`` is the score that counts as achieved: a linear pace leads there (0.7 for an aspirational key
    result). A dated plan is the owner's own word and taken as it stands. Ceilings and bands without a
    baseline outside are expected to hold from the first day.
    """
    if today < start:
        return ZERO
    if kr.steps:
        planned = _find_planned(kr, start, due, today)
        if planned is not None:
            return min(max(planned, ZERO), ONE).quantize(FOUR_PLACES, ROUND_HALF_EVEN)
    if not has_slope(kr):
        return aim
    return (elapsed_share(start, due, today) * aim).quantize(FOUR_PLACES, ROUND_HALF_EVEN)


def _find_planned(kr: KeyResult, start: date, due: date, today: date) -> Decimal | None:
    """What the Steps plan for a day, or ``None`` when they hold no plan."""
    plan = {
        step.due: make_progress(kr, step.expected)
        for step in kr.steps
        if step.due is not None and step.expected is not None
    }
    if plan:
        return _interpolate(_make_points(plan, start - _DAY, due), today)
    if kr.kind is Kind.MILESTONES and all(step.due for step in kr.steps):
        return _find_due_share(kr, today)
    return None


def _make_points(plan: dict[date, Decimal], before: date, due: date) -> list[tuple[date, Decimal]]:
    """The plan with its ends: it leaves from 0 before the first day and arrives at 1, where it doesn't say else."""
    points = sorted(plan.items())
    if points[0][0] > before:
        points.insert(0, (before, ZERO))
    if points[-1][0] < due:
        points.append((due, ONE))
    return points


def _interpolate(points: list[tuple[date, Decimal]], today: date) -> Decimal:
    """A straight line between the points around a day; after the last point that one holds."""
    last_day, last = points[0]
    for day, expected in points[1:]:
        if today < day:
            passed = Decimal((today - last_day).days) / Decimal((day - last_day).days)
            return last + (expected - last) * passed
        last_day, last = day, expected
    return last


def _find_due_share(kr: KeyResult, today: date) -> Decimal:
    """Milestones whose steps are all dated plan themselves: the weights of the steps due by a day."""
    total = sum((step.weight for step in kr.steps), ZERO)
    due = sum((step.weight for step in kr.steps if step.due and step.due <= today), ZERO)
    return due / total
