from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind, Reading
from okr.problem import Problem, Severity, TextPlace
from sync.plan_gaps import LOCKED, check_gaps
from sync.sheet.cell import Cell
from tests.unit.sync_plans import KR, plan_of
from tests.unit.sync_sheets import (
    NOW,
    kr,
    row_key,
)

D = Decimal


def gaps_of(outcomes, said=()):
    keys = {own_id: row_key(own_id) for own_id in outcomes}
    return list(check_gaps({keys[own_id]: outcome for own_id, outcome in outcomes.items()}, said))


DOWN = Gap(GapKind.UNAVAILABLE, "504 after 3 tries.", "Try later.", "jira")


def test_a_source_that_is_down_is_one_problem():
    (problem,) = gaps_of({f"A{at}": DOWN for at in range(8)})
    assert (problem.code, problem.subject, problem.fix) == ("source.unavailable", "jira", "Try later.")
    assert problem.message == "504 after 3 tries. Last good values stay: A0, A1, A2, A3, A4, A5 and 2 more"


def test_two_sources_are_two():
    refused = Gap(GapKind.REFUSED, "401", source="crm")
    assert [item.code for item in gaps_of({"A": DOWN, "B": refused, "C": DOWN})] == [
        "source.unavailable",
        "source.refused",
    ]


@pytest.mark.parametrize(("count", "subjects"), [(1, ["A0"]), (2, ["A0", "A1"]), (3, ["jira"]), (4, ["jira"])])
def test_the_same_reason_three_times_is_the_sources(count, subjects):
    gap = Gap(GapKind.MISREAD, "no field Amount", source="jira")
    assert [item.subject for item in gaps_of({f"A{at}": gap for at in range(count)})] == subjects


def test_a_rows_own_reason_has_its_place():
    place = TextPlace("mappings.yaml", 3)
    (problem,) = gaps_of({"A": Gap(GapKind.MISREAD, "no field Amount.", "Name it.", "jira", place=place)})
    assert problem.message == "A: no field Amount. The last good value stays"
    assert (problem.place, problem.severity) == (place, Severity.ERROR)


@pytest.mark.parametrize(("fix", "severities"), [(None, []), ("Widen the query.", [Severity.WARNING])])
def test_nothing_to_measure_is_no_mistake(fix, severities):
    found = gaps_of({"A": Gap(GapKind.EMPTY, "there is nothing to measure", fix, "jira")})
    assert [item.severity for item in found] == severities


@pytest.mark.parametrize(
    ("subject", "severity", "count"),
    [("jira", Severity.ERROR, 0), ("A", Severity.ERROR, 0), ("jira", Severity.WARNING, 1), ("crm", Severity.ERROR, 1)],
)
def test_what_is_said_already_is_not_said_again(subject, severity, count):
    said = Problem(LOCKED, "the secret is missing", subject=subject, severity=severity)
    assert len(gaps_of({"A": DOWN}, [said])) == count


def test_readings_are_no_problems():
    assert gaps_of({"A": Reading(D(1), NOW)}) == []


def test_a_cell_that_is_no_number_is_told_with_its_place():
    plan = plan_of({KR: [kr("A", current=Cell("lots", "lots"))]})
    (problem,) = [item for item in plan.problems if item.code == "sheet.not-a-number"]
    assert str(problem.place) == "Key Results!D2"
