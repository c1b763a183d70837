"""What newer layouts have added to the one before, so that a sheet of an older one can be brought up to date. Pure.

A column says since when it is there (``Column.since``); ``GIFTS`` says what a version gave to columns that were there
already. Tabs, machine columns, rules, warnings, marks and charts need no entry: ``layout`` always makes those that are
missing. The rest is a choice of people's once it was offered: who deleted a list or a column doesn't get it back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.columns import COLUMNS, find_column
from sync.sheet.layout import Column, Field, Role, Tab
from sync.sheet.wish import LayoutWish


class Gift(StrEnum):
    """What a column can be given later: the note of its header, its list of choices, the format of its cells."""

    NOTE = "note"
    LIST = "list"
    FORMAT = "format"


GIFTS: Mapping[int, frozenset[Gift]] = {
    2: frozenset({Gift.NOTE}),
    3: frozenset({Gift.LIST, Gift.FORMAT}),
}
"""Layout version → what it gave to the columns that were there."""


def find_gifts(version: int) -> frozenset[Gift]:
    """Everything that the versions after this one gave."""
    return frozenset(gift for since, gifts in GIFTS.items() if since > version for gift in gifts)


LOST: frozenset[Gift] = frozenset({Gift.NOTE})
"""What columns get that were laid before and whose ledger is gone: ``leave`` took their notes, and no more."""


def is_added(column: Column, wish: LayoutWish, tab: Tab, *, is_empty: bool) -> bool:
    """Whether a tab that lacks this column gets it: what must be there, what is wanted, what is new since the sheet's
    version, and what the machine writes where the wish is to repair.

    Other columns are a choice: somebody who deleted "Notes" doesn't get it back, nor by a run what only shows
    something. An empty tab gets all.
    """
    is_new = wish.migration is not None and column.since > wish.migration.version
    is_repaired = wish.repairs and column.role is not Role.PERSON
    is_wanted = column.field in wish.wanted.get(tab, frozenset())
    return column.required or is_repaired or is_wanted or is_empty or is_new


@dataclass(frozen=True, slots=True)
class Worn:
    """How the columns of a tab look, by their positions: which headers look as ``layout`` makes them, which columns
    have a rule for what they take (whoever made it), and which have a format in some cell below the header.
    """

    headed: frozenset[int] = frozenset()
    ruled: frozenset[int] = frozenset()
    formatted: frozenset[int] = frozenset()


class Given(NamedTuple):
    """What one column is given: where it stands, what its header says, what of it was missing."""

    at: int
    header: str
    column: Column
    gifts: frozenset[Gift]


def find_given(
    tab: Tab, columns: Mapping[Field, int], header: Sequence[Cell], worn: Worn, gifts: frozenset[Gift]
) -> Iterator[Given]:
    """What of these gifts the columns of a tab get that was laid before. Nothing takes the place of what somebody has.

    On a tab that people had before, only the columns that were added beside theirs get anything.
    """
    widest = max(columns.values(), default=0) + 1
    header = (*header, *[EMPTY] * (widest - len(header)))  # of two lines the lower one may be the shorter
    ours = _find_ours(tab, columns, header, worn)
    for field, at in columns.items():
        column = find_column(tab, field)
        missing = {
            Gift.NOTE: bool(column.note) and not header[at].note,
            Gift.LIST: _takes_some(column) and at not in worn.ruled,
            Gift.FORMAT: at not in worn.formatted,
        }
        given = frozenset(gift for gift in gifts if missing[gift])
        if field in ours and given:
            yield Given(at, header[at].shown, column, given)


def _takes_some(column: Column) -> bool:
    return bool(column.choices or column.between or column.is_person)


def _find_ours(tab: Tab, columns: Mapping[Field, int], header: Sequence[Cell], worn: Worn) -> frozenset[Field]:
    """The columns that ``layout`` made. One whose header was painted over is ours where most of the others are."""
    notes = {column.field: column.note for column in COLUMNS[tab]}
    noted = {field for field, at in columns.items() if notes[field] and header[at].note == notes[field]}
    ours = noted | {field for field, at in columns.items() if at in worn.headed}
    people = [field for field in columns if find_column(tab, field).role is Role.PERSON]
    is_laid = 2 * len(ours.intersection(people)) > len(people) or not people
    return frozenset(columns if is_laid else ours)
