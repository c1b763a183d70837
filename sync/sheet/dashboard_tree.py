"""The tree of the Dashboard: company, then team, then objective, then key result, each with its bar. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from okr.calendar import render_day
from okr.model import KeyResult, Level, Objective
from okr.result import KeyResultResult, ObjectiveResult
from sync.sheet.dashboard_facts import DashboardFacts, shown
from sync.sheet.dashboard_rows import (
    COLUMNS,
    LABELS,
    SECTION_AT_MOST,
    Row,
    heading,
    id_cell,
    indented,
    key_result_row,
    marks,
    more,
    owner,
)
from sync.sheet.store import Draw
from sync.sheet.style import Style

KEY_RESULTS_AT_MOST = 300
"""Above so many key results the tree stops at objectives: nobody reads more (and Sheets would get slow)."""

_Own = Mapping[str | None, Sequence[tuple[KeyResult, KeyResultResult]]]


@dataclass(slots=True)
class _Tree:
    """What hangs below what, and which objectives have been drawn: circles of parents have no top."""

    facts: DashboardFacts
    children: Mapping[str | None, Sequence[Objective]]
    own: _Own
    drawn: set[str] = field(default_factory=set)


def tree(facts: DashboardFacts) -> Iterator[Row]:
    """Every objective under the one it serves, each followed by its key results.

    Objectives that serve none come under their team's name, after those of the company.
    """
    objectives = [item for item in facts.okrs.objectives if item.key.cycle == facts.cycle.name]
    if not objectives:
        return
    own = _own(facts)
    yield heading("Objectives and key results" if own is not None else "Objectives", LABELS)
    known = {item.key.id for item in objectives}
    children: dict[str | None, list[Objective]] = {}
    for item in objectives:
        children.setdefault(item.parent if item.parent in known else None, []).append(item)
    made = _Tree(facts, children, own or {})
    yield from _tops(made, children.get(None, []))
    yield from _tops(made, [item for item in objectives if item.key.id not in made.drawn])


def beside(facts: DashboardFacts) -> Iterator[Row]:
    """The objectives of the other cycles that run on this day, such as the year's, without their key results."""
    for cycle in facts.okrs.cycles.values():
        if cycle.name == facts.cycle.name or cycle.closed or not cycle.start <= facts.card.day <= cycle.end:
            continue
        own = [
            item for item in facts.okrs.objectives if item.key.cycle == cycle.name and item.key in facts.card.objectives
        ]
        if own:
            until = f"{render_day(cycle.end, facts.card.day)} {cycle.end.year}"
            yield heading(f"{cycle.name}, until {until}{more(len(own))}", LABELS)
            for item in own[:SECTION_AT_MOST]:
                yield _objective_row(facts, item, facts.card.objectives[item.key], 0)


def _own(facts: DashboardFacts) -> _Own | None:
    """The key results by their objective; ``None`` where there are too many to show."""
    found = shown(facts)
    if len(found) > KEY_RESULTS_AT_MOST:
        return None
    own: dict[str | None, list[tuple[KeyResult, KeyResultResult]]] = {}
    for kr, result in found:
        own.setdefault(kr.objective, []).append((kr, result))
    return own


def _tops(made: _Tree, tops: Sequence[Objective]) -> Iterator[Row]:
    company = [item for item in tops if item.level is Level.COMPANY]
    for item in company:
        yield from _branch(made, item, 0)
    teams: dict[str, list[Objective]] = {}
    for item in tops:
        if item.level is not Level.COMPANY:
            teams.setdefault(item.team, []).append(item)
    for team, items in teams.items():
        if team and any(item.key.id not in made.drawn for item in items):
            yield (None, Draw(team, Style.LABEL), *(Draw(None, Style.LABEL) for _ in range(COLUMNS - 2)))
        for item in items:
            yield from _branch(made, item, 0)


def _branch(made: _Tree, item: Objective, depth: int) -> Iterator[Row]:
    if item.key.id in made.drawn:
        return
    made.drawn.add(item.key.id)
    own = made.own.get(item.key.id, ())
    result = made.facts.card.objectives.get(item.key)
    if result is not None:
        yield _objective_row(made.facts, item, result, depth)
    yield from (key_result_row(made.facts, kr, kr_result, depth=depth + 1) for kr, kr_result in own)
    for child in made.children.get(item.key.id, ()):
        yield from _branch(made, child, depth + 1)


def _objective_row(facts: DashboardFacts, item: Objective, result: ObjectiveResult, depth: int) -> Row:
    """One objective; grey where all of its key results are old."""
    of = item.team if item.level is Level.TEAM and item.team else item.level.value
    return (
        id_cell(item.key.id, item.place, Style.STRONG),
        Draw(indented(item.name, depth), Style.STRONG_WRAPPED),
        owner(item.owner or item.team, Style.STRONG),
        *marks(result, is_stale=item.key in facts.stale_objectives),
        None,
        Draw(f"{of}. {result.why}", Style.MUTED),
    )
