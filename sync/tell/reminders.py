"""``remind``: who owes a check-in, by owner and by lead, and how the practice is kept, by team. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from okr.checkin import on_time
from okr.model import Cycle, KeyResult
from okr.silence import Kept, find_kept
from okr.teams import fold, index_people
from sync.plan import Plan
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.stale import find_stale

NOBODY = "(no owner)"


@dataclass(frozen=True, slots=True)
class Owed:
    """One key result that waits for a check-in. ``last`` is the day of the latest one, ``None`` where there was none.

    ``next_step`` is what its owner wrote into Next step.
    """

    kr: KeyResult
    team: str
    last: date | None
    due: date
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Everything that one owner owes. ``lead`` is their manager by the tab People; "" where nobody knows."""

    owner: str
    email: str
    lead: str
    owed: tuple[Owed, ...]


@dataclass(frozen=True, slots=True)
class TeamPractice:
    """How a team keeps its OKRs: of ``count`` key results how many are automated, stale, held, and without an owner.

    ``on_time`` is the share of check-ins that came in time (0 to 1).
    """

    team: str
    count: int
    automated: int
    stale: int
    held: int
    ownerless: int
    on_time: Decimal | None


@dataclass(frozen=True, slots=True)
class Reminders:
    """Who owes, and how the practice is kept. ``asked`` is how many key results are asked for check-ins at all."""

    day: date
    people: tuple[Reminder, ...]
    practice: tuple[TeamPractice, ...]
    on_time: Decimal | None
    asked: int

    @property
    def by_lead(self) -> Mapping[str, tuple[Reminder, ...]]:
        """The same by lead; those without one last, under ""."""
        leads = sorted({each.lead for each in self.people}, key=lambda lead: (not lead, lead.casefold()))
        return {lead: tuple(each for each in self.people if each.lead == lead) for lead in leads}


def make_reminders(plan: Plan, cycles: Mapping[str, Cycle], cadence: Mapping[str, int], stale_days: int) -> Reminders:
    """The reminders of a day out of a plan. ``cycles`` are the open ones; ``cadence`` is in days by team."""
    kept = tuple(find_kept(plan.snapshot.okrs, plan.scorecard, cycles, cadence, plan.day))
    return Reminders(
        plan.day,
        tuple(_remind(plan, kept)),
        tuple(_measure(plan, kept, stale_days)),
        on_time(each.rhythm for each in kept),
        len(kept),
    )


def _remind(plan: Plan, kept: tuple[Kept, ...]) -> Iterator[Reminder]:
    people = index_people(plan.snapshot.okrs)
    by_owner: dict[str, list[Kept]] = {}
    for each in kept:
        if each.rhythm.is_owed(plan.day):
            by_owner.setdefault(fold(each.kr.owner), []).append(each)
    for name in sorted(by_owner, key=lambda name: (not name, name)):
        own, who = by_owner[name], people.get(name)
        owner = who.name if who else " ".join(own[0].kr.owner.split()) or NOBODY
        lead = people.get(fold(who.manager)) if who else None
        said = lead.name if lead else " ".join(who.manager.split()) if who else ""
        yield Reminder(owner, who.email if who else "", said, tuple(_owe(plan, each) for each in own))


def _owe(plan: Plan, each: Kept) -> Owed:
    view = plan.snapshot.views[Tab.KEY_RESULTS]
    row = next(row for row in view.rows if row.key == each.kr.key)
    step = " ".join(view.cell(row, Field.NEXT_STEP).shown.split())
    return Owed(each.kr, each.team, each.rhythm.last, each.rhythm.due, step)


def _measure(plan: Plan, kept: tuple[Kept, ...], stale_days: int) -> Iterator[TeamPractice]:
    stale = find_stale(plan.standings, plan.day, stale_days)
    for team in sorted({each.team for each in kept}, key=str.casefold):
        own = [each for each in kept if each.team == team]
        keys = [RowKey(Tab.KEY_RESULTS, *each.kr.key) for each in own]
        entries = plan.snapshot.ledger.entries
        yield TeamPractice(
            team=team,
            count=len(own),
            automated=sum(plan.standings[key].is_mapped for key in keys),
            stale=sum(each.kr.key in stale for each in own),
            held=sum(bool(entries.get(key, NO_ENTRY).holds) for key in keys),
            ownerless=sum(not each.kr.owner.strip() for each in own),
            on_time=on_time(each.rhythm for each in own),
        )


def say_owed(reminder: Reminder, today: date, where: str) -> str:
    """A sentence that can be sent as it is: "Ann, 2 key results wait for your check-in: …". ``where`` names the tab."""
    parts = [f"{each.kr.key.id} ({_say_last(each, today)})" for each in reminder.owed]
    count = len(parts)
    waits = f"{count} key result{' waits' if count == 1 else 's wait'} for your check-in"
    named = ", ".join(parts)
    how = f"A line in “{where}” is enough: how confident you are from 1 to 10, what helped, what is in the way."
    return f"{reminder.owner}, {waits}: {named}. {how}"


def _say_last(each: Owed, today: date) -> str:
    return "none yet" if each.last is None else f"last on {render_day(each.last, today)}"
