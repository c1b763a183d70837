"""What is wrong with a key result's, objective's or KPI's definition. A broken one is a problem, never a score of 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from okr.model import Cycle, KeyResult, Kind, Kpi, Objective
from okr.number import render_number
from okr.problem import Problem, Severity

_ONE = Decimal(1)
_ZERO = Decimal(0)


def check_key_result(kr: KeyResult, cycle: Cycle | None = None, *, measured: bool = False) -> tuple[Problem, ...]:
    """Everything that keeps a key result from being scored, and warnings about what looks wrong.

    ``cycle`` lends its dates to a key result without its own. ``measured`` says that a source or a person
    knows the current value, so that a milestone key result can do without rows in Steps.
    """
    problems = [*_check_numbers(kr), *_check_span(kr, cycle)]
    if kr.steps:
        problems.extend(_check_steps(kr))
    elif kr.kind is Kind.MILESTONES and not measured:
        problems.append(_make(kr, "no-steps", "it has no steps to measure.", "Add its steps in Steps, or map them."))
    if not problems:
        problems.extend(_CHECKS[kr.kind](kr))
    return tuple(problems)


def check_objective(objective: Objective) -> tuple[Problem, ...]:
    """What keeps an objective from counting: a weight that is no weight."""
    if objective.weight.is_finite() and objective.weight >= 0:
        return ()
    return (
        Problem(
            "okr.weight",
            f"Objective {objective.key.id}: a weight can't be below 0.",
            objective.place,
            "Type 1, or 0 to leave it out of its parent's score.",
            objective.key.id,
        ),
    )


def check_kpi(kpi: Kpi) -> tuple[Problem, ...]:
    """What keeps a KPI from being judged: no band, or a band that nothing lies in."""
    low, high = kpi.healthy_from, kpi.healthy_to
    if low is None and high is None:
        fault = ("okr.no-band", "it has no healthy band.", "Type Healthy from, Healthy to, or both.")
    elif not all(end is None or end.is_finite() for end in (low, high)):
        fault = ("okr.not-a-number", "its healthy band is not made of numbers.", "Type numbers.")
    elif low is not None and high is not None and low > high:
        fault = ("okr.band-reversed", "Healthy from lies above Healthy to.", "Swap the two.")
    else:
        return ()
    code, message, fix = fault
    return (Problem(code, f"{kpi.id}: {message}", kpi.place, fix, kpi.id),)


def find_span(kr: KeyResult, cycle: Cycle | None) -> tuple[date, date] | None:
    """First and last day of a key result: its own dates where it has them, else its cycle's."""
    start = kr.start or (cycle.start if cycle else None)
    due = kr.due or (cycle.end if cycle else None)
    return (start, due) if start and due else None


def _make(kr: KeyResult, code: str, message: str, fix: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(f"okr.{code}", f"{kr.key.id}: {message}", kr.place, fix, kr.key.id, severity)


def _check_numbers(kr: KeyResult) -> Iterator[Problem]:
    for name, number in (("Baseline", kr.baseline), ("Target", kr.target), ("Target to", kr.target_to)):
        if number is not None and not number.is_finite():
            yield _make(kr, "not-a-number", f"{name} is not a number.", f"Type a number in {name}.")
    if not kr.weight.is_finite() or kr.weight < 0:
        yield _make(
            kr, "weight", "a weight can't be below 0.", "Type 1, or 0 to leave it out of its objective's score."
        )


def _check_span(kr: KeyResult, cycle: Cycle | None) -> Iterator[Problem]:
    span = find_span(kr, cycle)
    if span is None:
        fault = f"no cycle is called “{kr.key.cycle}”" if kr.key.cycle else "it belongs to no cycle"
        yield _make(
            kr,
            "unknown-cycle",
            f"{fault}, and it has no Start and Due of its own.",
            "Write its Cycle as 2026-Q4 or 2026, or name the cycle under calendar: cycles in the configuration.",
        )
    elif span[0] > span[1]:
        fault = f"it starts on {span[0]} but is due on {span[1]}."
        yield _make(kr, "dates-reversed", fault, "Correct Start or Due.")


def _check_steps(kr: KeyResult) -> Iterator[Problem]:
    for step in kr.steps:
        if not step.weight.is_finite() or step.weight < 0:
            yield _make(kr, "weight", f"the weight of step “{step.name}” is below 0.", "Type 1, or 0 to leave it out.")
        if step.done is not None and not (step.done.is_finite() and _ZERO <= step.done <= _ONE):
            said = render_number(step.done) if step.done.is_finite() else "no number"
            yield _make(
                kr,
                "step-share",
                f"step “{step.name}” is done to {said}; a share runs from 0 to 1.",
                "Type 50 % or 0.5 for half done, 1 for done.",
            )
        if step.expected is not None and not step.expected.is_finite():
            yield _make(kr, "not-a-number", f"Expected of step “{step.name}” is not a number.", "Type a number.")


def _need_target(kr: KeyResult) -> Problem | None:
    if kr.target is None:
        return _make(kr, "no-target", "it has no target.", "Type a number in Target.")
    return None


def _check_increase(kr: KeyResult) -> Iterator[Problem]:
    if missing := _need_target(kr):
        yield missing
        return
    yield from _check_slope(kr, kr.baseline or _ZERO)


def _check_decrease(kr: KeyResult) -> Iterator[Problem]:
    if missing := _need_target(kr):
        yield missing
    if kr.baseline is None:
        yield _make(kr, "no-baseline", "a decrease needs a baseline to come down from.", "Type a number in Baseline.")
    elif kr.target is not None:
        yield from _check_slope(kr, kr.baseline)


def _check_slope(kr: KeyResult, baseline: Decimal) -> Iterator[Problem]:
    assert kr.target is not None
    if baseline == kr.target:
        said = render_number(kr.target, kr.unit, kr.is_share)
        yield _make(
            kr,
            "baseline-is-target",
            f"baseline and target are both {said}: there is no way to go.",
            "Correct Baseline or Target; to hold a value, choose the Kind At least, At most or Between.",
        )
    elif (baseline < kr.target) is (kr.kind is Kind.DECREASE):
        other = "below" if kr.kind is Kind.INCREASE else "above"
        yield _make(
            kr,
            "direction",
            f"Kind is {kr.kind.value}, but the target lies {other} the baseline; it is scored towards the target.",
            "Correct Kind, Baseline or Target.",
            Severity.WARNING,
        )


def _check_threshold(kr: KeyResult) -> Iterator[Problem]:
    if missing := _need_target(kr):
        yield missing


def _check_between(kr: KeyResult) -> Iterator[Problem]:
    if kr.target is None or kr.target_to is None:
        yield _make(kr, "no-band", "Between needs both ends.", "Type the lower end in Target, the upper in Target to.")
    elif kr.target > kr.target_to:
        yield _make(kr, "band-reversed", "Target lies above Target to.", "Swap the two.")


def _check_boolean(kr: KeyResult) -> Iterator[Problem]:
    if kr.target is not None and kr.target not in (_ZERO, _ONE):
        said = render_number(kr.target, kr.unit, kr.is_share)
        yield _make(kr, "yes-no", f"Kind is Yes/No, but the target is {said}.", "Type Yes or No, or correct Kind.")


def _check_milestones(kr: KeyResult) -> Iterator[Problem]:
    if kr.steps and not any(step.weight for step in kr.steps):
        yield _make(kr, "zero-weight", "the weights of its steps add up to 0.", "Give at least one step a weight.")


_CHECKS: dict[Kind, Callable[[KeyResult], Iterator[Problem]]] = {
    Kind.INCREASE: _check_increase,
    Kind.DECREASE: _check_decrease,
    Kind.AT_LEAST: _check_threshold,
    Kind.AT_MOST: _check_threshold,
    Kind.BETWEEN: _check_between,
    Kind.BOOLEAN: _check_boolean,
    Kind.MILESTONES: _check_milestones,
}
