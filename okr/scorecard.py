"""All rules together: definitions and what is known of each become one scorecard for one day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from okr.alignment import Tree, check_alignment, check_objective_link, make_tree
from okr.assess import UNKNOWN, find_error, make_key_result_result
from okr.kpi import make_kpi_result
from okr.model import CheckIn, Key, KeyResult, Kpi, Objective, Okrs, ScoringRules, Standing, StatusRule
from okr.problem import Problem
from okr.result import KeyResultResult, KpiResult, ObjectiveResult, Scorecard
from okr.rollup import make_objectives

Row = TypeVar("Row", KeyResult, Objective, Kpi)
Result = TypeVar("Result", KeyResultResult, ObjectiveResult, KpiResult)

NO_STANDINGS: Mapping[Key, Standing] = {}


def make_scorecard(
    okrs: Okrs,
    standings: Mapping[Key, Standing],
    rules: ScoringRules,
    today: date,
    objective_standings: Mapping[Key, Standing] = NO_STANDINGS,
) -> Scorecard:
    """What the rules say of everything on one day.

    ``standings`` are of key results and, under ``Key("", id)``, of KPIs; ``objective_standings`` carry what
    people typed over in Objectives. A broken row gets "No data" and its reason; it never stops the others.
    """
    tree = make_tree(_mark_doubled(okrs.objectives), okrs.cycles)
    pairs = _score_key_results(okrs, standings, rules, today, tree)
    under: dict[Key, list[tuple[KeyResult, KeyResultResult]]] = {}
    for kr, result in pairs:
        if kr.objective:
            under.setdefault(Key(kr.key.cycle, kr.objective), []).append((kr, result))
    return Scorecard(
        today,
        _label({result.key: result for _, result in pairs}, rules.status),
        _label(make_objectives(tree, under, objective_standings, okrs.cycles, rules, today), rules.status),
        _label(_score_kpis(okrs, standings, rules.status, today), rules.status),
        check_alignment(okrs, tree),
    )


def _label(results: dict[Key, Result], rule: StatusRule) -> dict[Key, Result]:
    """The results with the rule's own words, where it has such."""
    if not rule.labels:
        return results
    return {key: replace(result, label=rule.labels.get(result.status, "")) for key, result in results.items()}


def find_problems(scorecard: Scorecard) -> tuple[Problem, ...]:
    """Every problem of a scorecard once: of the whole first, then of objectives, key results and KPIs."""
    found = dict.fromkeys(scorecard.problems)
    for group in (scorecard.objectives, scorecard.key_results, scorecard.kpis):
        for result in group.values():
            found.update(dict.fromkeys(result.problems))
    return tuple(found)


def _score_key_results(
    okrs: Okrs, standings: Mapping[Key, Standing], rules: ScoringRules, today: date, tree: Tree
) -> list[tuple[KeyResult, KeyResultResult]]:
    confidences = _find_confidences(okrs.check_ins)
    pairs = []
    seen: set[Key] = set()
    for kr in _mark_doubled(okrs.key_results):
        if kr.key in seen:
            continue
        seen.add(kr.key)
        standing = standings.get(kr.key, UNKNOWN)
        if standing.confidence is None and kr.key in confidences:
            standing = replace(standing, confidence=confidences[kr.key])
        link = check_objective_link(kr, tree)
        notes = (link,) if link else ()
        result = make_key_result_result(kr, standing, okrs.cycles.get(kr.key.cycle), rules, today, notes)
        pairs.append((kr, result))
    return pairs


def _mark_doubled(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows; those that share an id all know it, and whatever is wrong with any of them."""
    counts = Counter([row.key for row in rows])
    if len(counts) == len(rows):
        return rows
    faults: dict[Key, list[Problem]] = {}
    for doubled in rows:
        if counts[doubled.key] > 1:
            faults.setdefault(doubled.key, []).extend(_find_faults(doubled))
    return [_add_problems(row, faults.get(row.key)) for row in rows]


def _add_problems(row: Row, problems: list[Problem] | None) -> Row:
    return replace(row, problems=tuple(problems)) if problems else row


def _find_faults(row: KeyResult | Objective | Kpi) -> tuple[Problem, ...]:
    """What is wrong with a row whose id is used twice; whoever read the rows may have said so already."""
    if find_error(row.problems):
        return row.problems
    where = f" in cycle {row.key.cycle}" if row.key.cycle else ""
    fix = "Give each row an id of its own."
    doubled = Problem("okr.doubled-id", f"{row.key.id}: id used twice{where}.", row.place, fix, row.key.id)
    return (*row.problems, doubled)


def _score_kpis(okrs: Okrs, standings: Mapping[Key, Standing], rule: StatusRule, today: date) -> dict[Key, KpiResult]:
    return {
        kpi.key: make_kpi_result(kpi, standings.get(kpi.key, UNKNOWN), today, rule) for kpi in _mark_doubled(okrs.kpis)
    }


def _find_confidences(check_ins: Sequence[CheckIn]) -> dict[Key, int]:
    """The confidence of each key result's latest check-in that has one; of one day the last row counts."""
    latest: dict[Key, CheckIn] = {}
    for check_in in check_ins:
        if check_in.confidence is not None:
            before = latest.get(check_in.key)
            if before is None or check_in.day >= before.day:
                latest[check_in.key] = check_in
    return {key: found.confidence for key, found in latest.items() if found.confidence is not None}
