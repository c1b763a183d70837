"""Rows that share an id: what the machine writes into each of them, and how it is known for its own later. Pure.

A ledger line belongs to an id and not to a row. What stands in two rows of one id can't both be its base: one of them
may have been written and the other one put back, and nobody knows which of them people will keep. So the bases stay
what they were before, and the entry says ``doubled``. Once one row is left, what it shows decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from okr.model import Status
from sync.sheet.cell import Canon, canon_cell
from sync.sheet.columns import FORMS
from sync.sheet.layout import Field
from sync.sheet.ledger import Entry, RowKey
from sync.sheet.locate import Row, TabView

DOUBLED_FIELDS = (Field.STATUS, Field.WHY)


def make_doubled_wants(own_id: str, rows: Iterable[Row]) -> dict[Field, Canon]:
    """What each row says whose id stands in all these rows."""
    numbers = ", ".join(str(row.index + 1) for row in rows)
    return {
        Field.STATUS: Status.NO_DATA.value,
        Field.WHY: f"{_opening(own_id)}{numbers}. Give each row its own id.",
    }


def _opening(own_id: str) -> str:
    return f"The id {own_id} is used twice: rows "


def is_doubled_value(own_id: str, field: Field, live: Canon) -> bool:
    """Whether a row of a doubled id says this because the machine wrote it there, in whatever rows it stood then."""
    if field is Field.WHY:
        return isinstance(live, str) and live.startswith(_opening(own_id))
    return field is Field.STATUS and live == Status.NO_DATA.value


def settle_doubled(entries: Mapping[RowKey, Entry], views: Iterable[TabView]) -> dict[RowKey, Entry]:
    """The entries, where of a doubled id one row is left with what the machine wrote into it then as its bases."""
    settled = dict(entries)
    if not any(entry.doubled for entry in entries.values()):
        return settled
    for view in views:
        for row in view.rows:
            key = RowKey(view.tab, *row.key)
            entry = entries.get(key)
            if entry is not None and entry.doubled and row.key not in view.duplicates:
                settled[key] = _settle(entry, view, row)
    return settled


def _settle(entry: Entry, view: TabView, row: Row) -> Entry:
    lives = {field: canon_cell(FORMS[view.tab][field], view.cell(row, field)) for field in DOUBLED_FIELDS}
    said = {field: live for field, live in lives.items() if is_doubled_value(row.key.id, field, live)}
    return replace(entry, bases={**entry.bases, **said})
