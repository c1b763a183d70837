"""Which issues a query means: its conditions as tests on rows, and their order.

Two rules of Jira that surprise people are kept: ``!=`` and ``NOT IN`` leave out issues whose field is empty,
and NOT turns each operator inside it into its opposite (De Morgan), so ``NOT labels = x`` leaves them out too.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.jira_fields import Field
from sandbox.jira_issue import Row
from sandbox.jira_parts import User
from sandbox.jira_site import JiraSite
from sandbox.jql import parse_jql
from sandbox.jql_functions import gives_many, gives_one
from sandbox.jql_history import make_history_test
from sandbox.jql_lex import JqlError, JqlUnknown
from sandbox.jql_names import Asker, find_field, getter
from sandbox.jql_operators import HISTORIED, HISTORY, OPPOSITES, operators_of
from sandbox.jql_order import LATEST_FIRST, comparable, each_of, rank, sort_key
from sandbox.jql_text import make_finder, make_wildcard
from sandbox.jql_tree import Both, Call, Clause, Condition, Either, Empty, Many, Operand, Opposite, Sort, Word, show
from sandbox.jql_values import find_values

Test = Callable[[Row], bool]
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
MOST_SORTS = 7
_COMPARE = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}


@dataclass(frozen=True, slots=True)
class Search:
    """A query that can be run: the test of a row, and the sorts, first one first.

    ``warnings`` are the refusals that a lenient search let pass.
    """

    asker: Asker
    test: Test
    order: tuple[Sort, ...]
    warnings: tuple[str, ...] = ()

    def run(self) -> list[Row]:
        """Return the rows that it means, in its order; without one the newest issue first."""
        rows = [row for row in self.asker.site.rows() if self.test(row)]
        if not self.order:
            return rows[::-1]
        for sort in reversed(self.order):
            field = find_field(self.asker, sort.field)
            descending = sort.descending if sort.descending is not None else field.id in LATEST_FIRST
            rows.sort(key=sort_key(self.asker, field), reverse=descending)
        return rows


def make_search(
    site: JiraSite,
    user: User,
    text: str,
    *,
    bounded: bool = True,
    lenient: bool = False,
    data_center: bool = False,
) -> Search:
    """Read and check a query. Raises JqlError with every reason why Jira would refuse it.

    Args:
        bounded: refuse a query without a restriction, as Cloud does.
        lenient: a field or value that the site doesn't have means no issue, and a warning.
        data_center: go by the rules of Data Center.
    """
    asker = Asker(site, user, site.now(), ZoneInfo(user.zone), data_center)
    return _make(asker, text, bounded=bounded, lenient=lenient, within=())


def _make(asker: Asker, text: str, *, bounded: bool, lenient: bool, within: tuple[str, ...]) -> Search:
    query = parse_jql(text)
    if query.where is None and bounded:
        raise JqlError(UNBOUNDED)
    maker = _Maker(asker, within, lenient=lenient)
    test = maker.make(query.where, negated=False) if query.where is not None else _all
    order = tuple(sort for sort in query.order if maker.check_sort(sort))
    if len(query.order) > MOST_SORTS:
        maker.errors.append(f"The orderBy clause can contain a maximum of {MOST_SORTS} fields.")
    if maker.errors:
        raise JqlError(*dict.fromkeys(maker.errors))
    return Search(asker, test, order, tuple(dict.fromkeys(maker.warnings)))


def _all(_: Row) -> bool:
    return True


def _none(_: Row) -> bool:
    return False


class _Maker:
    """Makes tests, and collects what is wrong on the way. ``within`` are the saved filters that led here."""

    def __init__(self, asker: Asker, within: tuple[str, ...], *, lenient: bool) -> None:
        self.asker = asker
        self.within = within
        self.lenient = lenient
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def check_sort(self, sort: Sort) -> bool:
        try:
            find_field(self.asker, sort.field)
        except JqlError:
            told = self.warnings if self.lenient else self.errors
            told.append(f"Not able to sort using field '{sort.field.text}'.")
            return False
        return True

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
                return self._checked(condition, OPPOSITES[condition.operator] if negated else condition.operator)

    def _checked(self, clause: Clause, operator: str) -> Test:
        try:
            return self._clause(clause, operator)
        except JqlUnknown as error:
            (self.warnings if self.lenient else self.errors).extend(error.messages)
        except JqlError as error:
            self.errors.extend(error.messages)
        return _none

    def _clause(self, clause: Clause, operator: str) -> Test:
        field = find_field(self.asker, clause.field)
        if operator in HISTORY:
            if field.id not in HISTORIED:
                raise JqlError(f"History searches do not support the '{field.name}' field.")
            return make_history_test(self.asker, field, clause, operator)
        if operator not in operators_of(field, data_center=self.asker.data_center):
            raise JqlError(f"The operator '{clause.operator}' is not supported by the '{field.name}' field.")
        assert clause.operand is not None
        _check_function(clause, clause.operand)
        get = getter(self.asker, field)
        if operator in ("~", "!~"):
            return self._likeness(field, get, clause.operand, wanted=operator == "~")
        if operator in _COMPARE:
            return self._comparison(field, get, clause.operand, operator)
        positive = operator in ("=", "in", "is")
        wanted, with_empty = self._values(field, clause.operand)
        if field.kind == "filter":
            return self._saved(field, wanted, positive=positive)
        return _having(get, wanted, with_empty=with_empty) if positive else _lacking(get, wanted)

    def _values(self, field: Field, operand: Operand) -> tuple[frozenset[Any], bool]:
        """Return the values that an operand means, and whether it means the empty one too."""
        wanted: set[Any] = set()
        unknown: list[str] = []
        for each in _flatten(operand):
            try:
                wanted |= {None} if isinstance(each, Empty) else find_values(self.asker, field, each)
            except JqlUnknown as error:
                unknown += error.messages
        if unknown and not self.lenient:
            raise JqlUnknown(*unknown)
        self.warnings += unknown
        return frozenset(wanted - {None}), None in wanted

    def _saved(self, field: Field, wanted: frozenset[str], *, positive: bool) -> Test:
        """Issues that saved filters mean. One that leads back to itself is refused."""
        tests = []
        for number in wanted:
            saved = self.asker.site.filters[number]
            if number in self.within:
                raise JqlError(
                    f"Field '{field.name}' with value '{saved.name}' matches filter '{saved.name}' and causes a "
                    "cyclical reference, this query can not be executed and should be edited."
                )
            within = (*self.within, number)
            tests.append(_make(self.asker, saved.jql, bounded=False, lenient=self.lenient, within=within).test)
        return lambda row: any(test(row) for test in tests) == positive

    def _comparison(self, field: Field, get: Callable[[Row], Any], operand: Operand, operator: str) -> Test:
        assert isinstance(operand, Word | Call)
        site, compare = self.asker.site, _COMPARE[operator]
        bounds = [rank(site, field, value) for value in find_values(self.asker, field, operand)]

        def test(row: Row) -> bool:
            for value in each_of(get(row)):
                place = rank(site, field, value)
                if any(comparable(place, bound) and compare(place, bound) for bound in bounds):
                    return True
            return False

        return test

    def _likeness(self, field: Field, get: Callable[[Row], Any], operand: Operand, *, wanted: bool) -> Test:
        if isinstance(operand, Empty):
            return _having(get, frozenset(), with_empty=True) if wanted else _lacking(get, frozenset())
        if not isinstance(operand, Word):
            raise JqlError(f"The operator '~' of the '{field.name}' field takes a text.")
        if field.kind == "text":
            find = make_finder(field.name, operand.text)
        elif field.kind == "key":
            find = make_wildcard(f"*{operand.text}" if operand.text.startswith("-") else operand.text)
        else:
            by_name, versions = make_wildcard(operand.text), self.asker.site.versions
            return _like_a_version(get, lambda number: by_name(versions[number].name), wanted=wanted)
        return lambda row: bool(texts := each_of(get(row))) and any(map(find, texts)) == wanted


def _check_function(clause: Clause, operand: Operand) -> None:
    """Refuse a function for one value after IN, and one for many after =."""
    if not isinstance(operand, Call):
        return
    name, operator = clause.field.text, clause.operator
    if operator.endswith("in") and gives_one(operand.name):
        raise JqlError(
            f"Operator '{operator}' does not support the non-list value '{show(operand)}' for field '{name}'."
        )
    if not operator.endswith("in") and gives_many(operand.name):
        raise JqlError(f"Operator '{operator}' does not support the list value '{show(operand)}' for field '{name}'.")


def _flatten(operand: Operand) -> Iterable[Word | Call | Empty]:
    if isinstance(operand, Many):
        for item in operand.items:
            yield from _flatten(item)
    else:
        yield operand


def _having(get: Callable[[Row], Any], wanted: frozenset[Any], *, with_empty: bool) -> Test:
    def test(row: Row) -> bool:
        values = each_of(get(row))
        return any(each in wanted for each in values) if values else with_empty

    return test


def _lacking(get: Callable[[Row], Any], wanted: frozenset[Any]) -> Test:
    def test(row: Row) -> bool:
        values = each_of(get(row))
        return bool(values) and not any(each in wanted for each in values)

    return test


def _like_a_version(get: Callable[[Row], Any], find: Callable[[Any], bool], *, wanted: bool) -> Test:
    def test(row: Row) -> bool:
        values = each_of(get(row))
        return bool(values) and any(map(find, values)) == wanted

    return test
