"""Problems over several runs: new once, then open since a day, then over."""

from dataclasses import replace
from datetime import date

from connectors.secret import Reference, Secret
from okr.problem import CellPlace, Problem
from sync.problem_life import WORDS_KEPT, make_life, render_identity
from sync.sheet.ledger import OpenProblem
from sync.sheet.ledger_text import parse_head, render_head
from tests.unit.sync_sheets import HEAD

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (16, 17, 18))
BAD = Problem("mapping.bad", "A can't be used", CellPlace("Key Results", "D7"), subject="A")
DOWN = Problem("source.unavailable", "jira can't be reached", subject="jira")


def test_a_problem_is_new_then_open_since_its_first_day_then_over():
    first = make_life({}, [BAD], MONDAY, asked_all=True)
    assert (first.new, first.over, first.since(BAD)) == ((BAD,), (), MONDAY)
    second = make_life(first.open, [BAD, DOWN], TUESDAY, asked_all=True)
    assert (second.new, second.over) == ((DOWN,), ())
    assert (second.since(BAD), second.since(DOWN)) == (MONDAY, TUESDAY)
    third = make_life(second.open, [DOWN], WEDNESDAY, asked_all=True)
    assert (third.new, third.over) == ((), (OpenProblem(MONDAY, "Key Results!D7: A can't be used"),))
    again = make_life(third.open, [BAD, DOWN], WEDNESDAY, asked_all=True)
    assert (again.new, again.since(BAD)) == ((BAD,), WEDNESDAY)


def test_a_source_that_was_not_asked_has_neither_recovered_nor_failed_anew():
    known = make_life({}, [BAD, DOWN], MONDAY, asked_all=True).open
    life = make_life(known, [], TUESDAY, asked_all=False)
    assert [item.words for item in life.over] == ["Key Results!D7: A can't be used"]
    assert life.since(DOWN) == MONDAY
    assert make_life(life.open, [DOWN], WEDNESDAY, asked_all=True).new == ()


def test_two_problems_with_one_identity_are_one():
    other = replace(BAD, message="A can't be used either")
    life = make_life({}, [BAD, other], MONDAY, asked_all=True)
    assert (life.new, len(life.open)) == ((BAD, other), 1)


def test_words_are_kept_for_some_and_days_for_all_through_the_head():
    problems = [replace(BAD, subject=f"A{at}") for at in range(WORDS_KEPT * 2)]
    life = make_life({}, problems, MONDAY, asked_all=True)
    assert sum(bool(item.words) for item in life.open.values()) == WORDS_KEPT
    kept = parse_head(render_head(replace(HEAD, problems=life.open))).problems
    assert kept == life.open
    assert make_life(kept, problems, TUESDAY, asked_all=True).open == life.open


def test_a_token_in_a_message_is_not_kept():
    token = Secret(Reference("env", "TOKEN"), "s3cr3t-t0ken-0123456789")
    life = make_life({}, [Problem("x.y", f"refused {token.reveal()}")], MONDAY, asked_all=True)
    assert "s3cr3t" not in str(life.open)


def test_heads_of_before_have_identities_only():
    text = render_head(HEAD).replace('"problems":{}', f'"problems":["{render_identity(BAD)}"]')
    life = make_life(parse_head(text).problems, [BAD], MONDAY, asked_all=True)
    assert (life.new, life.since(BAD)) == ((), None)
