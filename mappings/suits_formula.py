"""Whether a formula, or a list of steps, fits the key result that it is for. Warnings, told with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mappings.expand import Bound
from mappings.formula_shape import ONE, Shape, formula_shape
from mappings.mapping import FormulaOver
from mappings.number import render_number
from mappings.suits_time import find_unbounded, say_unbounded
from mappings.suits_unit import goes_down, is_money, is_percent, is_stock, is_time
from okr.model import KeyResult
from okr.problem import Problem, Severity

_ALIKE = ("share", "ratio")


def check_formula(kr: KeyResult, bound: Bound, reads: FormulaOver) -> Iterator[Problem]:
    """By the kind of number that the formula gives, where that can be told."""
    measures = {part.name: part.metric.measure for part in bound.parts}
    shape = formula_shape(reads.formula, measures)
    if bound.mapping.scale is None:
        yield from _check_unit(kr, reads, shape)
        yield from _check_scale(kr, reads, shape)
    yield from _check_direction(kr, reads, shape)
    yield from _check_time(kr, bound, shape)


def _check_unit(kr: KeyResult, reads: FormulaOver, shape: Shape) -> Iterator[Problem]:
    unit = "in percent" if is_percent(kr) else f"in {kr.unit}" if is_time(kr) or is_money(kr) else ""
    if shape.kind == "count" and unit:
        fix = "Divide it by what it is a share of." if is_percent(kr) else "Name metrics that measure a number field."
        yield _warn(reads, "unit", f"{kr.key.id} is {unit}, and this formula gives a count", fix)
    elif shape.kind in _ALIKE and (is_time(kr) or is_money(kr)):
        yield _warn(reads, "unit", f"{kr.key.id} is {unit}, and this formula gives a share", "Is the unit another?")


def _check_scale(kr: KeyResult, reads: FormulaOver, shape: Shape) -> Iterator[Problem]:
    """A formula's value is taken as it is: a fraction where the Target cell is in percent, else what is written."""
    target = kr.target
    if shape.kind not in _ALIKE or target is None:
        return
    shown = f"{render_number(target * 100)} %" if kr.is_share else render_number(target)
    if kr.is_share and shape.factor == 100:
        message = (
            f"{kr.key.id}'s target {shown} is the fraction {render_number(target, 4)}, and this gives percent points"
        )
        yield _warn(reads, "scale", message, "Leave the 100 out.")
    elif not kr.is_share and is_percent(kr) and shape.factor == ONE and target > ONE:
        message = f"{kr.key.id}'s target is {shown}, and this gives a fraction: 0.5 for 50 %"
        yield _warn(reads, "scale", message, "Begin it with 100 *.")
    elif shape.kind == "share" and target > shape.factor > 0:
        most = f"{render_number(shape.factor * 100)} %" if kr.is_share else render_number(shape.factor)
        message = f"{kr.key.id}'s target {shown} can't be reached: this formula ends at {most}"
        yield _warn(reads, "scale", message, "Change the formula or the target.")


def _check_direction(kr: KeyResult, reads: FormulaOver, shape: Shape) -> Iterator[Problem]:
    if shape.done > 0 and goes_down(kr):
        message = f"{kr.key.id} is to decrease, and this formula grows as work is done"
        yield _warn(reads, "direction", message, "Subtract it from the whole, or measure what is to shrink.")
    elif shape.done < 0 and not goes_down(kr) and kr.baseline is not None:
        message = f"{kr.key.id} is to increase, and this formula falls as work is done"
        yield _warn(reads, "direction", message, "Leave the minus out, or swap baseline and target.")


def _check_time(kr: KeyResult, bound: Bound, shape: Shape) -> Iterator[Problem]:
    """A sum of all there ever was; or a ratio of what is within some dates to all there ever was."""
    drafts = {draft.name: draft for draft in bound.mapping.drafts}
    unbounded = [part for part in bound.parts if find_unbounded(part)]
    if shape.kind in ("count", "amount") and shape.adds and not is_stock(kr):
        yield from (say_unbounded(drafts[part.name], part) for part in unbounded)
    dated = [part for part in bound.parts if part.metric.query.filter.window is not None]
    if shape.kind == "ratio" and dated:
        for part in unbounded:
            message = (
                f"{part.name} counts everything there ever was, and {dated[0].name} only what lies within its dates"
            )
            yield replace(say_unbounded(drafts[part.name], part), message=message)


def check_steps(kr: KeyResult, bound: Bound) -> Iterator[Problem]:
    """The share of the steps that are done, for a key result that is no list of milestones."""
    place, name = bound.mapping.place, kr.key.id
    if bound.mapping.scale is None and (is_time(kr) or is_money(kr)):
        message = f"{name} is in {kr.unit}, and steps give the share that is done"
        yield Problem("live.unit", message, place, "Make the target 100 %.", severity=Severity.WARNING)
    if goes_down(kr):
        message = f"{name} is to decrease, and the share of steps grows as they are done"
        yield Problem("live.direction", message, place, "Swap baseline and target.", severity=Severity.WARNING)
    if bound.mapping.scale is None and kr.target is not None and kr.target * (100 if kr.is_share else 1) > 100:
        message = f"{name}'s target can't be reached: the share of steps ends at 100 %"
        yield Problem("live.scale", message, place, "Make the target 100 %.", severity=Severity.WARNING)


def _warn(reads: FormulaOver, kind: str, message: str, fix: str) -> Problem:
    return replace(reads.node.problem(f"live.{kind}", message, fix=fix), severity=Severity.WARNING)
