"""What to improve in how OKRs are kept: a few sentences, each with whom it concerns and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol

from mappings.suggest import name_some
from okr.calendar import render_day
from okr.model import KeyResult, Status
from okr.result import KeyResultResult
from sync.plan import Plan
from sync.sheet.layout import Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.tell.ladder import RED
from sync.tell.reminders import Reminders

LOW_CONFIDENCE = 3
"""Up to this confidence (of 10) an owner doesn't believe in it."""

HELD_DAYS = 30
"""After so many days a value that was typed over the machine's is asked about."""

_RUNNING = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK})


class Advice(NamedTuple):
    """One thing to improve: what is so, and what to do about it."""

    fact: str
    step: str


class Followed(Protocol):
    """A key result as advice looks at it; ``step`` is its owner's next step, "" for none."""

    @property
    def kr(self) -> KeyResult:
        """What it is."""
        ...

    @property
    def result(self) -> KeyResultResult:
        """How it stands."""
        ...

    @property
    def step(self) -> str:
        """What its owner does next."""
        ...


def make_advice(
    plan: Plan, followed: Sequence[Followed], stale: Iterable[tuple[Followed, date]], owed: Reminders
) -> Iterator[Advice]:
    """The advice, what hides the truth first: no reading, old values, silence; then what nobody acts on."""
    yield from _advise_gaps(plan, followed)
    yield from _advise_stale(plan, stale)
    yield from _advise_owed(owed)
    running = [each for each in followed if each.result.status in _RUNNING]
    yield from _say(
        [each for each in followed if each.result.status in RED and not each.step],
        "red and without a next step",
        "Write one into Next step, with a name and a day.",
    )
    yield from _say(
        [each for each in running if each.result.status is Status.ON_TRACK and _doubts(each.result)],
        "on track, and not believed in by the owner",
        f"The confidence is {LOW_CONFIDENCE} of 10 or less: ask what the number doesn't show.",
    )
    yield from _say(
        [each for each in running if each.result.status is not Status.ON_TRACK and each.result.change == Decimal(0)],
        "behind and unmoved for two weeks",
        "Decide: help it, move it, or drop it.",
    )
    yield from _say([each for each in running if not each.kr.owner.strip()], "without an owner", "Name one.")
    yield from _advise_held(plan, followed)


def _say(found: Sequence[Followed], what: str, step: str) -> Iterator[Advice]:
    if found:
        ids = name_some([each.kr.key.id for each in found])
        verb = "is" if len(found) == 1 else "are"
        yield Advice(f"{_count(len(found))} {verb} {what}: {ids}.", step)


def _count(number: int) -> str:
    return f"{number} key result{'' if number == 1 else 's'}"


def _doubts(result: KeyResultResult) -> bool:
    return result.confidence is not None and result.confidence <= LOW_CONFIDENCE


def _advise_gaps(plan: Plan, followed: Iterable[Followed]) -> Iterator[Advice]:
    """The key results that the last run had no reading for, by reason."""
    reasons: dict[str, list[str]] = {}
    for each in followed:
        key = RowKey(Tab.KEY_RESULTS, *each.kr.key)
        item, entry = plan.standings.get(key), plan.snapshot.ledger.entries.get(key, NO_ENTRY)
        if item is not None and item.is_mapped and entry.gap:
            reasons.setdefault(entry.gap, []).append(each.kr.key.id)
    for reason, ids in reasons.items():
        verb = "has" if len(ids) == 1 else "have"
        yield Advice(
            f"{_count(len(ids))} {verb} no fresh reading: {name_some(ids)}. The reason: {reason.rstrip('.')}.",
            "The last good values stay. Whoever runs okr-sync finds the fix with: okr-sync doctor.",
        )


def _advise_stale(plan: Plan, stale: Iterable[tuple[Followed, date]]) -> Iterator[Advice]:
    """Values that people keep, and that are old. Those of sources have a reason of their own."""
    kept = [(each, day) for each, day in stale if not plan.standings[RowKey(Tab.KEY_RESULTS, *each.kr.key)].is_mapped]
    if kept:
        oldest = min(day for _, day in kept)
        ids = name_some([each.kr.key.id for each, _ in kept])
        verb = "has" if len(kept) == 1 else "have"
        yield Advice(
            f"{_count(len(kept))} kept by hand {verb} an old value: {ids}; "
            f"the oldest is of {render_day(oldest, plan.day)}.",
            "Type today's number into Current, or tie it to a source.",
        )


def _advise_owed(owed: Reminders) -> Iterator[Advice]:
    count = sum(len(each.owed) for each in owed.people)
    if count:
        people = name_some([each.owner for each in owed.people], 5)
        verb = "waits" if count == 1 else "wait"
        yield Advice(f"{_count(count)} {verb} for a check-in, from {people}.", "A line in Check-ins is enough.")


def _advise_held(plan: Plan, followed: Iterable[Followed]) -> Iterator[Advice]:
    def is_old(each: Followed) -> bool:
        holds = plan.snapshot.ledger.entries.get(RowKey(Tab.KEY_RESULTS, *each.kr.key), NO_ENTRY).holds.values()
        return any((plan.day - hold.since).days >= HELD_DAYS for hold in holds)

    yield from _say(
        [each for each in followed if is_old(each)],
        f"typed over for {HELD_DAYS} days and more",
        "Where the number is right again, clear the cell; where it isn't, correct the mapping.",
    )
