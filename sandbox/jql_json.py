"""A query's structure as ``POST /jql/parse`` returns it."""

from __future__ import annotations

import re
from typing import Any

from sandbox.jql_tree import Both, Call, Clause, Condition, Either, Empty, FieldName, Many, Operand, Opposite, Query

_SIMPLE = re.compile(r"[\w.-]+")


def render_structure(query: Query) -> dict[str, Any]:
    """Render a query's where and orderBy."""
    body: dict[str, Any] = {}
    if query.where is not None:
        body["where"] = _condition(query.where)
    if query.order:
        body["orderBy"] = {
            "fields": [
                {"field": _field(sort.field)}
                | ({} if sort.descending is None else {"direction": "desc" if sort.descending else "asc"})
                for sort in query.order
            ]
        }
    return body


def _condition(condition: Condition) -> dict[str, Any]:
    match condition:
        case Both(parts):
            return {"operator": "and", "clauses": [_condition(part) for part in parts]}
        case Either(parts):
            return {"operator": "or", "clauses": [_condition(part) for part in parts]}
        case Opposite(part):
            return {"operator": "not", "clauses": [_condition(part)]}
        case Clause():
            return _clause(condition)


def _clause(clause: Clause) -> dict[str, Any]:
    body: dict[str, Any] = {"field": _field(clause.field), "operator": clause.operator}
    if clause.operand is not None:
        body["operand"] = _operand(clause.operand)
    if clause.operator == "changed" or clause.predicates:
        body["predicates"] = [{"operator": name, "operand": _operand(operand)} for name, operand in clause.predicates]
    return body


def _field(field: FieldName) -> dict[str, Any]:
    encoded = field.text if field.number is not None else _encode(field.text)
    return {"name": field.text, "encodedName": encoded}


def _operand(operand: Operand) -> dict[str, Any]:
    match operand:
        case Call(name, arguments):
            text = ", ".join(map(_encode, arguments))
            return {"function": name, "arguments": list(arguments), "encodedOperand": f"{_encode(name)}({text})"}
        case Many(items):
            values = [_operand(item) for item in items]
            text = ", ".join(each.get("encodedValue", each.get("encodedOperand", "EMPTY")) for each in values)
            return {"values": values, "encodedOperand": f"({text})"}
        case Empty():
            return {"keyword": "empty", "encodedOperand": "EMPTY"}
        case _:
            return {"value": operand.text, "encodedValue": _encode(operand.text)}


def _encode(text: str) -> str:
    if _SIMPLE.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
