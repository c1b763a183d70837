"""Whether OKRs are good ones: specific, measurable, achievable, relevant, time-bound, and outcomes rather than outputs.

All of it is style, and style is a matter of taste: hints only, each with its reason and a better wording. They are
shown to somebody who asks (``check --sheet``, ``explain``), never counted in a run, and can be turned off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from okr.calendar import elapsed_share, render_day
from okr.definition import find_span
from okr.model import Cycle, Key, KeyResult, Kind, Level, Objective, Okrs, ScoringRules, Standing
from okr.number import render_score
from okr.problem import Problem, Severity
from okr.result import Scorecard
from okr.score import ONE, ZERO
from okr.status import find_aim

MOST_OBJECTIVES = 5
"""More objectives than this of one team in one cycle lose focus."""

FAR_TOO_FAST = 3
"""How many times as fast as so far is out of reach."""

EASY_WITHIN = Decimal("0.34")
"""A target that is reached in this first share of the time was probably too easy."""

_OUTPUTS = (
    "build|carry out|complete|conduct|create|deliver|deploy|develop|document|draft|finalise|finalize|finish|hold|"
    "implement|install|introduce|kick off|launch|make|migrate|organise|organize|prepare|produce|publish|release|"
    "roll out|run|set up|ship|start|upgrade|write"
)
_OUTPUT = re.compile(rf"(?:{_OUTPUTS})\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(as (?:much|many|soon|well) as possible|as needed|appropriate(?:ly)?|asap|best[- ]in[- ]class|etc|"
    r"good|great|many|more or less|nice|optimal(?:ly)?|several|significant(?:ly)?|some|somewhat|substantial(?:ly)?|"
    r"various|very|world[- ]class)\b",
    re.IGNORECASE,
)
_SHARED_OWNER = re.compile(r"[,;&/+]|\band\b|^(?:all|everyone|everybody|team|the team|tbd|tba|n/a|\?+)$", re.IGNORECASE)


class Facts(NamedTuple):
    """What is known of a key result when its quality is judged."""

    kr: KeyResult
    cycle: Cycle | None
    standing: Standing
    score: Decimal | None
    rules: ScoringRules
    today: date


def check_quality(
    okrs: Okrs, card: Scorecard, standings: Mapping[Key, Standing], rules: ScoringRules
) -> tuple[Problem, ...]:
    """Every hint for the rows of open cycles, objectives first."""
    closed = {name for name, cycle in okrs.cycles.items() if cycle.closed}
    objectives = [item for item in okrs.objectives if item.key.cycle not in closed]
    counts = Counter(Key(kr.key.cycle, kr.objective) for kr in okrs.key_results if kr.objective)
    problems = list(_check_focus(objectives))
    for objective in objectives:
        problems += _check_words(objective)
        problems += _check_lonely(objective, counts[objective.key])
    for kr in okrs.key_results:
        if kr.key.cycle not in closed:
            result = card.key_results.get(kr.key)
            cycle, standing = okrs.cycles.get(kr.key.cycle), standings.get(kr.key, Standing())
            facts = Facts(kr, cycle, standing, result.score if result else None, rules, card.day)
            problems += [problem for check in _CHECKS for problem in check(facts)]
    return tuple(problems)


def _check_focus(objectives: list[Objective]) -> Iterator[Problem]:
    teams: dict[tuple[str, str], list[Objective]] = {}
    for item in objectives:
        whose = item.owner if item.level is Level.PERSON else item.team
        teams.setdefault((item.key.cycle, whose or item.level.value), []).append(item)
    for (cycle, whose), own in teams.items():
        if len(own) > MOST_OBJECTIVES:
            said = f"{whose} has {len(own)} objectives in {cycle}; more than {MOST_OBJECTIVES} lose focus."
            yield _hint("many-objectives", said, own[0], "Keep the three that matter most; drop or merge the others.")


def _check_lonely(objective: Objective, count: int) -> Iterator[Problem]:
    if count == 1:
        said = f"{objective.key.id} has one key result, which can be reached while the objective isn't."
        yield _hint(
            "one-key-result", said, objective, "Add one that guards the quality, such as “complaints at most 3”."
        )


def _check_words(row: Objective | KeyResult) -> Iterator[Problem]:
    vague = _VAGUE.search(row.name)
    if vague is not None:
        said = f"{row.key.id}: “{vague[0]}” means something else to everybody."
        yield _hint("vague", said, row, "Say how much: “answer 90 % of tickets within 4 hours”.")
    if row.owner.strip() and _SHARED_OWNER.search(row.owner.strip()):
        said = f"{row.key.id}: “{row.owner.strip()}” is not one person; what everybody owns nobody does."
        yield _hint("shared-owner", said, row, "Name the one who answers for it; others can stand in Notes.")


def _check_specific(facts: Facts) -> Iterator[Problem]:
    kr = facts.kr
    yield from _check_words(kr)
    if len(kr.name.split()) < 3:
        said = f"{kr.key.id}: “{kr.name}” doesn't say what will be different, or for whom."
        yield _hint("unspecific", said, kr, "Name whose and what: “New customers live within 14 days”.")


def _check_outcome(facts: Facts) -> Iterator[Problem]:
    kr = facts.kr
    verb = _OUTPUT.match(kr.name.strip())
    if verb is not None and kr.kind is not Kind.MILESTONES:
        said = f"{kr.key.id}: “{verb[0]}” is work that is done; a key result is what it changes."
        yield _hint("output", said, kr, "Say what is different then: “60 % of orders come through the new shop”.")


def _check_measurable(facts: Facts) -> Iterator[Problem]:
    kr = facts.kr
    if kr.kind is Kind.BOOLEAN:
        said = f"{kr.key.id} is yes or no: until its last day nobody sees how far it is."
        yield _hint(
            "yes-no", said, kr, "Count something on the way (“8 of 10 sites moved”), or list its steps in Steps."
        )
    elif kr.kind is not Kind.MILESTONES and not kr.unit and not kr.is_share and not re.search(r"[\d%€$£]", kr.name):
        said = f"{kr.key.id} has no unit: nobody can tell what its target counts."
        yield _hint("no-unit", said, kr, "Write in Unit what is counted, such as deals, days or EUR.")


def _check_achievable(facts: Facts) -> Iterator[Problem]:
    """The speed that is needed from now on beside the speed so far; and what was reached too soon."""
    span, score = find_span(facts.kr, facts.cycle), facts.score
    if span is None or score is None:
        return
    elapsed = elapsed_share(*span, facts.today)
    if score >= ONE and ZERO < elapsed <= EASY_WITHIN and facts.kr.kind in (Kind.INCREASE, Kind.DECREASE):
        said = f"{facts.kr.key.id} has reached its target with most of the time left: it was easy."
        yield _hint("easy", said, facts.kr, "Aim higher next time; 7 chances in 10 make a good target.")
    first = next(iter(facts.standing.points), None)
    if first is None or not span[0] <= first.day < facts.today < span[1] or (facts.today - first.day).days < 14:
        return
    so_far = (score - first.score) / (facts.today - first.day).days * 7
    needed = (find_aim(facts.kr.commitment, facts.rules) - score) / (span[1] - facts.today).days * 7
    if needed > 0 and needed > so_far * FAR_TOO_FAST and needed > Decimal("0.01"):
        speed = f"{render_score(so_far)} a week since {render_day(first.day, facts.today)}"
        said = f"{facts.kr.key.id} needs {render_score(needed)} a week until it is due, and made {speed}."
        yield _hint(
            "unachievable", said, facts.kr, "Ask for help, do something else for it, or agree on another target."
        )


def _check_time_bound(facts: Facts) -> Iterator[Problem]:
    kr, cycle = facts.kr, facts.cycle
    if cycle is None:
        return
    if kr.due is not None and kr.due > cycle.end:
        said = f"{kr.key.id} is due on {render_day(kr.due, facts.today)}, after its cycle has ended."
        yield _hint(
            "late-due", said, kr, "Move it to the cycle in which it is due, or set what is to be reached by then."
        )
    if kr.start is not None and kr.start < cycle.start:
        said = f"{kr.key.id} began on {render_day(kr.start, facts.today)}, before its cycle."
        yield _hint(
            "early-start", said, kr, "Leave Start empty and put into Baseline where it stood when the cycle began."
        )


_CHECKS: tuple[Callable[[Facts], Iterator[Problem]], ...] = (
    _check_specific,
    _check_outcome,
    _check_measurable,
    _check_achievable,
    _check_time_bound,
)


def _hint(code: str, message: str, row: Objective | KeyResult, fix: str) -> Problem:
    return Problem(f"okr.{code}", message, row.place, fix, row.key.id, Severity.HINT)
