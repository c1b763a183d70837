"""The functions of Airtable's formulas about dates, in UTC unless SET_TIMEZONE says otherwise.

After "Formula field reference" and "Supported format specifiers for DATETIME_FORMAT" (support.airtable.com).
A date without a time is its midnight in UTC. Texts are read where a date is wanted.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.airtable_formula import Function, Node, Scope
from sandbox.airtable_moment import DEFAULT_FORMAT, format_moment, parse_by, since, told_in, week_of
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
    try:
        return parse_by(text(value), text(form))
    except ValueError:
        raise FormulaFault(f"{value!r} is no date") from None


def _format(value: Value, form: Value = None) -> Value:
    return format_moment(moment(value), text(form) or DEFAULT_FORMAT, getattr(value, "locale", "en"))


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


def _add_months(at: datetime, count: int) -> datetime:
    """Go to the same day of another month, or to its last one."""
    months = at.month - 1 + count
    year, month = at.year + months // 12, months % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def _add(value: Value, count: Value, unit: Value) -> Value:
    at, name, many = moment(value), _unit(unit), number(count)
    if name in _SPAN:
        return at + timedelta(seconds=float(many) * _SPAN[name])
    return _add_months(at, int(many) * _MONTHS[name])


def _whole_months(later: datetime, earlier: datetime) -> int:
    """Count the whole months between two moments; 31 January to 28 February is one."""
    if later < earlier:
        return -_whole_months(earlier, later)
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (_add_months(earlier, months) > later)


def _diff(left: Value, right: Value, unit: Value = "seconds") -> Value:
    later, earlier = moment(left), moment(right)
    try:
        name = _unit(unit)
    except FormulaFault:
        name = "milliseconds"  # what its page says of a unit that isn't recognised
    if name in _SPAN:
        return Decimal(int((later - earlier).total_seconds() / _SPAN[name]))
    return Decimal(int(_whole_months(later, earlier) / _MONTHS[name]))


def _is_same(left: Value, right: Value, unit: Value = None) -> Value:
    if not unit:
        return moment(left) == moment(right)
    form = _SAME.get(text(unit).lower())
    if form is None:
        raise FormulaFault(f"{unit!r} is no unit of time")
    return moment(left).strftime(form) == moment(right).astimezone(moment(left).tzinfo).strftime(form)


def _first_day(value: Value) -> int:
    """Return the day on which weeks begin, 0 for Monday: Sunday unless Monday is asked for."""
    return 0 if text(value).lower() == "monday" else 6


def _holidays(value: Value) -> set[date]:
    try:
        return {date.fromisoformat(each.strip()) for each in text(value).split(",") if each.strip()}
    except ValueError:
        raise FormulaFault(f"{value!r} is no list of days") from None


def _works(at: datetime, free: set[date]) -> bool:
    return at.weekday() < 5 and at.date() not in free


def _workday(value: Value, count: Value, free: Value = None) -> Value:
    at, left, off = moment(value), int(number(count)), _holidays(free)
    step = timedelta(days=1 if left > 0 else -1)
    while left:
        at += step
        left -= (1 if step.days > 0 else -1) * _works(at, off)
    return at


def _workday_diff(start: Value, end: Value, free: Value = None) -> Value:
    """Count the working days from one day to another, both counted."""
    first, last, off = moment(start), moment(end), _holidays(free)
    sign = 1 if first <= last else -1
    low, high = sorted((first, last))
    days = (low + timedelta(days=n) for n in range((high.date() - low.date()).days + 1))
    return Decimal(sign * sum(_works(day, off) for day in days))


def _since(scope: Scope, nodes: list[Node]) -> Value:
    return since((scope.now - moment(nodes[0](scope))).total_seconds())


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
    "SET_LOCALE": _of(lambda value, locale: told_in(moment(value), text(locale))),
    "IS_BEFORE": _of(lambda left, right: moment(left) < moment(right)),
    "IS_AFTER": _of(lambda left, right: moment(left) > moment(right)),
    "IS_SAME": _of(_is_same),
    "YEAR": _part(lambda at: at.year),
    "MONTH": _part(lambda at: at.month),
    "DAY": _part(lambda at: at.day),
    "HOUR": _part(lambda at: at.hour),
    "MINUTE": _part(lambda at: at.minute),
    "SECOND": _part(lambda at: at.second),
    "WEEKDAY": _of(lambda value, first="": Decimal((moment(value).weekday() - _first_day(first)) % 7)),
    "WEEKNUM": _of(lambda value, first="": Decimal(week_of(moment(value), _first_day(first)))),
    "WORKDAY": _of(_workday),
    "WORKDAY_DIFF": _of(_workday_diff),
    "TONOW": _since,
    "FROMNOW": _since,
}
