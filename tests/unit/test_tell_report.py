"""The report of a run about the practice: wins, movers, moved goalposts, and how each key result moves."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from sync.run import RunWishes, apply_run
from sync.sheet.layout import Tab
from sync.tell.report import render_report
from tests.unit.cycle_sheets import START, A, C, M, check_in, live_through, make_company, put

GROW = 2  # a row of Objectives


@pytest.fixture
def lived():
    world, store, engine = make_company()
    live_through(world, engine, days=42)
    world.now = START + timedelta(days=46)
    return world, store, engine


def page_of(engine):
    """The text of the page, section by section, without its tags."""
    html = render_report(apply_run(engine, RunWishes()).plan)
    sections = re.findall(r"<section><h2>(.*?)</h2>(.*?)</section>", html, re.DOTALL)
    return {_plain(title): _plain(body) for title, body in sections}, html


def _plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def section(pages, name):
    return next((body for title, body in pages[0].items() if title.startswith(name)), None)


def test_what_was_won_bears_the_names_of_those_who_did_it_and_only_for_a_week(lived):
    world, _, engine = lived
    world.numbers |= {"a": Decimal(10), "b": Decimal(10)}
    page = page_of(engine)
    assert section(page, "Won this week") == (
        "CO Lead Mo Achieved O Grow Ann Achieved A Ten deals Ann Achieved B Ten partners Bo Achieved"
    )
    world.pass_days(6)
    assert section(page_of(engine), "Won this week") is not None
    world.pass_days(1)
    assert section(page_of(engine), "Won this week") is None


def test_the_biggest_movers_come_first_whichever_way(lived):
    world, _, engine = lived
    world.numbers |= {"a": Decimal(5), "b": Decimal(1)}
    assert section(page_of(engine), "Moved most this week") == (
        "A Ten deals Ann Score +0.12 to 0.50 B Ten partners Bo Score −0.05 to 0.10"
    )


def test_moved_goalposts_stand_with_their_days_and_both_grades(lived):
    world, store, engine = lived
    assert section(page_of(engine), "Goalposts moved") is None
    put(store, Tab.KEY_RESULTS, A, target=5)
    put(store, Tab.OBJECTIVES, GROW, owner="Bo")
    found = section(page_of(engine), "Goalposts moved")
    assert "O Grow Bo 16 Nov Owner Ann → Bo Score 0.32 as committed, 0.55 as revised" in found
    assert "A Ten deals Ann 16 Nov Target 10 → 5 Score 0.46 as committed, 0.92 as revised" in found
    world.pass_days(5)
    put(store, Tab.KEY_RESULTS, A, target=8)
    found = section(page_of(engine), "Goalposts moved")
    assert "16 Nov Target 10 → 5 21 Nov Target 5 → 8" in found


def test_each_key_result_says_how_it_moves(lived):
    _, _, engine = lived
    tree = section(page_of(engine), "Objectives and key results")
    assert re.search(r"A Ten deals 0\.46 On track .*? ▁▂▂▃▃▄▄▄ \+0\.15 in 14 days heading for 1\.00", tree)


def test_each_key_result_says_what_it_adds_to_the_company_s_objective(lived):
    _, _, engine = lived
    tree = section(page_of(engine), "Objectives and key results")
    assert "heading for 1.00 adds 0.23 to CO" in tree, "half of 0.46"
    assert "adds" not in tree[tree.index("C Ten rules") :], "P serves nobody"


def test_an_old_value_is_never_green(lived):
    world, store, engine = lived
    put(store, Tab.KEY_RESULTS, C, current=9)
    put(store, Tab.KEY_RESULTS, M, current=9)
    page_of(engine)
    world.pass_days(15)
    _, html = page_of(engine)
    own = html[html.index("Ten rules") :]
    assert 'class="pill stale"' in own[: own.index("outlook")]
    assert "old value of 16 Nov" in own
    assert 'class="pill stale"' in html[html.index("Tidy up") : html.index("Ten rules")]


def test_the_year_stands_after_the_quarter_in_the_report_and_on_the_dashboard(lived):
    _, store, engine = lived
    put(store, Tab.OBJECTIVES, 4, objective_id="Y", objective="The year", level="Company", owner="Mo", cycle="2026")
    put(store, Tab.OBJECTIVES, 1, parent="Y", level="Team")
    put(store, Tab.KEY_RESULTS, 5, kr_id="Y.1", key_result="Sites open", objective_id="Y", cycle="2026", owner="Mo")
    put(store, Tab.KEY_RESULTS, 5, baseline=0, target=10, current=7)
    page = page_of(engine)
    assert section(page, "2026").startswith(
        "Y The year Mo 0.70 At risk Y.1 Sites open 0.70 At risk 0.70 of 0.88 expected"
    )
    assert "The year" not in section(page, "Objectives and key results")
    board = [cell.value for row in store.tab("Dashboard").read().cells for cell in row if cell.value]
    at = board.index("2026, until 31 Dec 2026")
    assert board.index("Objectives and key results") < at < board.index("Y")


def test_what_is_in_the_way_stands_in_the_report_and_on_the_dashboard_until_it_is_gone(lived):
    world, store, engine = lived
    assert section(page_of(engine), "In the way") is None
    said = "No budget. Next: Ask Mo. Confidence 3. (15 Nov, Bo)"
    check_in(store, 1, date(2026, 11, 15), "B", blocker="No budget", next_step="Ask Mo", confidence=3, by="Bo")
    check_in(store, 2, date(2026, 11, 14), "A", blocker="<b>=1+1</b>")
    world.pass_days(1)
    page = page_of(engine)
    assert section(page, "In the way").startswith(f"B Ten partners Bo {said}")
    assert "&lt;b&gt;=1+1&lt;/b&gt;. (14 Nov)" in page[1]
    board = [cell.value for row in store.tab("Dashboard").read().cells for cell in row if cell.value]
    assert "In the way" in board
    assert said in board
    check_in(store, 3, date(2026, 11, 17), "B", comment="Mo found some")
    check_in(store, 4, date(2026, 11, 17), "A", comment="Fine")
    world.pass_days(1)
    assert section(page_of(engine), "In the way") is None
