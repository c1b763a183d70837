"""How objectives and key results hang together: who is whose child, and links that lead nowhere or in a circle."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from okr.model import Cycle, Key, KeyResult, Level, Objective, Okrs
from okr.problem import Problem, Severity

_RANK = {Level.COMPANY: 0, Level.TEAM: 1, Level.PERSON: 2}


@dataclass(frozen=True, slots=True)
class Tree:
    """Objectives by key, their children, and the order in which scores can roll up: children first.

    ``circular`` objectives are in no order: each is its own ancestor. ``served`` are the parents that stand in a longer
    cycle: a quarter's objective serves one of the year's. It is aligned by that; the year's score is its own, because
    a quarter that goes well is no year.
    """

    objectives: Mapping[Key, Objective]
    children: Mapping[Key, tuple[Key, ...]]
    order: tuple[Key, ...]
    circular: frozenset[Key]
    served: Mapping[Key, Key]


NO_CYCLES: Mapping[str, Cycle] = {}


def make_tree(objectives: Iterable[Objective], cycles: Mapping[str, Cycle] = NO_CYCLES) -> Tree:
    """The tree along Parent. A parent that isn't there is ignored; of a doubled id the first row stands.

    ``cycles`` tell in which longer cycles a parent may stand that isn't there in its own.
    """
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
    served = {key: found for key, item in by_key.items() if (found := _find_served(item, by_key, cycles)) is not None}
    return Tree(by_key, {key: tuple(keys) for key, keys in children.items()}, order, circular, served)


def find_parent(objective: Objective) -> Key | None:
    """The key of the objective's parent in its own cycle, whether it is there or not."""
    return Key(objective.key.cycle, objective.parent) if objective.parent else None


def find_above(objective: Objective, tree: Tree) -> Key | None:
    """The objective that this one serves, in its own cycle or in a longer one; ``None`` where there is none."""
    parent = find_parent(objective)
    return parent if parent in tree.objectives else tree.served.get(objective.key)


def _find_served(objective: Objective, by_key: Mapping[Key, Objective], cycles: Mapping[str, Cycle]) -> Key | None:
    """The parent in the shortest cycle that holds the objective's own and is longer."""
    own, parent = cycles.get(objective.key.cycle), find_parent(objective)
    if own is None or parent is None or parent in by_key:
        return None
    around = [
        cycle
        for cycle in cycles.values()
        if cycle.start <= own.start and own.end <= cycle.end and (cycle.start, cycle.end) != (own.start, own.end)
    ]
    around.sort(key=lambda cycle: (cycle.end - cycle.start, cycle.name))
    return next((key for cycle in around if (key := Key(cycle.name, parent.id)) in by_key), None)


def check_alignment(okrs: Okrs, tree: Tree | None = None) -> tuple[Problem, ...]:
    """Circles and unknown parents (errors); in open cycles skipped or reversed levels, orphans and teams with nothing
    aligned (warnings).
    """
    tree = tree or make_tree(okrs.objectives, okrs.cycles)
    closed = {name for name, cycle in okrs.cycles.items() if cycle.closed}
    led = {key.cycle for key, objective in tree.objectives.items() if objective.level is Level.COMPANY}
    led = (led | {key.cycle for key in tree.served}) - closed
    problems = list(_check_circles(tree))
    for objective in okrs.objectives:
        parent = find_above(objective, tree)
        if objective.parent and parent is None:
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
    parent = find_above(objective, tree)
    while parent is not None:
        if tree.objectives[parent].level is Level.COMPANY:
            return True
        parent = find_above(tree.objectives[parent], tree) if parent not in tree.circular else None
    return False


def _make_loose(kr: KeyResult) -> Problem:
    return _warn("okr.loose", f"{kr.key.id} belongs to no objective.", kr, "Write its Objective ID.")


def _warn(code: str, message: str, row: Objective | KeyResult, fix: str) -> Problem:
    return Problem(code, message, row.place, fix, row.key.id, Severity.WARNING)


def _suggest(wrong: str, cycle: str, tree: Tree, otherwise: str) -> str:
    known = [key.id for key in tree.objectives if key.cycle == cycle]
    near = get_close_matches(wrong, known, n=1)
    return f"Did you mean {near[0]}?" if near else otherwise
