"""The turn of a cycle, unattended; and what a run does when the sheet itself has lost something."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sync.engine import Engine
from sync.prepare import prepare_sheet
from sync.run import RunWishes, apply_run
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import LAYOUT_VERSION, Field, Tab
from sync.sheet.ledger import HEAD_ROW, TEXT_COLUMN, LedgerError
from sync.sheet.ledger_text import parse_head, render_head
from sync.sheet.store_error import LayoutError
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.memory_store import MemoryStore

KR = Tab.KEY_RESULTS.value
CONFIG = "calendar: {timezone: Europe/Berlin}"


def at(tab: Tab, name: Field) -> int:
    return next(index for index, column in enumerate(COLUMNS[tab]) if column.field is name)


def put(store: MemoryStore, tab: Tab, row: int, **values: object) -> None:
    for name, value in values.items():
        store.type(tab.value, row, at(tab, Field(name)), value)  # type: ignore[arg-type]


def live(store: MemoryStore, row: int, name: Field, tab: Tab = Tab.KEY_RESULTS) -> object:
    return store.cell(tab.value, row, at(tab, name)).value


def make(now: datetime, cycle: str | None = None) -> tuple[World, MemoryStore, Engine]:
    world = World(now=now, numbers={"a": Decimal(5)})
    store = MemoryStore()
    engine = make_engine(world, store, make_mapping_text({"A": "a"}), more=CONFIG)
    prepare_sheet(engine)
    put(store, Tab.OBJECTIVES, 1, objective_id="O", objective="Grow", cycle=cycle)
    put(
        store,
        Tab.KEY_RESULTS,
        1,
        kr_id="A",
        key_result="Ten of them",
        target=Decimal(10),
        objective_id="O",
        cycle=cycle,
    )
    return world, store, engine


def test_a_new_cycle_s_first_night_makes_its_tabs_and_leaves_the_old_rows_with_their_final_numbers() -> None:
    world, store, engine = make(datetime(2026, 12, 31, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    assert live(store, 1, Field.SCORE) == Decimal("0.5")
    store.type(KR, 1, at(Tab.KEY_RESULTS, Field.SCORE), Decimal("0.8"))
    apply_run(engine, RunWishes())

    world.pass_days(1)
    world.numbers["a"] = Decimal(1)
    report = apply_run(engine, RunWishes())

    assert {"History 2027-Q1", "Check-ins 2027-Q1"} <= {tab.title for tab in store.tabs}
    assert live(store, 1, Field.SCORE) == Decimal("0.8")
    assert live(store, 1, Field.CURRENT) == 5
    ended = [problem for problem in report.plan.problems if problem.code == "sheet.cycle-ended"]
    assert len(ended) == 2, "one for Objectives, one for Key Results"
    assert "2026-Q4" in ended[0].message
    assert "2027-Q1" in str(ended[0].fix)

    put(store, Tab.KEY_RESULTS, 1, cycle="2027-Q1")
    put(store, Tab.OBJECTIVES, 1, cycle="2027-Q1")
    store.type(KR, 1, at(Tab.KEY_RESULTS, Field.SCORE), None)
    apply_run(engine, RunWishes())
    assert live(store, 1, Field.SCORE) == Decimal("0.1"), "a person said that the row goes on"


def test_a_row_of_a_new_sheet_with_an_empty_cycle_belongs_to_the_open_one() -> None:
    _, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    report = apply_run(engine, RunWishes())
    assert live(store, 1, Field.SCORE) == Decimal("0.5")
    assert not [problem for problem in report.plan.problems if problem.code == "sheet.cycle-ended"]


@pytest.mark.parametrize("gone", [Field.KR_ID, Field.TARGET, Field.OBJECTIVE_ID])
def test_without_a_column_that_rows_need_nothing_is_planned(gone: Field) -> None:
    _, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    writes = store.writes
    store.delete_column(KR, at(Tab.KEY_RESULTS, gone))
    with pytest.raises(LayoutError, match="no column"):
        apply_run(engine, RunWishes())
    assert store.writes == writes
    assert live(store, 1, Field.SCORE, Tab.OBJECTIVES) == Decimal("0.5")


def test_a_column_that_people_deleted_stays_away_when_a_run_makes_tabs() -> None:
    """A new quarter's first night made "Trend" again, at the right edge of a sheet that nobody had asked for it."""
    world, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    store.delete_column(KR, at(Tab.KEY_RESULTS, Field.TREND))
    headers = [cell.value for cell in store.tab(KR).read().cells[0]]
    world.pass_days(60)
    apply_run(engine, RunWishes())
    assert store.tab("History 2027-Q1")
    assert [cell.value for cell in store.tab(KR).read().cells[0]] == headers


def test_without_its_tab_nothing_is_planned() -> None:
    _, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    writes = store.writes
    store.tabs = [tab for tab in store.tabs if tab.title != KR]
    with pytest.raises(LayoutError, match="Key Results"):
        apply_run(engine, RunWishes())
    assert store.writes == writes


@pytest.mark.parametrize("refresh", ["daily", "weekly", "change"])
def test_freshness_moves_every_day_whatever_is_refreshed(refresh: str) -> None:
    world, store, _ = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    engine = make_engine(world, store, make_mapping_text({"A": "a"}), more=CONFIG, sheet=f", refresh: {refresh}")
    apply_run(engine, RunWishes())
    world.pass_days(1)
    apply_run(engine, RunWishes())
    assert str(live(store, 1, Field.FRESHNESS)) == "2026-11-17"
    assert apply_run(engine, RunWishes()).plan.is_quiet


def test_a_copied_sheet_says_so_once_and_gets_an_epoch_of_its_own() -> None:
    _, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    before = apply_run(engine, RunWishes()).plan.snapshot.ledger.head.epoch
    store.sheet_id = "a copy"
    report = apply_run(engine, RunWishes())
    assert "sheet.copy" in [problem.code for problem in report.plan.problems]
    again = apply_run(engine, RunWishes())
    assert "sheet.copy" not in [problem.code for problem in again.plan.problems]
    head = again.plan.snapshot.ledger.head
    assert head.sheet_id == "a copy"
    assert head.epoch != before
    assert apply_run(engine, RunWishes()).plan.is_quiet


def test_a_value_typed_before_the_mapping_came_is_scored_until_somebody_accepts_the_machine_s() -> None:
    world, store, _ = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    manual = make_engine(world, store, make_mapping_text({}), more=CONFIG)
    put(store, Tab.KEY_RESULTS, 1, current=Decimal(8))
    apply_run(manual, RunWishes())
    assert live(store, 1, Field.SCORE) == Decimal("0.8")
    mapped = make_engine(world, store, make_mapping_text({"A": "a"}), more=CONFIG)
    report = apply_run(mapped, RunWishes())
    assert live(store, 1, Field.CURRENT) == 8
    assert live(store, 1, Field.SCORE) == Decimal("0.8"), "the score never contradicts the value beside it"
    assert [item.field for row in report.plan.rows for item in row.takeovers] == [Field.CURRENT]
    apply_run(mapped, RunWishes(takeover=True))
    assert (live(store, 1, Field.CURRENT), live(store, 1, Field.SCORE)) == (5, Decimal("0.5"))


def test_a_damaged_ledger_line_writes_over_nothing_until_somebody_accepts() -> None:
    world, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    put(store, Tab.KEY_RESULTS, 1, score=Decimal("0.8"))
    apply_run(engine, RunWishes())
    ledger = store.tab(Tab.LEDGER.value)
    line = next(row for (row, column), cell in ledger.grid.items() if column == 0 and str(cell.value).endswith("|A"))
    store.type(Tab.LEDGER.value, line, 1, "{damaged")
    world.numbers["a"] = Decimal(7)
    report = apply_run(engine, RunWishes())
    assert (live(store, 1, Field.CURRENT), live(store, 1, Field.SCORE)) == (5, Decimal("0.8"))
    assert {item.field for row in report.plan.rows for item in row.takeovers} >= {Field.CURRENT, Field.SCORE}
    assert "sheet.ledger-line" in [problem.code for problem in report.plan.problems]


def test_words_typed_over_a_score_or_status_stay_and_are_said() -> None:
    _, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    put(store, Tab.KEY_RESULTS, 1, score="n/a", status="great")
    report = apply_run(engine, RunWishes())
    said = [(problem.code, str(problem.place)) for problem in report.plan.problems]
    assert said == [("sheet.held-word", "Key Results!G2"), ("sheet.held-word", "Key Results!H2")]
    assert (live(store, 1, Field.SCORE), live(store, 1, Field.STATUS)) == ("n/a", "great")
    put(store, Tab.KEY_RESULTS, 1, score=Decimal("0.7"), status="at risk")
    assert not apply_run(engine, RunWishes()).plan.problems


@pytest.mark.parametrize("column", [Field.WHY, Field.SOURCE, Field.SCORE])
def test_a_person_s_column_in_the_place_of_a_deleted_one_is_theirs(column: Field) -> None:
    world, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    place = at(Tab.KEY_RESULTS, column)
    store.insert_column(KR, place + 1)
    store.type(KR, 0, place + 1, "My remarks")
    store.delete_column(KR, place)
    world.pass_days(1)
    world.numbers["a"] = Decimal(6)
    report = apply_run(engine, RunWishes())
    assert (store.cell(KR, 1, place).value, store.cell(KR, 1, place).note) == (None, None)
    assert "sheet.column-missing" in [problem.code for problem in report.plan.problems]


def test_a_renamed_machine_column_is_known_by_what_stands_in_it() -> None:
    world, store, engine = make(datetime(2026, 11, 16, 6, 30, tzinfo=UTC))
    apply_run(engine, RunWishes())
    store.type(KR, 0, at(Tab.KEY_RESULTS, Field.WHY), "Reason")
    for number in (6, 7):
        world.pass_days(1)
        world.numbers["a"] = Decimal(number)
        assert not apply_run(engine, RunWishes()).plan.problems
        assert f"0.{number}0 of" in str(live(store, 1, Field.WHY))


def set_layout(store: MemoryStore, version: int) -> None:
    head = parse_head(str(store.cell(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN).value))
    store.type(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN, render_head(replace(head, layout=version)))


def test_a_run_works_on_an_older_layout_and_layout_brings_it_up_to_date_once() -> None:
    _, store, engine = make(datetime(2026, 11, 22, 6, 30, tzinfo=UTC))
    set_layout(store, 1)
    apply_run(engine, RunWishes())
    assert live(store, 1, Field.SCORE) == Decimal("0.5")
    before = parse_head(str(store.cell(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN).value))
    prepare_sheet(engine)
    after = parse_head(str(store.cell(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN).value))
    assert after == replace(before, layout=LAYOUT_VERSION, revision=before.revision + 1)
    assert prepare_sheet(engine).is_nothing
    again = parse_head(str(store.cell(Tab.LEDGER.value, HEAD_ROW, TEXT_COLUMN).value))
    assert again == after
    apply_run(engine, RunWishes())
    assert live(store, 1, Field.SCORE) == Decimal("0.5")


def test_a_newer_layout_is_refused_by_run_and_layout_and_left_as_it_is() -> None:
    _, store, engine = make(datetime(2026, 11, 22, 6, 30, tzinfo=UTC))
    set_layout(store, LAYOUT_VERSION + 1)
    for act in (lambda: apply_run(engine, RunWishes()), lambda: prepare_sheet(engine)):
        with pytest.raises(LedgerError, match="newer okr-sync") as refused:
            act()
        assert refused.value.fix == "Upgrade okr-sync here. Nothing was written."
    assert live(store, 1, Field.SCORE) is None


def test_a_new_quarter_may_map_new_key_results_only() -> None:
    """The ended quarter's rows still stand there: they say nothing of whose sheet it is."""
    world, store, _ = make(datetime(2026, 12, 30, 6, 30, tzinfo=UTC), cycle="2026-Q4")
    put(store, Tab.KEY_RESULTS, 2, kr_id="B", key_result="More", target=Decimal(10), objective_id="O", cycle="2026-Q4")
    both = make_engine(world, store, make_mapping_text({"A": "a", "B": "a"}), more=CONFIG)
    apply_run(both, RunWishes())
    put(store, Tab.KEY_RESULTS, 3, kr_id="C", key_result="New", target=Decimal(10), objective_id="O", cycle="2027-Q1")
    world.now = datetime(2027, 1, 4, 6, 30, tzinfo=UTC)
    new = make_engine(world, store, make_mapping_text({"C": "a"}), more=CONFIG)
    assert apply_run(new, RunWishes()).plan.moved
    assert live(store, 3, Field.CURRENT) == Decimal(5)
