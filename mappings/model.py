"""The words of the mapping layer as types: query, measure, metric, record, reading, gap.

A metric is hashable, so that equal metrics are read once. Times are aware; windows are half-open.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum

from okr.problem import TextPlace

Value = str | Decimal | bool | date | datetime | tuple["Value", ...] | None
"""One field of a record, typed: text, number, truth, a day, an aware moment, several of these, or nothing."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status, and the aware moment at which a record came to it."""

    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that a source counts: an issue, a row.

    An empty field is absent from ``fields``. ``done`` says whether the source calls it finished (Jira's
    status category), ``None`` where the source has no such idea. ``timeline`` are the statuses that it came to,
    oldest first, the one it was made with included; ``None`` where the source doesn't tell or wasn't asked.
    ``at`` is when it last changed, or when it was made where the source tells no more; ``None`` the same way.
    """

    id: str
    fields: Mapping[str, Value]
    title: str = ""
    link: str | None = None
    done: bool | None = None
    timeline: tuple[StatusChange, ...] | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of a ``where`` map: all of a query's conditions must hold.

    ``op`` is one of ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``in``. Texts compare exactly, numbers as
    numbers, an absent field matches only ``!=``. ``values`` holds one text but for ``in``.
    """

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """``within``: the records whose ``field`` lies in [start, end). Both aware."""

    field: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """The part of a query that means the same for every source."""

    conditions: tuple[Condition, ...] = ()
    window: Window | None = None

    @property
    def is_empty(self) -> bool:
        """Whether every record passes."""
        return not self.conditions and self.window is None


@dataclass(frozen=True, slots=True)
class Query:
    """Which records: a source's name, what that source's grammar made of its own keys, and the filter."""

    source: str
    body: Hashable
    filter: Filter = field(default_factory=Filter)


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Days of a record in place of a field: "workdays" between two statuses, or "days" between two date fields.

    ``zone`` is the company's, in which a moment belongs to a day; ``holidays`` are no workdays. Both are known once
    the measure is bound to a row.
    """

    unit: str
    start: str
    end: str
    zone: tzinfo = UTC
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Measure:
    """How records become a number.

    ``name`` is count, sum, avg, min, max, median, percentile, distinct, latest, percent_done, share, nps.
    ``field`` is the record's field it reads; ``of`` the conditions of a share's numerator (of percent_done: none
    where the source says itself what is done); ``argument`` the
    percentile (0 to 100). ``elapsed`` stands in the place of ``field``. Shares are fractions.
    """

    name: str
    field: str | None = None
    of: tuple[Condition, ...] = ()
    argument: Decimal | None = None
    elapsed: Elapsed | None = None

    @property
    def reads_timeline(self) -> bool:
        """Whether the records' statuses over time are needed."""
        return self.elapsed is not None and self.elapsed.unit == "workdays"

    @property
    def subject(self) -> str:
        """What it reads, in words: "Amount", "workdays from In Progress to Done"; empty for a count."""
        if self.elapsed is None:
            return self.field or ""
        return f"{self.elapsed.unit} from {self.elapsed.start} to {self.elapsed.end}"

    @property
    def fields(self) -> frozenset[str]:
        """Every record field that the measure reads."""
        own = {self.field} if self.field else set()
        if self.elapsed is not None and not self.reads_timeline:
            own = {self.elapsed.start, self.elapsed.end}
        return frozenset(own | {condition.field for condition in self.of})


@dataclass(frozen=True, slots=True)
class Metric:
    """A query and a measure: one number that a source can be asked for.

    ``missing`` is what a record without the measured field counts as; without it such records are left out.
    """

    query: Query
    measure: Measure
    missing: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One record shown as an example."""

    id: str
    title: str = ""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A number and where it comes from.

    ``as_of`` is when the source was asked. ``numerator`` and ``denominator`` are kept for shares.
    ``counted`` records went in, ``left_out`` were passed over because the field was empty.
    ``detail`` is the evidence in a few words for a manager. ``steps`` is the share done by step name. ``sent`` is
    the query as it went over the wire, where somebody asked for it and a person reads it otherwise.
    """

    value: Decimal
    as_of: datetime
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    counted: int | None = None
    left_out: int = 0
    samples: tuple[Sample, ...] = ()
    detail: str = ""
    notes: tuple[str, ...] = ()
    steps: Mapping[str, Decimal] = field(default_factory=dict)
    sent: str = ""


class GapKind(StrEnum):
    """Why there is no reading; says who has to do something."""

    UNAVAILABLE = "unavailable"  # the source was down or too slow: try again
    REFUSED = "refused"  # a credential or permission is wrong
    MISREAD = "misread"  # the answer can't be understood, or a field is missing
    DOUBT = "doubt"  # a guard distrusts the reading
    EMPTY = "empty"  # there is nothing to measure (an average of no records)
    FORMULA = "formula"  # division by zero and the like
    DEFINITION = "definition"  # the mapping or the key result can't be used


@dataclass(frozen=True, slots=True)
class Gap:
    """No reading, and why. ``doubted`` is the number a guard distrusts."""

    kind: GapKind
    reason: str
    fix: str | None = None
    source: str | None = None
    doubted: Decimal | None = None
    place: TextPlace | None = None


Outcome = Reading | Gap
