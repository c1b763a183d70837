"""What is there before ``layout``: tabs with Google's own words for their rules, warnings and charts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.sheet.columns import COLUMNS
from sync.sheet.layout import PER_CYCLE, TEAM_TABS, Tab
from sync.sheet.store import RawTab
from sync.sheet.wish import LayoutWish

LAYOUT_MASK = (
    "properties(title,locale,timeZone),sheets(properties(sheetId,title,hidden,gridProperties),"
    "protectedRanges(range,description),conditionalFormats,charts(chartId),"
    "data(startColumn,columnMetadata.developerMetadata(metadataKey,metadataValue)))"
)
"""What is asked for first: every tab with its markers, rules and warnings, and no cell."""

WORN_MASK = "sheets(properties(sheetId,title),data(rowData.values(userEnteredFormat,dataValidation)))"
"""What is asked for besides of a sheet of an older layout."""

HEAD_ROWS = {Tab.HISTORY: 10, Tab.RUNS: 10, Tab.DASHBOARD: 1, Tab.GUIDE: 1, Tab.LEDGER: 1}
"""Of which tabs only the top is read before ``layout``: they may be long, and nobody else adds columns there."""


@dataclass(frozen=True, slots=True)
class FoundTab:
    """A tab that exists: its cells, and Google's own words for its rules, warnings and charts.

    ``worn`` are notes, formats and rules of its cells in the words of ``WORN_MASK``; only read for a migration.
    """

    raw: RawTab
    rules: Sequence[Mapping[str, Any]] = ()
    warnings: Sequence[Mapping[str, Any]] = ()
    charts: Sequence[Mapping[str, Any]] = ()
    worn: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there before ``layout``: tabs by title, and the empty tab of a new spreadsheet, if it is one.

    A tab of ours that people renamed stands under both titles, the wished and its own.
    """

    tabs: Mapping[str, FoundTab]
    tab_ids: frozenset[int]
    blank: RawTab | None = None


def find_titles(wish: LayoutWish, markers: Mapping[str, Mapping[int, str]]) -> dict[str, str]:
    """Where the wished tabs are now: wished title → title. ``markers`` are the marked columns of every tab by title.

    A tab that people renamed is known by its marked columns. Of tabs that there are many of, one a cycle, only the
    title can tell which is which; so it is with those that each team has one of.
    """
    found = {new.title: new.title for new in wish.tabs if new.title in markers}
    free = {title: set(fields.values()) for title, fields in markers.items() if title not in found}
    has_teams = any(title.startswith(f"{Tab.LEDGER.value}_") and "_before_" not in title for title in markers)
    for new in wish.tabs:
        needed = {column.field.value for column in COLUMNS.get(new.tab, ()) if column.required}
        if new.title in found or new.tab in PER_CYCLE or not needed or (has_teams and new.tab in TEAM_TABS):
            continue
        if title := next((title for title, fields in free.items() if needed <= fields), None):
            found[new.title] = title
            del free[title]
    return found
