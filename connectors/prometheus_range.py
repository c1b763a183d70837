"""The moments at which a range query asks. Pure.

A range query is answered at ``start``, ``start + step`` … up to ``end``, both ends included, and at no more than 11,000
moments ("Range queries" and the server's "exceeded maximum resolution of 11,000 points per timeseries").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mappings.model import Window

STEP = r"^[1-9]\d{0,8}(ms|s|m|h|d|w)$"
"""How a step is written: the part of Prometheus' durations that people use."""

MOST_POINTS = 11_000
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_USUAL = ("5m", "15m", "1h", "6h", "1d")
_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Moments:
    """From ``start`` every ``step`` to ``last``, which is the last moment at which a sample can be."""

    start: datetime
    last: datetime
    step: str

    @property
    def count(self) -> int:
        """How many moments there are."""
        return int((self.last - self.start) / seconds_of(self.step)) + 1


def seconds_of(step: str) -> timedelta:
    """A step as a span."""
    match = re.fullmatch(STEP.strip("^$"), step)
    if match is None:
        raise ValueError(f"not a step: {step}")
    return timedelta(seconds=int(step.removesuffix(match[1])) * _UNITS[match[1]])


def make_moments(window: Window, now: datetime, step: str | None) -> Moments | None:
    """The moments of a half-open window that are over by now; ``None`` where it hasn't begun.

    Without a step: five minutes, or the next usual one of which the whole window doesn't have too many, so that a
    cycle is measured alike on its first day and on its last.
    """
    start, end = window.start.astimezone(UTC), min(window.end.astimezone(UTC) - _INSTANT, now.astimezone(UTC))
    if end < start:
        return None
    step = step or default_step(window)
    span = seconds_of(step)
    return Moments(start, start + span * int((end - start) / span), step)


def length_of(window: Window) -> timedelta:
    """How long a window really is: a day on which the clocks change has 23 or 25 hours."""
    return window.end.astimezone(UTC) - window.start.astimezone(UTC)


def default_step(window: Window) -> str:
    """The step where none is written."""
    fitting = (step for step in _USUAL if length_of(window) / seconds_of(step) <= MOST_POINTS)
    return next(fitting, _USUAL[-1])
