"""Reminders as a document, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from okr.calendar import render_day
from sync.tell.document import Document, Section, Table
from sync.tell.reminders import Reminder, Reminders, say_owed

Where = Callable[[str], str]
"""The title of the tab Check-ins of a cycle."""


def make_document(reminders: Reminders, where: Where, *, stats: bool) -> Document:
    """The reminders as people read them: a ready sentence for each owner, below their lead."""
    sections = [
        Section(_head(lead), tuple(_say(people, reminders, where))) for lead, people in reminders.by_lead.items()
    ]
    if stats:
        sections.append(Section("How OKRs are kept", table=_practice_table(reminders)))
    return Document("Check-ins", tuple(_lead(reminders)), tuple(sections))


def _lead(reminders: Reminders) -> Iterator[str]:
    owed = sum(len(each.owed) for each in reminders.people)
    day = f"{render_day(reminders.day, reminders.day)} {reminders.day.year}"
    if not reminders.asked:
        yield f"{day}: no key result is running."
        return
    late = f"{owed} of {reminders.asked} key results wait for a check-in" if owed else "nobody owes a check-in"
    share = "" if reminders.on_time is None else f"; {_percent(reminders.on_time)} came in time so far"
    yield f"{day}: {late}{share}."


def _head(lead: str) -> str:
    return f"Lead: {lead}" if lead else "Without a lead in People"


def _say(people: tuple[Reminder, ...], reminders: Reminders, where: Where) -> Iterator[str]:
    for each in people:
        cycles = dict.fromkeys(item.kr.key.cycle for item in each.owed)
        mail = f" <{each.email}>" if each.email else ""
        yield f"{each.owner}{mail}"
        yield f"  {say_owed(each, reminders.day, where(next(iter(cycles))))}"
        yield from (f"  {item.kr.key.id}, next step: {item.next_step}" for item in each.owed if item.next_step)


def _practice_table(reminders: Reminders) -> Table:
    headers = ("Team", "Key results", "Automated", "Stale", "Held", "No owner", "On time")
    rows = tuple(
        (
            each.team,
            str(each.count),
            _percent(Decimal(each.automated) / each.count),
            str(each.stale),
            str(each.held),
            str(each.ownerless),
            "–" if each.on_time is None else _percent(each.on_time),
        )
        for each in reminders.practice
    )
    return Table(headers, rows, frozenset(range(1, len(headers))))


def _percent(share: Decimal) -> str:
    return f"{share * 100:.0f} %"


def reminders_json(reminders: Reminders, where: Where) -> dict[str, Any]:
    """The same for programs. Shares are fractions, days ISO dates; ``last`` is null where there was no check-in."""
    return {
        "day": reminders.day,
        "on_time": reminders.on_time,
        "asked": reminders.asked,
        "reminders": [_reminder_json(each, reminders, where) for each in reminders.people],
        "practice": [
            {
                "team": each.team,
                "count": each.count,
                "automated": each.automated,
                "stale": each.stale,
                "held": each.held,
                "without_owner": each.ownerless,
                "on_time": each.on_time,
            }
            for each in reminders.practice
        ],
    }


def _reminder_json(each: Reminder, reminders: Reminders, where: Where) -> dict[str, Any]:
    return {
        "owner": each.owner,
        "email": each.email or None,
        "lead": each.lead or None,
        "text": say_owed(each, reminders.day, where(each.owed[0].kr.key.cycle)),
        "owed": [
            {"cycle": item.kr.key.cycle, "id": item.kr.key.id, "last": item.last, "due": item.due, "team": item.team}
            for item in each.owed
        ],
    }
