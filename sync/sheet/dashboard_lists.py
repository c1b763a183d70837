"""The lists of the Dashboard: what needs somebody, what waits, what moved, what was won, what has no reading. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from okr.model import KeyResult, Status
from okr.result import KeyResultResult
from sync.sheet.dashboard_facts import DashboardFacts, shown
from sync.sheet.dashboard_rows import (
    COLUMNS,
    LABELS,
    SECTION_AT_MOST,
    Row,
    heading,
    id_cell,
    key_result_row,
    marks,
    more,
    owner,
    sentences,
)
from sync.sheet.store import Draw
from sync.sheet.style import Style

WEEK_LABELS = (*LABELS[:4], "7 days", "Why")
_URGENT = {Status.OFF_TRACK: 0, Status.MISSED: 0, Status.AT_RISK: 1}
_OTHER = 2
_LAST_GOOD = "Last good value of "  # how Why begins to say since when a value is old


def attention(facts: DashboardFacts) -> Iterator[Row]:
    """Key results that need somebody, the worst first, each with its reasons; over them how many of each there are."""
    found = [item for item in shown(facts) if item[1].status in _URGENT or facts.reasons.get(item[0].key)]
    if not found:
        return
    found.sort(key=lambda item: (_rank(facts, *item), item[1].score or Decimal(0), item[0].key))
    yield heading(f"Needs attention{more(len(found))}", LABELS)
    yield (None, Draw(_sum_up(facts, found), Style.MUTED, span=COLUMNS - 1))
    for kr, result in found[:SECTION_AT_MOST]:
        yield key_result_row(facts, kr, result, why=f"{_say(facts.reasons.get(kr.key, ()), result.why)}{result.why}")


def _rank(facts: DashboardFacts, kr: KeyResult, result: KeyResultResult) -> tuple[int, int]:
    return _URGENT.get(result.status, _OTHER), -len(facts.reasons.get(kr.key, ()))


def _say(reasons: tuple[str, ...], why: str) -> str:
    """The reasons as sentences before Why ("No owner. No check-in since 3 Nov. "), but what Why says itself."""
    told = [reason for reason in reasons if not (_is_stale(reason) and _LAST_GOOD in why)]
    return "".join(f"{reason[:1].upper()}{reason[1:]}. " for reason in told)


def _is_stale(reason: str) -> bool:
    return reason.startswith("stale ")


def _sum_up(facts: DashboardFacts, found: list[tuple[KeyResult, KeyResultResult]]) -> str:
    """How many there are of each kind: "6 off track · 11 at risk · 2 no owner"."""
    counts = Counter(result.label or result.status.value.lower() for _, result in found if result.status in _URGENT)
    counts.update(_kind(reason) for kr, _ in found for reason in facts.reasons.get(kr.key, ()))
    return "  ·  ".join(f"{count} {kind}" for kind, count in counts.items())


def _kind(reason: str) -> str:
    """What reasons of one kind have in common: what stands before the first date or value."""
    return reason.partition(":")[0].partition(" since ")[0].partition(" of ")[0]


def blocked(facts: DashboardFacts) -> Iterator[Row]:
    """What people say is in the way, by their latest check-in."""
    known = {kr.key: (kr, result) for kr, result in shown(facts)}
    found = [(*known[key], said) for key, said in facts.blockers.items() if key in known]
    if found:
        yield heading(f"In the way{more(len(found))}", (*LABELS[:5], "What people say"))
        for kr, result, said in found[:SECTION_AT_MOST]:
            yield key_result_row(facts, kr, result, why=said)


def waiting(facts: DashboardFacts) -> Iterator[Row]:
    """Values from before the machine, which it doesn't touch until somebody accepts; and how to."""
    if facts.waiting:
        yield from sentences("Waiting for you", facts.waiting)
        text = "Accept all of them with: okr-sync release --new. Or leave them: nothing is written over."
        yield (None, Draw(text, Style.MUTED, span=COLUMNS - 1))


def held(facts: DashboardFacts) -> Iterator[Row]:
    """What people typed over, and what would stand there."""
    yield from sentences("Typed over by people, and kept", facts.held)


def gaps(facts: DashboardFacts) -> Iterator[Row]:
    """The reasons why there are no fresh readings, with the ids that each concerns."""
    if not facts.gaps:
        return
    yield heading("Without a fresh reading: the last good value stays, with its date")
    for reason, ids in facts.gaps.items():
        some = ", ".join(ids[:8]) + (f" and {len(ids) - 8} more" if len(ids) > 8 else "")
        yield (Draw(Decimal(len(ids)), Style.NUMBER), Draw(reason, Style.WRAPPED), Draw(some, Style.TEXT, span=6))


def movers(facts: DashboardFacts) -> Iterator[Row]:
    """Whose score moved most in a week, whichever way."""
    found = [item for item in shown(facts) if facts.week.get(item[0].key)]
    found.sort(key=lambda item: (-abs(facts.week[item[0].key]), item[0].key))
    if found:
        yield heading(f"Moved most this week{more(len(found))}", WEEK_LABELS)
        for kr, result in found[:SECTION_AT_MOST]:
            yield key_result_row(facts, kr, result, change=facts.week[kr.key])


def wins(facts: DashboardFacts) -> Iterator[Row]:
    """What reached its target for the first time this week; and how much has by now."""
    achieved = [item for item in shown(facts) if item[1].status is Status.ACHIEVED]
    won = [item for item in achieved if item[0].key in facts.won]
    objectives = [item for item in facts.okrs.objectives if item.key in facts.won_objectives]
    if not won and not objectives:
        return
    yield heading(f"Won this week{more(len(won) + len(objectives))}; {len(achieved)} achieved so far", LABELS)
    for item in objectives[:SECTION_AT_MOST]:
        result = facts.card.objectives[item.key]
        id_and_name = (id_cell(item.key.id, item.place, Style.STRONG), Draw(item.name, Style.STRONG))
        whose = owner(item.owner or item.team, Style.STRONG)
        yield (*id_and_name, whose, *marks(result), None, Draw(result.why, Style.MUTED))
    for kr, kr_result in won[: SECTION_AT_MOST - len(objectives[:SECTION_AT_MOST])]:
        yield key_result_row(facts, kr, kr_result)
