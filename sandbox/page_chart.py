"""Charts drawn as SVG over the values of their ranges, plainly: their frame, titles, axes and legend.

Basic charts (columns, bars, lines, areas, dots, mixtures), pies and scorecards. Others show their title and say
that they aren't drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from sandbox.google_document import Document, Tab
from sandbox.google_range import read_area
from sandbox.google_render import shown
from sandbox.google_schema import Json
from sandbox.page_chart_kinds import DRAWN, Box, Series, draw_dots, draw_pie, stack
from sandbox.page_style import css_colour

COLOURS = ("#4285f4", "#ea4335", "#fbbc04", "#34a853", "#ff6d01", "#46bdc6")
WIDTH, HEIGHT = 600, 371
"""The size that Google gives a chart which names none (EmbeddedObjectPosition.OverlayPosition)."""

TITLE, FOOT, SIDE, LEGEND, LINE = 34, 30, 46, 110, 18


class Frame(NamedTuple):
    """How much of a chart's size its titles, axes and legend take."""

    wide: float
    high: float
    top: float
    legend: str

    def box(self, values: Sequence[float | None], window: tuple[float | None, float | None], **looks: bool) -> Box:
        """Return the part that is left for values."""
        low, most = _span(values, window)
        side = LEGEND if self.legend == "right" else 16
        below = FOOT + (LINE if looks.pop("foot_title", False) else 0) + (LINE if self.legend == "bottom" else 0)
        top = self.top + (LINE if self.legend == "top" else 0)
        left = SIDE + (LINE if looks.pop("side_title", False) else 0)
        return Box(left, top, self.wide - left - side, self.high - top - below, low, most, **looks)


def render_chart(document: Document, chart: Json, left: float, top: float) -> str:
    """Draw a chart at its place on a tab, in pixels from the tab's corner."""
    place = chart.get("position", {}).get("overlayPosition", {})
    wide, high = place.get("widthPixels", WIDTH), place.get("heightPixels", HEIGHT)
    spec = chart.get("spec", {})
    left += place.get("offsetXPixels", 0)
    top += place.get("offsetYPixels", 0)
    title, subtitle = (escape(str(spec.get(name, ""))) for name in ("title", "subtitle"))
    under = f'<text x="16" y="40" class="axis">{subtitle}</text>' if subtitle else ""
    return (
        f'<svg class="chart" data-chart="{chart["chartId"]}" style="left:{left}px;top:{top}px" width="{wide}" '
        f'height="{high}" viewBox="0 0 {wide} {high}" role="img" aria-label="{title}">'
        f'<rect width="{wide}" height="{high}" fill="#fff" stroke="#dadce0"/>'
        f'<text x="16" y="22" class="title">{title}</text>{under}'
        f"{_inside(document, spec, wide, high, TITLE + (LINE if subtitle else 0))}</svg>"
    )


def _inside(document: Document, spec: Json, wide: float, high: float, top: float) -> str:
    basic = spec.get("basicChart", {})
    if basic.get("chartType") in DRAWN or basic.get("chartType") == "SCATTER":
        return _basic(document, basic, Frame(wide, high, top, _legend_place(basic)))
    if "pieChart" in spec:
        return _pie(document, spec["pieChart"], Frame(wide, high, top, _legend_place(spec["pieChart"])))
    if "scorecardChart" in spec:
        return _scorecard(document, spec["scorecardChart"], wide, high)
    kind = basic.get("chartType") or next((name for name in spec if name.endswith("Chart")), "chart")
    return f'<text x="16" y="60" class="axis">The sandbox draws no {escape(kind)}.</text>'


def _basic(document: Document, basic: Json, frame: Frame) -> str:
    names, places, series, percent = read_series(document, basic)
    kind = basic["chartType"]
    stacked, whole = "stackedType" in basic and kind != "COMBO", basic.get("stackedType") == "PERCENT_STACKED"
    stacked = stacked and basic["stackedType"] != "NOT_STACKED"
    piled, bases = stack(series, stacked=stacked, whole=whole)
    titles = {each.get("position"): str(each.get("title", "")) for each in basic.get("axis", [])}
    values = [value for each in piled for value in each.values]
    box = frame.box(
        values,
        _window(basic),
        percent=percent or whole,
        foot_title=bool(titles.get("BOTTOM_AXIS")),
        side_title=bool(titles.get("LEFT_AXIS")),
    )
    inner = draw_dots(box, places, piled) if kind == "SCATTER" else DRAWN[kind](box, names, piled, bases)
    keys = [(each.name, each.colour) for each in series]
    return inner + "".join(_axis_titles(box, frame, titles)) + "".join(_legend(keys, frame))


def _pie(document: Document, pie: Json, frame: Frame) -> str:
    names = [text for text, _ in _cells(document, pie.get("domain", {}))]
    values = [number for _, number in _cells(document, pie.get("series", {}))]
    if values and values[0] is None:  # a header, as a pie's range has no count of them
        names, values = names[1:], values[1:]
    box = frame.box([], (None, None))
    box = box._replace(left=16, wide=frame.wide - 16 - (LEGEND if frame.legend == "right" else 16), high=box.high + 14)
    keys = [(name, COLOURS[place % len(COLOURS)]) for place, name in enumerate(names)]
    return draw_pie(box, names, values, COLOURS, float(pie.get("pieHole", 0))) + "".join(_legend(keys, frame))


def _scorecard(document: Document, card: Json, wide: float, high: float) -> str:
    key = next((text for text, number in _cells(document, card.get("keyValueData", {})) if number is not None), "")
    base = next(
        (text for text, number in _cells(document, card.get("baselineValueData", {})) if number is not None), ""
    )
    size = min(high * 0.3, wide / max(len(key), 4) * 1.4)
    large = (
        f'<text x="{wide / 2}" y="{high / 2 + size / 3:.1f}" text-anchor="middle" font-size="{size:.0f}">'
        f"{escape(key)}</text>"
    )
    against = f'<text x="{wide / 2}" y="{high - 20}" class="axis" text-anchor="middle">from {escape(base)}</text>'
    return large + (against if base else "")


def read_series(document: Document, basic: Json) -> tuple[list[str], list[float | None], list[Series], bool]:
    """Read what a basic chart compares. Header rows name the series.

    Returns:
        The names along its axis, those names as numbers, the series, and whether their cells are in percent.
    """
    heads = basic.get("headerCount", 0)
    domain = [cell for each in basic.get("domains", [])[:1] for cell in _cells(document, each.get("domain", {}))][
        heads:
    ]
    series, percent, whole = [], False, bool(basic.get("interpolateNulls"))
    for place, each in enumerate(basic.get("series", [])):
        cells = list(_cells(document, each.get("series", {})))
        name = " ".join(text for text, _ in cells[:heads]) or f"Series {place + 1}"
        told = each.get("color") or each.get("colorStyle", {}).get("rgbColor")
        colour = css_colour(told) if told else COLOURS[place % len(COLOURS)]
        kind = each.get("type", "COLUMN") if basic["chartType"] == "COMBO" else basic["chartType"]
        series.append(Series(name, colour, [value for _, value in cells[heads:]], kind, whole))
        percent = percent or any(text.endswith("%") for text, _ in cells[heads:])
    longest = max([len(domain), *(len(each.values) for each in series)], default=0)
    domain += [("", None)] * (longest - len(domain))
    return [text for text, _ in domain], [number for _, number in domain], series, percent


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


def _span(values: Sequence[float | None], window: tuple[float | None, float | None]) -> tuple[float, float]:
    """Return where an axis starts and ends: at nothing and the greatest value, unless the chart says it."""
    known = [value for value in values if value is not None]
    low = min([0.0, *known]) if window[0] is None else window[0]
    most = max([0.0, *known]) if window[1] is None else window[1]
    return low, most if most > low else low + 1


def _window(basic: Json) -> tuple[float | None, float | None]:
    position = "BOTTOM_AXIS" if basic["chartType"] == "BAR" else "LEFT_AXIS"
    for each in basic.get("axis", []):
        if each.get("position") == position:
            view = each.get("viewWindowOptions", {})
            return view.get("viewWindowMin"), view.get("viewWindowMax")
    return None, None


def _legend_place(chart: Json) -> str:
    told = chart.get("legendPosition", "RIGHT_LEGEND")
    return {"NO_LEGEND": "", "BOTTOM_LEGEND": "bottom", "TOP_LEGEND": "top"}.get(told, "right")


def _legend(keys: Sequence[tuple[str, str]], frame: Frame) -> Iterator[str]:
    if not frame.legend:
        return
    step = min(140.0, (frame.wide - SIDE - 16) / max(len(keys), 1))
    for place, (name, colour) in enumerate(keys):
        x, y = frame.wide - LEGEND + 14, frame.top + 14 + 20 * place
        if frame.legend != "right":
            x, y = SIDE + step * place, frame.top + 8 if frame.legend == "top" else frame.high - 8
        room = int((LEGEND - 30 if frame.legend == "right" else step - 18) / 5.6)
        yield f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 16:.1f}" y="{y:.1f}" class="axis key">{escape(name[:room])}</text>'


def _axis_titles(box: Box, frame: Frame, titles: dict[str | None, str]) -> Iterator[str]:
    if below := titles.get("BOTTOM_AXIS"):
        x, y = box.left + box.wide / 2, frame.high - 8 - (LINE if frame.legend == "bottom" else 0)
        yield f'<text x="{x:.1f}" y="{y:.1f}" class="axis named" text-anchor="middle">{escape(below)}</text>'
    if beside := titles.get("LEFT_AXIS"):
        y = box.top + box.high / 2
        turn = f'transform="rotate(-90 14 {y:.1f})" text-anchor="middle"'
        yield f'<text x="14" y="{y:.1f}" class="axis named" {turn}>{escape(beside)}</text>'


def charts_of(tab: Tab) -> list[tuple[Json, int, int]]:
    """Return a tab's charts, each with the row and column of its corner."""
    found = []
    for chart in tab.lists["charts"]:
        anchor = chart.get("position", {}).get("overlayPosition", {}).get("anchorCell", {})
        found.append((chart, anchor.get("rowIndex", 0), anchor.get("columnIndex", 0)))
    return found
