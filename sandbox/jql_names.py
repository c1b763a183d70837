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
    Field("voter", "voter", "user", ("voter",), {}),
    Field("watcher", "watcher", "user", ("watcher",), {}),
    Field("worklogauthor", "worklogAuthor", "user", ("worklogauthor",), {}),
    Field("worklogcomment", "worklogComment", "text", ("worklogcomment",), {}),
    Field("worklogdate", "worklogDate", "date", ("worklogdate",), {}),
    Field("issuelinktype", "issueLinkType", "link", ("issuelinktype",), {}),
    Field("issuelink", "issueLink", "issue", ("issuelink",), {}),
)
_NEWER_WORDS = {
    "space": "project", "parentspace": "parentproject", "worktype": "issuetype", "workitem": "issuekey",
    "workitemkey": "issuekey", "workitemlink": "issuelink", "workitemlinktype": "issuelinktype",
}  # fmt: skip
"""What Cloud calls some fields since 2025, beside their old names."""

_UNSERVED = frozenset(
    {"approvals", "attachments", "category", "change-gating-type", "environment", "lastviewed", "level",
     "organizations", "projecttype", "request-channel-type", "request-last-activity-time"}
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
    if link := _link_field(asker.site, clause):
        return replace(link, name=name.text)
    if clause in _UNSERVED:
        raise JqlUnserved(f"the field '{name.text}'")
    raise JqlUnknown(f"Field '{name.text}' does not exist or you do not have permission to view it.")


def _link_field(site: JiraSite, clause: str) -> Field | None:
    """Return the field of one kind of link: ``issueLink["is blocked by"]``, or ``issueIsBlockedBy`` for short."""
    for each in site.link_types.values():
        for says in (each.outward.lower(), each.inward.lower()):
            short = says.replace(" ", "")
            if clause in (f"issuelink[{says}]", f"workitemlink[{says}]", f"issue{short}", f"workitem{short}"):
                return Field(f"issuelink:{says}", "", "issue", (clause,), {})
    return None


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
        "comment": lambda row: tuple(each.text for each in row.extras.comments),
        "votes": lambda row: len(row.extras.votes),
        "watches": lambda row: len(row.extras.watches),
        "voter": lambda row: tuple(each.by for each in row.extras.votes),
        "watcher": lambda row: tuple(each.by for each in row.extras.watches),
        "worklogauthor": lambda row: tuple(each.by for each in row.extras.work),
        "worklogcomment": lambda row: tuple(each.text for each in row.extras.work if each.text),
        "worklogdate": lambda row: tuple(each.day for each in row.extras.work),
        "issuelinktype": lambda row: tuple(name for each in row.extras.links for name in (each.type.name, each.says)),
        "issuelink": lambda row: tuple(each.other for each in row.extras.links),
        "timespent": lambda row: row.extras.spent(),
        "timeestimate": time_left,
        "workratio": work_ratio,
        EPIC_LINK: lambda row: epic_of(site, row),
    }
    if field.id == "parent" and asker.data_center:
        return lambda row: None if epic_of(site, row) else row.values.get("parent")
    if field.id.startswith("issuelink:"):
        says = field.id.partition(":")[2]
        return lambda row: tuple(each.other for each in row.extras.links if each.says.lower() == says)
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


def _texts(row: Row) -> tuple[str, ...]:
    """Return what ``text`` searches: what the issue says of itself, and each comment."""
    own = f"{row.values.get('summary') or ''} {row.values.get('description') or ''}"
    return (own, *(each.text for each in row.extras.comments))


def time_left(row: Row) -> int | None:
    """Return the remaining estimate in seconds: the original one less what was logged."""
    estimate = row.values.get("timeoriginalestimate")
    return None if estimate is None else max(0, estimate - (row.extras.spent() or 0))


def work_ratio(row: Row) -> int | None:
    """Return the time spent as a percentage of the original estimate; None without one."""
    estimate = row.values.get("timeoriginalestimate")
    return (row.extras.spent() or 0) * 100 // estimate if estimate else None
