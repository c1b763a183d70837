"""The engine against people and bad luck, on the sheet in memory, in both of its manners."""

from hypothesis import settings
from hypothesis.stateful import rule

from tests.machine.sheet_machine import CONFIG, SheetMachine
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore


class InMemory(SheetMachine):
    """What can't be done to every store."""

    @rule()
    def the_file_is_copied(self) -> None:
        """From now on its copy is the one that is kept."""
        store = self.sheet.store.inner
        assert isinstance(store, MemoryStore)
        store.sheet_id += "'"


class LikeGoogle(InMemory):
    def open(self) -> LivedSheet:
        store = MemoryStore()
        return open_lived_sheet(store, MemoryPeople(store), config=CONFIG)


class LikeAWorkbook(InMemory):
    def open(self) -> LivedSheet:
        store = MemoryStore(has_before=False)
        return open_lived_sheet(store, MemoryPeople(store), config=CONFIG)


TestLikeGoogle = LikeGoogle.TestCase
TestLikeGoogle.settings = settings(stateful_step_count=14)
TestLikeAWorkbook = LikeAWorkbook.TestCase
TestLikeAWorkbook.settings = settings(stateful_step_count=14)
