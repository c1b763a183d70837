"""Outcomes of metrics into the outcome of a mapping: scale, formula, steps, guard. And the whole way there.

``expand`` binds a mapping to a row, the caller asks for ``bound.metrics``, ``evaluate`` makes the reading.
Readings are in the scale of the Target cell: see ``Bound.factor``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from mappings.detail import render_detail, render_source
from mappings.expand import Bound, Part, expand, expand_kpi
from mappings.formula import evaluate_formula
from mappings.guard import check_guard
from mappings.mapping import FormulaOver, StepsOf
from mappings.model import Gap, GapKind, Metric, Outcome, Reading
from mappings.number import render_number

__all__ = ["Bound", "evaluate", "expand", "expand_kpi", "render_source"]

_MOST_SAMPLES = 3


def evaluate(
    bound: Bound, outcomes: Mapping[Metric, Outcome], last: Decimal | None = None, doubt_days: int = 0
) -> Outcome:
    """The row's reading, in the Target cell's scale; or the gap, and why.

    ``last`` is the last good value and ``doubt_days`` the days on which it was doubted, today included; see
    ``guard``. One metric's gap is the row's: half a formula or half the steps would be a wrong number.
    """
    readings: list[Reading] = []
    for part in bound.parts:
        outcome = outcomes.get(part.metric) or _not_asked(part)
        if isinstance(outcome, Gap):
            return _name_part(bound, part, outcome)
        readings.append(outcome)
    reading = _combine(bound, readings)
    if isinstance(reading, Gap):
        return replace(reading, place=bound.mapping.place)
    reading = replace(reading, value=reading.value * bound.factor)
    doubt = check_guard(bound.mapping.guard, reading, last, doubt_days)
    return replace(doubt, place=bound.mapping.place, source=bound.parts[0].metric.query.source) if doubt else reading


def _not_asked(part: Part) -> Gap:
    source = part.metric.query.source
    return Gap(GapKind.UNAVAILABLE, f"{source} was not asked in this run", "Run again.", source)


def _name_part(bound: Bound, part: Part, gap: Gap) -> Gap:
    """The gap, saying which metric or step it is about where there are several."""
    reason = gap.reason if len(bound.parts) == 1 else f"{part.name}: {gap.reason}"
    return replace(gap, reason=reason, place=gap.place or bound.mapping.place)


def _combine(bound: Bound, readings: list[Reading]) -> Outcome:
    reads = bound.mapping.reads
    if isinstance(reads, FormulaOver):
        return _combine_formula(reads, bound, readings)
    if isinstance(reads, StepsOf):
        return _combine_steps(bound, readings)
    return replace(readings[0], detail=render_detail(bound.parts[0].metric, readings[0]))


def _combine_formula(reads: FormulaOver, bound: Bound, readings: list[Reading]) -> Outcome:
    values = {part.name: reading.value for part, reading in zip(bound.parts, readings, strict=True)}
    number = evaluate_formula(reads.formula, values)
    if isinstance(number, Gap):
        return number
    parts = zip(bound.parts, readings, strict=True)
    return _merge(
        readings, number, ", ".join(f"{part.name.replace('_', ' ')} {_say_value(each)}" for part, each in parts)
    )


def _say_value(reading: Reading) -> str:
    """A number for a manager: a share by its parts, as nobody says "0.457 of pilots"."""
    if reading.numerator is None or reading.denominator is None:
        return render_number(reading.value)
    return f"{render_number(reading.numerator)} of {render_number(reading.denominator)}"


def _combine_steps(bound: Bound, readings: list[Reading]) -> Outcome:
    """The weighted share of the steps that are done."""
    done = {part.name: _share_done(part, reading) for part, reading in zip(bound.parts, readings, strict=True)}
    total = sum((part.weight for part in bound.parts), Decimal(0))
    if total <= 0:
        reason = "the weights of all mapped steps add up to 0"
        return Gap(GapKind.DEFINITION, reason, "Give a step a weight in the Steps tab or in the mapping.")
    reached = sum((part.weight * done[part.name] for part in bound.parts), Decimal(0))
    finished = sum(share == 1 for share in done.values())
    detail = f"{finished} of {len(done)} steps done"
    return replace(_merge(readings, reached / total, detail), numerator=reached, denominator=total, steps=done)


def _share_done(part: Part, reading: Reading) -> Decimal:
    """A step without a measure is done when its query returns a record."""
    if not part.measured:
        return Decimal(1 if reading.value > 0 else 0)
    return min(max(reading.value, Decimal(0)), Decimal(1))


def _merge(readings: list[Reading], value: Decimal, detail: str) -> Reading:
    """The evidence of several readings: as old as the oldest; the fewest records, which guards look at."""
    counted = [reading.counted for reading in readings if reading.counted is not None]
    return Reading(
        value,
        min(reading.as_of for reading in readings),
        counted=min(counted, default=None),
        left_out=sum(reading.left_out for reading in readings),
        samples=tuple(sample for reading in readings for sample in reading.samples)[:_MOST_SAMPLES],
        detail=detail,
        notes=tuple(note for reading in readings for note in reading.notes),
    )
