"""A win is celebrated in the week in which the target is reached for the first time, and never again."""

from datetime import timedelta
from decimal import Decimal

from sync.board_facts import make_facts
from sync.run import RunWishes, apply_run
from sync.run_rows import RunStamp
from tests.unit.cycle_sheets import START, make_company


def won_on(days, numbers):
    """On which of these days the key result A is among the week's wins, with its number on each."""
    world, _, engine = make_company()
    found = []
    for day, number in zip(days, numbers, strict=True):
        world.now = START + timedelta(days=day)
        world.numbers["a"] = Decimal(number)
        plan = apply_run(engine, RunWishes()).plan
        cycle = plan.snapshot.okrs.cycles["2026-Q4"]
        facts = make_facts(plan, RunStamp("run", world.now, world.now), cycle, 3, engine.project.config.scoring)
        found += [day] if facts.won else []
    return found


def test_a_win_is_shown_for_a_week():
    assert won_on(range(25), [5] * 10 + [10] * 15) == [10, 11, 12, 13, 14, 15, 16]


def test_reached_again_after_a_dip_that_no_weekly_point_saw_it_is_no_win():
    numbers = [5] * 9 + [10] + [5] * 10 + [10] * 5
    assert won_on(range(25), numbers) == [9]


def test_what_was_reached_when_it_was_first_seen_is_no_win():
    assert won_on(range(20), [10] * 20) == []
