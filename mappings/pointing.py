"""Where in a mapping file a finding points to that only the source could tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from mappings.mapping import Draft
from mappings.node import Node, NodeKind, walk
from okr.problem import Problem, Severity

_QUOTED = re.compile(r"['\"“‘]([^'\"“”‘’]+)['\"”’]")


def point(
    draft: Draft,
    at: str,
    code: str,
    message: str,
    fix: str | None,
    *,
    words: Iterable[str] = (),
    severity: Severity = Severity.WARNING,
) -> Problem:
    """A finding at a key of a metric (``measure``, ``within``, the source's own); at the metric where it has no such.

    The caret stands under the first of ``words`` that is written there.
    """
    node = draft.node.value(at) or draft.node
    for word in words:
        for each in walk(node):
            if each.kind is NodeKind.TEXT and (offset := each.text.find(word)) >= 0:
                return _severe(each.problem(code, message, fix=fix, offset=offset, length=len(word)), severity)
    return _severe((_first_text(node) or node).problem(code, message, fix=fix), severity)


def quoted_words(message: str) -> tuple[str, ...]:
    """What a message sets in quotes: mostly what it complains of."""
    return tuple(_QUOTED.findall(message))


def _first_text(node: Node) -> Node | None:
    """A map begins at its brace, which tells nobody anything: the first value in it is better to look at."""
    if node.kind is NodeKind.TEXT:
        return node
    below = (*node.items, *(entry.value for entry in node.entries.values()))
    return next((found for each in below if (found := _first_text(each)) is not None), None)


def _severe(problem: Problem, severity: Severity) -> Problem:
    return replace(problem, severity=severity)
