"""What kind of number a formula gives, as far as its form and its metrics tell: a count, a share, an amount.

``won + renewed`` is a count; ``100 * won / created`` a ratio times 100; ``1 - done`` a share that falls as work is
done. Only judgement hangs on it: what can't be told is "" and no warning.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from mappings.formula import Formula
from mappings.measure import SHARES
from mappings.model import Measure

COUNTS = frozenset({"count", "distinct"})
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of number.

    ``kind`` is "number" (a constant), "count", "share" (0 to 1), "ratio" (of two equal kinds), "amount" or "" where it
    can't be told. ``of`` is what an amount is measured in: the field. ``factor`` is a constant's value, or what a share
    or ratio is multiplied by. ``done`` is 1 where it can only grow as work is done, -1 where it can only fall, else 0.
    ``adds`` is false where something is subtracted.
    """

    kind: str
    of: str = ""
    factor: Decimal = ONE
    done: int = 0
    adds: bool = True


UNKNOWN = Shape("")


def measure_shape(measure: Measure) -> Shape:
    """One metric's own kind."""
    if measure.name in COUNTS:
        return Shape("count")
    if measure.name in SHARES:
        return Shape("share", done=1 if measure.name == "percent_done" else 0)
    return Shape("amount", measure.subject)


def formula_shape(formula: Formula, measures: Mapping[str, Measure]) -> Shape:
    """The formula's kind, by those of its metrics."""
    return _shape(formula.tree, {name: measure_shape(measure) for name, measure in measures.items()})


def _shape(node: ast.expr, known: Mapping[str, Shape]) -> Shape:
    if isinstance(node, ast.Constant):
        return Shape("number", factor=Decimal(str(node.value)))
    if isinstance(node, ast.Name):
        return known.get(node.id, UNKNOWN)
    if isinstance(node, ast.UnaryOp):
        inner = _shape(node.operand, known)
        return _negated(inner) if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Call):
        return _of_call(node, known)
    assert isinstance(node, ast.BinOp)
    left, right = _shape(node.left, known), _shape(node.right, known)
    if isinstance(node.op, ast.Sub):
        return _sum(left, _negated(right))
    if isinstance(node.op, ast.Add):
        return _sum(left, right)
    if isinstance(node.op, ast.Mult):
        return _product(left, right)
    return _quotient(left, right) if isinstance(node.op, ast.Div) else UNKNOWN


def _negated(shape: Shape) -> Shape:
    return replace(shape, factor=-shape.factor, done=-shape.done, adds=shape.kind == "number")


def _sum(left: Shape, right: Shape) -> Shape:
    """Of two of a kind the same; a constant shifts what it is added to."""
    if left.kind == right.kind == "number":
        return replace(left, factor=left.factor + right.factor)
    if "number" in (left.kind, right.kind):
        moved = left if right.kind == "number" else right
        size = abs(moved.factor) if moved.kind in ("share", "ratio") else moved.factor
        return replace(moved, factor=size)
    if (left.kind, left.of, abs(left.factor)) != (right.kind, right.of, abs(right.factor)):
        return UNKNOWN
    done = left.done if left.done == right.done else 0
    kind = "ratio" if left.kind == "share" else left.kind  # two shares may add up to more than 1
    return replace(left, kind=kind, factor=abs(left.factor), done=done, adds=left.adds and right.adds)


def _product(left: Shape, right: Shape) -> Shape:
    """A constant times a kind is that kind, some times larger; two kinds are no kind of their own."""
    if left.kind == right.kind == "number":
        return replace(left, factor=left.factor * right.factor)
    for constant, other in ((left, right), (right, left)):
        if constant.kind == "number":
            return _scaled(other, constant.factor)
    return UNKNOWN


def _scaled(shape: Shape, factor: Decimal) -> Shape:
    done = shape.done if factor > 0 else -shape.done
    return replace(shape, factor=shape.factor * factor, done=done, adds=shape.adds and factor > 0)


def _quotient(left: Shape, right: Shape) -> Shape:
    if right.kind == "number":
        return _scaled(left, ONE / right.factor) if right.factor else UNKNOWN
    if left.kind == right.kind != "" and left.of == right.of and right.factor:
        return Shape("ratio", factor=abs(left.factor / right.factor))
    return UNKNOWN


def _of_call(node: ast.Call, known: Mapping[str, Shape]) -> Shape:
    """The least or most of one kind, kept within bounds or rounded, is of that kind."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    arguments = node.args[:1] if name in ("round", "clamp") else node.args
    found = {shape for each in arguments if (shape := _shape(each, known)).kind != "number"}
    if len({(shape.kind, shape.of, shape.factor, shape.done) for shape in found}) != 1:
        return UNKNOWN
    return next(iter(found))
