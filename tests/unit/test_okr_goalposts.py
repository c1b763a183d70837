"""Definitions remembered, moved goalposts, and grades as committed and as revised."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.goalposts import (
    FIELDS,
    MOVES_KEPT,
    OBJECTIVE_FIELDS,
    Grades,
    Move,
    add_moves,
    find_first_day,
    find_moves,
    make_committed,
    make_grades,
    parse_definition,
    render_definition,
    render_moved,
    restore,
)
from okr.model import Commitment, Kind
from tests.unit.okr_rows import CYCLE, TODAY, key_result, objective

D = Decimal
START = CYCLE.start
NUMBERS = st.none() | st.decimals(-100, 100, places=2)
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1))
ROWS = st.builds(
    lambda **fields: replace(key_result(), **fields),
    kind=st.sampled_from(Kind),
    baseline=NUMBERS,
    target=NUMBERS,
    target_to=NUMBERS,
    weight=st.decimals(0, 9, places=1),
    commitment=st.sampled_from(Commitment),
    start=DAYS,
    due=DAYS,
    owner=st.text(max_size=8),
)


@given(ROWS, ROWS)
def test_a_remembered_definition_comes_back_whole(one, other):
    assert restore(other, parse_definition(render_definition(one))) == one
    assert restore(one, {}) == one


@pytest.mark.parametrize("text", ["", "Increase|1|2", "nothing"])
def test_what_is_no_definition_has_no_fields(text):
    assert parse_definition(text) == {}
    assert find_moves(text, render_definition(key_result()), TODAY) == ()
    assert find_moves(render_definition(key_result()), text, TODAY) == ()


@pytest.mark.parametrize("fields", [{"Target": "many"}, {"Kind": "Rise"}, {"Due": "soon"}])
def test_what_cannot_be_read_restores_nothing(fields):
    assert restore(key_result(), fields) is None


def test_moves_are_found_field_by_field():
    old = key_result(target=40, unit="ms", owner="Ada")
    new = replace(old, target=D(50), owner="Bob | Cy", due=date(2026, 12, 1))
    moves = find_moves(render_definition(old), render_definition(new), TODAY)
    assert [render_moved(new, move, TODAY) for move in moves] == [
        "Target 40 ms → 50 ms",
        "Due nothing → 1 Dec",
        "Owner Ada → Bob | Cy",
    ]


def test_the_same_number_written_otherwise_is_no_move():
    old, new = (render_definition(key_result(target=target)) for target in ("10", "10.00"))
    assert find_moves(old, new, TODAY) == ()
    broken = render_definition(key_result()).replace("10", "1O")
    assert [move.field for move in find_moves(broken, new, TODAY)] == ["Target"]


def test_moves_for_people():
    kr = key_result(is_share=True, unit="%", target=1)
    assert render_moved(kr, Move(TODAY, "Weight", "1", "2.50"), TODAY) == "Weight 1 → 2.5"
    assert render_moved(kr, Move(TODAY, "Target", "0.4", "x"), TODAY) == "Target 40 % → x"
    assert render_moved(kr, Move(TODAY, "Kind", "Increase", "At least"), TODAY) == "Kind Increase → At least"
    assert render_moved(kr, Move(TODAY, "Owner", "", "Ada"), TODAY) == "Owner nothing → Ada"


def test_a_lowered_target_shows_in_the_two_grades():
    moves = (Move(TODAY, "Target", "40", "30"), Move(TODAY + timedelta(days=5), "Target", "30", "20"))
    kr = key_result(target=20)
    assert make_grades(kr, moves, START, D(20), D(1)) == Grades(D("0.5"), D(1))
    assert make_grades(kr, (), START, D(20), D(1)) == Grades(D(1), D(1))
    assert make_grades(kr, moves, START, None, D(1)) == Grades(None, None)


def test_what_was_moved_before_it_began_was_not_promised_yet():
    draft = (Move(START, "Target", "90", "40"), Move(START + timedelta(days=1), "Target", "40", "20"))
    committed = make_committed(key_result(target=20), draft, START)
    assert committed is not None
    assert committed.target == 40


@pytest.mark.parametrize("old", ["", "0", "many"])
def test_a_broken_promise_has_no_grade(old):
    kr = key_result(target=20)
    assert make_grades(kr, (Move(TODAY, "Target", old, "20"),), START, D(5), D(1)) == Grades(None, D("0.25"))


def test_a_grade_does_not_ask_for_days_or_steps():
    kr = key_result(kind=Kind.MILESTONES, target=None)
    assert make_grades(kr, (), START, D("0.5"), D(1)) == Grades(D("0.5"), D("0.5"))


def test_the_first_of_each_field_and_the_latest_are_kept():
    moves: tuple[Move, ...] = (Move(TODAY, "Owner", "a", "b"),)
    for number in range(100):
        moves = add_moves(moves, (Move(TODAY + timedelta(days=number), "Target", str(number), str(number + 1)),))
    assert len(moves) == MOVES_KEPT
    assert moves[:2] == (Move(TODAY, "Owner", "a", "b"), Move(TODAY, "Target", "0", "1"))
    assert moves[-1].new == "100"
    assert [move.day for move in moves] == sorted(move.day for move in moves)


@given(st.lists(ROWS, min_size=2, max_size=6))
def test_however_often_it_moved_the_promise_comes_back(rows):
    moves: tuple[Move, ...] = ()
    for number, (before, after) in enumerate(pairwise(rows), 1):
        day = START + timedelta(days=number)
        moves = add_moves(moves, find_moves(render_definition(before), render_definition(after), day))
    assert make_committed(rows[-1], moves, START) == rows[0]
    assert set(FIELDS) >= {move.field for move in moves}


OBJECTIVES = st.builds(
    lambda **fields: replace(objective(), **fields),
    weight=st.decimals(0, 9, places=1),
    parent=st.none() | st.text("abc", min_size=1, max_size=3),
    team=st.text("abc ", max_size=5),
    owner=st.text(max_size=8),
)


@given(OBJECTIVES, OBJECTIVES)
def test_a_remembered_objective_comes_back_whole(one, other):
    assert restore(other, parse_definition(render_definition(one), OBJECTIVE_FIELDS)) == one


def test_moves_of_an_objective_are_found_field_by_field():
    old = objective(weight=D(1), parent="C1", team="Web | Shop", owner="Ada")
    new = replace(old, weight=D("2.5"), parent=None, owner="Bo")
    moves = find_moves(render_definition(old), render_definition(new), TODAY, OBJECTIVE_FIELDS)
    assert [render_moved(new, move, TODAY) for move in moves] == [
        "Weight 1 → 2.5",
        "Parent C1 → nothing",
        "Owner Ada → Bo",
    ]
    assert find_moves(render_definition(old), render_definition(old), TODAY, OBJECTIVE_FIELDS) == ()
    assert make_committed(new, moves, START) == replace(old, team="Web | Shop")
    assert render_definition(old) == "1|C1|Web ¦ Shop|Ada"


@pytest.mark.parametrize(
    ("row", "moves", "first"),
    [
        (key_result(), (), CYCLE.start),
        (key_result(start=date(2026, 11, 1)), (), date(2026, 11, 1)),
        (objective(), (), CYCLE.start),
        # A draft may choose another start, also an empty one; the one that came is the first day.
        (key_result(), (Move(date(2026, 9, 1), "Start", "", "2026-11-01"),), date(2026, 11, 1)),
        (key_result(), (Move(date(2026, 9, 1), "Start", "2026-11-01", ""),), CYCLE.start),
        (key_result(), (Move(CYCLE.start, "Start", "", "2026-11-01"),), date(2026, 11, 1)),
        # Who moves it once it has come moves a goalpost.
        (key_result(), (Move(date(2026, 10, 2), "Start", "", "2026-11-01"),), CYCLE.start),
        (key_result(), (Move(date(2026, 10, 2), "Start", "soon", "2026-11-01"),), CYCLE.start),
        (key_result(), (Move(date(2026, 11, 10), "Start", "2026-11-01", "2026-12-01"),), date(2026, 11, 1)),
    ],
)
def test_the_first_day_is_the_start_that_was_in_force_when_it_came(row, moves, first):
    assert find_first_day(row, moves, CYCLE) == first


def test_what_has_no_days_was_promised_from_the_beginning():
    assert find_first_day(key_result(), (), None) == find_first_day(objective(), (), None) == date.min


def test_moving_the_start_does_not_unsay_a_promise():
    moves = (
        Move(date(2026, 10, 20), "Target", "40", "20"),
        Move(date(2026, 11, 20), "Start", "", "2026-11-21"),
    )
    committed = make_committed(key_result(target=20), moves, find_first_day(key_result(), moves, CYCLE))
    assert committed is not None
    assert (committed.target, committed.start) == (40, None)
