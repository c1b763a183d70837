"""The configuration as values: what ``config.yaml`` says, checked. Connectors never see it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mappings.form import parse_form
from mappings.guard import DEFAULT_GUARD, Guard
from mappings.node import Node
from okr.calendar import Calendar
from okr.model import Cycle, ScoringRules, StatusRule
from okr.presets import PRESETS, check_preset
from okr.problem import Problem
from okr.status import check_status_rule
from sync.config_upgrade import STEPS, Step, read_newest
from sync.hold_rules import HoldRules
from sync.mail_rules import SILENT, MailRules, Quiet, Route, make_route
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Tab
from sync.sheet.snapshot import Answers, SheetNames

if TYPE_CHECKING:
    from sync.config_form import ConfigForm


@dataclass(frozen=True, slots=True)
class SheetConfig:
    """Where the sheet is: a Google spreadsheet's id, or a workbook's path as it was written.

    ``credentials`` is a reference ("file:…", "env:…"), never a secret. ``rows`` are patterns of the ids that are this
    config's (none: all).
    """

    google: str | None
    workbook: str | None
    credentials: str | None
    endpoint: str | None
    names: SheetNames
    takeover: bool
    heartbeat: bool
    refresh: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """A source's kind and the YAML of its options, which only its connector's form understands."""

    name: str
    kind: str
    options: Node


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Which share of the readings may move, vanish or be newly doubted in one run; ``None``: any.

    ``reading`` is the guard of every single reading whose mapping says nothing else.
    """

    moved: Decimal | None = None
    vanished: Decimal | None = None
    doubtful: Decimal | None = None
    reading: Guard = DEFAULT_GUARD


@dataclass(frozen=True, slots=True)
class Telling:
    """Who is told of runs: references ("env:…"), never the secrets; ``metrics`` is a path from the config's folder.

    ``repeats``: ops hear of a problem that stays open each time. ``routes`` are for messages: which kind, about whom,
    goes where. ``mail`` says when.
    """

    alerts: tuple[str, ...] = ()
    repeats: bool = False
    routes: tuple[Route, ...] = ()
    mail: MailRules = SILENT
    ping: str | None = None
    push: str | None = None
    metrics: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. Spans are in seconds, ``stale_days`` in days; ``name`` tells it from others.

    ``cadence`` is after how many days the next check-in is due, by team in small letters; "" for all others.
    """

    file: str
    timezone: str
    calendar: Calendar
    sheet: SheetConfig
    sources: Mapping[str, SourceConfig]
    mappings: str
    scoring: ScoringRules
    stale_days: int
    guards: GuardRules
    budget: int
    source_budget: int
    partial_exit: str
    plan_age: int
    holds: HoldRules
    telling: Telling = Telling()
    quality: bool = True
    name: str = ""
    cadence: Mapping[str, int] = field(default_factory=lambda: {"": 7})

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the company's days begin."""
        return ZoneInfo(self.timezone)


def parse_config(text: str, file: str, steps: Sequence[Step] = STEPS) -> tuple[Config | None, tuple[Problem, ...]]:
    """The configuration, or all that is wrong with it. ``file`` names it for people; ``steps`` lead from version 1."""
    from sync.config_form import ConfigForm

    found = read_newest(text, file, steps)
    if isinstance(found, tuple):
        return None, found
    tree = found.tree
    form, problems = parse_form(tree.root.without(["version"]), ConfigForm, code="config", also=["version"])
    problems = (*tree.problems, *problems)
    if form is None or problems:
        return None, problems
    config = _make_config(form, tree.root, file)
    problems = _check_status(config.scoring.status, form.status.preset, tree.root)
    return (None, problems) if problems else (config, ())


def _check_status(rule: StatusRule, preset: str | None, root: Node) -> tuple[Problem, ...]:
    """What is wrong with a preset, with thresholds that were written, or that a rule was written without."""
    node = root.value("status") or root
    found = check_status_rule(rule) if preset is None else check_preset(preset)
    if preset is not None:
        node = node.value("preset") or node
    line = node.source.line(node.place.line)
    return tuple(replace(problem, place=node.place, line_text=line) for problem in found)


def _make_config(form: ConfigForm, root: Node, file: str) -> Config:
    from sync.config_values import parse_span

    return Config(
        file=file,
        timezone=form.calendar.timezone,
        calendar=_make_calendar(form),
        sheet=_make_sheet(form),
        sources=_make_sources(form, root),
        mappings=form.mappings,
        scoring=_make_scoring(form),
        stale_days=max(1, parse_span(form.freshness.stale_after) // 86400),
        guards=_make_guards(form),
        budget=parse_span(form.run.budget),
        source_budget=parse_span(form.run.source_budget),
        partial_exit=form.run.partial_exit,
        plan_age=parse_span(form.run.plan_age),
        telling=Telling(
            alerts=tuple(form.alerts.to),
            repeats=form.alerts.problems == "any",
            routes=_make_routes(form),
            mail=_make_mail(form),
            ping=form.alerts.ping,
            push=form.run.push,
            metrics=form.run.metrics,
        ),
        quality=form.quality,
        holds=_make_holds(form),
        name=form.name.strip(),
        cadence=_make_cadence(form.checkins.cadence),
    )


def _make_routes(form: ConfigForm) -> tuple[Route, ...]:
    """The addresses that get everything, then those that get a part."""
    whole = (make_route(form.messages.to),) if form.messages.to else ()
    routes = (make_route(item.to, item.kinds, item.teams, item.owners) for item in form.messages.routes)
    return (*whole, *routes)


def _make_mail(form: ConfigForm) -> MailRules:
    from sync.config_values import parse_clock, parse_weekday

    found, quiet = form.messages, None
    if found.quiet is not None:
        quiet = Quiet(
            parse_clock(found.quiet.from_),
            parse_clock(found.quiet.to),
            frozenset(map(parse_weekday, found.quiet.days)),
            ZoneInfo(found.quiet.timezone or form.calendar.timezone),
        )
    weekly = parse_weekday(found.weekly) if found.weekly else None
    return MailRules(bool(found.to or found.routes), weekly, quiet)


def _make_cadence(cadence: str | dict[str, str]) -> dict[str, int]:
    from sync.config_values import parse_span

    spans = {"default": cadence} if isinstance(cadence, str) else {"default": "7d", **cadence}
    days = {team.strip().casefold(): parse_span(span) // 86400 for team, span in spans.items()}
    return {"": days.pop("default"), **days}


def _make_answers(form: ConfigForm) -> Answers | None:
    found = form.checkins.form
    if found is None:
        return None
    columns = {column.header: column.field for column in COLUMNS[Tab.CHECK_INS]}
    return Answers(found.tab, {columns[header]: question for header, question in found.columns.items()})


def _make_calendar(form: ConfigForm) -> Calendar:
    months = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    holidays = frozenset(form.calendar.holidays)
    cycles = tuple(Cycle(name, item.start, item.end, item.closed) for name, item in form.calendar.cycles.items())
    return Calendar(year_starts=months.index(form.calendar.year_starts[:3]) + 1, cycles=cycles, holidays=holidays)


def _make_holds(form: ConfigForm) -> HoldRules:
    from sync.config_values import parse_span

    def days(span: str | None) -> int | None:
        return max(1, parse_span(span) // 86400) if span else None

    return HoldRules(days(form.holds.expire), days(form.holds.warn) or 1, days(form.holds.remind))


_SPREADSHEET_URL = re.compile(r"/spreadsheets/d/([A-Za-z0-9_-]+)")


def _make_sheet(form: ConfigForm) -> SheetConfig:
    from sync.config_sheet import header_fields

    sheet = form.sheet
    found = _SPREADSHEET_URL.search(sheet.google) if sheet.google else None
    return SheetConfig(
        google=found[1] if found else sheet.google,
        workbook=sheet.workbook,
        credentials=sheet.credentials,
        endpoint=sheet.endpoint,
        names=SheetNames(
            {Tab(name): title for name, title in sheet.tabs.items()},
            header_fields(sheet.columns),
            answers=_make_answers(form),
            team=sheet.team.strip(),
        ),
        takeover=sheet.takeover,
        heartbeat=sheet.heartbeat,
        refresh=sheet.refresh,
        rows=sheet.rows,
    )


def _make_sources(form: ConfigForm, root: Node) -> dict[str, SourceConfig]:
    sources = root.value("sources")
    assert sources is not None
    found = {}
    for name, item in form.sources.items():
        node = sources.value(name)
        assert node is not None
        found[name] = SourceConfig(name, item.kind, node)
    return found


def _make_guards(form: ConfigForm) -> GuardRules:
    from sync.config_values import parse_limit, parse_zero

    guards, days = form.guards, parse_zero(form.guards.zero)
    return GuardRules(
        moved=parse_limit(guards.moved),
        vanished=parse_limit(guards.vanished),
        doubtful=parse_limit(guards.doubtful),
        reading=Guard(zero=days != 0, zero_confirm=days or None),
    )


def _make_scoring(form: ConfigForm) -> ScoringRules:
    return ScoringRules(
        cap=form.scoring.cap,
        aspirational_at=form.scoring.aspirational_at,
        settle_days=form.scoring.settle_days,
        objective_status=form.objectives.status,
        status=_make_status(form),
    )


def _make_status(form: ConfigForm) -> StatusRule:
    """The preset's rule, else the one that is written. An unknown preset is told by ``check_preset``."""
    status = form.status
    if (preset := PRESETS.get(status.preset or "")) is not None:
        return preset.rule
    return StatusRule(status.rule, status.on_track, status.at_risk, status.grace)
