"""How scores and statuses roll up from key results to objectives, and from objectives to their parents.

An objective's score is the weighted mean of its own key results. Only an objective that has none of its own
takes the weighted mean of its children's scores. Products offer the mean of key results, of children, or of
both pooled (Quantive, help.quantive.com/en/articles/4867334); we don't pool, because the key results of a
parent mostly measure the same outcome that its children work for, and pooling would count it twice.

What has no data is left out of the mean, and coverage says so. A weight of 0 leaves a part out altogether.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from okr.alignment import Tree
from okr.assess import UNKNOWN, check_held_score, find_error, render_fault
from okr.calendar import elapsed_share, render_day
from okr.definition import check_objective
from okr.model import Cycle, Key, KeyResult, Objective, ScoringRules, Standing, Status
from okr.number import render_score
from okr.problem import Problem
from okr.result import KeyResultResult, ObjectiveResult
from okr.score import FOUR_PLACES, weighted_mean
from okr.status import TROUBLE, Outlook, find_weakest, judge
from okr.why import finish
from okr.words import murmur_status, say_status

_GREEN = frozenset({Status.ON_TRACK, Status.ACHIEVED})
_RUNNING = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.NO_DATA})
_NAMED = 3  # how many ids a sentence names


class Part(NamedTuple):
    """What an objective is made of: a key result, or a child objective. ``covered`` of ``total`` have data."""

    id: str
    weight: Decimal
    score: Decimal | None
    pace: Decimal | None
    status: Status
    covered: int
    total: int


def make_objectives(
    tree: Tree,
    key_results: Mapping[Key, Sequence[tuple[KeyResult, KeyResultResult]]],
    standings: Mapping[Key, Standing],
    cycles: Mapping[str, Cycle],
    rules: ScoringRules,
    today: date,
) -> dict[Key, ObjectiveResult]:
    """Every objective's result; ``key_results`` are the rows under each objective's key, with their results.

    An objective on a circle has only its own key results to stand on.
    """
    parts: dict[Key, Part] = {}
    results: dict[Key, ObjectiveResult] = {}
    for key in (*tree.order, *tree.circular):
        objective = tree.objectives[key]
        own = [_make_part(kr, result) for kr, result in key_results.get(key, ()) if kr.approved]
        below = own or [parts[child] for child in tree.children.get(key, ()) if key not in tree.circular]
        counted = [part for part in below if part.weight > 0]
        standing = standings.get(key, UNKNOWN)
        problems = (
            *objective.problems,
            *check_objective(objective),
            *_check_weights(objective, below, counted),
            *check_held_score(objective, standing, rules.cap),
        )
        judging = _Judging(objective, counted, bool(own), rules, cycles.get(key.cycle), today)
        results[key] = result = _make_result(judging, standing, problems)
        covered, total = _count(counted)
        parts[key] = Part(key.id, objective.weight, result.score, result.pace, result.status, covered, total)
    return {key: results[key] for key in tree.objectives}


class _Judging(NamedTuple):
    objective: Objective
    parts: Sequence[Part]
    own: bool
    rules: ScoringRules
    cycle: Cycle | None
    today: date


def _make_part(kr: KeyResult, result: KeyResultResult) -> Part:
    return Part(kr.key.id, kr.weight, result.score, result.pace, result.status, int(result.score is not None), 1)


def _count(parts: Iterable[Part]) -> tuple[int, int]:
    covered = total = 0
    for part in parts:
        covered += part.covered
        total += part.total
    return covered, total


def _check_weights(objective: Objective, below: Sequence[Part], counted: Sequence[Part]) -> tuple[Problem, ...]:
    if counted or not below:
        return ()
    names = ", ".join(part.id for part in below)
    return (
        Problem(
            "okr.zero-weight",
            f"{objective.key.id}: the weights of {names} add up to 0.",
            objective.place,
            "Give at least one of them a weight.",
            objective.key.id,
        ),
    )


def _make_result(judging: _Judging, standing: Standing, problems: tuple[Problem, ...]) -> ObjectiveResult:
    key = judging.objective.key
    covered, total = _count(judging.parts)
    coverage = f"{covered} of {total}"
    fault = find_error(problems)
    if fault is not None:
        return ObjectiveResult(key, None, Status.NO_DATA, render_fault(fault), coverage, problems=problems)
    score, pace = _find_score(judging, standing), _find_pace(judging.parts)
    status = _find_status(judging, score, pace)
    why = _render_why(judging, standing, status, score, pace)
    return ObjectiveResult(key, score, standing.held_status or status, why, coverage, pace, problems)


def _find_score(judging: _Judging, standing: Standing) -> Decimal | None:
    if standing.held_score is not None:
        return standing.held_score.quantize(FOUR_PLACES, ROUND_HALF_EVEN)
    return weighted_mean((part.weight, part.score) for part in judging.parts if part.score is not None)


def _find_pace(parts: Sequence[Part]) -> Decimal | None:
    """The mean of what is expected of the parts that have a score, so that both numbers mean the same parts."""
    return weighted_mean((part.weight, part.pace) for part in parts if part.score is not None and part.pace is not None)


def _find_status(judging: _Judging, score: Decimal | None, pace: Decimal | None) -> Status:
    """The weakest part's status, or by the configured rule over score and pace; silence is green in neither."""
    cycle = judging.cycle
    if not judging.parts and cycle is not None and cycle.closed:
        return Status.CLOSED
    statuses = {part.status for part in judging.parts}
    weakest = find_weakest(statuses)
    if judging.rules.objective_status != "score" or score is None or pace is None or not statuses & _RUNNING:
        return weakest
    elapsed = elapsed_share(cycle.start, cycle.end, judging.today) if cycle is not None else pace
    status = judge(judging.rules.status, Outlook(score, pace, elapsed))
    return Status.NO_DATA if status in _GREEN and Status.NO_DATA in statuses else status


def _render_why(
    judging: _Judging, standing: Standing, status: Status, score: Decimal | None, pace: Decimal | None
) -> str:
    if not judging.parts:
        text = "no key results yet" if status is Status.NO_DATA else "closed without key results"
    else:
        fragments = [_render_trouble(judging), _render_score(judging, standing, score, pace), _render_coverage(judging)]
        text = "; ".join([fragment for fragment in fragments if fragment])
    if standing.held_status is not None:
        text = f"typed over by a person; the rule says {say_status(status, judging.rules.status)}: {text}"
    return finish(text)


def _render_trouble(judging: _Judging) -> str:
    """The parts in trouble, weakest first, by id; or that there are none."""
    fragments = []
    for status in TROUBLE:
        ids = [part.id for part in judging.parts if part.status is status]
        if ids:
            more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
            fragments.append(f"{murmur_status(status, judging.rules.status)}: {', '.join(ids[:_NAMED])}{more}")
    return "; ".join(fragments) or _render_calm(judging)


def _render_calm(judging: _Judging) -> str:
    statuses = {part.status for part in judging.parts}
    what, count = "key result" if judging.own else "objective", len(judging.parts)
    every = f"the {what}" if count == 1 else f"both {what}s" if count == 2 else f"all {count} {what}s"
    word = murmur_status(statuses.pop(), judging.rules.status) if len(statuses) == 1 else "well"
    return f"{every} {word}"


def _render_score(judging: _Judging, standing: Standing, score: Decimal | None, pace: Decimal | None) -> str:
    if score is None:
        return ""
    text = render_score(score)
    if pace is not None and not (judging.cycle is not None and judging.cycle.closed):
        text += f" of {render_score(pace)} expected by {render_day(judging.today, judging.today)}"
    return f"{text}, score typed over by a person" if standing.held_score is not None else text


def _render_coverage(judging: _Judging) -> str:
    covered, total = _count(judging.parts)
    return "" if covered == total else f"{covered} of {total} key results have data"
