"""Records out of a service's JSON: their fields by name or by path, ids, moments that are counted in seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.http_grammar import FieldPath, HttpBody
from connectors.json_path import find
from connectors.value import parse_cell
from mappings.model import Record, Value

VALUE = "value"
"""The name of the only field where a record is a bare number or text."""


class RecordReader:
    """Makes records, and remembers which of the wanted fields were ever there."""

    def __init__(
        self,
        fields: tuple[FieldPath, ...],
        id_path: str,
        wanted: frozenset[str],
        nest: str | None = None,
        typed: bool = False,
    ) -> None:
        self._fields = {each.name: each for each in fields}
        self._nest, self._typed = nest, typed
        self._id = id_path
        self._wanted = wanted
        self.seen: set[str] = set(self._fields)
        self.keys: dict[str, None] = dict.fromkeys(self._fields)
        self.count = 0

    def read(self, found: Any) -> Record:
        """One record with the wanted fields that it has."""
        self.count += 1
        if not isinstance(found, dict):
            self.seen.add(VALUE)
            value = parse_cell(found)
            return Record(id=f"#{self.count}", fields={} if value is None else {VALUE: value})
        found = self._unnested(found)
        self.keys.update(dict.fromkeys(found))
        fields = {name: value for name in sorted(self._wanted) if (value := self._value(found, name)) is not None}
        id_ = find(self._id, found)
        title = next((text for key in ("name", "title", "subject") if isinstance(text := found.get(key), str)), "")
        return Record(id=f"#{self.count}" if id_ is None else str(id_), fields=fields, title=title)

    @property
    def missing(self) -> frozenset[str]:
        """Wanted fields that none of the records had: probably misspelt. Nothing is known where there were none."""
        return self._wanted - self.seen if self.count else frozenset()

    def _unnested(self, found: dict[str, Any]) -> dict[str, Any]:
        """The record with its nested fields beside its own, of which they win."""
        inner = found.get(self._nest) if self._nest else None
        if isinstance(inner, list):  # objects that bear their names (Asana's custom fields)
            inner = {each["name"]: _named(each) for each in inner if isinstance(each, dict) and "name" in each}
        if not isinstance(inner, dict):
            return found
        return {**found, **{name: _untyped(value) if self._typed else value for name, value in inner.items()}}

    def _value(self, found: dict[str, Any], name: str) -> Value:
        field = self._fields.get(name)
        if field is not None:
            return parse_unit(find(field.path, found), field.unit)
        there, value = _walk(found, name)
        if there:
            self.seen.add(name)
        return parse_cell(value)


def make_reader(body: HttpBody, wanted: frozenset[str]) -> RecordReader:
    """For one pass over one list."""
    moments = tuple(FieldPath(name, f'"{name}"', "unix") for name in body.unix)
    return RecordReader((*body.fields, *moments), body.id, wanted, body.nest, body.typed)


def _named(found: dict[str, Any]) -> Any:
    """A custom field's value: the number, the choice, or as it is shown."""
    enum = found.get("enum_value")
    choice = enum.get("name") if isinstance(enum, dict) else None
    return next((each for each in (found.get("number_value"), choice) if each is not None), found.get("display_value"))


def _untyped(found: Any) -> Any:
    """The value of an object that names its own type (Notion's properties); formulas and rollups hold another."""
    if not isinstance(found, dict) or found.get("type") not in found:
        return found
    value = found[found["type"]]
    if found["type"] in {"title", "rich_text"}:
        return "".join(str(each.get("plain_text", "")) for each in value if isinstance(each, dict))
    if found["type"] in {"formula", "rollup"}:
        return _untyped(value)
    if found["type"] == "array":
        return [_untyped(each) for each in value]
    return value.get("start") if found["type"] == "date" and isinstance(value, dict) else value


def _walk(found: dict[str, Any], name: str) -> tuple[bool, Any]:
    """A field by its key, or by a path of keys with dots; and whether it is there at all."""
    if name in found:
        return True, found[name]
    here: Any = found
    for part in name.split("."):
        if not isinstance(here, dict) or part not in here:
            return here is None, None
        here = here[part]
    return True, here


def parse_unit(found: Any, unit: str | None) -> Value:
    """A value as it is, or a moment from its count of seconds or milliseconds since 1970."""
    if unit is None or found is None:
        return parse_cell(found)
    try:
        seconds = Decimal(str(found)) / (1000 if unit == "unix_ms" else 1)
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ArithmeticError, ValueError, OSError, OverflowError):
        return parse_cell(found)
