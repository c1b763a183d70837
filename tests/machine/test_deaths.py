"""A run that dies after its write while people work, looked at closely: what they typed before, and after, and what
the source said meanwhile. The machines come by here now and then; this does nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.machine.sheet_machine import CONFIG, DEATHS, NUMBERS, Deed, movings, shapings, typings
from tests.support.lived_sheet import open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import MAPPED

READINGS = st.dictionaries(st.sampled_from(tuple(MAPPED.values())), st.none() | st.sampled_from(NUMBERS), max_size=2)


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
@given(
    before=st.lists(typings() | shapings(), max_size=2),
    readings=READINGS,
    days=st.integers(0, 1),
    deed=typings() | shapings(),
    then=st.none() | typings() | movings(),
    faults=DEATHS,
)
def test_nothing_is_lost(
    before: list[Deed],
    readings: dict[str, Decimal | None],
    days: int,
    deed: Deed,
    then: Deed | None,
    faults: tuple[str, ...],
    *,
    has_before: bool,
) -> None:
    store = MemoryStore(has_before=has_before)
    sheet = open_lived_sheet(store, MemoryPeople(store), config=CONFIG)
    sheet.run()
    for each in before:
        each(sheet)
    for name, number in readings.items():
        sheet.world.numbers.pop(name)
        if number is not None:
            sheet.world.numbers[name] = number
    sheet.world.pass_days(days)
    sheet.run_that_dies(deed, then, faults)
    sheet.run_cleanly()
