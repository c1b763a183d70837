"""Charts drawn as SVG: columns, bars and lines over the values of their ranges, plainly.

Other kinds of charts show their title and say that they aren't drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from sandbox.google_document import Document, Tab
from sandbox.google_order import to_text
from sandbox.google_range import read_area
from sandbox.google_render import shown
from sandbox.google_schema import Json
from sandbox.page_style import css_colour

COLOURS = ("#4285f4", "#ea4335", "#fbbc04", "#34a853", "#ff6d01", "#46bdc6")
WIDTH, HEIGHT = 600, 371
"""The size that Google gives a chart which names none (EmbeddedObjectPosition.OverlayPosition)."""

TITLE, FOOT, SIDE, LEGEND = 34, 30, 46, 110


class Series(NamedTuple):
    """Numbers with a name and a colour; None where a cell holds no number."""

    name: str
    colour: str
    values: list[float | None]


class Box(NamedTuple):
    """The part of a chart in which values are drawn, and what its axis runs from and to."""

    left: float
    top: float
    wide: float
    high: float
    low: float
    top_value: float

    def across(self, value: float) -> float:
        """Place a value on an axis from left to right."""
        return self.left + (value - self.low) / (self.top_value - self.low) * self.wide

    def up(self, value: float) -> float:
        """Place a value on an axis from bottom to top."""
        return self.top + self.high - (value - self.low) / (self.top_value - self.low) * self.high


def render_chart(document: Document, chart: Json, left: float, top: float) -> str:
    """Draw a chart at its place on a tab, in pixels from the tab's corner."""
    place = chart.get("position", {}).get("overlayPosition", {})
    wide, high = place.get("widthPixels", WIDTH), place.get("heightPixels", HEIGHT)
    spec = chart.get("spec", {})
    left += place.get("offsetXPixels", 0)
    top += place.get("offsetYPixels", 0)
    title = escape(str(spec.get("title", "")))
    return (
        f'<svg class="chart" data-chart="{chart["chartId"]}" style="left:{left}px;top:{top}px" width="{wide}" '
        f'height="{high}" viewBox="0 0 {wide} {high}" role="img" aria-label="{title}">'
        f'<rect width="{wide}" height="{high}" fill="#fff" stroke="#dadce0"/>'
        f'<text x="16" y="22" class="title">{title}</text>{_inside(document, spec, wide, high)}</svg>'
    )


def _inside(document: Document, spec: Json, wide: float, high: float) -> str:
    basic = spec.get("basicChart")
    draw = DRAWN.get((basic or {}).get("chartType", ""))
    if basic is None or draw is None:
        kind = next((name for name in spec if name.endswith("Chart")), "chart")
        kind = (basic or {}).get("chartType", kind)
        return f'<text x="16" y="60" class="axis">The sandbox draws no {escape(kind)}.</text>'
    names, series = read_series(document, basic)
    known = [value for each in series for value in each.values if value is not None]
    low, most = min([0.0, *known]), max([0.0, *known])
    box = Box(SIDE, TITLE, wide - SIDE - LEGEND, high - TITLE - FOOT, low, most if most > low else low + 1)
    return draw(box, names, series) + "".join(_legend(series, wide))


def read_series(document: Document, basic: Json) -> tuple[list[str], list[Series]]:
    """Read what a basic chart compares: the names along its axis, and its series. Header rows name the series."""
    heads = basic.get("headerCount", 0)
    names = [text for each in basic.get("domains", [])[:1] for text, _ in _cells(document, each.get("domain", {}))][
        heads:
    ]
    series = []
    for place, each in enumerate(basic.get("series", [])):
        cells = list(_cells(document, each.get("series", {})))
        name = " ".join(text for text, _ in cells[:heads]) or f"Series {place + 1}"
        colour = css_colour(each["color"]) if each.get("color") else COLOURS[place % len(COLOURS)]
        numbers = [value for _, value in cells[heads:]]
        series.append(Series(name, colour, numbers))
    longest = max([len(names), *(len(each.values) for each in series)], default=0)
    return names + [""] * (longest - len(names)), series


def _cells(document: Document, data: Json) -> Iterator[tuple[str, float | None]]:
    sheet = document.calculator()
    for source in data.get("sourceRange", {}).get("sources", []):
        area = read_area(source)
        tab = document.tab(area.tab)
        area = area.clipped(len(tab.rows), tab.column_count)
        for row in range(area.top, area.bottom):
            for column in range(area.left, area.right):
                value = sheet.value(tab.id, row, column)
                number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
                yield shown(document, tab, row, column) or "", number


def _legend(series: Sequence[Series], wide: float) -> Iterator[str]:
    for place, each in enumerate(series):
        x, y = wide - LEGEND + 14, TITLE + 14 + 20 * place
        yield f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{each.colour}"/>'
        yield f'<text x="{x + 16}" y="{y}" class="axis">{escape(each.name[:16])}</text>'


def _columns(box: Box, names: list[str], series: list[Series]) -> str:
    slot = box.wide / max(len(names), 1)
    bar = slot * 0.7 / max(len(series), 1)
    parts = [*_levels(box, upright=True), *_names_below(box, names)]
    for number, each in enumerate(series):
        for place, value in enumerate(each.values):
            if value is not None:
                x, y = box.left + slot * (place + 0.15) + bar * number, box.up(max(value, 0))
                parts.append(_bar(x, y, bar, abs(box.up(value) - box.up(0)), each, value))
    return "".join(parts)


def _bars(box: Box, names: list[str], series: list[Series]) -> str:
    box = box._replace(left=box.left + 60, wide=box.wide - 60)
    slot = box.high / max(len(names), 1)
    bar = slot * 0.7 / max(len(series), 1)
    parts = list(_levels(box, upright=False))
    for place, name in enumerate(names):
        y = box.top + slot * (place + 0.5) + 4
        parts.append(f'<text x="{box.left - 6:.1f}" y="{y:.1f}" class="axis" text-anchor="end">{_short(name)}</text>')
    for number, each in enumerate(series):
        for place, value in enumerate(each.values):
            if value is not None:
                x, y = box.across(min(value, 0)), box.top + slot * (place + 0.15) + bar * number
                parts.append(_bar(x, y, abs(box.across(value) - box.across(0)), bar, each, value))
    return "".join(parts)


def _lines(box: Box, names: list[str], series: list[Series]) -> str:
    slot = box.wide / max(len(names), 1)
    parts = [*_levels(box, upright=True), *_names_below(box, names)]
    for each in series:
        points = [
            (box.left + slot * (place + 0.5), box.up(value))
            for place, value in enumerate(each.values)
            if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{each.colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{each.colour}"/>' for x, y in points]
    return "".join(parts)


def _bar(x: float, y: float, wide: float, high: float, series: Series, value: float) -> str:
    told = escape(f"{series.name}: {to_text(value)}")
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" height="{max(high, 0):.1f}" '
        f'fill="{series.colour}"><title>{told}</title></rect>'
    )


def _levels(box: Box, *, upright: bool) -> Iterator[str]:
    for step in range(5):
        value = box.low + (box.top_value - box.low) * step / 4
        text = to_text(round(value, 2))
        if upright:
            y = box.up(value)
            yield f'<path d="M{box.left} {y:.1f}h{box.wide:.1f}" class="grid"/>'
            yield f'<text x="{box.left - 6}" y="{y + 4:.1f}" class="axis" text-anchor="end">{text}</text>'
        else:
            x = box.across(value)
            yield f'<path d="M{x:.1f} {box.top}v{box.high:.1f}" class="grid"/>'
            yield f'<text x="{x:.1f}" y="{box.top + box.high + 16}" class="axis" text-anchor="middle">{text}</text>'


def _names_below(box: Box, names: list[str]) -> Iterator[str]:
    slot = box.wide / max(len(names), 1)
    every = max(1, round(44 / slot)) if slot else 1
    for place, name in enumerate(names):
        if place % every == 0:
            x = box.left + slot * (place + 0.5)
            y = box.top + box.high + 18
            yield f'<text x="{x:.1f}" y="{y:.1f}" class="axis" text-anchor="middle">{_short(name)}</text>'


def _short(name: str) -> str:
    return escape(name if len(name) <= 14 else name[:13] + "…")


Draw = Callable[[Box, list[str], list[Series]], str]
DRAWN: dict[str, Draw] = {"COLUMN": _columns, "BAR": _bars, "LINE": _lines}


def charts_of(tab: Tab) -> list[tuple[Json, int, int]]:
    """Return a tab's charts, each with the row and column of its corner."""
    found = []
    for chart in tab.lists["charts"]:
        anchor = chart.get("position", {}).get("overlayPosition", {}).get("anchorCell", {})
        found.append((chart, anchor.get("rowIndex", 0), anchor.get("columnIndex", 0)))
    return found
