"""A run as a whole, on a sheet in memory: what is read, asked, written, said twice and put back."""

import logging
from dataclasses import replace
from decimal import Decimal

import pytest

from sync.clock import ClockWrong
from sync.prepare import prepare_sheet
from sync.run import READ_AGAIN_AFTER, RunWishes, apply_run, preview, render_remark
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.ledger_tab import parse_ledger
from sync.sheet.merge import ShuffleError
from sync.sheet.store_error import SheetBusy, SheetUnavailable
from sync.stale import find_stale
from sync.write import ATTEMPTS
from tests.support.fake_source import World, make_project
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE

KR = Tab.KEY_RESULTS
A, B, C, M = 1, 2, 3, 4
"""The rows of the key results."""

ALL, NO_FETCH = RunWishes(), RunWishes(fetch=False)


@pytest.fixture
def sheet() -> LivedSheet:
    """A sheet that was synced today."""
    store = MemoryStore()
    lived = open_lived_sheet(store, MemoryPeople(store))
    apply_run(lived.engine, ALL)
    lived.store.reads = 0
    lived.store.landed.clear()
    return lived


def current(sheet: LivedSheet, row: int, name: Field = Field.CURRENT, tab: Tab = KR):
    return sheet.look().cell(tab, row, sheet.at(tab, name)).value


def entry(sheet: LivedSheet, own_id: str, tab: Tab = KR):
    return sheet.look().ledger.entries[RowKey(tab, "" if tab is Tab.KPIS else CYCLE, own_id)]


def history(sheet: LivedSheet):
    """The History since the first run: id, field, old, new."""
    lines = sheet.look().history
    first = lines[0][1]
    return [(line[4], line[5], line[6], line[7]) for line in lines if line[1] != first]


def runs(sheet: LivedSheet) -> int:
    raw = sheet.look().raw.find_tab(Tab.RUNS.value)
    assert raw is not None
    return len(raw.cells) - 1


# Calls


def test_the_same_readings_on_the_same_day_cost_one_read_and_one_heartbeat(sheet):
    sheet.world.now = sheet.world.now.replace(hour=7)
    report = apply_run(sheet.engine, ALL)
    assert report.plan.is_quiet
    assert sheet.store.reads == 1
    assert [batch.guard for batch in sheet.store.landed] == [None]
    assert sheet.look().ledger.heartbeat == sheet.world.now
    assert runs(sheet) == 1


def test_without_a_heartbeat_nothing_at_all_is_written(sheet):
    config = sheet.engine.project.config
    project = replace(sheet.engine.project, config=replace(config, sheet=replace(config.sheet, heartbeat=False)))
    report = apply_run(replace(sheet.engine, project=project), ALL)
    assert report.batches == 0
    assert (sheet.store.reads, sheet.store.landed) == (1, [])


def test_what_moved_costs_one_read_and_one_write(sheet):
    sheet.world.numbers["a"] = Decimal(2)
    report = apply_run(sheet.engine, ALL)
    assert (sheet.store.reads, len(sheet.store.landed), report.batches, report.attempts) == (1, 1, 1, 1)
    assert current(sheet, A) == 2
    assert {line[:2] for line in history(sheet)} == {("A", "Current"), ("A", "Score"), ("O", "Score")} | {
        line[:2] for line in history(sheet) if line[1] == "Status"
    }


@pytest.mark.parametrize(("seconds", "reads"), [(READ_AGAIN_AFTER / 4, 1), (READ_AGAIN_AFTER, 2)])
def test_after_long_asking_the_sheet_is_read_once_more(sheet, seconds, reads):
    sheet.world.asking_takes = seconds / 2
    apply_run(sheet.engine, ALL)
    assert sheet.store.reads == reads


def test_what_somebody_typed_while_we_asked_counts(sheet):
    sheet.world.asking_takes = READ_AGAIN_AFTER
    sheet.world.numbers["a"] = Decimal(2)
    fetch = sheet.store.fetch_sheet

    def fetch_and_let_somebody_type(titles, heads=()):
        raw = fetch(titles, heads)
        if sheet.store.reads == 1:
            sheet.type(KR, A, Field.CURRENT, Decimal(3))
        return raw

    sheet.store.fetch_sheet = fetch_and_let_somebody_type  # type: ignore[method-assign]
    report = apply_run(sheet.engine, ALL)
    assert report.attempts == 1
    assert current(sheet, A) == 3
    assert entry(sheet, "A").holds[Field.CURRENT].value == 3


def test_a_preview_writes_nothing(sheet):
    sheet.world.numbers["a"] = Decimal(2)
    plan = preview(sheet.engine, ALL)
    assert [row.key.id for row in plan.moved] == ["A", "O"]
    assert sheet.store.landed == []


# Not asking, and asking for some


def test_a_run_that_does_not_ask_scores_what_people_typed_and_leaves_the_heartbeat(sheet):
    before = sheet.look().ledger.heartbeat
    sheet.type(KR, M, Field.CURRENT, Decimal(3))
    sheet.world.now = sheet.world.now.replace(hour=9)
    sheet.world.asked.clear()
    apply_run(sheet.engine, NO_FETCH)
    assert sheet.world.asked == []
    assert current(sheet, M, Field.SCORE) == 1
    assert sheet.look().ledger.heartbeat == before


def test_a_run_that_does_not_ask_has_nothing_to_write_where_nothing_moved(sheet):
    assert apply_run(sheet.engine, NO_FETCH).batches == 0


def test_a_run_that_does_not_ask_remembers_gaps(sheet):
    sheet.world.is_down = True
    apply_run(sheet.engine, ALL)
    why = current(sheet, A, Field.WHY)
    assert "could not be reached" in why
    assert apply_run(sheet.engine, NO_FETCH).batches == 0
    assert current(sheet, A, Field.WHY) == why
    assert entry(sheet, "A").gap == "desk could not be reached"


def test_only_some_are_asked_and_written_and_the_heartbeat_stays(sheet):
    before = sheet.look().ledger.heartbeat
    sheet.world.numbers.update(a=Decimal(2), b=Decimal(3))
    sheet.world.now = sheet.world.now.replace(hour=9)
    sheet.world.asked.clear()
    apply_run(sheet.engine, RunWishes(only=frozenset({"A"})))
    assert sheet.world.asked == ["a"]
    assert (current(sheet, A), current(sheet, B)) == (2, 1)
    assert sheet.look().ledger.heartbeat == before
    apply_run(sheet.engine, ALL)
    assert current(sheet, B) == 3


def test_asking_for_some_on_a_new_day_leaves_the_refresh_to_the_night(sheet):
    sheet.world.pass_days()
    apply_run(sheet.engine, RunWishes(only=frozenset({"A"})))
    refreshed = sheet.look().ledger.head.refreshed
    assert refreshed is not None
    assert refreshed < sheet.world.now.date()
    assert apply_run(sheet.engine, ALL).plan.refreshes


def test_the_next_day_is_a_refresh_only(sheet):
    sheet.world.pass_days()
    report = apply_run(sheet.engine, ALL)
    assert (report.plan.moved, {row.key.id for row in report.plan.aged}) == ((), {"A", "B", "C", "K", "O"})
    assert history(sheet) == []
    assert current(sheet, A, Field.FRESHNESS) == sheet.world.now.date()


# Gaps


def test_a_dead_source_leaves_values_and_their_dates(sheet):
    fresh = current(sheet, A, Field.FRESHNESS)
    sheet.world.pass_days(2)
    sheet.world.is_down = True
    apply_run(sheet.engine, ALL)
    assert (current(sheet, A), current(sheet, A, Field.FRESHNESS)) == (1, fresh)
    good = entry(sheet, "A").good
    assert good is not None
    assert good.as_of is not None
    assert good.as_of.date() == fresh
    sheet.world.pass_days(1)
    apply_run(sheet.engine, ALL)
    assert current(sheet, A, Field.FRESHNESS) == fresh
    sheet.world.is_down = False
    apply_run(sheet.engine, ALL)
    assert current(sheet, A, Field.FRESHNESS) == sheet.world.now.date()
    assert entry(sheet, "A").gap == ""


# Trouble with the write


def test_an_unreachable_sheet_is_an_error_and_nothing_was_written(sheet):
    sheet.world.numbers["a"] = Decimal(2)
    sheet.store.faults = ["before"]
    with pytest.raises(SheetUnavailable):
        apply_run(sheet.engine, ALL)
    assert current(sheet, A) == 1
    assert history(sheet) == []


@pytest.mark.parametrize(("fault", "attempts"), [("lost", 1), ("unsent", 2)])
def test_a_lost_answer_is_looked_up_or_planned_again_and_never_told_twice(sheet, fault, attempts):
    sheet.world.numbers["a"] = Decimal(2)
    sheet.store.faults = [fault]
    report = apply_run(sheet.engine, ALL)
    assert report.attempts == attempts
    assert len(sheet.store.landed) == 1
    assert current(sheet, A) == 2
    told = history(sheet)
    assert ("A", "Current", "1", "2") in [tuple(map(str, line)) for line in told]
    assert len(set(told)) == len(told)
    assert runs(sheet) == 2


def test_a_lost_heartbeat_is_only_another_heartbeat(sheet):
    sheet.store.faults = ["lost"]
    report = apply_run(sheet.engine, ALL)
    assert report.plan.is_quiet
    assert [batch.guard for batch in sheet.store.landed] == [None, None]


def test_another_run_that_is_always_faster_wins(sheet, caplog):
    sheet.world.numbers["a"] = Decimal(2)
    apply = sheet.store.apply_batch
    tries = []

    def refuse(batch):
        tries.append(batch)
        raise SheetBusy("Another run was faster. Nothing was written.")

    sheet.store.apply_batch = refuse  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR), pytest.raises(SheetBusy, match="Nothing was lost"):
        apply_run(sheet.engine, ALL)
    assert len(tries) == ATTEMPTS
    assert sheet.store.reads == ATTEMPTS
    sheet.store.apply_batch = apply  # type: ignore[method-assign]
    assert apply_run(sheet.engine, ALL).attempts == 1


def test_the_loser_of_two_runs_plans_again_on_what_the_winner_wrote(sheet):
    sheet.world.numbers["a"] = Decimal(2)
    beside = replace(sheet.engine, store=sheet.store.inner)
    sheet.store.act = lambda: apply_run(beside, ALL) and None
    report = apply_run(sheet.engine, ALL)
    assert report.attempts == 2
    assert report.plan.is_quiet
    assert len(history(sheet)) == len(set(history(sheet)))


def test_an_older_reading_never_replaces_a_newer_one(sheet):
    sheet.world.numbers["a"] = Decimal(2)

    def another_run_that_asked_later() -> None:
        sheet.world.now = sheet.world.now.replace(minute=59)
        sheet.world.numbers["a"] = Decimal(3)
        apply_run(replace(sheet.engine, store=sheet.store.inner), ALL)

    sheet.store.act = another_run_that_asked_later
    apply_run(sheet.engine, ALL)
    assert current(sheet, A) == 3
    assert sheet.look().ledger.heartbeat == sheet.world.now


def test_a_heartbeat_from_a_wrong_clock_stops_the_sheet_until_somebody_knows_which_is_right(sheet):
    now = sheet.world.now
    sheet.world.now = now.replace(year=now.year + 1)
    ledger = next(tab for tab in sheet.store.inner.tabs if tab.title == Tab.LEDGER.value)
    at = (0, 3)
    ledger.grid[at] = replace(ledger.grid[at], value=sheet.world.now.isoformat())
    sheet.people.put(KR.value, M, sheet.at(KR, Field.NOTES), "touched")
    sheet.world.now = now
    sheet.world.numbers["a"] = Decimal(2)
    before = current(sheet, A)
    with pytest.raises(ClockWrong, match="16 Nov 2027 at 07:30, which is still to come"):
        apply_run(sheet.engine, ALL)
    assert current(sheet, A) == before
    apply_run(sheet.engine, replace(ALL, force=True))
    assert current(sheet, A) == 2
    assert sheet.look().ledger.heartbeat == now


# People between our read and our write


def test_a_value_typed_in_between_is_put_back_and_held(sheet):
    sheet.world.numbers["a"] = Decimal(2)
    sheet.store.act = lambda: sheet.type(KR, A, Field.CURRENT, Decimal(3))
    report = apply_run(sheet.engine, ALL)
    assert report.attempts == 2
    assert current(sheet, A) == 3
    holds = entry(sheet, "A").holds
    assert {name: hold.value for name, hold in holds.items()} == {Field.CURRENT: 3}


def test_a_row_that_was_inserted_in_between_moves_our_values_along(sheet):
    sheet.world.numbers.update(a=Decimal(2), b=Decimal(3))
    sheet.store.act = lambda: sheet.insert(KR, 0)
    apply_run(sheet.engine, ALL)
    assert [current(sheet, row) for row in (1, 2, 3, 4)] == [None, 2, 3, 1]
    assert all(not entry(sheet, own_id).holds for own_id in "ABC")
    told = history(sheet)
    assert len(set(told)) == len(told)


def test_what_is_put_back_says_so_in_the_log(sheet, caplog):
    sheet.world.numbers["a"] = Decimal(2)
    sheet.store.act = lambda: sheet.type(KR, A, Field.CURRENT, Decimal(3))
    with caplog.at_level(logging.WARNING):
        apply_run(sheet.engine, ALL)
    assert "put back" in caplog.text


# Refusals


def test_a_partial_sort_stops_the_run_and_nothing_is_written(sheet):
    sheet.world.numbers.update(a=Decimal(0), b=Decimal(2), c=Decimal(3))
    apply_run(sheet.engine, ALL)
    sheet.store.landed.clear()
    sheet.sort_apart(KR, (5, 2, 0, 1, 3, 4))
    before = sheet.look()
    with pytest.raises(ShuffleError) as caught:
        apply_run(sheet.engine, ALL)
    assert {row.id for row in caught.value.rows} == {"A", "B", "C"}
    assert sheet.store.landed == []
    assert sheet.look() == before


# Held and handed back


def test_a_hold_is_scored_noted_and_handed_back(sheet):
    sheet.type(KR, A, Field.CURRENT, Decimal(3))
    apply_run(sheet.engine, ALL)
    cell = sheet.look().cell(KR, A, sheet.at(KR, Field.CURRENT))
    assert (cell.value, current(sheet, A, Field.SCORE)) == (3, 1)
    assert cell.note
    assert ("A", "Current", Decimal(1), Decimal(3)) in history(sheet)
    sheet.type(KR, A, Field.CURRENT, None)
    apply_run(sheet.engine, ALL)
    cell = sheet.look().cell(KR, A, sheet.at(KR, Field.CURRENT))
    assert (cell.value, cell.note) == (1, None)
    assert not entry(sheet, "A").holds


def test_a_persons_note_is_left_alone(sheet):
    column = sheet.at(KR, Field.CURRENT)
    sheet.store.inner.note(KR.value, A, column, "ask Maya")
    sheet.type(KR, A, Field.CURRENT, Decimal(3))
    apply_run(sheet.engine, ALL)
    assert sheet.look().cell(KR, A, column).note == "ask Maya"
    sheet.type(KR, A, Field.CURRENT, None)
    apply_run(sheet.engine, ALL)
    assert sheet.look().cell(KR, A, column).note == "ask Maya"


def test_a_formula_in_current_is_a_persons_even_where_it_gives_the_same(sheet):
    sheet.type(KR, A, Field.CURRENT, Decimal(1), formula="=1+0")
    apply_run(sheet.engine, ALL)
    sheet.world.numbers["a"] = Decimal(2)
    apply_run(sheet.engine, ALL)
    assert sheet.look().cell(KR, A, sheet.at(KR, Field.CURRENT)).formula == "=1+0"


def test_releasing_a_hold_gives_the_cell_back_with_its_value_in_history(sheet):
    sheet.type(KR, A, Field.CURRENT, Decimal(3))
    apply_run(sheet.engine, ALL)
    apply_run(sheet.engine, RunWishes(release=frozenset({(RowKey(KR, CYCLE, "A"), Field.CURRENT)})))
    assert current(sheet, A) == 1
    assert not entry(sheet, "A").holds
    assert ("A", "Current", Decimal(3), Decimal(1)) in history(sheet)


def test_a_formula_is_released_like_any_value_and_history_has_its_text(sheet):
    sheet.type(KR, A, Field.CURRENT, Decimal(3), formula="=1+2")
    apply_run(sheet.engine, ALL)
    apply_run(sheet.engine, RunWishes(release=frozenset({(RowKey(KR, CYCLE, "A"), Field.CURRENT)})))
    assert current(sheet, A) == 1
    assert sheet.look().cell(KR, A, sheet.at(KR, Field.CURRENT)).formula is None
    assert not entry(sheet, "A").holds
    assert [line for line in history(sheet) if line[1] == "Current"][-1] == ("A", "Current", "=1+2", Decimal(1))


@pytest.mark.parametrize("faults", [[], ["quota"]])
def test_what_is_typed_while_a_value_is_released_is_not_released_with_it(sheet, faults):
    sheet.type(KR, A, Field.CURRENT, Decimal(3))
    apply_run(sheet.engine, ALL)
    sheet.store.faults, sheet.store.act = faults, lambda: sheet.type(KR, A, Field.CURRENT, Decimal(7))
    apply_run(sheet.engine, RunWishes(release=frozenset({(RowKey(KR, CYCLE, "A"), Field.CURRENT)})))
    assert current(sheet, A) == 7
    assert entry(sheet, "A").holds[Field.CURRENT].value == 7


# Adopting


def adopt(values: dict[int, Decimal]) -> LivedSheet:
    """A sheet in which people kept Current themselves before the machine came."""
    store = MemoryStore()
    people = MemoryPeople(store)
    world = World.with_numbers()
    lived = open_lived_sheet(store, people, world)
    store.tabs = [tab for tab in store.tabs if tab.title in {KR.value, Tab.OBJECTIVES.value, Tab.KPIS.value}]
    for row, value in values.items():
        people.put(KR.value, row, lived.at(KR, Field.CURRENT), value)
    prepare_sheet(lived.engine)
    return lived


def test_values_from_before_wait_until_they_are_accepted():
    sheet = adopt({A: Decimal(3), B: Decimal(1)})
    report = apply_run(sheet.engine, ALL)
    waiting = [(item.key.id, item.field, item.value, item.want) for row in report.plan.rows for item in row.takeovers]
    assert waiting == [("A", Field.CURRENT, 3, 1)]
    assert (current(sheet, A), current(sheet, B), current(sheet, C)) == (3, 1, 1)
    assert apply_run(sheet.engine, ALL).plan.is_quiet
    apply_run(sheet.engine, RunWishes(takeover=True))
    assert current(sheet, A) == 1
    assert ("A", "Current", 3, 1) in [line[4:8] for line in sheet.look().history]


def test_a_copied_row_with_a_new_id_gives_its_old_values_to_history(sheet):
    sheet.copy_row(KR, A, "N")
    sheet.people.put(KR.value, 5, sheet.at(KR, Field.SCORE), Decimal("0.9"))
    apply_run(sheet.engine, ALL)
    assert current(sheet, 5, Field.SCORE) is None or current(sheet, 5, Field.SCORE) != Decimal("0.9")
    assert ("N", "Score", Decimal("0.9")) in [line[:3] for line in history(sheet)]


# Words


def test_a_run_in_one_line(sheet):
    sheet.world.numbers["a"] = Decimal(2)
    sheet.type(KR, B, Field.CURRENT, Decimal(3))
    plan = preview(sheet.engine, ALL)
    remark = render_remark(plan)
    assert f"{len(plan.moved)} moved" in remark
    assert "1 held" in remark


def test_the_ledger_can_be_read_by_anybody(sheet):
    raw = sheet.look().raw.find_tab(Tab.LEDGER.value)
    assert raw is not None
    ledger, problems = parse_ledger(raw)
    assert problems == ()
    assert set(ledger.head.columns) >= {KR.value}
    assert len(COLUMNS[KR]) == len(ledger.head.columns[KR.value])


PAUSED = """key_results:
  A: {desk: {number: a}, measure: count, pause: {why: moving house}}
  B: {desk: {number: b}, measure: count}
  C: {desk: {number: c}, measure: count}
"""


def test_a_paused_rows_value_stays_of_the_day_on_which_it_was_read(sheet):
    """Every other row's heartbeat made it a day younger each night, and a dead source was told a day too late."""
    last = sheet.world.now.date()
    paused = replace(sheet.engine, project=make_project(sheet.world, PAUSED))
    for _ in range(3):
        sheet.world.pass_days()
        apply_run(paused, ALL)
        assert current(sheet, A, Field.FRESHNESS) == last
        assert current(sheet, B, Field.FRESHNESS) == sheet.world.now.date()
    report = apply_run(paused, ALL)
    assert report.plan.is_quiet
    key = RowKey(KR, CYCLE, "A")
    assert key.key not in find_stale(report.plan.standings, sheet.world.now.date(), 1)  # it is meant to be old
    sheet.world.is_down = True
    apply_run(sheet.engine, ALL)
    assert "Last good value of 16 Nov" in str(current(sheet, A, Field.WHY))
