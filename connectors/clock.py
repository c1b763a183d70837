"""Whether this machine's clock is right, by what a server says the time is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.reply import parse_http_date

if TYPE_CHECKING:
    from requests import Response

SLACK = timedelta(minutes=5)
"""What nobody needs to hear of: an answer's way takes seconds, and Google itself forgives a few minutes."""
SET_CLOCK = "Set this machine's clock, and let it be kept right: timedatectl set-ntp true."


def is_off(off: timedelta) -> bool:
    """Whether a clock that is so far from the server's is worth a word."""
    return abs(off) > SLACK


def say_off(off: timedelta, who: str = "Google") -> str:
    """``off`` is how far the server's clock is ahead: "this machine's clock is 2 hours behind Google's"."""
    return f"this machine's clock is {say_how(off, who)}"


def say_how(off: timedelta, who: str = "Google") -> str:
    """The end of it: "2 hours behind Google's"."""
    return f"{say_span(abs(off))} {'behind' if off > timedelta() else 'ahead of'} {who}'s"


def say_span(span: timedelta) -> str:
    """A span in its largest fitting unit, rounded: "7 minutes", "3 hours", "365 days"."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{round(minutes / 60)} hours" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"


class ServerClock:
    """What a server's last answer says the time is. ``off`` is how far it is ahead; ``None``: nothing was heard."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.off: timedelta | None = None

    def hear(self, response: Response, *_: Any, **__: Any) -> None:
        """Look at the clock in an answer (Date: RFC 9110, 6.6.1), unless a cache kept it (Age: RFC 9111)."""
        told = parse_http_date(response.headers.get("Date", ""))
        if told is not None and "Age" not in response.headers:
            self.off = told - self._now()
