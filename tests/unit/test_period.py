"""What a span of days brought: scores before and now, what turned, what was said, and what to improve."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from okr.model import Status
from sync.run import RunWishes, apply_run, find_open, preview_unasked
from sync.sheet.layout import Tab
from sync.tell.document import render_markdown, render_text
from sync.tell.period_html import render_period
from sync.tell.period_make import make_period
from sync.tell.period_text import make_document, period_json, render_span, say_headline
from tests.unit.cycle_sheets import A, B, C, check_in, live_through, make_company, put

LINES = "Ten deals\n\nChallenges\u2028  Newly red: B"
HOSTILE = '<img src=x onerror=alert(1)> [click](https://evil.example) | `x` \x1b[31m"quoted"'


def look(engine, days=7):
    plan, runs = preview_unasked(engine, Tab.HISTORY)
    since = plan.day - timedelta(days=days - 1)
    return make_period(plan, runs, find_open(engine, plan.snapshot, plan.now), since, engine.project.config)


def named(courses):
    return [each.kr.key.id for each in courses]


@pytest.fixture
def lived():
    """The 36th of 92 days, with a run every week: A is ahead of its pace, B behind."""
    world, store, engine = make_company()
    live_through(world, engine, days=35)
    return world, store, engine


def test_a_score_is_set_against_the_one_before_the_span(lived):
    world, _, engine = lived
    found = look(engine)
    moved = {each.kr.key.id: (each.then, each.result.score) for each in found.movers}
    assert moved == {"A": (Decimal("0.3077"), Decimal("0.3846")), "B": (Decimal("0.1231"), Decimal("0.1538"))}
    assert named(found.movers) == ["A", "B"], "the furthest first"
    assert found.moved == Decimal("0.0538")
    assert look(engine, 1).movers == look(engine, 7).movers, "all of it came with the last run"
    world.pass_days(1)
    assert look(engine, 1).movers == (), "that was yesterday"
    assert [each.then for each in look(engine, 37).courses] == [None] * 4, "first values are no moves"


def test_a_win_is_told_in_its_span_and_in_no_other(lived):
    world, _, engine = lived
    world.numbers["a"] = Decimal(10)
    world.pass_days(1)
    apply_run(engine, RunWishes())
    assert named(look(engine, 1).won) == ["A"]
    assert look(engine, 1).better == (), "a win isn't told twice"
    world.numbers["a"] = Decimal(9)
    world.pass_days(1)
    apply_run(engine, RunWishes())
    world.numbers["a"] = Decimal(10)
    world.pass_days(1)
    apply_run(engine, RunWishes())
    again = look(engine, 1)
    assert (named(again.won), named(again.better)) == ([], ["A"]), "the target was reached before"


def test_what_turns_red_is_told_once_and_what_was_red_before_is_not_new(lived):
    world, _, engine = lived
    assert look(engine).red == (), "B was off track the week before"
    world.numbers |= {"a": Decimal(1)}
    world.pass_days(1)
    apply_run(engine, RunWishes())
    found = look(engine, 1)
    assert named(found.red) == ["A"]
    assert found.red[0].was is Status.ON_TRACK
    assert "Newly red: A Ten deals (Ann): On track → Off track." in render_text(make_document(found))


def test_what_owners_said_goes_where_it_belongs(lived):
    _, store, engine = lived
    check_in(store, 1, date(2026, 11, 4), "A", comment="Two big ones", by="Ann")
    check_in(store, 2, date(2026, 11, 5), "B", comment="Nobody answers", blocker="No budget", by="Bo")
    check_in(store, 3, date(2026, 10, 2), "A", comment="Too long ago")
    found = look(engine)
    assert [(item.key.id, item.text) for item in found.praise] == [("A", "Two big ones")]
    assert [item.text for item in found.trouble] == ["No budget", "Nobody answers"]


def test_moved_goalposts_are_told_in_their_span(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, B, target=5)
    world.pass_days(1)
    apply_run(engine, RunWishes())
    assert "B Ten partners: Target 10 → 5, 6 Nov" in render_text(make_document(look(engine)))
    world.pass_days(8)
    assert look(engine).goalposts == ()


def test_advice_says_what_hides_the_truth_and_what_nobody_acts_on(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, C, owner=None, current=4)
    facts = " ".join(each.fact for each in look(engine).advice)
    assert "1 key result is red and without a next step: B." in facts
    assert "wait for a check-in, from" in facts
    assert "1 key result is without an owner: C." in facts
    put(store, Tab.KEY_RESULTS, B, next_step="Ask Maya by Friday")
    put(store, Tab.KEY_RESULTS, A, score=Decimal("0.9"))
    check_in(store, 1, date(2026, 11, 5), "A", confidence=2)
    apply_run(engine, RunWishes())
    facts = " ".join(each.fact for each in look(engine).advice)
    assert "without a next step" not in facts
    assert "1 key result is on track, and not believed in by the owner: A." in facts
    assert "typed over" not in facts
    world.pass_days(31)
    assert "typed over for 30 days and more: A." in " ".join(each.fact for each in look(engine).advice)


def test_a_source_that_is_down_comes_first(lived):
    world, _, engine = lived
    world.is_down = True
    world.pass_days(1)
    apply_run(engine, RunWishes())
    assert look(engine).advice[0].fact.startswith("2 key results have no fresh reading: A, B. The reason: ")


def test_forecasts_below_the_aim_are_listed(lived):
    found = look(lived[2])
    assert named(found.short) == ["B"]
    assert found.forecast == Decimal("0.7000")
    assert "At this pace the cycle ends at 0.70." in say_headline(found)


def test_the_span_is_named_as_people_do(lived):
    found = look(lived[2])
    assert render_span(found) == "30 Oct to 5 Nov 2026"
    assert render_span(look(lived[2], 1)) == "5 Nov 2026"
    assert render_span(look(lived[2], 3)) == "3 to 5 Nov 2026"


def test_without_scores_or_history_it_says_so():
    _, _, engine = make_company()
    found = look(engine)
    assert "No key result has a score yet." in render_text(make_document(found))
    assert render_period(found).startswith("<!DOCTYPE html>")
    assert period_json(found)["score"]["now"] is None


def test_a_history_that_somebody_wrote_into_breaks_nothing(lived):
    _, store, engine = lived
    store.type("History 2026-Q4", 2, 0, "some day in June")
    assert named(look(engine).movers) == ["A", "B"]


def test_what_people_wrote_is_text_in_every_format(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, A, key_result=HOSTILE, owner=HOSTILE)
    check_in(store, 1, date(2026, 11, 4), "A", comment=HOSTILE, by=HOSTILE)
    world.numbers["a"] = Decimal(1)
    apply_run(engine, RunWishes())
    found = look(engine)
    page = render_period(found)
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in render_markdown(make_document(found)).replace("\\<img", "")
    assert "](" not in render_markdown(make_document(found)).replace("\\](", "")


def test_a_name_of_several_lines_stays_one(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, A, key_result=LINES)
    world.numbers["a"] = Decimal(1)
    world.pass_days(1)
    apply_run(engine, RunWishes())
    for text in (render_text(make_document(look(engine))), render_markdown(make_document(look(engine)))):
        assert [line.strip("# ") for line in text.splitlines()].count("Challenges") == 1
        assert not any(line.strip().startswith("Newly red: B") for line in text.splitlines())
