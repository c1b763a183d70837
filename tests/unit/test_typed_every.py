"""Values that people type once a month, a quarter or a year don't turn grey after two weeks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from okr.model import Standing
from sync.run import RunWishes, apply_run, preview
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, RowKey
from sync.sheet.ledger_text import parse_head
from sync.sheet.rules import EVERY_DAYS, EVERY_SINCE, MANUAL_SOURCE, parse_manual, render_manual
from sync.stale import find_stale
from sync.standings import RowStanding
from tests.support.fake_source import make_engine
from tests.unit.sync_sheets import row_key
from tests.unit.test_run_cycle import CONFIG, live, make, put, set_layout

START = datetime(2026, 10, 2, 6, 30, tzinfo=UTC)
ALL = RunWishes()
KEY = RowKey(Tab.KEY_RESULTS, "2026-Q4", "A")


def open_typed(every: str, *, name: str = "", rows: str = ""):
    """A sheet with A, whose value somebody has typed, and an engine whose mapping says how often."""
    world, store, _ = make(START)
    put(store, Tab.KEY_RESULTS, 1, current=Decimal(5))
    more = CONFIG + (f"\nname: {name}" if name else "")
    mapping = f"key_results:\n  A: {{manual: Ask the board{f', every: {every}' if every else ''}}}\n"
    return world, store, make_engine(world, store, mapping, more=more, sheet=f", rows: [{rows}]" if rows else "")


def is_grey(engine) -> bool:
    plan = preview(engine, ALL)
    return bool(find_stale(plan.standings, plan.day, engine.project.config.stale_days))


@pytest.mark.parametrize(("every", "last"), [("", 14), ("week", 14), ("month", 38), ("quarter", 99), ("year", 373)])
def test_a_row_turns_grey_a_week_after_it_was_due(every: str, last: int) -> None:
    _, store, engine = open_typed(every)
    apply_run(engine, ALL)
    assert live(store, 1, Field.SOURCE) == render_manual(every or "week")
    old = {row_key("A"): RowStanding(Standing(as_of=START), every=preview(engine, ALL).standings[KEY].every)}
    today = START.date()
    assert find_stale(old, today + timedelta(days=last), 3) == {}
    assert list(find_stale(old, today + timedelta(days=last + 1), 3).values()) == [date(2026, 10, 2)]
    assert find_stale(old, today + timedelta(days=last + 1), 400) == {}


def test_a_run_says_so_of_the_row_through_the_whole_quarter() -> None:
    world, _, engine = open_typed("quarter")
    apply_run(engine, ALL)
    world.now = START + timedelta(days=60)
    apply_run(engine, ALL)
    assert not is_grey(engine)
    _, _, weekly = open_typed("week")
    apply_run(weekly, ALL)
    weekly = replace(weekly, around=world.around())
    assert is_grey(weekly)


def test_another_config_of_the_sheet_believes_what_the_row_s_source_says() -> None:
    world, store, engine = open_typed("quarter", name="web", rows="A")
    apply_run(engine, ALL)
    other = make_engine(
        world, store, "key_results: {}\n", more=f"{CONFIG}\nname: ops", sheet=", rows: [OPS-*]"
    )  # fmt: skip
    world.now = START + timedelta(days=60)
    assert not is_grey(other)
    put(store, Tab.KEY_RESULTS, 1, source=MANUAL_SOURCE)
    assert is_grey(other)


def test_a_sheet_of_an_older_layout_learns_it_by_itself_and_only_where_it_is_needed() -> None:
    def version(store) -> int:
        return parse_head(str(store.cell(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN).value)).layout

    for every, after in (("week", EVERY_SINCE - 1), ("quarter", EVERY_SINCE)):
        _, store, engine = open_typed(every)
        apply_run(engine, ALL)
        set_layout(store, EVERY_SINCE - 1)
        apply_run(engine, ALL)
        assert version(store) >= after
        assert (version(store) >= EVERY_SINCE) is (every == "quarter")


def test_source_says_it_in_words_that_are_read_back() -> None:
    assert render_manual("quarter") == "Typed by hand in Current once a quarter"
    assert [parse_manual(render_manual(every)) for every in EVERY_DAYS] == list(EVERY_DAYS)
    assert parse_manual("jira: project = WEB") == parse_manual("") == "week"
