"""How Google Sheets reads a value as text or truth, and which of two values comes first."""

from __future__ import annotations

from typing import Any


def to_text(value: Any) -> str:
    """Read a value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


def is_truth(value: Any) -> bool:
    """Whether a rule's formula holds with this result: TRUE, or a number that isn't 0. No text does."""
    return isinstance(value, bool | int | float) and bool(value)


def compare(left: Any, right: Any) -> int:
    """Order two values: numbers before texts before truths; texts without case; blank equals 0 and ""."""
    left = _blank_as(right) if left is None else left
    right = _blank_as(left) if right is None else right
    ranks = [2 if isinstance(each, bool) else 1 if isinstance(each, str) else 0 for each in (left, right)]
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if isinstance(left, str):
        left, right = left.casefold(), right.casefold()
    return int(left > right) - int(left < right)


def _blank_as(other: Any) -> Any:
    return "" if isinstance(other, str) else False if isinstance(other, bool) else 0
