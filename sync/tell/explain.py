"""Where a number comes from: everything that is known of one row, from the query to the cell, as values.

``explain_facts`` collects it from a plan that was made for just this id; ``explain_text`` says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from mappings.evaluate import Bound
from mappings.mapping import ByHand, KeyResultMapping
from mappings.model import Metric, Outcome
from okr.contribution import Contribution
from okr.definition import find_span
from okr.model import Cycle, KeyResult, Kpi, Objective, ScoringRules, Status
from okr.problem import Place, Problem
from okr.result import KeyResultResult, KpiResult, ObjectiveResult
from sync.moved import Moved
from sync.row_plan import Held, Takeover
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry, RowKey
from sync.sheet.merge import Want
from sync.standings import RowStanding

Definition = KeyResult | Objective | Kpi
Result = KeyResultResult | ObjectiveResult | KpiResult


@dataclass(frozen=True, slots=True)
class CellFate:
    """One machine cell: where it is, what it shows, and what a run does with it now.

    ``want`` is what is written, or would be: ``is_written`` says whether. ``held`` and ``waiting`` say why not.
    """

    field: Field
    header: str
    address: str
    shown: str
    want: Want = None
    is_written: bool = False
    held: Held | None = None
    waiting: Takeover | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What an objective's score is made of: a key result or, where it has none, a child objective."""

    id: str
    name: str
    weight: Decimal
    score: Decimal | None
    status: Status
    word: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is known of one row. What doesn't apply to it is ``None`` or empty.

    ``place`` is where its mapping stands. ``siblings`` are the key results of its objective, itself included.
    ``heartbeat`` is when the last good run was, ``last_run`` its name. ``outcomes`` are those of its metrics,
    ``outcome`` is what became of them. ``broken`` says why its mapping can't be used, ``paused`` why it is not asked.
    ``contributions`` are what it adds to the objectives above, ``moved`` its moved goalposts, ``hints`` how it could be
    worded better. ``by_hand`` says how people find the number, where the mapping leaves it to them.
    """

    key: RowKey
    definition: Definition
    result: Result
    cycle: Cycle | None
    day: date
    timezone: tzinfo | None
    rules: ScoringRules
    objective: Objective | None
    mapping: KeyResultMapping | None
    place: Place | None
    bound: Bound | None
    outcomes: Mapping[Metric, Outcome]
    outcome: Outcome | None
    broken: str
    paused: str
    standing: RowStanding | None
    entry: Entry
    tab: str
    row: int
    cells: tuple[CellFate, ...]
    parts: tuple[Part, ...]
    siblings: tuple[Part, ...]
    heartbeat: datetime | None
    last_run: str
    problems: tuple[Problem, ...]
    contributions: tuple[Contribution, ...] = ()
    moved: Moved | None = None
    hints: tuple[Problem, ...] = ()
    by_hand: ByHand | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.definition.name

    @property
    def is_mapped(self) -> bool:
        """Whether its number is read by us."""
        return self.mapping is not None or bool(self.broken)

    @property
    def span(self) -> tuple[date, date] | None:
        """A key result's first and last day."""
        return find_span(self.definition, self.cycle) if isinstance(self.definition, KeyResult) else None
