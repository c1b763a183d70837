"""What is wrong with mappings as their sources answer them. Pure.

What a source refuses is an error; the rest is judgement, and a warning. Each is placed in the mapping file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from connectors.survey import Seen, Survey
from mappings.evaluate import evaluate
from mappings.expand import Part
from mappings.mapping import Draft
from mappings.model import Gap, GapKind, Metric, Outcome, Reading
from mappings.pointing import point, quoted_words
from mappings.suits import check_suits, check_value
from okr.calendar import render_day
from okr.model import KeyResult, Kind
from okr.problem import Problem, Severity
from sync.care.live_overlap import Asked, check_overlaps

QUIET = timedelta(weeks=8)
_EMPTY_SHARE = 0.5
_FEWEST = 5
_CHANGED_IN_PLACE = frozenset({"share", "latest", "max", "min"})
"""Measures that may well move while no record is new, where the source tells when one was made and no more."""


def check_survey(rows: Iterable[Asked], survey: Survey, now: datetime) -> tuple[Problem, ...]:
    """Everything that the answers tell; what is said of one metric is said once, however many rows read it."""
    asked = tuple(rows)
    found = [problem for row in asked for problem in _check_row(row, survey, now)]
    found += check_overlaps(asked, survey)
    return tuple({(item.code, item.place, item.message): item for item in found}.values())


def _check_row(row: Asked, survey: Survey, now: datetime) -> Iterator[Problem]:
    for draft, part in zip(row.bound.mapping.drafts, row.bound.parts, strict=True):
        for problem in _check_part(draft, part, survey, now, row):
            yield replace(problem, subject=row.id)
    if row.key_result is not None:
        fit = list(check_suits(row.key_result, row.bound)) or _check_number(row, row.key_result, survey.outcomes)
        yield from (replace(problem, subject=row.id) for problem in fit)


def dead_sources(survey: Survey) -> dict[str, Gap]:
    """Sources that refused whatever was asked, with the first reason."""
    gaps: dict[str, Gap] = {}
    alive: set[str] = set()
    for metric, outcome in survey.outcomes.items():
        if isinstance(outcome, Gap) and outcome.kind is GapKind.REFUSED:
            gaps.setdefault(metric.query.source, outcome)
        else:
            alive.add(metric.query.source)
    return {source: gap for source, gap in gaps.items() if source not in alive}


def _check_number(row: Asked, kr: KeyResult, outcomes: Mapping[Metric, Outcome]) -> Iterator[Problem]:
    if all(metric in outcomes for metric in row.bound.metrics):
        outcome = evaluate(row.bound, outcomes)
        if isinstance(outcome, Reading):
            yield from check_value(kr, row.bound, outcome.value)


def _check_part(draft: Draft, part: Part, survey: Survey, now: datetime, row: Asked) -> Iterator[Problem]:
    query, outcome = part.metric.query, survey.outcomes.get(part.metric)
    if (said := survey.refused.get(query)) is not None:
        message = f"{query.source} refuses this query: {said.rstrip('.')}"
        words, fix = quoted_words(said), f"Correct the query; okr-sync discover {query.source} lists the names."
        at = draft.source
        yield point(draft, at, "live.refused", message, fix, words=words, severity=Severity.ERROR)
    elif isinstance(outcome, Gap) and query.source not in dead_sources(survey):
        if outcome.kind is GapKind.EMPTY and query not in survey.seen:  # the source itself says that nothing is there
            yield point(draft, draft.source, "live.quiet", outcome.reason.rstrip("."), outcome.fix)
        yield from _check_gap(draft, part.metric, outcome)
    elif isinstance(outcome, Reading):
        yield from _check_empty(draft, part.metric, outcome)
    seen = survey.seen.get(query)
    if seen is not None and part.measured:  # a step without a measure is open as long as it has no record
        yield from _check_quiet(draft, part.metric, seen, now, _is_wanted_empty(row.key_result))


def _check_gap(draft: Draft, metric: Metric, gap: Gap) -> Iterator[Problem]:
    """A field or a table that isn't there, or not for us. A source that didn't answer is told elsewhere, once."""
    if gap.kind not in (GapKind.MISREAD, GapKind.REFUSED):
        return
    names = sorted(metric.measure.fields)
    names += [condition.field for condition in metric.query.filter.conditions]
    names += [metric.query.filter.window.field] if metric.query.filter.window else []
    missing = [name for name in names if name in gap.reason]
    code = "live.field" if missing else "live.refused"
    at = "measure" if missing and missing[0] in metric.measure.fields else ""
    words = missing or quoted_words(gap.reason)
    yield point(draft, at, code, gap.reason.rstrip("."), gap.fix, words=words, severity=Severity.ERROR)


def _check_empty(draft: Draft, metric: Metric, reading: Reading) -> Iterator[Problem]:
    """A field that most records lack: the number is that of a few."""
    counted, empty = reading.counted or 0, reading.left_out
    if not metric.measure.subject or counted + empty < _FEWEST or empty <= _EMPTY_SHARE * (counted + empty):
        return
    message = f"{metric.measure.subject} is empty in {empty:,} of {counted + empty:,} records"
    words = sorted(metric.measure.fields)
    yield point(
        draft, "measure", "live.empty-field", message, "Is it the right field? missing: 0 counts them.", words=words
    )


def _is_wanted_empty(kr: KeyResult | None) -> bool:
    """Whether no records are what is aimed at, or what stands as long as it isn't done."""
    return kr is not None and (kr.target == 0 or kr.kind is Kind.BOOLEAN)


def _check_quiet(draft: Draft, metric: Metric, seen: Seen, now: datetime, wanted: bool) -> Iterator[Problem]:
    window, code = metric.query.filter.window, "live.quiet"
    if seen.total == 0:
        if not wanted and (window is None or window.start <= now - QUIET):
            message = "no record matches: neither now nor in the eight weeks before"
            message = message if window else "no record matches"
            yield point(draft, draft.source, code, message, "Is it last cycle's label or list? Correct the query.")
    elif seen.latest is not None and seen.latest < now - QUIET and metric.measure.name not in _CHANGED_IN_PLACE:
        day = render_day(seen.latest.astimezone(now.tzinfo).date(), now.date())
        message = f"the newest of its {seen.total:,} records is of {day}, more than eight weeks ago"
        yield point(draft, draft.source, code, message, "Is it still where this is kept?")


def check_owners(key_results: Iterable[KeyResult], today: date) -> Iterator[Problem]:
    """Key results that nobody answers for. Those whose time is over are left alone."""
    for kr in key_results:
        if kr.owner.strip() or (kr.due is not None and kr.due < today):
            continue
        message = f"{kr.key.id}: it has no owner"
        yield Problem("okr.no-owner", message, kr.place, "Type a name in Owner.", kr.key.id, Severity.WARNING)
