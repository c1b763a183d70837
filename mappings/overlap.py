"""Which key results count the same records."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

LEAST_SHARE = 0.8
FEWEST = 3
_LOOKED_AT, _SEEN_AT_LEAST = 64, 24


@dataclass(frozen=True, slots=True)
class Overlap:
    """Some that count the same: their names, how many records all but the same, of how many the largest counts."""

    names: tuple[str, ...]
    common: int
    most: int


def find_overlaps(counted: Mapping[str, tuple[Hashable, frozenset[str]]]) -> Iterator[Overlap]:
    """Those of a kind whose records are at least to four fifths the same, seen from the larger.

    ``counted`` gives by name what kind of number it is (only equal kinds are compared) and the records' ids. A small
    part of a large set is no overlap: "all bugs" and "bugs of the app" are two questions. Sets are compared only
    with those of about their size, so that a thousand cost little.
    """
    groups: dict[tuple[Hashable, frozenset[str]], list[str]] = {}
    for name, (kind, ids) in counted.items():
        if len(ids) >= FEWEST:
            groups.setdefault((kind, ids), []).append(name)
    kinds: dict[Hashable, list[tuple[frozenset[str], tuple[str, ...]]]] = {}
    for (kind, ids), names in groups.items():
        if len(names) > 1:
            yield Overlap(tuple(names), len(ids), len(ids))
        kinds.setdefault(kind, []).append((ids, tuple(names)))
    for sets in kinds.values():
        yield from _compare(sorted(sets, key=lambda each: (len(each[0]), each[1])))


def _compare(sets: list[tuple[frozenset[str], tuple[str, ...]]]) -> Iterator[Overlap]:
    for index, (smaller, names) in enumerate(sets):
        for larger, others in sets[index + 1 :]:
            if len(smaller) < LEAST_SHARE * len(larger):
                break
            if not _may_overlap(smaller, larger):
                continue
            common = len(smaller & larger)
            if common >= LEAST_SHARE * len(larger):
                yield Overlap((names[0], others[0]), common, len(larger))


def _may_overlap(smaller: frozenset[str], larger: frozenset[str]) -> bool:
    """A look at a few, so that hundreds of large sets cost seconds and not minutes.

    Of two sets that overlap enough, at least four fifths of the smaller one's are in the larger. That of 64 of them,
    drawn by their hashes, fewer than 24 are, has a chance below one in a hundred million (Chernoff's bound).
    """
    if len(smaller) <= 4 * _LOOKED_AT:
        return True
    return sum(each in larger for each in islice(smaller, _LOOKED_AT)) >= _SEEN_AT_LEAST
