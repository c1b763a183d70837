"""What the config says about holds: when they expire, and when that is said beforehand. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sync.sheet.ledger import Hold

WARN_DAYS = 7


@dataclass(frozen=True, slots=True)
class HoldRules:
    """For how many days a person's value stays (``expire``; ``None``: for ever), how many days before that it is
    warned of, and after how many an old hold is told of (``remind``; ``None``: never).
    """

    expire: int | None = None
    warn: int = WARN_DAYS
    remind: int | None = None

    def warns_from(self, hold: Hold) -> date | None:
        """The first day on which a hold is warned of."""
        return None if self.expire is None else hold.since + timedelta(days=max(self.expire - self.warn, 0))

    def ends(self, hold: Hold) -> date | None:
        """The day on which a hold that was warned of ends."""
        if self.expire is None or hold.warned is None:
            return None
        return max(hold.since + timedelta(days=self.expire), hold.warned + timedelta(days=self.warn))
