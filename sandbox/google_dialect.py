"""A formula as Google Sheets writes it, put into the words of the spreadsheet engine that computes it.

The engine speaks Excel's English: arguments parted by commas, decimals with a point. Google takes semicolons
everywhere, and decimal commas in the countries that write them; it has ARRAYFORMULA, and names for ranges.
Whether Google's API also reads a formula by the sheet's locale isn't recorded: both ways of writing are taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from sandbox.google_range import Area, letters, quoted
from sandbox.google_reference import REFERENCE, TITLE

TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*")|(?P<broken>(?:{TITLE})?\#REF!)|(?<![\w.$!'])(?P<reference>{REFERENCE})
    |(?P<call>[A-Za-z_][\w.]*(?=\())|(?P<name>[^\W\d][\w.]*)|(?P<number>\d+(?:[.,]\d+)?)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
RELATIVE_ROW = re.compile(r"(?:^|[A-Za-z:])\d")
RELATIVE_COLUMN = re.compile(r"(?<![$A-Za-z])[A-Za-z]")
WHOLE_CALL = re.compile(r"=\s*([A-Za-z_][\w.]*)\(", re.DOTALL)
BARE = re.compile(rf"=\s*{REFERENCE}\s*$")


class Part(NamedTuple):
    """A piece of a formula, and what it is: text, reference, call, name, number, broken or other."""

    kind: str
    text: str


@lru_cache(maxsize=20_000)
def split_formula(formula: str) -> tuple[Part, ...]:
    """Split a formula into its pieces; together they are the formula."""
    return tuple(Part(found.lastgroup or "other", found[0]) for found in TOKEN.finditer(formula))


class Reach(NamedTuple):
    """What decides a formula's result beside the sheet: the row, the column, for which it is computed."""

    row: bool
    column: bool


@lru_cache(maxsize=20_000)
def reach_of(formula: str) -> Reach:
    """Tell whether a formula gives another result in another row, or in another column."""
    parts = split_formula(formula)
    calls = {part.text.upper() for part in parts if part.kind == "call"}
    boxes = [part.text.rpartition("!")[2] for part in parts if part.kind == "reference"]
    wide = any(":" in box for box in boxes) or "INDIRECT" in calls
    return Reach(
        "ROW" in calls or wide or any(RELATIVE_ROW.search(box) for box in boxes),
        "COLUMN" in calls or wide or any(RELATIVE_COLUMN.search(box) for box in boxes),
    )


class Home(NamedTuple):
    """The cell that a formula is computed for, where it isn't computed in the cell itself."""

    title: str
    row: int
    column: int


Named = Callable[[str], tuple[str, Area] | None]


def translate(formula: str, home: Home | None, named: Named, *, comma: bool) -> str:
    """Write a formula for the engine.

    ``home`` is what bare references, ROW() and COLUMN() mean, where the formula is computed in another cell;
    ``named`` finds a named range; ``comma`` says that the sheet's locale writes decimals with a comma.
    """
    parts = split_formula(formula) if home is None else _placed(split_formula(formula), home)
    comma = comma and any(part == Part("other", ";") for part in parts)
    depth, written = 0, []
    for part in parts:
        depth += {"{": 1, "}": -1}.get(part.text, 0)
        written.append(_translate(part, home, named, comma=comma, braced=depth > 0))
    return "".join(written)


def _placed(parts: tuple[Part, ...], home: Home) -> list[Part]:
    """Put numbers for ROW() and COLUMN() without an argument."""
    places = {"ROW": home.row + 1, "COLUMN": home.column + 1}
    placed, rest = [], list(parts)
    while rest:
        part = rest.pop(0)
        if part.kind == "call" and part.text.upper() in places and [each.text for each in rest[:2]] == ["(", ")"]:
            part, rest = Part("other", str(places[part.text.upper()])), rest[2:]
        placed.append(part)
    return placed


def _translate(part: Part, home: Home | None, named: Named, *, comma: bool, braced: bool) -> str:
    match part.kind:
        case "reference":
            return part.text if home is None or "!" in part.text else f"{quoted(home.title)}!{part.text}"
        case "broken":
            return "#REF!"
        case "call":
            return "" if part.text.upper() == "ARRAYFORMULA" else part.text
        case "name":
            found = None if part.text.upper() in ("TRUE", "FALSE") else named(part.text)
            return part.text if found is None else _absolute(*found)
        case "number" if "," in part.text:
            return part.text.replace(",", ".") if comma else part.text
    return "," if part.text == ";" and not braced else part.text


def _absolute(title: str, area: Area) -> str:
    first = f"${letters(area.left)}${area.top + 1}"
    return f"{quoted(title)}!{first}:${letters(area.right - 1)}${area.bottom}"


def outer_call(formula: str) -> str:
    """Return the function that a formula consists of, as in ``=TODAY()``; "" for any other formula."""
    match = WHOLE_CALL.match(formula)
    if not match:
        return ""
    depth = 0
    parts = split_formula(formula)
    for place, part in enumerate(parts):
        depth += {"(": 1, ")": -1}.get(part.text, 0)
        if part.text == ")" and depth == 0:
            return match[1].upper() if not "".join(rest.text for rest in parts[place + 1 :]).strip() else ""
    return ""
