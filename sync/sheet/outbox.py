"""What people are still to be told, as the ledger's head keeps it: so that nothing is lost and nothing said twice.

A run that has news puts it here in the same write that makes it true. Outside of quiet hours it also *claims* the news:
then it alone tells it, and takes it out when it is told. What nobody could be told stays for the next run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

KEPT = 300
"""How much news the head keeps at most: it has to fit into one cell."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """``news`` is by kind and row ("status|2026-Q4|WEB-1.1"), with the last thing that people were told of it.

    ``digest`` is the day of the last weekly digest that was due. ``claimed`` is the moment of the run that is telling
    the news, ``None`` while nobody is. ``reminded`` is the day on which an owner was last reminded, by row.
    """

    news: Mapping[str, str] = field(default_factory=dict)
    digest: date | None = None
    claimed: datetime | None = None
    reminded: Mapping[str, date] = field(default_factory=dict)


NO_OUTBOX = Outbox()


def render_outbox(outbox: Outbox) -> list[Any] | None:
    """The outbox as JSON takes it; ``None`` where there is nothing to keep."""
    if outbox == NO_OUTBOX:
        return None
    return [
        dict(sorted(outbox.news.items())[:KEPT]),
        outbox.digest.isoformat() if outbox.digest else None,
        outbox.claimed.isoformat() if outbox.claimed else None,
        {key: day.isoformat() for key, day in sorted(outbox.reminded.items())[:KEPT]},
    ]


def parse_outbox(parts: list[Any] | None) -> Outbox:
    """What ``render_outbox`` wrote. Raises ValueError, TypeError or LookupError for anything else."""
    if not parts:
        return NO_OUTBOX
    news, digest, claimed, reminded, *_ = parts
    return Outbox(
        {str(key): str(text) for key, text in news.items()},
        date.fromisoformat(digest) if digest else None,
        datetime.fromisoformat(claimed) if claimed else None,
        {str(key): date.fromisoformat(day) for key, day in reminded.items()},
    )
