"""What the machines found in a deep look, each as a short life of its own."""

from __future__ import annotations

import pytest

from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from tests.machine.sheet_machine import CONFIG
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE

KR = Tab.KEY_RESULTS


def open_sheet(*, has_before: bool) -> LivedSheet:
    store = MemoryStore(has_before=has_before)
    return open_lived_sheet(store, MemoryPeople(store), config=CONFIG)


def holds(sheet: LivedSheet) -> list[tuple[RowKey, Field]]:
    return [(key, name) for key, entry in sheet.look().ledger.entries.items() for name in entry.holds]


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
def test_a_memory_that_is_lost_twice_makes_no_hold_of_what_moves_with_time(has_before: bool) -> None:
    """History tells of a Why only where it replaced what nobody could account for: its later ones are in no line."""
    sheet = open_sheet(has_before=has_before)
    sheet.run(fetch=False)
    sheet.run_without_ledger()
    sheet.refresh()
    sheet.sort(KR, (3, 1, 0, 2, 4, 5))
    assert sheet.run_without_ledger() is not None
    assert holds(sheet) == []
