"""``formula``: arithmetic over named metrics, in Decimal: + - * / ** ( ) and min, max, round, abs, clamp.

simpleeval computes; what it may see is cut down to numbers, names and five functions. Names and forms are
checked when the mapping is read, so that at night only arithmetic can fail, and that is a gap with a reason.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from decimal import localcontext as local_context
from typing import Any

from mappings.model import Gap, GapKind
from mappings.number import is_plausible, parse_number, render_number
from mappings.suggest import did_you_mean, one_of

LONGEST = 500
DEEPEST = 40
_CONTEXT = Context(prec=28, Emax=999, Emin=-999, traps=[DivisionByZero, InvalidOperation, Overflow])
_TOKEN = re.compile(r"\s+|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|\*\*|[-+*/(),]")
_FIX = "A formula has numbers, names of metrics, + - * / ** ( ) and min, max, round, abs, clamp."
_FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "min": (1, 20),
    "max": (1, 20),
    "round": (1, 2),
    "abs": (1, 1),
    "clamp": (3, 3),
}
_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call)
_ALLOWED_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UAdd, ast.USub)


@dataclass(frozen=True, slots=True)
class FormulaMistake:
    """Something wrong in a formula; ``offset`` and ``length`` count characters in its text."""

    message: str
    offset: int
    length: int = 1
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula and the metrics that it names."""

    text: str
    names: frozenset[str]
    tree: ast.expr = field(compare=False, repr=False)

    @property
    def in_order(self) -> tuple[str, ...]:
        """The metrics in the order in which they are first written, in which people read them."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id in self.names]
        return tuple(dict.fromkeys(node.id for node in sorted(found, key=lambda node: node.col_offset)))


def parse_formula(text: str, known: Collection[str]) -> tuple[Formula | None, tuple[FormulaMistake, ...]]:
    """A formula over the known names, or everything that is wrong with it."""
    flat = re.sub(r"\s", " ", text)
    mistakes = _check_text(flat)
    if mistakes:
        return None, mistakes
    lead = len(flat) - len(flat.lstrip())
    try:
        tree = ast.parse(flat.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = lead + (getattr(error, "offset", None) or len(flat)) - 1
        fix = "Look for a missing operator, number or bracket."
        return None, (FormulaMistake("the formula can't be read from here on", min(at, len(flat) - 1), 1, fix),)
    mistakes = tuple(_check_tree(tree, flat.strip(), lead, known))
    if mistakes:
        return None, mistakes
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) - _function_names(tree)
    return Formula(text, names, _with_decimals(tree, flat.strip())), ()


def evaluate_formula(formula: Formula, values: Mapping[str, Decimal]) -> Decimal | Gap:
    """The formula's number; or a gap that says why there is none. Takes well under a millisecond."""
    from simpleeval import SimpleEval

    evaluator = SimpleEval(operators=_OPERATORS, functions=_make_functions(), names=dict(values))
    evaluator.nodes = {kind: evaluator.nodes[kind] for kind in _NODES}
    try:
        with local_context(_CONTEXT):
            result = evaluator.eval(formula.text, previously_parsed=formula.tree)
            number = +Decimal(result)
    except ZeroDivisionError:
        return _gap(formula, values, "divides by zero")
    except (DecimalException, OverflowError, ValueError):
        return _gap(formula, values, "gives no number that could be shown")
    return number if is_plausible(number) else _gap(formula, values, "gives a number that is too large or too small")


def _gap(formula: Formula, values: Mapping[str, Decimal], what: str) -> Gap:
    shown = ", ".join(f"{name} = {render_number(values[name])}" for name in sorted(formula.names) if name in values)
    reason = f"the formula {formula.text} {what}{f' ({shown})' if shown else ''}"
    return Gap(GapKind.FORMULA, reason, "Check the metrics it names, or change the formula.")


def _check_text(text: str) -> tuple[FormulaMistake, ...]:
    """What can be said before parsing: length, and characters that belong to no formula."""
    if not text.strip():
        return (FormulaMistake("the formula is empty", 0, 1, "Write one, as 100 * won / created."),)
    if len(text) > LONGEST:
        return (FormulaMistake(f"a formula has at most {LONGEST} characters, this has {len(text)}", 0),)
    position, after_number = 0, False
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            return (_refuse_character(text, position),)
        if found["name"] and after_number:
            return (FormulaMistake("an operator is missing here", position, len(found[0]), "Write 2 * x."),)
        if found["name"] and unicodedata.normalize("NFKC", found[0]) != found[0]:
            message = f"“{found[0]}” is written with letters that stand for others"
            fix = f"Write {unicodedata.normalize('NFKC', found[0])}, here and where the metric is named."
            return (FormulaMistake(message, position, len(found[0]), fix),)
        after_number = found["number"] is not None
        if after_number and parse_number(found[0]) is None:
            return (FormulaMistake("this number is too large or too small", position, len(found[0])),)
        position = found.end()
    return ()


def _refuse_character(text: str, position: int) -> FormulaMistake:
    sign = text[position]
    fix = _FIX
    if sign == "%":
        fix = "Shares are fractions: write 100 * share for percent, 0.5 for 50 %."
    elif sign == "$":
        fix = "Variables are for queries; a formula names metrics."
    return FormulaMistake(f"“{sign}” has no meaning in a formula", position, 1, fix)


def _check_tree(tree: ast.expr, text: str, lead: int, known: Collection[str]) -> list[FormulaMistake]:
    """Unknown names, functions and forms, in the order of the text."""
    mistakes: list[FormulaMistake] = []
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        for node in level:
            message, fix = _check_node(node, known, is_function=id(node) in functions)
            if message:
                mistakes.append(_place(node, text, lead, message, fix))
        level = [child for node in level for child in ast.iter_child_nodes(node) if hasattr(child, "col_offset")]
    if level:
        mistakes.append(FormulaMistake("the formula is nested too deeply", lead, 1, "Make it simpler."))
    return sorted(mistakes, key=lambda mistake: mistake.offset)


def _check_node(node: ast.AST, known: Collection[str], *, is_function: bool) -> tuple[str, str | None]:
    """What is wrong with one node ("" when nothing is), and what to do."""
    if isinstance(node, ast.Name) and not is_function and node.id not in known:
        fix = did_you_mean(node.id, known) or (f"Known: {one_of(known)}." if known else "Name it under “metrics”.")
        return f"no metric is named “{node.id}”", fix
    if isinstance(node, ast.Call):
        return _check_call(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | None):
        return "only numbers and names of metrics can stand here", None
    operator = node.op if isinstance(node, ast.BinOp | ast.UnaryOp) else None
    if not isinstance(node, _ALLOWED) or (operator and not isinstance(operator, _ALLOWED_OPERATORS)):
        return "formulas know only arithmetic", _FIX
    return "", None


def _check_call(node: ast.Call) -> tuple[str, str | None]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _FUNCTIONS:
        known = f"Known: {one_of(_FUNCTIONS)}."
        return f"no function is called “{name or '…'}”", did_you_mean(name, _FUNCTIONS) or known
    fewest, most = _FUNCTIONS[name]
    if not fewest <= len(node.args) <= most or node.keywords:
        wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        return f"{name} takes {wanted} values, here are {len(node.args) + len(node.keywords)}", None
    return "", None


def _place(node: ast.AST, text: str, lead: int, message: str, fix: str | None) -> FormulaMistake:
    """ast counts UTF-8 bytes; people count characters."""
    start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 1)
    encoded = text.encode()
    offset = len(encoded[:start].decode(errors="replace"))
    return FormulaMistake(message, lead + offset, max(1, len(encoded[start:end].decode(errors="replace"))), fix)


def _function_names(tree: ast.expr) -> frozenset[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return frozenset(function.id for function in calls if isinstance(function, ast.Name))


def _with_decimals(tree: ast.expr, text: str) -> ast.expr:
    """The tree with its numbers as Decimals, taken from the text, so that 0.1 is one tenth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            written = ast.get_source_segment(text, node) or str(node.value)
            node.value = Decimal(written)  # type: ignore[assignment]
    return tree


def _divide(left: Decimal, right: Decimal) -> Decimal:
    """Decimal calls 0 / 0 an invalid operation; for people it is the same mistake."""
    if right == 0:
        raise ZeroDivisionError
    return left / right


def _round(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    """Half up, as spreadsheets and people round."""
    return number.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)


def _clamp(number: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return max(low, min(high, number))


def _least(*numbers: Decimal) -> Decimal:
    """Python's own takes one value for a list of values."""
    return min(numbers)


def _most(*numbers: Decimal) -> Decimal:
    return max(numbers)


def _make_functions() -> dict[str, Callable[..., Decimal]]:
    return {"min": _least, "max": _most, "round": _round, "abs": abs, "clamp": _clamp}


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: _divide,
    ast.Pow: lambda left, right: left**right,
    ast.UAdd: lambda number: +number,
    ast.USub: lambda number: -number,
}
_NODES = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call)
