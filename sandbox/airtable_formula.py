"""Airtable's formula language: text to a thing that can be evaluated for a record.

Grammar after "Formula field reference" and "Getting started with formulas" (support.airtable.com): field names
bare or in braces, texts in single or double quotes with backslash escapes, & + - * / and comparisons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from lark import Lark, Token, Transformer, Tree
from lark.exceptions import LarkError, VisitError

from sandbox.airtable_values import FormulaFault, Value, compare, number, text

_GRAMMAR = r"""
    ?start: comparison
    ?comparison: joined | comparison COMPARE joined -> compare
    ?joined: sum | joined "&" sum -> join
    ?sum: product | sum "+" product -> add | sum "-" product -> subtract
    ?product: sign | product "*" sign -> multiply | product "/" sign -> divide
    ?sign: atom | "-" sign -> negate | "+" sign
    ?atom: NUMBER -> number
         | STRING -> string
         | BRACED -> braced
         | NAME "(" [comparison ("," comparison)*] ")" -> call
         | NAME -> bare
         | "(" comparison ")"
    COMPARE: "!=" | "<=" | ">=" | "=" | "<" | ">"
    NUMBER: /\d+(\.\d*)?|\.\d+/
    STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
    BRACED: /\{[^{}]+\}/
    NAME: /[^\W\d]\w*/
    %ignore /\s+/
"""
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class Scope(Protocol):
    """A record at a moment, as formulas see it."""

    @property
    def id(self) -> str:
        """The record's id."""
        ...

    @property
    def created(self) -> datetime:
        """When it was created."""
        ...

    @property
    def modified(self) -> datetime:
        """When it was last changed."""
        ...

    @property
    def now(self) -> datetime:
        """The present moment."""
        ...

    def cell(self, name: str) -> Value:
        """Return the value of a field by its name, None when it is empty."""
        ...


Node = Callable[[Scope], Value]
Function = Callable[[Scope, list[Node]], Value]


class FormulaMistake(Exception):
    """A formula that Airtable refuses, in its words after "The formula for filtering records is invalid:"."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that parsed: the field names it reads, and what it is for a record."""

    fields: frozenset[str]
    evaluate: Node


@lru_cache(maxsize=512)
def parse_formula(source: str) -> Formula:
    """Parse a formula. Raises FormulaMistake for bad syntax and unknown functions."""
    from sandbox.airtable_functions import FUNCTIONS

    maker = _Maker(FUNCTIONS)
    try:
        node: Node = maker.transform(_parser().parse(source))
    except (VisitError, LarkError):
        raise FormulaMistake("Invalid formula. Please check your formula text.") from None
    if maker.unknown:
        raise FormulaMistake(f"Unknown function names: {', '.join(maker.unknown)}")
    return Formula(frozenset(maker.fields), node)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


class _Maker(Transformer[Token, Node]):
    """Turns the syntax tree into closures, and remembers which fields and unknown functions it saw."""

    def __init__(self, functions: dict[str, Function]) -> None:
        super().__init__()
        self.functions, self.fields, self.unknown = functions, set[str](), list[str]()

    def number(self, items: list[Token]) -> Node:
        value = Decimal(items[0])
        return lambda _: value

    def string(self, items: list[Token]) -> Node:
        value = _unescape(items[0][1:-1])
        return lambda _: value

    def braced(self, items: list[Token]) -> Node:
        return self._field(items[0][1:-1])

    def bare(self, items: list[Token]) -> Node:
        return self._field(str(items[0]))

    def _field(self, name: str) -> Node:
        self.fields.add(name)
        return lambda scope: scope.cell(name)

    def call(self, items: list[Any]) -> Node:
        name, arguments = str(items[0]).upper(), [each for each in items[1:] if each is not None]
        function = self.functions.get(name)
        if function is None:
            self.unknown.append(str(items[0]))
            return lambda _: None
        return lambda scope: function(scope, arguments)

    def compare(self, items: list[Any]) -> Node:
        left, sign, right = items
        return lambda scope: compare(str(sign), left(scope), right(scope))

    def join(self, items: list[Node]) -> Node:
        left, right = items
        return lambda scope: text(left(scope)) + text(right(scope))

    def add(self, items: list[Node]) -> Node:
        left, right = items
        return lambda scope: number(left(scope)) + number(right(scope))

    def subtract(self, items: list[Node]) -> Node:
        left, right = items
        return lambda scope: number(left(scope)) - number(right(scope))

    def multiply(self, items: list[Node]) -> Node:
        left, right = items
        return lambda scope: number(left(scope)) * number(right(scope))

    def divide(self, items: list[Node]) -> Node:
        return lambda scope: _divide(number(items[0](scope)), number(items[1](scope)))

    def negate(self, items: list[Node]) -> Node:
        return lambda scope: -number(items[0](scope))

    def __default__(self, data: object, children: list[Any], meta: object) -> Any:
        return children[0] if len(children) == 1 else Tree(str(data), children)


def _divide(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise FormulaFault("division by zero")
    return left / right


def _unescape(inside: str) -> str:
    kept, letters = [], iter(inside)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, "")
            plain = escaped if escaped in "\"'\\" else letter + escaped  # \\d is a pattern's own
            kept.append(_ESCAPED.get(escaped, plain))
        else:
            kept.append(letter)
    return "".join(kept)
