"""Guards: which readings are doubted. A doubted reading is a gap; the last good value stays.

The numbers are in the unit of the Target cell, as the reading is when it is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from mappings.model import Gap, GapKind, Reading
from mappings.number import render_number


@dataclass(frozen=True, slots=True)
class Guard:
    """What to doubt; ``None`` and ``False`` doubt nothing.

    ``min``, ``max``: a value below or above. ``max_change``: a step of more than that since the last good
    value; ``max_change_share``: of more than that share of it (0.2 is 20 %). ``zero``: a 0 where the last good
    value was not 0. ``min_records``: a value from fewer records. ``confirm``: a doubt that stands on that many
    days is believed; ``zero_confirm``: the same for a sudden 0 alone, before ``confirm``.
    """

    min: Decimal | None = None
    max: Decimal | None = None
    max_change: Decimal | None = None
    max_change_share: Decimal | None = None
    zero: bool = False
    min_records: int | None = None
    confirm: int | None = None
    zero_confirm: int | None = None


DEFAULT_GUARD = Guard(zero=True, zero_confirm=3)
"""What holds where nobody wrote a guard: a sudden 0 is mostly a lost filter or a lost right, and it colours a ceiling
green. One that stands on the third day is believed."""


def check_guard(guard: Guard, reading: Reading, last: Decimal | None, doubt_days: int) -> Gap | None:
    """The doubt about a reading, if there is one.

    ``last`` is the last good value. ``doubt_days`` counts the days on which the reading was doubted, today
    included: with ``confirm: 3`` a doubt is believed on its third day.
    """
    reason = _doubt(guard, reading, last)
    if reason is None:
        return None
    confirm = guard.confirm
    if guard.zero_confirm is not None and _doubt(replace(guard, zero=False), reading, last) is None:
        confirm = guard.zero_confirm
    if confirm is not None and doubt_days >= confirm:
        return None
    fix = "Look at the source. If the value is right: okr-sync run --accept, or loosen the guard."
    if confirm is not None:
        days = confirm - max(doubt_days, 1)
        fix = f"Look at the source. It is believed if it stays {days} more day{'' if days == 1 else 's'}."
    return Gap(GapKind.DOUBT, reason, fix, doubted=reading.value)


def _doubt(guard: Guard, reading: Reading, last: Decimal | None) -> str | None:
    value, shown = reading.value, render_number(reading.value)
    if guard.min_records is not None and reading.counted is not None and reading.counted < guard.min_records:
        return f"{shown} comes from {reading.counted} records, and {guard.min_records} are needed"
    if guard.min is not None and value < guard.min:
        return f"{shown} is below {render_number(guard.min)}, the least that is believed"
    if guard.max is not None and value > guard.max:
        return f"{shown} is above {render_number(guard.max)}, the most that is believed"
    return None if last is None else _doubt_change(guard, value, last)


def _doubt_change(guard: Guard, value: Decimal, last: Decimal) -> str | None:
    if guard.zero and value == 0 and last != 0:
        return f"0 all of a sudden, after {render_number(last)}"
    change = abs(value - last)
    told = f"from {render_number(last)} to {render_number(value)} at once"
    if guard.max_change is not None and change > guard.max_change:
        return f"{told}: more than {render_number(guard.max_change)}"
    if guard.max_change_share is not None and last != 0 and change > guard.max_change_share * abs(last):
        return f"{told}: more than {render_number(100 * guard.max_change_share)} %"
    return None
