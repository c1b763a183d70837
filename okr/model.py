"""The words of the practice as types: cycle, objective, key result, step, check-in, and what is known of each.

All numbers that are compared or shown are ``Decimal``; shares are fractions (0.45, never 45).
A missing value is ``None``, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from okr.problem import CellPlace, Problem


class Kind(StrEnum):
    """How a key result's value becomes a score. The values are the words people see in the sheet."""

    INCREASE = "Increase"
    DECREASE = "Decrease"
    AT_LEAST = "At least"
    AT_MOST = "At most"
    BETWEEN = "Between"
    BOOLEAN = "Yes/No"
    MILESTONES = "Milestones"


class Commitment(StrEnum):
    """Committed key results are expected to reach 1.0; aspirational ones count as achieved at 0.7."""

    COMMITTED = "Committed"
    ASPIRATIONAL = "Aspirational"


class Status(StrEnum):
    """Where a key result or objective stands. The values are the words people see in the sheet."""

    NOT_STARTED = "Not started"
    ON_TRACK = "On track"
    AT_RISK = "At risk"
    OFF_TRACK = "Off track"
    ACHIEVED = "Achieved"
    MISSED = "Missed"
    NO_DATA = "No data"
    CLOSED = "Closed"
    PAUSED = "Paused"


class Level(StrEnum):
    """Whose objective it is."""

    COMPANY = "Company"
    TEAM = "Team"
    PERSON = "Person"


class Key(NamedTuple):
    """What identifies a row: an id is unique within its cycle. KPIs, which have no cycle, use ""."""

    cycle: str
    id: str


@dataclass(frozen=True, slots=True)
class Cycle:
    """A named span of days, both inclusive: the end is the last day that counts."""

    name: str
    start: date
    end: date
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Objective:
    """What a company, team or person wants to achieve. ``parent`` is another objective's id in this cycle.

    An objective whose ``problems`` hold one of severity error gets the status "No data" and never a score.
    """

    key: Key
    name: str
    level: Level = Level.TEAM
    team: str = ""
    owner: str = ""
    parent: str | None = None
    weight: Decimal = Decimal(1)
    place: CellPlace | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a milestone key result, or a point of a dated plan.

    ``expected`` is the value that the plan expects by ``due`` (a dated plan); ``done`` is the share done, 0 to 1.
    """

    name: str
    due: date | None = None
    weight: Decimal = Decimal(1)
    expected: Decimal | None = None
    done: Decimal | None = None


@dataclass(frozen=True, slots=True)
class KeyResult:
    """A measurable outcome under an objective.

    ``target_to`` is the upper end of a Between. ``problems`` are what is wrong with this definition; a key
    result with any of them of severity error gets the status "No data" and never a score.
    """

    key: Key
    name: str
    objective: str | None = None
    owner: str = ""
    kind: Kind = Kind.INCREASE
    baseline: Decimal | None = None
    target: Decimal | None = None
    target_to: Decimal | None = None
    unit: str = ""
    weight: Decimal = Decimal(1)
    commitment: Commitment = Commitment.COMMITTED
    start: date | None = None
    due: date | None = None
    approved: bool = True
    steps: tuple[Step, ...] = ()
    is_share: bool = False  # the Target cell is in percent: values are shown times 100
    paused: str | None = None  # why it is paused, when it is
    place: CellPlace | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What an owner said about a key result on a day. Confidence runs from 1 to 10."""

    key: Key
    day: date
    confidence: int | None = None
    comment: str = ""
    blocker: str = ""
    next_step: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the People tab."""

    name: str
    email: str = ""
    team: str = ""
    manager: str = ""
    left: date | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A health metric outside the cycle: healthy while it stays inside its band, both ends inclusive."""

    id: str
    name: str
    owner: str = ""
    unit: str = ""
    healthy_from: Decimal | None = None
    healthy_to: Decimal | None = None
    place: CellPlace | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def key(self) -> Key:
        """KPIs live outside cycles."""
        return Key("", self.id)


class Origin(StrEnum):
    """Where a present value comes from."""

    READING = "reading"  # a source said so in this run
    LAST_GOOD = "last good"  # the source gave no reading; this is the last one it gave
    PERSON = "person"  # a person's own cell: a manual key result
    HELD = "held"  # a person typed over the machine's cell
    NONE = "none"  # nothing is known


class Point(NamedTuple):
    """One weekly point of a key result's past: the day and its score (0 to the cap)."""

    day: date
    score: Decimal


@dataclass(frozen=True, slots=True)
class StatusRule:
    """How status follows from score and pace. ``pace_ratio``: score / pace at or above a threshold.

    Thresholds are inclusive. ``grace`` is the share of the time (0 to 1) in which nothing is off track yet.
    ``preset`` names the product whose rule it is, if any; ``labels`` are that product's words where they aren't ours.
    """

    name: str = "pace_ratio"
    on_track: Decimal = Decimal("0.9")
    at_risk: Decimal = Decimal("0.7")
    grace: Decimal = Decimal("0.1")
    preset: str = ""
    labels: Mapping[Status, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Before:
    """What the last run's status followed from, as far as it is remembered.

    ``definition`` is the remembered text of it. ``parts`` are the done and the whole where the value is a share.
    """

    day: date
    status: Status | None = None
    rule: StatusRule | None = None
    definition: str = ""
    value: Decimal | None = None
    parts: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a key result (or KPI) before it is scored.

    ``value`` is the current value in the target's own unit. ``as_of`` is when it was true.
    ``gap`` says why there is no fresh reading, in words for a manager. ``detail`` is the evidence in a few
    words ("31 of 74 bugs fixed"). ``steps_done`` is the share done (0 to 1) of each mapped step by its name.
    A held score or status is a person's and replaces the computed one wherever it is used. ``parts`` are the done
    and the whole where the value is a share ("31 of 74"); ``before`` is what the last status followed from.
    """

    value: Decimal | None = None
    as_of: datetime | None = None
    origin: Origin = Origin.NONE
    gap: str | None = None
    detail: str = ""
    steps_done: Mapping[str, Decimal] = field(default_factory=dict)
    held_score: Decimal | None = None
    held_status: Status | None = None
    confidence: int | None = None
    points: tuple[Point, ...] = ()
    parts: tuple[Decimal, Decimal] | None = None
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class Okrs:
    """All definitions that the sheet holds: the input of scoring."""

    cycles: Mapping[str, Cycle]
    objectives: tuple[Objective, ...]
    key_results: tuple[KeyResult, ...]
    kpis: tuple[Kpi, ...] = ()
    people: tuple[Person, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """The configured rules: the cap of a score, when an aspirational one is achieved, settling days."""

    cap: Decimal = Decimal(1)
    aspirational_at: Decimal = Decimal("0.7")
    settle_days: int = 0
    objective_status: str = "weakest"  # or "score"
    status: StatusRule = field(default_factory=StatusRule)
