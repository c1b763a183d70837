"""Airtable bases in memory, whose records are what their dated changes make them at the clock's moment.

What a cell holds, by the field's type: text, an option's name (str); number, currency, percent (Decimal or
int; a percent is a fraction); checkbox: True; date: a date; dateTime: an aware moment; multipleSelects: a
tuple of names; multipleRecordLinks: a tuple of record ids. None, "", () and False are empty, and empty cells
are absent, as in Airtable's answers. A record created tomorrow does not exist today.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Cell = str | Decimal | int | bool | date | datetime | tuple[str, ...]
COMPUTED = frozenset({"autoNumber", "createdTime", "lastModifiedTime", "formula"})
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def make_id(prefix: str, *names: object) -> str:
    """Make an id as Airtable's look: three letters and 14 more, always the same for the same names."""
    number = int.from_bytes(hashlib.sha256("\0".join(map(str, names)).encode()).digest()[:14], "big")
    letters = []
    for _ in range(14):
        number, at = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[at])
    return prefix + "".join(letters)


@dataclass(slots=True)
class Field:
    """A column. ``options`` are as in Airtable's field model; a formula's text is ``options["formula"]``."""

    id: str
    name: str
    type: str
    options: dict[str, Any] = field(default_factory=dict)
    description: str = ""


@dataclass(slots=True)
class View:
    """A grid. ``formula`` keeps some records, ``sort`` orders them: (field name, is descending)."""

    id: str
    name: str
    formula: str = ""
    sort: tuple[tuple[str, bool], ...] = ()


@dataclass(slots=True)
class Record:
    """A row: as it was created, and every change since, by field id, past and future, in order of time."""

    id: str
    number: int
    created: datetime
    first: dict[str, Cell]
    changes: list[tuple[datetime, dict[str, Cell | None]]] = field(default_factory=list)
    deleted: datetime | None = None

    def exists(self, now: datetime) -> bool:
        """Whether it is there at that moment."""
        return self.created <= now and (self.deleted is None or self.deleted > now)

    def cells(self, now: datetime) -> dict[str, Cell]:
        """Return the cells that aren't empty at that moment, by field id."""
        cells = dict(self.first)
        for at, values in self.changes:
            if at > now:
                break
            for name, value in values.items():
                if value is None or is_empty(value):
                    cells.pop(name, None)
                else:
                    cells[name] = value
        return cells

    def modified(self, now: datetime) -> datetime:
        """Return when it was last changed, as of that moment."""
        return max((at for at, _ in self.changes if at <= now), default=self.created)


def is_empty(value: Cell | None) -> bool:
    """Whether Airtable leaves such a cell out. Zero is a value."""
    return value is None or value is False or value in ("", ())


class Table:
    """One table of a base."""

    def __init__(self, base: str, name: str, fields: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        self.base = base
        self.id = make_id("tbl", base, name)
        self.name = name
        self.description = ""
        self.fields: list[Field] = []
        for field_name, kind, options in fields:
            self.add_field(field_name, kind, **options)
        self.views = [View(make_id("viw", self.id, "Grid view"), "Grid view")]
        self.records: dict[str, Record] = {}

    @property
    def primary(self) -> Field:
        """The field that names a record."""
        return self.fields[0]

    def add_field(self, name: str, kind: str, **options: Any) -> Field:
        """Add a column at the right."""
        made = Field(make_id("fld", self.id, name), name, kind, options)
        self.fields.append(made)
        return made

    def add_view(self, name: str, formula: str = "", sort: tuple[tuple[str, bool], ...] = ()) -> View:
        """Add a view."""
        view = View(make_id("viw", self.id, name), name, formula, sort)
        self.views.append(view)
        return view

    def field(self, name: str) -> Field | None:
        """Find a column by its name or id."""
        return next((each for each in self.fields if name in (each.name, each.id)), None)

    def rename_field(self, name: str, new: str) -> None:
        """Give a column another name; its id stays."""
        self._known(name).name = new

    def add(self, created: datetime, values: Mapping[str, Cell | None]) -> Record:
        """Create a record with cells by column name. Raises ValueError for a column that isn't there."""
        number = len(self.records) + 1
        cells = {self._known(name).id: value for name, value in values.items()}
        first = {key: value for key, value in cells.items() if value is not None and not is_empty(value)}
        record = Record(make_id("rec", self.id, number), number, _aware(created), first)
        self.records[record.id] = record
        return record

    def change(self, record: Record, at: datetime, values: Mapping[str, Cell | None]) -> None:
        """Change cells at a moment. What is dated later still happens later."""
        change = (_aware(at), {self._known(name).id: value for name, value in values.items()})
        insort(record.changes, change, key=lambda each: each[0])

    def delete(self, record: Record, at: datetime) -> None:
        """Delete a record at a moment."""
        record.deleted = at

    def present(self, now: datetime) -> list[Record]:
        """Return the records that exist at that moment, oldest first."""
        return [each for each in self.records.values() if each.exists(now)]

    def cells(self, now: datetime) -> list[dict[str, Any]]:
        """Return the present records' cells by column name: how a test or a person looks at the table."""
        names = {each.id: each.name for each in self.fields}
        return [{names[key]: value for key, value in each.cells(now).items()} for each in self.present(now)]

    def _known(self, name: str) -> Field:
        found = self.field(name)
        if found is None:
            raise ValueError(f"the table {self.name!r} has no field {name!r}")
        return found


class Base:
    """One base: tables by name."""

    def __init__(self, id_: str, name: str) -> None:
        self.id = id_
        self.name = name
        self.tables: dict[str, Table] = {}

    def add_table(self, name: str, *fields: tuple[str, str, dict[str, Any]]) -> Table:
        """Add a table; the first field names its records."""
        table = self.tables[name] = Table(self.id, name, fields)
        return table

    def table(self, name: str) -> Table | None:
        """Find a table by its name or id."""
        return next((each for each in self.tables.values() if name in (each.name, each.id)), None)


def column(name: str, kind: str, **options: Any) -> tuple[str, str, dict[str, Any]]:
    """Describe a column for ``Base.add_table``."""
    return name, kind, options


def choices(*names: str) -> dict[str, Any]:
    """Make the options of a select field."""
    return {"choices": [{"id": make_id("sel", *names, name), "name": name} for name in names]}


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} needs a zone")
    return moment
