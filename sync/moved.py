"""The goalposts that were moved, and the grades as committed and as revised. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from okr.committed import Moves, commit
from okr.goalposts import (
    FIELDS,
    OBJECTIVE_FIELDS,
    Grades,
    Move,
    add_moves,
    find_first_day,
    find_moves,
    make_grades,
)
from okr.model import KeyResult, Objective, Okrs
from okr.result import Scorecard
from okr.scorecard import make_scorecard
from sync.memory import definition_text
from sync.plan import Plan, objective_standings
from sync.sheet.layout import Tab
from sync.sheet.ledger import NO_ENTRY, RowKey


@dataclass(frozen=True, slots=True)
class Moved:
    """A row whose goalposts were moved after its time began: the moves, oldest first, and the grades of today's value.

    An objective without moves of its own is one whose grade was changed by those below it.
    """

    row: KeyResult | Objective
    moves: tuple[Move, ...]
    grades: Grades

    @property
    def row_key(self) -> RowKey:
        """Which row of which tab it is."""
        return _key_of(self.row)


def _key_of(row: KeyResult | Objective) -> RowKey:
    return RowKey(Tab.OBJECTIVES if isinstance(row, Objective) else Tab.KEY_RESULTS, *row.key)


def find_moved(plan: Plan, okrs: Okrs | None = None) -> tuple[Moved, ...]:
    """Every row of an open cycle with moved goalposts, objectives first; those of this very plan are among them.

    ``okrs`` are the definitions to look at, where they aren't those of the plan: a review opens its closed cycle again.
    """
    okrs = plan.snapshot.okrs if okrs is None else okrs
    is_open = {name for name, cycle in okrs.cycles.items() if not cycle.closed}
    objectives = {row.key: find_row_moves(plan, row, okrs) for row in okrs.objectives if row.key.cycle in is_open}
    key_results = {row.key: find_row_moves(plan, row, okrs) for row in okrs.key_results if row.key.cycle in is_open}
    if not any((*objectives.values(), *key_results.values())):
        return ()
    found = [
        *_grade_objectives(plan, okrs, key_results, objectives),
        *(
            _grade_key_result(plan, row, key_results[row.key], okrs)
            for row in okrs.key_results
            if key_results.get(row.key)
        ),
    ]
    return tuple({item.row_key: item for item in reversed(found)}.values())[::-1]


def since(moved: Iterable[Moved], day: date) -> Iterator[Moved]:
    """Those with moves on or after a day, and only these moves. The grades stay those of the whole time."""
    for item in moved:
        late = tuple(move for move in item.moves if move.day >= day)
        if late:
            yield replace(item, moves=late)


def find_row_moves(plan: Plan, row: KeyResult | Objective, okrs: Okrs) -> tuple[Move, ...]:
    """What was moved in a row after its first day: what is remembered, and what this plan sees for the first time."""
    entry = plan.snapshot.ledger.entries.get(_key_of(row), NO_ENTRY)
    moves = entry.moves
    if row.key.cycle not in plan.snapshot.ledger.head.closed:
        names = OBJECTIVE_FIELDS if isinstance(row, Objective) else FIELDS
        moves = add_moves(moves, find_moves(entry.definition, definition_text(row), plan.day, names))
    first = find_first_day(row, moves, okrs.cycles.get(row.key.cycle))
    return tuple(move for move in moves if move.day > first)


def _grade_key_result(plan: Plan, kr: KeyResult, moves: tuple[Move, ...], okrs: Okrs) -> Moved:
    result = plan.scorecard.key_results.get(kr.key)
    current = result.current if result is not None else None
    first = find_first_day(kr, moves, okrs.cycles.get(kr.key.cycle))
    return Moved(kr, moves, make_grades(kr, moves, first, current, plan.scoring.cap))


def _grade_objectives(plan: Plan, okrs: Okrs, key_results: Moves, objectives: Moves) -> Iterator[Moved]:
    """The objectives whose own goalposts moved, or whose score differs by what moved below them."""
    revised, committed = _score(plan, okrs), _score(plan, commit(okrs, key_results, objectives))
    for row in okrs.objectives:
        grades = Grades(
            *(card.objectives[row.key].score if row.key in card.objectives else None for card in (committed, revised))
        )
        if objectives.get(row.key) or grades.committed != grades.revised:
            yield Moved(row, tuple(objectives.get(row.key, ())), grades)


def _score(plan: Plan, okrs: Okrs) -> Scorecard:
    standings = {key.key: item.standing for key, item in plan.standings.items() if key.tab is Tab.KEY_RESULTS}
    held = objective_standings(plan.snapshot, plan.rule)
    return make_scorecard(replace(okrs, kpis=()), standings, plan.scoring, plan.day, held)
