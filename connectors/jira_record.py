"""What a search answers: its issues as records, and what Jira says beside them. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote as url_quote

from connectors.base import SourceMisread
from connectors.jira_field import parse_value
from connectors.reply import trimmed
from mappings.model import Record

_WRONG = ("does not exist", "not supported", "cannot be viewed", "can't be viewed", "do not have permission")


def parse_issues(page: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
    """A page's issues. Raises SourceMisread where there are none, not even an empty list."""
    issues = page.get("issues")
    if not isinstance(issues, list) or not all(isinstance(each, dict) and each.get("id") for each in issues):
        raise SourceMisread(f"{place} answered a search without its issues.")
    return issues


def parse_warnings(page: Mapping[str, Any], place: str) -> Iterator[str]:
    """What Jira says beside the issues. Raises SourceMisread for what makes the result wrong."""
    for found in (*(page.get("warnings") or ()), *(page.get("warningMessages") or ())):
        text = trimmed(str(found.get("message", found) if isinstance(found, dict) else found))
        if any(words in text for words in _WRONG):
            raise SourceMisread(f"{place} doesn't understand the query: {text}", fix="Correct the query.")
        yield text


def make_record(issue: Mapping[str, Any], ids: Mapping[str, str], site: str, place: str) -> Record:
    """The issue with the fields that are asked for: ``ids`` are Jira's ids by the names that the mapping uses.

    ``site`` is where its page lies, ``place`` names who answered.

    Raises:
        SourceMisread: it is no issue.
    """
    found, key = issue.get("fields"), issue.get("key")
    if not isinstance(key, str) or not isinstance(found, dict | None):
        raise SourceMisread(f"{place} answered with an issue without key or fields.")
    found = found or {}
    status = found.get("status") if isinstance(found.get("status"), dict) else {}
    assert isinstance(status, dict)
    category = status.get("statusCategory") or {}
    raw = {**found, "statusCategory": category, "issuekey": key}
    moved = parse_value(found.get("updated"))
    return Record(
        id=key,
        fields={name: value for name, id_ in ids.items() if (value := parse_value(raw.get(id_))) is not None},
        title=str(found.get("summary") or ""),
        link=f"{site}/browse/{url_quote(key)}",
        done=category["key"] == "done" if "key" in category else None,
        at=moved if isinstance(moved, datetime) else None,
    )
