"""Where a key result stands, by a rule that is configuration. Thresholds are inclusive.

A rule sees only numbers (``Outlook``); everything that comes before a rule (not started, reached, missed)
is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from okr.model import Commitment, KeyResult, ScoringRules, Status, StatusRule
from okr.problem import Problem
from okr.score import ONE, ZERO, can_break


class Outlook(NamedTuple):
    """What a rule may look at: the score, the score expected by today, and the forecast for the due day.

    ``elapsed`` is the share of the time that has passed. ``aim`` is the score that counts as achieved.
    """

    score: Decimal
    pace: Decimal
    elapsed: Decimal
    forecast: Decimal | None = None
    aim: Decimal = ONE


Rule = Callable[[StatusRule, Outlook], Status]


def _pace_ratio(rule: StatusRule, outlook: Outlook) -> Status:
    """Score over pace at or above a threshold; with nothing expected yet, all is well."""
    if outlook.score >= rule.on_track * outlook.pace:
        return Status.ON_TRACK
    return Status.AT_RISK if outlook.score >= rule.at_risk * outlook.pace else Status.OFF_TRACK


def _pace_gap(rule: StatusRule, outlook: Outlook) -> Status:
    """Pace minus score at or below a threshold: on_track is the smaller one."""
    gap = outlook.pace - outlook.score
    if gap <= rule.on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if gap <= rule.at_risk else Status.OFF_TRACK


def _absolute(rule: StatusRule, outlook: Outlook) -> Status:
    """The score itself at or above a threshold, whatever the time."""
    if outlook.score >= rule.on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if outlook.score >= rule.at_risk else Status.OFF_TRACK


def _forecast(rule: StatusRule, outlook: Outlook) -> Status:
    """The forecast over the aim at or above a threshold.

    Without a forecast the pace so far is drawn on to the due day; that is the pace ratio.
    """
    if outlook.forecast is None:
        return _pace_ratio(rule, outlook)
    if outlook.forecast >= rule.on_track * outlook.aim:
        return Status.ON_TRACK
    return Status.AT_RISK if outlook.forecast >= rule.at_risk * outlook.aim else Status.OFF_TRACK


RULES: Mapping[str, Rule] = {
    "pace_ratio": _pace_ratio,
    "pace_gap": _pace_gap,
    "absolute": _absolute,
    "forecast": _forecast,
}
"""Every status rule by the name it has in the configuration."""

TROUBLE = (Status.MISSED, Status.OFF_TRACK, Status.AT_RISK, Status.NO_DATA)
"""What an objective shows before anything else, weakest first."""


def check_status_rule(rule: StatusRule) -> tuple[Problem, ...]:
    """What is wrong with a configured rule: its name, or thresholds in the wrong order."""
    if rule.name not in RULES:
        names = ", ".join(RULES)
        return (Problem("okr.unknown-rule", f"no status rule is called “{rule.name}”.", fix=f"Choose one of {names}."),)
    problems = []
    if (rule.on_track < rule.at_risk) is not (rule.name == "pace_gap") and rule.on_track != rule.at_risk:
        order = "below" if rule.name == "pace_gap" else "above"
        problems.append(
            Problem("okr.thresholds", f"on_track must lie {order} at_risk.", fix=f"Swap the thresholds of {rule.name}.")
        )
    if not ZERO <= rule.grace <= ONE:
        problems.append(
            Problem("okr.grace", "grace is a share of the time, from 0 to 1.", fix="Write 0.1 for the first tenth.")
        )
    return tuple(problems)


def find_aim(commitment: Commitment, rules: ScoringRules) -> Decimal:
    """The score that counts as achieved: 1 for a committed key result, 0.7 by default for an aspirational one."""
    return ONE if commitment is Commitment.COMMITTED else rules.aspirational_at


def is_early(rule: StatusRule, elapsed: Decimal) -> bool:
    """Whether it is too early for anything to be off track."""
    return elapsed <= rule.grace


def judge(rule: StatusRule, outlook: Outlook) -> Status:
    """On track, at risk or off track by the rule; nothing is off track during the grace."""
    status = RULES[rule.name](rule, outlook)
    if status is Status.OFF_TRACK and is_early(rule, outlook.elapsed):
        return Status.AT_RISK
    return status


def find_status(kr: KeyResult, outlook: Outlook, span: tuple[date, date], today: date, rules: ScoringRules) -> Status:
    """The status of a key result that has a score and neither pause nor close.

    What can still be lost is never achieved before its due day is over. An aspirational one is achieved below 1
    only when it is due.
    """
    start, due = span
    if today < start:
        return Status.NOT_STARTED
    if today > due:
        return Status.ACHIEVED if outlook.score >= outlook.aim else Status.MISSED
    if outlook.score >= (outlook.aim if today == due else ONE):
        return Status.ON_TRACK if can_break(kr) else Status.ACHIEVED
    return judge(rules.status, outlook)


def find_weakest(statuses: Iterable[Status]) -> Status:
    """The status of an objective: its weakest part's.

    Trouble shows first: missed, off track, at risk. Then no data, so that silence is never green. Paused parts
    don't count unless all are paused. What is left is on track unless all of it is the same.
    """
    every = set(statuses)
    if not every:
        return Status.NO_DATA
    active = every - {Status.PAUSED} or every
    for status in TROUBLE:
        if status in active:
            return status
    return active.pop() if len(active) == 1 else Status.ON_TRACK
