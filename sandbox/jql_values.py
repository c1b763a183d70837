"""What the values in a query mean on a site; refused in Jira's words when the site has no such value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.jira_extras import SECONDS_A_DAY
from sandbox.jira_fields import Field
from sandbox.jira_parts import Named
from sandbox.jira_site import JiraSite
from sandbox.jql_functions import call_values, is_function, refuse_function
from sandbox.jql_lex import JqlError, JqlUnknown
from sandbox.jql_names import Asker
from sandbox.jql_time import VALID_FORMATS, call_moment, is_time_function, parse_moment
from sandbox.jql_tree import Call, Word

_CATEGORIES = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}
_SECONDS = {"m": 60, "h": 3600, "d": SECONDS_A_DAY, "w": 5 * SECONDS_A_DAY}
_Finder = Callable[[Asker, Field, Word], Iterable[Any]]


def find_values(asker: Asker, field: Field, operand: Word | Call) -> frozenset[Any]:
    """Return the values of a field that an operand means. Raises JqlError when it means none."""
    if field.kind in ("date", "datetime"):
        return frozenset(_dates(asker, field, operand))
    if isinstance(operand, Call):
        return call_values(asker, field, operand)
    return frozenset(_FINDERS[field.kind](asker, field, operand))


def find_moment(asker: Asker, operand: Word | Call, what: str) -> datetime:
    """Return the moment that an operand means; ``what`` says where it stands: "field 'created'"."""
    if isinstance(operand, Call):
        if not is_time_function(operand.name):
            if not is_function(operand.name):
                refuse_function(operand)
            raise JqlError(f"A date for the {what} provided by the function '{operand.name}' is not valid.")
        return call_moment(operand.name, operand.arguments, asker.now, asker.zone)
    moment = parse_moment(operand.text, asker.now, asker.zone, is_number=operand.is_number)
    if moment is None:
        raise JqlError(f"Date value '{operand.text}' for {what} is invalid. {VALID_FORMATS}")
    return moment


# One finder for each kind of field


def _missing(field: Field, word: Word) -> JqlUnknown:
    return JqlUnknown(f"The value '{word.text}' does not exist for the field '{field.name}'.")


def _named(table: Callable[[JiraSite], Mapping[str, Named]]) -> _Finder:
    def find(asker: Asker, field: Field, word: Word) -> Iterable[str]:
        text = word.text.lower()
        found = [name for name, each in table(asker.site).items() if text in (name.lower(), each.id)]
        if not found and not (field.kind == "resolution" and text == "unresolved"):
            raise _missing(field, word)
        return found or [None]  # type: ignore[list-item]

    return find


def _projects(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    """A project whose key it is goes before one whose name it is."""
    text, projects = word.text.lower(), asker.site.projects.values()
    by_key = [p.key for p in projects if text == p.key.lower()]
    found = by_key or [p.key for p in projects if text in (p.name.lower(), p.id)]
    if not found:
        raise _missing(field, word)
    return found


def _users(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = []
    for user in asker.site.users.values():
        handle = user.login if asker.data_center else user.account_id
        if text in (handle.lower(), user.email.lower(), user.name.lower()):
            found.append(user.account_id)
    if not found:
        raise _missing(field, word)
    return found


def _categories(_: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = [key for key, name in _CATEGORIES.items() if text in (key, name.lower())]
    if not found:
        raise _missing(field, word)
    return found


def _components(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = {name for names in asker.site.components.values() for name in names if name.lower() == text}
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
        raise JqlUnknown(f"Sprint with {kind} '{word.text}' does not exist or you do not have permission to view it")
    return found


def _issues(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    row = asker.site.row(word.text)
    if row is None:
        raise JqlUnknown(f"An issue with key '{word.text}' does not exist for field '{field.name}'.")
    return [row.issue.key]


def _numbers(_: Asker, field: Field, word: Word) -> Iterable[Decimal]:
    try:
        return [Decimal(word.text)]
    except InvalidOperation:
        raise JqlError(
            f"Value '{word.text}' is invalid for the '{field.name}' field. You must specify a number."
        ) from None


def _durations(_: Asker, field: Field, word: Word) -> Iterable[int]:
    """A time such as "1w 2d 4h 30m", in seconds; a plain number is in minutes."""
    parts = re.findall(r"(\d+)([wdhm]?)", word.text.lower())
    if "".join(amount + unit for amount, unit in parts) != word.text.lower().replace(" ", ""):
        raise JqlError(
            f"Invalid time duration format: '{word.text}' for field '{field.name}'. Use the format '3w 4d 12h'."
        )
    return [sum(int(amount) * _SECONDS[unit or "m"] for amount, unit in parts)]


def _links(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    """A type of link by its name or by what it says in either direction."""
    text = word.text.lower()
    told = [name for each in asker.site.link_types.values() for name in (each.name, each.outward, each.inward)]
    found = {name for name in told if name.lower() == text}
    if not found:
        raise _missing(field, word)
    return found


def _options(_: Asker, field: Field, word: Word) -> Iterable[str]:
    found = [each for each in field.options if each.lower() == word.text.lower()]
    if not found:
        raise JqlUnknown(f"The option '{word.text}' for field '{field.name}' does not exist.")
    return found


def _filters(asker: Asker, field: Field, word: Word) -> Iterable[str]:
    text = word.text.lower()
    found = [saved.id for saved in asker.site.filters.values() if text in (saved.name.lower(), saved.id)]
    if not found:
        raise _missing(field, word)
    return found


def _dates(asker: Asker, field: Field, operand: Word | Call) -> Iterable[Any]:
    moment = find_moment(asker, operand, f"field '{field.name}'")
    return [moment.astimezone(asker.zone).date() if field.kind == "date" else moment]


def _free(_: Asker, __: Field, word: Word) -> Iterable[str]:
    return [word.text]


_FINDERS: Mapping[str, _Finder] = {
    "project": _projects,
    "type": _named(lambda site: site.types),
    "status": _named(lambda site: site.statuses),
    "category": _categories,
    "priority": _named(lambda site: site.priorities),
    "resolution": _named(lambda site: site.resolutions),
    "user": _users,
    "labels": _free,
    "component": _components,
    "version": _versions,
    "sprint": _sprints,
    "issue": _issues,
    "key": _issues,
    "number": _numbers,
    "level": _numbers,
    "option": _options,
    "filter": _filters,
    "duration": _durations,
    "link": _links,
}
