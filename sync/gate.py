"""The one gate for what sources say: numbers that can be right, and texts that a cell and the ledger can hold. Pure.

One odd answer must cost one row its reading, never the whole run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from mappings.model import Gap, GapKind, Metric, Outcome, Reading, Sample
from sync.sheet.ledger import RowKey
from sync.sheet.plain import clean_line

LARGEST = Decimal("1e15")
"""The largest value that a cell is given: above it spreadsheets lose digits (a double holds 15)."""
SMALLEST = Decimal("1e-12")
"""A value nearer to 0 than this counts as 0."""

DETAIL_AT_MOST = REASON_AT_MOST = 300
SOURCE_AT_MOST = 500
_RAW_LARGEST, _RAW_SMALLEST = Decimal("1e40"), Decimal("1e-40")  # before the mapping's scale; beyond is no measure
_SHOWN_AT_MOST = 40


def gate_raw(outcomes: Mapping[Metric, Outcome]) -> dict[Metric, Outcome]:
    """What the metrics gave, before formulas, steps and scales: only numbers that arithmetic can bear."""
    return {
        metric: _gate(outcome, metric.query.source, _RAW_LARGEST, _RAW_SMALLEST) for metric, outcome in outcomes.items()
    }


def gate_outcome(outcome: Outcome, source: str | None) -> Outcome:
    """A row's outcome as it may reach the sheet. A number that can't be right is a gap that says so."""
    return _gate(outcome, source, LARGEST, SMALLEST)


def gate_sources(sources: Mapping[RowKey, str]) -> dict[RowKey, str]:
    """Where each row's number comes from, as the cell Source can hold it."""
    return {key: clean_line(text, SOURCE_AT_MOST) for key, text in sources.items()}


def _gate(outcome: Outcome, source: str | None, largest: Decimal, smallest: Decimal) -> Outcome:
    if isinstance(outcome, Gap):
        fix = clean_line(outcome.fix, REASON_AT_MOST) if outcome.fix is not None else None
        return replace(outcome, reason=clean_line(outcome.reason, REASON_AT_MOST), fix=fix)
    for number in (outcome.value, *outcome.steps.values()):
        if not number.is_finite() or abs(number) > largest:
            return _refuse(number, source)
    return _clean(replace(outcome, value=outcome.value if abs(outcome.value) >= smallest else Decimal(0)))


def _refuse(number: Decimal, source: str | None) -> Gap:
    shown = clean_line(f"{number.normalize():.6G}" if number.is_finite() else str(number), _SHOWN_AT_MOST)
    return Gap(
        GapKind.MISREAD,
        f"the source gave a number that can't be right: {shown}",
        "Look it up in the source; where it is right there, give the mapping a scale.",
        source,
    )


def _clean(reading: Reading) -> Reading:
    return replace(
        reading,
        numerator=_finite(reading.numerator),
        denominator=_finite(reading.denominator),
        samples=tuple(_clean_sample(sample) for sample in reading.samples),
        detail=clean_line(reading.detail, DETAIL_AT_MOST),
        notes=tuple(clean_line(note, REASON_AT_MOST) for note in reading.notes),
        steps={clean_line(name, REASON_AT_MOST): share for name, share in reading.steps.items()},
    )


def _finite(number: Decimal | None) -> Decimal | None:
    return number if number is not None and number.is_finite() else None


def _clean_sample(sample: Sample) -> Sample:
    link = clean_line(sample.link, SOURCE_AT_MOST) if sample.link else sample.link
    return Sample(clean_line(sample.id, REASON_AT_MOST), clean_line(sample.title, REASON_AT_MOST), link)
