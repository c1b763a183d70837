"""Whether what a mapping measures fits the key result that it is for: unit, direction, scale, bounds in time.

All of it is judgement: warnings, told with the reason. Nothing here stops a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from mappings.expand import Bound, Part
from mappings.formula_shape import COUNTS
from mappings.mapping import Draft, FormulaOver, OneMetric
from mappings.measure import SHARES, render_measure
from mappings.number import render_number
from mappings.pointing import point
from mappings.suits_formula import check_formula, check_steps
from mappings.suits_time import find_unbounded, say_unbounded
from mappings.suits_unit import goes_down, is_money, is_percent, is_stock, is_time
from okr.model import KeyResult, Kind
from okr.problem import Problem, Severity

_FAR = Decimal(300)
"""How many times the target a value must be until a wrong scale is more probable than a bad quarter."""


def check_suits(kr: KeyResult, bound: Bound) -> Iterator[Problem]:
    """What can be said without asking anybody, of whatever the mapping reads."""
    reads = bound.mapping.reads
    if kr.target is None or kr.kind in (Kind.BOOLEAN, Kind.MILESTONES):
        return
    if isinstance(reads, FormulaOver):
        yield from check_formula(kr, bound, reads)
    elif isinstance(reads, OneMetric):
        draft, part = reads.draft, bound.parts[0]
        yield from _check_unit(kr, bound, draft, part)
        yield from _check_share(kr, bound, draft, part)
        if not is_stock(kr) and find_unbounded(part):
            yield say_unbounded(draft, part)
    else:
        yield from check_steps(kr, bound)


def _check_unit(kr: KeyResult, bound: Bound, draft: Draft, part: Part) -> Iterator[Problem]:
    name, said = part.metric.measure.name, render_measure(part.metric.measure)
    if bound.mapping.scale is not None:
        return
    if name in COUNTS and is_percent(kr):
        fix = "Measure percent_done or share: {…}, or make the target a number."
        yield _warn(draft, "unit", f"{kr.key.id} is in percent, and this is a {said}", fix)
    elif name in COUNTS and is_time(kr):
        fix = "Measure {median: {workdays: [In Progress, Done]}} or a number field."
        yield _warn(draft, "unit", f"{kr.key.id} is in {kr.unit}, and this is a {said}", fix)
    elif name in COUNTS and is_money(kr):
        yield _warn(draft, "unit", f"{kr.key.id} is in {kr.unit}, and this is a {said}", "Measure {sum: Amount}.")
    elif name in SHARES and (is_time(kr) or is_money(kr)):
        yield _warn(draft, "unit", f"{kr.key.id} is in {kr.unit}, and this is a share", "Is the unit another?")


def _check_share(kr: KeyResult, bound: Bound, draft: Draft, part: Part) -> Iterator[Problem]:
    name, target = part.metric.measure.name, kr.target
    if name not in SHARES or target is None:
        return
    said = render_measure(part.metric.measure)
    shown = target * (100 if kr.is_share else 1)
    if bound.mapping.scale is None and not kr.is_share and bound.factor == 1 and 0 < target < 1:
        whole = render_number(target * 100)
        message = f"{kr.key.id}'s target {render_number(target)} is taken as {whole} %, as {said} is a share"
        yield _warn(draft, "scale", message, f"Write {whole} % into Target, or 100 × as much if percent was meant.")
    elif bound.mapping.scale is None and shown > 100:
        message = f"{kr.key.id}'s target {render_number(shown)} can't be reached: {said} ends at 100"
        yield _warn(draft, "scale", message, "Measure a count, or set scale.")
    if name == "percent_done" and goes_down(kr):
        message = f"{kr.key.id} is to decrease, and percent done grows as work is done"
        yield _warn(draft, "direction", message, "Measure what is to shrink: a count of what is open.")


def check_value(kr: KeyResult, bound: Bound, value: Decimal) -> Iterator[Problem]:
    """A value that lies whole orders of magnitude from baseline and target, where a scale is forgotten."""
    ends = [abs(end) for end in (kr.baseline, kr.target, kr.target_to) if end]
    if not ends or not value or kr.kind in (Kind.BOOLEAN, Kind.MILESTONES):
        return
    now = abs(value)
    if now > max(ends) * _FAR or (kr.is_share and now > 2 and now > max(ends) * 10):
        factor = Decimal("0.01") if kr.is_share else _power(now / max(ends))
        message = f"{kr.key.id}: the source gives {render_number(value)}, and the target is {_shown(kr)}"
        fix = f"Is scale: {factor.normalize():f} missing, or the unit another?"
        yield _place_value(bound, message, fix)


def _place_value(bound: Bound, message: str, fix: str) -> Problem:
    """At the measure; where several make the number, no one of them is to blame."""
    reads = bound.mapping.reads
    if isinstance(reads, OneMetric):
        return _warn(reads.draft, "scale", message, fix)
    return Problem("live.scale", message, bound.mapping.place, fix, severity=Severity.WARNING)


def _power(ratio: Decimal) -> Decimal:
    """The thousandth or millionth that brings a value near."""
    return Decimal("0.001") if ratio < 300_000 else Decimal("0.000001")


def _shown(kr: KeyResult) -> str:
    assert kr.target is not None
    return f"{render_number(kr.target * 100)} %" if kr.is_share else render_number(kr.target)


def _warn(draft: Draft, kind: str, message: str, fix: str) -> Problem:
    return point(draft, "measure", f"live.{kind}", message, fix)
