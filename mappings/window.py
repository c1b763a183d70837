"""``within``: which days count. Windows are half-open, in the company's zone, and follow its clock changes.

``{cycle: Closed}``: the whole cycle, from its first day to its last. ``{28d: resolved}``, ``{4w: …}``,
``{3m: …}``, ``{1y: …}``: that many days, weeks, months, years, of which today is the last day.
``{week: …}``, ``{month: …}``, ``{quarter: …}``, ``{year: …}``: the calendar's period so far, today included.
``{last month: …}`` and its like: the whole of the period before this one.
Weeks begin on Monday (ISO 8601). Windows change at midnight only, so that a rerun on the same day asks the same.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mappings.model import Window
from mappings.node import Node, NodeKind
from mappings.suggest import did_you_mean
from okr.model import Cycle
from okr.problem import Problem

EARLIEST = date(1900, 1, 1)
CALENDAR_PERIODS = ("week", "month", "quarter", "year")
LAST_PERIODS = tuple(f"last {period}" for period in CALENDAR_PERIODS)
LENGTH = r"([1-9]\d{0,3})([dwmy])"
"""A length of time, as a regular expression: 28d, 4w, 3m, 1y."""

_LENGTH = re.compile(LENGTH)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Within:
    """``within`` as written: the record's date field, and the period: "cycle", "week"… or "28d"."""

    field: str
    period: str


def parse_within(node: Node) -> tuple[Within | None, tuple[Problem, ...]]:
    """``within`` from its one-key map."""
    if node.kind is not NodeKind.MAP or len(node.entries) != 1:
        message = "“within” is a period and the date field it looks at"
        return None, (node.problem("mapping.within", message, fix="Write {cycle: Closed} or {28d: resolved}."),)
    period, entry = next(iter(node.entries.items()))
    if period not in ("cycle", *CALENDAR_PERIODS, *LAST_PERIODS) and not _LENGTH.fullmatch(period):
        return None, (_unknown_period(entry.key, period),)
    if entry.value.kind is not NodeKind.TEXT or not entry.value.text.strip():
        message = f"“{period}” needs the name of a date field"
        return None, (entry.key.problem("mapping.within", message, fix=f"Write {{{period}: Closed}}."),)
    return Within(entry.value.text, period), ()


def _unknown_period(key: Node, period: str) -> Problem:
    so_far = period.removesuffix(" to date")
    if so_far in CALENDAR_PERIODS:
        fix: str | None = f"Write {so_far}: it runs from the {so_far}'s first day to today."
    else:
        fix = did_you_mean(period, ("cycle", *CALENDAR_PERIODS, *LAST_PERIODS))
    fix = fix or "Write cycle, week, month, quarter, year, last month, or a length as 28d, 4w, 3m, 1y."
    return key.problem("mapping.within", f"no period is called “{period}”", fix=fix)


def make_window(within: Within, today: date, zone: tzinfo, cycle: Cycle | None = None, year_starts: int = 1) -> Window:
    """The dated window. ``year_starts`` is the month in which the company's year (and its quarters) begin."""
    if within.period == "cycle":
        if cycle is None:
            raise ValueError("a window over a cycle needs the cycle")
        first, last = cycle.start, cycle.end
    elif within.period in CALENDAR_PERIODS:
        first, last = _first_day(within.period, today, year_starts), today
    elif within.period in LAST_PERIODS:
        period = within.period.removeprefix("last ")
        last = _first_day(period, today, year_starts) - timedelta(days=1)
        first = _first_day(period, last, year_starts)
    else:
        first, last = _days_back(within.period, today), today
    return Window(within.field, midnight(first, zone), midnight(last + timedelta(days=1), zone))


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day. Where the clocks skip midnight that is the moment after the gap."""
    return datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone)


def _days_back(period: str, today: date) -> date:
    found = _LENGTH.fullmatch(period)
    if found is None:
        raise ValueError(f"not a period: {period}")
    count, unit = int(found[1]), found[2]
    after = today + timedelta(days=1)
    if unit in "dw":
        return max(EARLIEST, after - timedelta(days=count * (7 if unit == "w" else 1)))
    return _months_back(after, count * (12 if unit == "y" else 1))


def _months_back(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter; never before EARLIEST."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year <= EARLIEST.year:
        return EARLIEST
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _first_day(period: str, today: date, year_starts: int) -> date:
    if period == "week":
        return today - timedelta(days=today.weekday())
    into = (today.month - year_starts) % _MONTHS[period]
    return _months_back(today.replace(day=1), into)
