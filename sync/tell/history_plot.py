"""A plot for the terminal, in characters alone: a line in steps, a dotted guide, values and days on its axes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from okr.calendar import render_day
from okr.model import Point

HEIGHT = 9
_STEPS = {True: ("╯", "╭"), False: ("╮", "╰")}  # going up, going down: where the line leaves and where it arrives


def render_plot(
    series: Sequence[Point],
    days: tuple[date, date],
    bounds: tuple[Decimal, Decimal],
    width: int,
    label: Callable[[Decimal], str],
    guide: Callable[[date], Decimal | None] | None = None,
) -> list[str]:
    """The lines of the plot, each at most ``width`` characters.

    A value stands until the next one, so that the line has steps. It ends where the series does or at the end of
    ``days``, whichever is first; ``bounds`` are the values at the lowest and the highest row.
    """
    low, high = bounds
    values = [low + (high - low) * row / (HEIGHT - 1) for row in range(HEIGHT)]
    labels = [label(value) for value in values]
    margin = max(map(len, labels))
    columns = max(width - margin - 3, 10)
    shown = [_day_at(days, at, columns) for at in range(columns)]
    canvas = [[" "] * columns for _ in range(HEIGHT)]
    if guide is not None:
        _draw_guide(canvas, [guide(day) for day in shown], bounds)
    _draw_steps(canvas, [_value_on(series, day) for day in shown], bounds)
    lines = [
        f"{labels[row] if row % 2 == 0 else '':>{margin}} {'│┤'[row % 2 == 0]} {''.join(canvas[row])}".rstrip()
        for row in reversed(range(HEIGHT))
    ]
    return [*lines, f"{'':>{margin}} └{'─' * (columns + 1)}", f"{'':>{margin + 3}}{_render_days(days, columns)}"]


def _day_at(days: tuple[date, date], at: int, columns: int) -> date:
    first, last = days
    return first + timedelta(days=round((last - first).days * at / (columns - 1)))


def _value_on(series: Sequence[Point], day: date) -> Decimal | None:
    return next((point.score for point in reversed(series) if point.day <= day), None)


def _row_of(value: Decimal, bounds: tuple[Decimal, Decimal]) -> int:
    low, high = bounds
    share = (min(max(value, low), high) - low) / (high - low)
    return round(share * (HEIGHT - 1))


def _draw_guide(canvas: list[list[str]], values: Sequence[Decimal | None], bounds: tuple[Decimal, Decimal]) -> None:
    for at, value in enumerate(values):
        if value is not None and at % 2 == 0:
            canvas[_row_of(value, bounds)][at] = "·"


def _draw_steps(canvas: list[list[str]], values: Sequence[Decimal | None], bounds: tuple[Decimal, Decimal]) -> None:
    before: int | None = None
    for at, value in enumerate(values):
        if value is None:
            continue
        row = _row_of(value, bounds)
        if before is None or before == row:
            canvas[row][at] = "─"
        else:
            canvas[before][at], canvas[row][at] = _STEPS[row > before]
            for between in range(min(before, row) + 1, max(before, row)):
                canvas[between][at] = "│"
        before = row


def _render_days(days: tuple[date, date], columns: int) -> str:
    """First, middle and last day under the axis."""
    first, last = (render_day(day, days[1]) for day in days)
    middle = render_day(_day_at(days, columns // 2, columns), days[1])
    room = columns - len(first) - len(last)
    return f"{first}{middle:^{room}}{last}" if room >= len(middle) + 4 else f"{first}{last:>{columns - len(first)}}"
