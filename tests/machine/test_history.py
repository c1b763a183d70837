"""History tells each significant change once: replayed, it is a chain without gaps that ends at what the sheet shows.

People only move rows here: what they type makes chains of its own, which ``lived_sheet`` looks at.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sheet.cell import Canon
from sync.sheet.history import HistoryLine, parse_history
from sync.sheet.layout import SIGNIFICANT, Field, Tab
from sync.sheet.ledger import RowKey
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import CYCLE

FAULT = st.sampled_from(("", "before", "quota", "unsent", "lost", "dies_before", "dies_after"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.sampled_from("abc"), st.integers(0, 3)),
        st.tuples(st.just("run"), st.lists(FAULT, max_size=3), st.none()),
        st.tuples(st.just("sort while it runs"), st.permutations(range(4)), st.lists(FAULT, max_size=3)),
        st.tuples(st.just("insert while it runs"), st.integers(1, 5), st.lists(FAULT, max_size=3)),
        st.tuples(st.just("another run"), st.sampled_from(("", "lost")), st.none()),
        st.tuples(st.just("days"), st.integers(1, 3), st.none()),
    ),
    min_size=3,
    max_size=9,
)


def do(sheet: LivedSheet, kind: str, first, second) -> None:
    if kind == "read":
        sheet.world.numbers[first] = Decimal(second)
    elif kind == "run":
        sheet.run(faults=first)
    elif kind == "sort while it runs":
        sheet.run(act=lambda: sheet.sort(Tab.KEY_RESULTS, first), faults=second)
    elif kind == "insert while it runs":
        sheet.run(act=lambda: sheet.insert(Tab.KEY_RESULTS, first), faults=second)
    elif kind == "another run":
        sheet.run_beside_another(first)
    else:
        sheet.world.pass_days(first)


def chains(sheet: LivedSheet) -> dict[tuple[RowKey, Field], list[HistoryLine]]:
    title = f"History {CYCLE}"
    found: dict[tuple[RowKey, Field], list[HistoryLine]] = {}
    for line in parse_history(sheet.store.inner.fetch_sheet([title]), [title]):
        found.setdefault((line.key, line.field), []).append(line)
    return found


def check_told_once(sheet: LivedSheet) -> None:
    look = sheet.look()
    told = chains(sheet)
    for (key, field), lines in told.items():
        if field not in SIGNIFICANT:
            continue
        stands: Canon = None
        for line in lines:
            assert line.old == stands, (key, field, lines)
            assert line.new != line.old
            stands = line.new
        (row,) = sheet.keys(look)[key]
        assert sheet.live(look, key, row, field) == stands, (key, field, lines)
    for key, entry in look.ledger.entries.items():
        for field in SIGNIFICANT & entry.bases.keys():
            assert entry.bases[field] is None or (key, field) in told


@pytest.mark.parametrize("has_before", [True, False], ids=["google", "workbook"])
@given(steps=STEPS)
def test_each_significant_change_is_told_exactly_once(has_before: bool, steps) -> None:
    store = MemoryStore(has_before=has_before)
    sheet = open_lived_sheet(store, MemoryPeople(store))
    for kind, first, second in steps:
        do(sheet, kind, first, second)
    if sheet.run() is not None:
        check_told_once(sheet)


@pytest.mark.parametrize("faults", [["", "", "before"], ["", "", "dies_before"], ["", "dies_before"], ["dies_after"]])
def test_a_write_that_was_put_back_is_told_once_by_the_run_that_follows(faults: list[str]) -> None:
    store = MemoryStore()
    sheet = open_lived_sheet(store, MemoryPeople(store))
    sheet.run()
    sheet.world.numbers["a"] = Decimal(3)
    sheet.run(act=lambda: sheet.insert(Tab.KEY_RESULTS, 1), faults=faults)
    assert sheet.run() is not None
    check_told_once(sheet)


@pytest.mark.parametrize("number", [3, 2, 1])
def test_what_was_put_back_before_a_run_failed_is_not_told_again(number: int) -> None:
    store = MemoryStore()
    sheet = open_lived_sheet(store, MemoryPeople(store))
    sheet.run()
    sheet.world.numbers["a"] = Decimal(3)
    sheet.run(act=lambda: sheet.sort(Tab.KEY_RESULTS, (3, 2, 1, 0)), faults=["", "", "before"])
    assert sheet.errors
    sheet.world.numbers["a"] = Decimal(number)
    assert sheet.run() is not None
    check_told_once(sheet)
    assert all(not entry.told for entry in sheet.look().ledger.entries.values())
