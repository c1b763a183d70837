"""What typing does: a person's text, or ``USER_ENTERED``, becomes a number, date, truth, formula or text.

The unwritten rules of the real parser are known in part only (nothing recorded shows percent, currency or other
locales); these follow Google's guide to values and what its help pages say.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sandbox.google_cell import Formula, Value, check_length
from sandbox.google_locale import Locale, locale_of, month_of
from sandbox.google_schema import Json, plain
from sandbox.google_serial import to_serial

TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?$", re.IGNORECASE)
CURRENCIES = ("$", "€", "£", "¥", "₹")
GROUPS = {"\u202f": "[\u202f\u00a0 ]", "’": "[’']"}


def parse_entered(text: str, form: Json | None, locale: str, year: int | None = None) -> tuple[Value, Json | None]:
    """Parse what was typed into a cell of this format; return the value and the number format that typing gives it.

    ``year`` is the present one, which a day and a month alone (``3/4``) mean; without it they stay text.
    """
    check_length(text)
    if text == "":
        return None, None
    if ((form or {}).get("numberFormat") or {}).get("type") == "TEXT":
        return text, None
    if text.startswith("'"):
        return text[1:] or None, None
    if text.startswith("=") and len(text) > 1:
        return Formula(text), None
    stripped = text.strip()
    if stripped.upper() in ("TRUE", "FALSE"):
        return stripped.upper() == "TRUE", None
    where = locale_of(locale)
    return _number(stripped, where) or _money(stripped, where) or _moment(stripped, where, year) or (text, None)


def parse_raw(value: Any) -> Value:
    """Take a JSON scalar as it is; an empty text is no value."""
    if isinstance(value, str):
        return check_length(value) or None
    return value if isinstance(value, bool) else plain(float(value))


def _plain_number(text: str, locale: Locale) -> tuple[float, bool, int] | None:
    """Read digits: (value, grouped, decimals), or None."""
    group, decimal = GROUPS.get(locale.group, re.escape(locale.group)), re.escape(locale.decimal)
    match = re.match(rf"^([+-]?)(\d{{1,3}}(?:{group}\d{{3}})+|\d+)?(?:{decimal}(\d*))?(?:[eE]([+-]?\d+))?$", text)
    if not match or not (match[2] or match[3]):
        return None
    digits = re.sub(r"\D", "", match[2] or "0")
    number = float(f"{match[1]}{digits}.{match[3] or 0}e{match[4] or 0}")
    return number, digits != (match[2] or "0"), -1 if match[4] else len(match[3] or "")


def _number(text: str, locale: Locale) -> tuple[Value, Json | None] | None:
    percent = text.endswith("%")
    read = _plain_number(text[:-1].strip() if percent else text, locale)
    if read is None:
        return None
    number, grouped, decimals = read
    if percent:
        pattern = "0.00%" if decimals else "0%"
        return plain(float(f"{number / 100:.15g}")), {"type": "PERCENT", "pattern": pattern}
    if decimals < 0:
        return plain(number), {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    if grouped:
        return plain(number), {"type": "NUMBER", "pattern": "#,##0.00" if decimals else "#,##0"}
    return plain(number), None


def _money(text: str, locale: Locale) -> tuple[Value, Json | None] | None:
    symbols = "|".join(map(re.escape, {locale.currency, *CURRENCIES}))
    first = re.match(rf"^([+-]?)({symbols})\s*(\S.*)$", text)
    last = re.match(rf"^([+-]?)(.*\S)\s*({symbols})$", text)
    match = first or last
    if not match:
        return None
    before = match is first
    symbol, digits = (match[2], match[3]) if before else (match[3], match[2])
    read = _plain_number(digits, locale)
    if read is None:
        return None
    core = "#,##0.00" if read[2] else "#,##0"
    pattern = f"[${symbol}]{core}" if before else f"{core} [${symbol}]"
    return plain(-read[0] if match[1] == "-" else read[0]), {"type": "CURRENCY", "pattern": pattern}


def _moment(text: str, locale: Locale, year: int | None) -> tuple[Value, Json | None] | None:
    day, _, time = text.partition(" ") if re.match(r"^[\d./-]+ +\d+:", text) else (text, "", "")
    if clock := TIME.match(text):
        return plain(_fraction(clock)), {"type": "TIME", "pattern": "h:mm:ss" if clock[3] else "h:mm"}
    read = _day(day, locale) or _day_of_year(day, locale, year)
    if read is None:
        return None
    serial, pattern = read
    if time:
        clock = TIME.match(time.strip())
        if not clock:
            return None
        pattern += " h:mm:ss" if clock[3] else " h:mm"
        return plain(serial + _fraction(clock)), {"type": "DATE_TIME", "pattern": pattern}
    return plain(serial), {"type": "DATE", "pattern": pattern}


def _fraction(clock: re.Match[str]) -> float:
    hour = int(clock[1]) % 12 + (12 if clock[4].lower() == "pm" else 0) if clock[4] else int(clock[1])
    return (hour * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)) / 86_400


def _day(text: str, locale: Locale) -> tuple[float, str] | None:
    if match := re.match(r"^(\d{4})-(\d{1,2})-(\d{1,2})$", text):
        return _serial(match[1], match[2], match[3], "yyyy-mm-dd")
    if match := re.match(r"^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})$", text):
        day, month = (match[1], match[3]) if locale.day_first else (match[3], match[1])
        return _serial(match[4], month, day, locale.date)
    if match := re.match(r"^(\d{1,2})\.?[ -]([^\W\d]{3,}\.?)[ -](\d{4})$", text):
        return _named(match[3], match[2], match[1], "d mmm yyyy", locale)
    if match := re.match(r"^([^\W\d]{3,}\.?) (\d{1,2}), ?(\d{4})$", text):
        return _named(match[3], match[1], match[2], "mmm d, yyyy", locale)
    return None


def _day_of_year(text: str, locale: Locale, year: int | None) -> tuple[float, str] | None:
    """Read a day and a month alone, as in 3/4: a date of the present year, to many people's surprise."""
    marks = "[/.-]" if "." in locale.date else "[/-]"
    match = re.match(rf"^(\d{{1,2}}){marks}(\d{{1,2}})\.?$", text)
    if not match or year is None:
        return None
    day, month = (match[1], match[2]) if locale.day_first else (match[2], match[1])
    return _serial(str(year), month, day, re.sub(r"[/.-]?y+-?", "", locale.date))


def _named(year: str, word: str, day: str, pattern: str, locale: Locale) -> tuple[float, str] | None:
    month = month_of(word, locale)
    return None if month is None else _serial(year, str(month), day, pattern)


def _serial(year: str, month: str, day: str, pattern: str) -> tuple[float, str] | None:
    century = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        moment = datetime(century, int(month), int(day))  # noqa: DTZ001 - a day in the sheet's own zone
    except ValueError:
        return None
    return to_serial(moment), pattern
