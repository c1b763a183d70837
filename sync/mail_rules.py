"""What the config says about messages: who is told what, when the weekly digest is due, when nobody is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from okr.teams import fold

EMAIL = "{email}"
"""Where a target has this, each owner whose address stands in People gets the part that is about theirs."""


class Kind(StrEnum):
    """What a message is about."""

    STATUS = "status"
    WON = "won"
    CHECK_INS = "check-ins"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nobody is told anything, on the clock of ``zone``. ``days`` (0 is Monday) are quiet whole.

    The hours may go over midnight: from 20:00 to 07:00. Where both ends are the same, no hour is quiet.
    """

    begins: time
    ends: time
    days: frozenset[int]
    zone: ZoneInfo

    def covers(self, moment: datetime) -> bool:
        """Whether this aware moment is quiet."""
        local = moment.astimezone(self.zone)
        if local.weekday() in self.days:
            return True
        at = local.time().replace(tzinfo=None)
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True, slots=True)
class Route:
    """Where messages go: references to addresses. Empty ``kinds``, ``teams`` and ``owners`` mean all of them.

    Teams and owners are folded names; who is either is meant.
    """

    to: tuple[str, ...]
    kinds: frozenset[Kind] = frozenset()
    teams: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()

    def takes(self, kind: Kind) -> bool:
        """Whether this kind of message goes here."""
        return not self.kinds or kind in self.kinds

    def concerns(self, team: str, owner: str) -> bool:
        """Whether what is of this team and owner goes here."""
        if not self.teams and not self.owners:
            return True
        return fold(team) in self.teams or fold(owner) in self.owners


def make_route(
    to: Iterable[str], kinds: Iterable[str] = (), teams: Iterable[str] = (), owners: Iterable[str] = ()
) -> Route:
    """A route out of what people write."""
    return Route(tuple(to), frozenset(map(Kind, kinds)), frozenset(map(fold, teams)), frozenset(map(fold, owners)))


@dataclass(frozen=True, slots=True)
class MailRules:
    """Whether anybody is told of news at all, on which weekday (0: Monday) the digest is due, and when it is quiet.

    ``moment`` is when it is told, where that isn't the moment for which is planned: of a saved plan.
    """

    tells: bool = False
    weekly: int | None = None
    quiet: Quiet | None = None
    moment: datetime | None = None

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nobody is told anything now."""
        return self.quiet is not None and self.quiet.covers(moment)

    def last_due(self, today: date) -> date | None:
        """The day on which a digest was due last, today or before; ``None`` where there is none."""
        return None if self.weekly is None else today - timedelta(days=(today.weekday() - self.weekly) % 7)


SILENT = MailRules()
