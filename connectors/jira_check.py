"""What ``POST /rest/api/3/jql/parse`` says of queries. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import SourceMisread
from connectors.reply import trimmed


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
