"""A connector that goes beside another one: it asks in the other's name, and adds what only some callers want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

from connectors.base import Connector, Limits, Scan, SourceError, TellsSent
from connectors.passes import make_scan
from mappings.model import Metric, Outcome, Reading, Record, Sample
from mappings.tally import MOST_SAMPLES
from mappings.where import passes


@dataclass
class Beside:
    """What isn't said here is the other connector's."""

    connector: Connector

    def __post_init__(self) -> None:
        self.kind, self.name = self.connector.kind, self.connector.name
        self.shares_scans: bool = self.connector.shares_scans
        self.limits: Limits = self.connector.limits

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The other's records."""
        return self.connector.scan(scan)

    def answer(self, metric: Metric) -> Outcome | None:
        """The other's answer."""
        return self.connector.answer(metric)

    def close(self) -> None:
        """Whoever made the connector closes it."""


def as_connectors(made: Mapping[str, Beside]) -> Mapping[str, Connector]:
    """The same to ask with. The class itself can't say beforehand what it shares, as the protocol wants."""
    return cast("Mapping[str, Connector]", made)


class WithSamples(Beside):
    """Shows a few records, with titles, also behind a number that the source gives without its records."""

    def answer(self, metric: Metric) -> Outcome | None:
        """The other's answer with samples: the first page of records is asked for besides, and no more."""
        outcome = super().answer(metric)
        if not isinstance(outcome, Reading) or outcome.samples or not outcome.counted:
            return outcome
        try:
            return replace(outcome, samples=tuple(self._samples(metric)))
        except SourceError:  # the number stands without them
            return outcome

    def _samples(self, metric: Metric) -> Iterator[Sample]:
        shares = self.shares_scans
        records = self.connector.scan(make_scan([metric], filtered_here=shares, titles=True))
        mine = (record for record in records if not shares or passes(record, metric.query.filter))
        for record in islice(mine, MOST_SAMPLES):
            yield Sample(record.id, record.title, record.link)


def with_sent(outcomes: Mapping[Metric, Outcome], connectors: Mapping[str, object]) -> dict[Metric, Outcome]:
    """The same, each reading with its query as it was sent, where its connector tells that."""
    return {metric: _with_sent(metric, outcome, connectors) for metric, outcome in outcomes.items()}


def _with_sent(metric: Metric, outcome: Outcome, connectors: Mapping[str, object]) -> Outcome:
    connector = connectors.get(metric.query.source)
    if isinstance(connector, TellsSent) and isinstance(outcome, Reading):
        return replace(outcome, sent=connector.sent(metric.query))
    return outcome
