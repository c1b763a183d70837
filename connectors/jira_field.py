"""Jira's fields: which one a name means, and what an issue's JSON says in it. Sends nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.base import SourceMisread
from connectors.value import parse_plain
from mappings.model import Value

_CF = re.compile(r"cf\[(\d+)\]", re.IGNORECASE)
_PRINTED_SPRINT = re.compile(
    r"com\.atlassian\.greenhopper\.service\.sprint\.Sprint@\w+\[.*?,name=(.*?),(?:startDate|goal)="
)
_NAMES = ("value", "displayName", "name", "key", "accountId")

SYSTEM = {
    name: id_
    for id_, names in {
        "assignee": "assignee",
        "components": "components|component",
        "created": "created",
        "creator": "creator",
        "duedate": "duedate|due|due date",
        "fixVersions": "fixversions|fixversion|fix versions",
        "issuekey": "key|issuekey",
        "issuetype": "issuetype|issue type|type",
        "labels": "labels",
        "parent": "parent",
        "priority": "priority",
        "project": "project",
        "reporter": "reporter",
        "resolution": "resolution",
        "resolutiondate": "resolutiondate|resolved",
        "status": "status",
        "statusCategory": "statuscategory|status category",
        "statuscategorychangedate": "statuscategorychangedate|statuscategorychangeddate",
        "summary": "summary",
        "updated": "updated",
        "versions": "versions|affectedversion|affects versions",
    }.items()
    for name in names.split("|")
}
"""Fields that every site has, by the names that people use; ids never change with the site's language."""

MOMENTS = frozenset({"created", "updated", "resolutiondate", "statuscategorychangedate"})
DAYS = frozenset({"duedate"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a site. ``type`` is Jira's: number, date, datetime, option, …"""

    id: str
    name: str
    clauses: frozenset[str]
    type: str


def parse_fields(found: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    """What ``GET /field`` lists. Raises KeyError, TypeError, AttributeError for what it never lists."""
    return tuple(
        Field(
            each["id"],
            each["name"],
            frozenset(clause.lower() for clause in each.get("clauseNames") or ()),
            (each.get("schema") or {}).get("type", ""),
        )
        for each in found
    )


def find_field(fields: Iterable[Field], name: str) -> Field:
    """The one field that ``name`` means: an id, ``cf[10026]``, or a name in any case.

    Raises:
        SourceMisread: there is none, or several share the name; says which.
    """
    known, lower = tuple(fields), name.lower()
    cf = _CF.fullmatch(name)
    wanted = f"customfield_{cf[1]}" if cf else lower
    if by_id := [field for field in known if field.id.lower() == wanted]:
        return by_id[0]
    same = [field for field in known if field.name == name]
    same = same or [field for field in known if lower == field.name.lower() or lower in field.clauses]
    if len(same) == 1:
        return same[0]
    if same:
        ids = ", ".join(sorted(field.id for field in same))
        raise SourceMisread(
            f"Jira has {len(same)} fields named “{name}”: {ids}.",
            fix="Name one by its id, or set story_points for this source."
            if "story" in lower
            else "Name one by its id.",
            fields=frozenset({name}),
        )
    close = difflib.get_close_matches(name, [field.name for field in known], n=3, cutoff=0.6)
    raise SourceMisread(
        f"Jira has no field “{name}”.",
        fix=f"Did you mean {' or '.join(f'“{each}”' for each in close)}?" if close else "Check its name in Jira.",
        fields=frozenset({name}),
    )


def parse_value(found: Any) -> Value:
    """One field of an issue: people and options by their names, lists as tuples, empty as ``None``."""
    if isinstance(found, list):
        return tuple(value for each in found if (value := parse_value(each)) is not None) or None
    if isinstance(found, str) and (sprint := _PRINTED_SPRINT.match(found)):
        return sprint[1]  # Data Center prints its Java object (go-jira/jira#324)
    if not isinstance(found, Mapping):
        return parse_plain(found)
    if found.get("type") == "doc":
        return _document_text(found) or None
    if "key" in found and ("projectTypeKey" in found or "fields" in found):
        return parse_plain(found["key"])  # a project, a parent: people write their keys
    return next((parse_plain(found[name]) for name in _NAMES if name in found), None)


def _document_text(node: Mapping[str, Any]) -> str:
    """The plain text of Atlassian's document format."""
    inside = " ".join(_document_text(each) for each in node.get("content", ()))
    return f"{node.get('text', '')}{inside}".strip()
