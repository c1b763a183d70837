"""Whether what a mapping measures fits the key result that it is for: unit, direction, scale, bounds in time.

All of it is judgement: warnings, told with the reason. Nothing here stops a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from mappings.expand import Bound, Part
from mappings.mapping import Draft, OneMetric
from mappings.measure import SHARES, render_measure
from mappings.number import render_number
from mappings.pointing import point
from okr.model import KeyResult, Kind
from okr.problem import Problem, Severity

_COUNTS = frozenset({"count", "distinct"})
_GROWS = frozenset({"count", "distinct", "sum"})
_PERCENT = frozenset({"%", "percent", "per cent", "pct"})
_DAYS = frozenset({"d", "day", "days", "workday", "workdays", "h", "hour", "hours", "min", "minutes", "weeks"})
_MONEY = frozenset({"€", "$", "£", "¥", "eur", "usd", "gbp", "chf", "k€", "k eur", "t€", "m€", "keur", "teur"})
_BOUNDED = re.compile(
    r"\d{4}-\d\d-\d\d|\b(created|resolved|resolutiondate|updated|due|duedate|sprint|fixversion|labels?|parent|key|"
    r"issuekey|epic|filter|resolution|statuscategory|is_after|is_before|is_same|today|now|datetime_diff)\b|"
    r"start\s?of|end\s?of|, view ",
    re.IGNORECASE,
)
_FAR = Decimal(300)
"""How many times the target a value must be until a wrong scale is more probable than a bad quarter."""


def check_suits(kr: KeyResult, bound: Bound) -> Iterator[Problem]:
    """What can be said without asking anybody."""
    reads = bound.mapping.reads
    if not isinstance(reads, OneMetric) or kr.target is None or kr.kind in (Kind.BOOLEAN, Kind.MILESTONES):
        return
    draft, part = reads.draft, bound.parts[0]
    yield from _check_unit(kr, bound, draft, part)
    yield from _check_share(kr, bound, draft, part)
    yield from _check_time(kr, draft, part)


def _check_unit(kr: KeyResult, bound: Bound, draft: Draft, part: Part) -> Iterator[Problem]:
    measure, said = part.metric.measure, render_measure(part.metric.measure)
    if measure.name not in _COUNTS or bound.mapping.scale is not None:
        return
    unit = kr.unit.strip().casefold()
    if kr.is_share or unit in _PERCENT:
        fix = "Measure percent_done or share: {…}, or make the target a number."
        yield _warn(draft, "unit", f"{kr.key.id} is in percent, and this is a {said}", fix)
    elif unit in _DAYS:
        fix = "Measure {median: {workdays: [In Progress, Done]}} or a number field."
        yield _warn(draft, "unit", f"{kr.key.id} is in {kr.unit}, and this is a {said}", fix)
    elif unit in _MONEY:
        yield _warn(draft, "unit", f"{kr.key.id} is in {kr.unit}, and this is a {said}", "Measure {sum: Amount}.")


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
    if name == "percent_done" and _goes_down(kr):
        message = f"{kr.key.id} is to decrease, and percent done grows as work is done"
        yield _warn(draft, "direction", message, "Measure what is to shrink: a count of what is open.")


def _goes_down(kr: KeyResult) -> bool:
    falls = kr.baseline is not None and kr.target is not None and kr.target < kr.baseline
    return kr.kind in (Kind.DECREASE, Kind.AT_MOST) or (kr.kind is Kind.INCREASE and falls)


def _check_time(kr: KeyResult, draft: Draft, part: Part) -> Iterator[Problem]:
    """A growing count of everything there ever was. What is to shrink is a stock, and may well be unbounded."""
    query, measure = part.metric.query, part.metric.measure
    if measure.name not in _GROWS or query.filter.window is not None or _goes_down(kr):
        return
    if _BOUNDED.search(part.grammar.render_query(query.body, query.filter)):
        return
    message = f"{render_measure(measure)} has no time bound: what was there before the cycle counts too"
    yield point(
        draft, draft.source, "live.no-time-bound", message, "Add within: {cycle: created} or another date field."
    )


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
        if isinstance(bound.mapping.reads, OneMetric):
            yield _warn(bound.mapping.reads.draft, "scale", message, fix)
        else:  # no one metric is to blame
            yield Problem("live.scale", message, bound.mapping.place, fix, severity=Severity.WARNING)


def _power(ratio: Decimal) -> Decimal:
    """The thousandth or millionth that brings a value near."""
    return Decimal("0.001") if ratio < 300_000 else Decimal("0.000001")


def _shown(kr: KeyResult) -> str:
    assert kr.target is not None
    return f"{render_number(kr.target * 100)} %" if kr.is_share else render_number(kr.target)


def _warn(draft: Draft, kind: str, message: str, fix: str) -> Problem:
    return point(draft, "measure", f"live.{kind}", message, fix)
