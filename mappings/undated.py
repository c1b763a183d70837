"""A query, a window and a measure from their pieces of YAML, with the help of the source's grammar.

The same code checks a mapping when it is read (with sample values for open variables) and makes the metric at
night (with the real ones).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal

from mappings.form import describe, parse_form
from mappings.grammar import QueryGrammar, QueryMistake
from mappings.mapping import Undated
from mappings.measure import parse_measure
from mappings.model import Condition, Filter, Measure
from mappings.node import Entry, Node, NodeKind
from mappings.own_keys import is_mistyped
from mappings.variables import Scope, expand_node
from mappings.where import parse_where
from mappings.window import Within, make_window, parse_within
from okr.model import Cycle
from okr.problem import Problem

SAMPLE_DAY = date(2026, 2, 15)
SAMPLE_CYCLE = Cycle("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
COUNT = Measure("count")


def make_undated(
    node: Node, source: str, grammar: QueryGrammar, scope: Scope, missing: Decimal | None, *, measured: bool
) -> tuple[Undated | None, tuple[Problem, ...]]:
    """A metric but for its dates, from an entry's map; or everything that is wrong with it.

    ``measured`` says whether a measure has to be given; without one it is ``count``.

    Raises:
        KeyError: a variable has no value in the scope.
    """
    entry = node.entries[source]
    body, conditions, problems = _make_query(make_query_map(entry.value, grammar), grammar, scope)
    within, window_problems = parse_within_of(node, scope)
    measure, measure_problems = parse_measure_of(node, scope, (source,), measured=measured)
    problems = (*problems, *window_problems, *measure_problems)
    if measure is None or body is None or problems:
        return None, problems
    undated = Undated(source, body, conditions, within, measure, missing)
    problems = _check_use(undated, node, entry.key, grammar)
    return (None if problems else undated), problems


def make_query_map(node: Node, grammar: QueryGrammar) -> Node:
    """A bare string is the query's main key."""
    if node.kind is not NodeKind.TEXT:
        return node
    key = replace(node, text=grammar.main)
    return replace(node, kind=NodeKind.MAP, entries={grammar.main: Entry(key, node)})


def parse_within_of(node: Node, scope: Scope) -> tuple[Within | None, tuple[Problem, ...]]:
    """The window of an entry, if it has one."""
    value = node.value("within")
    return parse_within(expand_node(value, scope)) if value else (None, ())


def parse_measure_of(
    node: Node, scope: Scope, sources: Collection[str], *, measured: bool
) -> tuple[Measure | None, tuple[Problem, ...]]:
    """The measure of an entry. A mistyped “measure” is told by whoever knows all keys of the entry."""
    entry = node.entries.get("measure")
    if entry is None and not measured:
        return COUNT, ()
    if entry is None and is_mistyped(node, "measure", sources):
        return None, ()
    if entry is None:
        fix = "Add measure: count, or {sum: Amount}, percent_done, {share: {Stage: Won}}, …"
        message = "“measure” is missing: how do the records become a number?"
        return None, (node.problem("mapping.missing-key", message, fix=fix),)
    value = expand_node(entry.value, scope)
    if value.kind is NodeKind.NOTHING:
        return None, (entry.key.problem("mapping.measure", "no measure stands here", fix="Write measure: count."),)
    return parse_measure(value)


def _make_query(
    node: Node, grammar: QueryGrammar, scope: Scope
) -> tuple[Hashable | None, tuple[Condition, ...], tuple[Problem, ...]]:
    if node.kind is not NodeKind.MAP:
        message = f"expected a query, found {describe(node)}"
        fix = f"Write text ({grammar.main}), or {{{grammar.main}: …}}."
        return None, (), (node.problem("mapping.query", message, fix=fix),)
    query = expand_node(node, scope, grammar, own=True)
    where = query.value("where")
    conditions: tuple[Condition, ...] = ()
    problems: tuple[Problem, ...] = ()
    if where is not None and where.kind is NodeKind.MAP:
        conditions, problems = parse_where(where)
        query = query.without(("where",))
    form, form_problems = parse_form(query, grammar.form(), code="mapping", also=("where",))
    problems = (*form_problems, *problems)
    if form is None or problems:
        return None, (), problems
    try:
        return grammar.make_body(form), conditions, ()
    except QueryMistake as mistake:
        return None, (), (_place_mistake(mistake, query),)


def _place_mistake(mistake: QueryMistake, query: Node) -> Problem:
    value = query.value(mistake.key)
    if value is None or value.kind is not NodeKind.TEXT:
        return query.problem("mapping.query", mistake.message, fix=mistake.fix)
    offset = min(max(mistake.offset, 0), max(len(value.text) - 1, 0))
    return value.problem("mapping.query", mistake.message, fix=mistake.fix, offset=offset, length=mistake.length)


def _check_use(undated: Undated, node: Node, key: Node, grammar: QueryGrammar) -> tuple[Problem, ...]:
    """What only shows when query, window and measure are seen together."""
    measure_node = node.value("measure") or key
    if undated.measure.name == "latest" and undated.within is None:
        message = "“latest” needs “within”, whose date says which record is the latest"
        return (measure_node.problem("mapping.measure", message, fix="Add within: {cycle: Date}."),)
    window = make_window(undated.within, SAMPLE_DAY, UTC, SAMPLE_CYCLE) if undated.within else None
    reason = grammar.check_use(undated.body, Filter(undated.conditions, window), undated.measure)
    return (measure_node.problem("mapping.use", reason),) if reason else ()
