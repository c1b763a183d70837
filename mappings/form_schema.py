"""A pydantic form as JSON Schema for editors, which read YAML with types where we read text.

An editor takes ``1.10`` for a number and ``no`` for a word; here every scalar is text until a field gives it its
type. So a field of text takes any scalar, and a number may stand in quotes. Draft 7, because yaml-language-server
promises "JSON Schema 7 and below" (its README).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

DRAFT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "number", "boolean"]}
NAME: Schema = {**TEXT, "pattern": r"\S"}
"""Text that isn't blank."""

_DIGITS = r"[-+]?[\d_]*\.?[\d_]*\d[\d_]*\.?([eE][-+]?\d+)?"
_NUMBER = rf"^\s*{_DIGITS}\s*$"
_AMOUNT = rf"^\s*{_DIGITS}\s*%?\s*$"
_WHOLE = r"^\s*[-+]?\d[\d_]*(\.0*)?\s*$"
_TRUTH = (
    r"^([Yy]|[Nn]|[Tt]|[Ff]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|[Oo][Ff][Ff]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|0|1)$"
)
_KEPT = ("description", "default", "examples")
_DROPPED = ("title", "$defs")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def make_form_schema(form: type[BaseModel], without: tuple[str, ...] = ()) -> Schema:
    """The form's schema, whole in itself. ``without`` are keys that the caller describes."""
    written = form.model_json_schema(by_alias=True, mode="validation")
    made = _make(written, written.get("$defs", {}))
    made["properties"] = {name: each for name, each in made.get("properties", {}).items() if name not in without}
    made["required"] = [name for name in made.get("required", []) if name not in without]
    return {key: value for key, value in made.items() if key != "required" or value}


def _make(written: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    """One piece of pydantic's schema as an editor should see it."""
    if "$ref" in written:
        found = _make(defs[written["$ref"].rsplit("/", 1)[-1]], defs)
        return {**found, **_remarks(written)}
    if "anyOf" in written:
        return _make_choice(written, defs)
    kinds = {
        "string": _make_text, "number": _make_number, "integer": _make_whole, "boolean": _make_truth,
        "object": _make_map, "array": _make_list,
    }  # fmt: skip
    made = kinds[written["type"]](written, defs) if written.get("type") in kinds else dict(written)
    return {**{key: value for key, value in made.items() if key not in _DROPPED}, **_remarks(written)}


def _remarks(written: Mapping[str, Any]) -> Schema:
    """What is said of a field; a default of nothing says nothing."""
    kept = {key: written[key] for key in _KEPT if written.get(key) is not None}
    return kept | ({"description": kept["description"].replace("``", "")} if "description" in kept else {})


def _make_choice(written: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    """A field that may be empty; or a Decimal, which pydantic shows as a number or text."""
    choices = list(written["anyOf"])
    if any(each.get("type") == "number" for each in choices):
        choices = [each for each in choices if each.get("type") != "string"]
    made = [_make(each, defs) for each in choices]
    flat = [part for each in made for part in (each["anyOf"] if set(each) == {"anyOf"} else [each])]
    return {**(flat[0] if len(flat) == 1 else {"anyOf": flat}), **_remarks(written)}


def _make_text(written: Mapping[str, Any], _: Mapping[str, Any]) -> Schema:
    if written.get("format") == "date":
        return {"type": "string", "pattern": r"^\s*\d{4}-\d{2}-\d{2}\s*$"}
    words = written.get("enum") or ([written["const"]] if "const" in written else None)
    if words:
        return {"enum": [*words, *(int(word) for word in words if word.isdigit())]}
    return {**TEXT, **{key: written[key] for key in ("pattern", "minLength") if key in written}}


def _make_number(written: Mapping[str, Any], _: Mapping[str, Any]) -> Schema:
    pattern = _AMOUNT if written.get("format") == "percent" else _NUMBER
    return {"anyOf": [{"type": "number", **_bounds(written)}, {"type": "string", "pattern": pattern}]}


def _make_whole(written: Mapping[str, Any], _: Mapping[str, Any]) -> Schema:
    return {"anyOf": [{"type": "integer", **_bounds(written)}, {"type": "string", "pattern": _WHOLE}]}


def _make_truth(_: Mapping[str, Any], __: Mapping[str, Any]) -> Schema:
    return {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": _TRUTH}, {"enum": [0, 1]}]}


def _make_map(written: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    made: Schema = {"type": "object", "additionalProperties": written.get("additionalProperties", True)}
    if isinstance(made["additionalProperties"], Mapping):
        made["additionalProperties"] = _make(made["additionalProperties"], defs)
    if "properties" in written:
        made["properties"] = {name: _make(each, defs) for name, each in written["properties"].items()}
    return made | ({"required": written["required"]} if written.get("required") else {})


def _make_list(written: Mapping[str, Any], defs: Mapping[str, Any]) -> Schema:
    return {"type": "array", "items": _make(written["items"], defs)}


def _bounds(written: Mapping[str, Any]) -> Schema:
    return {key: written[key] for key in _BOUNDS if key in written}
