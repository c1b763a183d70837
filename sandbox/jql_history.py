"""WAS and CHANGED: what a field once was, who changed it, and when, by an issue's changelog as of now.

``WAS x`` is true of an issue that has or ever had the value, within the given times if there are any; ``BY``
asks who set it. After support.atlassian.com, "JQL operators".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sandbox.jira_fields import Field
from sandbox.jira_issue import Row
from sandbox.jql_lex import JqlError
from sandbox.jql_names import Asker
from sandbox.jql_tree import Call, Clause, Empty, Many, Operand, Word, show
from sandbox.jql_values import find_moment, find_values

Test = Callable[[Row], bool]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Spell:
    """A time during which a field had one value, and who gave it that value."""

    value: Any
    start: datetime
    end: datetime | None
    by: str
    before: Any
    is_change: bool


@dataclass(frozen=True, slots=True)
class _Terms:
    """What the predicates ask. Moments are half-open: from ``start``, before ``end``."""

    start: datetime | None = None
    end: datetime | None = None
    by: frozenset[Any] | None = None
    old: frozenset[Any] | None = None
    new: frozenset[Any] | None = None


def make_history_test(asker: Asker, field: Field, clause: Clause, operator: str) -> Test:
    """Return the test of a WAS or CHANGED clause. ``operator`` may be the opposite of the clause's own."""
    terms = _read_terms(asker, field, clause)
    if operator.endswith("changed"):
        return _turn(_changed(field, terms), opposite=operator.startswith("not"))
    assert clause.operand is not None
    wanted = _values(asker, field, clause.operand)
    return _turn(_was(field, wanted, terms), opposite="not" in operator)


def _was(field: Field, wanted: frozenset[Any], terms: _Terms) -> Test:
    def test(row: Row) -> bool:
        return any(
            _has(spell.value, wanted) and _overlaps(spell, terms) and (terms.by is None or spell.by in terms.by)
            for spell in _spells(row, field.id)
        )

    return test


def _changed(field: Field, terms: _Terms) -> Test:
    def test(row: Row) -> bool:
        return any(
            spell.is_change
            and (terms.start is None or terms.start <= spell.start)
            and (terms.end is None or spell.start < terms.end)
            and (terms.by is None or spell.by in terms.by)
            and (terms.old is None or _has(spell.before, terms.old))
            and (terms.new is None or _has(spell.value, terms.new))
            for spell in _spells(row, field.id)
        )

    return test


def _turn(test: Test, *, opposite: bool) -> Test:
    return (lambda row: not test(row)) if opposite else test


def _spells(row: Row, name: str) -> Iterator[_Spell]:
    issue = row.issue
    value, start, by, before, is_change = issue.first.get(name), issue.created, issue.creator, None, False
    for change in row.changes:
        for item in change.items:
            if item.field == name:
                yield _Spell(value, start, change.at, by, before, is_change)
                value, start, by, before, is_change = item.new, change.at, change.by, item.old, True
    yield _Spell(value, start, None, by, before, is_change)


def _has(value: Any, wanted: frozenset[Any]) -> bool:
    if isinstance(value, tuple):
        return any(each in wanted for each in value) if value else None in wanted
    return value in wanted


def _overlaps(spell: _Spell, terms: _Terms) -> bool:
    started = terms.end is None or spell.start < terms.end
    return started and (terms.start is None or spell.end is None or spell.end > terms.start)


# Reading the predicates


def _read_terms(asker: Asker, field: Field, clause: Clause) -> _Terms:
    terms: dict[str, Any] = {}
    for name, operand in clause.predicates:
        if name in ("from", "to"):
            terms["old" if name == "from" else "new"] = _values(asker, field, operand)
        elif name == "by":
            users = asker.site.fields["assignee"]
            terms["by"] = _values(asker, users, operand)
        else:
            terms |= _bounds(asker, name, operand)
    return _Terms(**terms)


def _values(asker: Asker, field: Field, operand: Operand) -> frozenset[Any]:
    if isinstance(operand, Many):
        return frozenset().union(*(_values(asker, field, each) for each in operand.items))
    return frozenset({None}) if isinstance(operand, Empty) else find_values(asker, field, operand)


def _bounds(asker: Asker, name: str, operand: Operand) -> dict[str, datetime]:
    if name == "during":
        if not isinstance(operand, Many) or len(operand.items) != 2:
            raise JqlError("The DURING predicate must be supplied with exactly 2 date values.")
        start, end = (_moment(asker, name, each) for each in operand.items)
        return {"start": start, "end": end + timedelta(microseconds=1)}
    if isinstance(operand, Many):
        raise JqlError(f"The {name.upper()} predicate must be supplied with only 1 date value.")
    moment = _moment(asker, name, operand)
    if name == "on":
        local = moment.astimezone(asker.zone)
        day = datetime.combine(local.date(), time(), asker.zone)
        return {"start": day, "end": datetime.combine(local.date() + _DAY, time(), asker.zone)}
    return {"start": moment + timedelta(microseconds=1)} if name == "after" else {"end": moment}


def _moment(asker: Asker, name: str, operand: Operand) -> datetime:
    if not isinstance(operand, Word | Call):
        raise JqlError(f"The {name.upper()} predicate can't be supplied with {show(operand)}.")
    return find_moment(asker, operand, f"predicate '{name}'")
