"""How things are spread over Acme's time: days from today, working hours, levels that rise or fall.

Everything is even on purpose, with a little jitter: numbers come out near what a story says, for every seed
and on every day of the week.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = -273  # nine months before today
LAST_DAY = 42  # how far the future is written
CYCLE_DAY = -59  # the middle of the week in which the cycle began

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Season:
    """Days counted from ``today``, as moments in the company's zone."""

    today: date
    zone: ZoneInfo
    rng: random.Random

    def moment(self, day: float, *, any_hour: bool = False) -> datetime:
        """Make the moment of a day, in working hours of a working day unless ``any_hour``.

        What falls on a weekend moves to a working day without crossing the end of today.
        """
        whole = self.today + timedelta(days=int(day // 1))
        share = day % 1
        if any_hour:
            hours = 24 * share
        else:
            hours = 8.25 + 9.5 * share
            over = max(0, whole.weekday() - 4)
            whole += timedelta(days=7 - whole.weekday() if over and day >= 1 else -over)
        local = datetime.combine(whole, time(0), self.zone) + timedelta(hours=hours)
        return local.astimezone(UTC).replace(microsecond=0)

    def date(self, day: float) -> date:
        """Make the working day on or before a day."""
        return self.moment(day).astimezone(self.zone).date()

    @property
    def end_of_today(self) -> datetime:
        """The first moment after today."""
        return datetime.combine(self.today + timedelta(days=1), time(0), self.zone).astimezone(UTC)


def level(points: Points, day: float) -> float:
    """Return the value on a day along straight lines between ``(day, value)`` points; level outside them."""
    days = [each for each, _ in points]
    after = bisect_right(days, day)
    if after == 0:
        return points[0][1]
    if after == len(points):
        return points[-1][1]
    (day_0, value_0), (day_1, value_1) = points[after - 1], points[after]
    return value_0 + (value_1 - value_0) * (day - day_0) / (day_1 - day_0)


def arrivals(per_week: Points, rng: random.Random, first: int = FIRST_DAY, last: int = LAST_DAY) -> Iterator[float]:
    """Yield the days on which something happens, at a weekly rate that changes along ``per_week``."""
    due = rng.random()
    for day in range(first, last + 1):
        due += level(per_week, day) / 7
        while due >= 1:
            due -= 1
            yield day + rng.random()


@dataclass(slots=True)
class Share:
    """Says yes for a share of the times it is asked, spread evenly rather than by chance."""

    rng: random.Random
    _carried: float = field(default=0.5)

    def draw(self, share: float) -> bool:
        """Draw yes or no."""
        self._carried += share + self.rng.uniform(-0.1, 0.1)
        if self._carried >= 1:
            self._carried -= 1
            return True
        return False


class Spread:
    """Numbers between 0 and 1 that are evenly spread in any stretch of draws (a golden-ratio sequence)."""

    def __init__(self, rng: random.Random) -> None:
        self._at = rng.random()

    def draw(self) -> float:
        """Draw the next."""
        self._at = (self._at + 0.6180339887498949) % 1
        return self._at
