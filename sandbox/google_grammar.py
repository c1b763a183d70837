"""The grammar of formulas, parsed with lark. Arguments are parted by ``,`` or ``;``, decimals written with a point."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.google_cell import Failure
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
