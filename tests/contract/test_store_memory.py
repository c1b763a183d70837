"""The store in memory keeps the contract, in both of its manners."""

import pytest

from sync.sheet.store_error import SheetUnavailable, WriteUnconfirmed
from tests.contract.store_contract import KR, Field, House, StoreContract, make_wish, write
from tests.support.memory_store import MemoryStore


class TestLikeGoogle(StoreContract):
    @pytest.fixture
    def house(self) -> House:
        store = MemoryStore()
        store.prepare(make_wish())
        return House(store, store, lambda act: setattr(store, "act", act))


class TestLikeAWorkbook(StoreContract):
    @pytest.fixture
    def house(self) -> House:
        store = MemoryStore(has_before=False)
        store.prepare(make_wish())
        return House(store, store, lambda act: setattr(store, "act", act))


def test_it_fails_on_request_before_or_after_the_write() -> None:
    store = MemoryStore()
    store.prepare(make_wish())
    house = House(store, store)
    store.fail = "before"
    with pytest.raises(SheetUnavailable):
        house.write(write(1, Field.WHY, "no"))
    assert house.cell(1, Field.WHY).value is None
    store.fail = "after"
    with pytest.raises(WriteUnconfirmed):
        house.write(write(1, Field.WHY, "yes"))
    assert house.cell(1, Field.WHY).value == "yes"


def test_people_sort_insert_and_delete_rows() -> None:
    store = MemoryStore()
    store.prepare(make_wish())
    for row, text in enumerate("abc", start=1):
        store.type(KR, row, 0, text)
    store.permute_rows(KR, (3, 1, 2))
    assert [store.cell(KR, row, 0).value for row in (1, 2, 3)] == ["c", "a", "b"]
    store.insert_row(KR, 2)
    store.delete_row(KR, 1)
    assert [store.cell(KR, row, 0).value for row in (1, 2, 3)] == [None, "a", "b"]
