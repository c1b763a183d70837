from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.alignment import check_alignment, check_objective_link, find_above, make_tree
from okr.model import Cycle, Key, Level, Okrs
from okr.problem import CellPlace, Severity
from tests.unit.okr_rows import CYCLE, key_result, objective

COMPANY = objective("C", level=Level.COMPANY)


def okrs(*objectives, key_results=(), closed=False):
    return Okrs({"2026-Q4": replace(CYCLE, closed=closed)}, objectives, tuple(key_results))


def found(*objectives, **rest):
    return [(problem.code, problem.subject) for problem in check_alignment(okrs(*objectives, **rest))]


def test_a_sound_tree_has_no_problem_and_rolls_up_children_first():
    team = objective("T", parent="C")
    person = objective("P", parent="T", level=Level.PERSON)
    tree = make_tree([COMPANY, person, team])
    assert [key.id for key in tree.order] == ["P", "T", "C"]
    assert tree.children == {COMPANY.key: (team.key,), team.key: (person.key,)}
    assert not tree.circular
    assert found(COMPANY, team, person, key_results=[key_result(objective="T")]) == []


def test_circles_are_named_once_each_with_their_way_round():
    a, b, c = objective("A", parent="B"), objective("B", parent="C2"), objective("C2", parent="A")
    selfish = objective("S", parent="S")
    below = objective("D", parent="A")
    problems = check_alignment(okrs(a, b, c, selfish, below))
    assert [problem.code for problem in problems] == ["okr.circle", "okr.circle"]
    assert "A → B → C2 → A" in problems[0].message
    assert "S → S" in problems[1].message
    assert make_tree([a, b, c, selfish, below]).circular == {a.key, b.key, c.key, selfish.key}


def test_an_unknown_parent_is_an_error_with_its_place_and_a_guess():
    lost = objective("T", parent="WEB-10", place=CellPlace("Objectives", "F4"))
    (problem,) = check_alignment(okrs(objective("WEB-1"), lost))
    assert (problem.code, str(problem.place), problem.fix) == (
        "okr.unknown-parent",
        "Objectives!F4",
        "Did you mean WEB-1?",
    )
    (other,) = check_alignment(okrs(objective("T", parent="somewhere else")))
    assert other.fix.startswith("Correct its Parent")
    elsewhere = replace(objective("WEB-10"), key=Key("2026-Q3", "WEB-10"))
    assert found(lost, elsewhere) == [("okr.unknown-parent", "T")]


def test_levels_are_neither_skipped_nor_reversed_and_nobody_is_an_orphan():
    skipped = objective("P", parent="C", level=Level.PERSON)
    upside_down = objective("C9", parent="T", level=Level.COMPANY)
    orphan = objective("T")
    assert found(COMPANY, skipped, upside_down, orphan) == [
        ("okr.level-skipped", "P"),
        ("okr.level-reversed", "C9"),
        ("okr.orphan", "T"),
    ]
    assert found(COMPANY, skipped, upside_down, orphan, closed=True) == []
    assert found(orphan) == []
    assert all(problem.severity is Severity.WARNING for problem in check_alignment(okrs(COMPANY, skipped, orphan)))


def test_a_key_result_without_objective_is_loose_where_there_are_objectives():
    assert found(COMPANY, key_results=[key_result("K1")]) == [("okr.loose", "K1")]
    assert found(key_results=[key_result("K1")]) == []


def test_a_key_result_whose_objective_is_unknown():
    tree = make_tree([COMPANY, objective("WEB-1")])
    problem = check_objective_link(key_result(objective="WEB-11"), tree)
    assert (problem.code, problem.fix) == ("okr.unknown-objective", "Did you mean WEB-1?")
    assert check_objective_link(key_result(objective="zzz"), tree).fix.startswith("Correct its Objective ID")
    assert check_objective_link(key_result(objective="C"), tree) is None
    assert check_objective_link(key_result(), tree) is None
    assert check_objective_link(key_result(objective="X"), make_tree([])) is None


@given(st.dictionaries(st.sampled_from("ABCDEFG"), st.none() | st.sampled_from("ABCDEFGX")))
def test_every_objective_is_in_the_order_or_on_a_circle(parents):
    objectives = [objective(name, parent=parent) for name, parent in parents.items()]
    tree = make_tree(objectives)
    assert {*tree.order, *tree.circular} == {each.key for each in objectives}
    assert len(tree.order) + len(tree.circular) == len(objectives)
    for position, key in enumerate(tree.order):
        assert not {*tree.children.get(key, ())} & {*tree.order[position:]}
    assert bool(tree.circular) == any(problem.code == "okr.circle" for problem in check_alignment(okrs(*objectives)))
    named = [
        part
        for p in check_alignment(okrs(*objectives))
        if p.code == "okr.circle"
        for part in p.fix.split(": ")[1][:-1].split(", ")
    ]
    assert sorted(named) == sorted(key.id for key in tree.circular)


def test_a_team_of_which_nothing_leads_up_to_the_company_is_named_once():
    company = objective("C", level=Level.COMPANY)
    aligned = (objective("W1", team="Web", parent="C"), objective("W2", team="Web"))
    lost = (objective("S1", team="Sales"), objective("S2", team="Sales", parent="S1"))
    found = [
        problem
        for problem in check_alignment(okrs(company, *aligned, *lost))
        if problem.code.endswith("team-unaligned")
    ]
    assert [(problem.subject, problem.message) for problem in found] == [
        ("S1", "nothing of the team Sales leads up to an objective of the company.")
    ]


def test_a_team_is_aligned_by_way_of_another_and_never_by_a_circle():
    company = objective("C", level=Level.COMPANY)
    above = objective("W1", team="Web", parent="C")
    below = objective("S1", team="Sales", parent="W1")
    ring = (objective("R1", team="Ring", parent="R2"), objective("R2", team="Other", parent="R1"))
    under = objective("U1", team="Under", parent="R1")
    unknown = objective("X1", team="X", parent="gone")
    found = check_alignment(okrs(company, above, below, *ring, under, unknown))
    assert [problem.subject for problem in found if problem.code == "okr.team-unaligned"] == ["R1", "R2", "U1", "X1"]


def test_where_the_company_has_no_objectives_no_team_is_blamed():
    assert check_alignment(okrs(objective("S1", team="Sales"))) == ()


# A quarter within a year

YEAR = Cycle("2026", date(2026, 1, 1), date(2026, 12, 31))
HALF = Cycle("2026-H2", date(2026, 7, 1), date(2026, 12, 31))
LEAD = replace(COMPANY, key=Key("2026", "C"))


def of_year(*objectives, cycles=(YEAR, HALF, CYCLE)):
    return Okrs({cycle.name: cycle for cycle in cycles}, objectives, ())


def codes(okrs):
    return [(problem.code, problem.subject) for problem in check_alignment(okrs)]


def test_a_quarter_s_objective_may_serve_one_of_the_year():
    team, person = objective("T", parent="C", team="Web"), objective("P", parent="T", level=Level.PERSON)
    okrs = of_year(LEAD, team, person)
    assert codes(okrs) == []
    tree = make_tree(okrs.objectives, okrs.cycles)
    assert find_above(team, tree) == LEAD.key
    assert find_above(person, tree) == team.key
    assert tree.children == {team.key: (person.key,)}, "nothing rolls up into the year"


def test_its_own_cycle_goes_before_a_longer_one_and_the_shorter_of_these_before_the_longest():
    half = replace(COMPANY, key=Key("2026-H2", "C"))
    team = objective("T", parent="C")
    for others, above in (((COMPANY, half, LEAD), COMPANY), ((half, LEAD), half), ((LEAD,), LEAD)):
        okrs = of_year(team, *others)
        assert find_above(team, make_tree(okrs.objectives, okrs.cycles)) == above.key


@pytest.mark.parametrize(
    "cycles",
    [
        (CYCLE, Cycle("2026", date(2025, 1, 1), date(2025, 12, 31))),  # elsewhere
        (CYCLE, Cycle("2026", date(2026, 10, 1), date(2026, 11, 30))),  # shorter
        (CYCLE, Cycle("2026", CYCLE.start, CYCLE.end)),  # the same days
        (YEAR,),  # its own days aren't known
    ],
)
def test_a_parent_in_a_cycle_that_does_not_hold_it_is_unknown(cycles):
    assert ("okr.unknown-parent", "T") in codes(of_year(LEAD, objective("T", parent="C"), cycles=cycles))


def test_levels_orphans_and_teams_are_looked_at_across_cycles():
    team = objective("T", parent="C", team="Web")
    person = objective("P", parent="C", level=Level.PERSON, team="Web")
    lost = objective("L", team="Sales")
    assert codes(of_year(LEAD, team, person, lost)) == [
        ("okr.level-skipped", "P"),
        ("okr.orphan", "L"),
        ("okr.team-unaligned", "L"),
    ]
    assert codes(of_year(LEAD, lost)) == [], "where no quarter serves the year nobody is blamed"


def test_a_circle_in_the_year_aligns_nobody():
    one, other = (
        replace(LEAD, key=Key("2026", own), level=Level.TEAM, parent=up) for own, up in (("C", "D"), ("D", "C"))
    )
    okrs = of_year(one, other, COMPANY, objective("T", parent="D", team="Web"))
    assert ("okr.team-unaligned", "T") in codes(okrs)
