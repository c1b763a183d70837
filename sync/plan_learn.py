"""What the ledger learns of one row. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mappings.model import GapKind
from okr.model import Point
from sync.plan_task import RowTask
from sync.sheet.cell import Canon, round_score
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry
from sync.sheet.merge import Verdict, learn
from sync.standings import RowStanding, say_gap

WEEKS_KEPT = 13


def learn_row(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon], today: date) -> Entry:
    """The row's ledger entry after the plan: bases and holds, the last good reading, gap, doubts, weekly points."""
    bases, previous, holds = learn(task.entry, verdicts, task.wants, lives, today)
    if Field.CURRENT not in task.wants:
        bases.pop(Field.CURRENT, None)
        holds.pop(Field.CURRENT, None)
    reading = _learn_reading(task.found, task.entry, today) if task.found is not None else {}
    return replace(
        task.entry,
        bases=bases,
        previous=previous,
        holds=holds,
        definition=task.definition,
        rule=task.rule,
        points=add_point(task.entry.points, today, task.score),
        **reading,
    )


def _learn_reading(found: RowStanding, before: Entry, today: date) -> dict[str, Any]:
    """What an entry says of the reading, its gap and its doubts."""
    gap = found.gap
    days, doubted = (0, None) if found.was_asked else (before.doubt_days, before.doubted)
    if found.was_asked and gap is not None and gap.kind is GapKind.DOUBT:
        days, doubted = count_doubt(before, today), today
    changed = found.good is not None and (before.good is None or before.good.value != found.good.value)
    return {
        "good": found.good,
        "gap": gap_reason(found, before),
        "doubt_days": days,
        "doubted": doubted,
        "updated": today if changed else before.updated,
    }


def gap_reason(found: RowStanding, before: Entry) -> str:
    """Why there is no fresh reading; what the last run that asked found, where this one didn't ask."""
    if not found.was_asked:
        return before.gap
    return say_gap(found.gap) if found.gap else ""


def count_doubt(entry: Entry, today: date) -> int:
    """On how many days a guard has distrusted the reading, today included; a day without doubt starts anew."""
    if entry.doubted is None:
        return 1
    return entry.doubt_days if entry.doubted == today else entry.doubt_days + 1


def add_point(points: tuple[Point, ...], today: date, score: Decimal | None) -> tuple[Point, ...]:
    """The weekly points with today's, when the last one is a week old."""
    if score is None or (points and today - points[-1].day < timedelta(days=7)):
        return points
    return (*points, Point(today, round_score(score)))[-WEEKS_KEPT:]
