"""Our charts on a workbook's tab: found by their names among whatever else is drawn there, made, and drawn anew.

A chart is a part of its own, held by a frame in the tab's drawing. ``layout`` adds the frames that are missing; a run
replaces the parts of those that are there and the words that say what they show. Nothing else of a drawing is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sync.sheet.chart import TITLES, Chart, ChartName, Place
from sync.sheet.store import Drawing
from sync.sheet.workbook_chart_xml import CHART, DRAWN, render_chart
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_xml import R_ID, RELATION, WORKSHEET_ORDER, Element, encode_text, make, parse_xml, place

ANCHORS = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
EMU_A_PIXEL = 9525
_FRAME, _ABOUT, _CHART = f"{{{ANCHORS}}}graphicFrame", f"{{{ANCHORS}}}cNvPr", f"{{{CHART}}}chart"
_RUN = f"{{{DRAWN}}}t"
_NAMES = {name.value: name for name in ChartName}
_COLUMNS = {"B", "E", "F"}
"""Of names, score and expected score, as ``dashboard_charts`` places them."""

_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


class _Frame(NamedTuple):
    """One of our charts in a drawing: what is said about it, and its part."""

    name: ChartName
    about: Element
    part: str


def read_charts(package: Package, sheet_part: str) -> dict[ChartName, str]:
    """Those of our charts that stand on a sheet, and what each says it shows."""
    drawing = package.related(sheet_part, "drawing")
    if drawing is None or not package.has(drawing):
        return {}
    return {frame.name: frame.about.get("descr", "") for frame in _frames(package, drawing)}


def update_charts(package: Package, sheet_part: str, title: str, drawing: Drawing) -> None:
    """Draw anew those charts of a drawing that stand on the sheet with this title."""
    if not drawing.charts or not read_charts(package, sheet_part):
        return
    part = package.related(sheet_part, "drawing") or ""
    package.touch(part)
    charts = {chart.name: chart for chart in drawing.charts}
    for frame in _frames(package, part):
        if (chart := charts.get(frame.name)) is not None:
            frame.about.set("name", chart.name.value)
            frame.about.set("descr", encode_text(chart.told))
            package.put(frame.part, render_chart(chart, title, drawing))


def add_missing_charts(package: Package, sheet_part: str, title: str, drawing: Drawing) -> bool:
    """Put those of a drawing's charts on a sheet that it lacks; returns whether there were any."""
    there = read_charts(package, sheet_part)
    missing = [chart for chart in drawing.charts if chart.name not in there]
    if missing:
        part = package.related(sheet_part, "drawing") or _add_drawing(package, sheet_part)
        for chart in missing:
            _add_chart(package, part, chart, render_chart(chart, title, drawing))
    return bool(missing)


def _frames(package: Package, drawing: str) -> Iterator[_Frame]:
    """Our charts in a drawing, each once. Programs that forget the names of charts keep what the charts say."""
    targets = {line.id: line.target for line in package.relations(drawing)}
    found: set[ChartName] = set()
    for frame in package.tree(drawing).iter(_FRAME):
        about, chart = next(frame.iter(_ABOUT), None), next(frame.iter(_CHART), None)
        part = targets.get(chart.get(R_ID, "")) if chart is not None else None
        if about is None or part is None or not package.has(part):
            continue
        name = _NAMES.get(about.get("name", "")) or _recognise(package.tree(part))
        if name is not None and name not in found:
            found.add(name)
            yield _Frame(name, about, part)


def _recognise(root: Element) -> ChartName | None:
    """Our chart by its title and by the columns that it draws."""
    title = "".join(text.text or "" for heading in root.iter(f"{{{CHART}}}title") for text in heading.iter(_RUN))
    columns = {(place.text or "").rpartition("!")[2].lstrip("$")[:1] for place in root.iter(f"{{{CHART}}}f")}
    return TITLES.get(title) if columns == _COLUMNS else None


def _add_drawing(package: Package, sheet_part: str) -> str:
    part = package.new_name("xl/drawings/drawing{}.xml")
    root = f'<xdr:wsDr xmlns:xdr="{ANCHORS}" xmlns:a="{DRAWN}"/>'
    package.put(part, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{root}'.encode(), _DRAWING_TYPE)
    relation = package.relate(sheet_part, "drawing", part)
    place(package.touch(sheet_part), make("drawing", {R_ID: relation}), WORKSHEET_ORDER)
    return part


def _add_chart(package: Package, part: str, chart: Chart, data: bytes) -> None:
    target = package.new_name("xl/charts/chart{}.xml")
    package.put(target, data, _CHART_TYPE)
    relation = package.relate(part, "chart", target)
    root = package.touch(part)
    number = max((int(about.get("id", "0")) for about in root.iter(_ABOUT)), default=1) + 1
    anchor = parse_xml(_anchor(chart.place, number, relation).encode(), part)
    about = next(anchor.iter(_ABOUT))
    about.set("name", chart.name.value)
    about.set("descr", encode_text(chart.told))
    root.append(anchor)


def _anchor(where: Place, number: int, relation: str) -> str:
    """A frame that keeps its size in pixels, whatever becomes of the columns and rows under it."""
    corner = (
        f"<xdr:col>{where.column}</xdr:col><xdr:colOff>{where.left * EMU_A_PIXEL}</xdr:colOff>"
        f"<xdr:row>{where.row}</xdr:row><xdr:rowOff>{where.top * EMU_A_PIXEL}</xdr:rowOff>"
    )
    return (
        f'<xdr:oneCellAnchor xmlns:xdr="{ANCHORS}" xmlns:a="{DRAWN}" xmlns:c="{CHART}" xmlns:r="{RELATION}">'
        f'<xdr:from>{corner}</xdr:from><xdr:ext cx="{where.width * EMU_A_PIXEL}" cy="{where.height * EMU_A_PIXEL}"/>'
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{number}"/><xdr:cNvGraphicFramePr/>'
        '</xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{CHART}"><c:chart r:id="{relation}"/></a:graphicData></a:graphic></xdr:graphicFrame>'
        "<xdr:clientData/></xdr:oneCellAnchor>"
    )
