"""Records, one by one, into a reading: the arithmetic of every measure. Exact, whatever the order of records.

What is empty is never zero:

- nothing to measure (an average of no records, a share of none) is a gap; ``count`` and ``distinct`` of none
  are 0, and so is the ``sum`` over no records;
- a record without the field is left out and counted as such, or counts as ``missing`` where that is given;
- where records are there but none has the field, there is a gap: the field's name is probably wrong;
- text where a number should be is a gap that names field and record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Context, Decimal
from typing import Protocol

from mappings.model import Gap, GapKind, Measure, Metric, Outcome, Record, Value
from mappings.number import is_empty
from mappings.statistic import average, net_promoters, percentile
from mappings.tally import Tally, render_count
from mappings.where import holds

_EXACT = Context(prec=200)
_ZERO = Decimal(0)


class Accumulator(Protocol):
    """Takes records and, at the end, says the number."""

    def add(self, record: Record) -> None:
        """Count one record in. It passed the query's filter already."""
        ...

    def outcome(self) -> Outcome:
        """The reading, or the gap, over all records so far."""
        ...


class _Base(ABC):
    """An accumulator over a tally."""

    __slots__ = ("tally",)

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        self.tally = Tally(metric, as_of)

    def outcome(self) -> Outcome:
        """What can't be read comes first, then the number."""
        return self.tally.misread or self._reading()

    @abstractmethod
    def add(self, record: Record) -> None:
        """Count one record in."""

    @abstractmethod
    def _reading(self) -> Outcome:
        """The number over what was counted in."""


class _Count(_Base):
    """How many records."""

    __slots__ = ()

    def add(self, record: Record) -> None:
        """Every record counts one."""
        self.tally.count_in(record)

    def _reading(self) -> Outcome:
        return self.tally.reading(Decimal(self.tally.counted))


class _Sum(_Base):
    """The sum of a field."""

    __slots__ = ("total",)

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        super().__init__(metric, as_of)
        self.total = _ZERO

    def add(self, record: Record) -> None:
        """Add the record's number."""
        number = self.tally.number_of(record)
        if number is not None:
            self.tally.count_in(record)
            self.total = _EXACT.add(self.total, number)

    def _reading(self) -> Outcome:
        if self.tally.left_out and not self.tally.counted:
            return self.tally.empty()
        return self.tally.reading(self.total)


class _Numbers(_Base):
    """A statistic that needs all numbers: avg, min, max, median, percentile."""

    __slots__ = ("numbers", "statistic")

    def __init__(self, metric: Metric, as_of: datetime, statistic: Callable[[list[Decimal]], Decimal]) -> None:
        super().__init__(metric, as_of)
        self.numbers: list[Decimal] = []
        self.statistic = statistic

    def add(self, record: Record) -> None:
        """Keep the record's number."""
        number = self.tally.number_of(record)
        if number is not None:
            self.tally.count_in(record)
            self.numbers.append(number)

    def _reading(self) -> Outcome:
        return self.tally.reading(self.statistic(self.numbers)) if self.numbers else self.tally.empty()


class _NetPromoter(_Base):
    """The Net Promoter Score of answers from 0 to 10: from -100 to 100."""

    __slots__ = ("scores",)

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        super().__init__(metric, as_of)
        self.scores: list[Decimal] = []

    def add(self, record: Record) -> None:
        """Keep the answer; one outside 0 to 10 can't be read."""
        score = self.tally.number_of(record)
        if score is None:
            return
        if not 0 <= score <= 10:
            name = self.tally.metric.measure.field
            self.tally.refuse(f"“{name}” of {record.id} is {score}, and NPS answers run from 0 to 10")
        self.tally.count_in(record)
        self.scores.append(score)

    def _reading(self) -> Outcome:
        if not self.scores:
            return self.tally.empty()
        balance, count = Decimal(net_promoters(self.scores)), Decimal(len(self.scores))
        return self.tally.reading(100 * balance / count, balance, count)


class _Distinct(_Base):
    """How many different values a field takes. Of several values in one record, each is one."""

    __slots__ = ("values",)

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        super().__init__(metric, as_of)
        self.values: set[Value] = set()

    def add(self, record: Record) -> None:
        """Remember the record's values."""
        value = record.fields.get(self.tally.metric.measure.field or "")
        if is_empty(value):
            self.tally.left_out += 1
            return
        self.tally.count_in(record)
        self.values.update(value if isinstance(value, tuple) else (value,))

    def _reading(self) -> Outcome:
        if self.tally.left_out and not self.values:
            return self.tally.empty()
        return self.tally.reading(Decimal(len(self.values)))


class _Latest(_Base):
    """The field's value in the record whose ``within`` date is the last; of equal dates, the greater id."""

    __slots__ = ("best",)

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        super().__init__(metric, as_of)
        self.best: tuple[datetime, str, Decimal, Record] | None = None

    def add(self, record: Record) -> None:
        """Keep the record if it is later than the one kept."""
        window = self.tally.metric.query.filter.window
        when = _moment(record.fields.get(window.field), window.start) if window else None
        if when is None:
            self.tally.left_out += 1
            return
        number = self.tally.number_of(record)
        if number is not None and (self.best is None or (when, record.id) > self.best[:2]):
            self.best = (when, record.id, number, record)

    def _reading(self) -> Outcome:
        if self.best is None:
            return self.tally.empty()
        self.tally.count_in(self.best[3])
        return self.tally.reading(self.best[2])


class _PercentDone(_Base):
    """The share that is done: of the records, or of a field's sum (story points)."""

    __slots__ = ("done", "total")

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        super().__init__(metric, as_of)
        self.done = self.total = _ZERO

    def add(self, record: Record) -> None:
        """Weigh the record in."""
        weight = self.tally.number_of(record) if self.tally.metric.measure.field else Decimal(1)
        if weight is None:
            return
        done = _is_done(record, self.tally.metric.measure)
        if done is None:
            source = self.tally.metric.query.source
            self.tally.refuse(f"{source} doesn't say whether {record.id} is done; use share with a condition")
            return
        self.tally.count_in(record)
        self.total = _EXACT.add(self.total, weight)
        if done:
            self.done = _EXACT.add(self.done, weight)

    def _reading(self) -> Outcome:
        if not self.tally.counted:
            return self.tally.empty()
        if self.total <= 0:
            reason = f"“{self.tally.metric.measure.field}” of all {render_count(self.tally.counted)} adds up to 0"
            return Gap(GapKind.EMPTY, reason, "Use percent_done without a field.", self.tally.metric.query.source)
        return self.tally.reading(self.done / self.total, self.done, self.total)


def _is_done(record: Record, measure: Measure) -> bool | None:
    """By the measure's own statuses where it names some, otherwise as the source says."""
    return all(holds(record, condition) for condition in measure.of) if measure.of else record.done


class _Share(_Base):
    """The share of records that meet the measure's conditions."""

    __slots__ = ("matching",)

    def __init__(self, metric: Metric, as_of: datetime) -> None:
        super().__init__(metric, as_of)
        self.matching = 0

    def add(self, record: Record) -> None:
        """Every record is in the denominator."""
        self.tally.count_in(record)
        self.matching += all(holds(record, condition) for condition in self.tally.metric.measure.of)

    def _reading(self) -> Outcome:
        if not self.tally.counted:
            return self.tally.empty()
        numerator, denominator = Decimal(self.matching), Decimal(self.tally.counted)
        return self.tally.reading(numerator / denominator, numerator, denominator)


_STATISTICS: dict[str, Callable[[list[Decimal]], Decimal]] = {"avg": average, "min": min, "max": max}
_KINDS: dict[str, Callable[[Metric, datetime], Accumulator]] = {
    "count": _Count,
    "sum": _Sum,
    "nps": _NetPromoter,
    "distinct": _Distinct,
    "latest": _Latest,
    "percent_done": _PercentDone,
    "share": _Share,
}


def make_accumulator(metric: Metric, as_of: datetime) -> Accumulator:
    """An empty accumulator for a metric's measure. ``as_of`` is when the source was asked."""
    measure = metric.measure
    if measure.name in _KINDS:
        return _KINDS[measure.name](metric, as_of)
    if measure.name in _STATISTICS:
        return _Numbers(metric, as_of, _STATISTICS[measure.name])
    rank = Decimal(50) if measure.argument is None else measure.argument
    return _Numbers(metric, as_of, lambda numbers: percentile(numbers, rank))


def _moment(value: Value, start: datetime) -> datetime | None:
    """A date field as a moment; a day is its midnight in the window's zone."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), start.tzinfo)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=start.tzinfo)
    return None
