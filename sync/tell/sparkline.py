"""Small charts as inline SVG: they load nothing, take the page's colours, and say in words what they show. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from okr.calendar import render_day
from okr.model import Point, Status
from okr.number import render_score
from sync.sheet.dashboard_facts import WeekPoint
from sync.tell.report_html import tag, text
from sync.tell.report_style import slug

_WIDTH, _HEIGHT, _EDGE = 96, 26, 3
_LEAST = Decimal("0.25")
_WIDE, _HIGH, _LEFT, _FOOT, _HEAD = 640, 190, 34, 22, 10


def render_sparkline(points: Sequence[Point], status: Status) -> str:
    """Scores over the weeks as a line with a dot at its end; nothing for fewer than two."""
    if len(points) < 2:
        return ""
    first, last = points[0].day, points[-1].day
    days = max((last - first).days, 1)
    low, high = _bounds([point.score for point in points])
    dots = [
        (
            _EDGE + (_WIDTH - 2 * _EDGE) * (point.day - first).days / days,
            _HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * float((point.score - low) / (high - low)),
        )
        for point in points
    ]
    said = f"Score from {render_score(points[0].score)} to {render_score(points[-1].score)}"
    line = tag("polyline", points=_join(dots), cls="curve")
    dot = tag("circle", cx=f"{dots[-1][0]:.1f}", cy=f"{dots[-1][1]:.1f}", r="2.6", cls=f"dot {slug(status)}")
    return _svg(f"0 0 {_WIDTH} {_HEIGHT}", said, line + dot, "spark")


def _bounds(scores: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The lowest and highest score of a line: its own, but never so near that a ripple looks like a climb."""
    low, high = min(scores), max(scores)
    room = max(_LEAST - (high - low), Decimal(0)) / 2
    return low - room, high + room


def render_weeks(weeks: Sequence[WeekPoint], today: date) -> str:
    """The cycle's average score by week against the one expected; nothing for fewer than two known weeks."""
    known = [(at, week.score) for at, week in enumerate(weeks) if week.score is not None]
    if len(known) < 2 or len(weeks) < 2:
        return ""
    wide, high = _WIDE - _LEFT - 8, _HIGH - _FOOT - _HEAD
    top = max(Decimal(1), *(score for _, score in known))

    def place(at: int, score: Decimal) -> tuple[float, float]:
        return _LEFT + wide * at / (len(weeks) - 1), _HEAD + high * (1 - float(max(score, Decimal(0)) / top))

    scores = [place(at, score) for at, score in known]
    expected = [place(at, week.expected) for at, week in enumerate(weeks)]
    x, y = scores[-1]
    area = [(scores[0][0], _HEAD + high), *scores, (x, _HEAD + high)]
    parts = [
        *(_grid_line(place(0, level), level) for level in (Decimal(0), Decimal("0.5"), Decimal(1))),
        tag("polygon", points=_join(area), cls="area"),
        tag("polyline", points=_join(expected), cls="expected"),
        tag("polyline", points=_join(scores), cls="curve"),
        tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="4", cls="dot now"),
        *(_week_label(place(at, Decimal(0))[0], weeks[at].day, today) for at in _labelled(len(weeks))),
    ]
    said = (
        f"The average score was {render_score(known[0][1])} in the first week and is {render_score(known[-1][1])} now"
    )
    return _svg(f"0 0 {_WIDE} {_HIGH}", said, "".join(parts), "weeks")


def _labelled(count: int) -> list[int]:
    """Which weeks have their day below: every second or third one, so that they are legible."""
    return list(range(0, count, 1 if count <= 7 else 3))


def _grid_line(start: tuple[float, float], level: Decimal) -> str:
    x, y = start
    line = tag("line", x1=f"{x:.1f}", y1=f"{y:.1f}", x2=str(_WIDE - 8), y2=f"{y:.1f}", cls="grid")
    return line + tag("text", f"{level:.1f}", x=f"{_LEFT - 8}", y=f"{y + 4:.1f}", cls="axis end")


def _week_label(x: float, day: date, today: date) -> str:
    side = " start" if x < _LEFT + 1 else " end" if x > _WIDE - 20 else ""
    return tag("text", text(render_day(day, today)), x=f"{x:.1f}", y=str(_HIGH - 4), cls=f"axis{side}")


def _join(dots: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)


def _svg(box: str, said: str, content: str, cls: str) -> str:
    named = {"viewBox": box, "role": "img", "aria-label": said}
    return tag("svg", tag("title", text(said)), content, cls=cls, **named)
