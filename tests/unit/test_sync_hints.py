"""Hints in the sheet: beside their own row, with reason and example, never in people's columns, off by a setting."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sync.run import RunWishes, apply_run
from sync.sheet.columns import FROZEN_COLUMNS
from sync.sheet.columns_key_results import KEY_RESULT_COLUMNS
from sync.sheet.layout import Field, Role, Tab
from tests.unit.cycle_sheets import A, B, C, M, at, check_in, live_through, make_company, put, shows

GROW = 2  # a row of Objectives
OUTPUT = (
    "“Launch” is work that is done; a key result is what it changes. "
    "Say what is different then: “60 % of orders come through the new shop”."
)


def hint(store, row, tab=Tab.KEY_RESULTS):
    return shows(store, row, Field.HINT, tab)


def worded(store):
    """A company whose first key result leaves nothing to be said."""
    for row in (A, B, C, M):
        put(store, Tab.KEY_RESULTS, row, unit="deals", key_result=f"Deals with hospitals {row}")


@pytest.fixture
def company():
    world, store, engine = make_company()
    worded(store)
    return world, store, engine


def test_a_row_that_is_well_said_has_no_hint_and_a_near_miss_neither(company):
    _, store, engine = company
    put(store, Tab.KEY_RESULTS, A, key_result="Launches that customers notice")
    apply_run(engine, RunWishes())
    assert hint(store, A) is None


def test_a_hint_has_its_reason_and_an_example_and_goes_when_it_is_mended(company):
    _, store, engine = company
    put(store, Tab.KEY_RESULTS, A, key_result="Launch the new shop")
    apply_run(engine, RunWishes())
    assert hint(store, A) == OUTPUT
    put(store, Tab.KEY_RESULTS, A, key_result="Orders through the new shop")
    company[0].pass_days(1)
    apply_run(engine, RunWishes())
    assert hint(store, A) is None


def test_objectives_have_hints_too(company):
    _, store, engine = company
    put(store, Tab.OBJECTIVES, GROW, owner=None)
    apply_run(engine, RunWishes())
    assert hint(store, GROW, Tab.OBJECTIVES) == "Has no owner. Write in Owner who answers for it."


def test_two_cadences_without_a_check_in_are_hinted_at(company):
    world, store, engine = company
    live_through(world, engine, days=14)
    check_in(store, 1, date(2026, 10, 2), "A")
    world.pass_days(2)
    apply_run(engine, RunWishes())
    assert hint(store, A).startswith("Has had no check-in since 2 Oct; one is due every 7 days. Say in a line")
    assert "check-in" not in (hint(store, B) or ""), "who never wrote one isn't told so on every row"


def test_a_hint_is_no_change_no_problem_and_waits_for_the_daily_refresh(company):
    world, store, engine = company
    apply_run(engine, RunWishes())
    put(store, Tab.KEY_RESULTS, A, key_result="Launch the new shop")
    plan = apply_run(engine, RunWishes()).plan
    assert hint(store, A) is None, "later on the same day nothing else moves"
    assert (plan.moved, [item for item in plan.problems if item.subject == "A"]) == ((), [])
    world.now += timedelta(days=1)
    plan = apply_run(engine, RunWishes()).plan
    assert hint(store, A) == OUTPUT
    assert plan.moved == ()


def test_what_a_person_types_over_a_hint_stays(company):
    world, store, engine = company
    put(store, Tab.KEY_RESULTS, A, key_result="Launch the new shop")
    apply_run(engine, RunWishes())
    put(store, Tab.KEY_RESULTS, A, hint="We know. It has to be launched.")
    world.pass_days(1)
    apply_run(engine, RunWishes())
    assert hint(store, A) == "We know. It has to be launched."


def test_quality_off_empties_the_column():
    world, store, engine = make_company()
    put(store, Tab.KEY_RESULTS, A, key_result="Launch the new shop")
    apply_run(engine, RunWishes())
    assert OUTPUT in hint(store, A)
    world.pass_days(1)
    quiet = replace(engine.project, config=replace(engine.project.config, quality=False))
    apply_run(replace(engine, project=quiet), RunWishes())
    assert {hint(store, row) for row in (A, B, C, M)} == {None}


def test_a_tab_without_the_column_is_not_missing_anything(company):
    _, store, engine = company
    for row in range(5):
        store.type(Tab.KEY_RESULTS.value, row, at(Tab.KEY_RESULTS, Field.HINT), "Mine" if row == 0 else None)
    plan = apply_run(engine, RunWishes()).plan
    assert [problem for problem in plan.problems if problem.code == "sheet.column-missing"] == []


def test_the_column_is_the_last_one_folded_away_and_none_of_people_s():
    last = KEY_RESULT_COLUMNS[-1]
    assert (last.field, last.role, last.group, last.style.value) == (Field.HINT, Role.MACHINE, "Details", "okr text")
    assert len(KEY_RESULT_COLUMNS) > FROZEN_COLUMNS[Tab.KEY_RESULTS]
