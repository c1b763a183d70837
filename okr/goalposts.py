"""Goalposts: what was promised when a cycle began, what was moved since and when, and the grade under both.

A definition is remembered as one text, its fields in a fixed order. What moved is read off two such texts. Key results
and objectives are remembered alike; a field that both have means the same in both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from okr.calendar import render_day
from okr.definition import check_key_result
from okr.model import Commitment, Cycle, KeyResult, Kind, Objective
from okr.number import render_number
from okr.score import make_progress, make_score

Row = TypeVar("Row", KeyResult, Objective)

MOVES_KEPT = 24
"""How many moves of one row are remembered: the first of each field always, then the latest."""


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


def _id(text: str) -> str | None:
    return text or None


_KEY_RESULT: Mapping[str, tuple[str, Callable[[str], Any]]] = {
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
_OBJECTIVE: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "Weight": ("weight", Decimal),
    "Parent": ("parent", _id),
    "Team": ("team", str),
    "Owner": ("owner", str),
}
_FIELDS = {**_KEY_RESULT, **_OBJECTIVE}
FIELDS, OBJECTIVE_FIELDS = tuple(_KEY_RESULT), tuple(_OBJECTIVE)
"""The fields that are remembered, by the header people know. The owner comes last: a name may hold anything."""

DECIDING = FIELDS[:4] + FIELDS[5:8]
"""The fields that a status follows from; weight and owner don't touch it."""


def render_definition(row: KeyResult | Objective) -> str:
    """A definition as one text. A bar in a text before the last is remembered as a broken one."""
    if isinstance(row, KeyResult):
        return "|".join(_render_fields(row, _KEY_RESULT))
    *values, owner = _render_fields(row, _OBJECTIVE)
    return "|".join((*(value.replace("|", "¦") for value in values), owner))


def _render_fields(row: KeyResult | Objective, fields: Mapping[str, tuple[str, Callable[[str], Any]]]) -> list[str]:
    return ["" if (value := getattr(row, name)) is None else str(value) for name, _ in fields.values()]


def parse_definition(text: str, names: Sequence[str] = FIELDS) -> dict[str, str]:
    """The fields of a remembered definition; none where the text is none. ``names`` are those of its kind of row."""
    parts = text.split("|", len(names) - 1)
    return dict(zip(names, parts, strict=True)) if len(parts) == len(names) else {}


def restore(row: Row, fields: Mapping[str, str]) -> Row | None:
    """The row as these fields have it; ``None`` where they can't be read or can't be scored."""
    try:
        values = {_FIELDS[name][0]: _FIELDS[name][1](text) for name, text in fields.items()}
    except (ValueError, ArithmeticError):
        return None
    return replace(row, **values)


def find_moves(before: str, after: str, day: date, names: Sequence[str] = FIELDS) -> tuple[Move, ...]:
    """What differs between two remembered definitions; 10 and 10.0 are the same."""
    old, new = parse_definition(before, names), parse_definition(after, names)
    if not old or not new:
        return ()
    return tuple(Move(day, name, old[name], new[name]) for name in names if _read(name, old) != _read(name, new))


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


def find_first_day(row: KeyResult | Objective, moves: Iterable[Move], cycle: Cycle | None) -> date:
    """The first day of its time, until which a definition is a draft.

    It is the start that was in force when it came: who moves Start later on doesn't unsay what was promised. A row
    without any days was promised from the beginning.
    """
    usual = cycle.start if cycle is not None else date.min
    starts = [move for move in moves if move.field == "Start"]
    if not starts:
        return (row.start or usual) if isinstance(row, KeyResult) else usual
    first = _read_start(starts[0].old) or usual
    for move in starts:
        if move.day > first:
            break
        first = _read_start(move.new) or usual
    return first


def _read_start(text: str) -> date | None:
    start = _read("Start", {"Start": text})
    return start if isinstance(start, date) else None


def make_committed(row: Row, moves: Iterable[Move], start: date) -> Row | None:
    """The row as it was promised: what was moved after its first day, moved back."""
    before: dict[str, str] = {}
    for move in moves:
        if move.day > start:
            before.setdefault(move.field, move.old)
    return restore(row, before)


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


def render_moved(row: KeyResult | Objective, move: Move, today: date) -> str:
    """A move for people: "Target 40 → 50 ms", "Owner Ada → Bob"."""
    old, new = (render_part(row, move.field, text, today) for text in (move.old, move.new))
    return f"{move.field} {old} → {new}"


def render_part(row: KeyResult | Objective, field: str, text: str, today: date) -> str:
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
        if field == "Weight" or isinstance(row, Objective):
            return render_number(value)
        return render_number(value, row.unit, is_share=row.is_share)
    return str(value)
