"""What people leave on an issue beside its fields: comments, logged work, votes, watches and links, each dated.

None of it is in the changelog here. A comment and logged work move the issue's Updated, a vote and a watch don't.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

SECONDS_A_DAY = 8 * 3600
"""A day of work, as a fresh site counts it; a week has five."""


@dataclass(frozen=True, slots=True)
class LinkType:
    """A kind of link: what the issue that it leaves does to the other (outward), and what is done to it (inward)."""

    id: str
    name: str
    outward: str
    inward: str


def standard_link_types() -> dict[str, LinkType]:
    """Return the link types of a fresh site, by name."""
    return {
        name: LinkType(str(number), name, outward, inward)
        for number, (name, outward, inward) in enumerate(
            (
                ("Blocks", "blocks", "is blocked by"),
                ("Cloners", "clones", "is cloned by"),
                ("Duplicate", "duplicates", "is duplicated by"),
                ("Relates", "relates to", "relates to"),
            ),
            10_000,
        )
    }


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said."""

    id: int
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Work:
    """Time that somebody logged: on which ``day``, how many ``seconds``, and with what words."""

    id: int
    at: datetime
    by: str
    day: date
    seconds: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A vote or a watch."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Link:
    """One end of a link: the issue does ``outward`` to the ``other``, or has it done by it."""

    id: int
    at: datetime
    type: LinkType
    outward: bool
    other: str

    @property
    def says(self) -> str:
        """What the link says of this issue."""
        return self.type.outward if self.outward else self.type.inward


@dataclass(frozen=True, slots=True)
class Extras:
    """What was left on an issue: everything, past and future, or what was there at a moment."""

    comments: tuple[Comment, ...] = ()
    work: tuple[Work, ...] = ()
    votes: tuple[Mark, ...] = ()
    watches: tuple[Mark, ...] = ()
    links: tuple[Link, ...] = ()

    def times(self) -> Iterator[datetime]:
        """Yield every moment at which something was left."""
        yield from self.touched()
        yield from (each.at for each in (*self.votes, *self.watches))
        yield from (each.at for each in self.links)

    def until(self, moment: datetime) -> Extras:
        """Return what was there at a moment."""
        return Extras(
            tuple(each for each in self.comments if each.at <= moment),
            tuple(each for each in self.work if each.at <= moment),
            tuple(each for each in self.votes if each.at <= moment),
            tuple(each for each in self.watches if each.at <= moment),
            tuple(each for each in self.links if each.at <= moment),
        )

    def touched(self) -> Iterator[datetime]:
        """Yield the moments that count as updates of the issue."""
        yield from (each.at for each in self.comments)
        yield from (each.at for each in self.work)

    def spent(self) -> int | None:
        """Sum up the seconds of logged work; None when nobody logged any."""
        return sum(each.seconds for each in self.work) if self.work else None


NOTHING = Extras()
