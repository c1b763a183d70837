"""Moments in JQL: dates, periods before now, and functions such as startOfMonth(); in the asker's time zone.

After support.atlassian.com, "JQL functions": an increment in the function's own unit or a larger one moves
the moment before it is rounded (endOfMonth("+1M") is the end of next month), a smaller one after
(startOfMonth("+14d") is the 15th). A period without a unit is in minutes; its units may be in capitals.
"""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, tzinfo

from sandbox.jql_lex import JqlError

VALID_FORMATS = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format "
    "e.g. '-5d', '4w 2d'."
)
_DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:\s+(\d{1,2}):(\d{2}))?")
_PERIOD = re.compile(r"([+-]?)(\d+|(?:\d+[wdhm]\s*)+)", re.IGNORECASE)
_STEP = re.compile(r"([+-]?)(\d+)([mhdwMy]?)")
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10_080}
_UNITS = "mhdwMy"
_ROUNDED = {"day": "d", "week": "w", "month": "M", "year": "y"}
FIRST_WEEKDAY = calendar.SUNDAY


def parse_moment(text: str, now: datetime, zone: tzinfo, *, is_number: bool = True) -> datetime | None:
    """Read a date, a date with a time, or a period relative to now; None when it is none of them.

    Bare digits are milliseconds since 1970 when they stood without quotes (``is_number``), else minutes from
    now. A period's units may be in capitals, and there is none for months: "-2M" is two minutes.
    """
    if match := _DATE.fullmatch(text.strip()):
        year, _, month, day, hour, minute = match.groups()
        try:
            return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=zone)
        except ValueError:
            return None
    if is_number and re.fullmatch(r"-?\d+", text):
        return datetime.fromtimestamp(int(text) / 1000, zone)
    if match := _PERIOD.fullmatch(text.strip()):
        parts = re.findall(r"(\d+)([wdhm]?)", match[2].lower())
        minutes = sum(int(amount) * _MINUTES[unit or "m"] for amount, unit in parts)
        return now + timedelta(minutes=-minutes if match[1] == "-" else minutes)
    return None


def is_time_function(name: str) -> bool:
    """Tell whether a function returns a moment."""
    return name.lower() == "now" or _parts(name) is not None


def call_moment(name: str, arguments: tuple[str, ...], now: datetime, zone: tzinfo) -> datetime:
    """Return what a time function says. Raises JqlError for wrong arguments."""
    if name.lower() == "now":
        if arguments:
            raise JqlError(f"Function '{name}' expected '0' arguments but received '{len(arguments)}'.")
        return now
    parts = _parts(name)
    if parts is None:
        raise JqlError(f"Unable to find JQL function '{name}({', '.join(arguments)})'.")
    if len(arguments) > 1:
        raise JqlError(f"Function '{name}' expected between '0' and '1' arguments but received '{len(arguments)}'.")
    edge, unit = parts
    amount, step = _increment(name, arguments[0], unit) if arguments else (0, unit)
    local = now.astimezone(zone).replace(tzinfo=None)
    if _UNITS.index(step) >= _UNITS.index(unit):
        rounded = _round(_add(local, amount, step), edge, unit)
    else:
        rounded = _add(_round(local, edge, unit), amount, step)
    return rounded.replace(tzinfo=zone)


def _parts(name: str) -> tuple[str, str] | None:
    match = re.fullmatch(r"(start|end)of(day|week|month|year)", name.lower())
    return (match[1], _ROUNDED[match[2]]) if match else None


def _increment(name: str, text: str, unit: str) -> tuple[int, str]:
    match = _STEP.fullmatch(text.strip())
    if match is None:
        rule = "should have the format (+/-)n(yMwdm), e.g -1M for 1 month earlier"
        raise JqlError(f"Duration for function '{name}' {rule}.")
    return int(match[2]) * (-1 if match[1] == "-" else 1), match[3] or unit


def _add(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _MINUTES:
        return moment + timedelta(minutes=amount * _MINUTES[unit])
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def _round(moment: datetime, edge: str, unit: str) -> datetime:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "w":
        start -= timedelta(days=(start.weekday() - FIRST_WEEKDAY) % 7)
    elif unit == "M":
        start = start.replace(day=1)
    elif unit == "y":
        start = start.replace(month=1, day=1)
    return start if edge == "start" else _add(start, 1, unit) - timedelta(milliseconds=1)
