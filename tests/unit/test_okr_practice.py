from dataclasses import replace
from datetime import date

from okr.model import Cycle, Key, Okrs, Person
from okr.practice import check_practice
from okr.problem import Severity
from tests.unit.okr_rows import CYCLE, TODAY, key_result, objective

ADA = Person("Ada Lovelace", "ada@acme.example")
BOB = Person("Bob", "bob@acme.example", left=date(2026, 11, 22))
CAT = Person("Cat", left=date(2026, 11, 23))


def found(objectives=(), key_results=(), closed=False):
    cycle = replace(CYCLE, closed=closed)
    problems = check_practice(Okrs({cycle.name: cycle}, objectives, key_results, people=(ADA, BOB, CAT)), TODAY)
    assert all(problem.severity is Severity.WARNING for problem in problems)
    return [(problem.code, problem.subject) for problem in problems]


def test_a_year_s_objective_may_stand_on_those_of_its_quarters():
    year = Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))
    lead = replace(objective("C", owner="Ada"), key=Key("2026", "C"))
    rows = (key_result("K", objective="T", owner="Ada"),)
    for parent, codes in (("C", []), (None, ["okr.no-key-results"])):
        okrs = Okrs(
            {cycle.name: cycle for cycle in (CYCLE, year)}, (lead, objective("T", owner="Ada", parent=parent)), rows
        )
        assert [problem.code for problem in check_practice(okrs, TODAY)] == codes


def test_good_practice_has_no_warnings():
    own = objective("O", owner="ada  lovelace")
    rows = tuple(key_result(f"K{n}", objective="O", owner="ADA@acme.example") for n in range(5))
    assert found((own,), rows) == []


def test_owners_are_there_and_have_not_left():
    rows = (
        key_result("K1", objective="O", owner=" "),
        key_result("K2", objective="O", owner="bob"),
        key_result("K3", objective="O", owner="bob@ACME.example"),
        key_result("K4", objective="O", owner="Cat"),
        key_result("K5", objective="O", owner="somebody else"),
    )
    assert found((objective("O", owner="Bob"),), rows) == [
        ("okr.owner-left", "O"),
        ("okr.no-owner", "K1"),
        ("okr.owner-left", "K2"),
        ("okr.owner-left", "K3"),
    ]


def test_an_objective_has_some_key_results_but_not_too_many():
    many = tuple(key_result(f"K{n}", objective="O", owner="Ada Lovelace") for n in range(6))
    parent, child = objective("P", owner="Ada"), objective("C", owner="Ada", parent="P")
    assert found((objective("O", owner="Ada"), parent, child), many) == [
        ("okr.many-key-results", "O"),
        ("okr.no-key-results", "C"),
    ]


def test_closed_cycles_are_left_alone():
    assert found((objective("O"),), (key_result(),), closed=True) == []
