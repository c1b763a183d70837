"""Closing a cycle: grades are final, a frozen tab keeps them, runs leave its rows alone; reopening takes it back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import takewhile

import pytest

from okr.calendar import Calendar, find_cycle
from okr.model import Cycle
from sync.care.turn import CycleRefused, choose_title, close_cycle, find_closing, find_marked, reopen_cycle
from sync.run import RunWishes, apply_run
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import TEXT_COLUMN
from sync.sheet.ledger_text import parse_head
from sync.sheet.store_error import SheetUnavailable
from sync.tell.closing_text import closing_json, render_closing
from sync.tell.review import make_review
from tests.unit.cycle_sheets import A, B, C, M, at, live_through, make_company, put, shows
from tests.unit.test_cycle_review import review_of

Q4 = find_cycle("2026-Q4", Calendar())
FROZEN = "2026-Q4 closed"


def head(store):
    return parse_head(str(store.cell(Tab.LEDGER.value, 0, TEXT_COLUMN).value))


def close(engine, cycle=Q4):
    return close_cycle(find_closing(engine, cycle))


def frozen(store, title=FROZEN):
    """The frozen tab's rows by id: what stands in them."""
    rows = takewhile(lambda row: any(cell.shown for cell in row), store.tab(title).read().cells[4:])
    return {row[0].shown: [cell.value for cell in row] for row in rows}


def grid(store, *titles):
    return {title: dict(store.tab(title).grid) for title in titles}


@pytest.fixture(params=[True, False], ids=["google", "workbook"])
def lived(request):
    world, store, engine = make_company(has_before=request.param)
    live_through(world, engine)
    world.pass_days(3)
    return world, store, engine


def test_the_last_scoring_says_what_was_missed_and_the_frozen_tab_keeps_every_grade(lived):
    _, store, engine = lived
    assert shows(store, B, Field.STATUS) == "Off track"
    close(engine)
    assert shows(store, B, Field.STATUS) == "Missed"
    assert shows(store, A, Field.STATUS) == "Achieved"
    rows = frozen(store)
    assert rows["A"][3:9] == [0, 10, 10, 1, None, "Achieved"]
    assert rows["A"][10] == "Keep"
    assert rows["B"][5:9] == [4, Decimal("0.4"), None, "Missed"]
    assert rows["C"][6:9] == [None, None, "No data"]
    assert rows["O"][6] == Decimal("0.7")
    assert list(rows) == ["CO", "O", "A", "B", "P", "C", "M"]


def test_where_goalposts_were_moved_the_frozen_tab_keeps_both_grades():
    world, store, engine = make_company()
    live_through(world, engine, days=84)
    put(store, Tab.KEY_RESULTS, B, target=4)
    world.pass_days(1)
    apply_run(engine, RunWishes())
    close(engine)
    rows = frozen(store)
    assert rows["B"][6:8] == [Decimal("0.9231"), Decimal("0.3692")]
    assert rows["O"][6] > rows["O"][7] > Decimal("0.6")
    assert (rows["A"][7], rows["P"][7]) == (None, None)
    assert "graded by the goalposts that were committed" in store.tab(FROZEN).read().cells[1][0].shown


def test_rows_that_leave_their_cycle_empty_get_its_name_and_nothing_else_of_people_s_changes(lived):
    _, store, engine = lived
    put(store, Tab.KEY_RESULTS, C, cycle="2026-Q4")
    people = {tab: [at(tab, each.field) for each in COLUMNS[tab] if each.role.value == "person"] for tab in
              (Tab.KEY_RESULTS, Tab.OBJECTIVES)}  # fmt: skip
    before = grid(store, *(tab.value for tab in people))
    closing = find_closing(engine, Q4)
    assert closing.plan is not None
    assert find_marked(closing.plan) == 6
    close_cycle(closing)
    for tab, columns in people.items():
        now = store.tab(tab.value).grid
        for place, cell in before[tab.value].items():
            if place[1] in columns and place[1] != at(tab, Field.CYCLE):
                assert now.get(place) == cell
    assert {shows(store, row, Field.CYCLE) for row in (1, 2, 3, 4)} == {"2026-Q4"}
    assert {shows(store, row, Field.CYCLE, Tab.OBJECTIVES) for row in (1, 2, 3)} == {"2026-Q4"}


def test_it_is_one_write_and_history_keeps_what_it_changed(lived):
    _, store, engine = lived
    writes = store.writes
    report = close(engine)
    assert store.writes == writes + 1
    lines = [row for row in store.tab("History 2026-Q4").read().cells if row[1].value == report.stamp.run]
    assert ("B", "Status", "Off track", "Missed") in [tuple(cell.value for cell in row[4:8]) for row in lines]
    assert store.tab("Runs").read().cells[-1][-1].shown.startswith("2026-Q4 closed")


def test_runs_leave_a_closed_cycle_alone_though_it_still_runs():
    world, store, engine = make_company()
    live_through(world, engine, days=70)
    closing = find_closing(engine, Q4)
    text = render_closing(closing.plan, review_of(engine), closing.title, find_marked(closing.plan))
    assert "It runs until 31 Dec: what happens until then won't count" in text
    close_cycle(closing)
    before = grid(store, "Key Results", "Objectives", FROZEN)
    world.pass_days(1)
    world.numbers["a"] = Decimal(1)
    world.asked.clear()
    report = apply_run(engine, RunWishes())
    assert grid(store, *before) == before
    assert world.asked == [], "no source is asked for what is closed"
    assert report.plan.rows == ()


def test_reopened_it_is_written_again_and_closed_anew_it_gets_a_second_tab():
    world, store, engine = make_company()
    live_through(world, engine, days=70)
    close(engine)
    assert head(store).closed == {"2026-Q4": date(2026, 12, 10)}
    before = grid(store, "Key Results", "Objectives", FROZEN)
    assert reopen_cycle(engine, Q4) is not None
    assert grid(store, *before) == before
    assert head(store).closed == {}
    world.numbers["b"] = Decimal(9)
    apply_run(engine, RunWishes())
    assert shows(store, B, Field.CURRENT) == 9
    assert reopen_cycle(engine, Q4) is None
    close(engine)
    assert frozen(store, f"{FROZEN} (2)")["B"][5] == 9
    assert frozen(store)["B"][5] != 9


def test_closing_twice_is_closing_once(lived):
    _, store, engine = lived
    close(engine)
    writes = store.writes
    again = find_closing(engine, Q4)
    assert again.plan is None
    assert again.since == "3 Jan 2027"
    assert store.writes == writes


def test_a_run_on_the_day_of_the_closing_still_refreshes_the_other_rows(lived):
    _, store, engine = lived
    put(store, Tab.KEY_RESULTS, 6, kr_id="N", key_result="Next", objective_id="O2", target=10, current=4,
        cycle="2027-Q1")  # fmt: skip
    refreshed = head(store).refreshed
    close(engine)
    assert head(store).refreshed == refreshed
    assert shows(store, 6, Field.SCORE) is None
    apply_run(engine, RunWishes())
    assert shows(store, 6, Field.SCORE) == Decimal("0.4")


def test_a_write_that_fails_leaves_everything_as_it_was(lived):
    _, store, engine = lived
    before = grid(store, *(tab.title for tab in store.tabs))
    store.fail = "before"
    with pytest.raises(SheetUnavailable):
        close(engine)
    assert grid(store, *(tab.title for tab in store.tabs)) == before


def test_a_lost_answer_closes_it_once(lived):
    _, store, engine = lived
    store.fail = "after"
    close(engine)
    assert head(store).closed == {"2026-Q4": date(2027, 1, 3)}
    assert [tab.title for tab in store.tabs if tab.title.startswith(FROZEN)] == [FROZEN]


def test_a_person_who_types_meanwhile_loses_nothing():
    world, store, engine = make_company()
    live_through(world, engine)
    world.pass_days(3)
    closing = find_closing(engine, Q4)
    store.act = lambda: store.insert_row("Key Results", 1)
    close_cycle(closing)
    assert shows(store, 1, Field.KR_ID) is None
    assert all(store.cell("Key Results", 1, column).value is None for column in range(40))
    assert shows(store, B + 1, Field.STATUS) == "Missed"
    assert [tab.title for tab in store.tabs if tab.title.startswith(FROZEN)] == [FROZEN]


def test_a_cycle_without_key_results_and_one_that_the_config_closes_are_refused(lived):
    engine = lived[2]
    with pytest.raises(CycleRefused, match="no key result of 2025-Q1"):
        find_closing(engine, Cycle("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)))
    closed = replace(Q4, closed=True)
    config = replace(engine.project.config, calendar=Calendar(cycles=(closed,)))
    with pytest.raises(CycleRefused, match="is closed in"):
        reopen_cycle(replace(engine, project=replace(engine.project, config=config)), closed)


def test_the_title_is_one_that_no_tab_has():
    assert choose_title("2026-Q3", []) == "2026-Q3 closed"
    assert choose_title("2026-Q3", ["2026-q3 CLOSED", "2026-Q3 closed (2)"]) == "2026-Q3 closed (3)"


def test_the_plan_is_said_before_anything_is_written(lived):
    engine = lived[2]
    closing = find_closing(engine, Q4)
    review = make_review(closing.plan, Q4, engine.project.config.scoring)
    text = render_closing(closing.plan, review, closing.title, find_marked(closing.plan))
    assert "4 key results, 2 with data, average score 0.70" in text
    assert "B         Status Off track → Missed" in text
    assert "At close says nothing yet of C" in text
    assert {item["id"] for item in closing_json(closing.plan, review, closing.title)["moved"]} >= {"B"}


def archived(store, kind):
    """The archived rows of a tab, each cell by its header: what stands in it, and its note."""
    cells = store.tab("2026-Q4 rows").read().cells
    start = next(at for at, row in enumerate(cells) if row and row[0].shown == kind.value)
    headers = [cell.shown for cell in cells[start + 1]]
    rows = takewhile(lambda row: any(cell.shown for cell in row), cells[start + 2 :])
    named = ({name: cell for name, cell in zip(headers, row, strict=False) if name} for row in rows)
    return {row[headers[0]].shown: {name: (cell.value, cell.note) for name, cell in row.items()} for row in named}


def test_the_closed_rows_are_archived_whole_with_people_s_columns_formulas_and_notes(lived):
    _, store, engine = lived
    weight, own = at(Tab.KEY_RESULTS, Field.WEIGHT), len(COLUMNS[Tab.KEY_RESULTS]) + 1
    store.type(Tab.KEY_RESULTS.value, B, weight, Decimal(3), formula="=1+2")
    store.note(Tab.KEY_RESULTS.value, B, weight, "as agreed in May")
    store.type(Tab.KEY_RESULTS.value, 0, own, "Sponsor")
    store.type(Tab.KEY_RESULTS.value, B, own, "Zoe")
    close(engine)
    rows = archived(store, Tab.KEY_RESULTS)
    assert list(rows) == ["A", "B", "C", "M"]
    assert rows["B"]["Weight"] == (3, "Was the formula =1+2\nas agreed in May")
    assert rows["B"]["Sponsor"] == ("Zoe", None)
    assert rows["B"]["Status"][0] == "Missed", "as the closing left it, not as it was before"
    assert rows["B"]["Score"][0] == Decimal("0.4")
    assert list(archived(store, Tab.OBJECTIVES)) == ["CO", "O", "P"]


def test_a_closed_row_that_somebody_deletes_is_missed_by_nobody(lived):
    world, store, engine = lived
    close(engine)
    before = archived(store, Tab.KEY_RESULTS)
    store.delete_row(Tab.KEY_RESULTS.value, M)
    world.pass_days(1)
    report = apply_run(engine, RunWishes())
    assert [problem for problem in report.plan.problems if problem.subject == "M"] == []
    assert [row.key.id for row in report.plan.rows] == []
    assert archived(store, Tab.KEY_RESULTS) == before
