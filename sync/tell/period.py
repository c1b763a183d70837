"""What a span of days brought, as a value. ``period_make`` finds it in the sheet. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from okr.goalposts import Move
from okr.model import Cycle, KeyResult, Kpi, Objective, Point, Status
from okr.result import KeyResultResult, KpiResult
from sync.sheet.dashboard_facts import WeekPoint, average
from sync.tell.advice import Advice
from sync.tell.ladder import RED, rank
from sync.tell.reminders import Reminders
from sync.tell.review import Said


@dataclass(frozen=True, slots=True)
class Course:
    """One key result over the span.

    ``then`` and ``was`` are its score and status before the span, ``None`` where there was none. ``points`` are its
    weekly scores, today's last. ``aim`` is the score that counts as reached. ``step`` is the
    next step that its owner wrote down, "" for none.
    """

    kr: KeyResult
    result: KeyResultResult
    team: str
    then: Decimal | None
    was: Status | None
    points: tuple[Point, ...]
    aim: Decimal
    step: str = ""

    @property
    def moved(self) -> Decimal:
        """By how much its score moved in the span; a first score is no move."""
        now = self.result.score
        return Decimal(0) if now is None or self.then is None else now - self.then

    @property
    def turn(self) -> int:
        """By how much its status got better; negative where it got worse. A first status is no turn."""
        return 0 if self.was is None else rank(self.result.status) - rank(self.was)

    @property
    def is_red(self) -> bool:
        """Whether it is off track or missed, and wasn't before the span."""
        return self.was is not None and self.was not in RED and self.result.status in RED

    @property
    def falls_short(self) -> bool:
        """Whether it is foreseen to end below its aim."""
        return self.result.forecast is not None and self.result.forecast < self.aim


@dataclass(frozen=True, slots=True)
class Runs:
    """The lines of Runs in the span: how many runs wrote, and those that were refused, with what they said."""

    wrote: int
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """What a span brought, both of its days inclusive.

    ``courses`` are the key results of the open cycles, in the sheet's order; ``weeks`` is how the cycle goes on the
    whole. ``won`` were achieved in the span for the first time. ``praise`` and ``trouble`` are what owners said.
    ``goalposts`` are definitions that somebody moved in the span. ``heartbeat`` is the last good run's.
    """

    title: str
    url: str
    since: date
    day: date
    cycle: Cycle | None
    courses: tuple[Course, ...]
    weeks: tuple[WeekPoint, ...]
    won: tuple[Course, ...]
    won_objectives: tuple[Objective, ...]
    praise: tuple[Said, ...]
    trouble: tuple[Said, ...]
    goalposts: tuple[tuple[KeyResult, Move], ...]
    unhealthy: tuple[tuple[Kpi, KpiResult], ...]
    stale: tuple[tuple[Course, date], ...]
    owed: Reminders
    advice: tuple[Advice, ...]
    runs: Runs
    heartbeat: datetime | None
    words: Mapping[Status, str]

    @property
    def days(self) -> int:
        """How many days the span has."""
        return (self.day - self.since).days + 1

    @property
    def own(self) -> tuple[Course, ...]:
        """The key results of the cycle that the headline is about."""
        return tuple(each for each in self.courses if self.cycle and each.kr.key.cycle == self.cycle.name)

    @property
    def score(self) -> Decimal | None:
        """The average score now."""
        return average([each.result.score for each in self.own if each.result.score is not None])

    @property
    def moved(self) -> Decimal | None:
        """By how much the average moved, over those that had a score before the span and have one now."""
        return average([each.moved for each in self.own if each.then is not None and each.result.score is not None])

    @property
    def pace(self) -> Decimal | None:
        """The average score that is expected by now."""
        results = [each.result for each in self.own]
        return average([item.pace for item in results if item.score is not None and item.pace is not None])

    @property
    def forecast(self) -> Decimal | None:
        """Where the average is heading: the forecasts, and the scores of those that have none."""
        results = [each.result for each in self.own if each.result.score is not None]
        if not any(item.forecast is not None for item in results):
            return None
        return average([score for item in results if (score := item.forecast or item.score) is not None])

    @property
    def red(self) -> tuple[Course, ...]:
        """Those that turned red in the span."""
        return tuple(each for each in self.courses if each.is_red)

    @property
    def worse(self) -> tuple[Course, ...]:
        """Those whose status got worse without turning red, the worst first."""
        return tuple(sorted((c for c in self.courses if c.turn < 0 and not c.is_red), key=lambda each: each.turn))

    @property
    def better(self) -> tuple[Course, ...]:
        """Those whose status got better, without the won ones."""
        return tuple(each for each in self.courses if each.turn > 0 and each not in self.won)

    @property
    def movers(self) -> tuple[Course, ...]:
        """Those whose score moved, the furthest first."""
        moved = (each for each in self.courses if each.moved)
        return tuple(sorted(moved, key=lambda each: -abs(each.moved)))

    @property
    def short(self) -> tuple[Course, ...]:
        """Those that are foreseen to end below their aim, the furthest below first."""
        found = (each for each in self.courses if each.falls_short)
        return tuple(sorted(found, key=lambda each: (each.result.forecast or Decimal(0)) - each.aim))
