"""``measure``: how records become a number. The words, and what each takes.

A choice with an argument is a one-key map: ``count``, ``{sum: Amount}``, ``{p85: Lead time}``,
``{share: {Stage: Won}}``. Their arithmetic is in ``accumulate``.
"""

from __future__ import annotations

import re
from decimal import Decimal

from mappings.done import parse_done
from mappings.model import Condition, Elapsed, Measure
from mappings.node import Node, NodeKind
from mappings.suggest import did_you_mean
from mappings.where import parse_where
from okr.problem import Problem

BARE = frozenset(("count", "percent_done"))
WITH_FIELD = frozenset(("sum", "avg", "min", "max", "median", "distinct", "latest", "nps", "percent_done"))
OVER_DAYS = frozenset(("sum", "avg", "min", "max", "median"))
"""The measures that take days in place of a field; percentiles do too."""
SHARES = frozenset(("percent_done", "share"))
"""The measures whose value is a fraction, 0 to 1."""

PERCENTILE = r"p(\d{1,2}(?:\.\d{1,4})?|100)"
"""A percentile's word, as a regular expression."""

_PERCENTILE = re.compile(PERCENTILE)
_KNOWN = (*sorted(BARE | WITH_FIELD), "share", "p85", "p90", "p95", "p50")
_ELAPSED_FIX = "Write {workdays: [In Progress, Done]} or {days: [Opened, Closed]}."
_FIX = "Known: count, percent_done, sum, avg, min, max, median, p85, distinct, latest, share, nps."


def parse_measure(node: Node) -> tuple[Measure | None, tuple[Problem, ...]]:
    """The measure that stands at a node."""
    if node.kind is NodeKind.TEXT:
        return _parse_bare(node)
    if node.kind is not NodeKind.MAP or len(node.entries) != 1:
        message = f"a measure is one word, or one word and its field; found {_found(node)}"
        return None, (node.problem("mapping.measure", message, fix="Write count, or {sum: Amount}."),)
    word, entry = next(iter(node.entries.items()))
    if word == "share":
        conditions, problems = parse_where(entry.value)
        return (None, problems) if problems else (Measure("share", of=conditions), ())
    if word not in WITH_FIELD and not _PERCENTILE.fullmatch(word):
        return None, (_unknown(entry.key, word, takes_field=True),)
    if entry.value.kind is NodeKind.MAP and word == "percent_done":
        return parse_done(entry.value)
    if entry.value.kind is NodeKind.MAP and (word in OVER_DAYS or _PERCENTILE.fullmatch(word)):
        elapsed, problems = _parse_elapsed(entry.value)
        return (_make_measure(word, None, elapsed) if elapsed else None), problems
    if entry.value.kind is not NodeKind.TEXT or not entry.value.text.strip():
        message = f"“{word}” takes the name of one field, found {entry.value.kind}"
        place = entry.key if entry.value.kind is NodeKind.NOTHING else entry.value
        return None, (place.problem("mapping.measure", message, fix=f"Write {{{word}: Amount}}."),)
    return _make_measure(word, entry.value.text), ()


def _parse_elapsed(node: Node) -> tuple[Elapsed | None, tuple[Problem, ...]]:
    """``{workdays: [In Progress, Done]}`` or ``{days: [Opened, Closed]}``."""
    if len(node.entries) != 1:
        return None, (node.problem("mapping.measure", "expected one of workdays and days", fix=_ELAPSED_FIX),)
    unit, entry = next(iter(node.entries.items()))
    if unit not in ("workdays", "days"):
        fix = did_you_mean(unit, ("workdays", "days")) or _ELAPSED_FIX
        return None, (entry.key.problem("mapping.measure", f"nothing is measured in “{unit}”", fix=fix),)
    ends = entry.value.items
    if len(ends) != 2 or any(end.kind is not NodeKind.TEXT or not end.text.strip() for end in ends):
        what = "statuses" if unit == "workdays" else "date fields"
        place = entry.key if entry.value.kind is NodeKind.NOTHING else entry.value
        return None, (place.problem("mapping.measure", f"“{unit}” lie between two {what}", fix=_ELAPSED_FIX),)
    return Elapsed(unit, ends[0].text, ends[1].text), ()


def _parse_bare(node: Node) -> tuple[Measure | None, tuple[Problem, ...]]:
    word = node.text
    if word in BARE:
        return Measure(word), ()
    if word == "share":
        fix = "Write {share: {Stage: Won}}."
        return None, (node.problem("mapping.measure", "“share” needs what it is the share of", fix=fix),)
    if word in WITH_FIELD or _PERCENTILE.fullmatch(word):
        fix = f"Write {{{word}: Amount}}."
        return None, (node.problem("mapping.measure", f"“{word}” needs the field that it reads", fix=fix),)
    return None, (_unknown(node, word, takes_field=False),)


def _unknown(node: Node, word: str, *, takes_field: bool) -> Problem:
    if word == "count" and takes_field:
        fix = "Write measure: count, or {distinct: Field} for how many different values."
        return node.problem("mapping.measure", "“count” takes no field", fix=fix)
    return node.problem("mapping.measure", f"no measure is called “{word}”", fix=did_you_mean(word, _KNOWN) or _FIX)


def _make_measure(word: str, field: str | None, elapsed: Elapsed | None = None) -> Measure:
    found = _PERCENTILE.fullmatch(word)
    if found:
        return Measure("percentile", field, argument=Decimal(found[1]), elapsed=elapsed)
    return Measure(word, field, elapsed=elapsed)


def _found(node: Node) -> str:
    return f"{len(node.entries)} keys" if node.kind is NodeKind.MAP else str(node.kind)


def render_measure(measure: Measure) -> str:
    """The measure as people say it: "percent done", "sum of Amount", "85th percentile of Lead time"."""
    if measure.name == "share":
        return f"share with {' and '.join(render_condition(condition) for condition in measure.of)}"
    if measure.name == "percentile":
        return f"p{measure.argument} of {measure.subject}"
    if measure.name == "percent_done":
        by = f" by {measure.field}" if measure.field else ""
        return f"percent done{by}" + "".join(f" ({' or '.join(each.values)})" for each in measure.of)
    words = {"avg": "average", "distinct": "different values", "nps": "NPS"}
    word = words.get(measure.name, measure.name)
    return f"{word} of {measure.subject}" if measure.subject else word


def render_condition(condition: Condition) -> str:
    """A condition as people write it: "Stage = Won", "Stage in (Won, Lost)"."""
    if condition.op == "in":
        return f"{condition.field} in ({', '.join(condition.values)})"
    return f"{condition.field} {condition.op} {condition.values[0]}"
