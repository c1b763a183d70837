"""How objectives and key results hang together: who is whose child, and links that lead nowhere or in a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from okr.model import Key, KeyResult, Level, Objective, Okrs
from okr.problem import Problem, Severity

_RANK = {Level.COMPANY: 0, Level.TEAM: 1, Level.PERSON: 2}


@dataclass(frozen=True, slots=True)
class Tree:
    """Objectives by key, their children, and the order in which scores can roll up: children first.

    ``circular`` objectives are in no order: each is its own ancestor.
    """

    objectives: Mapping[Key, Objective]
    children: Mapping[Key, tuple[Key, ...]]
    order: tuple[Key, ...]
    circular: frozenset[Key]


def make_tree(objectives: Iterable[Objective]) -> Tree:
    """The tree along Parent. A parent that isn't there is ignored; of a doubled id the first row stands."""
    by_key: dict[Key, Objective] = {}
    for objective in objectives:
        by_key.setdefault(objective.key, objective)
    children: dict[Key, list[Key]] = {}
    waiting = dict.fromkeys(by_key, 0)
    for key, objective in by_key.items():
        parent = find_parent(objective)
        if parent in by_key:
            children.setdefault(parent, []).append(key)
            waiting[parent] += 1
    order = _sort_upwards(by_key, waiting)
    circular = frozenset(by_key.keys() - set(order))
    return Tree(by_key, {key: tuple(keys) for key, keys in children.items()}, order, circular)


def find_parent(objective: Objective) -> Key | None:
    """The key of the objective's parent, which lives in the same cycle."""
    return Key(objective.key.cycle, objective.parent) if objective.parent else None


def check_alignment(okrs: Okrs, tree: Tree | None = None) -> tuple[Problem, ...]:
    """Circles and unknown parents (errors); in open cycles skipped or reversed levels, orphans and teams with nothing
    aligned (warnings).
    """
    tree = tree or make_tree(okrs.objectives)
    closed = {name for name, cycle in okrs.cycles.items() if cycle.closed}
    led = {key.cycle for key, objective in tree.objectives.items() if objective.level is Level.COMPANY} - closed
    problems = list(_check_circles(tree))
    for objective in okrs.objectives:
        parent = find_parent(objective)
        if parent is not None and parent not in tree.objectives:
            problems.append(_make_unknown_parent(objective, tree))
        elif parent is not None and objective.key.cycle not in closed:
            problems.extend(_check_levels(objective, tree.objectives[parent]))
        elif objective.level is not Level.COMPANY and objective.key.cycle in led:
            problems.append(_make_orphan(objective))
    problems.extend(_check_teams(tree, led))
    cycles = {key.cycle for key in tree.objectives} - closed
    problems.extend(_make_loose(kr) for kr in okrs.key_results if kr.objective is None and kr.key.cycle in cycles)
    return tuple(problems)


def check_objective_link(kr: KeyResult, tree: Tree) -> Problem | None:
    """The problem of a key result whose objective isn't there. A sheet without any objectives asks for none."""
    if not kr.objective or not tree.objectives or Key(kr.key.cycle, kr.objective) in tree.objectives:
        return None
    return Problem(
        "okr.unknown-objective",
        f"{kr.key.id}: no objective of cycle {kr.key.cycle} has the id “{kr.objective}”; its score rolls up nowhere.",
        kr.place,
        _suggest(kr.objective, kr.key.cycle, tree, "Correct its Objective ID, or add the objective."),
        kr.key.id,
    )


def _sort_upwards(by_key: Mapping[Key, Objective], waiting: dict[Key, int]) -> tuple[Key, ...]:
    """Children before parents (Kahn 1962). What is left over is exactly what lies on a circle."""
    ready = deque(key for key, count in waiting.items() if not count)
    order = []
    while ready:
        key = ready.popleft()
        order.append(key)
        parent = find_parent(by_key[key])
        if parent in waiting:
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return tuple(order)


def _check_circles(tree: Tree) -> Iterator[Problem]:
    seen: set[Key] = set()
    for key, objective in tree.objectives.items():
        if key not in tree.circular or key in seen:
            continue
        circle = list(_follow(objective, tree))
        seen.update(circle)
        path = " → ".join(member.id for member in (*circle, key))
        yield Problem(
            "okr.circle",
            f"the parents of {path} go round in a circle.",
            objective.place,
            f"Correct the Parent of one of them: {', '.join(member.id for member in circle)}.",
            key.id,
        )


def _follow(objective: Objective, tree: Tree) -> Iterator[Key]:
    """Each member of an objective's circle once, by parent."""
    yield objective.key
    parent = find_parent(objective)
    while parent is not None and parent != objective.key:
        yield parent
        parent = find_parent(tree.objectives[parent])


def _make_unknown_parent(objective: Objective, tree: Tree) -> Problem:
    assert objective.parent is not None
    key = objective.key
    return Problem(
        "okr.unknown-parent",
        f"{key.id}: no objective of cycle {key.cycle} has the id “{objective.parent}” that stands in Parent.",
        objective.place,
        _suggest(objective.parent, key.cycle, tree, "Correct its Parent, or empty the cell."),
        key.id,
    )


def _check_levels(objective: Objective, parent: Objective) -> Iterator[Problem]:
    steps = _RANK[objective.level] - _RANK[parent.level]
    named = f"{objective.key.id} ({objective.level.value})", f"{parent.key.id} ({parent.level.value})"
    if steps > 1:
        message = f"{named[0]} hangs directly under {named[1]}: the level between is skipped."
        yield _warn("okr.level-skipped", message, objective, "Name a team's objective as its Parent.")
    elif steps < 0:
        message = f"{named[0]} hangs under {named[1]}, which is the lower level."
        yield _warn("okr.level-reversed", message, objective, "Correct Level or Parent.")


def _make_orphan(objective: Objective) -> Problem:
    message = f"{objective.key.id} ({objective.level.value}) has no parent: it adds to no company objective."
    return _warn("okr.orphan", message, objective, "Write in Parent the id of the objective it serves.")


def _check_teams(tree: Tree, led: set[str]) -> Iterator[Problem]:
    """Teams of which no objective leads up to one of the company's, where the cycle has such."""
    teams: dict[tuple[str, str], list[Objective]] = {}
    for objective in tree.objectives.values():
        if objective.key.cycle in led and objective.team and objective.level is not Level.COMPANY:
            teams.setdefault((objective.key.cycle, objective.team), []).append(objective)
    for (_, team), own in teams.items():
        if not any(_is_aligned(objective, tree) for objective in own):
            message = f"nothing of the team {team} leads up to an objective of the company."
            yield _warn("okr.team-unaligned", message, own[0], "Give one of its objectives a Parent.")


def _is_aligned(objective: Objective, tree: Tree) -> bool:
    """Whether a company objective stands above."""
    if objective.key in tree.circular:
        return False
    parent = find_parent(objective)
    while parent is not None and parent in tree.objectives:
        if tree.objectives[parent].level is Level.COMPANY:
            return True
        parent = find_parent(tree.objectives[parent]) if parent not in tree.circular else None
    return False


def _make_loose(kr: KeyResult) -> Problem:
    return _warn("okr.loose", f"{kr.key.id} belongs to no objective.", kr, "Write its Objective ID.")


def _warn(code: str, message: str, row: Objective | KeyResult, fix: str) -> Problem:
    return Problem(code, message, row.place, fix, row.key.id, Severity.WARNING)


def _suggest(wrong: str, cycle: str, tree: Tree, otherwise: str) -> str:
    known = [key.id for key in tree.objectives if key.cycle == cycle]
    near = get_close_matches(wrong, known, n=1)
    return f"Did you mean {near[0]}?" if near else otherwise
