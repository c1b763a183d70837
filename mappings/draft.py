"""A metric as an entry writes it: found by its source's name, its variables checked, made as far as it can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mappings.grammar import QueryGrammar
from mappings.mapping import Draft
from mappings.node import Node
from mappings.suggest import did_you_mean, one_of
from mappings.undated import make_undated, parse_measure_of, parse_within_of
from mappings.variables import (
    CYCLE,
    KEY_RESULT,
    KPI,
    Scope,
    check_variables,
    expand_text,
    make_sample_scope,
    names_in,
    names_in_text,
)
from okr.problem import Problem

READS = ("metric", "formula", "steps")
RESERVED_KEYS = frozenset(
    (
        *READS, "manual", "with", "measure", "within", "where", "missing", "scale", "guard", "pause", "note", "weight",
        "metrics", "key_results", "kpis",
    )
)  # fmt: skip
"""The keys that are ours in a mapping; no source may bear such a name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an entry is read in: its id, whether it is a KPI's, and the sources there are."""

    id: str
    is_kpi: bool
    grammars: Mapping[str, QueryGrammar]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that can be filled in here, without a template's holes."""
        return ("date", *KPI) if self.is_kpi else ("date", *CYCLE, *KEY_RESULT)


def find_read(node: Node, grammars: Mapping[str, QueryGrammar], choices: Collection[str]) -> str | Problem:
    """The one key of a map that says what is read: a source's name or one of the choices."""
    found = [key for key in node.entries if key in grammars or key in choices]
    if len(found) == 1:
        return found[0]
    known = one_of({*grammars, *choices})
    if found:
        message = f"“{found[0]}” and “{found[1]}” both say what to read; an entry reads one thing"
        return node.entries[found[1]].key.problem("mapping.two-reads", message, fix="Keep one of them.")
    strange = [key for key in node.entries if key not in RESERVED_KEYS]
    if strange:
        fix = did_you_mean(strange[0], {*grammars, *choices}) or f"Known: {known}."
        message = f"no source is called “{strange[0]}”"
        return node.entries[strange[0]].key.problem("mapping.unknown-source", message, fix=fix)
    fix = f"Add a query under its source's name. Known: {known}."
    misplaced = [key for key in node.entries if key in READS]
    if misplaced:
        message = f"“{misplaced[0]}” can't be read here"
        return node.entries[misplaced[0]].key.problem("mapping.no-read", message, fix=fix)
    return node.problem("mapping.no-read", "nothing here says what to read", fix=fix)


def check_rest(node: Node, *, measured: bool) -> tuple[Problem, ...]:
    """What is wrong with window and measure where the query itself can't be looked at."""
    if names_in(node):
        return ()
    _, problems = parse_within_of(node, {})
    _, more = parse_measure_of(node, {}, measured=measured)
    return (*problems, *more)


def parse_draft(
    node: Node,
    name: str,
    source: str,
    setting: Setting,
    missing: Decimal | None = None,
    holes: Mapping[str, str] | None = None,
    *,
    measured: bool = True,
) -> tuple[Draft | None, tuple[Problem, ...]]:
    """The metric of a map that holds a query under ``source``; or everything that is wrong with it."""
    grammar, holes = setting.grammars[source], holes or {}
    parts = [entry.value for key in (source, "within", "measure") if (entry := node.entries.get(key))]
    known = {*setting.variables, *holes}
    problems = tuple(problem for part in parts for problem in check_variables(part, known))
    if problems:
        return None, problems
    names = frozenset(name for part in parts for name in names_in(part))
    scope = fixed_holes(holes)
    is_ready = names <= set(scope)
    if not is_ready:
        scope = fill_holes(holes, make_sample_scope(setting.id))
    undated, problems = make_undated(node, source, grammar, scope, missing, measured=measured)
    if undated is None:
        return None, problems
    if setting.is_kpi and undated.within and undated.within.period == "cycle":
        fix = "Write a length, as {28d: …}, or week, month, quarter, year."
        return None, ((node.value("within") or node).problem("mapping.within", "a KPI has no cycle", fix=fix),)
    ready = undated if is_ready else None
    return Draft(name, source, grammar, node, dict(holes), missing, ready, measured), ()


def fixed_holes(holes: Mapping[str, str]) -> Scope:
    """The holes whose values don't depend on the key result or the day."""
    return {name: expand_text(text, {}) for name, text in holes.items() if not names_in_text(text)}


def fill_holes(holes: Mapping[str, str], scope: Scope) -> Scope:
    """The scope with the holes, whose own variables are filled in first. Raises KeyError where one is unknown."""
    return {**scope, **{name: expand_text(text, scope) for name, text in holes.items()}}
