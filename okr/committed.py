"""The score as committed: everything as it was promised when it began, with the values of today.

A goalpost that moved changes more than its own row: a weight, a parent or a target changes every objective above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from okr.goalposts import Move, find_first_day, make_committed
from okr.model import Key, KeyResult, Objective, Okrs

Row = TypeVar("Row", KeyResult, Objective)
Moves = Mapping[Key, Sequence[Move]]

NO_MOVES: Moves = {}


def commit(okrs: Okrs, key_results: Moves, objectives: Moves = NO_MOVES) -> Okrs:
    """All definitions as they were promised. One whose promise can't be read any more is left out."""
    return replace(
        okrs,
        key_results=tuple(_commit(okrs.key_results, key_results, okrs)),
        objectives=tuple(_commit(okrs.objectives, objectives, okrs)),
    )


def _commit(rows: Sequence[Row], moves: Moves, okrs: Okrs) -> Iterator[Row]:
    for row in rows:
        own = moves.get(row.key, ())
        promised = make_committed(row, own, find_first_day(row, own, okrs.cycles.get(row.key.cycle))) if own else row
        if promised is not None:
            yield promised
