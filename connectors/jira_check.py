"""What ``POST /rest/api/3/jql/parse`` says of queries. Sends nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.base import SourceMisread
from connectors.jira_field import Field
from connectors.reply import trimmed

_NO_FIELD = re.compile(r"Field '([^']+)' does not exist")


def parse_verdicts(found: Mapping[str, Any], place: str) -> dict[str, str]:
    """Jira's complaint by the JQL that it is about; a query without one is absent.

    Raises:
        SourceMisread: it is no such answer.
    """
    try:
        return {
            str(each["query"]): trimmed(" ".join(map(str, each["errors"])))
            for each in found["queries"]
            if each.get("errors")
        }
    except (KeyError, TypeError, AttributeError):
        raise SourceMisread(f"{place} checked the queries but answered in an unknown shape.") from None


def with_suggestions(said: Mapping[str, str], fetch_fields: Callable[[], Iterable[Field]]) -> dict[str, str]:
    """The complaints, with the likely new name where a field isn't there. Fields are fetched only for that."""
    if not any(_NO_FIELD.search(text) for text in said.values()):
        return dict(said)
    names = {field.name.lower(): field.name for field in fetch_fields()}
    return {query: _suggest(text, names) for query, text in said.items()}


def _suggest(text: str, names: Mapping[str, str]) -> str:
    match = _NO_FIELD.search(text)
    close = difflib.get_close_matches(match[1].lower(), names, n=1, cutoff=0.6) if match else []
    return f"{text} Did you mean “{names[close[0]]}”?" if close else text
