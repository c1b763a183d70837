"""Opening the next cycle: kept, modified and dropped key results, the objectives they serve, nothing twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from okr.calendar import Calendar, find_cycle
from okr.model import Cycle, Status
from okr.problem import UnknownWord
from sync.care.next_apply import choose_origin, find_opening, open_cycle
from sync.care.next_cycle import Fate
from sync.care.turn import CycleRefused, close_cycle, find_closing
from sync.run import RunWishes, apply_run
from sync.sheet.layout import Field, Tab
from sync.sheet.store_error import SheetUnavailable
from sync.tell.opening_text import opening_json, render_opening
from tests.support.faulty_store import Crash, FaultyStore
from tests.unit.cycle_sheets import A, B, C, M, at, live_through, make_company, put, shows

CALENDAR = Calendar()
Q4, Q1 = find_cycle("2026-Q4", CALENDAR), find_cycle("2027-Q1", CALENDAR)
YEAR = find_cycle("2027", CALENDAR)
KR, OBJECTIVES = Tab.KEY_RESULTS, Tab.OBJECTIVES
NEW = 5
"""The first free row of Key Results."""


@pytest.fixture(params=[True, False], ids=["google", "workbook"])
def lived(request):
    world, store, engine = make_company(has_before=request.param)
    live_through(world, engine)
    return world, store, engine


def rows(store, tab, cycle):
    """The rows of a cycle: id → row."""
    grid = store.tab(tab.value).read().cells
    own, mark = at(tab, Field.KR_ID if tab is KR else Field.OBJECTIVE_ID), at(tab, Field.CYCLE)
    return {cells[own].shown: row for row, cells in enumerate(grid) if len(cells) > mark and cells[mark].shown == cycle}


def grid(store):
    return {tab.title: dict(tab.grid) for tab in store.tabs}


def test_a_kept_key_result_starts_where_it_stands_and_keeps_its_target_and_owner(lived):
    _, store, engine = lived
    put(store, KR, A, target=20)
    open_cycle(engine, Q1, Q4)
    assert list(rows(store, KR, "2027-Q1")) == ["A", "B"]
    values = {name: shows(store, NEW, name) for name in (Field.BASELINE, Field.TARGET, Field.OWNER, Field.OBJECTIVE_ID)}
    assert values == {Field.BASELINE: 10, Field.TARGET: 20, Field.OWNER: "Ann", Field.OBJECTIVE_ID: "O"}
    assert shows(store, NEW, Field.AT_CLOSE) is None


def test_modified_ones_and_reached_ones_ask_for_a_target(lived):
    _, store, engine = lived
    open_cycle(engine, Q1, Q4)
    for row, reached in ((NEW, "10"), (NEW + 1, "4")):
        assert shows(store, row, Field.TARGET) is None
        note = store.cell(KR.value, row, at(KR, Field.TARGET)).note
        assert note == f"okr-sync: the target for 2027-Q1 is yours to set. In 2026-Q4 it was 10; {reached} was reached."
        assert str(shows(store, row, Field.BASELINE)) == reached


def test_objectives_go_on_with_what_they_serve_and_dropped_ones_don_t(lived):
    _, store, engine = lived
    _, opening = find_opening(engine, Q1, Q4)
    assert [each.key.id for each in opening.objectives] == ["CO", "O"]
    assert {item.kr.key.id: item.fate for item in opening.key_results} == {
        "A": Fate.KEEP,
        "B": Fate.MODIFY,
        "C": Fate.UNDECIDED,
        "M": Fate.DROP,
    }
    open_cycle(engine, Q1, Q4)
    found = rows(store, OBJECTIVES, "2027-Q1")
    assert list(found) == ["CO", "O"]
    assert shows(store, found["O"], Field.PARENT, OBJECTIVES) == "CO"
    assert shows(store, found["O"], Field.TEAM, OBJECTIVES) == "Web"


def test_twice_is_once_and_a_late_decision_is_added_alone(lived):
    _, store, engine = lived
    open_cycle(engine, Q1, Q4)
    before, writes = grid(store), store.writes
    assert open_cycle(engine, Q1, Q4).is_nothing
    assert (grid(store), store.writes) == (before, writes)
    put(store, KR, C, at_close="keep")
    open_cycle(engine, Q1, Q4)
    assert list(rows(store, KR, "2027-Q1")) == ["A", "B", "C"]
    assert list(rows(store, OBJECTIVES, "2027-Q1")) == ["CO", "O", "P"]
    assert shows(store, NEW + 2, Field.BASELINE) == 0, "nothing is known of it: it starts where it started"


def test_old_rows_keep_everything_and_their_cycle_is_said(lived):
    _, store, engine = lived
    before = grid(store)[KR.value]
    open_cycle(engine, Q1, Q4)
    now = grid(store)[KR.value]
    changed = {place for place, cell in now.items() if place[0] < NEW and cell != before.get(place)}
    assert changed == {(row, at(KR, Field.CYCLE)) for row in (A, B, C, M)}


def test_both_cycles_live_side_by_side_and_the_new_one_takes_over_on_its_first_day(lived):
    world, store, engine = lived
    put(store, KR, A, target=20)
    apply_run(engine, RunWishes())
    open_cycle(engine, Q1, Q4)
    world.now = world.now.replace(hour=12)
    apply_run(engine, RunWishes())
    assert shows(store, NEW, Field.SCORE) is None, "its cycle hasn't begun"
    close_cycle(find_closing(engine, Q4))
    world.pass_days(1)
    world.numbers |= {"a": Decimal(15), "b": Decimal(6)}
    final = [shows(store, row, Field.CURRENT) for row in (A, B)]
    plan = apply_run(engine, RunWishes()).plan
    assert shows(store, NEW, Field.SCORE) == Decimal("0.5"), "from 10 to 20"
    assert shows(store, NEW, Field.CURRENT) == 15
    assert shows(store, NEW + 1, Field.STATUS) == Status.NO_DATA.value, "it waits for its target"
    assert [shows(store, row, Field.CURRENT) for row in (A, B)] == final
    assert [problem for problem in plan.problems if problem.code in ("sheet.id-twice", "sheet.cycle-ended")] == []
    world.pass_days(1)
    assert not [row for row in apply_run(engine, RunWishes()).plan.rows if row.key.cycle == "2026-Q4"]


def test_a_formula_and_a_share_are_carried_over_as_values(lived):
    _, store, engine = lived
    target, weight = at(KR, Field.TARGET), at(KR, Field.WEIGHT)
    put(store, KR, A, current=None, baseline=0)
    store.type(KR.value, A, target, Decimal("0.6"), is_percent=True)
    store.type(KR.value, A, at(KR, Field.CURRENT), Decimal("0.31"), is_percent=True)
    store.type(KR.value, A, weight, Decimal(3), formula="=1+2")
    open_cycle(engine, Q1, Q4)
    assert (store.cell(KR.value, NEW, target).value, store.cell(KR.value, NEW, target).is_percent) == (
        Decimal("0.6"),
        True,
    )
    assert store.cell(KR.value, NEW, at(KR, Field.BASELINE)).is_percent
    assert (store.cell(KR.value, NEW, weight).value, store.cell(KR.value, NEW, weight).formula) == (3, None)


def test_what_has_no_moving_number_keeps_baseline_and_target():
    world, store, engine = make_company()
    put(store, KR, C, kind="At most", at_close="Keep", current=3)
    put(store, KR, M, kind="Yes/No", target=None, baseline=None, at_close="Modify", current=True)
    live_through(world, engine)
    open_cycle(engine, Q1, Q4)
    found = rows(store, KR, "2027-Q1")
    assert (shows(store, found["C"], Field.TARGET), shows(store, found["C"], Field.BASELINE)) == (10, 0)
    assert shows(store, found["M"], Field.KEY_RESULT) == "Old thing"
    assert "Please reword it." in str(store.cell(KR.value, found["M"], at(KR, Field.KEY_RESULT)).note)


def test_rows_that_share_an_id_stay_and_a_failure_writes_nothing(lived):
    _, store, engine = lived
    put(store, KR, M, kr_id="B")
    _, opening = find_opening(engine, Q1, Q4)
    assert [item.kr.key.id for item in opening.key_results] == ["A", "C"]
    before = grid(store)
    store.fail = "before"
    with pytest.raises(SheetUnavailable):
        open_cycle(engine, Q1, Q4)
    assert grid(store) == before


def test_a_lost_answer_and_a_person_s_new_row_are_planned_again(lived):
    _, store, engine = lived
    store.fail = "after"
    open_cycle(engine, Q1, Q4)
    assert list(rows(store, KR, "2027-Q1")) == ["A", "B"]
    put(store, KR, C, at_close="Keep")
    store.act = lambda: put(store, KR, NEW + 2, kr_id="MINE", key_result="Mine", target=3, cycle="2027-Q1")
    open_cycle(engine, Q1, Q4)
    assert list(rows(store, KR, "2027-Q1")) == ["A", "B", "MINE", "C"]
    assert shows(store, NEW + 2, Field.KEY_RESULT) == "Mine"
    assert shows(store, NEW + 2, Field.TARGET) == 3


def test_the_cycle_before_is_the_last_one_as_long(lived):
    _, store, engine = lived
    put(store, OBJECTIVES, 3, cycle="2026")
    assert choose_origin(engine, Q1) == Q4
    assert choose_origin(engine, YEAR).name == "2026"
    with pytest.raises(UnknownWord, match="no cycle before 2026-Q4"):
        choose_origin(engine, Q4)


def test_an_annual_cycle_is_opened_beside_the_quarter(lived):
    _, store, engine = lived
    put(store, OBJECTIVES, 4, objective_id="Y", objective="The year", cycle="2026")
    put(store, KR, NEW, kr_id="Y1", key_result="A hundred", objective_id="Y", target=100, current=40, cycle="2026",
        at_close="Keep")  # fmt: skip
    open_cycle(engine, YEAR, find_cycle("2026", CALENDAR))
    assert list(rows(store, KR, "2027")) == ["Y1"]
    assert shows(store, NEW + 1, Field.BASELINE) == 40
    assert shows(store, A, Field.CYCLE) is None, "the quarter's rows are another cycle's"


def test_closed_same_and_cycle_less_are_refused(lived):
    _, store, engine = lived
    with pytest.raises(CycleRefused, match="from itself"):
        find_opening(engine, Q4, Q4)
    with pytest.raises(CycleRefused, match="2027-Q1 is closed"):
        find_opening(engine, Cycle("2027-Q1", date(2027, 1, 1), date(2027, 3, 31), closed=True), Q4)
    store.type(OBJECTIVES.value, 0, at(OBJECTIVES, Field.CYCLE), "Round")
    put(store, OBJECTIVES, 1, cycle="x")
    store.delete_column(OBJECTIVES.value, at(OBJECTIVES, Field.CYCLE))
    with pytest.raises(CycleRefused, match="no column Cycle"):
        find_opening(engine, Q1, Q4)


def test_the_plan_says_what_becomes_of_each(lived):
    _, store, engine = lived
    put(store, KR, A, target=20)
    _, opening = find_opening(engine, Q1, Q4)
    text = render_opening("2027-Q1", "2026-Q4", opening.key_results, opening.objectives, opening.marked)
    assert text.splitlines() == [
        "Open 2027-Q1 from 2026-Q4",
        "  Keep",
        "    A         Ten deals, from 10: to 20",
        "  Modify",
        "    B         Ten partners, from 4: set a new target",
        "  Objectives: CO, O",
        "  Drop: M",
        "  Undecided, left out: C. Write Keep, Modify or Drop into At close, and run this again",
        "  7 rows with an empty Cycle get 2026-Q4 written into it",
    ]
    found = opening_json("2027-Q1", "2026-Q4", opening.key_results, opening.objectives)
    assert found["key_results"][1] == {"id": "B", "fate": "Modify", "baseline": 4, "asks_for_target": True}


def dying(store, engine, act, *faults):
    """The engine with a store whose next writes have these faults, and somebody who acts just before the first."""
    return replace(engine, store=FaultyStore(store, list(faults), act))


OPEN, RUN = (lambda engine: open_cycle(engine, Q1, Q4)), (lambda engine: apply_run(engine, RunWishes(fetch=False)))


@pytest.fixture
def watched():
    world, store, engine = make_company()
    live_through(world, engine)
    return world, store, engine


@pytest.mark.parametrize("next_one", [OPEN, RUN], ids=["open", "run"])
def test_a_person_s_new_row_comes_back_after_a_death(watched, next_one):
    """Typed with or without an id into the very rows that the write took: nobody but the record knows."""
    _, store, engine = watched

    def write_two():
        put(store, KR, NEW, kr_id="MINE", key_result="Mine", target=3)
        put(store, KR, NEW + 1, key_result="No id yet", owner="Ann")

    with pytest.raises(Crash):
        open_cycle(dying(store, engine, write_two, "dies_after"), Q1, Q4)
    assert shows(store, NEW, Field.KEY_RESULT) == "Ten deals", "typed over"
    next_one(engine)
    mine = {name: shows(store, NEW, name) for name in (Field.KR_ID, Field.KEY_RESULT, Field.TARGET, Field.OWNER)}
    assert mine == {Field.KR_ID: "MINE", Field.KEY_RESULT: "Mine", Field.TARGET: 3, Field.OWNER: None}
    assert [shows(store, NEW + 1, name) for name in (Field.KR_ID, Field.KEY_RESULT, Field.OWNER, Field.TARGET)] == [
        None, "No id yet", "Ann", None,
    ]  # fmt: skip
    assert store.cell(KR.value, NEW + 1, at(KR, Field.TARGET)).note is None, "a note of ours about another row"
    open_cycle(engine, Q1, Q4)
    assert list(rows(store, KR, "2027-Q1")) == ["A", "B"]


@pytest.mark.parametrize("next_one", [OPEN, RUN], ids=["open", "run"])
def test_rows_that_were_sorted_before_a_write_that_nobody_looked_at_keep_their_cycle(watched, next_one):
    _, store, engine = watched
    put(store, KR, C, cycle="2025-Q4")
    with pytest.raises(Crash):
        open_cycle(dying(store, engine, lambda: store.permute_rows(KR.value, [3, 2, 1]), "dies_after"), Q1, Q4)
    assert shows(store, A, Field.KR_ID) == "C"
    assert shows(store, A, Field.CYCLE) == "2026-Q4", "written over"
    next_one(engine)
    assert shows(store, A, Field.CYCLE) == "2025-Q4"
    open_cycle(engine, Q1, Q4)
    assert shows(store, C, Field.KR_ID) == "A"
    assert shows(store, C, Field.CYCLE) == "2026-Q4"
    assert list(rows(store, KR, "2027-Q1")) == ["A", "B"]


def test_a_lost_answer_of_a_write_that_hit_something_is_mended_at_once(watched):
    _, store, engine = watched
    faulty = dying(store, engine, lambda: put(store, KR, NEW, kr_id="MINE", key_result="Mine", target=3), "lost")
    open_cycle(faulty, Q1, Q4)
    assert shows(store, NEW, Field.KEY_RESULT) == "Mine"
    assert shows(store, NEW, Field.TARGET) == 3
    assert sorted(rows(store, KR, "2027-Q1")) == ["A", "B"]


def test_a_death_while_it_is_put_back_is_mended_too(watched):
    _, store, engine = watched
    put(store, KR, C, cycle="2025-Q4")
    faulty = dying(store, engine, lambda: store.permute_rows(KR.value, [3, 2, 1]), "", "dies_after")
    with pytest.raises(Crash):
        open_cycle(faulty, Q1, Q4)
    open_cycle(engine, Q1, Q4)
    assert {shows(store, row, Field.KR_ID): shows(store, row, Field.CYCLE) for row in (A, B, C)} == {
        "C": "2025-Q4", "B": "2026-Q4", "A": "2026-Q4",
    }  # fmt: skip
