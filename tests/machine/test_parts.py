"""A run that takes several writes and dies, or waits for a quota, after any of them, while people work."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.machine.sheet_machine import CONFIG, NUMBERS, Deed, shapings, typings
from tests.support.faulty_store import FaultyStore
from tests.support.lived_sheet import open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import MAPPED

READINGS = st.dictionaries(st.sampled_from(tuple(MAPPED.values())), st.none() | st.sampled_from(NUMBERS), max_size=3)
BEFORE = st.lists(st.just(""), max_size=3)


@given(
    readings=READINGS,
    days=st.integers(0, 2),
    deed=typings() | shapings(),
    then=st.none() | typings(),
    written=BEFORE,
    end=st.sampled_from(["dies_before", "dies_after", "quota", "lost", "unsent"]),
    nights=st.integers(0, 2),
)
def test_nothing_is_lost_and_nothing_is_said_to_be_younger(
    readings: dict[str, Decimal | None],
    days: int,
    deed: Deed,
    then: Deed | None,
    written: list[str],
    end: str,
    nights: int,
) -> None:
    store = MemoryStore(has_before=True)
    sheet = open_lived_sheet(store, MemoryPeople(store), config=CONFIG)
    sheet.run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FaultyStore, "batch_bytes", 900)
        for name, number in readings.items():
            sheet.world.numbers.pop(name)
            if number is not None:
                sheet.world.numbers[name] = number
        sheet.world.pass_days(days)
        sheet.run_that_dies(deed, then, (*written, end))
        sheet.world.pass_days(nights)
        sheet.run_cleanly()
