"""Formulas: parsed with lark, computed as far as a team's OKR sheet needs.

Computed: arithmetic, comparison, ``&``, ``%``, references (relative and absolute, to other tabs, whole rows and
columns), named ranges, and the functions of ``google_functions``. A function that isn't there gives ``#NAME?``.
Arguments are parted by ``,`` or ``;``; decimals are written with a point. There are no array formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sandbox.google_cell import Failure, Scalar
from sandbox.google_range import EDGE, Area, column_of
from sandbox.google_reference import REFERENCE, split_reference

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = r"""
start: "=" expression
?expression: comparison
?comparison: joined | comparison COMPARE joined -> binary
?joined: sum | joined JOIN sum -> binary
?sum: product | sum SIGN product -> binary
?product: power | product TIMES power -> binary
?power: unary | power POWER unary -> binary
?unary: percent | SIGN unary -> signed
?percent: atom | percent "%" -> percent
?atom: NUMBER -> number | STRING -> string | REFERENCE -> reference | BROKEN -> broken
     | NAME -> name | call | "(" expression ")"
call: NAME "(" argument (("," | ";") argument)* ")"
argument: [expression]
COMPARE: "<=" | ">=" | "<>" | "<" | ">" | "="
JOIN: "&"
SIGN: "+" | "-"
TIMES: "*" | "/"
POWER: "^"
BROKEN: "#REF!"
REFERENCE.3: /@REFERENCE@/
NAME.2: /[A-Za-z_][A-Za-z0-9_.]*/
NUMBER.1: /[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|\.[0-9]+/
STRING: /"(?:[^"]|"")*"/
%import common.WS
%ignore WS
""".replace("@REFERENCE@", REFERENCE)


class FormulaError(Exception):
    """A computation that ends in an error value."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message)


class Node(NamedTuple):
    """A parsed formula: an operation and its parts."""

    kind: str
    parts: tuple[Any, ...]


class Place(NamedTuple):
    """A reference as written; relative parts move by the offset of the cell for which it is computed."""

    title: str | None
    top: int
    left: int
    bottom: int
    right: int
    fixed: tuple[bool, bool, bool, bool]

    def area(self, tab: int, rows: int, columns: int) -> Area:
        """Return the area it means, moved by so many rows and columns where it is relative."""
        top, left, bottom, right = (
            at if fixed or at >= EDGE else at + move
            for at, fixed, move in zip(self[1:5], self.fixed, (rows, columns, rows, columns), strict=True)
        )
        if top < 0 or left < 0:
            raise FormulaError("REF", "Reference does not exist.")
        return Area(tab, top, left, bottom, right)


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)


@lru_cache(maxsize=20_000)
def parse_formula(text: str) -> Node:
    """Parse a formula with its ``=``. Raises FormulaError when it is none."""
    from lark.exceptions import LarkError

    try:
        return _node(_parser().parse(text).children[0])
    except LarkError as error:
        raise FormulaError("ERROR", "Formula parse error.") from error


def _node(tree: Any) -> Node:
    kind = tree.data
    match kind:
        case "number":
            return Node("constant", (float(tree.children[0]),))
        case "string":
            return Node("constant", (tree.children[0][1:-1].replace('""', '"'),))
        case "reference":
            return Node("reference", (parse_place(str(tree.children[0])),))
        case "call":
            name, *arguments = tree.children
            parts = [None if each.children[0] is None else _node(each.children[0]) for each in arguments]
            return Node("call", (name.upper(), [] if parts == [None] else parts))
        case "name":
            return Node("name", (str(tree.children[0]),))
        case "broken":
            return Node("broken", ())
        case "signed":
            return Node("signed", (str(tree.children[0]), _node(tree.children[1])))
        case "percent":
            return Node("percent", (_node(tree.children[0]),))
        case _:
            left, operator, right = tree.children
            return Node("binary", (str(operator), _node(left), _node(right)))


def parse_place(text: str) -> Place:
    """Parse a reference such as ``'My tab'!$A1:B``."""
    title, box = split_reference(text)
    first, _, last = box.partition(":")
    one = re.match(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)$", first)
    two = re.match(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)$", last or first)
    if not one or not two:
        raise FormulaError("REF", "Reference does not exist.")
    ends = []
    for match in (one, two):
        column_fixed, letters, row_fixed, digits = match.groups()
        row_fixed = row_fixed or (column_fixed if not letters else "")
        ends.append((letters, digits, bool(column_fixed), bool(row_fixed)))
    (left, top, left_fixed, top_fixed), (right, bottom, right_fixed, bottom_fixed) = ends
    return Place(
        title,
        int(top) - 1 if top else 0,
        column_of(left) if left else 0,
        int(bottom) if bottom else EDGE,
        column_of(right) + 1 if right else EDGE,
        (top_fixed or not top, left_fixed or not left, bottom_fixed, right_fixed),
    )


class Grid(NamedTuple):
    """The values of an area, row by row, cut to what is used."""

    area: Area
    rows: list[list[Any]]


class Scope(NamedTuple):
    """Where a formula is computed: how to read the sheet, its tab, and how far relative references move."""

    sheet: Any
    tab: int
    row: int
    column: int
    rows: int = 0
    columns: int = 0


def compute(node: Node, scope: Scope) -> Any:
    """Compute a node to a scalar or a Grid. Raises FormulaError for an error value."""
    match node.kind:
        case "constant":
            return node.parts[0]
        case "reference":
            return _read_place(node.parts[0], scope)
        case "call":
            return _call(node.parts[0], node.parts[1], scope)
        case "name":
            return _named(node.parts[0], scope)
        case "signed":
            number = to_number(scalar(node.parts[1], scope))
            return -number if node.parts[0] == "-" else number
        case "percent":
            return to_number(scalar(node.parts[0], scope)) / 100
        case "broken":
            raise FormulaError("REF", "Reference does not exist.")
        case _:
            operator, left, right = node.parts
            return _OPERATORS[operator](scalar(left, scope), scalar(right, scope))


def _read_place(place: Place, scope: Scope) -> Any:
    tab = scope.tab if place.title is None else scope.sheet.tab_of(place.title)
    if tab is None:
        raise FormulaError("REF", f"Unresolved sheet name '{place.title}'.")
    return read_area(place.area(tab, scope.rows, scope.columns), scope)


def read_area(area: Area, scope: Scope) -> Any:
    """Read a cell as its value, more as a Grid."""
    if area.bottom - area.top == 1 and area.right - area.left == 1:
        return checked(scope.sheet.value(area.tab, area.top, area.left))
    return Grid(area, scope.sheet.values(area))


def _named(name: str, scope: Scope) -> Any:
    if name.upper() in ("TRUE", "FALSE"):
        return name.upper() == "TRUE"
    area = scope.sheet.named(name)
    if area is None:
        raise FormulaError("NAME", f"Unknown range name: '{name.upper()}'.")
    return read_area(area, scope)


def _call(name: str, arguments: list[Node | None], scope: Scope) -> Any:
    from sandbox.google_functions import FUNCTIONS

    function = FUNCTIONS.get(name)
    if function is None:
        raise FormulaError("NAME", f"Unknown function: '{name}'.")
    try:
        return function(arguments, scope)
    except (IndexError, TypeError) as error:
        raise FormulaError("N_A", f"Wrong number of arguments to {name}.") from error


def scalar(node: Node | None, scope: Scope) -> Scalar:
    """Compute to one value; a range gives its cell in this row or column, as Sheets does."""
    value = None if node is None else compute(node, scope)
    if not isinstance(value, Grid):
        return cast("Scalar", value)
    area = value.area
    if area.right - area.left == 1 and area.top <= scope.row < area.bottom:
        return cast("Scalar", checked(scope.sheet.value(area.tab, scope.row, area.left)))
    if area.bottom - area.top == 1 and area.left <= scope.column < area.right:
        return cast("Scalar", checked(scope.sheet.value(area.tab, area.top, scope.column)))
    raise FormulaError("VALUE", "An array value could not be found.")


def checked(value: Any) -> Any:
    """Pass a value on; an error value is raised again."""
    if isinstance(value, Failure):
        raise FormulaError(value.kind, value.message)
    return value


def to_number(value: Any) -> float:
    """Read a value as a number: blank is 0, TRUE is 1, a text that looks like a number is that number."""
    if value is None or value == "":
        if value is None:
            return 0.0
    elif isinstance(value, bool | int | float) or re.fullmatch(
        r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", value
    ):
        return float(value)
    raise FormulaError("VALUE", f"'{value}' is a text and cannot be coerced to a number.")


def to_text(value: Any) -> str:
    """Read a value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


def to_truth(value: Any) -> bool:
    """Read a value as true or false."""
    if isinstance(value, str):
        if value.upper() in ("TRUE", "FALSE"):
            return value.upper() == "TRUE"
        raise FormulaError("VALUE", f"'{value}' is a text and cannot be coerced to a boolean.")
    return bool(value)


def compare(left: Any, right: Any) -> int:
    """Order two values: numbers before texts before truths; texts without case; blank equals 0 and ""."""
    left = _blank_as(right) if left is None else left
    right = _blank_as(left) if right is None else right
    ranks = [2 if isinstance(each, bool) else 1 if isinstance(each, str) else 0 for each in (left, right)]
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if isinstance(left, str):
        left, right = left.casefold(), right.casefold()
    return int(left > right) - int(left < right)


def _blank_as(other: Any) -> Any:
    return "" if isinstance(other, str) else False if isinstance(other, bool) else 0


def _divide(left: Any, right: Any) -> float:
    divisor = to_number(right)
    if divisor == 0:
        raise FormulaError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
    return to_number(left) / divisor


def _power(left: Any, right: Any) -> float:
    try:
        result: Any = to_number(left) ** to_number(right)
    except (OverflowError, ZeroDivisionError) as error:
        raise FormulaError("NUM", "Result is not a number.") from error
    if isinstance(result, complex):
        raise FormulaError("NUM", "Result is not a number.")
    return float(result)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: to_number(a) + to_number(b),
    "-": lambda a, b: to_number(a) - to_number(b),
    "*": lambda a, b: to_number(a) * to_number(b),
    "/": _divide,
    "^": _power,
    "&": lambda a, b: to_text(a) + to_text(b),
    "=": lambda a, b: compare(a, b) == 0,
    "<>": lambda a, b: compare(a, b) != 0,
    "<": lambda a, b: compare(a, b) < 0,
    ">": lambda a, b: compare(a, b) > 0,
    "<=": lambda a, b: compare(a, b) <= 0,
    ">=": lambda a, b: compare(a, b) >= 0,
}
