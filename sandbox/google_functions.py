"""The functions that the stand-in computes. Each takes its parsed arguments and the scope."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.google_cell import Failure
from sandbox.google_formula import (
    Grid,
    Scope,
    checked,
    compare,
    compute,
    read_area,
    scalar,
    to_number,
    to_text,
    to_truth,
)
from sandbox.google_grammar import FormulaError, Node, parse_place

Arguments = list[Node | None]
Function = Callable[[Arguments, Scope], Any]
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day in the sheet's own zone


def to_serial(moment: date | datetime) -> float:
    """Count days since 1899-12-30, as Sheets does."""
    if not isinstance(moment, datetime):
        return float((moment - EPOCH.date()).days)
    return (moment.replace(tzinfo=None) - EPOCH) / timedelta(days=1)


def from_serial(serial: float) -> datetime:
    """Return the moment of a serial number, to the second."""
    return EPOCH + timedelta(seconds=round(serial * 86_400))


def _flat(arguments: Arguments, scope: Scope) -> Iterator[tuple[Any, bool]]:
    """Yield every value, and whether it came out of a range."""
    for argument in arguments:
        value = None if argument is None else compute(argument, scope)
        if isinstance(value, Grid):
            for row in value.rows:
                for each in row:
                    yield each, True
        else:
            yield value, argument is not None and argument.kind in ("reference", "name")


def _numbers(arguments: Arguments, scope: Scope) -> list[float]:
    """Collect numbers as SUM does: in ranges texts and truths are skipped, written out they are read."""
    found = []
    for value, ranged in _flat(arguments, scope):
        checked(value)
        if not ranged:
            found.append(to_number(value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(float(value))
    return found


def _average(arguments: Arguments, scope: Scope) -> float:
    numbers = _numbers(arguments, scope)
    if not numbers:
        raise FormulaError("DIVIDE_BY_ZERO", "Evaluation of function AVERAGE caused a divide by zero error.")
    return math.fsum(numbers) / len(numbers)


def _if(arguments: Arguments, scope: Scope) -> Any:
    if to_truth(scalar(arguments[0], scope)):
        return scalar(arguments[1], scope)
    return scalar(arguments[2], scope) if len(arguments) > 2 else False


def _iferror(arguments: Arguments, scope: Scope) -> Any:
    try:
        return scalar(arguments[0], scope)
    except FormulaError:
        return scalar(arguments[1], scope) if len(arguments) > 1 else ""


def _truths(arguments: Arguments, scope: Scope) -> list[bool]:
    values = [(checked(value), ranged) for value, ranged in _flat(arguments, scope)]
    return [to_truth(value) for value, ranged in values if not (ranged and (value is None or isinstance(value, str)))]


def _indirect(arguments: Arguments, scope: Scope) -> Any:
    text = to_text(scalar(arguments[0], scope))
    try:
        place = parse_place(text)
    except FormulaError:
        area = scope.sheet.named(text)
    else:
        tab = scope.tab if place.title is None else scope.sheet.tab_of(place.title)
        area = None if tab is None else place.area(tab, 0, 0)
    if area is None:
        raise FormulaError(
            "REF", f"Function INDIRECT parameter 1 value is '{text}'. It is not a valid cell/range reference."
        )
    return read_area(area, scope)


def _round(arguments: Arguments, scope: Scope) -> float:
    places = int(to_number(scalar(arguments[1], scope))) if len(arguments) > 1 else 0
    number = Decimal(repr(to_number(scalar(arguments[0], scope))))
    return float(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _countif(arguments: Arguments, scope: Scope) -> int:
    wanted = scalar(arguments[1], scope)
    match = re.match(r"(<=|>=|<>|<|>|=)?(.*)$", to_text(wanted), re.DOTALL)
    assert match
    operator, operand = match[1] or "=", _literal(match[2])
    tests: dict[str, Callable[[int], bool]] = {
        "=": lambda o: o == 0,
        "<>": lambda o: o != 0,
        "<": lambda o: o < 0,
        ">": lambda o: o > 0,
        "<=": lambda o: o <= 0,
        ">=": lambda o: o >= 0,
    }
    return sum(
        1
        for value, _ in _flat(arguments[:1], scope)
        if not isinstance(value, Failure)
        and (operator == "<>" or (value is not None and _kind(value) == _kind(operand)))
        and tests[operator](compare(value, operand))
    )


def _kind(value: Any) -> str:
    return "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _literal(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return {"TRUE": True, "FALSE": False}.get(text.upper(), text)


def _is_error(arguments: Arguments, scope: Scope) -> bool:
    try:
        scalar(arguments[0], scope)
    except FormulaError:
        return True
    return False


def _search(arguments: Arguments, scope: Scope) -> int:
    needle, text = (to_text(scalar(each, scope)).casefold() for each in arguments[:2])
    at = text.find(needle)
    if at < 0:
        raise FormulaError("VALUE", f"In SEARCH evaluation, cannot find '{needle}' within '{text}'.")
    return at + 1


def _date(arguments: Arguments, scope: Scope) -> float:
    year, month, day = (int(to_number(scalar(each, scope))) for each in arguments)
    first = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)  # noqa: DTZ001
    return to_serial(first + timedelta(days=day - 1))


def _na(_: Arguments, __: Scope) -> Any:
    raise FormulaError("N_A", "Did not find value.")


def _of_number(compute_it: Callable[[float], Any]) -> Function:
    return lambda arguments, scope: compute_it(to_number(scalar(arguments[0], scope)))


def _of_text(compute_it: Callable[[str], Any]) -> Function:
    return lambda arguments, scope: compute_it(to_text(scalar(arguments[0], scope)))


def _of_value(compute_it: Callable[[Any], Any]) -> Function:
    return lambda arguments, scope: compute_it(scalar(arguments[0], scope))


def _count(arguments: Arguments, scope: Scope, *, filled: bool) -> int:
    values = (value for value, _ in _flat(arguments, scope))
    if filled:
        return sum(value is not None for value in values)
    return sum(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


FUNCTIONS: dict[str, Function] = {
    "SUM": lambda a, s: math.fsum(_numbers(a, s)),
    "AVERAGE": _average,
    "MIN": lambda a, s: min(_numbers(a, s), default=0.0),
    "MAX": lambda a, s: max(_numbers(a, s), default=0.0),
    "COUNT": lambda a, s: _count(a, s, filled=False),
    "COUNTA": lambda a, s: _count(a, s, filled=True),
    "COUNTIF": _countif,
    "IF": _if,
    "IFERROR": _iferror,
    "AND": lambda a, s: all(_truths(a, s)),
    "OR": lambda a, s: any(_truths(a, s)),
    "NOT": _of_value(lambda value: not to_truth(value)),
    "TRUE": lambda a, s: True,
    "FALSE": lambda a, s: False,
    "NA": _na,
    "TODAY": lambda a, s: to_serial(s.sheet.today()),
    "NOW": lambda a, s: to_serial(s.sheet.now()),
    "DATE": _date,
    "YEAR": _of_number(lambda n: from_serial(n).year),
    "MONTH": _of_number(lambda n: from_serial(n).month),
    "DAY": _of_number(lambda n: from_serial(n).day),
    "ROUND": _round,
    "INT": _of_number(math.floor),
    "ABS": _of_number(abs),
    "MOD": lambda a, s: to_number(scalar(a[0], s)) % (to_number(scalar(a[1], s)) or math.nan),
    "ISBLANK": _of_value(lambda value: value is None),
    "ISNUMBER": _of_value(lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    "ISTEXT": _of_value(lambda value: isinstance(value, str)),
    "ISERROR": _is_error,
    "N": _of_value(lambda value: to_number(value) if not isinstance(value, str) else 0),
    "VALUE": _of_number(lambda n: n),
    "LEN": _of_text(len),
    "UPPER": _of_text(str.upper),
    "LOWER": _of_text(str.lower),
    "TRIM": _of_text(lambda text: " ".join(text.split())),
    "LEFT": lambda a, s: to_text(scalar(a[0], s))[: int(to_number(scalar(a[1], s))) if len(a) > 1 else 1],
    "RIGHT": lambda a, s: to_text(scalar(a[0], s))[-(int(to_number(scalar(a[1], s))) if len(a) > 1 else 1) :],
    "CONCATENATE": lambda a, s: "".join(to_text(checked(value)) for value, _ in _flat(a, s)),
    "REPT": lambda a, s: to_text(scalar(a[0], s)) * int(to_number(scalar(a[1], s))),
    "SEARCH": _search,
    "REGEXMATCH": lambda a, s: bool(re.search(to_text(scalar(a[1], s)), to_text(scalar(a[0], s)))),
    "ROW": lambda a, s: (a[0].parts[0].area(s.tab, s.rows, s.columns).top if a and a[0] else s.row) + 1,
    "COLUMN": lambda a, s: (a[0].parts[0].area(s.tab, s.rows, s.columns).left if a and a[0] else s.column) + 1,
    "INDIRECT": _indirect,
}
