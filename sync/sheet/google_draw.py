"""A drawing as requests: the tab is cleared, resized and drawn anew in one go. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from sync.sheet.chart import ChartName
from sync.sheet.google_cell import Json, make_data
from sync.sheet.google_chart import make_chart_update
from sync.sheet.google_style import DRAWN_FORMATS, make_format
from sync.sheet.store import Draw, Drawing
from sync.sheet.style import Style

_SHARED = ("padding", "verticalAlignment")
_FORMATS = ",".join(f"userEnteredFormat.{name}" for name in DRAWN_FORMATS)
_FIELDS = f"userEnteredValue,note,dataValidation,{_FORMATS}"
_SPARE_ROWS = 2


def make_drawing(tab_id: int, drawing: Drawing, charts: Collection[ChartName] = ()) -> Iterator[Json]:
    """The requests that leave nothing on a tab but this drawing. The grid becomes as large as the drawing.

    ``charts`` are those of ours that are there: they are told where their numbers stand now, others are not made.
    """
    rows, columns = _size(drawing)
    yield {"unmergeCells": {"range": {"sheetId": tab_id}}}
    yield _resize(tab_id, rows, columns)
    yield _share(tab_id)
    yield from _cells(tab_id, drawing, (rows, columns))
    yield from _merges(tab_id, drawing)
    yield from make_sizes(tab_id, "COLUMNS", dict(enumerate(drawing.widths)))
    yield _fit_rows(tab_id, len(drawing.rows))
    yield from make_sizes(tab_id, "ROWS", drawing.heights or {})
    yield from (make_chart_update(tab_id, chart) for chart in drawing.charts if chart.name in charts)


def _cells(tab_id: int, drawing: Drawing, size: tuple[int, int]) -> Iterator[Json]:
    """All cells; those of which the value stays are left out, and get nothing but their looks."""
    lines = [_line(row) for row in drawing.rows]
    kept = [(row, at) for row, cells in enumerate(drawing.rows) for at, draw in enumerate(cells) if draw and draw.keeps]
    if not kept:
        yield _update({"sheetId": tab_id}, lines)
        return
    rows, columns = size
    top = 0
    for row, at in kept:
        if row > top:
            yield _update(_area(tab_id, (top, row), (0, columns)), lines[top:row])
        if at:
            yield _update(_area(tab_id, (row, row + 1), (0, at)), [lines[row][:at]])
        looks = {name: part for name, part in lines[row][at].items() if name != "userEnteredValue"}
        fields = _FIELDS.removeprefix("userEnteredValue,")
        yield _update(_area(tab_id, (row, row + 1), (at, at + 1)), [[looks]], fields)
        if at + 1 < columns:
            yield _update(_area(tab_id, (row, row + 1), (at + 1, columns)), [lines[row][at + 1 :]])
        top = row + 1
    yield _update(_area(tab_id, (top, rows), (0, columns)), lines[top:])


def _update(area: Json, lines: Sequence[Sequence[Json]], fields: str = _FIELDS) -> Json:
    rows = [{"values": list(line)} for line in lines]
    return {"updateCells": {"range": area, "rows": rows, "fields": fields}}


def _area(tab_id: int, rows: tuple[int, int], columns: tuple[int, int]) -> Json:
    area = {"startRowIndex": rows[0], "endRowIndex": rows[1]}
    return {"sheetId": tab_id, **area, "startColumnIndex": columns[0], "endColumnIndex": columns[1]}


def resolve_links(drawing: Drawing, tabs: Mapping[str, int]) -> Drawing:
    """The drawing with its links to cells of the same spreadsheet ("#'Key Results'!A2") as Google wants them.

    ``tabs`` are the ids of tabs by title; a link to another one is left out.
    """
    return replace(drawing, rows=tuple(tuple(draw and _resolve(draw, tabs) for draw in row) for row in drawing.rows))


def _resolve(draw: Draw, tabs: Mapping[str, int]) -> Draw:
    if not draw.link or not draw.link.startswith("#'"):
        return draw
    title, _, cell = draw.link[2:].rpartition("'!")
    tab_id = tabs.get(title.replace("''", "'"))
    return replace(draw, link=None if tab_id is None else f"#gid={tab_id}&range={cell}")


def _size(drawing: Drawing) -> tuple[int, int]:
    """How many rows and columns a drawing needs, the cells that its spans cover among them."""
    ends = [at + (draw.span if draw else 1) for row in drawing.rows for at, draw in enumerate(row)]
    return len(drawing.rows) + _SPARE_ROWS, max(len(drawing.widths), *ends, 1) if ends else max(len(drawing.widths), 1)


def _resize(tab_id: int, rows: int, columns: int) -> Json:
    grid = {"rowCount": rows, "columnCount": columns, "hideGridlines": True}
    fields = "gridProperties(rowCount,columnCount,hideGridlines)"
    return {"updateSheetProperties": {"properties": {"sheetId": tab_id, "gridProperties": grid}, "fields": fields}}


def _fit_rows(tab_id: int, rows: int) -> Json:
    """Rows as high as their texts: one that somebody had made low would cut what is drawn into it now."""
    span = {"sheetId": tab_id, "dimension": "ROWS", "startIndex": 0, "endIndex": max(rows, 1)}
    return {"autoResizeDimensions": {"dimensions": span}}


def _share(tab_id: int) -> Json:
    """What all cells have in common is said once, not in every cell: it would be a third of the request."""
    shared = make_format(Style.TEXT)
    cell = {"userEnteredFormat": {name: shared[name] for name in _SHARED}}
    fields = ",".join(f"userEnteredFormat.{name}" for name in _SHARED)
    return {"repeatCell": {"range": {"sheetId": tab_id}, "cell": cell, "fields": fields}}


def _line(row: Sequence[Draw | None]) -> list[Json]:
    """The cells of a row; those that a span covers get its format, so that fills and borders reach its end."""
    made = [_data(draw) for draw in row]
    for at, draw in enumerate(row):
        if draw is not None and draw.span > 1:
            end = at + draw.span
            made += [{} for _ in range(end - len(made))]
            made[at + 1 : end] = [{"userEnteredFormat": made[at]["userEnteredFormat"]}] * (draw.span - 1)
    return made


def _data(draw: Draw | None) -> Json:
    if draw is None:
        return {}
    data = make_data(draw.value, draw.formula)
    look = make_format(draw.style, draw.value, draw.link)
    data["userEnteredFormat"] = {name: part for name, part in look.items() if name not in _SHARED}
    if isinstance(draw.value, bool):
        data["dataValidation"] = {"condition": {"type": "BOOLEAN"}}  # a checkbox
    if draw.note:
        data["note"] = draw.note
    return data


def _merges(tab_id: int, drawing: Drawing) -> Iterator[Json]:
    for row, line in enumerate(drawing.rows):
        for column, draw in enumerate(line):
            if draw is not None and draw.span > 1:
                area = _area(tab_id, (row, row + 1), (column, column + draw.span))
                yield {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}}


def make_sizes(tab_id: int, dimension: str, sizes: Mapping[int, int]) -> Iterator[Json]:
    """Widths of columns or heights of rows in pixels; neighbours of one size go together."""
    for size, first, end in _stretches(sorted(sizes.items())):
        area = {"sheetId": tab_id, "dimension": dimension, "startIndex": first, "endIndex": end}
        yield {"updateDimensionProperties": {"range": area, "properties": {"pixelSize": size}, "fields": "pixelSize"}}


def _stretches(sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    for (size, _), group in groupby(enumerate(sizes), lambda pair: (pair[1][1], pair[1][0] - pair[0])):
        members = [index for _, (index, _) in group]
        yield size, members[0], members[-1] + 1
