"""What ``leave`` says on a sheet that several configs keep. Pure."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 12


def render_leaving_part(place: str, name: str, others: Sequence[str], rows: Sequence[str]) -> str:
    """What would happen, before anybody agrees."""
    stays = f"{_join(others)} {'keeps' if len(others) == 1 else 'keep'} the sheet: tabs and colours stay"
    return f"“{name}” leaves {place}. Values stay, in its {_count(rows)} too; {stays}.\n  {_name(rows)}"


def render_left_part(name: str, others: Sequence[str], rows: Sequence[str], notes: int) -> str:
    """What happened."""
    taken = [f"  what was remembered of {_count(rows)}: {_name(rows)}"] if rows else []
    taken += [f"  {notes} notes"] if notes else []
    lines = ["Taken out:", *taken] if taken else [f"The sheet remembered nothing of “{name}”."]
    return "\n".join([*lines, f"All values stay, and are people's now. Stop this schedule; {_join(others)} may go on."])


def _count(rows: Sequence[str]) -> str:
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}"


def _name(rows: Sequence[str]) -> str:
    return ", ".join(rows[:_NAMED]) + (f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else "")


def _join(names: Sequence[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)
