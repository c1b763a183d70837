"""``percent_done`` with an argument: a field that weighs, or which statuses count as done.

``{percent_done: Story Points}`` · ``{percent_done: {statuses: [Done, Released]}}`` ·
``{percent_done: {by: Story Points, statuses: [Done, Released]}}``. Without statuses the source says what is done.
"""

from __future__ import annotations

from mappings.model import Condition, Measure
from mappings.node import Entry, Node, NodeKind
from mappings.suggest import did_you_mean
from okr.problem import Problem

KEYS = ("by", "statuses")
_FIX = "Write {statuses: [Done, Released]}, or {by: Story Points, statuses: [Done, Released]}."


def parse_done(node: Node) -> tuple[Measure | None, tuple[Problem, ...]]:
    """The measure that a map under ``percent_done`` means."""
    problems = [_unknown(name, entry) for name, entry in node.entries.items() if name not in KEYS]
    if not node.entries:
        problems.append(node.problem("mapping.measure", "nothing says what percent_done reads", fix=_FIX))
    by = _parse_text(node.entries.get("by"), problems)
    statuses = _parse_statuses(node.entries.get("statuses"), problems)
    if problems:
        return None, tuple(problems)
    return Measure("percent_done", by, of=(Condition("status", "in", statuses),) if statuses else ()), ()


def _unknown(name: str, entry: Entry) -> Problem:
    fix = did_you_mean(name, KEYS) or _FIX
    return entry.key.problem("mapping.measure", f"percent_done knows no “{name}”", fix=fix)


def _parse_text(entry: Entry | None, problems: list[Problem]) -> str | None:
    if entry is None:
        return None
    if entry.value.kind is NodeKind.TEXT and entry.value.text.strip():
        return entry.value.text
    place = entry.key if entry.value.kind is NodeKind.NOTHING else entry.value
    problems.append(place.problem("mapping.measure", "“by” takes the name of one field", fix=_FIX))
    return None


def _parse_statuses(entry: Entry | None, problems: list[Problem]) -> tuple[str, ...]:
    """One status or several."""
    if entry is None:
        return ()
    nodes = entry.value.items if entry.value.kind is NodeKind.LIST else (entry.value,)
    if nodes and all(each.kind is NodeKind.TEXT and each.text.strip() for each in nodes):
        return tuple(dict.fromkeys(each.text for each in nodes))
    place = entry.key if entry.value.kind is NodeKind.NOTHING else entry.value
    problems.append(place.problem("mapping.measure", "“statuses” takes the names of statuses", fix=_FIX))
    return ()
