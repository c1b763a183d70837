"""Whether this machine's clock is right, by what a server says the time is. Pure."""

from __future__ import annotations

from datetime import timedelta

SLACK = timedelta(minutes=5)
"""What nobody needs to hear of: an answer's way takes seconds, and Google itself forgives a few minutes."""
SET_CLOCK = "Set this machine's clock, and let it be kept right: timedatectl set-ntp true."


def is_off(off: timedelta) -> bool:
    """Whether a clock that is so far from the server's is worth a word."""
    return abs(off) > SLACK


def say_off(off: timedelta, who: str = "Google") -> str:
    """``off`` is how far the server's clock is ahead: "this machine's clock is 2 hours behind Google's"."""
    return f"this machine's clock is {say_span(abs(off))} {'behind' if off > timedelta() else 'ahead of'} {who}'s"


def say_span(span: timedelta) -> str:
    """A span in its largest fitting unit, rounded: "7 minutes", "3 hours", "365 days"."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"
