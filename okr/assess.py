"""What the rules say of one key result on one day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from okr.calendar import elapsed_share, render_day
from okr.cause import make_turn, render_cause
from okr.definition import check_key_result, find_span
from okr.forecast import make_change, make_forecast, make_series, render_trend
from okr.model import Cycle, KeyResult, Objective, ScoringRules, Standing, Status
from okr.number import render_number
from okr.pace import make_pace
from okr.problem import Problem, Severity
from okr.result import KeyResultResult
from okr.score import FOUR_PLACES, ZERO, find_current, make_progress, make_score
from okr.status import Outlook, find_aim, find_status
from okr.why import Case, finish, render_missing, render_unscored, render_why

UNKNOWN = Standing()
"""What is known of a row of which nothing is known."""


def make_key_result_result(
    kr: KeyResult,
    standing: Standing,
    cycle: Cycle | None,
    rules: ScoringRules,
    today: date,
    notes: tuple[Problem, ...] = (),
) -> KeyResultResult:
    """The result of one key result. A broken definition gets "No data" and the problem as its reason.

    ``notes`` are problems that don't keep it from being scored but belong beside it (an unknown objective).
    """
    measured = standing.value is not None or bool(standing.steps_done)
    problems = (
        *kr.problems,
        *check_key_result(kr, cycle, measured=measured),
        *_check_value(kr, standing),
        *check_held_score(kr, standing, rules.cap),
    )
    fault = find_error(problems)
    if fault is not None:
        why = render_fault(fault)
        return _make_unscored(kr, standing, Status.NO_DATA, why, (*problems, *notes))
    span = find_span(kr, cycle)
    assert span is not None  # without one there was a problem
    if not kr.approved:
        reason = "not approved yet: it is scored once Approved is ticked"
        return _make_unscored(kr, standing, Status.NOT_STARTED, finish(reason), (*problems, *notes))
    result = _make_scored(kr, standing, cycle, span, rules, today, (*problems, *notes))
    if result is None:
        status, reason = _judge_missing(kr, standing, cycle, span[0], today)
        why = render_unscored(status, reason, standing, rules.status)
        result = _make_unscored(kr, standing, standing.held_status or status, why, (*problems, *notes))
    return result


def find_error(problems: Iterable[Problem]) -> Problem | None:
    """The first problem that stops what it is about."""
    for problem in problems:
        if problem.severity is Severity.ERROR:
            return problem
    return None


def render_fault(problem: Problem) -> str:
    """A problem as the reason beside its own row: what is wrong and what to do, without repeating the row's id."""
    text = finish(problem.message.removeprefix(f"{problem.subject}: "))
    return f"{text} {problem.fix}" if problem.fix else text


def check_held_score(row: KeyResult | Objective, standing: Standing, cap: Decimal) -> tuple[Problem, ...]:
    """A score that a person typed but that no score can be: 70 for 0.7."""
    held = standing.held_score
    if held is None or (held.is_finite() and ZERO <= held <= cap):
        return ()
    said = render_number(held) if held.is_finite() else "no number"
    message = f"{row.key.id}: the score typed over is {said}; a score runs from 0 to {render_number(cap)}."
    fix = "Type such a score, or empty the cell to hand it back."
    return (Problem("okr.held-score", message, row.place, fix, row.key.id),)


def _check_value(kr: KeyResult, standing: Standing) -> tuple[Problem, ...]:
    known = standing.value is None or standing.value.is_finite()
    if known and all(share.is_finite() for share in standing.steps_done.values()):
        return ()
    message = f"{kr.key.id}: its current value is not a number."
    fix = "Type a number in Current, or empty the cell."
    return (Problem("okr.not-a-number", message, kr.place, fix, kr.key.id),)


def _make_unscored(
    kr: KeyResult, standing: Standing, status: Status, why: str, problems: tuple[Problem, ...]
) -> KeyResultResult:
    current = standing.value if standing.value is not None and standing.value.is_finite() else None
    return KeyResultResult(
        kr.key,
        current,
        None,
        None,
        status,
        _add_notes(why, problems),
        confidence=standing.confidence,
        problems=problems,
    )


def _make_scored(
    kr: KeyResult,
    standing: Standing,
    cycle: Cycle | None,
    span: tuple[date, date],
    rules: ScoringRules,
    today: date,
    problems: tuple[Problem, ...],
) -> KeyResultResult | None:
    current = find_current(kr, standing)
    progress = None if current is None else make_progress(kr, current)
    score = _find_score(progress, standing, rules.cap)
    if score is None:
        return None
    start, due = span
    aim = find_aim(kr.commitment, rules)
    pace = make_pace(kr, start, due, today, aim)
    elapsed = elapsed_share(start, due, today)
    series = make_series(standing.points, today, score)
    forecast = make_forecast(series, today, due, rules.cap)
    status = _find_fixed(kr, cycle)
    if status is None:
        status = find_status(kr, Outlook(score, pace, elapsed, forecast, aim), span, today, rules)
    cause = _find_cause(kr, standing, current, cycle, rules, today, status)
    case = Case(kr, standing, current, score, status, pace, elapsed, forecast, series, start, due, today, rules, cause)
    why = render_why(case)
    return KeyResultResult(
        kr.key,
        current,
        progress,
        score,
        standing.held_status or status,
        _add_notes(why, problems) if problems else why,
        pace,
        make_change(series, today, score),
        forecast,
        render_trend(series),
        standing.confidence,
        problems,
    )


def _find_cause(
    kr: KeyResult,
    standing: Standing,
    current: Decimal | None,
    cycle: Cycle | None,
    rules: ScoringRules,
    today: date,
    status: Status,
) -> str:
    """What changed the status; nothing where a person's score decides it."""
    before = standing.before
    if before is None or before.status is status or current is None or standing.held_score is not None:
        return ""
    return render_cause(make_turn(kr, standing, current, cycle, rules, today), before, status)


def _find_score(progress: Decimal | None, standing: Standing, cap: Decimal) -> Decimal | None:
    if standing.held_score is not None:
        return standing.held_score.quantize(FOUR_PLACES, ROUND_HALF_EVEN)
    return None if progress is None else make_score(progress, cap)


def _find_fixed(kr: KeyResult, cycle: Cycle | None) -> Status | None:
    """What no rule decides: the cycle was closed, or somebody paused the key result."""
    if cycle is not None and cycle.closed:
        return Status.CLOSED
    return Status.PAUSED if kr.paused is not None else None


def _judge_missing(
    kr: KeyResult, standing: Standing, cycle: Cycle | None, start: date, today: date
) -> tuple[Status, str]:
    """The status and the reason of a key result that has no value."""
    fixed = _find_fixed(kr, cycle)
    if fixed is Status.CLOSED:
        return fixed, "Closed without a value"
    if fixed is Status.PAUSED:
        return fixed, f"Paused: {kr.paused}" if kr.paused else "Paused"
    if today < start:
        return Status.NOT_STARTED, f"Starts on {render_day(start, today)}"
    return Status.NO_DATA, render_missing(kr, standing)


def _add_notes(why: str, problems: tuple[Problem, ...]) -> str:
    """The sentence, and what else should be fixed beside it."""
    notes = [render_fault(problem) for problem in problems]
    return " ".join([why, *[note for note in notes if note != why]])
