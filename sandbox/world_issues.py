"""Tickets before they are in Jira: what kinds of work there are, and when each is created and done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sandbox.world_time import CYCLE_DAY, FIRST_DAY, LAST_DAY, Points, Share, Spread, arrivals, level
from sandbox.world_words import summary

NEVER = 10_000.0  # a day that does not come


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket. Days are counted from today; ``done`` is NEVER for one that stays open."""

    project: str
    kind: str
    summary: str
    created: float
    done: float = NEVER
    priority: str = "Medium"
    labels: tuple[str, ...] = ()
    points: int | None = None
    parent: str | None = None  # the epic's summary
    found_in: str | None = None
    any_hour: bool = False


@dataclass(slots=True)
class Work:
    """Makes streams of tickets. ``rng`` is the only chance there is."""

    rng: random.Random

    def backlog(self, like: Ticket, words: str, open_: Points, per_week: Points) -> Iterator[Ticket]:
        """Make a pile of waiting tickets: as many are open on a day as ``open_`` says, arrivals allowing.

        The first pile came in the three months before it is first measured; later ones arrive ``per_week``.
        Mostly the oldest are done first.
        """
        waiting = sorted(self.rng.uniform(FIRST_DAY - 90, FIRST_DAY) for _ in range(round(level(open_, FIRST_DAY))))
        coming = list(arrivals(per_week, self.rng))
        for day in range(FIRST_DAY, LAST_DAY + 1):
            while coming and coming[0] < day + 1:
                waiting.append(coming.pop(0))
            while len(waiting) > round(level(open_, day)):
                created = waiting.pop(self._pick(len(waiting)))
                done = max(day + self.rng.random(), created + 0.2)
                yield self._make(like, words, created, done)
        for created in waiting:
            yield self._make(like, words, created, NEVER)

    def _pick(self, count: int) -> int:
        return min(count - 1, int(count * self.rng.random() ** 2.2))

    def stream(self, like: Ticket, words: str, per_week: Points, days_open: float) -> Iterator[Ticket]:
        """Make tickets that arrive ``per_week`` and are done within a few days."""
        for created in arrivals(per_week, self.rng):
            yield self._make(like, words, created, created + days_open * self.rng.uniform(0.4, 1.6))

    def campaign(self, like: Ticket, words: str, count: int, done: Points, start: int = CYCLE_DAY) -> Iterator[Ticket]:
        """Make a list of ``count`` tickets, of which the share ``done`` is finished on a day."""
        for number in range(count):
            created = self.rng.uniform(start - 14, start - 1)
            day = _first_day(lambda at, number=number: level(done, at) * count >= number + 1)  # type: ignore[misc]
            finished = NEVER if day is None else max(day + self.rng.random(), created + 1)
            yield self._make(like, words, created, finished)

    def background(self, project: str, count: int, epics: tuple[str, ...]) -> Iterator[Ticket]:
        """Make ``count`` stories and tasks until today, and what comes after at the same rate."""
        bugless = Share(self.rng)
        span = 1 - FIRST_DAY
        for number in range(count + round(count * LAST_DAY / span)):
            created = FIRST_DAY + (number + self.rng.random()) * span / count
            kind = "Story" if bugless.draw(0.58) else "Task"
            like = Ticket(project, kind, "", 0, parent=self.rng.choice((*epics, None)))
            lasts = 3 + 28 * self.rng.random() ** 1.7
            done = created + lasts if self.rng.random() < 0.9 else NEVER
            yield replace(self._make(like, kind, created, done), priority=self._priority())

    def _make(self, like: Ticket, words: str, created: float, done: float) -> Ticket:
        text = like.summary or summary(like.project, words, self.rng)
        points = self.rng.choice((1, 2, 3, 3, 5, 5, 8, 13)) if like.kind == "Story" else None
        if like.kind == "Story" and self.rng.random() < 0.07:
            points = None  # nobody estimated it
        return replace(like, summary=text, created=created, done=done, points=points)

    def _priority(self) -> str:
        return self.rng.choices(("High", "Medium", "Low", "Lowest"), (2, 9, 4, 1))[0]


def found(tickets: Iterator[Ticket], in_production: Points, rng: random.Random) -> Iterator[Ticket]:
    """Say where bugs were found: in production for a share that changes, else in testing or review."""
    share, where = Share(rng), Spread(rng)
    for each in sorted(tickets, key=lambda ticket: ticket.created):
        if rng.random() < 0.06:
            yield each  # nobody filled it in
        elif share.draw(level(in_production, each.created)):
            yield replace(each, found_in="Production")
        else:
            yield replace(each, found_in="Testing" if where.draw() < 0.6 else "Review")


def _first_day(reached: Callable[[float], bool]) -> int | None:
    return next((day for day in range(CYCLE_DAY - 7, LAST_DAY + 1) if reached(day)), None)
