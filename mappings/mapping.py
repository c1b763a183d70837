"""What mapping files say, as values: by key result and KPI, what is read and what is done with it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, tzinfo
from decimal import Decimal

from mappings.formula import Formula
from mappings.grammar import QueryGrammar
from mappings.guard import Guard
from mappings.measure import SHARES
from mappings.model import Condition, Filter, Measure, Metric, Query, Window
from mappings.node import Node
from mappings.window import Within
from okr.problem import Problem, TextPlace


@dataclass(frozen=True, slots=True)
class Undated:
    """A metric but for the dates of its window."""

    source: str
    body: Hashable
    conditions: tuple[Condition, ...]
    within: Within | None
    measure: Measure
    missing: Decimal | None = None

    def dated(self, window: Window | None, zone: tzinfo = UTC, holidays: frozenset[date] = frozenset()) -> Metric:
        """The metric that a source can be asked for. ``zone`` and ``holidays`` say what days and workdays are."""
        query = Query(self.source, self.body, Filter(self.conditions, window))
        measure = self.measure
        if measure.elapsed is not None:
            measure = replace(measure, elapsed=replace(measure.elapsed, zone=zone, holidays=holidays))
        return Metric(query, measure, self.missing)


@dataclass(frozen=True, slots=True)
class Draft:
    """A metric as written, whose variables may still be open.

    ``name`` is the named metric's or step's name. ``holes`` are what ``with`` gives a template. ``ready`` is the
    metric where no variable depends on the key result or the day. ``measured`` is false for a step without a
    measure, which is done when its query returns a record.
    """

    name: str
    source: str
    grammar: QueryGrammar = field(compare=False, repr=False)
    node: Node = field(compare=False, repr=False)
    holes: Mapping[str, str] = field(default_factory=dict, compare=False)
    missing: Decimal | None = None
    ready: Undated | None = None
    measured: bool = True

    @property
    def gives_share(self) -> bool:
        """Whether its value is a fraction, as far as can be said while variables are open."""
        if self.ready is not None:
            return self.ready.measure.name in SHARES
        measure = self.node.value("measure")
        return measure is not None and bool({measure.text, *measure.entries} & SHARES)


@dataclass(frozen=True, slots=True)
class OneMetric:
    """The value is one metric's."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class FormulaOver:
    """The value is a formula over named metrics. ``node`` is where it is written."""

    formula: Formula
    drafts: tuple[Draft, ...]
    node: Node = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MappedStep:
    """One step's metric; without a weight, the weight in the sheet's Steps tab counts, else 1."""

    name: str
    draft: Draft
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StepsOf:
    """The value is the weighted share of steps that are done."""

    steps: tuple[MappedStep, ...]


Reads = OneMetric | FormulaOver | StepsOf


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is read until a day (that day is read again; without one, until it is taken out), and why."""

    why: str
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the pause is on."""
        return self.until is None or day < self.until


@dataclass(frozen=True, slots=True)
class KeyResultMapping:
    """What one key result (or KPI) reads. It serves its id in every open cycle.

    ``scale`` multiplies the value. ``note`` is the admin's own remark, shown by explain.
    """

    id: str
    reads: Reads
    place: TextPlace
    scale: Decimal | None = None
    guard: Guard = field(default_factory=Guard)
    pause: Pause | None = None
    note: str = ""

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """Every metric it reads, as written."""
        if isinstance(self.reads, OneMetric):
            return (self.reads.draft,)
        if isinstance(self.reads, FormulaOver):
            return self.reads.drafts
        return tuple(step.draft for step in self.reads.steps)

    @property
    def sources(self) -> frozenset[str]:
        """The sources it asks."""
        return frozenset(draft.source for draft in self.drafts)


@dataclass(frozen=True, slots=True)
class ByHand:
    """A key result whose Current stays with people. ``how`` says where they find the number; nothing is read.

    ``every`` is how often they type it: week, month, quarter or year.
    """

    id: str
    how: str
    place: TextPlace
    note: str = ""
    every: str = "week"


@dataclass(frozen=True, slots=True)
class Mappings:
    """All mapping files together.

    ``broken`` and ``broken_kpis`` are entries that can't be used, with the reasons: their rows are mapped, so
    they keep their last good value and never count as manual. ``unread`` are files that can't be read at all.
    ``by_hand`` are key results that people fill in, and are meant to: they aren't mapped.
    """

    key_results: Mapping[str, KeyResultMapping] = field(default_factory=dict)
    kpis: Mapping[str, KeyResultMapping] = field(default_factory=dict)
    broken: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    broken_kpis: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    by_hand: Mapping[str, ByHand] = field(default_factory=dict)

    @property
    def mapped_ids(self) -> frozenset[str]:
        """The key results that a mapping speaks of, also one that is broken."""
        return frozenset({*self.key_results, *self.broken})

    @property
    def mapped_kpis(self) -> frozenset[str]:
        """The KPIs that a mapping speaks of, also one that is broken."""
        return frozenset({*self.kpis, *self.broken_kpis})
