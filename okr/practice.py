"""Gentle checks of how OKRs are practised. Warnings only: nothing here stops anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from okr.alignment import find_above, make_tree
from okr.calendar import render_day
from okr.model import Key, KeyResult, Objective, Okrs, Person
from okr.problem import Problem, Severity
from okr.teams import fold, index_people

MOST_KEY_RESULTS = 5
"""More key results than this under one objective lose focus (two to five are the usual advice)."""


def check_practice(okrs: Okrs, today: date) -> tuple[Problem, ...]:
    """Missing and departed owners, too many key results, objectives without any. Closed cycles are left alone."""
    people = index_people(okrs)
    closed = {name for name, cycle in okrs.cycles.items() if cycle.closed}
    counts = Counter(Key(kr.key.cycle, kr.objective) for kr in okrs.key_results if kr.objective)
    tree = make_tree(okrs.objectives, okrs.cycles)
    parents = {find_above(objective, tree) for objective in okrs.objectives}
    problems: list[Problem] = []
    for objective in okrs.objectives:
        if objective.key.cycle not in closed:
            problems.extend(_check_owner(objective, people, today))
            problems.extend(_check_count(objective, counts[objective.key], objective.key in parents))
    for kr in okrs.key_results:
        if kr.key.cycle not in closed:
            problems.extend(_check_owner(kr, people, today))
    return tuple(problems)


def _check_owner(row: Objective | KeyResult, people: Mapping[str, Person], today: date) -> Iterator[Problem]:
    owner = row.owner.strip()
    if not owner:
        yield _warn("okr.no-owner", f"{row.key.id} has no owner.", row, "Write in Owner who answers for it.")
        return
    person = people.get(fold(owner))
    if person is not None and person.left is not None and person.left <= today:
        said = f"{row.key.id}: its owner {owner} left on {render_day(person.left, today)}."
        yield _warn("okr.owner-left", said, row, "Write in Owner who answers for it now.")


def _check_count(objective: Objective, count: int, has_children: bool) -> Iterator[Problem]:
    if count > MOST_KEY_RESULTS:
        said = f"{objective.key.id} has {count} key results; more than {MOST_KEY_RESULTS} lose focus."
        yield _warn("okr.many-key-results", said, objective, "Merge or drop some.")
    elif not count and not has_children:
        said = f"{objective.key.id} has no key results."
        yield _warn("okr.no-key-results", said, objective, "Add two to five that tell when it is reached.")


def _warn(code: str, message: str, row: Objective | KeyResult, fix: str) -> Problem:
    return Problem(code, message, row.place, fix, row.key.id, Severity.WARNING)
