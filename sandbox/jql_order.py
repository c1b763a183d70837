"""What is greater than what in JQL: for comparisons and for ORDER BY."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.jira_fields import Field
from sandbox.jira_issue import Row
from sandbox.jira_site import JiraSite
from sandbox.jql_names import Asker, getter

LATEST_FIRST = frozenset({"created", "updated", "resolutiondate", "duedate", "priority", "statuscategorychangedate"})
"""Fields that are sorted downwards where a query does not say how."""


def rank(site: JiraSite, field: Field, value: Any) -> Any:
    """Return what a value is compared and sorted by."""
    match field.kind:
        case "priority":
            return -list(site.priorities).index(value)
        case "resolution":
            return list(site.resolutions).index(value)
        case "status":
            return list(site.statuses).index(value)
        case "version":
            return site.versions[value].project, list(site.versions).index(value)
        case "key" | "issue":
            project, _, number = value.rpartition("-")
            return project, int(number)
        case "user":
            return site.users[value].name.lower()
        case "number" | "level" | "duration":
            return Decimal(str(value))
        case _:
            return value.lower() if isinstance(value, str) else value


def comparable(one: Any, other: Any) -> bool:
    """Tell whether two ranks can be compared: keys and versions are within one project only."""
    return not isinstance(one, tuple) or one[0] == other[0]


def each_of(value: Any) -> tuple[Any, ...]:
    """Return a field's values: none, one, or what a list of them holds."""
    if value is None or value == "":
        return ()
    return value if isinstance(value, tuple) else (value,)


def sort_key(asker: Asker, field: Field) -> Callable[[Row], tuple[Any, ...]]:
    """Return the key of a sort; what is empty counts as greatest.

    Versions and components are listed by project first (JRA-31113).
    """
    get, site = getter(asker, field), asker.site
    if field.kind == "rank":
        return lambda row: (False, row.issue.id)

    def key(row: Row) -> tuple[Any, ...]:
        ranks = [rank(site, field, each) for each in each_of(get(row))]
        if field.kind == "component":
            ranks = [(row.issue.project, each) for each in ranks]
        return (False, min(ranks)) if ranks else (True, 0)

    return key
