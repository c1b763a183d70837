"""Check-ins against their cadence: when one is due, what counts as in time."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.checkin import days_by_key, find_blockers, find_cadence, find_latest, make_rhythm, on_time, render_blocker
from okr.model import CheckIn, Key, KeyResult, Objective, Okrs, Person
from okr.teams import NO_TEAM, find_teams

START = date(2026, 10, 1)


def day(number):
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("days", "today", "last", "due", "kept", "periods"),
    [
        ([], 0, None, 7, 0, 0),
        ([], 6, None, 7, 0, 0),
        ([], 7, None, 7, 0, 1),
        ([3], 8, 3, 10, 1, 1),
        ([3], 10, 3, 10, 1, 1),
        ([3, 5, 6], 14, 6, 13, 1, 2),
        ([7], 14, 7, 14, 1, 2),
        ([30], 14, None, 7, 0, 2),
        ([-5], 8, -5, 7, 0, 1),
    ],
)
def test_the_next_one_is_due_a_cadence_after_the_last(days, today, last, due, kept, periods):
    found = make_rhythm(map(day, days), START, 7, day(today))
    assert found.last == (None if last is None else day(last))
    assert (found.due, found.kept, found.periods) == (day(due), kept, periods)
    assert found.is_owed(day(today)) == (today >= due)


@given(st.lists(st.integers(-20, 100)), st.integers(0, 90), st.integers(1, 30))
def test_what_is_kept_is_never_more_than_there_was_time_for(days, today, cadence):
    found = make_rhythm(map(day, days), START, cadence, day(today))
    assert 0 <= found.kept <= found.periods
    again = make_rhythm([*map(day, days), day(today)], START, cadence, day(today))
    assert not again.is_owed(day(today)), "who has just checked in owes nothing"
    assert again.kept >= found.kept


def test_the_share_in_time_weighs_every_span_alike():
    rhythms = [make_rhythm([day(1)], START, 7, day(14)), make_rhythm([day(1)], START, 14, day(14))]
    assert on_time(rhythms) == Decimal("0.6667")
    assert on_time([make_rhythm([], START, 7, day(1))]) is None


def test_days_by_key_and_the_cadence_of_a_team():
    check_ins = [CheckIn(Key("c", "A"), day(1)), CheckIn(Key("c", "A"), day(2)), CheckIn(Key("c", "B"), day(3))]
    assert days_by_key(check_ins) == {Key("c", "A"): (day(1), day(2)), Key("c", "B"): (day(3),)}
    assert [find_cadence(team, {"": 7, "back office": 14}) for team in ("Web", " Back  Office", "")] == [7, 14, 7]


def test_a_team_is_the_objective_s_else_the_owner_s():
    objectives = (Objective(Key("c", "O"), "", team="Web"), Objective(Key("c", "P"), ""))
    krs = [KeyResult(Key("c", own), own, objective=up, owner=who) for own, up, who in
           (("1", "O", "Ann"), ("2", "P", " ann@acme.test"), ("3", None, "Nobody"), ("4", "P", ""))]  # fmt: skip
    okrs = Okrs({}, objectives, tuple(krs), people=(Person("Ann", "Ann@acme.test", "Ops"),))
    assert list(find_teams(okrs).values()) == ["Web", "Ops", NO_TEAM, NO_TEAM]


def said(own_id, number, **rest):
    return CheckIn(Key("2026-Q4", own_id), day(number), **rest)


def test_of_one_day_the_last_row_is_the_latest():
    rows = (
        said("A", 3, comment="old"),
        said("A", 5, comment="first"),
        said("A", 5, comment="last"),
        said("A", 4),
        said("B", 1),
    )
    assert {key.id: item.comment for key, item in find_latest(rows).items()} == {"A": "last", "B": ""}


def test_what_is_in_the_way_is_what_the_latest_check_in_says_the_least_confident_first():
    rows = (
        said("A", 1, blocker="Legal", confidence=7),
        said("B", 1, blocker="Budget", confidence=3),
        said("C", 1, blocker="Gone by now"),
        said("C", 8, blocker=" "),
        said("D", 2, blocker="Nobody knows"),
    )
    assert [item.key.id for item in find_blockers(rows)] == ["B", "A", "D"]


@pytest.mark.parametrize(
    ("rest", "text"),
    [
        ({"blocker": "Legal needs ten days"}, "Legal needs ten days. (15 Oct)"),
        ({"blocker": "No budget!", "by": " Ann  Lee "}, "No budget! (15 Oct, Ann Lee)"),
        (
            {"blocker": "Two\nlines.", "next_step": "Ask Mo", "confidence": 4},
            "Two lines. Next: Ask Mo. Confidence 4. (15 Oct)",
        ),
    ],
)
def test_a_blocker_is_a_line(rest, text):
    assert render_blocker(said("A", 14, **rest), day(20)) == text
