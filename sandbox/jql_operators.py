"""Which operators a field takes in JQL, by the tables of support.atlassian.com, "JQL fields".

One row differs from the tables: ``parent IS EMPTY``, which they list as unsupported, is served, as Cloud does.
"""

from __future__ import annotations

from sandbox.jira_fields import Field

OPPOSITES = {
    "=": "!=", "in": "not in", "is": "is not", "~": "!~", "<": ">=", ">": "<=", "was": "was not",
    "was in": "was not in", "changed": "not changed",
}  # fmt: skip
OPPOSITES |= {value: key for key, value in OPPOSITES.items()}
HISTORY = frozenset({"was", "was not", "was in", "was not in", "changed", "not changed"})
HISTORIED = frozenset({"assignee", "fixVersions", "priority", "reporter", "resolution", "status"})

_CHOICE = frozenset({"=", "!=", "in", "not in"})
_EMPTY = frozenset({"is", "is not"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_LIKE = frozenset({"~", "!~"})
_ORDERED_KINDS = frozenset({"priority", "resolution", "version", "date", "datetime", "number", "duration"})
_SPECIAL = {
    "comment": _LIKE, "worklogcomment": frozenset({"~"}), "votes": _CHOICE | _ORDER, "watches": _CHOICE | _ORDER,
    "issuelinktype": _CHOICE, "issuelink": _CHOICE,
}  # fmt: skip
"""Fields that take fewer operators than others of their kind."""


def operators_of(field: Field, *, data_center: bool) -> frozenset[str]:
    """Return the operators that a field takes, apart from WAS and CHANGED."""
    if special := _SPECIAL.get(field.id.partition(":")[0]):
        return special
    match field.kind:
        case "text":
            return frozenset({"~"}) if field.id == "text" else _LIKE | _EMPTY
        case "rank":
            return frozenset()
        case "filter":
            return _CHOICE
        case "level":
            return _CHOICE | _ORDER
        case "key":
            return _CHOICE | _ORDER | (frozenset() if data_center else _LIKE)
        case "version" if data_center:  # only the pages for Data Center have ~ for versions
            return _CHOICE | _EMPTY | _ORDER | _LIKE
        case kind:
            return _CHOICE | _EMPTY | (_ORDER if kind in _ORDERED_KINDS else frozenset())
