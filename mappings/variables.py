"""``${cycle.start}`` and its like: filled in so that no value can change what a query means.

In text that is the source's own language a value outside quotes is quoted by the source's grammar; inside
quotes it is escaped. Elsewhere (a ``where`` map, a field's name) the text is data already, and the value goes
in as it is. ``$${`` is a literal ``${``. A value is never looked at again for variables of its own.

``${cycle.end}`` is the last day that counts; for a date range ``within: {cycle: Field}`` gets both ends right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mappings.grammar import QueryGrammar
from mappings.node import Entry, Node, NodeKind, Span, walk
from mappings.suggest import did_you_mean
from okr.model import Cycle, KeyResult, Kpi
from okr.problem import Problem

CYCLE = ("cycle.start", "cycle.end", "cycle.name")
KEY_RESULT = tuple(
    f"kr.{name}" for name in ("id", "name", "objective", "owner", "unit", "baseline", "target", "start", "due")
)
KPI = ("kpi.id", "kpi.name", "kpi.owner", "kpi.unit")
_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[^{}]*)\}|\$\{")
_NAME = re.compile(r"[^\W\d][\w-]*(?:\.[^\W\d][\w-]*)*")

Scope = Mapping[str, str]
"""The value of every variable that can be filled in."""


@dataclass(frozen=True, slots=True)
class _Use:
    """One variable in a text: its name ("" for the literal ``$${``) and where it stands."""

    name: str
    start: int
    end: int


def make_scope(key_result: KeyResult, cycle: Cycle, today: date) -> Scope:
    """What can be filled in for a key result. What it doesn't have (no owner, no target) is left out."""
    kr = key_result
    values: dict[str, str | Decimal | date | None] = {
        "kr.id": kr.key.id,
        "kr.name": kr.name,
        "kr.objective": kr.objective,
        "kr.owner": kr.owner,
        "kr.unit": kr.unit,
        "kr.baseline": kr.baseline,
        "kr.target": kr.target,
        "kr.start": kr.start,
        "kr.due": kr.due,
        "cycle.start": cycle.start,
        "cycle.end": cycle.end,
        "cycle.name": cycle.name,
        "date": today,
    }
    return _as_texts(values)


def make_kpi_scope(kpi: Kpi, today: date) -> Scope:
    """What can be filled in for a KPI, which has no cycle."""
    return _as_texts(
        {"kpi.id": kpi.id, "kpi.name": kpi.name, "kpi.owner": kpi.owner, "kpi.unit": kpi.unit, "date": today}
    )


def make_sample_scope(subject: str, holes: Collection[str] = ()) -> Scope:
    """Plausible values, to check a query before its key result is known."""
    cycle = {"cycle.start": "2026-01-01", "cycle.end": "2026-03-31", "cycle.name": "2026-Q1", "date": "2026-02-15"}
    texts = {name: subject if name.endswith(".id") else "Sample" for name in (*KEY_RESULT, *KPI)}
    numbers = {"kr.baseline": "0", "kr.target": "100", "kr.start": "2026-01-01", "kr.due": "2026-03-31"}
    return {**dict.fromkeys(holes, "Sample"), **cycle, **texts, **numbers}


def names_in_text(text: str) -> frozenset[str]:
    """Every variable that a text uses."""
    return frozenset(use.name for use in _uses(text) if use.name)


def names_in(node: Node) -> frozenset[str]:
    """Every variable that a piece of a mapping uses."""
    texts = (part.text for part in walk(node) if part.kind is NodeKind.TEXT and "${" in part.text)
    return frozenset(name for text in texts for name in names_in_text(text))


def check_variables(node: Node, known: Collection[str]) -> tuple[Problem, ...]:
    """Unknown names and ``${`` that is never closed."""
    texts = (part for part in walk(node) if part.kind is NodeKind.TEXT and "${" in part.text)
    return tuple(problem for part in texts for problem in _check_text(part, known))


def _check_text(node: Node, known: Collection[str]) -> Iterator[Problem]:
    for found in _VARIABLE.finditer(node.text):
        start, length, name = found.start(), len(found[0]), found["name"]
        if found[0] == "$${":
            continue
        if name is None or not _NAME.fullmatch(name):
            fix = "Write ${cycle.start}; for a literal ${ write $${."
            yield node.problem("mapping.variable", "this is no variable", fix=fix, offset=start, length=length)
        elif name not in known:
            hole = "Under metrics it would be a hole, which with: {…} fills; for a literal ${ write $${."
            fix = did_you_mean(name, known) or hole
            message = f"nothing is known as ${{{name}}} here"
            yield node.problem("mapping.unknown-variable", message, fix=fix, offset=start, length=length)


def expand_node(node: Node, scope: Scope, grammar: QueryGrammar | None = None, *, own: bool = False) -> Node:
    """The same piece of a mapping with its variables filled in.

    ``own`` says, for a map, that it is a query, whose keys in ``grammar.own_language`` are the source's own
    language; and for a text, that it is such a text.

    Raises:
        KeyError: a variable has no value here.
    """
    if node.kind is NodeKind.MAP:
        return replace(node, entries=dict(_expand_entries(node, scope, grammar, own=own)))
    if node.kind is NodeKind.LIST:
        return replace(node, items=tuple(expand_node(item, scope, grammar, own=own) for item in node.items))
    if "${" not in node.text:
        return node
    text, spans = _expand_text(node.text, scope, grammar if own else None)
    return replace(node, text=text, spans=spans)


def _expand_entries(
    node: Node, scope: Scope, grammar: QueryGrammar | None, *, own: bool
) -> Iterator[tuple[str, Entry]]:
    for key, entry in node.entries.items():
        key_node = expand_node(entry.key, scope)
        in_own = own and grammar is not None and key in grammar.own_language
        yield key_node.text, Entry(key_node, expand_node(entry.value, scope, grammar, own=in_own))


def expand_text(text: str, scope: Scope) -> str:
    """A text that is data, with its variables filled in. Raises KeyError where one has no value."""
    return _expand_text(text, scope, None)[0]


def _expand_text(text: str, scope: Scope, grammar: QueryGrammar | None) -> tuple[str, tuple[Span, ...]]:
    """The text and where its pieces come from. With a grammar, values are quoted or escaped by it."""
    quotes = quote_states(text) if grammar else [""] * (len(text) + 1)
    pieces: list[str] = []
    spans: list[Span] = []
    length = position = 0
    for use in (*_uses(text), _Use("", len(text), len(text))):
        for piece, start, end in (
            (text[position : use.start], position, use.start),
            (_fill(use, scope, grammar, quotes[use.start]), use.start, use.end),
        ):
            if piece:
                spans.append(Span(length, length + len(piece), start, end))
                pieces.append(piece)
                length += len(piece)
        position = use.end
    return "".join(pieces), tuple(spans)


def _fill(use: _Use, scope: Scope, grammar: QueryGrammar | None, quote: str) -> str:
    if not use.name:
        return "${" if use.end > use.start else ""
    value = scope[use.name]
    if grammar is None:
        return value
    return grammar.escape(value, quote) if quote else grammar.quote(value)


def _uses(text: str) -> Iterator[_Use]:
    for found in _VARIABLE.finditer(text):
        if found[0] == "$${" or found["name"]:
            yield _Use(found["name"] or "", found.start(), found.end())


def quote_states(text: str) -> list[str]:
    """For each place in a text of a source's own language: the quote that is open there, or "".

    ``{`` counts as a quote too: in Airtable's formulas it opens a field's name, in which quotes mean nothing.
    A backslash takes the next character with it. Variables are passed over.
    """
    states: list[str] = []
    state, position = "", 0
    while position < len(text):
        found = _VARIABLE.match(text, position)
        width = len(found[0]) if found else 2 if state and text[position] == "\\" else 1
        states.extend([state] * width)
        if not found and width == 1:
            state = _next_state(state, text[position])
        position += width
    return [*states[: len(text)], state]


def _next_state(state: str, sign: str) -> str:
    if not state:
        return sign if sign in "\"'{" else ""
    return "" if sign == {"{": "}"}.get(state, state) else state


def _as_texts(values: Mapping[str, str | Decimal | date | None]) -> Scope:
    return {name: _as_text(value) for name, value in values.items() if value is not None and value != ""}


def _as_text(value: str | Decimal | date) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value
