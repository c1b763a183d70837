"""In what a key result is measured, and which way it is to go: what measures are held against."""

from __future__ import annotations

from okr.model import KeyResult, Kind

_PERCENT = frozenset({"%", "percent", "per cent", "pct"})
_DAYS = frozenset({"d", "day", "days", "workday", "workdays", "h", "hour", "hours", "min", "minutes", "weeks"})
_MONEY = frozenset({"€", "$", "£", "¥", "eur", "usd", "gbp", "chf", "k€", "k eur", "t€", "m€", "keur", "teur"})


def _unit(kr: KeyResult) -> str:
    return kr.unit.strip().casefold()


def is_percent(kr: KeyResult) -> bool:
    """Whether its Target cell is in percent, or its Unit says so."""
    return kr.is_share or _unit(kr) in _PERCENT


def is_time(kr: KeyResult) -> bool:
    """Whether it is a length of time."""
    return not is_percent(kr) and _unit(kr) in _DAYS


def is_money(kr: KeyResult) -> bool:
    """Whether it is an amount of money."""
    return not is_percent(kr) and _unit(kr) in _MONEY


def goes_down(kr: KeyResult) -> bool:
    """Whether less is better."""
    falls = kr.baseline is not None and kr.target is not None and kr.target < kr.baseline
    return kr.kind in (Kind.DECREASE, Kind.AT_MOST) or (kr.kind is Kind.INCREASE and falls)


def is_stock(kr: KeyResult) -> bool:
    """Whether it is a level, such as open bugs or customers, and no count that begins anew with each cycle.

    What is to shrink is one, and what doesn't begin at 0. A level may well be read without bounds in time.
    """
    return goes_down(kr) or bool(kr.baseline)
