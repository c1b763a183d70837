"""What single values of ``config.yaml`` may say: months, spans of time, shares, addresses. Imports pydantic."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.secret import check_reference

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip


def _parse_month(text: str) -> str:
    folded = text.strip().casefold()
    if not any(month == folded or month[:3] == folded for month in _MONTHS):
        raise ValueError("write a month's name, such as April")
    return folded


Month = Annotated[str, AfterValidator(_parse_month)]

_SPAN = re.compile(r"(\d+)\s*(s|min|h|d|w)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_span(text: str) -> int:
    """A span of time in seconds: "90s", "10min", "2h", "3d", "1w". Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError("write a number and a unit, such as 10min, 2h or 3d")
    return int(match[1]) * _SECONDS[match[2]]


def _check_span(text: str) -> str:
    if parse_span(text) == 0:
        raise ValueError("write more than nothing, such as 10min, 2h or 3d")
    return text


Span = Annotated[str, AfterValidator(_check_span)]
Share = Annotated[Decimal, Field(ge=0, le=1)]


_LIMIT = re.compile(r"(\d{1,3}) ?%")


def parse_limit(text: str) -> Decimal | None:
    """A share of the readings: "20%" is 0.2, "any" is no limit. Raises ValueError."""
    if text.strip() == "any":
        return None
    match = _LIMIT.fullmatch(text.strip())
    if not match or int(match[1]) > 100:
        raise ValueError("write a percentage, such as 20%, or any")
    return Decimal(match[1]) / 100


def parse_zero(text: str) -> int | None:
    """On which day a sudden 0 is believed: "3d" is the third, "believe" at once (0), "doubt" never (None)."""
    if text in ("believe", "doubt"):
        return 0 if text == "believe" else None
    match = re.fullmatch(r"([1-9]\d?) ?d", text.strip())
    if not match:
        raise ValueError("write a number of days, such as 3d, or believe, or doubt")
    return int(match[1])


def _check_limit(text: str) -> str:
    parse_limit(text)
    return text


def _check_zero(text: str) -> str:
    parse_zero(text)
    return text


Limit = Annotated[str, AfterValidator(_check_limit)]
Zero = Annotated[str, AfterValidator(_check_zero)]


def _check_told(text: str) -> str:
    try:
        check_reference(text)
    except ValueError:
        raise ValueError("such an address is a secret: write where it is, env:NAME or file:PATH") from None
    return text


Told = Annotated[str, AfterValidator(_check_told)]


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def parse_weekday(text: str) -> int:
    """A day of the week, 0 for Monday: "monday", "Mon". Raises ValueError."""
    folded = text.strip().casefold()
    found = [at for at, day in enumerate(_DAYS) if folded in (day, day[:3])]
    if not found:
        raise ValueError("write a day of the week, such as monday")
    return found[0]


def parse_clock(text: str) -> time:
    """A time of day: "20:00". Raises ValueError."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if not match:
        raise ValueError("write a time of day, such as 20:00")
    return time(int(match[1]), int(match[2]))


def _check_weekday(text: str) -> str:
    parse_weekday(text)
    return text


def _check_clock(text: str) -> str:
    parse_clock(text)
    return text


Weekday = Annotated[str, AfterValidator(_check_weekday)]
Clock = Annotated[str, AfterValidator(_check_clock)]
