"""Google's own description of the Sheets API as a strict check: an invented name or a wrong type is a fault."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient
from jsonschema import Draft202012Validator

DOCUMENT = Path(googleapiclient.__file__).parent / "discovery_cache/documents/sheets.v4.json"


@cache
def _definitions() -> dict[str, Any]:
    schemas = json.loads(DOCUMENT.read_text("utf-8"))["schemas"]
    return {name: _closed(schema) for name, schema in schemas.items()}


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    made = {key: schema[key] for key in ("enum", "type") if key in schema and schema[key] != "any"}
    if "items" in schema:
        made["items"] = _closed(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: _closed(each) for name, each in schema["properties"].items()}
        made["additionalProperties"] = False
    return made


def faults(message: str, body: Any) -> list[str]:
    """What Google's description of this message finds wrong with a body."""
    check = Draft202012Validator({"$ref": f"#/$defs/{message}", "$defs": _definitions()})
    return [f"{each.json_path}: {each.message[:150]}" for each in check.iter_errors(body)]


def request_faults(requests: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the requests of a batch: their form, and more than one kind in one request."""
    several = [f"{sorted(each)}: not exactly one kind" for each in requests if len(each) != 1]
    return several + faults("BatchUpdateSpreadsheetRequest", {"requests": requests})


def mask_faults(message: str, mask: str) -> list[str]:
    """Names in a field mask that the message hasn't."""
    schemas = json.loads(DOCUMENT.read_text("utf-8"))["schemas"]
    found: list[str] = []
    rest = _walk(mask.replace(" ", ""), message, schemas, found)
    return [*found, *([f"left over: {rest}"] if rest else [])]


def _walk(text: str, message: str, schemas: dict[str, Any], found: list[str]) -> str:
    while text:
        end = next((at for at, char in enumerate(text) if char in ".(),"), len(text))
        name, text = text[:end], text[end:]
        field = schemas.get(message, {}).get("properties", {}).get(name)
        if field is None:
            found.append(f"{message}.{name}")
            field = {}
        below = field.get("$ref") or field.get("items", {}).get("$ref", "")
        if text.startswith("."):
            text = _walk_one(text[1:], below, schemas, found)
        elif text.startswith("("):
            text = _walk(text[1:], below, schemas, found)
            if not text.startswith(")"):
                found.append("unbalanced")
            text = text[1:]
        if not text.startswith(","):
            return text
        text = text[1:]
    return text


def _walk_one(text: str, message: str, schemas: dict[str, Any], found: list[str]) -> str:
    """A path's next name; a comma after it belongs to the list above."""
    depth, end = 0, len(text)
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth < 0 or (char == "," and depth == 0):
            end = at
            break
    _walk(text[:end], message, schemas, found)
    return text[end:]
