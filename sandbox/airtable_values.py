"""What values are inside Airtable's formulas, and how they turn into one another.

Blank equals 0, "" and FALSE (community.airtable.com/t/nested-if-formula-review-please/30827: IF(BLANK()=0, "Same",
"Different") is "Same"), and an empty number counts as 0 in comparisons and sums.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt, ne
from typing import Any

Value = str | Decimal | bool | datetime | tuple[str, ...] | None
_DATE_TEXTS = (
    None, "%m/%d/%Y", "%m/%d/%y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%y %H:%M", "%m/%d/%y %H:%M:%S",
    "%d %b %Y %H:%M", "%d %b %Y",
)  # fmt: skip
"""How texts may write a date: ISO 8601, or month, day and year as the reference's examples do."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip


class FormulaFault(Exception):
    """A value that can't be computed: #ERROR! in a cell, and a record that a filter leaves out."""


def is_true(value: Value) -> bool:
    """Whether a filter keeps a record with this result: not 0, false, "", [] or blank."""
    return bool(value)


def number(value: Value) -> Decimal:
    """Return a value as a number; blank is 0. Raises FormulaFault for texts and dates."""
    if value is None:
        return Decimal(0)
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    raise FormulaFault(f"{value!r} is no number")


def parse_number(value: Value) -> Decimal:
    """Read a text as VALUE() does."""
    if not isinstance(value, str):
        return number(value)
    try:
        return Decimal(value.strip().replace(",", "").removeprefix("€").removeprefix("$").removesuffix("%"))
    except InvalidOperation:
        raise FormulaFault(f"{value!r} is no number") from None


def text(value: Value) -> str:
    """Return a value as text, as & joins it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        return iso(value)
    return ", ".join(value)


def iso(moment: datetime) -> str:
    """Write a moment as Airtable does, in UTC with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def moment(value: Value) -> datetime:
    """Return a date function's argument; texts are read. Raises FormulaFault for what is no date, blank too."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        for form in _DATE_TEXTS:
            try:
                read = datetime.fromisoformat(value) if form is None else datetime.strptime(value, form)  # noqa: DTZ007
            except ValueError:
                continue
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    raise FormulaFault(f"{value!r} is no date")


def compare(sign: str, left: Value, right: Value) -> bool:
    """Compare two values. A date against a text is an error: dates are compared with dates."""
    operator = OPERATORS[sign]
    if isinstance(left, datetime) or isinstance(right, datetime):
        return _compare_dates(sign, left, right)
    if isinstance(left, str | tuple) or isinstance(right, str | tuple):
        return _compare_texts(sign, left, right)
    return operator(number(left), number(right))


def _compare_dates(sign: str, left: Value, right: Value) -> bool:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return OPERATORS[sign](left, right)
    if not left or not right:
        return sign == "!="
    raise FormulaFault("a date can't be compared with something else")


def _compare_texts(sign: str, left: Value, right: Value) -> bool:
    if not left and not right:
        return sign in ("=", "<=", ">=")
    if isinstance(left, Decimal | bool) or isinstance(right, Decimal | bool):
        if sign in ("=", "!="):
            return sign == "!="
        raise FormulaFault("a number can't be compared with a text")
    return OPERATORS[sign](text(left), text(right))
