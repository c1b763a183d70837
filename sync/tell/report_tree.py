"""The objectives tree of the report: company, teams, people, each with its key results, bars and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from okr.contribution import Ladder, make_ladder
from okr.model import Cycle, Key, KeyResult, Objective
from okr.number import render_score
from okr.result import KeyResultResult, ObjectiveResult
from sync.plan import Plan
from sync.stale import find_stale, find_stale_objectives
from sync.tell.outlook import Outlook, find_outlooks, render_outlook
from sync.tell.report_html import render_bar, render_pill, tag, text

Results = Sequence[tuple[KeyResult, KeyResultResult]]


@dataclass(frozen=True, slots=True)
class _Tree:
    """What is drawn: objectives below each id (``None``: the roots), key results below each objective's id.

    ``stale`` are the objectives of whose key results every one has an old value.
    """

    below: Mapping[str | None, Sequence[Objective]]
    results: Mapping[str | None, Results]
    scored: Mapping[Key, ObjectiveResult]
    outlooks: Mapping[Key, Outlook]
    stale: AbstractSet[Key]
    ladder: Ladder
    day: date


def find_results(plan: Plan, cycle: Cycle) -> list[tuple[KeyResult, KeyResultResult]]:
    """The key results of a cycle with their results, in the sheet's order, each once."""
    seen = {kr.key: kr for kr in reversed(plan.snapshot.okrs.key_results) if kr.key.cycle == cycle.name}
    card = plan.scorecard.key_results
    return [(kr, card[key]) for key, kr in reversed(seen.items()) if key in card]


def render_tree(plan: Plan, cycle: Cycle) -> str:
    """The whole tree; key results without an objective come last."""
    tree = _make_tree(plan, cycle)
    drawn: set[str] = set()
    parts = [_render_objective(tree, item, drawn) for item in tree.below.get(None, ())]
    circular = [item for level in tree.below.values() for item in level if item.key.id not in drawn]
    parts += [_render_objective(tree, item, drawn) for item in circular if item.key.id not in drawn]
    parts.append(_render_results(tree, tree.results.get(None, ())))
    return "\n".join(part for part in parts if part)


def _make_tree(plan: Plan, cycle: Cycle) -> _Tree:
    objectives = {item.key.id: item for item in plan.snapshot.okrs.objectives if item.key.cycle == cycle.name}
    below: dict[str | None, list[Objective]] = {}
    for item in objectives.values():
        below.setdefault(item.parent if item.parent in objectives else None, []).append(item)
    results: dict[str | None, list[tuple[KeyResult, KeyResultResult]]] = {}
    for pair in find_results(plan, cycle):
        owner = pair[0].objective
        results.setdefault(owner if owner in objectives else None, []).append(pair)
    outlooks = find_outlooks(plan)
    old = find_stale(plan.standings, plan.day, plan.stale_days)
    stale = find_stale_objectives(plan.snapshot.okrs.key_results, old).keys()
    ladder = make_ladder(plan.snapshot.okrs, plan.scorecard)
    return _Tree(below, results, plan.scorecard.objectives, outlooks, stale, ladder, plan.day)


def _render_objective(tree: _Tree, item: Objective, drawn: set[str]) -> str:
    if item.key.id in drawn:
        return ""
    drawn.add(item.key.id)
    result = tree.scored.get(item.key)
    whose = " · ".join(dict.fromkeys(part for part in (item.team, item.owner) if part))
    owner = tag("span", text(whose), cls="owner") if whose else ""
    what = tag("span", text(item.key.id), cls="id") + text(item.name) + owner
    marks = _marks(result, is_stale=item.key in tree.stale)
    head = tag("div", tag("div", what, cls="what"), *marks, cls="line head")
    below = [_render_objective(tree, child, drawn) for child in tree.below.get(item.key.id, ())]
    return tag("div", head, _render_results(tree, tree.results.get(item.key.id, ())), *below, cls="objective")


def _render_results(tree: _Tree, results: Results) -> str:
    lines = "\n".join(_render_result(tree, kr, result) for kr, result in results)
    return tag("div", lines, cls="results") if lines else ""


def _render_result(tree: _Tree, kr: KeyResult, result: KeyResultResult) -> str:
    outlook = tree.outlooks[kr.key]
    parts = (*render_outlook(outlook, tree.day, result.why), *_render_contribution(tree, kr))
    said = "".join(tag("span", text(part)) for part in parts)
    what = tag("span", text(kr.key.id), cls="id") + text(kr.name)
    why = tag("div", text(result.why), tag("span", said, cls="outlook") if said else "", cls="why")
    marks = _marks(result, is_stale=outlook.is_stale)
    return tag("div", tag("div", what, cls="what"), *marks, why, cls="line")


def _render_contribution(tree: _Tree, kr: KeyResult) -> Iterator[str]:
    """What it adds to the highest objective that it has a part in: "adds 0.04 to C-1"."""
    moved = [each for each in tree.ladder.climb(kr) if each.share and each.objective.id != kr.objective]
    if moved:
        yield f"adds {render_score(moved[-1].points)} to {moved[-1].objective.id}"


def _marks(result: KeyResultResult | ObjectiveResult | None, *, is_stale: bool) -> Iterator[str]:
    """Bar, score and status."""
    if result is None:
        return
    pace: Decimal | None = result.pace
    yield render_bar(result.score, pace, result.status, is_stale=is_stale)
    yield tag("div", render_score(result.score) if result.score is not None else "–", cls="score")
    yield tag("div", render_pill(result.status, result.word, is_stale=is_stale))
