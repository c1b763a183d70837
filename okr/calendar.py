"""Which days belong to which cycle, and how much of a span has passed. Days are local dates; there is no clock.

A fiscal year bears the name of the calendar year in which it ends, as most countries and companies name
theirs (Wikipedia, "Fiscal year": a fiscal year that ends in 2026 is FY 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from okr.model import Cycle

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_PARTS_OF_YEAR = {"Q": 4, "H": 2}
_YEAR = r"(?:FY\s*)?'?(?P<year>\d{4}|\d{2})"
_PART = r"(?P<part>[QH])\s*(?P<number>[1-4])"
_BETWEEN = r"[\s\-/._]*"
_NAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}{_BETWEEN}{_PART}",
        rf"{_PART}{_BETWEEN}{_YEAR}",
        r"(?:FY\s*)?(?P<year>\d{4})",
        r"FY\s*'?(?P<year>\d{2})",
    )
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The company's year: the month it starts in (1 to 12), the cycles it names itself, and its days off.

    A configured cycle wins over a derived one of the same name.
    """

    year_starts: int = 1
    cycles: tuple[Cycle, ...] = ()
    holidays: frozenset[date] = frozenset()


def find_cycle(name: str, calendar: Calendar) -> Cycle | None:
    """The cycle that a name means: a configured one, else a quarter, half or year. ``None`` for other names."""
    wanted = _fold(name)
    for cycle in calendar.cycles:
        if _fold(cycle.name) == wanted:
            return cycle
    derived = _derive_cycle(name, calendar.year_starts)
    if derived is None:
        return None
    return next((cycle for cycle in calendar.cycles if cycle.name == derived.name), derived)


def normalise_cycle_name(text: str, calendar: Calendar) -> str:
    """One spelling for each cycle: "q4 2026", "FY26 Q4" and "2026-Q4" are "2026-Q4".

    A name that means no cycle is returned with its spaces tidied.
    """
    cycle = find_cycle(text, calendar)
    return cycle.name if cycle else " ".join(text.split())


def make_cycles(names: Iterable[str], calendar: Calendar) -> dict[str, Cycle]:
    """The configured cycles and those that ``names`` mean, by their one spelling."""
    cycles = {cycle.name: cycle for cycle in calendar.cycles}
    for name in names:
        cycle = find_cycle(name, calendar)
        if cycle is not None:
            cycles[cycle.name] = cycle
    return cycles


def open_cycles(cycles: Mapping[str, Cycle], today: date, settle_days: int = 0) -> tuple[Cycle, ...]:
    """The cycles that are read and scored on a day, earliest first: begun, not closed, not settled yet."""
    still = timedelta(days=settle_days)
    running = (cycle for cycle in cycles.values() if not cycle.closed and cycle.start <= today <= cycle.end + still)
    return tuple(sorted(running, key=lambda cycle: (cycle.start, cycle.end, cycle.name)))


def current_cycle(calendar: Calendar, today: date) -> Cycle:
    """The cycle a new row belongs to: the shortest open configured one, else the calendar's quarter."""
    configured = open_cycles({cycle.name: cycle for cycle in calendar.cycles}, today)
    if configured:
        return min(configured, key=lambda cycle: cycle.end - cycle.start)
    months = (today.month - calendar.year_starts) % 12
    year = today.year + (calendar.year_starts > 1 and today.month >= calendar.year_starts)
    quarter = _make_part(year, "Q", months // 3 + 1, calendar.year_starts)
    return next((cycle for cycle in calendar.cycles if cycle.name == quarter.name), quarter)


def elapsed_share(start: date, end: date, today: date) -> Decimal:
    """The share of a span's days that have passed once ``today`` is over: 0 before the start, 1 on the last day."""
    if today < start:
        return Decimal(0)
    if today >= end:
        return Decimal(1)
    return Decimal((today - start).days + 1) / Decimal((end - start).days + 1)


def week_start(day: date) -> date:
    """The Monday of a day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def week_starts(start: date, end: date) -> Iterator[date]:
    """The Mondays of all weeks that have a day in the span, in order."""
    monday = week_start(start)
    while monday <= end:
        yield monday
        monday += timedelta(days=7)


def render_day(day: date, today: date) -> str:
    """A date for people: "22 Nov", with its year when that isn't this year. The same in every locale."""
    text = f"{day.day} {MONTHS[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()


def _derive_cycle(name: str, year_starts: int) -> Cycle | None:
    for pattern in _NAMES:
        match = pattern.fullmatch(name.strip())
        if match:
            return _make_matched(match.groupdict(), year_starts)
    return None


def _make_matched(found: dict[str, str], year_starts: int) -> Cycle | None:
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    if not 1900 <= year <= 2999:
        return None
    if "part" not in found:
        return Cycle(str(year), *_months(year, year_starts, 0, 12))
    part, number = found["part"].upper(), int(found["number"])
    if number > _PARTS_OF_YEAR[part]:
        return None
    return _make_part(year, part, number, year_starts)


def _make_part(year: int, part: str, number: int, year_starts: int) -> Cycle:
    length = 12 // _PARTS_OF_YEAR[part]
    return Cycle(f"{year}-{part}{number}", *_months(year, year_starts, (number - 1) * length, length))


def _months(year: int, year_starts: int, skipped: int, length: int) -> tuple[date, date]:
    """First and last day of ``length`` months, ``skipped`` months into the fiscal year that ends in ``year``."""
    first = (year if year_starts == 1 else year - 1) * 12 + year_starts - 1 + skipped
    return _first_of(first), _first_of(first + length) - timedelta(days=1)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
