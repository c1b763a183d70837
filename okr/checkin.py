"""Check-ins against their cadence: who owes one, and how many came in time. Days are local dates; there is no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

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


def find_cadence(team: str, cadence: Mapping[str, int]) -> int:
    """A team's cadence in days; that under "" for teams that aren't named."""
    return cadence.get(" ".join(team.split()).casefold(), cadence[""])
