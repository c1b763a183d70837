"""What every measure keeps while records go by: how many, which were left out, examples, what can't be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from mappings.elapsed import measure_days
from mappings.model import Gap, GapKind, Metric, Reading, Record, Sample, Value
from mappings.number import as_number, is_empty

MOST_SAMPLES = 3


@dataclass(slots=True)
class Tally:
    """What all accumulators keep: how many, which were left out, examples, and the first that can't be read."""

    metric: Metric
    as_of: datetime
    seen: int = 0
    counted: int = 0
    left_out: int = 0
    samples: list[Sample] = field(default_factory=list)
    misread: Gap | None = None

    def count_in(self, record: Record) -> None:
        """This record went into the number."""
        self.counted += 1
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(Sample(record.id, record.title, record.link))

    def number_of(self, record: Record) -> Decimal | None:
        """The measured field of a record as a number; ``None`` when it is left out or can't be read."""
        self.seen += 1
        name = self.metric.measure.subject
        value = self._value_of(record)
        if is_empty(value):
            if self.metric.missing is None:
                self.left_out += 1
            return self.metric.missing
        number = as_number(value)
        if number is None:
            self.refuse(f"“{name}” of {record.id} is {describe_value(value)}, not a number")
        return number

    def _value_of(self, record: Record) -> Value:
        """The measured field, or the record's days."""
        measure = self.metric.measure
        if measure.elapsed is None:
            return record.fields.get(measure.field or "")
        try:
            return measure_days(record, measure.elapsed)
        except ValueError as error:
            self.refuse(f"{self.metric.query.source} {error}")
            return None

    def refuse(self, reason: str) -> None:
        """Something can't be read; the first such thing is told."""
        if self.misread is None:
            fix = (
                f"Correct it in {self.metric.query.source}, leave such records out with where, or choose another field."
            )
            self.misread = Gap(GapKind.MISREAD, reason, fix, self.metric.query.source)

    def empty(self) -> Gap:
        """The gap when nothing was measured: no records at all, or none with the field."""
        source, name = self.metric.query.source, self.metric.measure.subject
        if self.left_out and self.metric.measure.reads_timeline:
            reason = f"none of {render_count(self.left_out)} has {name}"
            return Gap(GapKind.EMPTY, reason, f"Check how {source} spells the two statuses.", source)
        if self.left_out and name:
            reason = f"none of {render_count(self.left_out)} has “{name}”"
            return Gap(GapKind.EMPTY, reason, f"Check how {source} spells the field.", source)
        return Gap(GapKind.EMPTY, "no records match, so there is nothing to measure", None, source)

    def reading(self, value: Decimal, numerator: Decimal | None = None, denominator: Decimal | None = None) -> Reading:
        """The number with its evidence."""
        name = self.metric.measure.subject
        notes = (f"{render_count(self.left_out)} without “{name}” left out",) if self.left_out else ()
        return Reading(
            value, self.as_of, numerator, denominator, self.counted, self.left_out, tuple(self.samples), notes=notes
        )


def describe_value(value: Value) -> str:
    """A field's value for a message, cut when long."""
    if isinstance(value, tuple):
        return f"{len(value)} values"
    text = str(value)
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def render_count(count: int) -> str:
    """ "1 record", "1,204 records"."""
    return f"{count:,} record{'' if count == 1 else 's'}"
