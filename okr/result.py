"""What the rules say on one day: of a key result, an objective, a KPI, and of everything at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from okr.model import Key, Status
from okr.problem import Problem


@dataclass(frozen=True, slots=True)
class KeyResultResult:
    """What the rules say of one key result on one day.

    ``progress`` is raw and signed; ``score`` is progress clamped to [0, cap]; ``pace`` is the score expected
    by today; ``change`` is the difference to the score 14 days ago; ``forecast`` is the score expected when
    it is due; ``trend`` is a tiny picture of the last weeks in block characters. ``label`` is the rule's own word
    for the status, where it isn't ours.
    """

    key: Key
    current: Decimal | None
    progress: Decimal | None
    score: Decimal | None
    status: Status
    why: str
    pace: Decimal | None = None
    change: Decimal | None = None
    forecast: Decimal | None = None
    trend: str = ""
    confidence: int | None = None
    problems: tuple[Problem, ...] = ()
    label: str = ""

    @property
    def word(self) -> str:
        """The word that is shown for its status."""
        return self.label or self.status.value


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """What the rules say of one objective. ``coverage`` is "3 of 4": key results with data of all."""

    key: Key
    score: Decimal | None
    status: Status
    why: str
    coverage: str
    pace: Decimal | None = None
    problems: tuple[Problem, ...] = ()
    label: str = ""

    @property
    def word(self) -> str:
        """The word that is shown for its status."""
        return self.label or self.status.value


@dataclass(frozen=True, slots=True)
class KpiResult:
    """What the rules say of one KPI: On track inside its band, Off track outside."""

    key: Key
    current: Decimal | None
    status: Status
    why: str
    problems: tuple[Problem, ...] = ()
    label: str = ""

    @property
    def word(self) -> str:
        """The word that is shown for its status."""
        return self.label or self.status.value


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything the rules say on one day, by key; plus problems of the whole (circles, orphans)."""

    day: date
    key_results: Mapping[Key, KeyResultResult]
    objectives: Mapping[Key, ObjectiveResult]
    kpis: Mapping[Key, KpiResult]
    problems: tuple[Problem, ...] = ()
