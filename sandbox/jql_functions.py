"""JQL functions that return values: users, sprints, versions, projects, issues. Those for dates: ``jql_time``.

After support.atlassian.com, "JQL functions". A function that gives many values stands after IN, one that
gives a single value after =; the order of versions is that of the release page, not that of their dates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sandbox.jira_extras import Mark
from sandbox.jira_fields import Field
from sandbox.jira_issue import Row
from sandbox.jira_parts import Project, Version
from sandbox.jql_lex import JqlError, JqlUnserved
from sandbox.jql_names import Asker
from sandbox.jql_time import is_time_function, parse_moment
from sandbox.jql_tree import Call, show

_UNSERVED = frozenset(
    {"approved", "approver", "cascadeoption", "choiceoption", "componentsleadbyuser", "currentlogin", "issuehistory",
     "lastlogin", "projectswhereuserhaspermission", "projectswhereuserhasrole", "spaceswhereuserhaspermission",
     "spaceswhereuserhasrole", "workitemhistory"}
)  # fmt: skip
_Values = Callable[[Asker, Call], frozenset[Any]]


def is_function(name: str) -> bool:
    """Tell whether the sandbox has a function of that name that returns values."""
    return name.lower() in _FUNCTIONS


def gives_many(name: str) -> bool:
    """Tell whether a function stands for a list; one that nobody knows counts as either."""
    return name.lower() in _FUNCTIONS and name.lower() not in _SINGLE


def gives_one(name: str) -> bool:
    """Tell whether a function stands for a single value."""
    return name.lower() in _SINGLE or is_time_function(name)


def call_values(asker: Asker, field: Field, call: Call) -> frozenset[Any]:
    """Return the values that a function gives for a field. Raises JqlError when it gives none of that kind."""
    if not is_function(call.name):
        refuse_function(call)
    kinds, least, most, values = _FUNCTIONS[call.name.lower()] if is_function(call.name) else _NOTHING
    if field.kind not in kinds:
        raise JqlError(f"A value provided by the function '{call.name}' is invalid for the field '{field.name}'.")
    _check_count(call, least, most)
    return values(asker, call)


def refuse_function(call: Call) -> None:
    """Refuse a function that is neither one for values nor one for dates."""
    if call.name.lower() in _UNSERVED:
        raise JqlUnserved(f"the function '{call.name}'")
    if not is_time_function(call.name):
        raise JqlError(f"Unable to find JQL function '{show(call)}'.")


def _check_count(call: Call, least: int, most: int) -> None:
    given = len(call.arguments)
    if not least <= given <= most:
        wanted = f"'{least}'" if least == most else f"between '{least}' and '{most}'"
        raise JqlError(f"Function '{call.name}' expected {wanted} arguments but received '{given}'.")


# Users


def _current_user(asker: Asker, _: Call) -> frozenset[str]:
    return frozenset({asker.user.account_id})


def _find_user(asker: Asker, call: Call, text: str) -> str:
    for user in asker.site.users.values():
        handle = user.login if asker.data_center else user.account_id
        if text.lower() in (handle.lower(), user.email.lower(), user.name.lower()):
            return user.account_id
    raise JqlError(f"The user '{text}' does not exist for the function '{call.name}'.")


def _members_of(asker: Asker, call: Call) -> frozenset[str]:
    wanted = call.arguments[0].lower()
    for name, members in asker.site.groups.items():
        if name.lower() == wanted:
            return members
    raise JqlError(
        f"Function '{call.name}' can not generate a list of usernames for group '{call.arguments[0]}'; "
        "the group does not exist."
    )


# Sprints


def _sprints(state: str) -> _Values:
    def values(asker: Asker, _: Call) -> frozenset[int]:
        return frozenset(each.id for each in asker.site.sprints.values() if each.state(asker.now) == state)

    return values


# Versions


def _released(*, wanted: bool) -> _Values:
    def values(asker: Asker, call: Call) -> frozenset[str]:
        projects = {_find_project(asker, call, text).key for text in call.arguments}
        return frozenset(
            each.id
            for each in asker.site.versions.values()
            if (not projects or each.project in projects) and _is_released(asker, each) == wanted
        )

    return values


def _edge_version(*, released: bool) -> _Values:
    def values(asker: Asker, call: Call) -> frozenset[str]:
        key = _find_project(asker, call, call.arguments[0]).key
        versions = [each.id for each in asker.site.versions.values() if each.project == key
                    and _is_released(asker, each) == released]  # fmt: skip
        return frozenset(versions[-1:] if released else versions[:1])

    return values


def _is_released(asker: Asker, version: Version) -> bool:
    return version.released is not None and version.released <= asker.now.astimezone(asker.zone).date()


def _find_project(asker: Asker, call: Call, text: str) -> Project:
    for place in range(3):
        for project in asker.site.projects.values():
            if (project.key, project.name, project.id)[place].lower() == text.lower():
                return project
    raise JqlError(f"Could not resolve the project '{text}' provided to function '{call.name}'.")


# Types, projects, issues


def _types(*, sub: bool) -> _Values:
    def values(asker: Asker, _: Call) -> frozenset[str]:
        return frozenset(name for name, each in asker.site.types.items() if (each.group == "-1") == sub)

    return values


def _led_by(asker: Asker, call: Call) -> frozenset[str]:
    lead = _find_user(asker, call, call.arguments[0]) if call.arguments else asker.user.account_id
    return frozenset(each.key for each in asker.site.projects.values() if each.lead == lead)


def _updated_by(asker: Asker, call: Call) -> frozenset[str]:
    """Who created or changed it, within whole days: what is smaller than a day is rounded up to one."""
    user = _find_user(asker, call, call.arguments[0])
    bounds = [_day(asker, call, text) for text in call.arguments[1:]]
    start = bounds[0] if bounds else datetime.min.replace(tzinfo=asker.zone)
    end = bounds[1] + timedelta(days=1) if len(bounds) > 1 else datetime.max.replace(tzinfo=asker.zone)
    return frozenset(row.issue.key for row in asker.site.rows() if _touched(row, user, start, end))


def _touched(row: Row, user: str, start: datetime, end: datetime) -> bool:
    touches = [(row.issue.creator, row.issue.created), *((change.by, change.at) for change in row.changes)]
    return any(by == user and start <= at < end for by, at in touches)


def _day(asker: Asker, call: Call, text: str) -> datetime:
    moment = parse_moment(text, asker.now, asker.zone, is_number=False)
    if moment is None:
        raise JqlError(f"Date value '{text}' for function '{call.name}' is invalid.")
    if re.match(r"\d{4}[-/]", text):
        return datetime.combine(moment.date(), time(), asker.zone)
    return asker.now - timedelta(days=math.ceil((asker.now - moment) / timedelta(days=1)))


def _linked(asker: Asker, call: Call) -> frozenset[str]:
    """The issues that an issue is linked with, by any link or by those that say one of the words."""
    row = asker.site.row(call.arguments[0])
    if row is None:
        raise JqlError(f"Issue '{call.arguments[0]}' could not be found in function '{call.name}'.")
    says = {text.lower() for text in call.arguments[1:]}
    known = {name.lower() for each in asker.site.link_types.values() for name in (each.outward, each.inward)}
    for text in call.arguments[1:]:
        if text.lower() not in known:
            raise JqlError(f"Issue link type '{text}' could not be found in function '{call.name}'.")
    return frozenset(each.other for each in row.extras.links if not says or each.says.lower() in says)


def _voted(asker: Asker, _: Call) -> frozenset[str]:
    return _marked_by(asker, lambda row: row.extras.votes)


def _watched(asker: Asker, _: Call) -> frozenset[str]:
    return _marked_by(asker, lambda row: row.extras.watches)


def _marked_by(asker: Asker, marks: Callable[[Row], tuple[Mark, ...]]) -> frozenset[str]:
    me = asker.user.account_id
    return frozenset(row.issue.key for row in asker.site.rows() if any(mark.by == me for mark in marks(row)))


_NOTHING: tuple[frozenset[str], int, int, _Values] = (frozenset(), 0, 0, lambda _, __: frozenset())
_SPRINT, _VERSION, _TYPE = frozenset({"sprint"}), frozenset({"version"}), frozenset({"type"})
_PROJECT, _ISSUE = frozenset({"project"}), frozenset({"key", "issue"})
_SINGLE = frozenset({"currentuser", "latestreleasedversion", "earliestunreleasedversion"})
_ANY_NUMBER = 1000
_FUNCTIONS: Mapping[str, tuple[frozenset[str], int, int, _Values]] = {
    "currentuser": (frozenset({"user"}), 0, 0, _current_user),
    "membersof": (frozenset({"user"}), 1, 1, _members_of),
    "opensprints": (_SPRINT, 0, 0, _sprints("active")),
    "closedsprints": (_SPRINT, 0, 0, _sprints("closed")),
    "futuresprints": (_SPRINT, 0, 0, _sprints("future")),
    "releasedversions": (_VERSION, 0, _ANY_NUMBER, _released(wanted=True)),
    "unreleasedversions": (_VERSION, 0, _ANY_NUMBER, _released(wanted=False)),
    "latestreleasedversion": (_VERSION, 1, 1, _edge_version(released=True)),
    "earliestunreleasedversion": (_VERSION, 1, 1, _edge_version(released=False)),
    "standardissuetypes": (_TYPE, 0, 0, _types(sub=False)),
    "standardworktypes": (_TYPE, 0, 0, _types(sub=False)),
    "subtaskissuetypes": (_TYPE, 0, 0, _types(sub=True)),
    "subtaskworktypes": (_TYPE, 0, 0, _types(sub=True)),
    "projectsleadbyuser": (_PROJECT, 0, 1, _led_by),
    "spacesleadbyuser": (_PROJECT, 0, 1, _led_by),
    "updatedby": (_ISSUE, 1, 3, _updated_by),
    "linkedissues": (_ISSUE, 1, _ANY_NUMBER, _linked),
    "linkedworkitems": (_ISSUE, 1, _ANY_NUMBER, _linked),
    "votedissues": (_ISSUE, 0, 0, _voted),
    "votedworkitems": (_ISSUE, 0, 0, _voted),
    "watchedissues": (_ISSUE, 0, 0, _watched),
    "watchedworkitems": (_ISSUE, 0, 0, _watched),
}
"""By name: the kinds of field that take its values, how many arguments it has, and what it gives."""
