"""Which issues a query means: its conditions as tests on rows, and their order.

Two rules of Jira that surprise people are kept: ``!=`` and ``NOT IN`` leave out issues whose field is empty,
and NOT turns each operator inside it into its opposite (De Morgan), so ``NOT labels = x`` leaves them out too.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.jira_fields import Field
from sandbox.jira_site import JiraSite, Row, User
from sandbox.jql import parse_jql
from sandbox.jql_history import make_history_test
from sandbox.jql_lex import JqlError
from sandbox.jql_names import Asker, find_field, find_values, getter
from sandbox.jql_text import make_finder
from sandbox.jql_tree import Both, Call, Clause, Condition, Either, Empty, Many, Operand, Opposite, Sort, Word

Test = Callable[[Row], bool]
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
MOST_SORTS = 7

_OPPOSITES = {
    "=": "!=", "in": "not in", "is": "is not", "~": "!~", "<": ">=", ">": "<=", "was": "was not",
    "was in": "was not in", "changed": "not changed",
}  # fmt: skip
_OPPOSITES |= {value: key for key, value in _OPPOSITES.items()}
_COMPARE = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_EQUALITY = frozenset({"=", "!=", "in", "not in", "is", "is not"})
_TEXT = frozenset({"~", "!~", "is", "is not"})
_HISTORY = frozenset({"was", "was not", "was in", "was not in", "changed", "not changed"})
_HISTORIED = frozenset({"assignee", "fixVersions", "priority", "reporter", "resolution", "status"})
_ORDERED = frozenset({"key", "priority", "resolution", "version", "date", "datetime", "number"})
_LATEST_FIRST = frozenset({"created", "updated", "resolutiondate", "duedate", "priority", "statuscategorychangedate"})


@dataclass(frozen=True, slots=True)
class Search:
    """A query that can be run: the test of a row, and the sorts, first one first."""

    asker: Asker
    test: Test
    order: tuple[Sort, ...]

    def run(self) -> list[Row]:
        """Return the rows that it means, in its order; without one the newest issue first."""
        rows = [row for row in self.asker.site.rows() if self.test(row)]
        if not self.order:
            return rows[::-1]
        for sort in reversed(self.order):
            field = find_field(self.asker.site, sort.field)
            descending = sort.descending if sort.descending is not None else field.id in _LATEST_FIRST
            key = _sort_key(self.asker.site, field)
            rows.sort(key=key, reverse=descending)
        return rows


def make_search(site: JiraSite, user: User, text: str, *, bounded: bool = True) -> Search:
    """Read and check a query. Raises JqlError with every reason why Jira would refuse it."""
    query = parse_jql(text)
    asker = Asker(site, user, site.now(), ZoneInfo(user.zone))
    if query.where is None and bounded:
        raise JqlError(UNBOUNDED)
    maker = _Maker(asker)
    test = maker.make(query.where, negated=False) if query.where is not None else _all
    for sort in query.order:
        maker.check_sort(sort)
    if len(query.order) > MOST_SORTS:
        maker.errors.append(f"The orderBy clause can contain a maximum of {MOST_SORTS} fields.")
    if maker.errors:
        raise JqlError(*dict.fromkeys(maker.errors))
    return Search(asker, test, query.order)


def _all(_: Row) -> bool:
    return True


class _Maker:
    """Makes tests, and collects what is wrong on the way."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.errors: list[str] = []

    def check_sort(self, sort: Sort) -> None:
        try:
            find_field(self.asker.site, sort.field)
        except JqlError:
            self.errors.append(f"Not able to sort using field '{sort.field.text}'.")

    def make(self, condition: Condition, *, negated: bool) -> Test:
        match condition:
            case Opposite(part):
                return self.make(part, negated=not negated)
            case Both(parts) | Either(parts):
                tests = tuple(self.make(part, negated=negated) for part in parts)
                if isinstance(condition, Both) != negated:
                    return lambda row: all(test(row) for test in tests)
                return lambda row: any(test(row) for test in tests)
            case Clause():
                try:
                    return self._clause(condition, _OPPOSITES[condition.operator] if negated else condition.operator)
                except JqlError as error:
                    self.errors.extend(error.messages)
                    return _all

    def _clause(self, clause: Clause, operator: str) -> Test:
        field = find_field(self.asker.site, clause.field)
        if operator in _HISTORY:
            if field.id not in _HISTORIED:
                raise JqlError(f"History searches do not support the '{field.name}' field.")
            return make_history_test(self.asker, field, clause, operator)
        if operator not in _operators(field):
            raise JqlError(f"The operator '{clause.operator}' is not supported by the '{field.name}' field.")
        get = getter(self.asker.site, field)
        assert clause.operand is not None
        if operator in ("~", "!~"):
            return _text(field, get, clause.operand, wanted=operator == "~")
        if operator in _COMPARE:
            return self._comparison(field, get, clause.operand, operator)
        return self._equality(field, get, clause.operand, positive=operator in ("=", "in", "is"))

    def _equality(self, field: Field, get: Callable[[Row], Any], operand: Operand, *, positive: bool) -> Test:
        wanted, with_empty = self._values(field, operand)
        if positive:
            return _having(get, wanted, with_empty=with_empty)
        return _lacking(get, wanted)

    def _values(self, field: Field, operand: Operand) -> tuple[frozenset[Any], bool]:
        """Return the values that an operand means, and whether it means the empty one too."""
        wanted: set[Any] = set()
        errors: list[str] = []
        for each in _flatten(operand):
            try:
                wanted |= {None} if isinstance(each, Empty) else find_values(self.asker, field, each)
            except JqlError as error:
                errors += error.messages
        if errors:
            raise JqlError(*errors)
        return frozenset(wanted - {None}), None in wanted

    def _comparison(self, field: Field, get: Callable[[Row], Any], operand: Operand, operator: str) -> Test:
        assert isinstance(operand, Word | Call)
        site, compare = self.asker.site, _COMPARE[operator]
        bounds = [_rank(site, field, value) for value in find_values(self.asker, field, operand)]

        def test(row: Row) -> bool:
            for value in _each(get(row)):
                rank = _rank(site, field, value)
                if any(_comparable(rank, bound) and compare(rank, bound) for bound in bounds):
                    return True
            return False

        return test


def _operators(field: Field) -> frozenset[str]:
    if field.kind == "text":
        return _TEXT - {"!~"} if field.id == "text" else _TEXT
    if field.kind == "rank":
        return frozenset()
    return _EQUALITY | _COMPARE.keys() if field.kind in _ORDERED else _EQUALITY


def _flatten(operand: Operand) -> Iterable[Word | Call | Empty]:
    if isinstance(operand, Many):
        for item in operand.items:
            yield from _flatten(item)
    else:
        yield operand


def _each(value: Any) -> tuple[Any, ...]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, tuple) else (value,)


def _having(get: Callable[[Row], Any], wanted: frozenset[Any], *, with_empty: bool) -> Test:
    def test(row: Row) -> bool:
        value = get(row)
        if isinstance(value, tuple):
            return any(each in wanted for each in value) if value else with_empty
        return with_empty if value is None or value == "" else value in wanted

    return test


def _lacking(get: Callable[[Row], Any], wanted: frozenset[Any]) -> Test:
    def test(row: Row) -> bool:
        value = get(row)
        if isinstance(value, tuple):
            return bool(value) and not any(each in wanted for each in value)
        return value is not None and value != "" and value not in wanted

    return test


def _text(field: Field, get: Callable[[Row], Any], operand: Operand, *, wanted: bool) -> Test:
    if isinstance(operand, Empty):
        return _having(get, frozenset(), with_empty=True) if wanted else _lacking(get, frozenset())
    if not isinstance(operand, Word):
        raise JqlError(f"The operator '~' of the '{field.name}' field takes a text.")
    find = make_finder(field.name, operand.text)

    def test(row: Row) -> bool:
        value = get(row)
        return bool(value) and find(value) == wanted

    return test


# What is greater than what


def _rank(site: JiraSite, field: Field, value: Any) -> Any:
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
        case "number":
            return Decimal(str(value))
        case _:
            return value.lower() if isinstance(value, str) else value


def _comparable(one: Any, other: Any) -> bool:
    """Keys and versions compare within one project only."""
    return not isinstance(one, tuple) or one[0] == other[0]


def _sort_key(site: JiraSite, field: Field) -> Callable[[Row], tuple[bool, Any]]:
    """Return the key of a sort; what is empty counts as greatest."""
    get = getter(site, field)
    if field.kind == "rank":
        return lambda row: (False, row.issue.id)

    def key(row: Row) -> tuple[bool, Any]:
        ranks = [_rank(site, field, each) for each in _each(get(row))]
        return (False, min(ranks)) if ranks else (True, 0)

    return key
