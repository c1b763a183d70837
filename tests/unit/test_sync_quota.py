"""A quota of writes that is used up: what it refused was not done, so the run waits, reads and plans again."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.google import GoogleUnavailable
from sync.quota import LONGEST
from sync.run import RunWishes, apply_run
from sync.sheet.google_error import writing
from sync.sheet.layout import Field, Tab
from sync.sheet.store_error import SheetBusy, SheetOverQuota, SheetUnavailable
from tests.support.faulty_store import Crash, FaultyStore
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.unit.test_outbox_run import House
from tests.unit.test_run_cycle import make

KR = Tab.KEY_RESULTS
A, B = 1, 2
ALL = RunWishes()
FOR_EVER = ["quota"] * 99


@pytest.fixture(params=[True, False], ids=["google", "workbook"])
def sheet(request: pytest.FixtureRequest) -> LivedSheet:
    """A sheet that was synced, and a source that says 2 since."""
    store = MemoryStore(has_before=request.param)
    lived = open_lived_sheet(store, MemoryPeople(store))
    apply_run(lived.engine, ALL)
    lived.world.numbers["a"] = Decimal(2)
    lived.store.reads, lived.world.seconds = 0, 0.0
    lived.store.landed.clear()
    return lived


def current(sheet: LivedSheet, row: int) -> object:
    return sheet.look().cell(KR, row, sheet.at(KR, Field.CURRENT)).value


def with_budget(sheet: LivedSheet, seconds: int):
    project = sheet.engine.project
    return replace(sheet.engine, project=replace(project, config=replace(project.config, budget=seconds)))


def test_two_minutes_are_waited_out_and_each_time_the_sheet_is_read_and_planned_anew(sheet: LivedSheet) -> None:
    sheet.store.faults = ["quota", "quota"]
    report = apply_run(sheet.engine, ALL)
    assert (report.attempts, sheet.store.reads, len(sheet.store.landed)) == (3, 3, 1)
    assert 120 <= sheet.world.seconds <= 122
    assert current(sheet, A) == 2
    told = [line[4:8] for line in sheet.look().history if line[1] == report.stamp.run]
    assert len(told) == len(set(told)) > 0


def test_what_somebody_types_meanwhile_is_kept_and_nothing_of_it_was_written_over(sheet: LivedSheet) -> None:
    sheet.store.faults = ["quota"]
    sheet.store.act = lambda: sheet.type(KR, A, Field.CURRENT, Decimal(3))
    report = apply_run(sheet.engine, ALL)
    assert current(sheet, A) == 3
    assert [item.field for row in report.plan.rows for item in row.holds] == [Field.CURRENT]


def test_one_that_does_not_come_back_ends_the_run_in_its_time(sheet: LivedSheet) -> None:
    before = sheet.look().raw
    sheet.store.faults = list(FOR_EVER)
    with pytest.raises(SheetOverQuota, match="Nothing was written"):
        apply_run(sheet.engine, ALL)
    assert LONGEST - 62 <= sheet.world.seconds < LONGEST
    assert sheet.look().raw.tabs == before.tabs
    sheet.store.faults = []
    assert apply_run(sheet.engine, ALL).attempts == 1


@pytest.mark.parametrize(("budget", "asking", "waited"), [(30, 0.0, False), (120, 90.0, False), (120, 30.0, True)])
def test_it_waits_within_the_run_s_time_only(sheet: LivedSheet, budget: int, asking: float, *, waited: bool) -> None:
    sheet.world.asking_takes = asking / len(sheet.world.asked)
    sheet.store.faults = ["quota"]
    engine = with_budget(sheet, budget)
    if waited:
        assert apply_run(engine, ALL).attempts == 2
    else:
        with pytest.raises(SheetOverQuota):
            apply_run(engine, ALL)
        assert sheet.store.landed == []
    assert sheet.world.seconds <= budget


def test_waiting_is_no_attempt_that_somebody_else_won(sheet: LivedSheet) -> None:
    sheet.store.faults = ["quota", "unsent", "quota", "unsent"]
    assert apply_run(sheet.engine, ALL).attempts == 5
    sheet.world.numbers["a"] = Decimal(3)
    sheet.store.faults = ["unsent", "quota", "unsent", "unsent"]
    with pytest.raises(SheetBusy):
        apply_run(sheet.engine, ALL)


def test_what_a_run_that_died_has_hit_is_put_back_after_the_wait(sheet: LivedSheet) -> None:
    """The worst moment: the write landed on what somebody had just typed, and then the quota was gone."""
    sheet.store.faults = ["dies_after"]
    sheet.store.act = lambda: sheet.type(KR, A, Field.CURRENT, Decimal(7))
    with suppress(Crash):
        apply_run(sheet.engine, ALL)
    sheet.store.faults = ["quota", "quota"]
    apply_run(sheet.engine, ALL)
    assert current(sheet, A) == 7


def test_a_put_back_that_the_quota_refuses_is_made_good_by_the_same_run(sheet: LivedSheet) -> None:
    sheet.store.faults = ["", "quota"]
    sheet.store.act = lambda: sheet.type(KR, A, Field.CURRENT, Decimal(7))
    apply_run(sheet.engine, ALL)
    assert current(sheet, A) == 7
    assert sheet.store.faults == []


def test_a_new_cycle_s_first_night_waits_too() -> None:
    world, store, engine = make(datetime(2026, 12, 30, 6, 30, tzinfo=UTC), cycle="2026-Q4")
    apply_run(engine, ALL)
    world.now = datetime(2027, 1, 1, 6, 30, tzinfo=UTC)
    faulty = FaultyStore(store, faults=["quota"])
    apply_run(replace(engine, store=faulty), ALL)
    assert faulty.faults == []
    assert "History 2027-Q1" in [tab.title for tab in store.tabs]


def test_what_was_told_is_noted_after_the_wait_and_told_once() -> None:
    house = House(has_before=True)
    house.run()
    house.told.clear()
    house.turn()
    house.store.faults = ["", "quota"]
    house.run()
    assert house.store.faults == []
    said = list(house.told)
    assert said
    house.run()
    assert house.told == said


def test_only_a_quota_is_waited_for() -> None:
    for error, kind in (
        (GoogleUnavailable("The quota is used up.", retry_after=20), SheetOverQuota),
        (GoogleUnavailable("Google's sign-in can't be reached."), SheetUnavailable),
    ):
        with pytest.raises(SheetUnavailable) as caught, writing((), {}):
            raise error
        assert type(caught.value) is kind
    assert getattr(caught.value, "wait", None) is None
