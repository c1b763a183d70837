"""What a file has that a mapping can name: its columns, with types and examples out of its first rows.

Bytes in, findings out; no file system.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from connectors.file_find import Found
from connectors.file_table import (
    Dialect,
    Row,
    decode,
    list_sheets,
    parse_csv_cell,
    parse_excel_cell,
    parse_json,
    read_csv,
    read_xlsx,
)
from connectors.findings import Findings, Item, Listing, Part
from connectors.suggested import is_key, suggest
from connectors.value import parse_plain
from connectors.words import say_name
from mappings.model import Value

LOOKED_AT = 200  # rows; enough to see a column's type, and few enough to be quick
_MOST_CHOICES = 8
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")  # 007 is a code


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, and what stands in it in the first rows; empty cells are left out."""

    name: str
    values: tuple[Value, ...]

    @property
    def type(self) -> str:
        """What all its cells are; text where they differ."""
        kinds = {_type(value) for value in self.values}
        return kinds.pop() if len(kinds) == 1 else "text" if kinds else ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The few texts that stand in it over and over, in their order; none where each row has its own."""
        found = tuple(dict.fromkeys(str(value) for value in self.values)) if self.type == "text" else ()
        return found if len(found) <= _MOST_CHOICES and 2 * len(found) <= len(self.values) else ()


def _type(value: Value) -> str:
    """A cell of a CSV has no type of its own: what is written as a number can be added up."""
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, Decimal) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return "number"
    return "date" if isinstance(value, date) else "text" if isinstance(value, str) else "list"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: its title, how a query asks for it, and its columns."""

    title: str
    query: str
    columns: tuple[Column, ...]


def discover(source: str, found: Found, kind: str, dialect: Dialect, most_bytes: int) -> Findings:
    """The file's tables, and a mapping out of the one that has the most to measure. Raises SourceMisread."""
    tables = tuple(_read_tables(found, kind, dialect, most_bytes))
    listings = tuple(Listing(f"Columns of {table.title}", tuple(map(_item, table.columns))) for table in tables)
    parts = tuple(Part(table.title, table.title, _mapping(source, table)) for table in tables)
    best = max(range(len(tables)), key=lambda at: _worth(tables[at]), default=None)
    return Findings(listings, parts[best].mapping if best is not None else (), parts)


def _read_tables(found: Found, kind: str, dialect: Dialect, most_bytes: int) -> Iterator[Table]:
    if kind == "csv":
        rows = _named(read_csv(found, dialect), lambda text: parse_csv_cell(text, dialect))
        yield _make_table(found.name, {}, rows)
    elif kind == "xlsx":
        titles = list_sheets(found, most_bytes)
        for title in titles:
            rows = _named(read_xlsx(found, title, most_bytes), lambda cell: parse_excel_cell(cell, dialect.zone))
            yield _make_table(title, {"sheet": title} if len(titles) > 1 else {}, rows)
    else:
        yield _read_json(found, dialect, is_lines=kind == "jsonl")


def _read_json(found: Found, dialect: Dialect, *, is_lines: bool) -> Table:
    """The list that a JSON file is, or the longest that it has under a key of its own."""
    query: dict[str, str] = {}
    text = decode(found, dialect.encoding)
    if is_lines:
        whole: Any = [parse_json(line, found.name) for line in text.splitlines() if line.strip()]
    else:
        whole = parse_json(text, found.name)
    if isinstance(whole, dict):
        lists = {key: value for key, value in whole.items() if isinstance(value, list)}
        key = max(lists, key=lambda name: len(lists[name]), default="")
        query, whole = ({"records": _json_key(key)}, lists[key]) if key else ({}, [whole])
    records = [each for each in whole if isinstance(each, dict)] if isinstance(whole, list) else []
    rows = ({name: parse_plain(value) for name, value in each.items()} for each in records)
    return _make_table(found.name, query, rows)


def _json_key(name: str) -> str:
    """A key as JMESPath reads it: bare where it is an identifier, else in quotes."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else json.dumps(name)


def _named(rows: Iterable[Row], parse: Callable[[Any], Value]) -> Iterator[dict[str, Value]]:
    """The rows below the first, by what stands in that."""
    names: list[str] | None = None
    for row in rows:
        if names is None:
            names = ["" if cell is None else str(cell).strip() for cell in row]
            continue
        yield {name: parse("" if cell is None else cell) for name, cell in zip(names, row, strict=False) if name}


def _make_table(title: str, query: Mapping[str, str], rows: Iterable[Mapping[str, Value]]) -> Table:
    """A table as its first rows show it."""
    seen: dict[str, list[Value]] = {}
    for row in islice(rows, LOOKED_AT):
        for name, value in row.items():
            values = seen.setdefault(name, [])
            if value is not None and value != "":
                values.append(value)
    asked = ", ".join(f"{key}: {say_name(text)}" for key, text in query.items())
    return Table(title, f"{{{asked}}}", tuple(Column(name, tuple(values)) for name, values in seen.items()))


def _item(column: Column) -> Item:
    shown = ", ".join(column.choices) or (f"such as {column.values[0]}" if column.values else "empty")
    return Item(column.name, kind=column.type, note=shown)


def _mapping(source: str, table: Table) -> tuple[str, ...]:
    choice = next((column for column in table.columns if column.choices), None)
    return tuple(
        suggest(
            source,
            table.query,
            date=_first(table, "date"),
            number=_first(table, "number"),
            choice=choice.name if choice else "",
            choices=choice.choices if choice else (),
        )
    )


def _first(table: Table, type_: str) -> str:
    return next((each.name for each in table.columns if each.type == type_ and not is_key(each.name)), "")


def _worth(table: Table) -> tuple[int, int]:
    return bool(_first(table, "date")) + bool(_first(table, "number")), len(table.columns)
