"""The rows of a plan before they are judged: what stands there, what is wanted, what the ledger knows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from okr.goalposts import FIELDS, OBJECTIVE_FIELDS
from okr.model import Key, ScoringRules, Status
from okr.presets import render_rule
from sync.hints import Hints, find_hints
from sync.hold_rules import HoldRules
from sync.mail_rules import SILENT, MailRules
from sync.memory import definition_text, kpi_definition
from sync.plan_turn import Turn
from sync.plan_undo import Undones
from sync.scores import Scores
from sync.share import WHOLE, Share
from sync.sheet.columns import MACHINE_FIELDS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.merge import Want
from sync.sheet.snapshot import Snapshot
from sync.stale import find_stale, find_stale_objectives
from sync.standings import Asked, RowStanding
from sync.wants import make_bar, want_key_result, want_kpi, want_objective

STALE_DAYS = 3
"""After how many days a value is old unless the config says otherwise."""


@dataclass(frozen=True, slots=True)
class PlanRules:
    """What the config says about planning.

    ``refresh`` is daily, weekly or change. ``takeover`` lets cells that were people's be taken over. ``only``
    are the ids of the key results to plan; empty means all. ``confirms`` says that the sources were asked for
    everything, so that the heartbeat may move. ``cycles`` are the open ones: rows of others are left alone.
    ``release`` are the cells whose hold ends now, ``undo`` those that get back what stood there before a run.
    ``stale_days`` is after how many days a value is old; ``holds`` says when what people typed over is.
    ``share`` says which rows are this config's. ``turn`` is the cycle that is closed or reopened, if one is.
    ``mail`` says whether anybody is told of this run, and when.
    ``hints`` says whether better wording is hinted at.
    """

    scoring: ScoringRules = field(default_factory=ScoringRules)
    refresh: str = "daily"
    takeover: bool = False
    only: frozenset[str] = frozenset()
    confirms: bool = True
    cycles: frozenset[str] = frozenset()
    release: frozenset[tuple[RowKey, Field]] = frozenset()
    stale_days: int = STALE_DAYS
    undo: Undones = field(default_factory=dict)
    holds: HoldRules = field(default_factory=HoldRules)
    share: Share = WHOLE
    turn: Turn | None = None
    mail: MailRules = SILENT
    hints: Hints = field(default_factory=Hints)

    def plans(self, key: RowKey) -> bool:
        """Whether this plan may write a row: it is asked for and this config's, and its cycle is open."""
        is_wanted = key.tab is Tab.OBJECTIVES or not self.only or key.id in self.only
        return is_wanted and self.share.owns(key.id) and (key.tab is Tab.KPIS or key.cycle in self.cycles)


def find_released(key: RowKey, rules: PlanRules) -> frozenset[Field]:
    """The fields of a row whose hold ends now."""
    return frozenset(name for owner, name in rules.release if owner == key)


_GOALPOSTS = {Tab.KEY_RESULTS: FIELDS, Tab.OBJECTIVES: OBJECTIVE_FIELDS}


@dataclass(frozen=True, slots=True)
class RowTask:
    """Everything that is known of one row before it is judged.

    ``adopted`` are the machine fields whose cells were people's own before us. ``bar`` is the wanted drawing in
    Progress (``None``: the tab has none). ``score`` is the score in force, for the weekly points. ``link`` is where
    Source leads, "" for nowhere. ``unit`` and ``aim`` (the target, in its unit) say how Current is shown.
    """

    key: RowKey
    name: str
    view: TabView
    row: Row
    entry: Entry
    old_line: str
    wants: Mapping[Field, Want]
    found: RowStanding | None
    definition: str
    rule: str
    score: Decimal | None
    why: str
    bar: str | None = None
    is_percent: bool = False
    unit: str = ""
    aim: Decimal | None = None
    adopted: frozenset[Field] = frozenset()
    is_achieved: bool = False
    link: str = ""

    @property
    def goalposts(self) -> Sequence[str]:
        """The fields of its definition that are remembered one by one, by their headers; a KPI has none."""
        return _GOALPOSTS.get(self.key.tab, ())


def make_tasks(
    snapshot: Snapshot,
    asked: Asked,
    standings: Mapping[RowKey, RowStanding],
    scores: Scores,
    rules: PlanRules,
    today: date,
) -> Iterator[RowTask]:
    """The tasks of all rows that are scored and asked for; rows that share an id are none."""
    hints = find_hints(snapshot, standings, scores.card, rules.scoring, rules.hints, today)
    yield from _key_result_tasks(snapshot, asked, standings, scores, rules, today, hints)
    old = find_stale_objectives(snapshot.okrs.key_results, find_stale(standings, today, rules.stale_days))
    stale = {key: render_day(day, today) for key, day in old.items()}
    yield from _objective_tasks(snapshot, scores, rules, stale, hints)
    if rules.turn is None:
        yield from _kpi_tasks(snapshot, asked, standings, scores, rules)


def _rows_of(snapshot: Snapshot, tab: Tab) -> Iterator[tuple[RowKey, TabView, Row, Entry]]:
    """The rows of a tab that can be told apart."""
    view = snapshot.views.get(tab)
    for row in view.rows if view is not None else ():
        if view is not None and row.key not in view.duplicates:
            key = RowKey(tab, *row.key)
            yield key, view, row, snapshot.ledger.entries.get(key, NO_ENTRY)


def _key_result_tasks(
    snapshot: Snapshot,
    asked: Asked,
    standings: Mapping[RowKey, RowStanding],
    scores: Scores,
    rules: PlanRules,
    today: date,
    hints: Mapping[RowKey, str],
) -> Iterator[RowTask]:
    adopted = _adopted(snapshot, Tab.KEY_RESULTS)
    definitions = {kr.key: kr for kr in snapshot.okrs.key_results}
    for key, view, row, entry in _rows_of(snapshot, Tab.KEY_RESULTS):
        shown = scores.card.key_results.get(key.key)
        if shown is None or not rules.plans(key):
            continue
        kr, found, source = definitions[key.key], standings[key], asked.sources.get(key)
        own = scores.own.get(key.key, shown)
        unnamed = scores.unnamed.get(key.key, shown)
        wants = want_key_result(kr, unnamed, own, found, source, entry, today, hints.get(key, ""))
        yield RowTask(
            key=key,
            name=kr.name,
            view=view,
            row=row,
            entry=entry,
            old_line=snapshot.ledger.texts.get(key, ""),
            wants=wants,
            found=found,
            definition=definition_text(kr),
            rule=render_rule(rules.scoring.status),
            score=shown.score,
            why=unnamed.why,
            bar=make_bar(shown.score),
            is_percent=kr.is_share,
            is_achieved=shown.status is Status.ACHIEVED,
            unit=kr.unit,
            aim=kr.target,
            adopted=adopted | _was_manual(entry, source) | _forgotten(snapshot, key),
            link=asked.links.get(key, ""),
        )


def _objective_tasks(
    snapshot: Snapshot, scores: Scores, rules: PlanRules, stale: Mapping[Key, str], hints: Mapping[RowKey, str]
) -> Iterator[RowTask]:
    adopted = _adopted(snapshot, Tab.OBJECTIVES)
    definitions = {objective.key: objective for objective in snapshot.okrs.objectives}
    for key, view, row, entry in _rows_of(snapshot, Tab.OBJECTIVES):
        shown = scores.card.objectives.get(key.key)
        if shown is None or not rules.plans(key):
            continue
        unnamed = scores.unnamed_objectives.get(key.key, shown)
        yield RowTask(
            key=key,
            name=definitions[key.key].name,
            view=view,
            row=row,
            entry=entry,
            old_line=snapshot.ledger.texts.get(key, ""),
            wants=want_objective(
                unnamed, scores.own_objectives.get(key.key, shown), stale.get(key.key), hints.get(key, "")
            ),
            found=None,
            definition=definition_text(definitions[key.key]),
            rule=render_rule(rules.scoring.status),
            score=shown.score,
            why=unnamed.why,
            adopted=adopted | _forgotten(snapshot, key),
            is_achieved=shown.status is Status.ACHIEVED,
        )


def _kpi_tasks(
    snapshot: Snapshot, asked: Asked, standings: Mapping[RowKey, RowStanding], scores: Scores, rules: PlanRules
) -> Iterator[RowTask]:
    adopted = _adopted(snapshot, Tab.KPIS)
    definitions = {kpi.key: kpi for kpi in snapshot.okrs.kpis}
    for key, view, row, entry in _rows_of(snapshot, Tab.KPIS):
        result = scores.card.kpis.get(key.key)
        if result is None or not rules.plans(key):
            continue
        kpi, found, source = definitions[key.key], standings[key], asked.sources.get(key)
        yield RowTask(
            key=key,
            name=kpi.name,
            view=view,
            row=row,
            entry=entry,
            old_line=snapshot.ledger.texts.get(key, ""),
            wants=want_kpi(scores.own_kpis.get(key.key, result), found, source),
            found=found,
            definition=kpi_definition(kpi),
            rule=render_rule(rules.scoring.status),
            score=None,
            why=result.why,
            is_percent=view.cell(row, Field.HEALTHY_FROM).is_percent or view.cell(row, Field.HEALTHY_TO).is_percent,
            unit=kpi.unit,
            aim=kpi.healthy_to if kpi.healthy_from is None else kpi.healthy_from,
            adopted=adopted | _was_manual(entry, source) | _forgotten(snapshot, key),
        )


def _was_manual(entry: Entry, source: str | None) -> frozenset[Field]:
    """Current, where the row is known and its Current was people's until now."""
    is_new = source is not None and entry.bases and Field.CURRENT not in entry.bases
    return frozenset({Field.CURRENT}) if is_new else frozenset()


def _forgotten(snapshot: Snapshot, key: RowKey) -> frozenset[Field]:
    """Where the ledger's line is damaged, every machine cell counts as people's until somebody accepts."""
    return frozenset(MACHINE_FIELDS[key.tab]) if key in snapshot.ledger.damaged else frozenset()


def _adopted(snapshot: Snapshot, tab: Tab) -> frozenset[Field]:
    prefix = f"{tab.value}/"
    names = {name.removeprefix(prefix) for name in snapshot.ledger.head.adopted if name.startswith(prefix)}
    return frozenset(field for field in Field if field.value in names)
