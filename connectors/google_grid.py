"""A piece of a Google sheet as cells, and as records under a header row. Sends nothing.

Numbers travel as JSON doubles and mean the shortest decimal that is the same double. Days and moments are serial
numbers, days since 30 December 1899, told apart from numbers by the cell's number format only (discovery document of
the Sheets API v4, ExtendedValue and NumberFormat); moments are in the spreadsheet's own zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from connectors.value import parse_number
from mappings.model import Value

EPOCH = date(1899, 12, 30)
MASK = (
    "properties.timeZone,namedRanges(name,range),"
    "sheets(properties(sheetId,title),"
    "data(startRow,startColumn,rowData.values(effectiveValue,formattedValue,effectiveFormat.numberFormat.type)))"
)
"""What ``parse_grid`` reads."""

_SERIALS = range((date.min - EPOCH).days + 1, (date.max - EPOCH).days)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: its value, what a person sees, and its address. ``error`` is what stands there for one: ``#REF!``."""

    value: Value
    shown: str
    address: str
    error: str = ""

    @property
    def is_filled(self) -> bool:
        """Whether a row with it is a record: an unticked checkbox and a formula's empty text are nothing."""
        return bool(self.error) or (self.value is not None and self.value is not False)


@dataclass(frozen=True, slots=True)
class Grid:
    """A range of one tab. ``rows`` may be shorter than the range: Google leaves empty ends out."""

    title: str
    tab_id: int
    first_row: int
    rows: tuple[tuple[GridCell, ...], ...]

    def numbered(self) -> Iterator[tuple[int, tuple[GridCell, ...]]]:
        """The rows with the numbers that people see at their left."""
        return enumerate(self.rows, self.first_row + 1)

    def row_name(self, number: int) -> str:
        """A whole row in A1 notation: ``Deals!5:5``."""
        return f"{render_title(self.title)}!{number}:{number}"


def parse_grid(found: Mapping[str, Any], zone: tzinfo) -> Grid:
    """The one range of an answer to ``MASK``.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it isn't what Google documents.
    """
    [sheet] = [each for each in found["sheets"] if "data" in each]
    [data] = sheet["data"]
    title, first_row, first_column = sheet["properties"]["title"], data.get("startRow", 0), data.get("startColumn", 0)
    rows = tuple(
        tuple(
            parse_cell(cell, f"{render_title(title)}!{column_name(first_column + across)}{first_row + down + 1}", zone)
            for across, cell in enumerate(row.get("values", ()))
        )
        for down, row in enumerate(data.get("rowData", ()))
    )
    return Grid(title, sheet["properties"].get("sheetId", 0), first_row, rows)


def parse_cell(data: Mapping[str, Any], address: str, zone: tzinfo) -> GridCell:
    """One cell of Google's CellData."""
    effective, shown = data.get("effectiveValue") or {}, data.get("formattedValue", "")
    if "errorValue" in effective:
        return GridCell(None, shown, address, error=shown or effective["errorValue"].get("type", "an error"))
    if "boolValue" in effective:
        return GridCell(effective["boolValue"], shown, address)
    if "numberValue" in effective:
        kind = (data.get("effectiveFormat", {}).get("numberFormat") or {}).get("type", "")
        return GridCell(_parse_number(effective["numberValue"], kind, zone), shown, address)
    return GridCell(effective.get("stringValue") or None, shown, address)


def _parse_number(found: float | Decimal, kind: str, zone: tzinfo) -> Value:
    number = parse_number(found)
    if kind not in ("DATE", "DATE_TIME") or int(number) not in _SERIALS:
        return number
    day = EPOCH + timedelta(days=int(number // 1))
    if number == number.to_integral_value() and kind == "DATE":
        return day
    milliseconds = round((number % 1) * 86_400_000)  # a double holds no more than that of a day of our years
    return datetime.combine(day, time(), zone) + timedelta(milliseconds=int(milliseconds))


def column_name(index: int) -> str:
    """A column's letters, counted from 0: A, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def render_title(title: str) -> str:
    """A tab's title as A1 notation has it: in quotes where it isn't a plain word."""
    return title if title.isidentifier() else "'" + title.replace("'", "''") + "'"
