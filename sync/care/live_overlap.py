"""Key results that count the same records, by the records' ids: whatever they read. Pure.

What is compared is what a number is made of: the records of a query, of all metrics that a formula adds up, of each
metric of a ratio, of all steps. Only like is held against like, for the sum of an amount and the number of its records
are two questions.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace

from connectors.survey import Survey
from mappings.evaluate import Bound
from mappings.formula_shape import formula_shape
from mappings.mapping import FormulaOver, OneMetric
from mappings.measure import render_measure
from mappings.model import Measure
from mappings.overlap import find_overlaps
from mappings.pointing import point
from okr.model import KeyResult
from okr.problem import Problem, Severity

_COUNTING = frozenset({"count", "percent_done"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One mapped row: its mapping filled in, and its key result (``None`` for a KPI)."""

    id: str
    bound: Bound
    key_result: KeyResult | None = None


@dataclass(frozen=True, slots=True)
class _Counted:
    """What kind of number a row's is, its records apart by what part they play, and without that."""

    kind: Hashable
    played: frozenset[str]
    records: frozenset[str]


def check_overlaps(rows: Iterable[Asked], survey: Survey) -> Iterator[Problem]:
    """Key results that count the same records. Rows of the same id, in two cycles, are no two key results."""
    asked = {row.id: row for row in rows if row.key_result}
    counted = {id_: found for id_, row in asked.items() if (found := _count(row.bound, survey)) is not None}
    for overlap in find_overlaps({id_: (each.kind, each.played) for id_, each in counted.items()}):
        records = [counted[name].records for name in overlap.names]
        last = asked[overlap.names[-1]]
        common, most = len(frozenset.intersection(*records)), max(map(len, records))
        yield _say(overlap.names, common, most, last)


def _count(bound: Bound, survey: Survey) -> _Counted | None:
    """``None`` where not all records are known. One query's ids are taken as they are: there may be many."""
    parts: dict[str, frozenset[str]] = {}
    for part in bound.parts:
        seen = survey.seen.get(part.metric.query)
        if seen is None or seen.ids is None:
            return None
        parts[part.name] = seen.ids
    said, apart = _kind(bound)
    kind = (frozenset(part.metric.query.source for part in bound.parts), said)
    if len(parts) == 1:
        (ids,) = parts.values()
        return _Counted(kind, ids, ids)
    records = frozenset[str]().union(*parts.values())
    if not apart:
        return _Counted(kind, records, records)
    apart_ids = (f"{at} {id_}" for at, ids in enumerate(parts.values()) for id_ in ids)  # in the formula's own order
    return _Counted(kind, frozenset(apart_ids), records)


def _kind(bound: Bound) -> tuple[Hashable, bool]:
    """What is comparable with what, and whether the records of several metrics are kept apart."""
    reads = bound.mapping.reads
    if isinstance(reads, OneMetric):
        return _say_measure(bound.parts[0].metric.measure), False
    if not isinstance(reads, FormulaOver):
        return "steps", False
    measures = {part.name: part.metric.measure for part in bound.parts}
    shape = formula_shape(reads.formula, measures)
    if shape.kind == "count" and shape.adds and all(each.name == "count" for each in measures.values()):
        return "", False
    said = {name: _say_measure(measure) or "count" for name, measure in measures.items()}
    if shape.kind == "ratio" and len(said) == 2:  # times 100 or not
        return tuple(said.values()), True
    flat = " ".join(reads.formula.text.split())
    return re.sub(r"[^\W\d]\w*", lambda name: f"<{said[name[0]]}>" if name[0] in said else name[0], flat), True


def _say_measure(measure: Measure) -> str:
    return "" if measure.name in _COUNTING else render_measure(measure)


def _say(names: tuple[str, ...], common: int, most: int, row: Asked) -> Problem:
    same = f"the same {most:,} records" if common == most else f"mostly the same records ({common:,} of {most:,})"
    message = f"{' and '.join(names)} count {same}"
    return replace(_place(row.bound, message), subject=row.id)


def _place(bound: Bound, message: str) -> Problem:
    reads, fix = bound.mapping.reads, "Is one of the two queries meant to differ?"
    if isinstance(reads, OneMetric):
        return point(reads.draft, reads.draft.source, "live.same-records", message, fix)
    if isinstance(reads, FormulaOver):
        return replace(reads.node.problem("live.same-records", message, fix=fix), severity=Severity.WARNING)
    return Problem("live.same-records", message, bound.mapping.place, fix, severity=Severity.WARNING)
