"""Key results that count the same records: by ids, as seen from the larger."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.overlap import FEWEST, LEAST_SHARE, Overlap, find_overlaps


def ids(first: int, last: int) -> frozenset[str]:
    return frozenset(map(str, range(first, last)))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (ids(0, 10), ids(0, 10), [Overlap(("a", "b"), 10, 10)]),
        (ids(0, 9), ids(0, 10), [Overlap(("a", "b"), 9, 10)]),
        (ids(0, 10), ids(2, 12), [Overlap(("a", "b"), 8, 10)]),
        (ids(0, 10), ids(3, 13), []),
        (ids(0, 5), ids(0, 10), []),
        (ids(0, 2), ids(0, 2), []),
        (ids(0, 10), ids(20, 30), []),
    ],
)
def test_two(one: frozenset[str], other: frozenset[str], found: list[Overlap]) -> None:
    assert list(find_overlaps({"a": ("jira", one), "b": ("jira", other)})) == found
    assert list(find_overlaps({"a": ("jira", one), "b": ("crm", other)})) == []


@pytest.mark.parametrize(("shift", "common"), [(0, 5000), (500, 4500), (1000, 4000), (1100, None), (5000, None)])
def test_large_sets_too(shift: int, common: int | None) -> None:
    found = list(find_overlaps({"a": ("jira", ids(0, 5000)), "b": ("jira", ids(shift, 5000 + shift))}))
    assert [overlap.common for overlap in found] == ([common] if common else [])


def test_many_that_are_equal_are_one_finding() -> None:
    same = {name: ("jira", ids(0, 10)) for name in "abc"}
    assert list(find_overlaps(same)) == [Overlap(("a", "b", "c"), 10, 10)]


sets = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2), st.frozensets(st.sampled_from("0123456789"), max_size=8), max_size=8
)


@given(sets)
def test_every_pair_that_shares_enough_is_found_and_no_other(counted: dict[str, frozenset[str]]) -> None:
    found = {
        frozenset((counted[first], counted[second]))
        for overlap in find_overlaps({name: ("jira", each) for name, each in counted.items()})
        for first in overlap.names
        for second in overlap.names
        if first != second
    }
    wanted = {
        frozenset((one, other))
        for a, one in counted.items()
        for b, other in counted.items()
        if a != b and min(len(one), len(other)) >= FEWEST
        if len(one & other) >= LEAST_SHARE * max(len(one), len(other))
    }
    assert found == wanted
