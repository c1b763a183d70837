"""What the ledger learns of one row. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from mappings.model import GapKind
from okr.goalposts import add_moves, find_moves
from okr.model import Point
from sync.plan_task import RowTask
from sync.sheet.cell import Canon, round_score
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry, Good
from sync.sheet.merge import WRITES, Verdict, learn
from sync.standings import RowStanding, say_gap

WEEKS_KEPT = 13


def learn_row(task: RowTask, verdicts: Mapping[Field, Verdict], lives: Mapping[Field, Canon], today: date) -> Entry:
    """The row's ledger entry after the plan: bases and holds, the last good reading, gap, doubts, weekly points."""
    bases, previous, holds = learn(task.entry, verdicts, task.wants, lives, today)
    if Field.CURRENT not in task.wants:
        bases.pop(Field.CURRENT, None)
        holds.pop(Field.CURRENT, None)
    points = add_point(task.entry.points, today, task.score)
    moves = add_moves(task.entry.moves, find_moves(task.entry.definition, task.definition, today, task.goalposts))
    won = task.entry.won or (today if task.is_achieved else None)
    if task.found is None:
        return Entry(
            bases,
            previous,
            holds,
            definition=task.definition,
            rule=task.rule,
            points=points,
            won=won,
            moves=moves,
        )
    days, doubted = _learn_doubt(task.found, task.entry, today)
    return Entry(
        bases,
        previous,
        holds,
        good=task.found.good,
        gap=gap_reason(task.found, task.entry),
        definition=task.definition,
        rule=task.rule,
        doubt_days=days,
        doubted=doubted,
        updated=_learn_updated(task.found.good, task.entry, today),
        points=points,
        won=won,
        link=fingerprint(task.link) if verdicts.get(Field.SOURCE) in WRITES else task.entry.link,
        moves=moves,
    )


def fingerprint(link: str) -> str:
    """A few characters by which the ledger knows whether a link is another; "" for none."""
    return f"{zlib.crc32(link.encode()):08x}" if link else ""


def _learn_doubt(found: RowStanding, before: Entry, today: date) -> tuple[int, date | None]:
    """On how many days a guard has doubted, and the last of them; as before where nobody was asked."""
    if not found.was_asked:
        return before.doubt_days, before.doubted
    is_doubt = found.gap is not None and found.gap.kind is GapKind.DOUBT
    return (count_doubt(before, today), today) if is_doubt else (0, None)


def _learn_updated(good: Good | None, before: Entry, today: date) -> date | None:
    """The day on which the last good reading last became another one."""
    is_same = good is None or (before.good is not None and before.good.value == good.value)
    return before.updated if is_same else today


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
