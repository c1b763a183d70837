"""Goalposts: what was promised when a key result began, what was moved since and when, and its grade under both.

A definition is remembered as one text, its fields in a fixed order. What moved is read off two such texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from okr.calendar import render_day
from okr.definition import check_key_result
from okr.model import Commitment, KeyResult, Kind
from okr.number import render_number
from okr.score import make_progress, make_score

MOVES_KEPT = 24
"""How many moves of one key result are remembered: the first of each field always, then the latest."""


class Move(NamedTuple):
    """One field of a definition that somebody changed, and the day on which it was seen. Texts; "" is an empty cell."""

    day: date
    field: str
    old: str
    new: str


class Grades(NamedTuple):
    """One value under two definitions: as committed at the start, and as revised since. ``None``: can't be graded."""

    committed: Decimal | None
    revised: Decimal | None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


_FIELDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "Kind": ("kind", Kind),
    "Baseline": ("baseline", _number),
    "Target": ("target", _number),
    "Target to": ("target_to", _number),
    "Weight": ("weight", Decimal),
    "Commitment": ("commitment", Commitment),
    "Start": ("start", _day),
    "Due": ("due", _day),
    "Owner": ("owner", str),
}
FIELDS = tuple(_FIELDS)
"""The fields that are remembered, by the header people know. The owner comes last: a name may hold anything."""

DECIDING = FIELDS[:4] + FIELDS[5:8]
"""The fields that a status follows from; weight and owner don't touch it."""


def render_definition(kr: KeyResult) -> str:
    """A definition as one text."""
    values = (getattr(kr, name) for name, _ in _FIELDS.values())
    return "|".join("" if value is None else str(value) for value in values)


def parse_definition(text: str) -> dict[str, str]:
    """The fields of a remembered definition; none where the text is none."""
    parts = text.split("|", len(FIELDS) - 1)
    return dict(zip(FIELDS, parts, strict=True)) if len(parts) == len(FIELDS) else {}


def restore(kr: KeyResult, fields: Mapping[str, str]) -> KeyResult | None:
    """The key result as these fields have it; ``None`` where they can't be read or can't be scored."""
    try:
        values = {_FIELDS[name][0]: _FIELDS[name][1](text) for name, text in fields.items()}
    except (ValueError, ArithmeticError):
        return None
    return replace(kr, **values)


def find_moves(before: str, after: str, day: date) -> tuple[Move, ...]:
    """What differs between two remembered definitions; 10 and 10.0 are the same."""
    old, new = parse_definition(before), parse_definition(after)
    if not old or not new:
        return ()
    return tuple(Move(day, name, old[name], new[name]) for name in FIELDS if _read(name, old) != _read(name, new))


def _read(name: str, fields: Mapping[str, str]) -> Any:
    try:
        return _FIELDS[name][1](fields[name])
    except (ValueError, ArithmeticError):
        return fields[name]


def add_moves(moves: tuple[Move, ...], new: tuple[Move, ...]) -> tuple[Move, ...]:
    """The moves with new ones, ``MOVES_KEPT`` at most: what was committed is never forgotten."""
    every = (*moves, *new)
    if len(every) <= MOVES_KEPT:
        return every
    first = {move.field: move for move in reversed(every)}
    spare = MOVES_KEPT - len(first)
    later = [move for move in every if first[move.field] is not move]
    kept = {id(move) for move in (*first.values(), *later[-spare:])}
    return tuple(move for move in every if id(move) in kept)


def make_committed(kr: KeyResult, moves: Iterable[Move], start: date) -> KeyResult | None:
    """The key result as it was promised: what was moved after its first day, moved back."""
    before: dict[str, str] = {}
    for move in moves:
        if move.day > start:
            before.setdefault(move.field, move.old)
    return restore(kr, before)


def make_grades(kr: KeyResult, moves: Iterable[Move], start: date, current: Decimal | None, cap: Decimal) -> Grades:
    """The score of one value as committed and as revised, side by side."""
    return Grades(_grade(make_committed(kr, moves, start), current, cap), _grade(kr, current, cap))


def _grade(kr: KeyResult | None, current: Decimal | None, cap: Decimal) -> Decimal | None:
    if kr is None or current is None or any(problem.severity == "error" for problem in check(kr)):
        return None
    return make_score(make_progress(kr, current), cap)


def check(kr: KeyResult) -> tuple[Any, ...]:
    """What keeps a definition from being scored, whatever its days: grades don't look at them."""
    return check_key_result(replace(kr, start=date.min, due=date.max), measured=True)


def render_moved(kr: KeyResult, move: Move, today: date) -> str:
    """A move for people: "Target 40 → 50 ms", "Owner Ada → Bob"."""
    old, new = (render_part(kr, move.field, text, today) for text in (move.old, move.new))
    return f"{move.field} {old} → {new}"


def render_part(kr: KeyResult, field: str, text: str, today: date) -> str:
    """A remembered value as a person reads it."""
    try:
        value = _FIELDS[field][1](text)
    except (ValueError, ArithmeticError):
        return text
    if value is None or text == "":
        return "nothing"
    if isinstance(value, date):
        return render_day(value, today)
    if isinstance(value, Decimal):
        is_plain = field == "Weight"
        return render_number(value, "" if is_plain else kr.unit, is_share=kr.is_share and not is_plain)
    return str(value)
