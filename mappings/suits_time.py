"""Numbers that only ever grow, because nothing in their query or window bounds them in time."""

from __future__ import annotations

import re

from mappings.expand import Part
from mappings.mapping import Draft
from mappings.measure import render_measure
from mappings.pointing import point
from okr.problem import Problem

_GROWS = frozenset({"count", "distinct", "sum"})
_BOUNDED = re.compile(
    r"\d{4}-\d\d-\d\d|\b(created|resolved|resolutiondate|updated|due|duedate|sprint|fixversion|labels?|parent|key|"
    r"issuekey|epic|filter|resolution|statuscategory|is_after|is_before|is_same|today|now|datetime_diff)\b|"
    r"start\s?of|end\s?of|, view ",
    re.IGNORECASE,
)


def find_unbounded(part: Part) -> bool:
    """Whether a count or sum reads everything there ever was."""
    query, measure = part.metric.query, part.metric.measure
    if measure.name not in _GROWS or query.filter.window is not None:
        return False
    return not _BOUNDED.search(part.grammar.render_query(query.body, query.filter))


def say_unbounded(draft: Draft, part: Part) -> Problem:
    """The warning at its query."""
    message = f"{render_measure(part.metric.measure)} has no time bound: what was there before the cycle counts too"
    fix = "Add within: {cycle: created} or another date field."
    return point(draft, draft.source, "live.no-time-bound", message, fix)
