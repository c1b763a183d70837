"""Moved goalposts of key results and objectives, seen over nightly runs: what moved, when, and the grades both ways."""

from datetime import date, timedelta
from decimal import Decimal

from sync.moved import find_moved, since
from sync.plan_changes import EDITED
from sync.run import RunWishes, apply_run, preview
from sync.sheet.layout import Tab
from sync.tell.moved import moved_json, render_grades, render_moves
from tests.unit.cycle_sheets import START, A, live_through, make_company, put

D = Decimal
GROW, TIDY = 2, 3  # rows of Objectives
DAY = date(2026, 11, 2)


def moved_on(engine):
    plan = apply_run(engine, RunWishes()).plan
    return {item.row.key.id: item for item in find_moved(plan)}


def lived(days=28):
    world, store, engine = make_company()
    live_through(world, engine, days=days)
    world.now = START + timedelta(days=32)
    world.numbers["a"] = D(5)
    return world, store, engine


def test_where_nothing_moved_there_is_nothing_to_tell():
    assert moved_on(lived()[2]) == {}


def test_the_very_run_that_sees_a_move_tells_of_it_and_later_ones_keep_it():
    world, store, engine = lived()
    put(store, Tab.OBJECTIVES, GROW, weight=3, owner="Bo")
    put(store, Tab.KEY_RESULTS, A, target=8)
    first = moved_on(engine)
    assert set(first) == {"O", "A", "CO"}
    assert list(render_moves(first["O"], DAY)) == ["2 Nov: Weight 1 → 3", "2 Nov: Owner Ann → Bo"]
    assert list(render_moves(first["A"], DAY)) == ["2 Nov: Target 10 → 8"]
    assert render_grades(first["A"].grades) == "0.50 as committed, 0.63 as revised"
    world.pass_days(3)
    put(store, Tab.OBJECTIVES, GROW, weight=2)
    later = moved_on(engine)
    assert list(render_moves(later["O"], DAY))[2:] == ["5 Nov: Weight 3 → 2"]
    assert [item.row.key.id for item in since(later.values(), date(2026, 11, 4))] == ["O"]
    assert next(since(later.values(), date(2026, 11, 4))).moves == later["O"].moves[2:]


def test_history_says_what_was_edited_in_an_objective():
    _, store, engine = lived()
    put(store, Tab.OBJECTIVES, GROW, owner="Bo")
    plan = apply_run(engine, RunWishes()).plan
    told = [change for row in plan.rows for change in row.history if change.reason == EDITED]
    assert [(change.key.id, change.field.value, change.old, change.new) for change in told] == [
        ("O", "owner", "Ann", "Bo")
    ]


def test_an_objective_above_shows_what_moved_below_it():
    """B has 0.12 of 1; with A at 5 of 10 the mean is 0.31, of 5 of 8 it is 0.37."""
    _, store, engine = lived()
    put(store, Tab.KEY_RESULTS, A, target=8)
    moved = moved_on(engine)
    assert moved["O"].moves == ()
    assert moved["CO"].grades == moved["O"].grades
    assert tuple(moved["O"].grades) == (D("0.3116"), D("0.3740"))
    assert moved_json(moved["O"])["as_committed"] == moved["O"].grades.committed


def test_a_weight_counts_as_it_was_committed():
    _, store, engine = lived()
    put(store, Tab.OBJECTIVES, TIDY, parent="CO", team="Web")
    put(store, Tab.KEY_RESULTS, 3, current=10)  # P is reached, and serves nobody
    moved = moved_on(engine)
    assert moved["P"].grades == (D(1), D(1))
    assert list(render_moves(moved["P"], DAY)) == ["2 Nov: Parent nothing → CO", "2 Nov: Team Ops → Web"]
    assert moved["CO"].grades.committed < moved["CO"].grades.revised


def test_a_draft_is_no_promise():
    world, store, engine = make_company()
    apply_run(engine, RunWishes())
    put(store, Tab.OBJECTIVES, GROW, weight=3)
    assert moved_on(engine) == {}, "still the first day"
    world.pass_days(1)
    assert moved_on(engine) == {}


def test_what_is_edited_without_a_run_is_seen_by_a_plan_too():
    _, store, engine = lived()
    put(store, Tab.OBJECTIVES, GROW, weight=3)
    assert [item.row.key.id for item in find_moved(preview(engine, RunWishes()))] == ["O"]
