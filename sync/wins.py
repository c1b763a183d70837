"""What there is to celebrate: what reached its target for the first time, and whose score moved most. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from okr.forecast import find_point
from okr.model import Cycle, Key, KeyResult, Objective, Status
from okr.result import KeyResultResult, ObjectiveResult
from sync.plan import Plan
from sync.sheet.dashboard_facts import find_shown
from sync.sheet.layout import Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey

WEEK = timedelta(days=7)


class Wins(NamedTuple):
    """What was won, in the order of the sheet."""

    objectives: tuple[tuple[Objective, ObjectiveResult], ...]
    key_results: tuple[tuple[KeyResult, KeyResultResult], ...]


class Mover(NamedTuple):
    """A key result whose score moved, and by how much."""

    kr: KeyResult
    result: KeyResultResult
    change: Decimal


def find_wins(plan: Plan, cycle: Cycle, span: timedelta = WEEK) -> Wins:
    """What of a cycle was achieved for the first time in the last ``span`` of time, today included."""
    okrs, card = plan.snapshot.okrs, plan.scorecard
    objectives = {item.key: item for item in reversed(okrs.objectives) if item.key.cycle == cycle.name}
    return Wins(
        tuple(
            (item, result)
            for key, item in reversed(objectives.items())
            if (result := card.objectives.get(key)) is not None
            and _is_won(result, find_entry(plan, Tab.OBJECTIVES, key), plan.day, span)
        ),
        tuple(
            (kr, result)
            for kr, result in find_shown(okrs, card, cycle)
            if _is_won(result, find_entry(plan, Tab.KEY_RESULTS, kr.key), plan.day, span)
        ),
    )


def find_entry(plan: Plan, tab: Tab, key: Key) -> Entry:
    """What the ledger remembers of a row."""
    return plan.snapshot.ledger.entries.get(RowKey(tab, *key), NO_ENTRY)


def _is_won(result: KeyResultResult | ObjectiveResult, entry: Entry, today: date, span: timedelta) -> bool:
    """Whether it was achieved in this time for the first time. What was so when it was first seen is no win.

    The ledger knows the day; where it doesn't yet, the weekly points before this time tell.
    """
    if result.status is not Status.ACHIEVED or result.score is None:
        return False
    if entry.won is not None:
        return today - entry.won < span and any(point.day < entry.won for point in entry.points)
    past = [point.score for point in entry.points if today - point.day >= span]
    return bool(past) and max(past) < min(result.score, Decimal(1))


def find_movers(plan: Plan, pairs: Iterable[tuple[KeyResult, KeyResultResult]]) -> tuple[Mover, ...]:
    """Whose score differs from a week ago, the biggest moves first: from the weekly point nearest to seven days ago."""
    found = []
    for kr, result in pairs:
        points = find_entry(plan, Tab.KEY_RESULTS, kr.key).points
        before = find_point(points, plan.day, nearest=7, youngest=5, oldest=13)
        if before is not None and result.score is not None and result.score != before.score:
            found.append(Mover(kr, result, result.score - before.score))
    return tuple(sorted(found, key=lambda item: (-abs(item.change), item.kr.key)))
