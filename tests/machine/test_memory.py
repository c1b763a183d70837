"""The engine against people and bad luck, on the sheet in memory, in both of its manners."""

from hypothesis import settings

from tests.machine.sheet_machine import SheetMachine
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore


class LikeGoogle(SheetMachine):
    def open(self) -> LivedSheet:
        store = MemoryStore()
        return open_lived_sheet(store, MemoryPeople(store))


class LikeAWorkbook(SheetMachine):
    def open(self) -> LivedSheet:
        store = MemoryStore(has_before=False)
        return open_lived_sheet(store, MemoryPeople(store))


TestLikeGoogle = LikeGoogle.TestCase
TestLikeGoogle.settings = settings(stateful_step_count=14)
TestLikeAWorkbook = LikeAWorkbook.TestCase
TestLikeAWorkbook.settings = settings(stateful_step_count=14)
