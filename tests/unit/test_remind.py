"""Reminders: who owes a check-in, by owner and lead; answers of a form; how the practice is kept."""

from datetime import date
from decimal import Decimal

import pytest

from sync.run import RunWishes, apply_run, find_open, preview
from sync.sheet.answers import begins_with
from sync.sheet.layout import Field, Tab
from sync.tell.document import render_text
from sync.tell.reminders import NOBODY, make_reminders
from sync.tell.reminders_text import make_document, reminders_json
from tests.unit.cycle_sheets import CONFIG, A, B, C, M, check_in, live_through, make_company, put, shows

FORM = """
checkins:
  cadence: {Ops: 14d}
  form: {tab: Answers, columns: {Date: Timestamp, KR ID: Which key result?, Confidence: How sure?}}
"""


def remind(engine):
    plan = preview(engine, RunWishes(fetch=False))
    config = engine.project.config
    return make_reminders(plan, find_open(engine, plan.snapshot, plan.now), config.cadence, config.stale_days)


def where(cycle):
    return f"Check-ins {cycle}"


@pytest.fixture
def lived():
    """The tenth day; A has a check-in of the fifth."""
    world, store, engine = make_company()
    live_through(world, engine, days=9)
    check_in(store, 1, date(2026, 10, 5), "A", confidence=7)
    return world, store, engine


def test_an_owner_is_told_all_that_is_due_below_their_lead(lived):
    found = remind(lived[2])
    assert found.asked == 4
    assert [(each.owner, each.email, each.lead, [item.kr.key.id for item in each.owed]) for each in found.people] == [
        ("Bo", "bo@acme.test", "Mo", ["B", "C", "M"])
    ]
    text = render_text(make_document(found, where, stats=False))
    assert "10 Oct 2026: 3 of 4 key results wait for a check-in; 25 % came in time so far." in text
    assert "Lead: Mo" in text
    assert (
        "Bo, 3 key results wait for your check-in: B (none yet), C (none yet), M (none yet). A line in "
        "“Check-ins 2026-Q4” is enough" in text
    )


def test_a_check_in_settles_it_until_the_next_is_due(lived):
    world, store, engine = lived
    for row, own_id in enumerate("BCM", 2):
        check_in(store, row, date(2026, 10, 10), own_id)
    assert remind(engine).people == ()
    assert "nobody owes a check-in" in render_text(make_document(remind(engine), where, stats=False))
    world.pass_days(2)
    found = remind(engine)
    assert [(each.owner, each.owed[0].last) for each in found.people] == [("Ann", date(2026, 10, 5))]
    assert (
        "Ann, 1 key result waits for your check-in: A (last on 5 Oct)."
        in reminders_json(found, where)["reminders"][0]["text"]
    )


def test_paused_unapproved_not_begun_and_over_ones_are_not_asked_for(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, A, approved=True)
    put(store, Tab.KEY_RESULTS, B, approved=True, start=date(2026, 11, 1))
    put(store, Tab.KEY_RESULTS, C, approved=True, due=date(2026, 10, 8))
    assert remind(engine).asked == 1, "and M, which nobody approved"
    world.pass_days(120)
    assert remind(engine).asked == 0
    assert "no key result is running" in render_text(make_document(remind(engine), where, stats=True))


def test_nobody_s_and_strangers_key_results_are_listed_too(lived):
    _, store, engine = lived
    put(store, Tab.KEY_RESULTS, B, owner=None)
    put(store, Tab.KEY_RESULTS, C, owner="A  Stranger", next_step="Call Maya")
    put(store, Tab.KEY_RESULTS, M, owner="mo@acme.test")
    found = remind(engine)
    assert [(each.owner, each.lead) for each in found.people] == [("A Stranger", ""), ("Mo", ""), (NOBODY, "")]
    text = render_text(make_document(found, where, stats=False))
    assert "Without a lead in People" in text
    assert "C, next step: Call Maya" in text


def test_the_practice_is_counted_by_team(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, A, score=Decimal("0.9"))
    apply_run(engine, RunWishes())
    put(store, Tab.KEY_RESULTS, M, owner=None)
    world.pass_days(10)
    found = {each.team: each for each in remind(engine).practice}
    web, ops = found["Web"], found["Ops"]
    assert (web.count, web.automated, web.stale, web.held, web.ownerless) == (2, 2, 2, 1, 0)
    assert (ops.count, ops.automated, ops.held, ops.ownerless) == (2, 0, 0, 1)
    assert web.on_time == Decimal("0.2500")
    text = render_text(make_document(remind(engine), where, stats=True))
    assert [line.split() for line in text.splitlines() if "  Web " in line] == [
        ["Web", "2", "100", "%", "2", "1", "0", "25", "%"]
    ]


def test_a_form_s_answers_count_as_check_ins_and_feed_confidence():
    world, store, engine = make_company(more=CONFIG + FORM)
    from tests.support.memory_store import MemoryTab

    store.tabs.append(MemoryTab(500, "Answers"))
    live_through(world, engine, days=9)
    for column, text in enumerate(("Timestamp", "Which key result?", "How sure?", "Anything else?")):
        store.type("Answers", 0, column, text)
    answers = [(date(2026, 10, 9), "B Ten partners", 4), (date(2026, 10, 9), "Z", 3), (date(2026, 6, 1), "A", 9)]
    for row, values in enumerate(answers, 1):
        for column, value in enumerate(values):
            store.type("Answers", row, column, Decimal(value) if isinstance(value, int) else value)
    apply_run(engine, RunWishes())
    assert shows(store, B, Field.CONFIDENCE) == 4
    assert shows(store, A, Field.CONFIDENCE) is None, "an answer from before the cycle"
    owed = {item.kr.key.id for each in remind(engine).people for item in each.owed}
    assert owed == {"A"}, "B has answered, and Ops checks in every 14 days"


def test_a_form_that_is_not_there_is_a_problem():
    _, _, engine = make_company(more=CONFIG + FORM)
    problems = preview(engine, RunWishes(fetch=False)).problems
    assert [problem.code for problem in problems if "Answers" in problem.message] == ["sheet.form-missing"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("W-1.1", True), (" W-1.1 Share", True), ("W-1.1: Share", True), ("W-1.1. Share", True), ("W-1.10", False),
     ("W-1.1.2", False), ("W-1.1-b", False), ("X", False)],
)  # fmt: skip
def test_an_answer_begins_with_the_id(text, found):
    assert begins_with(text, "W-1.1") is found
