"""Airtable's upsert: which record a client means that names it by the values of fields, not by its id.

After "Update multiple records" (airtable.com/developers/web/api): one to three fields to merge on; no match creates,
one match updates, more than one refuses the whole request. How the refusals are worded isn't recorded anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.airtable_base import COMPUTED, Field, Record, Table
from sandbox.airtable_query import Refused, invalid_request

_MOST_FIELDS = 3


def read_keys(table: Table, body: Mapping[str, Any]) -> list[Field]:
    """Return the fields that a request merges on. Raises Refused."""
    asked = body.get("performUpsert")
    names = asked.get("fieldsToMergeOn") if isinstance(asked, Mapping) else None
    if not isinstance(names, list) or not 0 < len(names) <= _MOST_FIELDS:
        raise invalid_request()
    found = []
    for name in names:
        field = table.field(str(name))
        if field is None:
            raise Refused("UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')
        if field.type in COMPUTED:
            raise Refused("INVALID_REQUEST_UNKNOWN", f'The field "{name}" is computed and can\'t be merged on')
        found.append(field)
    return found


def find_match(table: Table, keys: list[Field], values: Mapping[str, Any], now: datetime) -> Record | None:
    """Return the one record whose cells equal the values of the key fields. Raises Refused where there are several."""
    wanted = {key.id: values.get(key.name) for key in keys}
    if any(value is None for value in wanted.values()):
        raise invalid_request()
    found = [
        record
        for record in table.present(now)
        if all(record.cells(now).get(name) == value for name, value in wanted.items())
    ]
    if len(found) > 1:
        raise Refused("INVALID_REQUEST_UNKNOWN", f"Cannot upsert: {len(found)} records match the fields to merge on")
    return found[0] if found else None
