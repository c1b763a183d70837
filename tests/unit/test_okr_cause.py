"""What changed a status: each factor alone, several together, and nothing that isn't so."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okr.assess import make_key_result_result
from okr.cause import Factor, find_causes, make_turn, render_cause
from okr.goalposts import render_definition
from okr.model import Before, Commitment, Kind, ScoringRules, Status, StatusRule
from okr.presets import PRESETS
from tests.unit.okr_rows import CYCLE, TODAY, key_result, reading

D = Decimal
RULES = ScoringRules()
LAST = date(2026, 11, 20)  # 51 of 92 days


def before_of(kr, value, *, day=LAST, rule=RULES.status, parts=None, status=None):
    """The last run, with the status that followed from it."""
    rules = replace(RULES, status=rule)
    if status is None:
        status = make_key_result_result(kr, reading(value), CYCLE, rules, day).status
    return Before(day, status, rule, render_definition(kr), D(str(value)), parts)


def said(kr, value, before, *, rules=RULES, today=TODAY, **rest):
    """The last fragment of Why, where it is a cause."""
    result = make_key_result_result(kr, reading(value, before=before, **rest), CYCLE, rules, today)
    tail = result.why.rstrip(".").split("; ")[-1]
    return result.status, tail if tail.startswith("was ") else ""


def test_the_value():
    assert said(key_result(), 4, before_of(key_result(), "5.1", day=TODAY)) == (
        Status.OFF_TRACK,
        "was At risk, then the value got worse",
    )
    assert said(key_result(), 7, before_of(key_result(), 3)) == (
        Status.ON_TRACK,
        "was Off track, then the value improved",
    )


def test_time_while_the_value_stood_still_or_improved_too_slowly():
    before = before_of(key_result(), 5)
    assert before.status is Status.ON_TRACK
    assert said(key_result(), 5, before) == (
        Status.AT_RISK,
        "was On track, then time passed and the value stood still",
    )
    slow = said(key_result(), "5.1", before)[1]
    assert slow == "was On track, then time passed faster than the value improved"


def test_time_and_value_together():
    before = before_of(key_result(), "5.1")
    assert said(key_result(), "5.09", before, today=date(2026, 11, 24))[1] == "was On track, then time passed"
    both = before_of(key_result(), "5.0", day=date(2026, 11, 20))
    assert both.status is Status.ON_TRACK
    result = said(key_result(), "4.9", both, today=date(2026, 11, 21))
    assert result == (Status.AT_RISK, "was On track, then the value got worse and time passed")


def test_an_edited_target_with_its_numbers():
    old, new = key_result(target=10, unit="deals"), key_result(target=17, unit="deals")
    assert said(new, 8, before_of(old, 8)) == (
        Status.AT_RISK,
        "was On track, then its Target was changed from 10 deals to 17 deals",
    )


def test_a_target_that_was_lowered_until_it_was_reached_says_so():
    old, new = key_result(target=40), key_result(target=30)
    assert said(new, 30, before_of(old, 30)) == (
        Status.ACHIEVED,
        "was On track, then its Target was changed from 40 to 30",
    )
    assert said(old, 40, before_of(old, 30)) == (Status.ACHIEVED, "")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"due": date(2026, 11, 30)}, "its Due was changed from nothing to 30 Nov"),
        ({"start": date(2026, 9, 1)}, "its Start was changed from nothing to 1 Sep"),
        ({"baseline": D(3)}, "its Baseline was changed from nothing to 3"),
        ({"kind": Kind.AT_LEAST, "target": D(100)}, "its Kind and Target were changed"),
        (
            {"kind": Kind.AT_LEAST, "target": D(100), "due": date(2026, 12, 30)},
            "its Kind, Target and Due were changed",
        ),
    ],
)
def test_every_deciding_field_can_be_the_cause(changes, text):
    old = key_result()
    assert said(replace(old, **changes), "5.4", before_of(old, "5.4"))[1] == f"was On track, then {text}"


def test_a_commitment_that_was_taken_back():
    old = key_result(commitment=Commitment.ASPIRATIONAL)
    sentence = said(replace(old, commitment=Commitment.COMMITTED), "4.4", before_of(old, "4.4"))[1]
    assert sentence == "was On track, then its Commitment was changed from Aspirational to Committed"


def test_weight_and_owner_are_no_cause():
    old = key_result()
    assert said(replace(old, weight=D(3), owner="Ada"), 5, before_of(old, 5))[1].endswith("the value stood still")


def test_a_changed_rule_by_name():
    rules = ScoringRules(status=PRESETS["oboard"].rule)
    before = before_of(key_result(), "4.5")
    assert before.status is Status.AT_RISK
    assert said(key_result(), "4.5", before, rules=rules) == (
        Status.ON_TRACK,
        "was At risk, then the rule was changed from pace_ratio 0.9/0.7 to Oboard’s rule",
    )
    back = before_of(key_result(), "4.5", rule=PRESETS["amoeboids"].rule)
    strict = ScoringRules(status=StatusRule("absolute", D("0.4"), D("0.2")))
    sentence = said(key_result(), "4.5", replace(back, status=Status.AT_RISK), rules=strict)[1]
    assert sentence == "was Lagging, then the rule was changed from Amoeboids UpRaise’s rule to absolute 0.4/0.2"


SHARE = key_result(target=1, is_share=True)


def share(done, whole):
    return D(done) / D(whole), (D(done), D(whole))


def test_grown_scope():
    (old, old_parts), (new, new_parts) = share(39, 74), share(39, 90)
    before = before_of(SHARE, old, parts=old_parts)
    assert before.status is Status.ON_TRACK
    assert said(SHARE, new, before, parts=new_parts) == (
        Status.AT_RISK,
        "was On track, then the scope grew from 74 to 90",
    )


def test_scope_that_grew_while_work_was_done_is_the_cause_alone():
    (old, old_parts), (new, new_parts) = share(39, 74), share(41, 90)
    assert said(SHARE, new, before_of(SHARE, old, parts=old_parts), parts=new_parts)[1] == (
        "was On track, then the scope grew from 74 to 90"
    )


def test_a_shrunken_scope_can_save_a_status():
    (old, old_parts), (new, new_parts) = share(31, 74), share(31, 50)
    assert said(SHARE, new, before_of(SHARE, old, parts=old_parts), parts=new_parts)[1] == (
        "was At risk, then the scope shrank from 74 to 50"
    )


def test_work_that_was_reopened_is_the_value_not_the_scope():
    (old, old_parts), (new, new_parts) = share(39, 74), share(30, 74)
    sentence = said(SHARE, new, before_of(SHARE, old, parts=old_parts), parts=new_parts)[1]
    assert sentence == "was On track, then the value got worse"


def test_nothing_done_before_or_now_divides_nothing_by_zero():
    zero = before_of(SHARE, 0, parts=(D(0), D(10)), status=Status.OFF_TRACK)
    assert said(SHARE, D("0.7"), zero, parts=(D(7), D(10)))[1] == "was Off track, then the value improved"
    before = before_of(SHARE, "0.7", parts=(D(7), D(10)))
    assert said(SHARE, 0, before, parts=(D(0), D(12)))[1] == "was On track, then the value got worse"
    none = before_of(SHARE, 0, parts=(D(0), D(10)), status=Status.OFF_TRACK)
    assert said(SHARE, 0, none, parts=(D(0), D(12))) == (Status.OFF_TRACK, "")


def test_what_is_known_but_does_not_lead_to_the_last_status_explains_nothing():
    assert said(key_result(), 5, before_of(key_result(), 5, status=Status.OFF_TRACK))[1] == ""


@pytest.mark.parametrize(
    "before",
    [
        None,
        Before(LAST),
        Before(LAST, Status.ON_TRACK),
        Before(LAST, Status.ON_TRACK, definition="Increase||10||1|Committed|||"),
        Before(LAST, Status.ON_TRACK, definition="a|b", value=D(5)),
        Before(LAST, Status.ON_TRACK, definition="Rise||10||1|Committed|||", value=D(5)),
        Before(LAST, Status.ON_TRACK, definition="Increase|10|10||1|Committed|||", value=D(5)),
        Before(LAST, None, definition="Increase||10||1|Committed|||", value=D(5)),
        Before(LAST, Status.NO_DATA, definition="Increase||10||1|Committed|||", value=D(5)),
        Before(LAST, Status.AT_RISK, definition="Increase||10||1|Committed|||", value=D(5)),
    ],
)
def test_nothing_is_said_where_too_little_is_known(before):
    assert said(key_result(), 5, before) == (Status.AT_RISK, "")


def test_a_person_s_score_has_no_cause_of_ours():
    assert said(key_result(), 5, before_of(key_result(), 5), held_score=D("0.5"))[1] == ""


def test_without_days_there_is_no_turn_to_judge():
    kr = key_result()
    turn = make_turn(kr, reading(5, before=before_of(kr, 5)), D(5), None, RULES, TODAY)
    assert turn is not None
    assert find_causes(turn, Status.ON_TRACK) == ()
    assert render_cause(None, None, Status.AT_RISK) == ""


def test_missed_by_time_says_no_more_than_missed():
    kr = key_result()
    assert said(kr, 8, before_of(kr, 8, day=date(2026, 12, 31)), today=date(2027, 1, 1))[1] == ""
    later = replace(kr, due=date(2027, 1, 31))
    status, text = said(kr, 9, before_of(later, 9, day=date(2027, 1, 2)), today=date(2027, 1, 2))
    assert (status, text) == (Status.MISSED, "was On track, then its Due was changed from 31 Jan to nothing")


def test_two_changes_of_which_each_would_have_been_enough_are_both_named():
    kr = key_result()
    harder = replace(kr, target=D(20))
    status, text = said(harder, 2, before_of(kr, 6))
    assert (status, text) == (
        Status.OFF_TRACK,
        "was On track, then its Target was changed from 10 to 20 and the value got worse",
    )


NUMBERS = st.decimals(0, 12, places=1)


@given(
    old=NUMBERS,
    new=NUMBERS,
    old_target=st.integers(1, 15),
    new_target=st.integers(1, 15),
    start=st.integers(10, 80),
    passed=st.integers(0, 10),
    presets=st.tuples(st.sampled_from(sorted(PRESETS)), st.sampled_from(sorted(PRESETS))),
)
def test_a_cause_is_something_that_changed_and_every_turn_has_one(
    old, new, old_target, new_target, start, passed, presets
):
    day = date.fromordinal(CYCLE.start.toordinal() + start)
    today = date.fromordinal(day.toordinal() + passed)
    first, second = (PRESETS[name].rule for name in presets)
    was, kr = key_result(target=old_target), key_result(target=new_target)
    before = before_of(was, old, day=day, rule=first)
    turn = make_turn(kr, reading(new, before=before), new, CYCLE, replace(RULES, status=second), today)
    assert turn is not None
    now = make_key_result_result(kr, reading(new), CYCLE, replace(RULES, status=second), today).status
    causes = find_causes(turn, before.status)
    changed = {
        Factor.RULE: presets[0] != presets[1],
        Factor.DEFINITION: old_target != new_target,
        Factor.VALUE: old != new,
        Factor.TIME: passed > 0,
        Factor.SCOPE: False,
    }
    assert all(changed[factor] for factor in causes)
    assert bool(causes) is (now is not before.status)


@given(done=st.integers(0, 20), more=st.integers(0, 20), whole=st.integers(1, 40), grown=st.integers(1, 40))
def test_a_share_taken_apart_is_the_share(done, more, whole, grown):
    assume(done <= whole and more <= grown)
    before = before_of(SHARE, D(done) / whole, parts=(D(done), D(whole)))
    standing = reading(D(more) / grown, before=before, parts=(D(more), D(grown)))
    turn = make_turn(SHARE, standing, D(more) / grown, CYCLE, RULES, TODAY)
    assert turn is not None
    assert turn.value(frozenset()) == pytest.approx(D(more) / grown)
    assert turn.value(frozenset(Factor)) == D(done) / whole
