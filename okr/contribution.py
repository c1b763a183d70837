"""What a key result adds to the objectives above it: the line of sight from a person's work to the company's goals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from okr.alignment import Tree, find_above, make_tree
from okr.model import Key, KeyResult, Okrs
from okr.result import Scorecard
from okr.score import FOUR_PLACES, ZERO


class Contribution(NamedTuple):
    """A key result's part of one objective above it.

    ``share`` is how much of the objective's score it decides, 0 to 1; ``points`` what it adds now: share × score.
    An objective that its own key results decide takes nothing from the ones below, nor does one of a longer cycle: then
    both are 0.
    """

    objective: Key
    name: str
    share: Decimal
    points: Decimal


def find_contributions(key: Key, okrs: Okrs, card: Scorecard) -> tuple[Contribution, ...]:
    """From its own objective up to the company's, each with the key result's part of it.

    Shares follow the roll-up: weights of those that have a score, an objective's own key results before its
    children. ``()`` for a key result without an objective or without a score.
    """
    return make_ladder(okrs, card).climb(next((item for item in okrs.key_results if item.key == key), None))


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is known of all objectives, so that many key results can climb it. ``own`` are those of each objective."""

    tree: Tree
    own: Mapping[Key, Sequence[KeyResult]]
    key_results: Mapping[Key, Decimal | None]
    objectives: Mapping[Key, Decimal | None]

    def climb(self, kr: KeyResult | None) -> tuple[Contribution, ...]:
        """What one key result adds to each objective above it."""
        score = self.key_results.get(kr.key) if kr is not None else None
        if kr is None or score is None or not kr.objective or not kr.approved:
            return ()
        return tuple(self._climb(kr, score, Key(kr.key.cycle, kr.objective)))

    def _climb(self, kr: KeyResult, score: Decimal, first: Key) -> Iterator[Contribution]:
        at: Key | None = first
        share = _part(kr.key, [(each.key, each.weight) for each in self.own.get(first, ())], self.key_results)
        while at is not None and at in self.tree.objectives and at not in self.tree.circular:
            objective = self.tree.objectives[at]
            yield Contribution(at, objective.name, _round(share), _round(share * score))
            below, at = at, find_above(objective, self.tree)
            share *= self._part_of(below, at)

    def _part_of(self, below: Key, at: Key | None) -> Decimal:
        """The part of an objective's score that one below it decides: none where it has key results of its own."""
        siblings = self.tree.children.get(at, ()) if at is not None and at not in self.own else ()
        return _part(below, [(each, self.tree.objectives[each].weight) for each in siblings], self.objectives)


def make_ladder(okrs: Okrs, card: Scorecard) -> Ladder:
    """The ladder of a scorecard."""
    own: dict[Key, list[KeyResult]] = {}
    for kr in okrs.key_results:
        if kr.objective and kr.approved:
            own.setdefault(Key(kr.key.cycle, kr.objective), []).append(kr)
    return Ladder(
        make_tree(okrs.objectives, okrs.cycles),
        own,
        {key: result.score for key, result in card.key_results.items()},
        {key: result.score for key, result in card.objectives.items()},
    )


def _part(key: Key, weights: list[tuple[Key, Decimal]], scores: Mapping[Key, Decimal | None]) -> Decimal:
    """A weight's share of all weights that count."""
    counted = {each: weight for each, weight in weights if weight > 0 and scores.get(each) is not None}
    total = sum(counted.values(), ZERO)
    return counted[key] / total if key in counted else ZERO


def _round(number: Decimal) -> Decimal:
    return number.quantize(FOUR_PLACES, ROUND_HALF_EVEN)
