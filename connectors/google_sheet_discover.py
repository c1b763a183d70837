"""What a Google sheet has that a mapping can use: tabs, the fields of their header rows, named ranges. Two reads.

The first says which tabs there are, the second shows the first rows of each: a header, and what stands below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import SourceMisread
from connectors.findings import Findings, Item, Listing, Part
from connectors.google_grid import MASK, Grid, GridCell, column_name, parse_grid, render_title
from connectors.suggested import suggest
from connectors.words import say_name

Fetch = Callable[[Sequence[str], str], Mapping[str, Any]]
ABOUT = "properties.timeZone,namedRanges(name,range),sheets.properties(sheetId,title,hidden,sheetType,gridProperties)"
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Column:
    """One column under a header: its name, where it stands, and an example of its values."""

    name: str
    letter: str
    example: GridCell | None

    @property
    def type(self) -> str:
        """What its first filled cell holds."""
        value = self.example.value if self.example else None
        kinds = {bool: "yes or no", Decimal: "number", str: "text", type(None): ""}
        return "date" if isinstance(value, date) else kinds[type(value)]


@dataclass(frozen=True, slots=True)
class Table:
    """A tab as a table: the number of its header row, and its columns."""

    title: str
    header: int
    columns: tuple[Column, ...]


def discover(fetch: Fetch, source: str) -> Findings:
    """What there is. ``fetch(ranges, fields)`` is one read. Raises SourceError."""
    try:
        about = fetch((), ABOUT)
        tabs = [each["properties"] for each in about["sheets"] if each["properties"].get("sheetType", "GRID") == "GRID"]
        ranges = [f"{render_title(each['title'])}!1:{_ROWS}" for each in tabs]
        found = fetch(ranges, MASK) if ranges else {"sheets": []}
        zone = ZoneInfo(about["properties"]["timeZone"])
        grids = [parse_grid({"sheets": [sheet]}, zone) for sheet in found["sheets"] if "data" in sheet]
        tables = [table for table in map(_table, grids) if table]
        titles = {tab.get("sheetId", 0): tab["title"] for tab in tabs}
        named = [_named(each, titles) for each in about.get("namedRanges", ())]
        listings = (
            Listing("Tabs", tuple(_tab(tab, tables) for tab in tabs)),
            *(Listing(f"Fields of {table.title}", tuple(map(_field, table.columns))) for table in tables),
            Listing("Named ranges", tuple(named)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError):
        raise SourceMisread(f"{source} described its tabs in an unknown shape.") from None
    cells = tuple(_cells(source, named, len(tables)))
    parts = tuple(Part(table.title, table.title, (*_mapping(source, table), *cells)) for table in tables)
    best = max(tables, key=_worth, default=None)
    mapping = parts[tables.index(best)].mapping if best else cells
    return Findings(tuple(listing for listing in listings if listing.items), mapping, parts)


def _table(grid: Grid) -> Table | None:
    """The first filled row is a header where all that stands in it is text and something stands below it."""
    rows = list(grid.numbered())
    for at, (number, row) in enumerate(rows):
        filled = [cell for cell in row if cell.is_filled]
        if not filled:
            continue
        if any(not isinstance(cell.value, str) for cell in filled):
            return None
        below = [other for _, other in rows[at + 1 :]]
        if not any(cell.is_filled for other in below for cell in other):
            return None
        columns = (
            Column(cell.shown, column_name(across), _example(below, across))
            for across, cell in enumerate(row)
            if cell.is_filled
        )
        return Table(grid.title, number, tuple(columns))
    return None


def _example(rows: list[tuple[GridCell, ...]], across: int) -> GridCell | None:
    return next((row[across] for row in rows if across < len(row) and row[across].is_filled), None)


def _tab(tab: Mapping[str, Any], tables: list[Table]) -> Item:
    rows = tab.get("gridProperties", {}).get("rowCount", 0)
    header = next((f", header in row {table.header}" for table in tables if table.title == tab["title"]), "")
    hidden = ", hidden" if tab.get("hidden") else ""
    return Item(tab["title"], note=f"a grid of {rows:,} rows{header}{hidden}")


def _field(column: Column) -> Item:
    return Item(column.name, column.letter, column.type, f"such as {column.example.shown}" if column.example else "")


def _named(each: Mapping[str, Any], titles: Mapping[int, str]) -> Item:
    box = each["range"]
    title = titles.get(box.get("sheetId", 0), "another tab")
    top, left = box.get("startRowIndex", 0), box.get("startColumnIndex", 0)
    bottom, right = box.get("endRowIndex"), box.get("endColumnIndex")
    start = f"{column_name(left)}{top + 1}"
    if (bottom, right) == (top + 1, left + 1):
        return Item(each["name"], kind="cell", note=f"{render_title(title)}!{start}")
    end = f"{column_name(right - 1) if right else ''}{bottom or ''}"
    return Item(each["name"], kind="range", note=f"{render_title(title)}!{start}:{end}")


def _mapping(source: str, table: Table) -> Iterator[str]:
    """Key results as this table could have them."""
    dates, numbers = _of(table, "date"), _of(table, "number")
    tab = say_name(render_title(table.title))
    return suggest(source, tab, date=next(iter(dates), ""), number=next(iter(numbers), ""))


def _cells(source: str, named: list[Item], before: int) -> Iterator[str]:
    cell = next((item.name for item in named if item.kind == "cell"), None)
    if cell:
        yield f"KR-{3 if before else 1}: {{{source}: {say_name(cell)}, measure: {{sum: value}}}}"


def _worth(table: Table) -> tuple[int, int]:
    return bool(_of(table, "date")) + bool(_of(table, "number")), len(table.columns)


def _of(table: Table, type_: str) -> list[str]:
    return [column.name for column in table.columns if column.type == type_]
