"""Metrics asked as a run asks them, and besides: which records each query has, and when they last changed.

One pass serves both, by ``gather`` itself: a connector is looked over the shoulder while it scans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from connectors.base import CanCheckQueries, Connector, ListsOnlySome, Scan, SourceError, Surroundings
from connectors.beside import Beside, as_connectors
from connectors.gather import Budget, Progress, gather
from connectors.wire import time_limit
from mappings.model import Filter, Gap, GapKind, Metric, Outcome, Query, Record, Window
from mappings.where import passes

MOST_IDS = 10_000
"""Ids kept of one query; of a larger one none, so that a thousand queries fit into memory."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The records of one query.

    ``latest`` is when the last of them changed, or the latest date by which one lies within the query's window;
    ``None`` where the source doesn't tell. ``ids`` is ``None`` where there are too many to keep.
    """

    total: int
    latest: datetime | None
    ids: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What came back. ``refused`` are queries that were not run, with what the source says against them."""

    outcomes: Mapping[Metric, Outcome]
    seen: Mapping[Query, Seen]
    refused: Mapping[Query, str]


def survey(
    metrics: Iterable[Metric],
    connectors: Mapping[str, Connector],
    *,
    budget: Budget,
    around: Surroundings,
    on_progress: Progress | None = None,
) -> Survey:
    """Check the queries of each source in one call where it can, then read every other metric's records once."""
    wanted = tuple(dict.fromkeys(metrics))
    refused = _refused(wanted, connectors, budget, around)
    left = [metric for metric in wanted if metric.query not in refused]
    watched = {name: Watched(connector, left) for name, connector in connectors.items()}
    outcomes = gather(left, as_connectors(watched), budget=budget, around=around, on_progress=on_progress)
    unlisted = [metric for metric, outcome in outcomes.items() if _may_still_count(outcome, connectors, metric)]
    outcomes |= gather(unlisted, connectors, budget=budget, around=around)
    seen = {query: one for each in watched.values() for query, one in each.seen.items()}
    return Survey(outcomes, seen, refused)


def _may_still_count(outcome: Outcome, connectors: Mapping[str, Connector], metric: Metric) -> bool:
    """Whether records that can't be listed may be why there is no number: a run, which only counts, would have it."""
    is_misread = isinstance(outcome, Gap) and outcome.kind is GapKind.MISREAD
    return is_misread and isinstance(connectors.get(metric.query.source), ListsOnlySome)


def _refused(
    metrics: Iterable[Metric], connectors: Mapping[str, Connector], budget: Budget, around: Surroundings
) -> dict[Query, str]:
    found: dict[Query, str] = {}
    for name, connector in connectors.items():
        queries = dict.fromkeys(metric.query for metric in metrics if metric.query.source == name)
        if not isinstance(connector, CanCheckQueries) or not queries:
            continue
        try:
            with time_limit(around.monotonic() + min(budget.source, budget.total)):
                found |= connector.refused_queries(queries)
        except SourceError:  # what is wrong with the source as a whole is told by the pass that follows
            continue
    return found


@dataclass
class Watched(Beside):
    """A connector that notes what it gives. It answers nothing without its records: they are what is wanted."""

    metrics: Iterable[Metric]
    seen: dict[Query, Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._queries: dict[object, set[Query]] = {}
        for metric in self.metrics:
            if metric.query.source == self.name:
                self._queries.setdefault(metric.query.body, set()).add(metric.query)

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The records, each noted for every query that it belongs to."""
        queries = [query for query in self._queries.get(scan.body, ()) if query.filter in (scan.filters or {Filter()})]
        notes = {query: _Note(query.filter.window) for query in queries}
        for record in self.connector.scan(replace(scan, moments=True)):
            for query, note in notes.items():
                if not self.shares_scans or passes(record, query.filter):
                    note.add(record)
            yield record
        self.seen |= {query: note.seen() for query, note in notes.items()}

    def answer(self, _: Metric) -> Outcome | None:
        """Nothing: scan."""
        return None


@dataclass
class _Note:
    window: Window | None
    total: int = 0
    latest: datetime | None = None
    ids: set[str] = field(default_factory=set)

    def add(self, record: Record) -> None:
        self.total += 1
        if self.total <= MOST_IDS:
            self.ids.add(record.id)
        for moment in (record.at, self._dated(record)):
            if moment is not None and (self.latest is None or moment > self.latest):
                self.latest = moment

    def _dated(self, record: Record) -> datetime | None:
        """The date by which it lies within the query's window, where the connector read it."""
        if self.window is None:
            return None
        value, zone = record.fields.get(self.window.field), self.window.start.tzinfo
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=zone)
        return datetime.combine(value, time(), zone) if isinstance(value, date) else None

    def seen(self) -> Seen:
        return Seen(self.total, self.latest, frozenset(self.ids) if self.total <= MOST_IDS else None)
