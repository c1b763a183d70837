"""The fields of a Jira Cloud site: ids, names, what JQL calls them, and what kind of value they hold.

Ids and schemas as a fresh Cloud site has them (``GET /rest/api/3/field``); the Epic Link field is gone from
the screens but still in the list, as on real sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

STORY_POINT_ESTIMATE = "customfield_10016"  # team-managed projects
STORY_POINTS = "customfield_10026"  # company-managed projects
SPRINT = "customfield_10020"
EPIC_LINK = "customfield_10014"
EPIC_NAME = "customfield_10011"
RANK = "customfield_10019"
START_DATE = "customfield_10015"
FOUND_IN = "customfield_10040"

_GREENHOPPER = "com.pyxis.greenhopper.jira:"
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"

_SUFFIXES = {"number": "number", "option": "dropdown", "date": "date", "text": "short text"}

Kind = Literal[
    "text", "key", "project", "type", "status", "category", "priority", "resolution", "user", "labels",
    "component", "version", "sprint", "issue", "date", "datetime", "number", "option", "rank",
    "filter", "level", "duration", "link", "extra",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``clauses`` are its names in JQL in lower case; none means that JQL can't search it."""

    id: str
    name: str
    kind: Kind
    clauses: tuple[str, ...]
    schema: dict[str, Any]
    options: tuple[str, ...] = ()
    orderable: bool = True

    @property
    def is_custom(self) -> bool:
        """Whether it is a custom field."""
        return self.id.startswith("customfield_")


def system_field(id_: str, name: str, kind: Kind, type_: str, *clauses: str, items: str | None = None) -> Field:
    """Make a field that every site has."""
    schema = {"type": type_, "system": id_} | ({"items": items} if items else {})
    return Field(id_, name, kind, clauses, schema)


def custom_field(
    id_: str,
    name: str,
    kind: Kind,
    type_: str,
    custom: str,
    *,
    items: str | None = None,
    options: tuple[str, ...] = (),
) -> Field:
    """Make a custom field, searched by its name, its name with its type, or ``cf[number]``."""
    number = int(id_.removeprefix("customfield_"))
    schema = {"type": type_, "custom": custom, "customId": number} | ({"items": items} if items else {})
    clauses: tuple[str, ...] = (name.lower(), f"cf[{number}]")
    if kind in _SUFFIXES:
        clauses += (f"{name.lower()}[{_SUFFIXES[kind]}]",)
    return Field(id_, name, kind, clauses, schema, options)


def number_field(id_: str, name: str) -> Field:
    """Make a custom number field."""
    return custom_field(id_, name, "number", "number", _CUSTOM + "float")


def select_field(id_: str, name: str, *options: str) -> Field:
    """Make a custom select list with its options."""
    return custom_field(id_, name, "option", "option", _CUSTOM + "select", options=options)


def date_field(id_: str, name: str) -> Field:
    """Make a custom date field."""
    return custom_field(id_, name, "date", "date", _CUSTOM + "datepicker")


def standard_fields() -> list[Field]:
    """Return the fields of a fresh site, with the select list "Found in"."""
    return [
        Field("issuekey", "Key", "key", ("id", "issue", "issuekey", "key"), {}, orderable=False),
        system_field("statuscategorychangedate", "Status Category Changed", "datetime", "datetime",
                     "statuscategorychangeddate"),
        system_field("parent", "Parent", "issue", "issuelink", "parent"),
        system_field("issuetype", "Issue Type", "type", "issuetype", "issuetype", "type"),
        system_field("project", "Project", "project", "project", "project"),
        system_field("resolution", "Resolution", "resolution", "resolution", "resolution"),
        system_field("resolutiondate", "Resolved", "datetime", "datetime", "resolutiondate", "resolved"),
        system_field("fixVersions", "Fix versions", "version", "array", "fixversion", items="version"),
        system_field("versions", "Affects versions", "version", "array", "affectedversion", items="version"),
        system_field("components", "Components", "component", "array", "component", items="component"),
        system_field("created", "Created", "datetime", "datetime", "created", "createddate"),
        system_field("updated", "Updated", "datetime", "datetime", "updated", "updateddate"),
        system_field("priority", "Priority", "priority", "priority", "priority"),
        system_field("labels", "Labels", "labels", "array", "labels", items="string"),
        system_field("assignee", "Assignee", "user", "user", "assignee"),
        system_field("reporter", "Reporter", "user", "user", "reporter"),
        system_field("creator", "Creator", "user", "user", "creator"),
        system_field("status", "Status", "status", "status", "status"),
        system_field("statusCategory", "Status Category", "category", "statusCategory", "statuscategory"),
        system_field("summary", "Summary", "text", "string", "summary"),
        system_field("description", "Description", "text", "string", "description"),
        system_field("comment", "Comment", "text", "comments-page", "comment"),
        system_field("votes", "Votes", "number", "votes", "votes"),
        system_field("watches", "Watchers", "number", "watches", "watchers"),
        system_field("issuelinks", "Linked Issues", "extra", "array", items="issuelinks"),
        system_field("worklog", "Log Work", "extra", "array", items="worklog"),
        system_field("timeoriginalestimate", "Original estimate", "duration", "number", "originalestimate",
                     "timeoriginalestimate"),
        system_field("timeestimate", "Remaining Estimate", "duration", "number", "remainingestimate", "timeestimate"),
        system_field("timespent", "Time Spent", "duration", "number", "timespent"),
        system_field("workratio", "Work Ratio", "number", "number", "workratio"),
        system_field("duedate", "Due date", "date", "date", "due", "duedate"),
        custom_field(EPIC_NAME, "Epic Name", "text", "string", _GREENHOPPER + "gh-epic-label"),
        custom_field(EPIC_LINK, "Epic Link", "issue", "any", _GREENHOPPER + "gh-epic-link"),
        custom_field(START_DATE, "Start date", "date", "date", _CUSTOM + "datepicker"),
        custom_field(STORY_POINT_ESTIMATE, "Story point estimate", "number", "number",
                     _GREENHOPPER + "jsw-story-points"),
        custom_field(RANK, "Rank", "rank", "any", _GREENHOPPER + "gh-lexo-rank"),
        custom_field(SPRINT, "Sprint", "sprint", "array", _GREENHOPPER + "gh-sprint", items="json"),
        number_field(STORY_POINTS, "Story Points"),
        select_field(FOUND_IN, "Found in", "Production", "Staging"),
    ]  # fmt: skip
