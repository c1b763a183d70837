"""What people are still to be told: merged over nights, claimed by one run, settled when it is told, quiet at night."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.mail_rules import Kind, MailRules, Quiet, make_route
from sync.plan_news import CLAIM, DIGEST, claim, is_due, next_outbox, parse_news_key, render_news_key, settle
from sync.sheet.ledger import Head, Part
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.outbox import KEPT, NO_OUTBOX, Outbox, parse_outbox, render_outbox
from tests.unit.sync_sheets import row_key

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=BERLIN)
NIGHT = Quiet(time(20), time(7), frozenset({5, 6}), BERLIN)
TELLS = MailRules(tells=True)
NAME = render_news_key(Kind.STATUS, row_key("A"))


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [("2026-11-23T06:59", True), ("2026-11-23T07:00", False), ("2026-11-23T19:59", False), ("2026-11-23T20:00", True),
     ("2026-11-24T00:00", True), ("2026-11-21T12:00", True), ("2026-11-22T23:59", True), ("2026-10-25T12:00", True),
     ("2026-10-26T06:30", True), ("2026-10-26T07:30", False)],
)  # fmt: skip
def test_quiet_hours_go_over_midnight_and_over_the_change_of_clocks(moment, is_quiet):
    local = datetime.fromisoformat(moment).replace(tzinfo=BERLIN)
    assert NIGHT.covers(local) is is_quiet
    assert NIGHT.covers(local.astimezone(UTC)) is is_quiet, "whatever the runner's own clock says"


def test_quiet_hours_within_a_day_and_none_at_all():
    lunch = replace(NIGHT, begins=time(12), ends=time(13), days=frozenset())
    assert [lunch.covers(MONDAY.replace(hour=hour)) for hour in (11, 12, 13)] == [False, True, False]
    assert not replace(lunch, begins=time(0), ends=time(0)).covers(MONDAY)


@pytest.fixture
def turn(monkeypatch):
    """What this run changes: statuses of A from, to."""

    def make(outbox, *pairs, rules=TELLS, now=MONDAY, is_copy=False):
        changes = [(row_key("A"), old, new) for old, new in pairs]
        monkeypatch.setattr("sync.plan_news.find_turns", lambda _: iter(changes))
        return next_outbox(outbox, (), rules, now, is_copy=is_copy)

    return make


def test_news_of_quiet_nights_is_told_once_against_what_people_know(turn):
    quiet = replace(TELLS, quiet=NIGHT)
    first = turn(NO_OUTBOX, ("On track", "At risk"), rules=quiet)
    assert (first.news, first.claimed) == ({NAME: "On track"}, None)
    second = turn(first, ("At risk", "Off track"), rules=quiet)
    assert second.news == {NAME: "On track"}, "people were told On track last"
    later = MONDAY.replace(hour=9)
    assert turn(second, rules=quiet, now=later).claimed == later
    back = turn(second, ("Off track", "On track"), rules=quiet)
    assert back.news == {}, "it is back where people think it is"


def test_a_run_that_tells_nobody_leaves_the_outbox_alone(turn):
    known = Outbox({NAME: "On track"})
    assert turn(known, ("At risk", "Off track"), rules=MailRules()) is known


def test_a_copy_of_the_sheet_tells_nobody_the_old_news(turn):
    assert turn(Outbox({NAME: "On track"}, date(2026, 11, 2)), is_copy=True) == NO_OUTBOX


def test_while_a_run_tells_no_other_does_and_a_dead_one_is_taken_over(turn):
    going = turn(NO_OUTBOX, ("On track", "At risk"))
    assert going.claimed == MONDAY
    soon, late = MONDAY + timedelta(minutes=5), MONDAY + CLAIM
    assert turn(going, now=soon).claimed == MONDAY, "it is still telling"
    assert turn(going, now=late).claimed == late
    ahead = replace(going, claimed=MONDAY + timedelta(days=30))
    assert claim(ahead, TELLS, MONDAY).claimed == MONDAY, "a clock that was wrong claims nothing for a month"


def test_what_is_told_goes_and_what_is_not_stays_free(turn):
    going = turn(NO_OUTBOX, ("On track", "At risk"))
    assert settle(going, {NAME: "At risk"}, {NAME: "At risk"}, MONDAY) == NO_OUTBOX
    kept = settle(going, {}, {NAME: "At risk"}, MONDAY)
    assert (kept.news, kept.claimed) == ({NAME: "On track"}, None)
    moved_on = settle(going, {NAME: "At risk"}, {NAME: "Off track"}, MONDAY)
    assert moved_on.news == {NAME: "At risk"}, "another run changed it again meanwhile: that is still to be told"
    assert settle(replace(going, claimed=MONDAY + CLAIM), {}, {}, MONDAY).claimed == MONDAY + CLAIM, "another's claim"


@pytest.mark.parametrize(
    ("last", "today", "due"),
    [(None, 23, True), (None, 24, False), (16, 23, True), (16, 22, False), (23, 23, False), (23, 29, False),
     (16, 25, True), (2, 23, True)],
)  # fmt: skip
def test_the_digest_is_due_once_a_week_also_where_its_day_was_missed(turn, last, today, due):
    rules = replace(TELLS, weekly=0)
    day = date(2026, 11, today)
    known = Outbox(digest=date(2026, 11, last) if last else None)
    assert is_due(known.digest, rules.last_due(day), day) is due
    found = turn(known, rules=rules, now=MONDAY.replace(day=today))
    assert (DIGEST in found.news) is due
    assert found.digest == rules.last_due(day)
    assert DIGEST not in turn(replace(found, news={}, claimed=None), rules=rules, now=MONDAY.replace(day=today)).news


def test_a_digest_begins_where_the_last_one_was(turn):
    rules = replace(TELLS, weekly=0)
    since = [turn(Outbox(digest=last), rules=rules).news[DIGEST]
             for last in (None, date(2026, 11, 16), date(2026, 11, 9), date(2026, 6, 1))]  # fmt: skip
    assert since == ["2026-11-17", "2026-11-17", "2026-11-10", "2026-11-17"]


def test_keys_and_routes():
    assert parse_news_key(NAME) == (Kind.STATUS, row_key("A"))
    assert parse_news_key(render_news_key(Kind.CHECK_INS, row_key("A|B"))) == (Kind.CHECK_INS, row_key("A|B"))
    assert [parse_news_key(text) for text in (DIGEST, "else|2026-Q4|A", "status|A")] == [None] * 3
    web = make_route(["env:WEB"], ["won"], [" web "], ["Ann"])
    assert (web.takes(Kind.WON), web.takes(Kind.DIGEST)) == (True, False)
    assert [web.concerns(*pair) for pair in (("Web", "Bo"), ("Ops", "ANN"), ("Ops", "Bo"))] == [True, True, False]
    assert make_route(["env:ALL"]).concerns("Ops", "Bo")


@given(
    st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=5),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.dictionaries(st.text(max_size=20), st.dates(), max_size=5),
)
def test_the_ledger_keeps_it_for_one_config_and_for_several(news, digest, claimed, reminded):
    outbox = Outbox(news, digest, claimed, reminded)
    assert parse_outbox(render_outbox(outbox)) == outbox
    head = Head("s", "e", outbox=outbox, parts={"web": Part(outbox=outbox)})
    assert parse_head(render_head(head)) == head


def test_a_head_without_an_outbox_is_as_it_was():
    assert "outbox" not in render_head(Head("s", "e", parts={"web": Part()}))
    many = Outbox({str(at): "" for at in range(KEPT + 5)})
    assert len(parse_outbox(render_outbox(many)).news) == KEPT
