"""Formulas, computed as far as a team's OKR sheet needs.

Computed: arithmetic, comparison, ``&``, ``%``, references (relative and absolute, to other tabs, whole rows and
columns), named ranges, and the functions of ``google_functions``. A function that isn't there gives ``#NAME?``.
There are no array formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from sandbox.google_cell import Failure, Scalar
from sandbox.google_grammar import FormulaError, Node, Place
from sandbox.google_range import Area


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
