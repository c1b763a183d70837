"""Ids: readable, the same every time, never one that is or was taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.care.adopt_ids import IdMaker, is_usable_id, make_code


@pytest.mark.parametrize(
    ("team", "code"),
    [
        ("Website", "WEB"),
        ("Customer Success", "CS"),
        ("Forschung & Entwicklung", "FE"),
        ("Équipe", "EQU"),
        ("HR", "HR"),
        ("2026", ""),
        ("", ""),
        ("营销", ""),
    ],
)
def test_a_teams_code(team, code):
    assert make_code(team) == code


def test_ids_follow_team_and_order():
    ids = IdMaker(())
    assert [ids.objective("", "Website"), ids.objective("", "Website"), ids.objective("", "")] == [
        "WEB-1",
        "WEB-2",
        "O-1",
    ]
    assert [ids.key_result("", "WEB-1"), ids.key_result("", "WEB-1"), ids.key_result("", "WEB-2")] == [
        "WEB-1.1",
        "WEB-1.2",
        "WEB-2.1",
    ]
    assert ids.key_result("", "") == "KR-1"


def test_an_own_number_is_kept_unless_another_has_it():
    ids = IdMaker(["o2"])
    assert ids.objective("O1", "") == "O1"
    assert ids.objective("O2", "") == "O-1"
    assert ids.key_result("1.1", "O1") == "O1.1"


@pytest.mark.parametrize("text", ["1", "1.10", "1,5", "", "two words", "x" * 25])
def test_what_can_not_be_an_id(text):
    assert not is_usable_id(text)


@given(
    st.lists(st.sampled_from(("", "O1", "o1", "KR1.1", "3")), max_size=20),
    st.sets(st.sampled_from(("WEB-1", "web-2.1", "o1"))),
)
def test_no_id_is_given_twice(own_ids, taken):
    ids = IdMaker(taken)
    made = [ids.objective(own, "Website") for own in own_ids]
    made += [ids.key_result(own, objective) for own, objective in zip(own_ids, made, strict=False)]
    folded = [each.casefold() for each in made]
    assert len(set(folded)) == len(folded)
    assert set(folded) & {each.casefold() for each in taken} == set()


def test_a_deleted_rows_id_does_not_come_back():
    assert IdMaker(["WEB-1", "WEB-1.7"]).key_result("", "WEB-1") == "WEB-1.8"
