"""A table as the meta API describes it."""

from __future__ import annotations

from typing import Any

from sandbox.airtable_base import Table


def render_schema(table: Table) -> dict[str, Any]:
    """Make the table model of the meta API: fields with their options, and views."""
    fields = []
    for each in table.fields:
        field = {"id": each.id, "name": each.name, "type": each.type}
        options = dict(each.options)
        if each.type == "formula":
            options = {"isValid": True, "formula": each.options["formula"], "referencedFieldIds": [], "result": None}
        elif each.type == "createdTime":
            options = {"result": {"type": "dateTime", "options": options}}
        fields.append(field | ({"options": options} if options else {}))
    return {
        "id": table.id,
        "name": table.name,
        "primaryFieldId": table.primary.id,
        "fields": fields,
        "views": [{"id": view.id, "name": view.name, "type": "grid"} for view in table.views],
    }
