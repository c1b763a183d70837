"""What a key result adds to the objectives above it: the line of sight from a person's work to the company's goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from okr.alignment import Tree, find_above, make_tree
from okr.model import Key, KeyResult, Okrs
from okr.result import Scorecard
from okr.score import FOUR_PLACES, ONE, ZERO


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
    tree = make_tree(okrs.objectives, okrs.cycles)
    kr = next((item for item in okrs.key_results if item.key == key), None)
    score = card.key_results[key].score if key in card.key_results else None
    if kr is None or score is None or not kr.objective or not kr.approved:
        return ()
    return tuple(_climb(kr, score, _index(okrs.key_results), tree, card))


def _index(key_results: Sequence[KeyResult]) -> dict[Key, list[KeyResult]]:
    """The approved key results of each objective."""
    found: dict[Key, list[KeyResult]] = {}
    for kr in key_results:
        if kr.objective and kr.approved:
            found.setdefault(Key(kr.key.cycle, kr.objective), []).append(kr)
    return found


def _climb(
    kr: KeyResult, score: Decimal, own: dict[Key, list[KeyResult]], tree: Tree, card: Scorecard
) -> Iterator[Contribution]:
    at: Key | None = Key(kr.key.cycle, kr.objective or "")
    weights = [(each.key, each.weight) for each in own.get(at, ())] if at else []
    share, below = ONE, kr.key
    scores = {each: result.score for each, result in card.key_results.items()}
    while at is not None and at in tree.objectives and at not in tree.circular:
        share *= _part(below, weights, scores)
        yield Contribution(at, tree.objectives[at].name, _round(share), _round(share * score))
        below, at = at, find_above(tree.objectives[at], tree)
        scores = {each: result.score for each, result in card.objectives.items()}
        siblings = tree.children.get(at, ()) if at is not None and at not in own else ()
        weights = [(each, tree.objectives[each].weight) for each in siblings]


def _part(key: Key, weights: list[tuple[Key, Decimal]], scores: dict[Key, Decimal | None]) -> Decimal:
    """A weight's share of all weights that count."""
    counted = {each: weight for each, weight in weights if weight > 0 and scores.get(each) is not None}
    total = sum(counted.values(), ZERO)
    return counted[key] / total if key in counted else ZERO


def _round(number: Decimal) -> Decimal:
    return number.quantize(FOUR_PLACES, ROUND_HALF_EVEN)
