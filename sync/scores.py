"""The scorecard in force, and what the machine would say of the cells that people hold. Pure.

A held Score rolls up and decides the status, a held Status rolls up; yet what is wanted in those very cells is what the
machine alone would say. So the few rows with a hold are scored again without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from okr.model import Key, Okrs, ScoringRules, Standing
from okr.result import KeyResultResult, KpiResult, ObjectiveResult, Scorecard
from okr.scorecard import make_scorecard

Standings = Mapping[Key, Standing]


@dataclass(frozen=True, slots=True)
class Scores:
    """``card`` is in force. The other maps hold only rows with a hold: ``own`` without any of their holds,
    ``unnamed`` with a held score and without a held status.
    """

    card: Scorecard
    own: Mapping[Key, KeyResultResult] = field(default_factory=dict)
    unnamed: Mapping[Key, KeyResultResult] = field(default_factory=dict)
    own_objectives: Mapping[Key, ObjectiveResult] = field(default_factory=dict)
    unnamed_objectives: Mapping[Key, ObjectiveResult] = field(default_factory=dict)
    own_kpis: Mapping[Key, KpiResult] = field(default_factory=dict)


def make_scores(
    okrs: Okrs, standings: Standings, objectives: Standings, kpis: Standings, rules: ScoringRules, today: date
) -> Scores:
    """Score everything once, and what is held again."""

    def score(part: Okrs, of_key_results: Standings, of_objectives: Standings) -> Scorecard:
        return make_scorecard(part, {**of_key_results, **kpis}, rules, today, of_objectives)

    card = score(okrs, standings, objectives)
    held = {key for key, item in standings.items() if _is_held(item)}
    part = replace(okrs, key_results=tuple(kr for kr in okrs.key_results if kr.key in held), kpis=())
    held_objectives = {key for key, item in objectives.items() if _is_held(item)}
    own = score(part, _strip(standings, held), objectives) if held else card
    unnamed = score(part, _unname(standings, held), objectives) if held else card
    own_top = score(okrs, standings, _strip(objectives, held_objectives)) if held_objectives else card
    unnamed_top = score(okrs, standings, _unname(objectives, held_objectives)) if held_objectives else card
    return Scores(
        card,
        {key: own.key_results[key] for key in held if key in own.key_results},
        {key: unnamed.key_results[key] for key in held if key in unnamed.key_results},
        {key: own_top.objectives[key] for key in held_objectives if key in own_top.objectives},
        {key: unnamed_top.objectives[key] for key in held_objectives if key in unnamed_top.objectives},
        _score_own_kpis(okrs, kpis, rules, today),
    )


def _score_own_kpis(okrs: Okrs, kpis: Standings, rules: ScoringRules, today: date) -> Mapping[Key, KpiResult]:
    held = {key for key, item in kpis.items() if _is_held(item)}
    if not held:
        return {}
    part = replace(okrs, objectives=(), key_results=(), kpis=tuple(kpi for kpi in okrs.kpis if kpi.key in held))
    return make_scorecard(part, _strip(kpis, held), rules, today).kpis


def _is_held(standing: Standing) -> bool:
    return standing.held_score is not None or standing.held_status is not None


def _strip(standings: Standings, keys: set[Key]) -> dict[Key, Standing]:
    return {
        key: replace(item, held_score=None, held_status=None) if key in keys else item
        for key, item in standings.items()
    }


def _unname(standings: Standings, keys: set[Key]) -> dict[Key, Standing]:
    return {key: replace(item, held_status=None) if key in keys else item for key, item in standings.items()}
