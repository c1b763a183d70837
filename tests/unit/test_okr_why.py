from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.assess import make_key_result_result
from okr.model import Before, Commitment, Kind, Origin, ScoringRules, Status, StatusRule
from tests.unit.okr_rows import CYCLE, TODAY, key_result, reading, step

RULES = ScoringRules()
SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def why(kr, standing, today=TODAY, cycle=CYCLE, rules=RULES):
    return make_key_result_result(kr, standing, cycle, rules, today).why


def mondays(*scores):
    """Weekly points up to Monday 16 November."""
    first = date(2026, 11, 16) - timedelta(weeks=len(scores) - 1)
    return [(first + timedelta(weeks=n), score) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("kr", "value", "sentence"),
    [
        (key_result(target=74, unit="bugs"), 31, "0.42 of 0.58 expected by 22 Nov; 31 of 74 bugs."),
        (key_result(target=5000, unit="€"), 3000, "0.60 of 0.58 expected by 22 Nov; €3,000 of €5,000."),
        (
            key_result(kind=Kind.DECREASE, baseline=80, target=40, unit="ms"),
            62,
            "0.45 of 0.58 expected by 22 Nov; 62, from 80 to 40 ms.",
        ),
        (key_result(target="0.6", is_share=True), "0.38", "0.63 of 0.58 expected by 22 Nov; 38 %, target 60 %."),
        (key_result(target=60, unit="%"), 38, "0.63 of 0.58 expected by 22 Nov; 38 %, target 60 %."),
        (
            key_result(kind=Kind.AT_MOST, target=3, unit="%"),
            "2.1",
            "Within its limits, to be kept until 31 Dec; 2.1 %, at most 3 %.",
        ),
        (
            key_result(kind=Kind.AT_LEAST, target=99, unit="points"),
            50,
            "0.00 of 1.00 expected by 22 Nov; 50, at least 99 points.",
        ),
        (
            key_result(kind=Kind.BETWEEN, baseline=0, target=5, target_to=8, unit="days"),
            3,
            "0.60 of 0.58 expected by 22 Nov; 3, between 5 and 8 days.",
        ),
        (key_result(kind=Kind.BOOLEAN, target=None), 0, "0.00 of 0.58 expected by 22 Nov; no."),
        (key_result(kind=Kind.BOOLEAN, target=None), 1, "Target reached; yes."),
        (
            key_result(kind=Kind.MILESTONES, steps=(step("a", 1), step("b"), step("c"))),
            None,
            "0.33 of 0.58 expected by 22 Nov; 33.33 % of the steps done.",
        ),
    ],
)
def test_the_value_stands_beside_what_it_should_become(kr, value, sentence):
    assert why(kr, reading(value)) == sentence


def test_a_source_says_it_in_its_own_words():
    kr = key_result(target=74)
    assert why(kr, reading(31, detail="31 of 74 bugs fixed")) == "0.42 of 0.58 expected by 22 Nov; 31 of 74 bugs fixed."


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (("0.10", "0.25", "0.44"), "slower than the week before"),
        (("0.10", "0.20", "0.30"), "faster than the week before"),
        (("0.10", "0.35", "0.50"), "no movement since 16 Nov"),
        (("0.10", "0.35", "0.62"), "down 0.12 since 16 Nov"),
        (("0.10", "0.35", "0.503"), "slightly down since 16 Nov"),
        (("0.10", "0.30", "0.41"), ""),
    ],
)
def test_the_last_week_is_set_beside_the_week_before(scores, words):
    sentence = why(key_result(), reading(5, points=mondays(*scores)))
    assert sentence == f"0.50 of 0.58 expected by 22 Nov; 5 of 10{'; ' + words if words else ''}."


SPEED = "0.50 of 0.58 expected by 22 Nov; 5 of 10"


def test_weeks_alike_and_weeks_unknown_say_nothing():
    assert why(key_result(), reading(5, points=mondays("0.4"))) == f"{SPEED}."
    assert why(key_result(), reading(5, points=[(date(2026, 11, 20), "0.4")])) == f"{SPEED}."
    alike = [(date(2026, 11, 8), "0.3"), (date(2026, 11, 15), "0.4")]
    assert why(key_result(), reading(5, points=alike)) == f"{SPEED}."
    assert "since" not in why(key_result(kind=Kind.AT_MOST), reading(5, points=mondays(1, 1)))


def test_a_last_good_value_says_its_day_and_why_there_is_no_other():
    standing = reading(
        5, origin=Origin.LAST_GOOD, gap="Jira could not be reached", as_of=datetime(2026, 11, 19, tzinfo=UTC)
    )
    assert why(key_result(), standing) == f"{SPEED}. Last good value of 19 Nov: Jira could not be reached."
    assert why(key_result(), replace(standing, as_of=None)) == f"{SPEED}. Last good value: Jira could not be reached."
    assert why(key_result(), replace(standing, gap=None)) == f"{SPEED}."


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ({"held_status": Status.ON_TRACK}, f"Typed over by a person; the rule says At risk: {SPEED}."),
        ({"held_score": Decimal("0.5")}, "0.50 of 0.58 expected by 22 Nov; score typed over by a person."),
        ({"origin": Origin.HELD, "detail": "of Jira"}, f"{SPEED}, typed over by a person."),
    ],
)
def test_what_a_person_typed_over_is_said(held, sentence):
    assert why(key_result(), reading(5, **held)) == sentence


def test_a_held_score_needs_no_value():
    result = make_key_result_result(key_result(), reading(held_score=Decimal("0.55555")), CYCLE, RULES, TODAY)
    assert (result.score, result.current, result.status) == (Decimal("0.5556"), None, Status.ON_TRACK)
    quiet = reading(held_score=Decimal("0.5"), origin=Origin.NONE)
    assert why(key_result(), quiet) == "0.50 of 0.58 expected by 22 Nov; score typed over by a person."


@pytest.mark.parametrize(
    ("kr", "today", "value", "sentence"),
    [
        (key_result(start=date(2026, 12, 1)), TODAY, 2, "Starts on 1 Dec; 2 of 10."),
        (key_result(start=date(2026, 12, 1)), TODAY, None, "Starts on 1 Dec."),
        (
            key_result(paused="waiting for the lawyers"),
            TODAY,
            5,
            "Paused: waiting for the lawyers; 0.50 so far; 5 of 10.",
        ),
        (key_result(paused=""), TODAY, 5, "Paused at 0.50; 5 of 10."),
        (key_result(paused="waiting for the lawyers"), TODAY, None, "Paused: waiting for the lawyers."),
        (key_result(paused=""), TODAY, None, "Paused."),
        (key_result(), TODAY, 12, "Target reached; 12 of 10."),
        (key_result(), date(2027, 1, 4), 8, "0.80 of 1.00 by 31 Dec 2026; 8 of 10."),
        (
            key_result(commitment=Commitment.ASPIRATIONAL),
            date(2027, 1, 4),
            6,
            "0.60 of 0.70 by 31 Dec 2026; 6 of 10.",
        ),
        (
            key_result(commitment=Commitment.ASPIRATIONAL),
            CYCLE.end,
            8,
            "0.80 by 31 Dec, achieved from 0.70 as it is aspirational; 8 of 10.",
        ),
        (key_result(), date(2026, 10, 3), 0, "0.00 of 0.03 expected by 3 Oct, early days; 0 of 10."),
        (key_result(), TODAY, None, "No value typed yet."),
        (key_result(kind=Kind.MILESTONES, steps=(step("a"),)), TODAY, None, "No step is marked yet."),
        (key_result(approved=False), TODAY, 5, "Not approved yet: it is scored once Approved is ticked."),
    ],
)
def test_every_status_has_its_sentence(kr, today, value, sentence):
    assert why(kr, reading(value), today) == sentence


def test_values_that_still_settle_are_said_to():
    settling = ScoringRules(settle_days=5)
    assert why(key_result(), reading(8), date(2027, 1, 5), rules=settling).startswith(
        "0.80 of 1.00 by 31 Dec 2026, settling until 5 Jan; "
    )
    assert "settling" not in why(key_result(), reading(8), date(2027, 1, 6), rules=settling)
    assert (
        why(key_result(), reading(10), date(2027, 1, 5), rules=settling)
        == "Target reached, settling until 5 Jan; 10 of 10."
    )


def test_a_closed_cycle_is_said_to_be():
    closed = replace(CYCLE, closed=True)
    assert why(key_result(), reading(5), cycle=closed) == "Closed with a score of 0.50; 5 of 10."
    assert why(key_result(), reading(), cycle=closed) == "Closed without a value."


def test_no_value_because_of_a_gap():
    assert why(key_result(), reading(gap="Jira could not be reached")) == "No value yet: Jira could not be reached."
    held = reading(held_status=Status.ON_TRACK)
    result = make_key_result_result(key_result(), held, CYCLE, RULES, TODAY)
    assert result.status is Status.ON_TRACK
    assert result.why == "Typed over by a person; the rule says No data: no value typed yet."


def test_a_held_status_beside_a_pause_is_not_said_twice():
    kr = key_result(paused="holidays")
    assert why(kr, reading(held_status=Status.ON_TRACK)) == "Typed over by a person; the rule says Paused: holidays."


def test_other_rules_say_what_they_looked_at():
    absolute = ScoringRules(status=StatusRule("absolute", Decimal("0.7"), Decimal("0.4")))
    assert why(key_result(), reading(5), rules=absolute) == "0.50, on track from 0.70; 5 of 10."
    foreseen = ScoringRules(status=StatusRule("forecast"))
    points = mondays("0.2", "0.3", "0.4")
    sentence = why(key_result(), reading(5, points=points), rules=foreseen)
    assert sentence == "1.00 forecast for 31 Dec, 0.50 on 22 Nov; 5 of 10."
    assert why(key_result(), reading(5), rules=foreseen) == f"{SPEED}."
    ceiling = key_result(kind=Kind.AT_MOST)
    assert why(ceiling, reading(5, points=mondays(1, 1, 1))) == (
        "Within its limits, to be kept until 31 Dec, 1.00 forecast; 5, at most 10."
    )


@given(
    value=st.none() | st.decimals(-50, 50, places=2),
    kind=st.sampled_from([Kind.INCREASE, Kind.AT_MOST, Kind.AT_LEAST, Kind.BOOLEAN]),
    offset=st.integers(-20, 120),
    scores=st.lists(st.decimals(0, 1, places=2), max_size=5),
    last=st.none()
    | st.builds(
        Before,
        day=st.just(date(2026, 11, 1)),
        status=st.none() | st.sampled_from(Status),
        definition=st.sampled_from(["", "Increase|0|9||1|Committed|||", "At least||2||1|Committed|||", "a|b"]),
        value=st.none() | st.decimals(-5, 5, places=1),
    ),
    origin=st.sampled_from(Origin),
)
def test_it_is_always_a_sentence_with_dates_and_never_today(value, kind, offset, scores, last, origin):
    kr = key_result(kind=kind, target=1)
    standing = reading(value, points=mondays(*scores), before=last, origin=origin, gap="it was down")
    sentence = why(kr, standing, CYCLE.start + timedelta(days=offset))
    assert sentence[0].isupper() or sentence[0].isdigit()
    assert sentence.endswith(".")
    assert not any(word in sentence for word in ("today", "yesterday", "None", "..", "; ;", "NaN"))
