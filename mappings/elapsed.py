"""Days of a record: workdays between two of its statuses, days between two of its dates.

Both count as spreadsheets do, so that people can check them in the sheet: ``workdays`` as NETWORKDAYS (Monday to
Friday without the company's holidays, first and last day included), ``days`` as DAYS (midnights between the two).
A moment belongs to its day in the company's zone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal

from mappings.model import Elapsed, Record, Value
from mappings.number import is_empty

_WORKDAYS_A_WEEK = 5


def measure_days(record: Record, elapsed: Elapsed) -> Decimal | None:
    """The record's days; ``None`` where it never went that way, or has not both dates.

    Raises:
        ValueError: the record can't say; the text is a reason for people.
    """
    if elapsed.unit == "workdays":
        return _measure_workdays(record, elapsed)
    ends = [_day_of(record, name, elapsed) for name in (elapsed.start, elapsed.end)]
    first, last = ends
    return None if first is None or last is None else Decimal((last - first).days)


def count_workdays(first: date, last: date, holidays: Collection[date] = ()) -> int:
    """Mondays to Fridays from ``first`` to ``last``, both included, that are no holidays. ``last`` isn't earlier."""
    weeks, rest = divmod((last - first).days + 1, 7)
    odd = sum((first + timedelta(days=day)).weekday() < _WORKDAYS_A_WEEK for day in range(rest))
    off = sum(first <= day <= last and day.weekday() < _WORKDAYS_A_WEEK for day in set(holidays))
    return weeks * _WORKDAYS_A_WEEK + odd - off


def _measure_workdays(record: Record, elapsed: Elapsed) -> Decimal | None:
    """From the first time in the one status to the last coming to the other after it."""
    if record.timeline is None:
        raise ValueError(f"doesn't tell when {record.id} changed its status")
    start, end = elapsed.start.casefold(), elapsed.end.casefold()
    begun = next((each.at for each in record.timeline if each.status.casefold() == start), None)
    if begun is None:
        return None
    ended = max(
        (each.at for each in record.timeline if each.status.casefold() == end and each.at >= begun), default=None
    )
    if ended is None:
        return None
    first, last = (moment.astimezone(elapsed.zone).date() for moment in (begun, ended))
    return Decimal(count_workdays(first, last, elapsed.holidays))


def _day_of(record: Record, name: str, elapsed: Elapsed) -> date | None:
    value = record.fields.get(name)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if is_empty(value):
        return None
    day = _parse_day(value, elapsed)
    if day is None:
        raise ValueError(f"has no date in “{name}” of {record.id}")
    return day


def _parse_day(value: Value, elapsed: Elapsed) -> date | None:
    if isinstance(value, str):
        try:
            value = (
                datetime.fromisoformat(value.strip()) if len(value.strip()) > 10 else date.fromisoformat(value.strip())
            )
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.astimezone(elapsed.zone).date() if value.tzinfo else value.date()
    return value if isinstance(value, date) else None
