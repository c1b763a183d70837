"""What a body may say: names and types by Google's own messages, read strictly.

``clean`` takes a body as a client sent it and returns it as Google stores it: without nulls, defaults and empty
lists, colours rounded to 32-bit floats and written both plainly and as a style. An unknown name or a wrong type
is refused in the words of Google's JSON parser.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.google_error import violations

Json = dict[str, Any]
PACKAGE = "type.googleapis.com/google.apps.sheets.v4."
SCALARS = {"int": "TYPE_INT32", "double": "TYPE_DOUBLE", "float": "TYPE_FLOAT", "bool": "TYPE_BOOL"}
THEME = {
    "TEXT": {},
    "BACKGROUND": {"red": 1, "green": 1, "blue": 1},
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}


class Field(NamedTuple):
    """A field of a message. ``kind`` is a scalar's name, "enum", "any", "unserved" or a message's name."""

    kind: str
    repeats: int
    mapped: bool
    kept: bool
    choices: frozenset[str]


@cache
def messages() -> dict[str, dict[str, Field]]:
    """Read the table of messages: name to fields."""
    table: dict[str, dict[str, Field]] = {}
    for line in Path(__file__).with_name("google_messages.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            table[line] = {}
            continue
        name, kind = line.split()
        table[list(table)[-1]][name] = _field(kind)
    return table


def _field(kind: str) -> Field:
    kept = kind.endswith("?")
    kind = kind.rstrip("?")
    repeats = kind.count("[")
    mapped = kind.startswith("{")
    kind, _, choices = kind.strip("[]{}").partition(":")
    return Field(kind, repeats, mapped, kept, frozenset(choices.split(",")) if choices else frozenset())


def snake(name: str) -> str:
    """Write a JSON name as Google's errors do: ``updateCells`` is ``update_cells``."""
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def float32(value: float) -> float:
    """Round to the number that Google's 32-bit fields give back: the shortest that means the same float."""
    packed = struct.unpack("f", struct.pack("f", value))[0]
    for digits in range(1, 10):
        short = float(f"{packed:.{digits}g}")
        if struct.unpack("f", struct.pack("f", short))[0] == packed:
            return plain(short)
    return plain(packed)


def plain(number: float) -> float:
    """Return a whole number without its point, as Google's JSON writes it."""
    return int(number) if abs(number) < 1e21 and number == int(number) else number


def clean(message: str, body: Any, at: str = "") -> Json:
    """Return a body of this message as Google reads it. Raises ApiError with everything that is wrong in it."""
    found: list[tuple[str, str]] = []
    result = _message(message, body, at, found)
    if found:
        raise violations(found)
    return result


def _message(message: str, body: Any, at: str, found: list[tuple[str, str]]) -> Json:
    if not isinstance(body, dict):
        _wrong(at, PACKAGE + message, body, found)
        return {}
    fields = messages()[message]
    result: Json = {}
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            where = f" at '{at}'" if at else ""
            text = f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
            found.append((at, text))
        elif value is not None:
            read = _value(field, value, f"{at}.{snake(name)}" if at else snake(name), field.repeats, found)
            if field.kept or not (read is None or read is False or read == "" or _is_zero(read) or read == []):
                result[name] = read
    if message == "Color":
        return {name: _eighth(value) if name != "alpha" else value for name, value in result.items() if value}
    return _pair_colours(fields, result)


def _eighth(part: float) -> float:
    """Round a colour's part down to one of 256 steps: 0.5 comes back as 0.49803922, as recorded."""
    return float32(int(part * 255 + 1e-6) / 255)


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | float) and value == 0


def _value(field: Field, value: Any, at: str, repeats: int, found: list[tuple[str, str]]) -> Any:
    if repeats:
        if field.kind == "CellData" and isinstance(value, list):
            return [_cell(field, each, at, place, found) for place, each in enumerate(value)]
        items = value if isinstance(value, list) else [value]
        return [_value(field, each, f"{at}[{place}]", repeats - 1, found) for place, each in enumerate(items)]
    if field.mapped:
        return {key: _one(field, each, f"{at}[{key}]", found) for key, each in value.items()}
    return _one(field, value, at, found)


def _cell(field: Field, cell: Any, at: str, place: int, found: list[tuple[str, str]]) -> Any:
    """Read a cell; most hold a typed value and nothing else, and there may be many."""
    if isinstance(cell, dict) and len(cell) == 1:
        value = cell.get("userEnteredValue")
        if isinstance(value, dict) and len(value) == 1:
            text = value.get("stringValue")
            if type(text) is str:
                return cell
            number = value.get("numberValue")
            if type(number) is float or type(number) is int:
                return cell
    return _one(field, cell if cell is not None else {}, f"{at}[{place}]", found)


def _one(field: Field, value: Any, at: str, found: list[tuple[str, str]]) -> Any:
    match field.kind:
        case "any" | "unserved":
            return value
        case "string" | "mask":
            return value if isinstance(value, str) else _wrong(at, "TYPE_STRING", value, found)
        case "bool":
            return value if isinstance(value, bool) else _wrong(at, "TYPE_BOOL", value, found)
        case "enum":
            return value if value in field.choices else _wrong(at, _enum_name(at), value, found)
        case "int" | "long" | "float" | "double":
            return _number(field.kind, value, at, found)
        case message:
            return _message(message, value, at, found)


def _enum_name(at: str) -> str:
    last = re.sub(r"\[.*?\]", "", at.rsplit(".", 1)[-1])
    return PACKAGE + "".join(part.capitalize() for part in last.split("_"))


def _number(kind: str, value: Any, at: str, found: list[tuple[str, str]]) -> Any:
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        number = None
    if number is None or (kind == "int" and not (number == int(number) and abs(number) < 2**31)):
        return _wrong(at, SCALARS.get(kind, "TYPE_INT64"), value, found)
    if kind == "double":
        return plain(number)
    return float32(number) if kind == "float" else int(number)


def _wrong(at: str, kind: str, value: Any, found: list[tuple[str, str]]) -> None:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
    found.append((at, f"Invalid value at '{at}' ({kind}), {shown}"))


def _pair_colours(fields: dict[str, Field], result: Json) -> Json:
    """Give every plain colour its style and every style its plain colour, as Google's answers do."""
    for name in [each for each in result if fields[each].kind in ("Color", "ColorStyle")]:
        if fields[name].kind == "Color" and f"{name}Style" in fields:
            result.setdefault(f"{name}Style", {"rgbColor": result[name]})
        elif name.endswith("Style") and name[:-5] in fields:
            style = result[name]
            result[name[:-5]] = style.get("rgbColor", THEME.get(style.get("themeColor", ""), {}))
    return result
