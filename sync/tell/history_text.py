"""The story of one id, for a terminal and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from okr.calendar import render_day
from okr.model import Point
from sync.cell_words import render_canon
from sync.sheet.cell import Canon
from sync.sheet.history import HistoryLine
from sync.sheet.layout import Field
from sync.tell.history import Story, choose_plotted, header_of, make_series
from sync.tell.history_plot import render_plot


def render_story(story: Story, field: Field | None, width: int) -> str:
    """The plot, then what changed, the newest first."""
    lines = [f"{story.id}  {story.name}".rstrip(), ""]
    if not story.lines and not story.points:
        return "\n".join([*lines, "History has nothing of it yet. The next change will stand here."])
    lines += _render_picture(story, field, width)
    runs = [list(group) for _, group in groupby(story.lines, lambda line: (line.when, line.run))]
    for run in reversed(runs):
        lines += _render_run(story, run)
    return "\n".join(lines).rstrip("\n")


def _render_picture(story: Story, field: Field | None, width: int) -> list[str]:
    plotted = choose_plotted(story, field)
    if plotted is None:
        return []
    series = make_series(story, plotted)
    days = _find_days(story, series, plotted)
    guide = story.guide if plotted is Field.SCORE else _find_target(story)
    bounds = _find_bounds(story, series, plotted)
    series = (*series, Point(story.today, series[-1].score)) if series[-1].day < story.today else series
    picture = render_plot(
        series,
        days,
        bounds,
        width,
        lambda value: render_canon(plotted, _tidy(value, bounds), story.kr, story.today),
        guide,
    )
    named = "pace" if plotted is Field.SCORE else "target"
    return [f"─ {header_of(story, plotted)}" + (f"   · {named}" if guide else ""), *picture, ""]


def _find_days(story: Story, series: tuple[Point, ...], plotted: Field) -> tuple[date, date]:
    """From the first point, or the start where there is a pace to see, to today; at least a week."""
    first = min(series[0].day, story.span[0]) if story.span and plotted is Field.SCORE else series[0].day
    last = max(story.today, series[-1].day)
    return (first, last) if (last - first).days >= 7 else (date.fromordinal(last.toordinal() - 7), last)


def _find_bounds(story: Story, series: tuple[Point, ...], plotted: Field) -> tuple[Decimal, Decimal]:
    values = [point.score for point in series]
    if plotted is Field.SCORE:
        return min(Decimal(0), *values), max(Decimal(1), *values)
    kr = story.kr
    values += [value for value in (kr.baseline, kr.target) if value is not None] if kr else []
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 1, high + 1)


def _find_target(story: Story) -> Any:
    target = story.kr.target if story.kr else None
    return None if target is None else lambda _: target


def _tidy(value: Decimal, bounds: tuple[Decimal, Decimal]) -> Decimal:
    """A value of the axis with as many places as its range needs: three digits of it."""
    places = Decimal(1).scaleb((bounds[1] - bounds[0]).adjusted() - 2)
    rounded = value.quantize(places)
    return rounded.normalize() + 0 if rounded.adjusted() < 6 else rounded.quantize(Decimal(1))


def _render_run(story: Story, run: list[HistoryLine]) -> Iterator[str]:
    first = run[0]
    yield f"{_render_when(first, story.today)}   {first.run}"
    yield "  " + "   ".join(_render_line(story, line) for line in run)
    yield from (f"  {reason}" for reason in dict.fromkeys(line.reason for line in run if line.reason))
    yield ""


def _render_when(line: HistoryLine, today: date) -> str:
    try:
        return f"{render_day(line.day, today)} {line.when[11:]}"
    except ValueError:
        return line.when


def _render_line(story: Story, line: HistoryLine) -> str:
    header = header_of(story, line.field)
    old, new = (render_canon(line.field, value, story.kr, story.today) for value in (line.old, line.new))
    return f"{header} {new}" if line.old is None else f"{header} {old} → {new}"


def story_json(story: Story) -> dict[str, Any]:
    """The same for programs: every line, oldest first, and the weekly scores. Shares are fractions."""
    return {
        "id": story.id,
        "name": story.name,
        "tab": story.tab.value,
        "changes": [_line_json(line) for line in story.lines],
        "weekly": [{"day": point.day, "score": point.score} for point in story.points],
    }


def _line_json(line: HistoryLine) -> dict[str, Canon]:
    found: dict[str, Canon] = {"when": line.when, "run": line.run, "cycle": line.key.cycle, "field": line.field.value}
    return found | {"old": line.old, "new": line.new, "reason": line.reason}
