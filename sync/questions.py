"""Which metrics a run asks for: each mapped row of an open cycle with its mapping filled in. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from functools import partial

from mappings.evaluate import Bound, evaluate, expand, expand_kpi, render_source
from mappings.guard import Guard
from mappings.mapping import KeyResultMapping, Mappings
from mappings.model import Gap, GapKind, Metric, Outcome
from okr.calendar import Calendar
from okr.model import Cycle, KeyResult, Kpi
from okr.problem import Problem, Severity
from sync.gate import gate_outcome, gate_raw, gate_sources
from sync.plan_learn import count_doubt
from sync.sheet.layout import Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.snapshot import Snapshot
from sync.standings import Asked


@dataclass(frozen=True, slots=True)
class Questions:
    """What is to be asked for which row.

    ``gaps`` are mapped rows that can't be asked, with the reason. ``paused`` are rows whose mapping is paused, and
    why: they are not asked, and neither are ``unapproved`` ones. ``every`` is how often people type a row's value.
    """

    bounds: Mapping[RowKey, Bound] = field(default_factory=dict)
    gaps: Mapping[RowKey, Gap] = field(default_factory=dict)
    paused: Mapping[RowKey, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unapproved: frozenset[RowKey] = frozenset()
    every: Mapping[RowKey, str] = field(default_factory=dict)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric, each once, in the order of the sheet's rows."""
        asked = (bound for key, bound in self.bounds.items() if key not in self.paused and key not in self.unapproved)
        found = (metric for bound in asked for metric in bound.metrics)
        return tuple(dict.fromkeys(found))

    @property
    def sources(self) -> dict[RowKey, str]:
        """Where each mapped row's number comes from, in a few words."""
        texts = {key: render_source(bound) for key, bound in self.bounds.items()}
        return {**texts, **{key: gap.source or "a mapping that can't be used" for key, gap in self.gaps.items()}}


def make_questions(
    mappings: Mappings,
    snapshot: Snapshot,
    open_cycles: Mapping[str, Cycle],
    now: datetime,
    timezone: tzinfo,
    calendar: Calendar | None = None,
) -> Questions:
    """The questions of a run. ``now`` is aware and in the company's zone; ``calendar`` is the company's."""
    bounds: dict[RowKey, Bound] = {}
    gaps: dict[RowKey, Gap] = {}
    paused: dict[RowKey, str] = {}
    for key, bind in _rows(snapshot, open_cycles, now, timezone, calendar or Calendar()):
        mapping, broken = _find(mappings, key)
        if mapping is not None and mapping.pause is not None and mapping.pause.covers(now.date()):
            paused[key] = mapping.pause.why
        outcome = bind(mapping) if mapping is not None else broken
        if isinstance(outcome, Gap):
            gaps[key] = outcome
        elif outcome is not None:
            bounds[key] = outcome
    unapproved = frozenset(RowKey(Tab.KEY_RESULTS, *kr.key) for kr in snapshot.okrs.key_results if not kr.approved)
    rows = (RowKey(Tab.KEY_RESULTS, *kr.key) for kr in snapshot.okrs.key_results)
    every = {key: mappings.by_hand[key.id].every for key in rows if key.id in mappings.by_hand}
    return Questions(bounds, gaps, paused, tuple(_check_rows(mappings, snapshot)), unapproved, every)


_Bind = Callable[[KeyResultMapping], Bound | Gap]


def _rows(
    snapshot: Snapshot, open_cycles: Mapping[str, Cycle], now: datetime, timezone: tzinfo, calendar: Calendar
) -> Iterable[tuple[RowKey, _Bind]]:
    """Every row that a mapping may serve, with what fills the mapping in for it."""
    for kr in snapshot.okrs.key_results:
        cycle = open_cycles.get(kr.key.cycle)
        if cycle is not None:
            yield RowKey(Tab.KEY_RESULTS, *kr.key), partial(_bind_key_result, kr, cycle, now, timezone, calendar)
    for kpi in snapshot.okrs.kpis:
        yield RowKey(Tab.KPIS, "", kpi.id), partial(_bind_kpi, kpi, now, timezone, calendar)


def _bind_key_result(
    kr: KeyResult, cycle: Cycle, now: datetime, timezone: tzinfo, calendar: Calendar, mapping: KeyResultMapping
) -> Bound | Gap:
    return expand(mapping, kr, cycle, now, timezone, calendar.year_starts, calendar.holidays)


def _bind_kpi(kpi: Kpi, now: datetime, timezone: tzinfo, calendar: Calendar, mapping: KeyResultMapping) -> Bound | Gap:
    return expand_kpi(mapping, kpi, now, timezone, calendar.year_starts, calendar.holidays)


_CHECK = "Run: okr-sync check."


def _find(mappings: Mappings, key: RowKey) -> tuple[KeyResultMapping | None, Gap | None]:
    """A row's mapping; or, where its entry in the file is broken, the gap that says so."""
    usable, broken = (
        (mappings.kpis, mappings.broken_kpis) if key.tab is Tab.KPIS else (mappings.key_results, mappings.broken)
    )
    if key.id in broken:
        first = broken[key.id][0]
        fix = f"{first.fix[:1].upper()}{first.fix[1:]} okr-sync check shows the line." if first.fix else _CHECK
        return None, Gap(GapKind.DEFINITION, f"its mapping can't be used: {first.message}", fix)
    return usable.get(key.id), None


def _check_rows(mappings: Mappings, snapshot: Snapshot) -> Iterable[Problem]:
    """Mappings whose key result isn't in the sheet."""
    known = {kr.key.id for kr in snapshot.okrs.key_results}
    known_kpis = {kpi.id for kpi in snapshot.okrs.kpis}
    key_results = {id_: entry.place for id_, entry in mappings.key_results.items()}
    key_results |= {id_: entry.place for id_, entry in mappings.by_hand.items()}
    kpis = {id_: entry.place for id_, entry in mappings.kpis.items()}
    for tab, entries, ids in ((Tab.KEY_RESULTS, key_results, known), (Tab.KPIS, kpis, known_kpis)):
        for id_, place in entries.items():
            if id_ not in ids:
                yield Problem(
                    code="mapping.no-row",
                    message=f"{id_} is mapped but isn't in the sheet",
                    place=place,
                    fix=f"Add a row with this id to {tab.value}, or take the mapping out.",
                    subject=id_,
                    severity=Severity.WARNING,
                )


def make_asked(
    questions: Questions,
    outcomes: Mapping[Metric, Outcome],
    snapshot: Snapshot,
    now: datetime,
    accepts: Callable[[str], bool] = lambda _: False,
) -> Asked:
    """What came back, by row: measured, scaled, guarded, and through the gate.

    ``accepts`` says of which ids a person believes what their guards doubt.
    """
    found: dict[RowKey, Outcome] = {key: gate_outcome(gap, gap.source) for key, gap in questions.gaps.items()}
    for key, bound in questions.bounds.items():
        if (
            key in questions.paused
            or key in questions.unapproved
            or any(metric not in outcomes for metric in bound.metrics)
        ):
            continue
        if accepts(key.id):
            bound = replace(bound, mapping=replace(bound.mapping, guard=Guard()))
        found[key] = measure_row(bound, outcomes, snapshot.ledger.entries.get(key, NO_ENTRY), now.date())
    return Asked(gate_sources(questions.sources), found, questions.paused, every=questions.every)


def make_answered(questions: Questions, answers: Mapping[RowKey, Outcome]) -> Asked:
    """The answers of a saved plan in the place of what comes back."""
    return Asked(gate_sources(questions.sources), answers, questions.paused, every=questions.every)


def measure_row(bound: Bound, outcomes: Mapping[Metric, Outcome], entry: Entry, today: date) -> Outcome:
    """One row's outcome out of its metrics' outcomes, which are all there; through the gate before and after."""
    last = entry.good.value if entry.good else None
    raw = gate_raw({metric: outcomes[metric] for metric in bound.metrics})
    return gate_outcome(evaluate(bound, raw, last, count_doubt(entry, today)), bound.metrics[0].query.source)
