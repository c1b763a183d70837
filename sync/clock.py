"""A wrong clock, told before it does harm: by the server's own time, and by the last run's where no server tells it.

Every date that is written comes from this machine's clock: a year ahead it would begin another cycle, grey every row
and fill History with days that nobody lived; behind, it would turn the heartbeat back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.clock import SET_CLOCK, SLACK, is_off, say_how, say_off, say_span
from okr.problem import OkrSyncError, Problem, Severity

MOST_OFF = timedelta(hours=1)
"""Below it, and on the same day, numbers are right and only minutes wrong: it is said. Google signs nobody in above."""
LONGEST_PAUSE = timedelta(days=100)
"""After so long without a run somebody should look whether it is really that day, where no server says so."""
_FORCE = "If it is right: okr-sync run --force."


class ClockWrong(OkrSyncError):
    """This machine doesn't know what day it is. Nothing was written."""


def check_served(now: datetime, off: timedelta | None) -> None:
    """``off`` is how far the server's clock is ahead; ``None`` where there is none.

    Raises:
        ClockWrong: by more than an hour, or it is another day there.
    """
    if off is None or not is_off(off):
        return
    there = (now.astimezone(UTC) + off).astimezone(now.tzinfo)
    if abs(off) > MOST_OFF or there.date() != now.date():
        raise ClockWrong(
            f"this machine's clock is {say_how(off)}: it is {there:%d %b %Y %H:%M} there and {now:%d %b %Y %H:%M} "
            "here. Nothing was written.",
            fix=SET_CLOCK,
        )


def find_off(now: datetime, heartbeat: datetime | None, off: timedelta | None) -> Iterator[Problem]:
    """The problems that this clock is some minutes wrong, or that of the last run was, where a server says the time."""
    if off is None:
        return
    if is_off(off):
        yield Problem("sheet.clock-off", say_off(off), fix=SET_CLOCK, subject="clock", severity=Severity.WARNING)
    elif heartbeat is not None and heartbeat > now + SLACK:
        last = heartbeat.astimezone(now.tzinfo)
        said = f"the last run was on {last:%d %b %Y at %H:%M}, which is still to come"
        fix = "The clock of the machine that ran then is wrong: set it, or stop its schedule."
        yield Problem("sheet.clock-last", said, fix=fix, subject="clock", severity=Severity.WARNING)


def check_heartbeat(now: datetime, heartbeat: datetime | None, off: timedelta | None) -> None:
    """Whether this run can be the one after the last, where no server says the time.

    Raises:
        ClockWrong: the last run is still to come, or was so long ago that the clock may have jumped.
    """
    if heartbeat is None or off is not None:
        return
    last, ahead = heartbeat.astimezone(now.tzinfo), heartbeat.astimezone(UTC) - now.astimezone(UTC)
    if ahead > SLACK:
        raise ClockWrong(
            f"the last run was on {last:%d %b %Y at %H:%M}, which is still to come here: this machine's clock is "
            f"{say_span(ahead)} behind, or that of the machine that ran last was ahead. Nothing was written.",
            fix=f"{SET_CLOCK} {_FORCE}",
        )
    if -ahead > LONGEST_PAUSE:
        raise ClockWrong(
            f"the last run was on {last:%d %b %Y}, {say_span(-ahead)} ago by this machine's clock "
            f"({now:%d %b %Y}): it may have jumped. Nothing was written.",
            fix=f"{SET_CLOCK} {_FORCE}",
        )
