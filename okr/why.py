"""One sentence for a manager: why a key result stands where it stands. It names dates, never "today".

Everything here is a fragment; ``render_why`` puts the fragments of a case together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from okr.calendar import render_day
from okr.forecast import find_point
from okr.model import Commitment, KeyResult, Kind, Origin, Point, ScoringRules, Standing, Status, StatusRule
from okr.number import render_bare, render_number, render_score
from okr.score import BANDS, ONE, can_break
from okr.status import is_early
from okr.words import OURS, say_status

_RUNNING = frozenset({Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK})
_STEADY = Decimal("0.2")  # weeks that differ by less than a fifth count as alike
_VISIBLE = Decimal("0.005")  # what two decimals can show


class Case(NamedTuple):
    """All that is known of a scored key result when its sentence is written. ``status`` is the rule's.

    ``cause`` says what changed it since the last run, if anything did.
    """

    kr: KeyResult
    standing: Standing
    current: Decimal | None
    score: Decimal
    status: Status
    pace: Decimal
    elapsed: Decimal
    forecast: Decimal | None
    series: Sequence[Point]
    start: date
    due: date
    today: date
    rules: ScoringRules
    cause: str = ""


def render_why(case: Case) -> str:
    """The sentence of a key result that has a score, and a second one when its value isn't fresh."""
    parts = [_render_verdict(case), render_evidence(case)]
    if case.status in _RUNNING:
        parts.append(_render_speed(case))
    parts.append(case.cause)
    text = "; ".join([part for part in parts if part])
    if case.standing.held_status is not None:
        text = _render_held(case.status, text, case.rules.status)
    return f"{finish(text)}{render_gap(case.standing, case.today)}"


def render_unscored(status: Status, reason: str, standing: Standing, rule: StatusRule = OURS) -> str:
    """The sentence of a key result that has no score: the reason, and what a person made of it."""
    return finish(reason if standing.held_status is None else _render_held(status, reason, rule))


def render_missing(kr: KeyResult, standing: Standing) -> str:
    """Why there is no value: the gap's reason, else a manual key result whose owner typed none."""
    if standing.gap:
        return f"no value yet: {standing.gap}"
    return "no step is marked yet" if kr.kind is Kind.MILESTONES else "no value typed yet"


def render_evidence(case: Case) -> str:
    """What was counted, in the source's words, else the value beside its target; and whose value it is."""
    standing, current = case.standing, case.current
    if standing.held_score is not None:
        return "score typed over by a person"
    assert current is not None  # there would be no score
    text = standing.detail if standing.detail and standing.origin is not Origin.HELD else render_value(case.kr, current)
    return f"{text}, typed over by a person" if standing.origin is Origin.HELD else text


def render_value(kr: KeyResult, value: Decimal) -> str:
    """A value beside what it should become: "62, from 80 to 40 ms", "4 of 12", "2.1 %, at most 3 %"."""
    if kr.kind is Kind.BOOLEAN:
        return "yes" if value >= ONE else "no"
    if kr.kind is Kind.MILESTONES:
        return f"{render_number(value, is_share=True)} of the steps done"
    now = render_bare(value, kr.unit, kr.is_share)
    if kr.kind in BANDS:
        return f"{now}, {render_limits(kr)}"
    assert kr.target is not None
    target = render_number(kr.target, kr.unit, kr.is_share)
    if kr.baseline:
        return f"{now}, from {render_bare(kr.baseline, kr.unit, kr.is_share)} to {target}"
    if kr.is_share or kr.unit == "%":
        return f"{now}, target {target}"
    return f"{now} of {target}"


def render_limits(kr: KeyResult) -> str:
    """What a ceiling, floor or band asks for: "at most 3 %", "between 5 and 10 days"."""
    assert kr.target is not None
    target = render_number(kr.target, kr.unit, kr.is_share)
    if kr.kind is Kind.AT_LEAST:
        return f"at least {target}"
    if kr.kind is Kind.AT_MOST:
        return f"at most {target}"
    assert kr.target_to is not None
    low = render_bare(kr.target, kr.unit, kr.is_share)
    return f"between {low} and {render_number(kr.target_to, kr.unit, kr.is_share)}"


def finish(text: str) -> str:
    """A sentence: a capital in front, a stop at the end."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _render_held(status: Status, text: str, rule: StatusRule) -> str:
    word = say_status(status, rule)
    said = text if text.startswith(word) else f"{word}: {text}"
    return f"Typed over by a person; the rule says {said}"


def _render_verdict(case: Case) -> str:
    score, due = render_score(case.score), render_day(case.due, case.today)
    match case.status:
        case Status.NOT_STARTED:
            return f"Starts on {render_day(case.start, case.today)}"
        case Status.PAUSED:
            return f"Paused: {case.kr.paused}; {score} so far" if case.kr.paused else f"Paused at {score}"
        case Status.CLOSED:
            return f"Closed with a score of {score}"
        case Status.ACHIEVED | Status.MISSED:
            return _render_end(case, score, due)
        case _ if can_break(case.kr) and case.score >= ONE:
            projected = f", {render_score(case.forecast)} forecast" if case.forecast is not None else ""
            return f"Within its limits, to be kept until {due}{projected}"
        case _:
            return _render_running(case, score, due)


def _render_end(case: Case, score: str, due: str) -> str:
    settles = case.due + timedelta(days=case.rules.settle_days)
    settling = f", settling until {render_day(settles, case.today)}" if case.due < case.today <= settles else ""
    if case.status is Status.MISSED:
        aim = ONE if case.kr.commitment is Commitment.COMMITTED else case.rules.aspirational_at
        return f"{score} of {render_score(aim)} by {due}{settling}"
    if case.score < ONE:
        enough = render_score(case.rules.aspirational_at)
        return f"{score} by {due}, achieved from {enough} as it is aspirational{settling}"
    return f"Target reached{settling}"


def _render_running(case: Case, score: str, due: str) -> str:
    rule = case.rules.status
    if rule.name == "absolute":
        text = f"{score}, on track from {render_score(rule.on_track)}"
    elif rule.name == "forecast" and case.forecast is not None:
        text = f"{render_score(case.forecast)} forecast for {due}, {score} on {render_day(case.today, case.today)}"
    else:
        text = f"{score} of {render_score(case.pace)} expected by {render_day(case.today, case.today)}"
    if case.status is Status.AT_RISK and is_early(rule, case.elapsed):
        text += ", early days"
    return text


def _render_speed(case: Case) -> str:
    """The last week beside the week before; nothing when there are no points to tell."""
    week = find_point(case.series, case.today, nearest=7, youngest=4, oldest=10)
    if week is None or case.score >= ONE:
        return ""
    moved = case.score - week.score
    since = render_day(week.day, case.today)
    if moved < 0:
        return f"{'down ' + render_score(-moved) if -moved >= _VISIBLE else 'slightly down'} since {since}"
    if not moved:
        return f"no movement since {since}"
    before = find_point(case.series, case.today, nearest=14, youngest=11, oldest=17)
    return _compare_weeks(case, moved, week, before) if before is not None else ""


def _compare_weeks(case: Case, moved: Decimal, week: Point, before: Point) -> str:
    """Per day, as the points may lie six or eight days apart: cross-multiplied, so that nothing is divided."""
    now = moved * (week.day - before.day).days
    then = (week.score - before.score) * (case.today - week.day).days
    if now < then * (ONE - _STEADY):
        return "slower than the week before"
    return "faster than the week before" if now > then * (ONE + _STEADY) else ""


def render_gap(standing: Standing, today: date) -> str:
    """A second sentence when the value is the last good one: its day, and why there is no fresher one."""
    if not standing.gap or standing.origin is not Origin.LAST_GOOD:
        return ""
    of = f" of {render_day(standing.as_of.date(), today)}" if standing.as_of else ""
    return f" {finish(f'Last good value{of}: {standing.gap}')}"
