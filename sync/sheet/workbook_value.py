"""What the texts in a workbook's XML mean as values, and back; and how a number looks under its format. Pure.

Numbers are doubles printed with up to 17 digits; 15 of them are what a person typed (Excel's own precision), so
0.30000000000000004 is 0.3. Days are serial numbers: 61 is 1 March 1900. Excel counts a 29 February 1900 that never
was, so days before are written as text.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
FIRST_DAY = {EPOCH_1900: date(1900, 3, 1), EPOCH_1904: date(1904, 1, 2)}
"""The first day that each date system writes as a number."""

MAX_TEXT = 32_767
"""Characters in one cell (Excel specifications and limits)."""

_FIFTEEN = Context(prec=15)
_PLACES = Context(prec=400)


class Kind(StrEnum):
    """What a number format makes of a number."""

    PLAIN = "plain"
    PERCENT = "percent"
    DAY = "day"
    TEXT = "text"


BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
    48: "##0.0E+0",
    49: "@",
}
"""Number formats that have an id and no text (ECMA-376 part 1, 18.8.30), as far as they are no days or times."""

_DAY_IDS = frozenset([*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)])
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def format_code(number_id: int, custom: dict[int, str]) -> str:
    """A number format's text by its id; days and times without a text of their own get one."""
    if number_id in custom:
        return custom[number_id]
    if number_id in _DAY_IDS:
        return "yyyy-mm-dd"
    return BUILT_IN.get(number_id, "General")


@lru_cache(maxsize=512)
def format_kind(code: str) -> Kind:
    """What a number format shows: days where it names a day or a year; a time of day alone is a plain number."""
    bare = _QUOTED.sub("", code.partition(";")[0])
    if "%" in bare:
        return Kind.PERCENT
    if bare.strip() == "@":
        return Kind.TEXT
    lowered = bare.lower()
    if "general" in lowered:
        return Kind.PLAIN
    has_month = "m" in lowered and not re.search("[hs]", lowered)
    return Kind.DAY if "y" in lowered or "d" in lowered or has_month else Kind.PLAIN


def parse_number(text: str) -> Decimal | None:
    """The number in a cell's XML, to 15 significant digits; whole ones without an exponent."""
    try:
        number = _FIFTEEN.create_decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    if number == number.to_integral_value() and number.adjusted() < 27:
        return number.quantize(Decimal(1), context=_PLACES)
    return number.normalize(_FIFTEEN)


def render_number(number: Decimal) -> str:
    """The shortest text of a number with at most 15 significant digits, as ``<v>`` holds it."""
    number = _FIFTEEN.plus(number).normalize(_FIFTEEN)
    if not number:
        return "0"
    return f"{number:f}" if -12 < number.adjusted() < 21 else str(number)


def parse_serial(number: Decimal, epoch: date) -> date | None:
    """The day of a serial number without its time; ``None`` where the calendar has no such day."""
    try:
        return epoch + timedelta(days=int(number))
    except OverflowError:
        return None


def make_serial(day: date, epoch: date) -> int | None:
    """The serial number of a day; ``None`` for days that the workbook's calendar hasn't got."""
    return (day - epoch).days if day >= FIRST_DAY[epoch] else None


def make_moment_serial(moment: datetime, epoch: date) -> Decimal:
    """The serial number of a moment's own wall time, to about a millisecond."""
    seconds = Decimal((moment.hour * 60 + moment.minute) * 60 + moment.second) + Decimal(moment.microsecond) / 10**6
    days = (moment.date() - epoch).days
    return days + (seconds / 86_400).quantize(Decimal("0.00000001"))


def render_shown(number: Decimal, code: str) -> str:
    """A number as Excel shows it: exact for General, text, and digits with fixed places; days as ISO days.

    Formats with fractions, exponents or conditions are shown as General.
    """
    sections = code.split(";")
    negative = number < 0
    at = 2 if number == 0 else 1 if negative else 0
    section = sections[at] if at < len(sections) and sections[at] else sections[0]
    has_own_sign = negative and section is not sections[0]
    pattern = _parse_pattern(section)
    if pattern is None:
        return render_general(number)
    before, digits, places, optional, percent, after = pattern
    value = abs(number) * 100 if percent else abs(number)
    value = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _PLACES)
    text = f"{value:,f}" if "," in digits else f"{value:f}"
    whole, _, rest = text.partition(".")
    whole = whole.rjust(digits.count("0"), "0") if digits.count("0") else whole.lstrip("0")
    if places:
        kept = (
            rest.rstrip("0")
            if optional == places
            else rest[: places - optional] + rest[places - optional :].rstrip("0")
        )
        whole += "." + kept
    sign = "-" if negative and not has_own_sign and value else ""
    return f"{sign}{before}{whole}{percent}{after}"


_PATTERN = re.compile(r"^([^0#?%]*)([#0,]+)(?:\.([0]*)(#*))?(\s?%)?([^0#?%]*)$")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')


@lru_cache(maxsize=512)
def _parse_pattern(section: str) -> tuple[str, str, int, int, str, str] | None:
    if "e+" in section.lower() or "/" in section:
        return None
    found = _PATTERN.match(_LITERAL.sub(lambda each: each.group(1) or each.group(2) or "", section))
    if found is None or "general" in section.lower():
        return None
    fixed, optional = found[3] or "", found[4] or ""
    return found[1], found[2], len(fixed) + len(optional), len(optional), found[5] or "", found[6]


def render_general(number: Decimal) -> str:
    """A number as the format General shows it in a column that is wide enough: at most 11 characters of digits."""
    if number == 0:
        return "0"
    size = number.adjusted()
    if size >= 11 or size < -9:
        mantissa = Context(prec=6, rounding=ROUND_HALF_UP).plus(number).normalize()
        digits = f"{mantissa.scaleb(-mantissa.adjusted()).normalize():f}"
        return f"{digits}E{mantissa.adjusted():+03d}"
    places = 10 - max(size + 1, 1)
    rounded = number.quantize(Decimal(1).scaleb(-max(places, 0)), ROUND_HALF_UP, _PLACES)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
