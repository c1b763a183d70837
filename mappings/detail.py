"""The evidence of a number in a few words for a manager: "31 of 74 done", "112 records", "from 48 records"."""

from __future__ import annotations

from decimal import Decimal

from mappings.expand import Bound
from mappings.measure import render_measure
from mappings.model import Measure, Metric, Reading
from mappings.number import render_number


def render_detail(metric: Metric, reading: Reading) -> str:
    """What went into one metric's number."""
    if reading.detail:
        return reading.detail
    said = _render_evidence(metric.measure, reading)
    if reading.left_out and said:
        return f"{said}, {reading.left_out:,} left out"
    return said


def _render_evidence(measure: Measure, reading: Reading) -> str:
    if measure.name == "count":
        return _count("record", int(reading.value))
    if measure.name in ("percent_done", "share") and reading.denominator is not None:
        return _render_share(measure, reading.numerator or Decimal(0), reading.denominator)
    if reading.counted is None:
        return ""
    if measure.name in ("sum", "distinct", "latest"):
        return _count("record", reading.counted)
    return f"from {reading.counted:,} record{'' if reading.counted == 1 else 's'}"


def _render_share(measure: Measure, part: Decimal, whole: Decimal) -> str:
    parts = f"{render_number(part)} of {render_number(whole)}"
    if measure.name == "share":
        values = [value for condition in measure.of if condition.op in ("=", "in") for value in condition.values]
        return f"{parts} {' or '.join(values)}" if values and len(measure.of) == 1 else f"{parts} records"
    return f"{parts} {measure.field} done" if measure.field else f"{parts} done"


def _count(word: str, number: int) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def render_source(bound: Bound) -> str:
    """Where the number comes from, for the sheet's Source cell: "jira: project = WEB → percent done"."""
    parts = [_render_part(part.metric, bound, index) for index, part in enumerate(bound.parts)]
    reads = bound.mapping.reads
    formula = getattr(reads, "formula", None)
    if formula is not None:
        named = "; ".join(f"{part.name} = {text}" for part, text in zip(bound.parts, parts, strict=True))
        return _scaled(bound, f"{formula.text}, where {named}")
    if hasattr(reads, "steps"):
        named = "; ".join(f"{part.name}: {text}" for part, text in zip(bound.parts, parts, strict=True))
        return _scaled(bound, f"steps: {named}")
    return _scaled(bound, parts[0])


def _render_part(metric: Metric, bound: Bound, index: int) -> str:
    part = bound.parts[index]
    query = part.grammar.render_query(metric.query.body, metric.query.filter)
    measure = render_measure(metric.measure) if part.measured else "done when there is one"
    return f"{metric.query.source}: {' '.join(query.split())} → {measure}"


def _scaled(bound: Bound, text: str) -> str:
    scale = bound.mapping.scale
    return text if scale is None or scale == 1 else f"{text}, times {render_number(scale, 6)}"
