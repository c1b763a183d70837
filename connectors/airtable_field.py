"""Airtable's fields by name or by id, and what their cells hold. Sends nothing.

A field's id (``fld…``) outlives its renaming; answers carry names, or ids for ``returnFieldsByFieldId``, for all
fields alike (Airtable's Web API, "List records").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base import SourceMisread
from connectors.value import parse_cell
from mappings.model import Filter, Value

_FIELD_ID = re.compile(r"fld[A-Za-z0-9]{14}")
_RECORD_ID = re.compile(r"rec[A-Za-z0-9]{14}")


def is_field_id(name: str) -> bool:
    """Whether a mapping names a field by its id."""
    return _FIELD_ID.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Naming:
    """How a pass names its fields: as ``asked``, and each answered key with the names that the mapping uses."""

    by_id: bool = False
    asked: tuple[str, ...] = ()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fields(self, cells: Mapping[str, Any]) -> dict[str, Value]:
        """A record's cells, typed, under the mapping's names."""
        return {
            name: value
            for key, cell in cells.items()
            if (value := parse_cell(cell)) is not None
            for name in self.written.get(key, (key,))
        }


def make_naming(names: Iterable[str], ids: Mapping[str, str]) -> Naming:
    """The naming of a pass that reads some fields. ``ids``: each field's id by its name, where ids are among them.

    Raises:
        SourceMisread: ids are among the names, and a name's id isn't known; carries the ids.
    """
    wanted = sorted(names)
    by_id = [name for name in wanted if is_field_id(name)]
    if not by_id:
        return Naming(asked=tuple(wanted))
    written: dict[str, tuple[str, ...]] = {}
    for name in wanted:
        id_ = name if is_field_id(name) else ids.get(name)
        if id_ is None:
            raise SourceMisread(
                f"“{name}” is named by its name and {by_id[0]} by its id, and the token may not see which is which.",
                fix="Name all fields of the table in one way, or give the token the scope schema.bases:read.",
                fields=frozenset(by_id),
            )
        written[id_] = (*written.get(id_, ()), name)
    return Naming(by_id=True, asked=tuple(sorted(written)), written=written)


def check_links(fields: Mapping[str, Value], filters: Iterable[Filter]) -> None:
    """Refuse to compare linked records, which come as ids, with a name: nothing would ever match.

    Raises:
        SourceMisread: names the field and what to write instead.
    """
    for condition in (each for only in filters for each in only.conditions):
        value = fields.get(condition.field)
        if not isinstance(value, tuple) or not all(isinstance(one, str) and _RECORD_ID.fullmatch(one) for one in value):
            continue
        if not any(_RECORD_ID.fullmatch(text) for text in condition.values):
            name, wanted = condition.field, condition.values[0]
            raise SourceMisread(
                f"“{name}” holds linked records, which Airtable gives by their ids, not as “{wanted}”.",
                fix=f"Compare a lookup of the linked name, or write formula: {{{name}}} = '{wanted}'.",
                fields=frozenset({name}),
            )
