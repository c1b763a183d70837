"""A metric as an entry writes it: found by its source's name, its variables checked, made as far as it can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mappings.grammar import QueryGrammar
from mappings.mapping import Draft
from mappings.node import Node
from mappings.own_keys import OPTIONS, READS, RESERVED_KEYS
from mappings.suggest import did_you_mean, nearest, one_of
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


def find_read(
    node: Node, grammars: Mapping[str, QueryGrammar], choices: Collection[str], also: Collection[str] = ()
) -> str | Problem:
    """The one key of a map that says what is read: a source's name or one of the choices.

    ``also`` are keys that may be meant by a mistyped one, too.
    """
    found = [key for key in node.entries if key in grammars or key in choices]
    if len(found) == 1:
        return found[0]
    words = {*grammars, *choices, *also}
    known = one_of(words)
    if found:
        message = f"“{found[0]}” and “{found[1]}” both say what to read; an entry reads one thing"
        return node.entries[found[1]].key.problem("mapping.two-reads", message, fix="Keep one of them.")
    strange = _find_strange(node, words)
    if strange is not None:
        fix = did_you_mean(strange, words) or f"Known: {known}."
        message = f"no source is called “{strange}”"
        return node.entries[strange].key.problem("mapping.unknown-source", message, fix=fix)
    fix = f"Add a query under its source's name. Known: {known}."
    misplaced = [key for key in node.entries if key in READS]
    if misplaced:
        message = f"“{misplaced[0]}” can't be read here"
        return node.entries[misplaced[0]].key.problem("mapping.no-read", message, fix=fix)
    return node.problem("mapping.no-read", "nothing here says what to read", fix=fix)


def _find_strange(node: Node, words: Collection[str]) -> str | None:
    """The unknown key that was to say what is read: one like such a word, or else one that is like no option."""
    strange = [key for key in node.entries if key not in RESERVED_KEYS]
    alike = (key for key in strange if nearest(key, words))
    return next(alike, None) or next((key for key in strange if not nearest(key, OPTIONS)), None)


def check_rest(node: Node, *, measured: bool) -> tuple[Problem, ...]:
    """What is wrong with window and measure where the query itself can't be looked at."""
    if names_in(node):
        return ()
    _, problems = parse_within_of(node, {})
    _, more = parse_measure_of(node, {}, (), measured=measured)
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
