from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Commitment, Kind, ScoringRules, Status, StatusRule
from okr.status import RULES, Outlook, check_status_rule, find_aim, find_status, find_weakest, judge
from tests.unit.okr_rows import CYCLE, TODAY, key_result

SPAN = (CYCLE.start, CYCLE.end)
NEXT_YEAR = date(2027, 1, 1)
ONE = Decimal(1)
SHARES = st.decimals(0, 1, places=4)
LADDER = [Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK]


def outlook(score, pace="0.5", elapsed="0.5", forecast=None, aim=1):
    forecast = None if forecast is None else Decimal(forecast)
    return Outlook(Decimal(score), Decimal(pace), Decimal(elapsed), forecast, Decimal(aim))


def rule(name, on_track, at_risk, grace="0.1"):
    return StatusRule(name, Decimal(on_track), Decimal(at_risk), Decimal(grace))


@pytest.mark.parametrize(
    ("named", "seen", "status"),
    [
        (("pace_ratio", "0.9", "0.7"), outlook("0.45"), Status.ON_TRACK),
        (("pace_ratio", "0.9", "0.7"), outlook("0.4499"), Status.AT_RISK),
        (("pace_ratio", "0.9", "0.7"), outlook("0.35"), Status.AT_RISK),
        (("pace_ratio", "0.9", "0.7"), outlook("0.3499"), Status.OFF_TRACK),
        (("pace_ratio", "0.9", "0.7"), outlook("0", pace="0"), Status.ON_TRACK),
        (("pace_gap", "0.1", "0.25"), outlook("0.4"), Status.ON_TRACK),
        (("pace_gap", "0.1", "0.25"), outlook("0.3999"), Status.AT_RISK),
        (("pace_gap", "0.1", "0.25"), outlook("0.25"), Status.AT_RISK),
        (("pace_gap", "0.1", "0.25"), outlook("0.2499"), Status.OFF_TRACK),
        (("absolute", "0.7", "0.4"), outlook("0.7"), Status.ON_TRACK),
        (("absolute", "0.7", "0.4"), outlook("0.6999"), Status.AT_RISK),
        (("absolute", "0.7", "0.4"), outlook("0.4"), Status.AT_RISK),
        (("absolute", "0.7", "0.4"), outlook("0.3999"), Status.OFF_TRACK),
        (("forecast", "0.9", "0.7"), outlook("0.1", forecast="0.9"), Status.ON_TRACK),
        (("forecast", "0.9", "0.7"), outlook("0.1", forecast="0.8999"), Status.AT_RISK),
        (("forecast", "0.9", "0.7"), outlook("0.1", forecast="0.7"), Status.AT_RISK),
        (("forecast", "0.9", "0.7"), outlook("0.5", forecast="0.6999"), Status.OFF_TRACK),
        (("forecast", "0.9", "0.7"), outlook("0.1", forecast="0.63", aim="0.7"), Status.ON_TRACK),
        (("forecast", "0.9", "0.7"), outlook("0.45"), Status.ON_TRACK),
        (("forecast", "0.9", "0.7"), outlook("0.3"), Status.OFF_TRACK),
    ],
)
def test_every_rule_has_inclusive_thresholds(named, seen, status):
    assert judge(rule(*named), seen) is status


@given(SHARES, SHARES, st.sampled_from(sorted(RULES)))
def test_more_is_never_worse(score, pace, name):
    better = min(score + Decimal("0.01"), ONE)
    thresholds = ("0.1", "0.25") if name == "pace_gap" else ("0.9", "0.7")
    judged = [judge(rule(name, *thresholds), Outlook(each, pace, pace, each)) for each in (score, better)]
    assert LADDER.index(judged[0]) <= LADDER.index(judged[1])


def test_nothing_is_off_track_during_the_grace_its_last_moment_included():
    late = StatusRule()
    assert judge(late, outlook("0", pace="0.1", elapsed="0.1")) is Status.AT_RISK
    assert judge(late, outlook("0", pace="0.1001", elapsed="0.1001")) is Status.OFF_TRACK
    assert judge(replace(late, grace=Decimal(0)), outlook("0", elapsed="0.01")) is Status.OFF_TRACK
    assert judge(late, outlook("0.1", pace="0.1", elapsed="0.1")) is Status.ON_TRACK


def status(score, today=TODAY, kr=None, rules=None):
    kr, rules = kr or key_result(), rules or ScoringRules()
    seen = outlook(score, pace="0.5761", elapsed="0.5761", aim=find_aim(kr.commitment, rules))
    return find_status(kr, seen, SPAN, today, rules)


ASPIRED = key_result(commitment=Commitment.ASPIRATIONAL)
CEILING = key_result(kind=Kind.AT_MOST)
ASPIRED_CEILING = key_result(kind=Kind.AT_MOST, commitment=Commitment.ASPIRATIONAL)


@pytest.mark.parametrize(
    ("kr", "score", "today", "expected"),
    [
        (key_result(), "1", date(2026, 9, 30), Status.NOT_STARTED),
        (key_result(), "1", TODAY, Status.ACHIEVED),
        (key_result(), "0.9999", CYCLE.end, Status.ON_TRACK),
        (key_result(), "1", CYCLE.end, Status.ACHIEVED),
        (key_result(), "1", NEXT_YEAR, Status.ACHIEVED),
        (key_result(), "0.9999", NEXT_YEAR, Status.MISSED),
        (key_result(), "0", TODAY, Status.OFF_TRACK),
        (ASPIRED, "0.7", TODAY, Status.ON_TRACK),
        (ASPIRED, "1", TODAY, Status.ACHIEVED),
        (ASPIRED, "0.7", CYCLE.end, Status.ACHIEVED),
        (ASPIRED, "0.7", NEXT_YEAR, Status.ACHIEVED),
        (ASPIRED, "0.6999", NEXT_YEAR, Status.MISSED),
        (CEILING, "1", TODAY, Status.ON_TRACK),
        (CEILING, "1", CYCLE.end, Status.ON_TRACK),
        (CEILING, "1", NEXT_YEAR, Status.ACHIEVED),
        (CEILING, "0.9", NEXT_YEAR, Status.MISSED),
        (CEILING, "0", TODAY, Status.OFF_TRACK),
        (ASPIRED_CEILING, "0.8", CYCLE.end, Status.ON_TRACK),
        (key_result(kind=Kind.BOOLEAN, target=0), "1", TODAY, Status.ON_TRACK),
        (key_result(kind=Kind.BOOLEAN, target=1), "1", TODAY, Status.ACHIEVED),
    ],
)
def test_achieved_missed_and_what_can_still_be_lost(kr, score, today, expected):
    assert status(score, today, kr) is expected


@given(st.sampled_from([ASPIRED, CEILING, ASPIRED_CEILING, key_result()]), SHARES, st.integers(-10, 120))
def test_before_and_after_its_days_a_key_result_is_what_the_calendar_says(kr, score, offset):
    today = CYCLE.start + timedelta(days=offset)
    found = status(score, today, kr)
    assert (found is Status.NOT_STARTED) == (today < CYCLE.start)
    assert (found is Status.MISSED) <= (today > CYCLE.end)
    if today > CYCLE.end:
        assert found in {Status.ACHIEVED, Status.MISSED}
    elif kr.kind is Kind.AT_MOST:
        assert found is not Status.ACHIEVED


@pytest.mark.parametrize(
    ("statuses", "weakest"),
    [
        ("On track,Off track,At risk,No data", Status.OFF_TRACK),
        ("On track,At risk,No data", Status.AT_RISK),
        ("On track,No data,Achieved", Status.NO_DATA),
        ("Missed,Off track", Status.MISSED),
        ("On track,Achieved", Status.ON_TRACK),
        ("Not started,Achieved", Status.ON_TRACK),
        ("Not started", Status.NOT_STARTED),
        ("Achieved,Achieved", Status.ACHIEVED),
        ("Closed", Status.CLOSED),
        ("Paused", Status.PAUSED),
        ("Paused,At risk", Status.AT_RISK),
        ("Paused,Achieved", Status.ACHIEVED),
    ],
)
def test_an_objective_is_as_weak_as_its_weakest(statuses, weakest):
    assert find_weakest([Status(each) for each in statuses.split(",")]) is weakest


def test_nothing_has_no_data():
    assert find_weakest([]) is Status.NO_DATA


@given(st.lists(st.sampled_from(Status), min_size=1))
def test_silence_is_never_green(statuses):
    weakest = find_weakest([*statuses, Status.NO_DATA])
    assert weakest in {Status.MISSED, Status.OFF_TRACK, Status.AT_RISK, Status.NO_DATA}


@pytest.mark.parametrize(
    ("configured", "codes"),
    [
        (StatusRule(), []),
        (rule("pace_gap", "0.1", "0.25"), []),
        (rule("absolute", "0.5", "0.5"), []),
        (rule("pace_gap", "0.25", "0.25"), []),
        (rule("pace_gap", "0.9", "0.7"), ["okr.thresholds"]),
        (rule("forecast", "0.7", "0.9"), ["okr.thresholds"]),
        (rule("absolute", "0.7", "0.4", grace="10"), ["okr.grace"]),
        (rule("mood", "0.7", "0.4"), ["okr.unknown-rule"]),
    ],
)
def test_a_configured_rule_is_checked(configured, codes):
    assert [problem.code for problem in check_status_rule(configured)] == codes


@pytest.mark.parametrize(
    ("configured", "message", "fix"),
    [
        (
            rule("mood", "0.7", "0.4"),
            "no status rule is called “mood”.",
            "Choose one of pace_ratio, pace_gap, absolute, forecast.",
        ),
        (rule("absolute", "0.4", "0.7"), "on_track must lie above at_risk.", "Swap the thresholds of absolute."),
        (rule("pace_gap", "0.7", "0.4"), "on_track must lie below at_risk.", "Swap the thresholds of pace_gap."),
        (
            rule("absolute", "0.7", "0.4", grace="1.1"),
            "grace is a share of the time, from 0 to 1.",
            "Write 0.1 for the first tenth.",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_with_its_fix(configured, message, fix):
    (problem,) = check_status_rule(configured)
    assert (problem.message, problem.fix) == (message, fix)


@pytest.mark.parametrize("grace", ["0", "1"])
def test_a_grace_may_be_nothing_or_all_of_the_time(grace):
    assert check_status_rule(rule("absolute", "0.7", "0.4", grace=grace)) == ()


def test_a_forecast_is_held_against_the_aim_at_both_thresholds():
    forecast = rule("forecast", "0.9", "0.7")
    seen = [judge(forecast, outlook("0", forecast=number, aim="0.7")) for number in ("0.63", "0.62", "0.49", "0.48")]
    assert seen == [Status.ON_TRACK, Status.AT_RISK, Status.AT_RISK, Status.OFF_TRACK]


@given(SHARES, SHARES, st.sampled_from(sorted(RULES)))
def test_a_threshold_belongs_to_the_better_side(pace, threshold, name):
    """Exactly on a threshold is never worse than a little above it."""
    lower, upper = sorted((threshold, threshold / 2))
    first, second = (lower, upper) if name == "pace_gap" else (upper, lower)
    configured = StatusRule(name, first, second, Decimal(0))
    exact = pace - first if name == "pace_gap" else first if name in ("absolute", "forecast") else first * pace
    assert judge(configured, Outlook(exact, pace, ONE, exact)) is Status.ON_TRACK
