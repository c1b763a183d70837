"""What the machine wants in the cells of each row, before the merge law decides which of it is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from okr.model import KeyResult, Kind
from okr.number import render_bar
from okr.result import KeyResultResult, KpiResult, ObjectiveResult
from sync.sheet.cell import Canon, canon
from sync.sheet.columns import FORMS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import Entry
from sync.sheet.merge import Want, Wanted
from sync.sheet.plain import PEOPLE_AT_MOST, clean_text
from sync.sheet.rules import STALE_WHY, render_manual
from sync.standings import RowStanding, current_value


def make_bar(score: Decimal | None) -> str:
    """A literal bar of ten blocks with the percentage, such as "██████░░░░ 62 %"; empty where nothing is known."""
    if score is None:
        return ""
    return render_bar(score)


def want_key_result(
    kr: KeyResult,
    shown: KeyResultResult,
    own: KeyResultResult,
    found: RowStanding,
    source: str | None,
    entry: Entry,
    today: date,
    hint: str = "",
) -> dict[Field, Want]:
    """The wanted cells of a key result's row.

    ``shown`` is its result with a person's score in force, ``own`` without any hold: a held Score is compared
    with what the machine would say. A manual key result's Current is no machine cell.
    """
    wants: dict[Field, Want] = {
        Field.SCORE: own.score,
        Field.STATUS: shown.word,
        Field.WHY: shown.why,
        Field.CHANGE: shown.change,
        Field.FRESHNESS: _freshness(found),
        Field.CONFIDENCE: Decimal(shown.confidence) if shown.confidence is not None else None,
        Field.PACE: shown.pace,
        Field.FORECAST: shown.forecast,
        Field.TREND: shown.trend or None,
        Field.UPDATED: updated_day(found, entry, today),
        Field.SOURCE: source or render_manual(found.every),
        Field.HINT: hint or None,
    }
    if source is not None:
        wants[Field.CURRENT] = _current(found, kr.kind)
    return {field: _canonical(Tab.KEY_RESULTS, field, want) for field, want in wants.items()}


def want_objective(
    shown: ObjectiveResult, own: ObjectiveResult, stale: str | None = None, hint: str = ""
) -> dict[Field, Want]:
    """The wanted cells of an objective's row. ``stale`` is the day of the youngest value below it, where all are old:
    Why says so first, and by that the sheet's own rules grey the row.
    """
    old = f"{STALE_WHY}: nothing below is newer than {stale}. " if stale else ""
    wants: Mapping[Field, Want] = {
        Field.SCORE: own.score,
        Field.STATUS: shown.word,
        Field.WHY: f"{old}{shown.why}",
        Field.COVERAGE: shown.coverage,
        Field.HINT: hint or None,
    }
    return {field: _canonical(Tab.OBJECTIVES, field, want) for field, want in wants.items()}


def want_kpi(result: KpiResult, found: RowStanding, source: str | None) -> dict[Field, Want]:
    """The wanted cells of a KPI's row."""
    wants: dict[Field, Want] = {
        Field.STATUS: result.word,
        Field.WHY: result.why,
        Field.FRESHNESS: _freshness(found),
    }
    if source is not None:
        wants[Field.CURRENT] = _current(found, None)
    return {field: _canonical(Tab.KPIS, field, want) for field, want in wants.items()}


def _canonical(tab: Tab, field: Field, want: Want) -> Want:
    """A want as it is compared and written; names and values of people's in it are cut to what a cell can hold."""
    if want is None or isinstance(want, Wanted):
        return want
    return canon(FORMS[tab][field], clean_text(want, PEOPLE_AT_MOST) if isinstance(want, str) else want)


def _current(found: RowStanding, kind: Kind | None) -> Want:
    return Wanted.NOTHING_KNOWN if found.good is None else current_value(found.good, kind)


def _freshness(found: RowStanding) -> Canon:
    as_of = found.standing.as_of
    return as_of.date() if as_of else None


def updated_day(found: RowStanding, entry: Entry, today: date) -> date | None:
    """The day on which the value last changed: today, when it isn't the last good one any more."""
    if found.good is None:
        return entry.updated
    if entry.good is not None and entry.good.value == found.good.value:
        return entry.updated
    return today
