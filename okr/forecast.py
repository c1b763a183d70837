"""What the weekly points say: where the score is heading, how it changed, and a tiny picture of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import combinations

from okr.model import Point
from okr.score import FOUR_PLACES

WEEKS = 13
"""How many weekly points of the past are looked at: a quarter."""

_BLOCKS = "▁▂▃▄▅▆▇█"
_LIMITS = tuple(Decimal(2 * step + 1) / 14 for step in range(7))  # half-way between two neighbouring blocks


def make_series(points: Sequence[Point], today: date, score: Decimal | None) -> list[Point]:
    """The last weekly points before ``today``, in order and one a day, then the present score if there is one."""
    past = {point.day: point for point in points if point.day < today}
    series = [past[day] for day in sorted(past)[-WEEKS:]]
    if score is not None:
        series.append(Point(today, score))
    return series


def make_forecast(series: Sequence[Point], today: date, due: date, cap: Decimal) -> Decimal | None:
    """The score expected on the due day if the past goes on: a Theil–Sen line, clamped to 0 and the cap.

    The slope is the median of the slopes between all pairs of points, the height the median of what it
    leaves over (Sen 1968), so that one odd week doesn't turn the line. ``None`` with fewer than three weekly
    points of the past, or when ``today`` is the due day or later: then there is nothing left to foresee.
    An estimate, so it is worked out in binary floating point, and rounded to four places.
    """
    past = len(series) - (bool(series) and series[-1].day == today)
    if today >= due or past < 3:
        return None
    dots = [(float(point.day.toordinal()), float(point.score)) for point in series]
    slope = _median([(high - low) / (later - day) for (day, low), (later, high) in combinations(dots, 2)])
    last = due.toordinal()
    expected = _median([score + slope * (last - day) for day, score in dots])
    return min(max(Decimal(expected).quantize(FOUR_PLACES, ROUND_HALF_EVEN), Decimal(0)), cap)


def make_change(series: Sequence[Point], today: date, score: Decimal) -> Decimal | None:
    """The score minus the one of 14 days ago: of the nearest point 12 to 21 days old, else ``None``."""
    before = find_point(series, today, nearest=14, youngest=12, oldest=21)
    return None if before is None else score - before.score


def find_point(series: Sequence[Point], today: date, *, nearest: int, youngest: int, oldest: int) -> Point | None:
    """The point closest to ``nearest`` days of age among those of an age; of two as close the younger."""
    found, best = None, oldest
    for point in reversed(series):
        age = (today - point.day).days
        if youngest <= age <= oldest and (found is None or abs(age - nearest) < best):
            found, best = point, abs(age - nearest)
    return found


def _median(numbers: list[float]) -> float:
    numbers.sort()
    half = len(numbers) // 2
    return numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2


def render_trend(series: Sequence[Point]) -> str:
    """The scores as block characters, ▁ for 0 and █ for 1 and more, oldest first."""
    return "".join([_BLOCKS[bisect_right(_LIMITS, point.score)] for point in series])
