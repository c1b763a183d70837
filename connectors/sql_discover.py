"""What a database has that a mapping can name: the tables and views of its usual schema, and their columns.

Names and declared types only, as the database's own catalogue tells them; no row is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.findings import Findings, Item, Listing, Part
from connectors.suggested import is_key, suggest
from connectors.words import say_name


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, what it holds (number, date, text, yes or no), and its type in the database's words."""

    name: str
    kind: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a view, with its columns."""

    name: str
    columns: tuple[Column, ...]
    is_view: bool = False


def make_findings(source: str, tables: Sequence[Table], more: int = 0) -> Findings:
    """What there is, and a mapping out of the table that has the most to measure. ``more`` tables were left out."""
    note = f"the first {len(tables):,}; there are {more:,} more" if more else ""
    listings = (
        Listing("Tables", tuple(map(_table, tables)), note),
        *(Listing(f"Columns of {table.name}", tuple(map(_column, table.columns))) for table in tables),
    )
    parts = tuple(Part(table.name, table.name, tuple(_mapping(source, table))) for table in tables)
    best = max(range(len(tables)), key=lambda at: _worth(tables[at]), default=None)
    found = tuple(listing for listing in listings if listing.items or listing.note)
    return Findings(found, parts[best].mapping if best is not None else (), parts)


def _table(table: Table) -> Item:
    count = len(table.columns)
    return Item(table.name, kind="view" if table.is_view else "", note=f"{count} column{'' if count == 1 else 's'}")


def _column(column: Column) -> Item:
    return Item(column.name, kind=column.kind, note=column.type)


def _mapping(source: str, table: Table) -> Iterator[str]:
    query = f"{{table: {say_name(table.name)}}}"
    return suggest(source, query, date=_first(table, "date"), number=_first(table, "number"))


def _first(table: Table, kind: str) -> str:
    return next((each.name for each in table.columns if each.kind == kind and not is_key(each.name)), "")


def _worth(table: Table) -> tuple[int, int]:
    return bool(_first(table, "date")) + bool(_first(table, "number")), len(table.columns)
