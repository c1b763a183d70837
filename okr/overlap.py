"""Work that is done twice, or against each other: key results that read the same metric or say the same.

Wording is compared with its words sorted, so that order doesn't matter, by the share of equal letters (the indel
similarity of RapidFuzz, 0 to 100).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from okr.model import Key, KeyResult, Kind, Objective, Okrs
from okr.problem import Problem, Severity

ALIKE = 90
"""From which similarity two names are likely the same. "Close 12 deals" and "Close 14 deals" have 93."""

WORDS_AT_LEAST = 3
"""Shorter names are alike by accident."""

Row = TypeVar("Row", KeyResult, Objective)
_DOWNWARD = frozenset({Kind.DECREASE, Kind.AT_MOST})
_UPWARD = frozenset({Kind.INCREASE, Kind.AT_LEAST})


def check_overlap(okrs: Okrs, metrics: Mapping[Key, Hashable]) -> tuple[Problem, ...]:
    """Likely duplicates and conflicts within each open cycle. ``metrics`` tells what each mapped key result reads."""
    closed = {name for name, cycle in okrs.cycles.items() if cycle.closed}
    rows = [kr for kr in okrs.key_results if kr.key.cycle not in closed]
    objectives = [item for item in okrs.objectives if item.key.cycle not in closed]
    same = list(_find_same(rows, metrics))
    told = {frozenset((one.key, other.key)) for one, other in same}
    problems = [_make_same(one, other) for one, other in same]
    alike = [pair for pair in _find_alike(rows) if frozenset((pair[0].key, pair[1].key)) not in told]
    problems += [_make_alike(one, other) for one, other in alike]
    return (*problems, *(_make_alike(one, other) for one, other in _find_alike(objectives)))


def _find_same(rows: Sequence[KeyResult], metrics: Mapping[Key, Hashable]) -> Iterator[tuple[KeyResult, KeyResult]]:
    """Each key result that reads what one before it reads, with the first such."""
    first: dict[tuple[str, Hashable], KeyResult] = {}
    for kr in rows:
        if kr.key in metrics:
            other = first.setdefault((kr.key.cycle, metrics[kr.key]), kr)
            if other.key != kr.key:
                yield other, kr


def _find_alike(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """The pairs of one cycle whose names say nearly the same."""
    from rapidfuzz import fuzz

    texts = [(row, _fold(row.name)) for row in rows]
    for (one, text), (other, second) in combinations([each for each in texts if each[1]], 2):
        if one.key.cycle == other.key.cycle and one.key != other.key and fuzz.ratio(text, second) >= ALIKE:
            yield one, other


def _fold(name: str) -> str:
    """The words of a name in order of the alphabet; "" where they are too few to compare."""
    words = sorted(name.casefold().split())
    return " ".join(words) if len(words) >= WORDS_AT_LEAST else ""


def _make_same(one: KeyResult, other: KeyResult) -> Problem:
    against = {one.kind, other.kind} & _DOWNWARD and {one.kind, other.kind} & _UPWARD
    names = f"{one.key.id} and {other.key.id}"
    if against:
        code, said = "okr.conflict", f"{names} read the same metric, and one wants it up, the other down."
        fix = "Agree on one direction, or name what each of them must not harm."
    else:
        code, said = "okr.same-metric", f"{names} read the same metric: progress counts twice."
        fix = "Keep it where it is owned, and let the other objective have that one as its Parent."
    return Problem(code, said, other.place, fix, other.key.id, Severity.WARNING)


def _make_alike(one: KeyResult | Objective, other: KeyResult | Objective) -> Problem:
    said = f"{one.key.id} and {other.key.id} say nearly the same: “{one.name}” and “{other.name}”."
    fix = "If both teams mean the same, keep one and align the other to it."
    return Problem("okr.alike", said, other.place, fix, other.key.id, Severity.HINT)
