"""What the ledger remembers of a row, and what people typed over, for the rules: points, the last status. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from okr.goalposts import render_definition
from okr.model import Before, KeyResult, Kind, Kpi, Objective, Standing, Status, StatusRule
from okr.presets import parse_rule
from okr.words import OURS, read_status
from sync.live import is_persons, live_cell
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry
from sync.sheet.locate import Row, TabView
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text


def add_memory(
    standing: Standing, entry: Entry, view: TabView, row: Row, rule: StatusRule, before: Before | None
) -> Standing:
    """What the ledger and people's own cells add: weekly points, the last status, a held score or status."""
    return replace(
        standing,
        points=entry.points,
        before=before,
        held_score=_held_score(entry, view, row),
        held_status=_held_status(entry, view, row, rule),
    )


def find_before(entry: Entry, heartbeat: datetime | None, now: datetime, kr: KeyResult | None) -> Before | None:
    """What the last status followed from; nothing where a person's score or status stood there.

    It was written in the words of the rule that was in force then. Of steps only the score is remembered, which is
    their share.
    """
    status = entry.bases.get(Field.STATUS)
    if heartbeat is None or status is None or {Field.SCORE, Field.STATUS} & entry.holds.keys():
        return None
    rule = parse_rule(entry.rule)
    score = entry.bases.get(Field.SCORE)
    value, parts = (entry.good.value, entry.good.parts) if entry.good else (None, None)
    if Field.CURRENT in entry.holds:
        held = entry.holds[Field.CURRENT].value
        value, parts = held if isinstance(held, Decimal) else None, None
    if kr is not None and kr.kind is Kind.MILESTONES:
        value, parts = score if isinstance(score, Decimal) else None, None
    day = heartbeat.astimezone(now.tzinfo).date()
    return Before(day, _parse_status(status, rule or OURS), rule, entry.definition, value, parts)


def _parse_status(text: object, rule: StatusRule) -> Status | None:
    return read_status(text, rule) if isinstance(text, str) else None


def _held_score(entry: Entry, view: TabView, row: Row) -> Decimal | None:
    if Field.SCORE not in view.columns or not is_persons(entry, view, row, Field.SCORE):
        return None
    live = live_cell(view, row, Field.SCORE)
    return live if isinstance(live, Decimal) else None


def _held_status(entry: Entry, view: TabView, row: Row, rule: StatusRule) -> Status | None:
    if not is_persons(entry, view, row, Field.STATUS):
        return None
    return _parse_status(live_cell(view, row, Field.STATUS), rule)


def kpi_definition(kpi: Kpi) -> str:
    """A KPI's definition as one text, to see when somebody edits it."""
    return clean_text("|".join(str(part) for part in (kpi.healthy_from, kpi.healthy_to, kpi.unit)), PEOPLE_AT_MOST)


def definition_text(row: KeyResult | Objective) -> str:
    """A key result's or objective's definition as one text, to see when somebody edits it."""
    return clean_text(render_definition(row), PEOPLE_AT_MOST)
