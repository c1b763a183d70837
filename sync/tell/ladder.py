"""Which status is better than which, for those who list what got worse before what got better."""

from __future__ import annotations

from okr.model import Status

RED = frozenset({Status.OFF_TRACK, Status.MISSED})
"""The statuses that call for somebody."""

_BETWEEN = 4
"""Where a status stands that says nothing of how well it goes: not begun, paused, closed."""

_LADDER = {
    Status.MISSED: 0,
    Status.OFF_TRACK: 1,
    Status.NO_DATA: 2,
    Status.AT_RISK: 3,
    Status.ON_TRACK: 5,
    Status.ACHIEVED: 6,
}


def rank(status: Status) -> int:
    """How well a status is, from 0 for the worst."""
    return _LADDER.get(status, _BETWEEN)
