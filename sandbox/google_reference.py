"""References in the text of formulas: found, moved along with rows and columns, offset by a copy, renamed."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.google_range import EDGE, Area, Shift, column_of, letters, quoted

TITLE = r"(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!"
CORNERS = r"\$?[A-Za-z]{1,3}\$?[0-9]+(?::\$?[A-Za-z]{1,3}(?:\$?[0-9]+)?)?"
COLUMNS = r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}"
ROWS = r"\$?[0-9]+:\$?[0-9]+"
REFERENCE = rf"(?:{TITLE})?(?:{CORNERS}|{COLUMNS}|{ROWS})(?![\w(.!])"
SCAN = re.compile(rf'"(?:[^"]|"")*"|(?<![\w.$!\'])({REFERENCE})')
PART = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)([0-9]*)$")
BROKEN = "#REF!"


def split_reference(text: str) -> tuple[str | None, str]:
    """Split ``'My tab'!$A1`` into the title (None: the formula's own tab) and the cells."""
    prefix, bang, box = text.rpartition("!")
    if not bang:
        return None, text
    return (prefix[1:-1].replace("''", "'") if prefix.startswith("'") else prefix), box


def rewrite(formula: str, change: Callable[[str], str]) -> str:
    """Return the formula with each reference changed; strings in quotes are left alone."""
    return SCAN.sub(lambda found: change(found[1]) if found[1] else found[0], formula)


def shift_references(formula: str, home: int, shift: Shift, tab_of: Callable[[str], int | None]) -> str:
    """Follow cells that a shift moved; a reference to deleted cells becomes ``#REF!``."""

    def change(reference: str) -> str:
        title, box = split_reference(reference)
        tab = home if title is None else tab_of(title)
        if tab != shift.tab:
            return reference
        prefix = reference[: len(reference) - len(box)]
        area = _area(box, tab)
        moved = shift.area(area)
        return prefix + (BROKEN if moved is None else _render(box, moved))

    return rewrite(formula, change)


def offset_references(formula: str, rows: int, columns: int) -> str:
    """Move relative references as a copy to ``rows`` below and ``columns`` to the right does."""

    def change(reference: str) -> str:
        _, box = split_reference(reference)
        prefix = reference[: len(reference) - len(box)]
        parts = [_offset(part, rows, columns) for part in box.split(":")]
        return prefix + (BROKEN if None in parts else ":".join(part or "" for part in parts))

    return rewrite(formula, change)


def rename_references(formula: str, old: str, new: str) -> str:
    """Follow a tab's new title."""

    def change(reference: str) -> str:
        title, box = split_reference(reference)
        return f"{quoted(new)}!{box}" if title is not None and title.lower() == old.lower() else reference

    return rewrite(formula, change)


def break_references(formula: str, title: str) -> str:
    """Break the references to a tab that was deleted."""

    def change(reference: str) -> str:
        named, _ = split_reference(reference)
        return BROKEN if named is not None and named.lower() == title.lower() else reference

    return rewrite(formula, change)


def _area(box: str, tab: int) -> Area:
    first, _, last = box.partition(":")
    one, two = PART.match(first), PART.match(last or first)
    assert one
    assert two
    top = int(one[4]) - 1 if one[4] else 0
    left = column_of(one[2]) if one[2] else 0
    bottom = int(two[4]) if two[4] else EDGE
    right = column_of(two[2]) + 1 if two[2] else EDGE
    return Area(tab, top, left, bottom, right)


def _render(box: str, area: Area) -> str:
    first, colon, last = box.partition(":")
    text = _corner(first, area.top, area.left)
    return f"{text}:{_corner(last, area.bottom - 1, area.right - 1)}" if colon else text


def _corner(old: str, row: int, column: int) -> str:
    part = PART.match(old)
    assert part
    return (part[1] + letters(column) if part[2] else "") + (
        (part[3] or (part[1] if not part[2] else "")) + str(row + 1) if part[4] else ""
    )


def _offset(part: str, rows: int, columns: int) -> str | None:
    match = PART.match(part)
    assert match
    fixed_column, name, fixed_row, number = match.groups()
    if not name:
        fixed_column, fixed_row = "", fixed_column or fixed_row
    column = column_of(name) + (0 if fixed_column else columns) if name else 0
    row = int(number) - 1 + (0 if fixed_row else rows) if number else 0
    if row < 0 or column < 0:
        return None
    return (fixed_column + letters(column) if name else "") + (fixed_row + str(row + 1) if number else "")
