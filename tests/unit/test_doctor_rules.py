"""What the doctor makes of what was tried."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from mappings.model import Gap, GapKind, Measure, Metric, Query, Reading
from okr.model import Key, KeyResult, Kpi, Objective, Okrs, Person
from sync.care.doctor_people import check_accounts, check_people
from sync.care.doctor_rules import Check, Level, check_clock, check_layout, check_zone, say_answer
from sync.care.doctor_tokens import read_end
from sync.cli.doctor import render_check
from sync.questions import Questions
from sync.sheet.layout import LAYOUT_VERSION
from tests.unit.sync_sheets import row_key

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("ahead", "level"), [(None, Level.FINE), (-60, Level.FINE), (4, Level.FINE), (6, Level.LOOK), (6000, Level.LOOK)]
)
def test_a_last_run_that_is_still_to_come_is_a_wrong_clock(ahead, level):
    heartbeat = None if ahead is None else NOW + timedelta(minutes=ahead)
    assert check_clock(heartbeat, NOW).level is level


def test_sheet_and_config_have_to_end_their_days_together():
    assert check_zone("Europe/Berlin", "Europe/Berlin").level is Level.FINE
    assert check_zone("", "Europe/Berlin").level is Level.FINE  # a workbook has no zone
    found = check_zone("America/New_York", "Europe/Berlin")
    assert found.level is Level.LOOK
    assert "America/New_York" in found.said
    assert "timezone: America/New_York" in found.fix


def test_an_older_layout_is_worth_a_look():
    assert check_layout(LAYOUT_VERSION).level is Level.FINE
    assert "okr-sync layout" in check_layout(LAYOUT_VERSION - 1).fix


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (Reading(Decimal(5), NOW), Level.FINE),
        (Gap(GapKind.REFUSED, "401", "Renew env:TOKEN."), Level.FAIL),
        (Gap(GapKind.UNAVAILABLE, "down"), Level.FAIL),
        (Gap(GapKind.EMPTY, "an average of nothing"), Level.LOOK),
        (Gap(GapKind.MISREAD, "no field"), Level.LOOK),
    ],
)
def test_only_a_source_that_does_not_answer_fails(answer, level):
    found = say_answer("jira", {"B", "A"}, answer)
    assert found.level is level
    assert "for A, B" in found.said
    if isinstance(answer, Gap):
        assert answer.reason in found.said
        assert found.fix == (answer.fix or "")


def kr(own_id, owner, cycle="Q4", due=None):
    return KeyResult(Key(cycle, own_id), own_id, owner=owner, due=due)


def people(krs, *persons):
    return [(each.level, each.said) for each in check_people(Okrs({}, (), tuple(krs), people=persons), {"Q4"}, TODAY)]


def test_who_left_is_named_with_what_they_own():
    jonas = Person("Jonas Brandt", "jonas@acme.example", left=date(2026, 11, 3))
    maya = Person("Maya Lin", left=date(2026, 12, 10))
    later = Person("Ida Ek", left=date(2027, 6, 1))
    krs = [kr("A", "jonas brandt"), kr("B", "Jonas@acme.example"), kr("C", "Maya Lin"), kr("D", "Ida Ek"), kr("E", "")]
    assert people(krs, jonas, maya, later) == [
        (Level.LOOK, "Jonas Brandt has left and owns A, B"),
        (Level.LOOK, "Maya Lin leaves on 10 Dec and owns C"),
        (Level.LOOK, "nobody owns E"),
    ]


def test_objectives_kpis_and_people_hang_on_who_left_too():
    krs = [KeyResult(Key("Q4", "A"), "A", objective="WEB", owner="Maya Lin")]
    objectives = (Objective(Key("Q4", "WEB"), "Web", owner="Jonas Brandt"), Objective(Key("Q3", "OLD"), "Old"))
    persons = (
        Person("Jonas Brandt", left=date(2026, 11, 3)),
        Person("Maya Lin", manager="jonas  brandt"),
        Person("Ida Ek", manager="Jonas Brandt"),
    )
    okrs = Okrs({}, objectives, tuple(krs), (Kpi("KPI-1", "Bugs", owner="Jonas Brandt"),), persons)
    assert [each.said for each in check_people(okrs, {"Q4"}, TODAY)] == [
        "Jonas Brandt has left and owns WEB, KPI-1",
        "Jonas Brandt has left and leads Maya Lin: nobody hears then of what these owe",
    ]


@pytest.mark.parametrize(
    ("options", "left", "said"),
    [
        ({"email": "Jonas@acme.example"}, date(2026, 11, 3), "Jonas Brandt has left: with that account 2 key results"),
        ({"user": "jonas@acme.example"}, date(2026, 12, 1), "Jonas Brandt leaves on 01 Dec: with that account 2 key"),
        ({"email": "jonas@acme.example"}, date(2027, 12, 1), None),
        ({"email": "robot@acme.example"}, date(2026, 11, 3), None),
        ({"email": None}, date(2026, 11, 3), None),
        ({}, date(2026, 11, 3), None),
    ],
)
def test_a_source_that_asks_as_who_left_loses_its_numbers(options, left, said):
    metric = Metric(Query("jira", "x"), Measure("count"))
    other = Metric(Query("crm", "x"), Measure("count"))
    asked = {"A": (metric, other), "B": (metric,), "C": (other,)}
    questions = Questions({row_key(own_id): SimpleNamespace(metrics=metrics) for own_id, metrics in asked.items()})
    okrs = Okrs({}, (), (), people=(Person("Jonas Brandt", "jonas@acme.example", left=left),))
    found = list(check_accounts({"jira": SimpleNamespace(**options)}, questions, okrs, TODAY))
    if said is None:
        assert found == []
    else:
        [check] = found
        assert (check.about, check.level) == ("jira", Level.LOOK)
        assert said in check.said
        assert check.said.endswith("(A, B)")


def test_what_is_over_or_of_another_cycle_needs_no_owner():
    krs = [kr("A", "", cycle="Q3"), kr("B", "", due=date(2026, 11, 1)), kr("C", "Maya")]
    assert people(krs) == [(Level.FINE, "every running key result has an owner who is here")]


def test_a_long_name_keeps_its_distance():
    assert render_check(Check("prometheus", Level.FINE, "answered")).split() == ["prometheus", "ok", "answered"]


def jwt(claims):
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "x"}, claims)
    )
    return ".".join([*parts, "c2lnbmVk"])


@pytest.mark.parametrize(
    ("token", "end"),
    [
        (jwt({"exp": 1795564800}), datetime(2026, 11, 25, tzinfo=UTC)),
        (jwt({"exp": "soon"}), None),
        (jwt({"exp": 10**30}), None),
        (jwt({"sub": "x"}), None),
        (jwt([]), None),
        ("patA1b2.c3d4e5f6", None),
        ("a.b.c", None),
        ("ATATT3xFfGF0", None),
        ("", None),
    ],
)
def test_a_token_may_say_until_when_it_is_good(token, end):
    assert read_end(token) == end
