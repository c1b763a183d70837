"""What the Dashboard says, as a value: everything that is counted, chosen and worded before anything is drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from okr.model import Cycle, Key, KeyResult, Okrs
from okr.result import KeyResultResult, Scorecard
from sync.sheet.layout import Tab


class WeekPoint(NamedTuple):
    """One week of the cycle: its first day, the average score reached in it (``None``: not known), and the pace."""

    day: date
    score: Decimal | None
    expected: Decimal


@dataclass(frozen=True, slots=True)
class DashboardFacts:
    """What the Dashboard says beside the scorecard.

    ``held`` and ``waiting`` are sentences; ``gaps`` maps a reason to the ids that it concerns. ``stale`` are key
    results with an old value, ``stale_objectives`` those with nothing else below them: they are never shown green.
    ``reasons`` says beside a status why a key result needs somebody ("no owner"). ``week`` is by how much a score has
    moved in a week. ``won`` and ``won_objectives`` have reached their target in the last week. ``blockers`` are what
    people say is in the way, the least confident first. ``course`` are the weeks of the cycle. ``how`` is the run in a
    few words, ``ledger`` the tab with the heartbeat.
    """

    title: str
    cycle: Cycle
    synced: datetime
    okrs: Okrs
    card: Scorecard
    held: Sequence[str] = ()
    waiting: Sequence[str] = ()
    gaps: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stale: frozenset[Key] = frozenset()
    stale_objectives: frozenset[Key] = frozenset()
    reasons: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    week: Mapping[Key, Decimal] = field(default_factory=dict)
    won: frozenset[Key] = frozenset()
    won_objectives: frozenset[Key] = frozenset()
    blockers: Mapping[Key, str] = field(default_factory=dict)
    course: Sequence[WeekPoint] = ()
    how: str = ""
    ledger: str = Tab.LEDGER.value


def find_shown(okrs: Okrs, card: Scorecard, cycle: Cycle) -> Iterator[tuple[KeyResult, KeyResultResult]]:
    """The key results of a cycle, with their results, in the sheet's order, each once."""
    seen: set[Key] = set()
    for kr in okrs.key_results:
        result = card.key_results.get(kr.key)
        if result is not None and kr.key.cycle == cycle.name and kr.key not in seen:
            seen.add(kr.key)
            yield kr, result


def shown(facts: DashboardFacts) -> list[tuple[KeyResult, KeyResultResult]]:
    """The key results that the Dashboard is about."""
    return list(find_shown(facts.okrs, facts.card, facts.cycle))


def average(numbers: Sequence[Decimal]) -> Decimal | None:
    """The plain average, to four places; ``None`` of nothing."""
    return (sum(numbers, Decimal(0)) / len(numbers)).quantize(Decimal("0.0001")) if numbers else None
