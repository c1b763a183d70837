"""Check-ins against their cadence: who owes one, and how many came in time. Days are local dates; there is no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from okr.calendar import render_day
from okr.model import CheckIn, Key


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One key result's check-ins in its cycle so far.

    ``last`` is the day of the latest one, ``due`` the day on which the next one is. ``kept`` of ``periods`` whole
    spans of a cadence had one.
    """

    last: date | None
    due: date
    kept: int
    periods: int

    def is_owed(self, today: date) -> bool:
        """Whether a check-in is due."""
        return today >= self.due


def make_rhythm(days: Iterable[date], start: date, cadence: int, today: date) -> Rhythm:
    """The rhythm of one key result whose time began on ``start``. ``cadence`` is in days.

    The first check-in is due one cadence after the start. What lies in the future doesn't count.
    """
    known = sorted(day for day in days if day <= today)
    last = known[-1] if known else None
    periods = max((today - start).days // cadence, 0)
    kept = {(day - start).days // cadence for day in known if day >= start}
    return Rhythm(last, max(last or start, start) + timedelta(days=cadence), len(kept & set(range(periods))), periods)


def on_time(rhythms: Iterable[Rhythm]) -> Decimal | None:
    """The share of all spans in which a check-in came (0 to 1, four places); ``None`` before the first one is over."""
    found = list(rhythms)
    periods = sum(each.periods for each in found)
    return (Decimal(sum(each.kept for each in found)) / periods).quantize(Decimal("0.0001")) if periods else None


def days_by_key(check_ins: Iterable[CheckIn]) -> Mapping[Key, tuple[date, ...]]:
    """The days of all check-ins by key result."""
    found: dict[Key, list[date]] = {}
    for item in check_ins:
        found.setdefault(item.key, []).append(item.day)
    return {key: tuple(days) for key, days in found.items()}


def find_latest(check_ins: Iterable[CheckIn]) -> dict[Key, CheckIn]:
    """The latest check-in of each key result; of one day the last row counts."""
    latest: dict[Key, CheckIn] = {}
    for item in check_ins:
        known = latest.get(item.key)
        if known is None or item.day >= known.day:
            latest[item.key] = item
    return latest


def find_blockers(check_ins: Iterable[CheckIn]) -> tuple[CheckIn, ...]:
    """What is in the way now: the latest check-ins that name a blocker, the least confident first.

    A later check-in without one says that it is out of the way.
    """
    found = [item for item in find_latest(check_ins).values() if item.blocker.strip()]
    return tuple(sorted(found, key=lambda item: (item.confidence or _UNSAID, item.key)))


_UNSAID = 11  # after every confidence that was said


def render_blocker(item: CheckIn, today: date) -> str:
    """A blocker in a line: "Legal needs ten days. Next: ask for a standing approval. Confidence 7. (15 Nov, Ann)"."""
    parts = [_sentence(item.blocker)]
    parts += [f"Next: {_sentence(item.next_step)}"] if item.next_step.strip() else []
    parts += [f"Confidence {item.confidence}."] if item.confidence is not None else []
    by = f", {' '.join(item.by.split())}" if item.by.strip() else ""
    return f"{' '.join(parts)} ({render_day(item.day, today)}{by})"


def _sentence(text: str) -> str:
    """A text in one line, with a full stop unless it has an end of its own."""
    line = " ".join(text.split())
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def find_cadence(team: str, cadence: Mapping[str, int]) -> int:
    """A team's cadence in days; that under "" for teams that aren't named."""
    return cadence.get(" ".join(team.split()).casefold(), cadence[""])
