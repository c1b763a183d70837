"""Airtable's cells on the wire: as JSON, as the text that a person sees, and back from what a client sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.airtable_base import Base, Cell, Field, Record, Table, make_id
from sandbox.airtable_formula import parse_formula
from sandbox.airtable_moment import format_moment
from sandbox.airtable_values import FormulaFault, Value, iso, text

_TEXTS = frozenset({"singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"})
_NUMBERS = frozenset({"number", "currency", "percent", "rating", "duration"})
_UTC = ZoneInfo("UTC")


class CellMistake(Exception):
    """A value that a field can't accept."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A record as it is at a moment: what formulas, filters, sorts and answers look at."""

    base: Base
    table: Table
    record: Record
    now: datetime
    cells: Mapping[str, Cell]

    @property
    def id(self) -> str:
        """The record's id."""
        return self.record.id

    @property
    def created(self) -> datetime:
        """When it was created."""
        return self.record.created

    @property
    def modified(self) -> datetime:
        """When it was last changed."""
        return self.record.modified(self.now)

    def cell(self, name: str) -> Value:
        """Return a field's value as formulas see it. Raises FormulaFault where a formula field has an error."""
        field = self.table.field(name)
        return None if field is None else self.value(field)

    def value(self, field: Field) -> Value:
        """Return a field's value as formulas see it: dates as midnights, links as the names of the linked."""
        match field.type:
            case "formula":
                return parse_formula(field.options["formula"]).evaluate(self)
            case "autoNumber":
                return Decimal(self.record.number)
            case "createdTime":
                return self.created
            case "lastModifiedTime":
                return self.modified
            case "multipleRecordLinks":
                return tuple(self._linked(field, id_) for id_ in self.cells.get(field.id, ()))  # type: ignore[union-attr]
        return _formula_value(self.cells.get(field.id))

    def _linked(self, field: Field, id_: str) -> str:
        table = self.base.table(str(field.options["linkedTableId"]))
        record = table.records.get(id_) if table is not None else None
        if table is None or record is None:
            return ""
        return text(see(self.base, table, record, self.now).value(table.primary))


def see(base: Base, table: Table, record: Record, now: datetime) -> Sight:
    """Look at a record at a moment."""
    return Sight(base, table, record, now, record.cells(now))


def _formula_value(cell: Cell | None) -> Value:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime.combine(cell, time(0), _UTC)
    if isinstance(cell, bool) or cell is None:
        return cell
    return Decimal(str(cell)) if isinstance(cell, int | float | Decimal) else cell


def json_cell(sight: Sight, field: Field) -> Any:
    """Make a cell's JSON; None for an empty one, which answers leave out."""
    if field.type in ("formula", "autoNumber", "createdTime", "lastModifiedTime"):
        try:
            return _json(sight.value(field))
        except FormulaFault:
            return {"error": "#ERROR!"}
    return _json(sight.cells.get(field.id))


def _json(cell: Cell | None) -> Any:
    if isinstance(cell, datetime):
        return iso(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, tuple):
        return list(cell) or None
    return None if cell == "" else cell


def string_cell(sight: Sight, field: Field, zone: str, locale: str = "en") -> str:
    """Make the text that a person of this zone and locale sees in the cell; "" for an empty one."""
    try:
        value = sight.value(field)
    except FormulaFault:
        return "#ERROR!"
    if isinstance(value, datetime):
        return _string_moment(value, field, zone, locale)
    if isinstance(value, bool):
        return "checked" if value else ""
    if isinstance(value, Decimal):
        return _string_number(value, field)
    return text(value)


def _string_moment(at: datetime, field: Field, zone: str, locale: str) -> str:
    day = str(field.options.get("dateFormat", {}).get("format", "YYYY-MM-DD"))
    if field.type == "date":
        return format_moment(at, day, locale)
    clock = str(field.options.get("timeFormat", {}).get("format", "HH:mm"))
    return format_moment(at.astimezone(ZoneInfo(zone)), f"{day} {clock}", locale)


def _string_number(value: Decimal, field: Field) -> str:
    places = int(field.options.get("precision", 0))
    if field.type == "percent":
        return f"{value * 100:.{places}f}%"
    if field.type == "currency":
        return f"{field.options.get('symbol', '$')}{value:,.{places}f}"
    return f"{value:.{places}f}" if field.type == "number" else text(value)


def parse_cell(field: Field, sent: Any, *, typecast: bool) -> Cell | None:
    """Read what a client sends for a field. Raises CellMistake when the field can't accept it."""
    if sent is None:
        return None
    if field.type in _TEXTS and isinstance(sent, str):
        return sent
    if field.type in _NUMBERS and isinstance(sent, int | Decimal) and not isinstance(sent, bool):
        return sent
    if field.type == "checkbox" and isinstance(sent, bool):
        return sent
    if field.type in ("date", "dateTime") and isinstance(sent, str):
        return _parse_moment(field, sent)
    if field.type == "singleSelect" and isinstance(sent, str):
        return _choice(field, sent, typecast=typecast)
    if field.type in ("multipleSelects", "multipleRecordLinks") and isinstance(sent, list):
        return tuple(str(each) if field.type[8] == "R" else _choice(field, each, typecast=typecast) for each in sent)
    raise CellMistake(f'Field "{field.name}" cannot accept the provided value')


def _parse_moment(field: Field, sent: str) -> Cell:
    try:
        if field.type == "date":
            return date.fromisoformat(sent[:10])
        read = datetime.fromisoformat(sent)
    except ValueError:
        raise CellMistake(f'Field "{field.name}" cannot accept the provided value') from None
    return read if read.tzinfo else read.replace(tzinfo=_UTC)


def _choice(field: Field, name: Any, *, typecast: bool) -> str:
    known = field.options["choices"]
    if not any(each["name"] == name for each in known):
        if not typecast:
            raise CellMistake(f'Insufficient permissions to create new select option "{name}"')
        known.append({"id": make_id("sel", field.id, name), "name": name})
    return str(name)
