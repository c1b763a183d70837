"""What a read of a Google spreadsheet asks for, and what its answer means. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.google_cell import CELL_MASK, Json, parse_cell
from sync.sheet.google_chart import CHART_MASK, parse_charts
from sync.sheet.store import CellRange, RawSheet, RawTab

MARKER_KEY = "okr_sync_field"
"""The key of the developer metadata that marks a column of ours; its value is the field's name."""

_TAB = "sheetId,title,hidden,gridProperties(rowCount,columnCount)"
_SPREADSHEET = "properties(title,locale,timeZone)"
READ_MASK = (
    f"{_SPREADSHEET},sheets(properties({_TAB}),merges,{CHART_MASK},"
    "data(startRow,startColumn,columnMetadata.developerMetadata(metadataKey,metadataValue),"
    f"rowData.values({CELL_MASK})))"
)
TABS_MASK = f"{_SPREADSHEET},sheets.properties({_TAB})"
"""What is asked for when a tab is not where it was: all tabs by name, without a cell."""


def quote_title(title: str) -> str:
    """A tab's title as it stands in a range: in single quotes, its own ones doubled."""
    return "'" + title.replace("'", "''") + "'"


def make_ranges(titles: Sequence[str], heads: Sequence[str]) -> list[str]:
    """The ranges of a read: whole tabs, and the first row of those that are only looked for."""
    whole = dict.fromkeys(titles)
    return [
        *(quote_title(title) for title in whole),
        *(f"{quote_title(title)}!1:1" for title in dict.fromkeys(heads) if title not in whole),
    ]


def is_missing_range(message: str) -> bool:
    """Whether Google's refusal of a read means that a tab isn't there ("Unable to parse range: 'KPIs'")."""
    return "unable to parse range" in message.casefold()


def parse_titles(answer: Mapping[str, Any]) -> dict[str, int]:
    """The titles of all tabs in an answer, with their ids. Google leaves out the id 0."""
    return {sheet["properties"]["title"]: sheet["properties"].get("sheetId", 0) for sheet in answer.get("sheets", ())}


def make_url(spreadsheet_id: str) -> str:
    """Where people open it."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}"


def parse_sheet(spreadsheet_id: str, answer: Mapping[str, Any], others: Mapping[str, int] | None = None) -> RawSheet:
    """The sheet out of an answer to ``READ_MASK``."""
    properties = answer.get("properties", {})
    return RawSheet(
        sheet_id=spreadsheet_id,
        title=properties.get("title", ""),
        url=make_url(spreadsheet_id),
        tabs=tuple(parse_tab(sheet) for sheet in answer.get("sheets", ())),
        others=tuple(others or ()),
        other_ids=others or {},
        locale=properties.get("locale", ""),
        timezone=properties.get("timeZone", ""),
    )


def parse_tab(sheet: Mapping[str, Any]) -> RawTab:
    """One tab. Google leaves out what is false, zero or empty."""
    properties = sheet.get("properties", {})
    grid = properties.get("gridProperties", {})
    data = sheet.get("data", ())
    first = data[0] if data else {}
    return RawTab(
        tab_id=properties.get("sheetId", 0),
        title=properties.get("title", ""),
        hidden=properties.get("hidden", False),
        cells=_parse_rows(first),
        row_count=grid.get("rowCount", 0),
        column_count=grid.get("columnCount", 0),
        merges=tuple(_parse_range(merge) for merge in sheet.get("merges", ())),
        markers=_parse_markers(first),
        charts=parse_charts(properties.get("sheetId", 0), sheet.get("charts", ())),
    )


def _parse_rows(block: Mapping[str, Any]) -> tuple[tuple[Cell, ...], ...]:
    """The rows of a block that begins at A1, without the empty cells and rows at their ends."""
    rows = [_parse_row(row.get("values", ())) for row in block.get("rowData", ())]
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _parse_row(values: Sequence[Json]) -> tuple[Cell, ...]:
    cells = [parse_cell(data) if data else EMPTY for data in values]
    while cells and cells[-1] is EMPTY:
        cells.pop()
    return tuple(cells)


def _parse_range(area: Mapping[str, int]) -> CellRange:
    return CellRange(
        area.get("startRowIndex", 0),
        area.get("startColumnIndex", 0),
        area.get("endRowIndex", 1) - 1,
        area.get("endColumnIndex", 1) - 1,
    )


def _parse_markers(block: Mapping[str, Any]) -> dict[int, str]:
    left = block.get("startColumn", 0)
    return {
        left + at: data["metadataValue"]
        for at, column in enumerate(block.get("columnMetadata", ()))
        for data in column.get("developerMetadata", ())
        if data.get("metadataKey") == MARKER_KEY and data.get("metadataValue")
    }


def parse_blocks(sheet: Mapping[str, Any]) -> dict[tuple[int, int], Cell]:
    """All cells of a tab by address, out of as many blocks as its answer has."""
    found: dict[tuple[int, int], Cell] = {}
    for block in sheet.get("data", ()):
        top, left = block.get("startRow", 0), block.get("startColumn", 0)
        for row, line in enumerate(block.get("rowData", ()), top):
            for column, data in enumerate(line.get("values", ()), left):
                if data and (cell := parse_cell(data)) is not EMPTY:
                    found[row, column] = cell
    return found


_REQUEST_AT = re.compile(r"requests\[(\d+)\]")


def parse_request_index(message: str) -> int | None:
    """Which request of a batch a refusal is about ("Invalid requests[3].addSheet: …")."""
    found = _REQUEST_AT.search(message)
    return int(found[1]) if found else None
