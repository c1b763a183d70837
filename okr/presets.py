"""Other products' published status rules, as rows of data: choose one and the sheet speaks that product's language.

Every row is a rule of ours with the product's thresholds and its own words. Three things stay ours in all of them:
a key result that hasn't begun is not started, one that reached its target is achieved, and one that is over without
it is missed. None has a grace. Thresholds belong to the better side, as the products have them.

Rules that are published only in part are listed as well, with what is missing, so that nobody looks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from okr.model import Status, StatusRule
from okr.problem import Problem
from okr.score import ZERO


@dataclass(frozen=True, slots=True)
class Preset:
    """A product's rule: what it is called, the rule in our terms, where it is published, and what differs."""

    product: str
    rule: StatusRule
    source: str
    note: str = ""


def _make(
    name: str, kind: str, on_track: str, at_risk: str, words: tuple[str, str, str], achieved: str = ""
) -> StatusRule:
    """A rule without grace; ``words`` are those for on track, at risk and off track."""
    labels = dict(zip((Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK), words, strict=True))
    if achieved:
        labels[Status.ACHIEVED] = achieved
    own = {status: word for status, word in labels.items() if word != status.value}
    return StatusRule(kind, Decimal(on_track), Decimal(at_risk), ZERO, name, own)


_TENTHS = "Grades have one decimal: the thresholds lie half-way, where 0.65 becomes 0.7."

PRESETS: Mapping[str, Preset] = {
    "amoeboids": Preset(
        "Amoeboids UpRaise",
        _make("amoeboids", "pace_ratio", "0.95", "0.75", ("On track", "Lagging", "At risk")),
        "https://amoeboids.atlassian.net/wiki/spaces/UD/pages/2758344713",
    ),
    "atlassian": Preset(
        "Atlassian Goals",
        _make("atlassian", "forecast", "0.65", "0.35", ("On track", "At risk", "Off track")),
        "https://support.atlassian.com/platform-experiences/docs/use-goal-status-to-track-objectives-and-key-results",
        f"There the owner projects the final score; here the forecast does. {_TENTHS}",
    ),
    "boja": Preset(
        "BOJA",
        _make("boja", "absolute", "0.6", "0.2", ("On track", "At risk", "Off track"), "Done"),
        "https://bojaprod.atlassian.net/wiki/x/BYA7h",
        "The time doesn't matter: 60 % is on track on every day.",
    ),
    "engagedly": Preset(
        "Engagedly",
        _make("engagedly", "pace_gap", "0.165", "0.33", ("On track", "Behind", "At risk")),
        "https://help.engagedly.com/automatic-status-updates-for-goals",
        "Two of its pages count exactly 16.5 % behind as on track, one as behind; we follow the two.",
    ),
    "google": Preset(
        "Google",
        _make("google", "absolute", "0.65", "0.35", ("Green", "Yellow", "Red")),
        "https://rework.withgoogle.com/guides/set-goals-with-okrs",
        f"A grade for the end of the cycle: the time doesn't matter. {_TENTHS}",
    ),
    "mooncamp": Preset(
        "Mooncamp",
        _make("mooncamp", "pace_ratio", "0.9", "0.7", ("On track", "Progressing", "Off track")),
        "https://mooncamp.com/docs/goal-statuses",
        "Its thresholds can be edited there; these are the ones it starts with.",
    ),
    "oboard": Preset(
        "Oboard",
        _make("oboard", "pace_ratio", "0.7", "0.4", ("On track", "Behind", "At risk")),
        "https://oboard.atlassian.net/wiki/spaces/OBPFJ/pages/42729609",
    ),
    "puzzle": Preset(
        "Puzzle OKR",
        _make("puzzle", "absolute", "0.7", "0.3", ("Target", "Commit", "Fail"), "Stretch"),
        "https://github.com/puzzle/okr",
        "Target is its stretch goal: 0.3 of the way is the commitment, 0.7 its target. The time doesn't matter.",
    ),
    "shamanr": Preset(
        "ShamanR/okrs",
        _make("shamanr", "pace_gap", "0.1", "0.25", ("OK", "Risk", "Behind")),
        "https://github.com/ShamanR/okrs",
    ),
    "viva": Preset(
        "Microsoft Viva Goals",
        _make("viva", "pace_ratio", "1", "0", ("On track", "Behind", "Off track")),
        "https://support.microsoft.com/en-gb/topic/phased-targets-8d0587f7-016c-4e00-9c5d-9fc411c219e2",
        "Two levels only: whatever is not up to the pace is behind. A dated plan in Steps is its phased targets.",
    ),
    "workpath": Preset(
        "Workpath",
        _make("workpath", "forecast", "0.7", "0.3", ("On track", "Attention", "Off track")),
        "https://workpath.zendesk.com/hc/en-us/articles/4865387922706",
        "The forecast for the due day; without one the pace so far is drawn on.",
    ),
}
"""Every rule that is published in full, by the name it has in the configuration."""

UNPUBLISHED: Mapping[str, str] = {
    "ally": "only that being more than 25 % off lowers the status is published, not to which and from where",
    "innovation-minds": "a buffer of 10 % is published, but not of what: of the range or of what is expected",
    "openokr": "its status is the owner's last check-in, not a rule over numbers",
    "perdoo": "that value and date decide is published, the thresholds are not",
    "profit": "that the weekly plan decides is published, the formula is not",
    "quantive": "no threshold is published",
}
"""Products that people will look for, and why there is no preset of theirs."""


def check_preset(name: str) -> tuple[Problem, ...]:
    """What is wrong with a preset's name: unknown, or of a product whose rule isn't published in full."""
    if name in PRESETS:
        return ()
    if name in UNPUBLISHED:
        message = f"there is no preset “{name}”: {UNPUBLISHED[name]}."
        fix = "Write rule, on_track and at_risk with the thresholds that you know."
        return (Problem("okr.unpublished-rule", message, fix=fix),)
    near = get_close_matches(name, PRESETS, n=1)
    fix = f"Did you mean {near[0]}?" if near else f"Choose one of {', '.join(PRESETS)}."
    return (Problem("okr.unknown-preset", f"no preset is called “{name}”.", fix=fix),)


def render_rule(rule: StatusRule) -> str:
    """A rule as one short text, by which a change of it is seen: "oboard", "pace_ratio 0.9 0.7 0.1"."""
    return rule.preset or " ".join((rule.name, *(f"{part:f}" for part in (rule.on_track, rule.at_risk, rule.grace))))


def parse_rule(text: str) -> StatusRule | None:
    """The rule that ``render_rule`` wrote; ``None`` for any other text."""
    if text in PRESETS:
        return PRESETS[text].rule
    name, *numbers = text.split(" ")
    try:
        on_track, at_risk, grace = map(Decimal, numbers)
    except (ValueError, ArithmeticError):
        return None
    return StatusRule(name, on_track, at_risk, grace)


def say_rule(rule: StatusRule) -> str:
    """A rule for people: its preset's product, else its name and thresholds."""
    if rule.preset in PRESETS:
        return f"{PRESETS[rule.preset].product}’s rule"
    return f"{rule.name} {rule.on_track.normalize():f}/{rule.at_risk.normalize():f}"
