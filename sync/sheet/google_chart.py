"""Our charts in Google's words: made by ``layout``, told by a run where their numbers stand, known by their ids. Pure.

What a chart may say is in the discovery document (EmbeddedChart, BasicChartSpec); bars have their numbers on the axis
at the bottom and their names at the left, lines the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sync.sheet.chart import Chart, ChartKind, ChartName, Place, Series, chart_id
from sync.sheet.google_cell import Json
from sync.sheet.google_style import make_colour
from sync.sheet.style import INK, QUIET

CHART_MASK = "charts(chartId,spec(altText))"
"""What is asked of a tab's charts: whose they are, and what ours say that they show."""

_AXES = {ChartKind.BAR: ("LEFT_AXIS", "BOTTOM_AXIS"), ChartKind.LINE: ("BOTTOM_AXIS", "LEFT_AXIS")}
"""For each kind the axis of names and the axis of numbers."""


def make_chart(tab_id: int, chart: Chart) -> Json:
    """The request that adds a chart."""
    position = {"overlayPosition": _position(tab_id, chart.place)}
    made = {"chartId": chart_id(tab_id, chart.name), "spec": make_spec(tab_id, chart), "position": position}
    return {"addChart": {"chart": made}}


def make_missing_charts(tab_id: int, charts: Iterable[Chart], found: Iterable[Mapping[str, Any]]) -> Iterator[Json]:
    """The requests that add those of our charts that a tab lacks. Other charts don't matter."""
    there = {chart.get("chartId") for chart in found}
    return (make_chart(tab_id, chart) for chart in charts if chart_id(tab_id, chart.name) not in there)


def make_chart_update(tab_id: int, chart: Chart) -> Json:
    """The request that tells a chart of ours what to show; where it stands and how large it is stays."""
    return {"updateChartSpec": {"chartId": chart_id(tab_id, chart.name), "spec": make_spec(tab_id, chart)}}


def parse_charts(tab_id: int, charts: Iterable[Mapping[str, Any]]) -> dict[ChartName, str]:
    """Those of our charts that stand on a tab, and what each says it shows."""
    names = {chart_id(tab_id, name): name for name in ChartName}
    return {
        names[chart["chartId"]]: chart.get("spec", {}).get("altText", "")
        for chart in charts
        if chart.get("chartId") in names
    }


def make_spec(tab_id: int, chart: Chart) -> Json:
    """What a chart shows and how."""
    names, numbers = _AXES[chart.kind]
    basic: Json = {
        "chartType": chart.kind.name,
        "legendPosition": "TOP_LEGEND",
        "headerCount": 1,
        "axis": [
            {"position": names, "format": _text(9, QUIET)},
            {
                "position": numbers,
                "format": _text(9, QUIET),
                "viewWindowOptions": {"viewWindowMin": 0, "viewWindowMax": chart.most, "viewWindowMode": "EXPLICIT"},
            },
        ],
        "domains": [{"domain": _source(tab_id, chart, chart.names)}],
        "series": [_series(tab_id, chart, each, numbers) for each in chart.series],
    }
    if chart.kind is ChartKind.LINE:
        basic["interpolateNulls"] = True
    return {
        "title": chart.title,
        "altText": chart.told,
        "titleTextFormat": _text(12, INK) | {"bold": True},
        "fontName": "Arial",
        "hiddenDimensionStrategy": "SHOW_ALL",
        "basicChart": basic,
    }


def _text(size: int, colour: str) -> Json:
    return {"fontSize": size, "foregroundColorStyle": make_colour(colour)}


def _series(tab_id: int, chart: Chart, series: Series, axis: str) -> Json:
    colour = make_colour(series.colour)
    made: Json = {
        "series": _source(tab_id, chart, series.column),
        "targetAxis": axis,
        "color": colour["rgbColor"],
        "colorStyle": colour,
    }
    if chart.kind is ChartKind.LINE:
        made["lineStyle"] = {"type": "SOLID", "width": 3 if series is chart.series[0] else 2}
    return made


def _source(tab_id: int, chart: Chart, column: int) -> Json:
    area = {
        "sheetId": tab_id,
        "startRowIndex": chart.top,
        "endRowIndex": chart.bottom + 1,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }
    return {"sourceRange": {"sources": [area]}}


def _position(tab_id: int, place: Place) -> Json:
    return {
        "anchorCell": {"sheetId": tab_id, "rowIndex": place.row, "columnIndex": place.column},
        "offsetXPixels": place.left,
        "offsetYPixels": place.top,
        "widthPixels": place.width,
        "heightPixels": place.height,
    }
