"""What the field names in a query mean on a site, and how a field's value is read from an issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from sandbox.jira_fields import EPIC_LINK, Field
from sandbox.jira_issue import Row
from sandbox.jira_parts import User
from sandbox.jira_site import JiraSite
from sandbox.jql_lex import JqlUnknown, JqlUnserved, syntax_error
from sandbox.jql_tree import FieldName

Getter = Callable[[Row], Any]

_ONLY_IN_JQL = (
    Field("text", "text", "text", ("text", "textfields"), {}),
    Field("filter", "filter", "filter", ("filter", "request", "savedfilter", "searchrequest"), {}),
    Field("hierarchylevel", "hierarchyLevel", "level", ("hierarchylevel",), {}),
    Field("parentproject", "parentProject", "project", ("parentproject",), {}),
    Field("parentepic", "parentEpic", "issue", ("parentepic",), {}),
)
_NEWER_WORDS = {
    "space": "project", "parentspace": "parentproject", "worktype": "issuetype", "workitem": "issuekey",
    "workitemkey": "issuekey",
}  # fmt: skip
"""What Cloud calls some fields since 2025, beside their old names."""

_UNSERVED = frozenset(
    {"approvals", "attachments", "category", "change-gating-type", "comment", "environment", "issuelink",
     "issuelinktype", "lastviewed", "level", "organizations", "originalestimate", "projecttype", "remainingestimate",
     "request-channel-type", "request-last-activity-time", "timeestimate", "timeoriginalestimate", "timespent",
     "voter", "votes", "watcher", "watchers", "workitemlink", "workitemlinktype", "worklogauthor", "worklogcomment",
     "worklogdate", "workratio"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when: dates are read in their time zone. ``data_center``: by the rules of Data Center."""

    site: JiraSite
    user: User
    now: datetime
    zone: tzinfo
    data_center: bool = False


def find_field(asker: Asker, name: FieldName) -> Field:
    """Return the field of that name, under the name that was used. Raises JqlError when the site has none."""
    clause = name.clause
    if not clause:
        raise syntax_error("A field name cannot be empty.")
    if not asker.data_center:
        clause = _NEWER_WORDS.get(clause, clause)
    for field in (*asker.site.fields.values(), *_ONLY_IN_JQL):
        if clause in field.clauses:
            return replace(field, name=name.text)
    if clause in _UNSERVED:
        raise JqlUnserved(f"the field '{name.text}'")
    raise JqlUnknown(f"Field '{name.text}' does not exist or you do not have permission to view it.")


def getter(asker: Asker, field: Field) -> Getter:
    """Return what reads the field's value, or tuple of values, from a row."""
    site = asker.site
    readers: dict[str, Getter] = {
        "issuekey": lambda row: row.issue.key,
        "project": lambda row: row.issue.project,
        "created": lambda row: row.issue.created,
        "updated": lambda row: row.updated,
        "creator": lambda row: row.issue.creator,
        "statusCategory": lambda row: site.category(row.values["status"]),
        "text": _texts,
        "hierarchylevel": lambda row: int(site.types[row.values["issuetype"]].group),
        "parentproject": lambda row: project_of(row.values.get("parent")),
        "parentepic": lambda row: _epics_above(site, row),
        EPIC_LINK: lambda row: epic_of(site, row),
    }
    if field.id == "parent" and asker.data_center:
        return lambda row: None if epic_of(site, row) else row.values.get("parent")
    return readers.get(field.id) or (lambda row: row.values.get(field.id))


def epic_of(site: JiraSite, row: Row) -> str | None:
    """Return the key of the epic that an issue is in: its parent, when that is an epic."""
    parent = row.values.get("parent")
    above = site.issues.get(parent) if parent else None
    return parent if above is not None and site.types[above.last("issuetype")].group == "1" else None


def project_of(key: str | None) -> str | None:
    """Return the project of an issue's key."""
    return key.rpartition("-")[0] if key else None


def _epics_above(site: JiraSite, row: Row) -> str | None:
    """Return the epic of an issue, or for a sub-task that of its parent."""
    if epic := epic_of(site, row):
        return epic
    parent = row.values.get("parent")
    above = site.row(parent) if parent else None
    return epic_of(site, above) if above is not None else None


def _texts(row: Row) -> str:
    return f"{row.values.get('summary') or ''} {row.values.get('description') or ''}"
