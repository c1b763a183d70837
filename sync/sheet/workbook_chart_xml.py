"""One chart of ours as the XML of its part: DrawingML charts, ECMA-376 part 1, 21.2. Pure.

The numbers are kept beside their places, as Excel does: what only shows a file, and calculates nothing, draws them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

from sync.sheet.cell import CellValue, column_letters
from sync.sheet.chart import Chart, ChartKind, Series
from sync.sheet.store import Drawing
from sync.sheet.style import INK, LINE, QUIET
from sync.sheet.workbook_style import FONT
from sync.sheet.workbook_xml import RELATION, encode_text

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/main"
_NAMES_AXIS, _NUMBERS_AXIS = 501001, 501002
_EMU_A_POINT = 12_700


def render_chart(chart: Chart, title: str, drawing: Drawing) -> bytes:
    """The part of a chart on the tab with this title, whose numbers the drawing holds."""
    is_bar = chart.kind is ChartKind.BAR
    all_series = "".join(_series(chart, at, each, title, drawing) for at, each in enumerate(chart.series))
    axes = f'<c:axId val="{_NAMES_AXIS}"/><c:axId val="{_NUMBERS_AXIS}"/>'
    plot = (
        f'<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>{all_series}'
        f'<c:gapWidth val="60"/>{axes}</c:barChart>'
        if is_bar
        else f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{all_series}<c:marker val="1"/>'
        f"{axes}</c:lineChart>"
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<c:chartSpace xmlns:c="{CHART}" xmlns:a="{DRAWN}" xmlns:r="{RELATION}"><c:roundedCorners val="0"/><c:chart>'
        f'{_title(chart.title)}<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>{plot}{_axes(chart)}</c:plotArea>'
        f'<c:legend><c:legendPos val="t"/><c:overlay val="0"/>{_font(9, QUIET)}</c:legend><c:plotVisOnly val="0"/>'
        f'<c:dispBlanksAs val="gap"/></c:chart><c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'
        f'<a:ln w="9525"><a:solidFill><a:srgbClr val="{LINE}"/></a:solidFill></a:ln></c:spPr></c:chartSpace>'
    )
    return text.encode()


def _title(text: str) -> str:
    run = f'<a:rPr lang="en" sz="1200" b="1">{_ink(INK)}<a:latin typeface="{FONT}"/></a:rPr><a:t>{_escape(text)}</a:t>'
    paragraph = f'<a:p><a:pPr><a:defRPr sz="1200" b="1"/></a:pPr><a:r>{run}</a:r></a:p>'
    rich = f"<c:tx><c:rich><a:bodyPr/><a:lstStyle/>{paragraph}</c:rich></c:tx>"
    return f'<c:title>{rich}<c:overlay val="0"/></c:title>'


def _font(size: int, colour: str) -> str:
    look = f'<a:defRPr sz="{size * 100}" b="0">{_ink(colour)}<a:latin typeface="{FONT}"/></a:defRPr>'
    return f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr>{look}</a:pPr><a:endParaRPr lang="en"/></a:p></c:txPr>'


def _ink(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


def _axes(chart: Chart) -> str:
    """The axis of names, then that of numbers. Bars are listed from the top, so their names run downwards."""
    is_bar = chart.kind is ChartKind.BAR
    order, names_at, numbers_at = ("maxMin", "l", "t") if is_bar else ("minMax", "b", "l")
    line = f'<c:spPr><a:ln w="9525">{_ink(LINE)}</a:ln></c:spPr>'
    names = (
        f'<c:catAx><c:axId val="{_NAMES_AXIS}"/><c:scaling><c:orientation val="{order}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{names_at}"/><c:numFmt formatCode="General" sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>{line}{_font(9, QUIET)}'
        f'<c:crossAx val="{_NUMBERS_AXIS}"/><c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/>'
        '<c:lblOffset val="100"/><c:noMultiLvlLbl val="1"/></c:catAx>'
    )
    crosses = "max" if is_bar else "autoZero"
    return names + (
        f'<c:valAx><c:axId val="{_NUMBERS_AXIS}"/><c:scaling><c:orientation val="minMax"/><c:max val="{chart.most:g}"/>'
        f'<c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="{"b" if is_bar else numbers_at}"/>'
        f'<c:majorGridlines><c:spPr><a:ln w="6350">{_ink("E5E7EB")}</a:ln></c:spPr></c:majorGridlines>'
        '<c:numFmt formatCode="0.0" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="nextTo"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr>{_font(9, QUIET)}'
        f'<c:crossAx val="{_NAMES_AXIS}"/><c:crosses val="{crosses}"/><c:crossBetween val="between"/>'
        '<c:majorUnit val="0.2"/></c:valAx>'
    )


def _series(chart: Chart, at: int, series: Series, title: str, drawing: Drawing) -> str:
    column = series.column
    head = _value(drawing, chart.top, column)
    rows = range(chart.top + 1, chart.bottom + 1)
    named = f"<c:tx>{_texts(_place(title, column, chart.top, chart.top), [head])}</c:tx>"
    names = _texts(_place(title, chart.names, *_span(chart)), [_value(drawing, row, chart.names) for row in rows])
    numbers = _numbers(_place(title, column, *_span(chart)), [_value(drawing, row, column) for row in rows])
    look = _bar_look(series) if chart.kind is ChartKind.BAR else _line_look(series, is_first=at == 0)
    smooth = '<c:smooth val="0"/>' if chart.kind is ChartKind.LINE else ""
    return (
        f'<c:ser><c:idx val="{at}"/><c:order val="{at}"/>{named}{look}'
        f"<c:cat>{names}</c:cat><c:val>{numbers}</c:val>{smooth}</c:ser>"
    )


def _span(chart: Chart) -> tuple[int, int]:
    return chart.top + 1, max(chart.bottom, chart.top + 1)


def _bar_look(series: Series) -> str:
    return f'<c:spPr>{_ink(series.colour)}</c:spPr><c:invertIfNegative val="0"/>'


def _line_look(series: Series, *, is_first: bool) -> str:
    width = int((2.5 if is_first else 1.75) * _EMU_A_POINT)
    line = f'<c:spPr><a:ln w="{width}" cap="rnd">{_ink(series.colour)}<a:round/></a:ln></c:spPr>'
    if not is_first:
        return f'{line}<c:marker><c:symbol val="none"/></c:marker>'
    dot = f"<c:spPr>{_ink(series.colour)}<a:ln>{_ink(series.colour)}</a:ln></c:spPr>"
    return f'{line}<c:marker><c:symbol val="circle"/><c:size val="6"/>{dot}</c:marker>'


def _place(title: str, column: int, first: int, last: int) -> str:
    quoted = "'" + title.replace("'", "''") + "'"
    letters = column_letters(column)
    cells = f"${letters}${first + 1}" + ("" if first == last else f":${letters}${last + 1}")
    return _escape(f"{quoted}!{cells}")


def _texts(place: str, values: Sequence[CellValue]) -> str:
    points = _points((at, _escape(str(value))) for at, value in enumerate(values) if value is not None)
    cache = f'<c:strCache><c:ptCount val="{len(values)}"/>{points}</c:strCache>'
    return f"<c:strRef><c:f>{place}</c:f>{cache}</c:strRef>"


def _numbers(place: str, values: Sequence[CellValue]) -> str:
    points = _points((at, f"{value:f}") for at, value in enumerate(values) if isinstance(value, Decimal))
    cache = f'<c:numCache><c:formatCode>0.00</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'
    return f"<c:numRef><c:f>{place}</c:f>{cache}</c:numRef>"


def _points(points: Iterable[tuple[int, str]]) -> str:
    return "".join(f'<c:pt idx="{at}"><c:v>{text}</c:v></c:pt>' for at, text in points)


def _value(drawing: Drawing, row: int, column: int) -> CellValue:
    cells = drawing.rows[row] if row < len(drawing.rows) else ()
    draw = cells[column] if column < len(cells) else None
    return draw.value if draw is not None else None


def _escape(text: str) -> str:
    return escape(encode_text(text), {'"': "&quot;"})
