"""A plan of several batches that isn't written to its end: what was not reached is no younger for it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mappings.model import Metric, Outcome
from sync.run import RunWishes, apply_run
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from tests.support.fake_source import NumberDesk
from tests.support.faulty_store import Crash, FaultyStore
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE

KR = Tab.KEY_RESULTS
C, LAST = 3, RowKey(KR, CYCLE, "C")
ALL = RunWishes()


@pytest.fixture
def sheet(monkeypatch: pytest.MonkeyPatch) -> LivedSheet:
    """A sheet that was synced; a day later each source says 2, and a row fills a batch."""
    store = MemoryStore(has_before=True)
    lived = open_lived_sheet(store, MemoryPeople(store))
    apply_run(lived.engine, ALL)
    monkeypatch.setattr(FaultyStore, "batch_bytes", 900)
    lived.world.now += timedelta(days=1)
    lived.world.numbers |= dict.fromkeys("abc", Decimal(2))
    lived.store.landed.clear()
    return lived


def test_a_row_that_a_dead_run_never_reached_is_no_younger(sheet: LivedSheet) -> None:
    read = sheet.world.now - timedelta(days=1)
    sheet.store.faults = ["dies_after"]
    with pytest.raises(Crash):
        apply_run(sheet.engine, ALL)
    assert sheet.look().ledger.entries[LAST].good.value == 1
    sheet.world.now += timedelta(days=1)
    sheet.world.numbers.pop("c")
    standing = apply_run(sheet.engine, ALL).plan.standings[LAST].standing
    assert (standing.value, standing.as_of) == (1, read)


@pytest.mark.parametrize("fault", ["quota", "unsent"])
def test_the_first_batch_does_not_overtake_its_own_run(
    sheet: LivedSheet, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeat is the moment of the last answer: to those before it, it looked like another, later run."""
    answer = NumberDesk.answer

    def answer_slowly(desk: NumberDesk, metric: Metric) -> Outcome | None:
        outcome = answer(desk, metric)
        sheet.world.now += timedelta(seconds=1)
        return outcome

    monkeypatch.setattr(NumberDesk, "answer", answer_slowly)
    sheet.store.faults = ["", fault]
    report = apply_run(sheet.engine, ALL)
    assert report.attempts == 2
    assert sheet.look().cell(KR, C, sheet.at(KR, Field.CURRENT)).value == 2
