"""Functions that Google Sheets has and the spreadsheet engine lacks, or reads in Excel's way.

After the Google Docs Editors Help, "Google Sheets function list" (support.google.com/docs/table/25273). A range comes
in as a list of rows; an exception gives ``#VALUE!``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sandbox.google_order import compare, is_truth, to_text


class Extra(NamedTuple):
    """A function, and how many arguments it takes at least and at most."""

    call: Callable[..., Any]
    least: int
    most: int | None


def _flat(values: tuple[Any, ...]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(tuple(value))
        elif value is not None:
            yield value


def _extract(text: Any, pattern: Any) -> str:
    found = re.search(to_text(pattern), to_text(text))
    if found is None:
        raise ValueError(f"Function REGEXEXTRACT parameter 2 value '{pattern}' does not match text.")
    return found[1] if found.re.groups else found[0]


def _rows(value: Any) -> list[list[Any]]:
    return value if isinstance(value, list) else [[value]]


def _filter(area: Any, *conditions: Any) -> list[list[Any]]:
    rows = _rows(area)
    tests = [[is_truth(cell) for cell in _cells(each)] for each in conditions]
    kept = [row for place, row in enumerate(rows) if all(test[place] for test in tests)]
    if not kept:
        raise ValueError("No matches are found in FILTER evaluation.")
    return kept


def _cells(value: Any) -> list[Any]:
    return [cell for row in _rows(value) for cell in row]


def _sort(area: Any, *keys: Any) -> list[list[Any]]:
    rows = list(_rows(area))
    pairs = list(zip(keys[::2], keys[1::2], strict=False)) or [(1, True)]
    for column, ascending in reversed(pairs):
        at = int(column) - 1
        rows.sort(key=lambda row: _Ordered(row[at]), reverse=not is_truth(ascending))
    return rows


class _Ordered:
    """A value that sorts as Google's do."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Ordered) -> bool:
        return compare(self.value, other.value) < 0


def _unique(area: Any) -> list[list[Any]]:
    kept: list[list[Any]] = []
    for row in _rows(area):
        if row not in kept:
            kept.append(row)
    return kept


def _between(value: Any, low: Any, high: Any, low_in: Any = True, high_in: Any = True) -> bool:
    above, below = compare(value, low), compare(value, high)
    return (above > 0 or (above == 0 and is_truth(low_in))) and (below < 0 or (below == 0 and is_truth(high_in)))


def _weighted(values: Any, weights: Any) -> float:
    pairs = list(zip(_cells(values), _cells(weights), strict=True))
    return float(sum(value * weight for value, weight in pairs) / sum(weight for _, weight in pairs))


def _split(text: Any, marks: Any, each: Any = True, trim: Any = True) -> list[list[str]]:
    pattern = f"[{re.escape(to_text(marks))}]" if is_truth(each) else re.escape(to_text(marks))
    parts = re.split(pattern, to_text(text))
    return [[part for part in parts if part or not is_truth(trim)]]


EXTRAS: dict[str, Extra] = {
    "REGEXMATCH": Extra(lambda text, pattern: bool(re.search(to_text(pattern), to_text(text))), 2, 2),
    "REGEXEXTRACT": Extra(_extract, 2, 2),
    "REGEXREPLACE": Extra(lambda text, old, new: re.sub(to_text(old), to_text(new), to_text(text)), 3, 3),
    "JOIN": Extra(lambda mark, *values: to_text(mark).join(map(to_text, _flat(values))), 2, None),
    "SPLIT": Extra(_split, 2, 4),
    "COUNTUNIQUE": Extra(lambda *values: len(set(_flat(values))), 1, None),
    "ISBETWEEN": Extra(_between, 3, 5),
    "AVERAGE.WEIGHTED": Extra(_weighted, 2, 2),
    "FILTER": Extra(_filter, 2, None),
    "SORT": Extra(_sort, 1, None),
    "UNIQUE": Extra(_unique, 1, 1),
    "TO_PERCENT": Extra(lambda value: value, 1, 1),
    "TO_DATE": Extra(lambda value: value, 1, 1),
    "TO_PURE_NUMBER": Extra(lambda value: value, 1, 1),
    "SPARKLINE": Extra(lambda *_: "", 1, 2),
    "IMAGE": Extra(lambda *_: "", 1, 4),
}
