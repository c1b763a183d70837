"""The History tabs read back: one line per significant change, in the order in which they were appended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sync.sheet.cell import EMPTY, Canon, Cell, canon
from sync.sheet.columns import COLUMNS, FORMS
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.plain import PEOPLE_AT_MOST
from sync.sheet.store import RawSheet, RawTab

HELD_REASON = "typed over by a person, and kept"
"""The reason of a line that tells what a person did, not what a run changed."""

_AT = {column.field: at for at, column in enumerate(COLUMNS[Tab.HISTORY])}
_FIELDS = {tab: {column.header: column.field for column in COLUMNS[tab]} for tab in MERGED}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a History tab. ``when`` is "2026-11-22 06:30" in the company's zone; values are canonical."""

    when: str
    run: str
    key: RowKey
    field: Field
    old: Canon
    new: Canon
    reason: str

    @property
    def day(self) -> date:
        """The local day of the change. Raises ValueError where somebody has written something else there."""
        return date.fromisoformat(self.when[:10])

    @property
    def is_persons(self) -> bool:
        """Whether it tells what a person typed."""
        return self.reason == HELD_REASON


def is_whole(value: Canon) -> bool:
    """Whether History has all of a value: long texts are cut, and of a formula it keeps the text, not the cell."""
    return not isinstance(value, str) or not (value.startswith("=") or len(value) >= PEOPLE_AT_MOST)


def parse_history(raw: RawSheet, titles: Iterable[str]) -> tuple[HistoryLine, ...]:
    """The lines of these tabs, one tab after the other; what isn't a line of ours is passed over."""
    tabs = (raw.find_tab(title) for title in titles)
    return tuple(line for tab in tabs if tab is not None for line in _parse_tab(tab))


def _parse_tab(tab: RawTab) -> Iterator[HistoryLine]:
    for row in tab.cells[1:]:
        line = _parse_line([row[at] if at < len(row) else EMPTY for at in range(len(_AT))])
        if line is not None:
            yield line


def _parse_line(row: list[Cell]) -> HistoryLine | None:
    name = row[_AT[Field.TAB]].shown
    tab = next((tab for tab in MERGED if tab.value == name), None)
    field = _FIELDS[tab].get(row[_AT[Field.CHANGED]].shown) if tab is not None else None
    if tab is None or field is None:
        return None
    form = FORMS[tab][field]
    return HistoryLine(
        when=row[_AT[Field.WHEN]].shown,
        run=row[_AT[Field.RUN]].shown,
        key=RowKey(tab, row[_AT[Field.CYCLE]].shown, row[_AT[Field.ROW_ID]].shown),
        field=field,
        old=canon(form, row[_AT[Field.OLD]].value),
        new=canon(form, row[_AT[Field.NEW]].value),
        reason=row[_AT[Field.REASON]].shown,
    )
