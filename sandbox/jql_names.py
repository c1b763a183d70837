"""What the names in a query mean on a site: fields, values, functions; refused in Jira's words when unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.jira_fields import EPIC_LINK, Field
from sandbox.jira_site import JiraSite, Named, Row, User
from sandbox.jql_lex import JqlError, JqlUnserved
from sandbox.jql_time import VALID_FORMATS, call_moment, is_time_function, parse_moment
from sandbox.jql_tree import Call, FieldName, Word, show

Getter = Callable[[Row], Any]
_CATEGORIES = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
_UNSERVED_FIELDS = frozenset(
    {"attachments", "category", "comment", "environment", "filter", "hierarchylevel", "issuelinktype", "lastviewed",
     "level", "originalestimate", "parentepic", "projecttype", "remainingestimate", "request", "savedfilter",
     "searchrequest", "timeestimate", "timeoriginalestimate", "timespent", "voter", "votes", "watcher", "watchers",
     "workratio", "worklogauthor", "worklogcomment", "worklogdate"}
)  # fmt: skip
_UNSERVED_FUNCTIONS = frozenset(
    {"cascadeoption", "componentsleadbyuser", "currentlogin", "issuehistory", "lastlogin", "linkedissues",
     "membersof", "projectsleadbyuser", "projectswhereuserhaspermission", "projectswhereuserhasrole", "updatedby",
     "votedissues", "watchedissues"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when: dates are read in their time zone."""

    site: JiraSite
    user: User
    now: datetime
    zone: tzinfo


def find_field(site: JiraSite, name: FieldName) -> Field:
    """Return the field of that name, under the name that was used. Raises JqlError when the site has none."""
    clause = name.clause
    if clause == "text":
        return Field("text", "text", "text", ("text",), {})
    for field in site.fields.values():
        if clause in field.clauses:
            return replace(field, name=name.text)
    if clause in _UNSERVED_FIELDS:
        raise JqlUnserved(f"the field '{name.text}'")
    raise JqlError(f"Field '{name.text}' does not exist or you do not have permission to view it.")


def getter(site: JiraSite, field: Field) -> Getter:
    """Return what reads the field's value, or tuple of values, from a row."""
    match field.id:
        case "issuekey":
            return lambda row: row.issue.key
        case "project":
            return lambda row: row.issue.project
        case "created":
            return lambda row: row.issue.created
        case "updated":
            return lambda row: row.updated
        case "creator":
            return lambda row: row.issue.creator
        case "statusCategory":
            return lambda row: site.category(row.values["status"])
        case "text":
            return lambda row: f"{row.values.get('summary') or ''} {row.values.get('description') or ''}"
        case _ if field.id == EPIC_LINK:
            return lambda row: epic_of(site, row)
        case _:
            return lambda row: row.values.get(field.id)


def epic_of(site: JiraSite, row: Row) -> str | None:
    """Return the key of the epic that an issue is in: its parent, when that is an epic."""
    parent = row.values.get("parent")
    above = site.issues.get(parent) if parent else None
    return parent if above is not None and site.types[above.last("issuetype")].group == "1" else None


def find_values(asker: Asker, field: Field, operand: Word | Call) -> frozenset[Any]:
    """Return the values of a field that an operand means. Raises JqlError when it means none."""
    if isinstance(operand, Call):
        return _call(asker, field, operand)
    return frozenset(_FINDERS[field.kind](asker, field, operand))


def find_moment(asker: Asker, operand: Word | Call, what: str) -> datetime:
    """Return the moment that an operand means; ``what`` says where it stands: "field 'created'"."""
    if isinstance(operand, Call):
        if not is_time_function(operand.name):
            _refuse_function(operand)
            raise JqlError(f"A date for the {what} provided by the function '{operand.name}' is not valid.")
        return call_moment(operand.name, operand.arguments, asker.now, asker.zone)
    moment = parse_moment(operand.text, asker.now, asker.zone)
    if moment is None:
        raise JqlError(f"Date value '{operand.text}' for {what} is invalid. {VALID_FORMATS}")
    return moment


def _call(asker: Asker, field: Field, call: Call) -> frozenset[Any]:
    site, name = asker.site, call.name.lower()
    if field.kind in ("date", "datetime"):
        return frozenset(_dates(asker, field, call))
    if name == "currentuser" and field.kind == "user":
        return frozenset({asker.user.account_id})
    if field.kind == "sprint" and name in ("opensprints", "closedsprints", "futuresprints"):
        state = {"opensprints": "active", "closedsprints": "closed", "futuresprints": "future"}[name]
        return frozenset(each.id for each in site.sprints.values() if each.state(asker.now) == state)
    if field.kind == "version" and name in ("releasedversions", "unreleasedversions"):
        today = asker.now.astimezone(asker.zone).date()
        return frozenset(
            each.id
            for each in site.versions.values()
            if (not call.arguments or each.project in call.arguments)
            and (each.released is not None and each.released <= today) == (name == "releasedversions")
        )
    if field.kind == "type" and name in ("standardissuetypes", "subtaskissuetypes"):
        return frozenset(n for n, each in site.types.items() if (each.group == "-1") == name.startswith("sub"))
    _refuse_function(call)
    raise JqlError(f"A value provided by the function '{call.name}' is invalid for the field '{field.name}'.")


def _refuse_function(call: Call) -> None:
    name = call.name.lower()
    if name in _UNSERVED_FUNCTIONS:
        raise JqlUnserved(f"the function '{call.name}'")
    known = {"currentuser", "opensprints", "closedsprints", "futuresprints", "releasedversions", "unreleasedversions",
             "standardissuetypes", "subtaskissuetypes"}  # fmt: skip
    if name not in known and not is_time_function(name):
        raise JqlError(f"Unable to find JQL function '{show(call)}'.")


# One finder for each kind of field


def _missing(field: Field, word: Word) -> JqlError:
    return JqlError(f"The value '{word.text}' does not exist for the field '{field.name}'.")


def _named(table: Callable[[JiraSite], Mapping[str, Named]]) -> Callable[[Asker, Field, Word], Iterable[str]]:
    def find(asker: Asker, field: Field, word: Word) -> Iterable[str]:
        text = word.text.lower()
        found = [name for name, each in table(asker.site).items() if text in (name.lower(), each.id)]
        if not found and not (field.kind == "resolution" and text == "unresolved"):
            raise _missing(field, word)
        return found or [None]  # type: ignore[list-item]

    return find


def _projects(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = [p.key for p in asker.site.projects.values() if text in (p.key.lower(), p.name.lower(), p.id)]
    if not found:
        raise _missing(field, word)
    return found


def _users(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    users = asker.site.users.values()
    found = [u.account_id for u in users if text in (u.account_id.lower(), u.email.lower(), u.name.lower())]
    if not found:
        raise _missing(field, word)
    return found


def _categories(_: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = [key for key, name in _CATEGORIES.items() if text in (key, name.lower())]
    if not found:
        raise _missing(field, word)
    return found


def _versions(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = [v.id for v in asker.site.versions.values() if text in (v.name.lower(), v.id)]
    if not found:
        raise _missing(field, word)
    return found


def _sprints(asker: Asker, _: Field, word: Word) -> Iterable[int]:
    text = word.text.lower()
    found = [s.id for s in asker.site.sprints.values() if text in (s.name.lower(), str(s.id))]
    if not found:
        kind = "id" if word.is_number else "name"
        raise JqlError(f"Sprint with {kind} '{word.text}' does not exist or you do not have permission to view it")
    return found


def _issues(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    row = asker.site.row(word.text)
    if row is None:
        raise JqlError(f"An issue with key '{word.text}' does not exist for field '{field.name}'.")
    return [row.issue.key]


def _numbers(_: Asker, field: Field, word: Word) -> Iterable[Decimal]:
    try:
        return [Decimal(word.text)]
    except InvalidOperation:
        raise JqlError(
            f"Value '{word.text}' is invalid for the '{field.name}' field. You must specify a number."
        ) from None


def _options(_: Asker, field: Field, word: Word) -> Iterable[str]:
    found = [each for each in field.options if each.lower() == word.text.lower()]
    if not found:
        raise JqlError(f"The option '{word.text}' for field '{field.name}' does not exist.")
    return found


def _dates(asker: Asker, field: Field, operand: Word | Call) -> Iterable[Any]:
    moment = find_moment(asker, operand, f"field '{field.name}'")
    return [moment.astimezone(asker.zone).date() if field.kind == "date" else moment]


def _free(_: Asker, __: Field, word: Word) -> Iterable[str]:
    return [word.text]


_FINDERS: Mapping[str, Callable[[Asker, Field, Word], Iterable[Any]]] = {
    "project": _projects,
    "type": _named(lambda site: site.types),
    "status": _named(lambda site: site.statuses),
    "category": _categories,
    "priority": _named(lambda site: site.priorities),
    "resolution": _named(lambda site: site.resolutions),
    "user": _users,
    "labels": _free,
    "component": _free,
    "version": _versions,
    "sprint": _sprints,
    "issue": _issues,
    "key": _issues,
    "number": _numbers,
    "option": _options,
    "date": _dates,
    "datetime": _dates,
}
