"""One pass over a source: the metrics that it serves, asked and measured while the records stream by."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.base import Connector, Scan, ScanExpired, SourceMisread, SourceUnavailable, Surroundings
from mappings.accumulate import Accumulator, make_accumulator
from mappings.model import Gap, Metric, Outcome, Reading
from mappings.where import passes

_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class Pass:
    """Metrics that one pass over the source serves, where it can't answer them without its records."""

    metrics: tuple[Metric, ...]


def make_passes(metrics: Iterable[Metric], connector: Connector) -> tuple[Pass, ...]:
    """Who shares a pass: equal queries; also unequal filters of one body where the source shares its scans."""
    groups: dict[Hashable, list[Metric]] = {}
    for metric in metrics:
        key = metric.query.body if connector.shares_scans else metric.query
        groups.setdefault(key, []).append(metric)
    return tuple(Pass(tuple(group)) for group in groups.values())


def make_scan(metrics: Iterable[Metric], *, filtered_here: bool, titles: bool) -> Scan:
    """What to read for these metrics. ``filtered_here``: we judge the filters, so their fields are read too."""
    its = tuple(metrics)
    return Scan(
        body=its[0].query.body,
        filters=frozenset(metric.query.filter for metric in its),
        fields=frozenset(name for metric in its for name in _fields(metric, filtered_here)),
        done=any(metric.measure.name == "percent_done" and not metric.measure.of for metric in its),
        titles=titles,
        timelines=any(metric.measure.reads_timeline for metric in its),
    )


def _fields(metric: Metric, filtered_here: bool) -> frozenset[str]:
    only, measured = metric.query.filter, metric.measure.fields
    window = {only.window.field} if only.window and (filtered_here or metric.measure.name == "latest") else set()
    conditions = {condition.field for condition in only.conditions} if filtered_here else set()
    return measured | window | conditions


def ask_pass(
    one: Pass,
    connector: Connector,
    around: Surroundings,
    titles: bool,
    take_failure: Callable[[Exception], Gap],
    take_answer: Callable[[], None],
) -> dict[Metric, Outcome]:
    """An outcome for each metric of a pass. ``take_failure`` makes the gap of an error."""
    found: dict[Metric, Outcome] = {}
    to_scan: list[Metric] = []
    for metric in one.metrics:
        try:
            outcome = connector.answer(metric)
        except Exception as error:  # noqa: BLE001 - one broken query never spoils its neighbours
            found[metric] = take_failure(error)
            continue
        if outcome is None:
            to_scan.append(metric)
        else:
            found[metric] = outcome
            take_answer()
    if to_scan:
        found.update(_scan_apart(to_scan, connector, around, titles, take_failure, take_answer))
    return found


def _scan_apart(
    metrics: list[Metric],
    connector: Connector,
    around: Surroundings,
    titles: bool,
    take_failure: Callable[[Exception], Gap],
    take_answer: Callable[[], None],
) -> dict[Metric, Outcome]:
    """Scan for all; leave out those whose fields don't exist, and scan for the others again."""
    found: dict[Metric, Outcome] = {}
    while metrics:
        try:
            found.update(_scan(metrics, connector, around, titles))
            take_answer()
            break
        except Exception as error:  # noqa: BLE001 - one broken query never spoils its neighbours
            missing = error.fields if isinstance(error, SourceMisread) else frozenset()
            spoilt = [metric for metric in metrics if missing & _fields(metric, filtered_here=True)] or metrics
            gap = take_failure(error)
            found.update(dict.fromkeys(spoilt, gap))
            metrics = [metric for metric in metrics if metric not in found]
    return found


def _scan(metrics: list[Metric], connector: Connector, around: Surroundings, titles: bool) -> dict[Metric, Outcome]:
    """One whole pass. Where the source loses its place, everything is forgotten and the pass begins again."""
    for _ in range(_RESTARTS):
        try:
            return _scan_once(metrics, connector, around, titles)
        except ScanExpired:
            continue
    raise SourceUnavailable(f"{connector.name} lost its place in a long list {_RESTARTS} times.")


def _scan_once(
    metrics: list[Metric], connector: Connector, around: Surroundings, titles: bool
) -> dict[Metric, Outcome]:
    notes: list[str] = []
    as_of = around.now()
    moments = [as_of]
    shares = connector.shares_scans
    scan = make_scan(metrics, filtered_here=shares, titles=titles)
    scan = replace(scan, note=notes.append, dated=moments.append)
    tallies: dict[Metric, Accumulator] = {metric: make_accumulator(metric, as_of) for metric in metrics}
    for record in connector.scan(scan):
        for metric, tally in tallies.items():
            if not shares or passes(record, metric.query.filter):
                tally.add(record)
    said, oldest = tuple(dict.fromkeys(notes)), min(moments)
    return {metric: _with_notes(tally.outcome(), said, oldest) for metric, tally in tallies.items()}


def _with_notes(outcome: Outcome, notes: tuple[str, ...], as_of: datetime) -> Outcome:
    if isinstance(outcome, Reading):
        return replace(outcome, notes=(*outcome.notes, *notes), as_of=as_of)
    return outcome
