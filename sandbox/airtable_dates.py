"""The functions of Airtable's formulas about dates, in UTC unless SET_TIMEZONE says otherwise.

After "Formula field reference" and "Supported format specifiers for DATETIME_FORMAT" (support.airtable.com).
A date without a time is its midnight in UTC. Texts are read where a date is wanted.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.airtable_formula import Function, Node, Scope
from sandbox.airtable_values import FormulaFault, Value, moment, number, text

_SPAN = {
    "milliseconds": 0.001, "ms": 0.001, "seconds": 1, "s": 1, "minutes": 60, "m": 60, "hours": 3600, "h": 3600,
    "days": 86_400, "d": 86_400, "weeks": 604_800, "w": 604_800,
}  # fmt: skip
_MONTHS = {"months": 1, "M": 1, "quarters": 3, "Q": 3, "years": 12, "y": 12}
_SAME = {
    "year": "%Y", "month": "%Y-%m", "week": "%G-%V", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H",
    "minute": "%Y-%m-%dT%H:%M", "second": "%Y-%m-%dT%H:%M:%S",
}  # fmt: skip
_TOKEN = re.compile(r"\[[^\]]*\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|Q|X|x|Z")
_FORMATS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04}", "YY": lambda at: f"{at.year % 100:02}",
    "MMMM": lambda at: calendar.month_name[at.month], "MMM": lambda at: calendar.month_abbr[at.month],
    "MM": lambda at: f"{at.month:02}", "M": lambda at: str(at.month),
    "DD": lambda at: f"{at.day:02}", "D": lambda at: str(at.day),
    "dddd": lambda at: calendar.day_name[at.weekday()], "ddd": lambda at: calendar.day_abbr[at.weekday()],
    "HH": lambda at: f"{at.hour:02}", "H": lambda at: str(at.hour),
    "hh": lambda at: f"{at.hour % 12 or 12:02}", "h": lambda at: str(at.hour % 12 or 12),
    "mm": lambda at: f"{at.minute:02}", "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}", "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03}",
    "A": lambda at: "AM" if at.hour < 12 else "PM", "a": lambda at: "am" if at.hour < 12 else "pm",
    "Q": lambda at: str((at.month + 2) // 3), "X": lambda at: str(int(at.timestamp())),
    "x": lambda at: str(int(at.timestamp() * 1000)),
    "Z": lambda at: at.strftime("%z")[:3] + ":" + at.strftime("%z")[3:],
}  # fmt: skip
_PARSERS = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d", "HH": "%H",
    "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S", "A": "%p", "a": "%p",
}  # fmt: skip
_DEFAULT_FORMAT = "M/D/YYYY h:mma"


def _of(function: Callable[..., Value]) -> Function:
    """Make a function of evaluated arguments."""

    def call(scope: Scope, nodes: list[Node]) -> Value:
        try:
            return function(*(node(scope) for node in nodes))
        except TypeError:
            raise FormulaFault(f"{len(nodes)} arguments") from None

    return call


def _part(tell: Callable[[datetime], int]) -> Function:
    return _of(lambda value: Decimal(tell(moment(value))))


def _parse(value: Value, form: Value = None, _locale: Value = None, _zone: Value = None) -> Value:
    if not form:
        return moment(value)
    pattern = _TOKEN.sub(lambda match: _PARSERS.get(match.group(), match.group().strip("[]")), text(form))
    try:
        return datetime.strptime(text(value), pattern).replace(tzinfo=UTC)
    except ValueError:
        raise FormulaFault(f"{value!r} is no date") from None


def format_moment(at: datetime, form: str = _DEFAULT_FORMAT) -> str:
    """Write a moment by a format such as "YYYY-MM-DD"."""

    def write(match: re.Match[str]) -> str:
        token = match.group()
        return _FORMATS[token](at) if token in _FORMATS else token.strip("[]")

    return _TOKEN.sub(write, form)


def _format(value: Value, form: Value = None) -> Value:
    return format_moment(moment(value), text(form) or _DEFAULT_FORMAT)


def _zone(value: Value, zone: Value) -> Value:
    try:
        return moment(value).astimezone(ZoneInfo(text(zone)))
    except (ZoneInfoNotFoundError, ValueError):
        raise FormulaFault(f"{zone!r} is no zone") from None


def _unit(value: Value) -> str:
    unit = text(value)
    if unit in _SPAN or unit in _MONTHS:
        return unit
    plural = unit.lower().rstrip("s") + "s"
    if plural in _SPAN or plural in _MONTHS:
        return plural
    raise FormulaFault(f"{unit!r} is no unit of time")


def _add(value: Value, count: Value, unit: Value) -> Value:
    at, name, many = moment(value), _unit(unit), number(count)
    if name in _SPAN:
        return at + timedelta(seconds=float(many) * _SPAN[name])
    months = at.month - 1 + int(many) * _MONTHS[name]
    year, month = at.year + months // 12, months % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def _diff(left: Value, right: Value, unit: Value = "seconds") -> Value:
    later, earlier, name = moment(left), moment(right), _unit(unit)
    if name in _SPAN:
        return Decimal(int((later - earlier).total_seconds() / _SPAN[name]))
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if later.day < earlier.day and months > 0:
        months -= 1
    return Decimal(int(months / _MONTHS[name]))


def _is_same(left: Value, right: Value, unit: Value = None) -> Value:
    if not unit:
        return moment(left) == moment(right)
    form = _SAME.get(text(unit).lower())
    if form is None:
        raise FormulaFault(f"{unit!r} is no unit of time")
    return moment(left).strftime(form) == moment(right).astimezone(moment(left).tzinfo).strftime(form)


def _today(scope: Scope, _: list[Node]) -> Value:
    return scope.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


DATE_FUNCTIONS: dict[str, Function] = {
    "NOW": lambda scope, _: scope.now,
    "TODAY": _today,
    "CREATED_TIME": lambda scope, _: scope.created,
    "LAST_MODIFIED_TIME": lambda scope, _: scope.modified,
    "DATETIME_PARSE": _of(_parse),
    "DATETIME_FORMAT": _of(_format),
    "DATETIME_DIFF": _of(_diff),
    "DATEADD": _of(_add),
    "DATESTR": _of(lambda value: moment(value).strftime("%Y-%m-%d")),
    "TIMESTR": _of(lambda value: moment(value).strftime("%H:%M:%S")),
    "SET_TIMEZONE": _of(_zone),
    "SET_LOCALE": _of(lambda value, _: value),
    "IS_BEFORE": _of(lambda left, right: moment(left) < moment(right)),
    "IS_AFTER": _of(lambda left, right: moment(left) > moment(right)),
    "IS_SAME": _of(_is_same),
    "YEAR": _part(lambda at: at.year),
    "MONTH": _part(lambda at: at.month),
    "DAY": _part(lambda at: at.day),
    "HOUR": _part(lambda at: at.hour),
    "MINUTE": _part(lambda at: at.minute),
    "SECOND": _part(lambda at: at.second),
    "WEEKDAY": _part(lambda at: at.isoweekday() % 7),
    "WEEKNUM": _part(lambda at: at.isocalendar().week),
}
