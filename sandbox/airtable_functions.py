"""The functions of Airtable's formulas about truth, texts and numbers; the table of all of them.

After "Formula field reference" (support.airtable.com). Truth functions take their arguments unevaluated, so
that an error in a branch that isn't taken does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_UP, Decimal
from urllib.parse import quote

from sandbox.airtable_dates import DATE_FUNCTIONS
from sandbox.airtable_formula import Function, Node, Scope
from sandbox.airtable_values import FormulaFault, Value, is_true, number, parse_number, text


def eager(function: Callable[..., Value], least: int = 0, most: int = 99) -> Function:
    """Make a function whose arguments are all evaluated first. Too few or too many are an error."""

    def call(scope: Scope, nodes: list[Node]) -> Value:
        if not least <= len(nodes) <= most:
            raise FormulaFault(f"{len(nodes)} arguments")
        return function(*(node(scope) for node in nodes))

    return call


# Truth


def _if(scope: Scope, nodes: list[Node]) -> Value:
    if is_true(nodes[0](scope)):
        return nodes[1](scope)
    return nodes[2](scope) if len(nodes) > 2 else None


def _switch(scope: Scope, nodes: list[Node]) -> Value:
    subject = nodes[0](scope)
    pairs = nodes[1:]
    for pattern, result in zip(pairs[::2], pairs[1::2], strict=False):
        if pattern(scope) == subject:
            return result(scope)
    return pairs[-1](scope) if len(pairs) % 2 else None


def _is_error(scope: Scope, nodes: list[Node]) -> Value:
    try:
        nodes[0](scope)
    except FormulaFault:
        return True
    return False


def _error(*_: Value) -> Value:
    raise FormulaFault("ERROR()")


def _xor(scope: Scope, nodes: list[Node]) -> Value:
    return sum(is_true(node(scope)) for node in nodes) % 2 == 1


TRUTH: dict[str, Function] = {
    "AND": lambda scope, nodes: all(is_true(node(scope)) for node in nodes),
    "OR": lambda scope, nodes: any(is_true(node(scope)) for node in nodes),
    "NOT": lambda scope, nodes: not is_true(nodes[0](scope)),
    "XOR": _xor,
    "IF": _if,
    "SWITCH": _switch,
    "ISERROR": _is_error,
    "ERROR": eager(_error),
    "TRUE": eager(lambda: True, 0, 0),
    "FALSE": eager(lambda: False, 0, 0),
    "BLANK": eager(lambda: None, 0, 0),
    "RECORD_ID": lambda scope, _: scope.id,
}

# Texts


def _find(needle: Value, hay: Value, start: Value = None) -> Value:
    return Decimal(text(hay).find(text(needle), max(0, int(number(start)) - 1)) + 1)


def _search(needle: Value, hay: Value, start: Value = None) -> Value:
    return _find(needle, hay, start) or None


def _mid(value: Value, start: Value, count: Value) -> Value:
    first = max(0, int(number(start)) - 1)
    return text(value)[first : first + int(number(count))]


def _replace(value: Value, start: Value, count: Value, new: Value) -> Value:
    whole, first = text(value), max(0, int(number(start)) - 1)
    return whole[:first] + text(new) + whole[first + int(number(count)) :]


def _substitute(value: Value, old: Value, new: Value, which: Value = None) -> Value:
    if which is None:
        return text(value).replace(text(old), text(new))
    parts = text(value).split(text(old))
    at = int(number(which))
    if not 0 < at < len(parts):
        return text(value)
    return text(old).join(parts[:at]) + text(new) + text(old).join(parts[at:])


def _array_join(values: Value, separator: Value = ", ") -> Value:
    return text(separator).join(values) if isinstance(values, tuple) else text(values)


def _array(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else () if value in (None, "") else (text(value),)


def _slice(value: Value, start: Value, end: Value = None) -> Value:
    """Return the items from the first to the last place, counted from 1; negative ones count from the end."""
    items = _array(value)
    first = int(number(start))
    last = len(items) if end is None else int(number(end))
    return items[first - 1 if first > 0 else first : last if last >= 0 else last + 1 or None]


def _pattern(pattern: Value) -> re.Pattern[str]:
    try:
        return re.compile(text(pattern))
    except re.error:
        raise FormulaFault("bad pattern") from None


def _regex_extract(value: Value, pattern: Value) -> Value:
    found = _pattern(pattern).search(text(value))
    if found is None:
        raise FormulaFault("no match")
    return found[0]


def _regex_replace(value: Value, pattern: Value, new: Value) -> Value:
    filled = re.sub(r"\$(\d)", r"\\\1", text(new).replace("\\", "\\\\"))
    return _pattern(pattern).sub(filled, text(value))


TEXTS: dict[str, Function] = {
    "LEN": eager(lambda value: Decimal(len(text(value))), 1, 1),
    "LOWER": eager(lambda value: text(value).lower(), 1, 1),
    "UPPER": eager(lambda value: text(value).upper(), 1, 1),
    "TRIM": eager(lambda value: text(value).strip(), 1, 1),
    "T": eager(lambda value: value if isinstance(value, str) else None, 1, 1),
    "VALUE": eager(parse_number, 1, 1),
    "CONCATENATE": eager(lambda *values: "".join(map(text, values))),
    "ARRAYJOIN": eager(_array_join, 1, 2),
    "ARRAYCOMPACT": eager(lambda value: tuple(each for each in _array(value) if each), 1, 1),
    "ARRAYFLATTEN": eager(lambda *values: tuple(each for value in values for each in _array(value)), 1),
    "ARRAYUNIQUE": eager(lambda value: tuple(dict.fromkeys(_array(value))), 1, 1),
    "ARRAYSLICE": eager(_slice, 2, 3),
    "EXACT": eager(lambda left, right: text(left) == text(right), 2, 2),
    "FIND": eager(_find, 2, 3),
    "SEARCH": eager(_search, 2, 3),
    "LEFT": eager(lambda value, count: text(value)[: int(number(count))], 2, 2),
    "RIGHT": eager(lambda value, count: text(value)[-int(number(count)) :] if number(count) else "", 2, 2),
    "MID": eager(_mid, 3, 3),
    "REPLACE": eager(_replace, 4, 4),
    "SUBSTITUTE": eager(_substitute, 3, 4),
    "REPT": eager(lambda value, count: text(value) * int(number(count)), 2, 2),
    "REGEX_MATCH": eager(lambda value, pattern: _pattern(pattern).search(text(value)) is not None, 2, 2),
    "REGEX_EXTRACT": eager(_regex_extract, 2, 2),
    "REGEX_REPLACE": eager(_regex_replace, 3, 3),
    "ENCODE_URL_COMPONENT": eager(lambda value: quote(text(value), safe=""), 1, 1),
}

# Numbers


def _numbers(values: Iterable[Value]) -> list[Decimal]:
    return [number(value) for value in values if isinstance(value, Decimal | bool)]


def _round(how: str) -> Callable[..., Value]:
    def rounded(value: Value, places: Value = None) -> Value:
        return number(value).quantize(Decimal(1).scaleb(-int(number(places))), how)

    return rounded


def _half_up(value: Value, places: Value = None) -> Value:
    """Round with ties towards positive infinity, as the reference says of ROUND."""
    step = Decimal(1).scaleb(-int(number(places)))
    return (number(value) / step + Decimal("0.5")).to_integral_value(ROUND_FLOOR) * step


def _even(value: Value) -> Value:
    return (number(value) / 2).to_integral_value(ROUND_CEILING) * 2


def _odd(value: Value) -> Value:
    """Round away from zero to an odd number."""
    size = abs(number(value))
    odd = ((size - 1) / 2).to_integral_value(ROUND_CEILING) * 2 + 1
    return odd.copy_sign(number(value)) if size else Decimal(1)


def _log(value: Value, base: Value = Decimal(10)) -> Value:
    if number(value) <= 0 or number(base) <= 0 or number(base) == 1:
        raise FormulaFault("logarithm of what has none")
    exact = number(value).ln() / number(base).ln()
    near = exact.to_integral_value()
    return near if abs(exact - near) < Decimal("1e-20") else exact


def _nearest(how: str) -> Callable[..., Value]:
    def nearest(value: Value, step: Value = Decimal(1)) -> Value:
        return (number(value) / _nonzero(number(step))).quantize(Decimal(1), how) * number(step)

    return nearest


def _nonzero(value: Decimal) -> Decimal:
    if not value:
        raise FormulaFault("division by zero")
    return value


def _average(*values: Value) -> Value:
    found = _numbers(values)
    return sum(found, Decimal(0)) / _nonzero(Decimal(len(found)))


def _root(value: Value) -> Value:
    if number(value) < 0:
        raise FormulaFault("root of a negative number")
    return number(value).sqrt()


NUMBERS: dict[str, Function] = {
    "ABS": eager(lambda value: abs(number(value)), 1, 1),
    "INT": eager(lambda value: number(value).to_integral_value(ROUND_FLOOR), 1, 1),
    "ROUND": eager(_half_up, 1, 2),
    "EVEN": eager(_even, 1, 1),
    "ODD": eager(_odd, 1, 1),
    "EXP": eager(lambda value: number(value).exp(), 1, 1),
    "LOG": eager(_log, 1, 2),
    "ROUNDUP": eager(_round(ROUND_UP), 1, 2),
    "ROUNDDOWN": eager(_round(ROUND_DOWN), 1, 2),
    "CEILING": eager(_nearest(ROUND_CEILING), 1, 2),
    "FLOOR": eager(_nearest(ROUND_FLOOR), 1, 2),
    "MOD": eager(lambda left, right: number(left) % _nonzero(number(right)), 2, 2),
    "POWER": eager(lambda base, power: number(base) ** number(power), 2, 2),
    "SQRT": eager(_root, 1, 1),
    "SUM": eager(lambda *values: sum(_numbers(values), Decimal(0))),
    "MAX": eager(lambda *values: max(_numbers(values), default=Decimal(0))),
    "MIN": eager(lambda *values: min(_numbers(values), default=Decimal(0))),
    "AVERAGE": eager(_average),
    "COUNT": eager(lambda *values: Decimal(len(_numbers(values)))),
    "COUNTA": eager(lambda *values: Decimal(sum(value not in (None, "", ()) for value in values))),
    "COUNTALL": eager(lambda *values: Decimal(len(values))),
}

FUNCTIONS: dict[str, Function] = TRUTH | TEXTS | NUMBERS | DATE_FUNCTIONS
