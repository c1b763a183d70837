"""Number formats: the text that a person sees for a value, by pattern and locale.

Patterns are those of Google's number format guide: ``0 # ? , . % E+ @ "text" \\x _x *x [$€] [Red] ;`` and, for dates,
``y m d h s AM/PM``. With no pattern a number shows at most ten significant digits.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sandbox.google_cell import SHOWN_FAILURES, Effective, Failure
from sandbox.google_locale import Locale, locale_of
from sandbox.google_serial import from_serial

TOKEN = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[Aa][Mm]/[Pp][Mm]|[Ee][+-]|y+|Y+|m+|M+|d+|D+|h+|H+|s+|S+|[0#?]|.', re.DOTALL
)
NAMED = {
    "NUMBER": "#,##0.00",
    "PERCENT": "0.00%",
    "TIME": "h:mm:ss",
    "SCIENTIFIC": "0.00E+00",
    "TEXT": "@",
}


def format_value(value: Effective, form: dict[str, Any] | None, locale: str) -> str:
    """Return what a person sees in a cell of this number format."""
    if value is None:
        return ""
    if isinstance(value, Failure):
        return SHOWN_FAILURES[value.kind]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    pattern = pattern_of(form, locale)
    if isinstance(value, str):
        return _text(value, pattern)
    if not pattern or pattern in ("General", "@"):
        return _general(value, locale_of(locale))
    return _number(value, pattern, locale_of(locale))


def pattern_of(form: dict[str, Any] | None, locale: str) -> str:
    """Return a format's pattern, or the locale's own for its type."""
    if not form:
        return ""
    if form.get("pattern"):
        return str(form["pattern"])
    where = locale_of(locale)
    kind = form.get("type", "")
    if kind in ("DATE", "DATE_TIME"):
        return where.date + (" h:mm:ss" if kind == "DATE_TIME" else "")
    if kind == "CURRENCY":
        return f"#,##0.00 [${where.currency}]" if where.currency_after else f"[${where.currency}]#,##0.00"
    return NAMED.get(kind, "")


class Section(NamedTuple):
    """One part of a pattern between semicolons."""

    marks: tuple[str, ...]
    dated: bool


@lru_cache(maxsize=500)
def _sections(pattern: str) -> tuple[Section, ...]:
    sections: list[list[str]] = [[]]
    for mark in TOKEN.findall(pattern):
        if mark == ";":
            sections.append([])
        else:
            sections[-1].append(mark)
    return tuple(Section(tuple(each), any(re.match(r"[yYmMdDhHsS]", t) for t in each)) for each in sections)


def is_date(pattern: str) -> bool:
    """Tell whether numbers of this pattern are shown as dates or times."""
    return bool(pattern) and _sections(pattern)[0].dated


def _text(value: str, pattern: str) -> str:
    sections = _sections(pattern) if pattern else ()
    part = sections[3] if len(sections) > 3 else sections[0] if len(sections) == 1 else None
    if part is None or "@" not in part.marks:
        return value
    return "".join(value if mark == "@" else _literal(mark) for mark in part.marks)


def _literal(mark: str) -> str:
    if mark.startswith('"'):
        return mark[1:-1]
    if mark.startswith("\\"):
        return mark[1:]
    if mark.startswith("_"):
        return " "
    if mark.startswith("[$"):
        return mark[2:-1].split("-")[0]
    return "" if mark.startswith("[") or (mark.startswith("*") and len(mark) > 1) else mark


def _general(value: float, locale: Locale) -> str:
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    if abs(value) >= 1e15:
        mantissa, _, exponent = f"{value:.14E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}".replace(".", locale.decimal)
    text = f"{Decimal(f'{value:.10g}'):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", locale.decimal)


def _number(value: float, pattern: str, locale: Locale) -> str:
    sections = _sections(pattern)
    if sections[0].dated:
        return _date(value, sections[0].marks, locale)
    section, sign = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    return _digits(abs(value), section.marks, locale, sign)


def _digits(value: float, marks: tuple[str, ...], locale: Locale, sign: str) -> str:
    places = [at for at, mark in enumerate(marks) if mark in ("0", "#", "?", ".", ",")]
    if not places:
        return sign + "".join(_general(value, locale) if mark == "@" else _literal(mark) for mark in marks)
    first, last = places[0], places[-1]
    core = "".join(mark for mark in marks[first : last + 1] if mark in "0#?.,")
    rest = marks[last + 1 :]
    number = Decimal(repr(value)) * Decimal(100) ** marks.count("%")
    exponent = next((mark for mark in marks if re.match(r"[Ee][+-]", mark)), None)
    if exponent is not None:
        shown = _scientific(number, "".join(marks[first : marks.index(exponent)]), locale)
        rest = tuple(mark for mark in rest if mark not in (exponent, "0"))
    else:
        shown = _fixed(number, core, locale)
    if sign and not re.search(r"[1-9]", shown):
        sign = ""
    return sign + "".join(map(_literal, marks[:first])) + shown + "".join(map(_literal, rest))


def _fixed(number: Decimal, core: str, locale: Locale) -> str:
    whole, _, part = core.partition(".")
    scaled = len(whole) - len(whole.rstrip(",")) if "." not in core else len(part) - len(part.rstrip(","))
    number /= Decimal(1000) ** scaled
    grouped = "," in whole.rstrip(",")
    part = part.rstrip(",")
    rounded = number.quantize(Decimal(1).scaleb(-len(part)), ROUND_HALF_UP)
    digits, _, decimals = f"{rounded:f}".partition(".")
    needed = whole.count("0")
    digits = digits.lstrip("0").rjust(needed, "0")
    if grouped:
        digits = f"{int(digits or 0):,}".replace(",", locale.group) if digits else ""
    while decimals and part[len(decimals) - 1] == "#" and decimals.endswith("0"):
        decimals = decimals[:-1]
    return digits + (locale.decimal + decimals if "." in core else "")


def _scientific(number: Decimal, core: str, locale: Locale) -> str:
    places = len(core.partition(".")[2])
    mantissa, _, exponent = f"{number:.{places}E}".partition("E")
    return f"{mantissa.replace('.', locale.decimal)}E{exponent[0]}{exponent[1:].rjust(2, '0')}"


def _date(value: float, marks: tuple[str, ...], locale: Locale) -> str:
    moment = from_serial(value)
    halves = any(mark.upper() in ("AM/PM", "A/P") for mark in marks)
    shown = []
    for at, mark in enumerate(marks):
        low = mark.lower()
        if low[0] == "m" and set(low) == {"m"} and _is_minutes(marks, at):
            shown.append(str(moment.minute).rjust(len(low), "0"))
        elif low[0] == "h" and set(low) == {"h"}:
            shown.append(str((moment.hour % 12 or 12) if halves else moment.hour).rjust(len(low), "0"))
        elif low == "am/pm":
            shown.append("PM" if moment.hour >= 12 else "AM")
        elif set(low) <= set("ymds") and len(set(low)) == 1:
            shown.append(_date_part(low, moment, locale))
        else:
            shown.append(_literal(mark))
    return "".join(shown)


def _is_minutes(marks: tuple[str, ...], at: int) -> bool:
    before = [mark[0].lower() for mark in marks[:at] if re.match(r"[yYmMdDhHsS]", mark)]
    after = [mark[0].lower() for mark in marks[at + 1 :] if re.match(r"[yYmMdDhHsS]", mark)]
    return bool(before and before[-1] == "h") or bool(after and after[0] == "s")


def _date_part(mark: str, moment: Any, locale: Locale) -> str:
    long = len(mark)
    match mark[0]:
        case "y":
            return f"{moment.year:04}" if long > 2 else f"{moment.year % 100:02}"
        case "m":
            at = moment.month - 1
            name = locale.months[at]
            return (str(moment.month), f"{moment.month:02}", locale.short_months[at], name, name[:1])[min(long, 5) - 1]
        case "d":
            at = moment.weekday()
            return (str(moment.day), f"{moment.day:02}", locale.short_days[at], locale.days[at])[min(long, 4) - 1]
        case _:
            return str(moment.second).rjust(long, "0")
