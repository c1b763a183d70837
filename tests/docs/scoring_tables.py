"""The tables of docs/scoring.md, worked out by the rules themselves."""

from decimal import Decimal

from okr.model import Kind, Status
from okr.number import render_number, render_score
from okr.presets import PRESETS, UNPUBLISHED
from okr.score import make_progress, make_score
from okr.status import Outlook, judge
from okr.words import say_status
from tests.unit.okr_rows import key_result

EXAMPLES = (
    (Kind.INCREASE, 20, 60, None, 44),
    (Kind.DECREASE, 80, 40, None, 52),
    (Kind.AT_LEAST, 90, 99, None, 96),
    (Kind.AT_LEAST, None, 99, None, 96),
    (Kind.AT_MOST, None, 3, None, 3),
    (Kind.AT_MOST, 40, 27, None, 30),
    (Kind.BETWEEN, 20, 5, 10, 12),
    (Kind.BOOLEAN, None, 1, None, 1),
    (Kind.MILESTONES, None, None, None, "0.25"),
)


def kind_rows() -> list[list[str]]:
    """One example of each kind."""
    rows = []
    for kind, baseline, target, target_to, value in EXAMPLES:
        kr = key_result(kind=kind, baseline=baseline, target=target, target_to=target_to)
        score = make_score(make_progress(kr, Decimal(value)), Decimal(1))
        goal = "" if target is None else f"{target} to {target_to}" if target_to is not None else str(target)
        rows.append([kind.value, "" if baseline is None else str(baseline), goal, str(value), render_score(score)])
    return rows


def preset_rows() -> list[list[str]]:
    """Every preset: its rule, thresholds, words, source and note."""
    rows = []
    for name, preset in PRESETS.items():
        rule = preset.rule
        words = ", ".join(say_status(status, rule) for status in (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK))
        if Status.ACHIEVED in rule.labels:
            words += f"; achieved: {rule.labels[Status.ACHIEVED]}"
        limits = f"{render_number(rule.on_track)}, {render_number(rule.at_risk)}"
        note = f" {preset.note}" if preset.note else ""
        rows.append([f"`{name}`", f"`{rule.name}`", limits, words, f"[{preset.product}]({preset.source}).{note}"])
    return rows


def answer_rows() -> list[list[str]]:
    """What each preset says of 25 % progress when 40 % of the time have passed."""
    outlook = Outlook(Decimal("0.25"), Decimal("0.4"), Decimal("0.4"))
    return [[f"`{name}`", say_status(judge(preset.rule, outlook), preset.rule)] for name, preset in PRESETS.items()]


def missing_rows() -> list[list[str]]:
    """What is published only in part."""
    return [[f"`{name}`", reason] for name, reason in UNPUBLISHED.items()]
