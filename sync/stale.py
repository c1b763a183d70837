"""Which values are old, by the days of the sheet's own conditional rules. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from okr.model import Key, KeyResult
from sync.sheet.layout import Tab
from sync.sheet.ledger import RowKey
from sync.sheet.rules import EVERY_DAYS
from sync.standings import RowStanding

Standings = Mapping[RowKey, RowStanding]


def find_stale(standings: Standings, today: date, stale_days: int) -> dict[Key, date]:
    """The key results whose value is old, and of which day it is. What people type gets old more slowly.

    One whose mapping is paused is left out: its value is meant to be old.
    """
    found = {}
    for key, item in standings.items():
        as_of = item.standing.as_of
        days = stale_days if item.is_mapped else max(stale_days, EVERY_DAYS[item.every])
        if item.is_paused:
            continue
        if key.tab is Tab.KEY_RESULTS and as_of is not None and (today - as_of.date()).days > days:
            found[key.key] = as_of.date()
    return found


def find_stale_objectives(key_results: Iterable[KeyResult], stale: Mapping[Key, date]) -> dict[Key, date]:
    """The objectives of whose key results every one is old, and the day of the youngest value."""
    own: dict[Key, list[date | None]] = {}
    for kr in key_results:
        if kr.objective:
            own.setdefault(Key(kr.key.cycle, kr.objective), []).append(stale.get(kr.key))
    return {key: max(day for day in days if day) for key, days in own.items() if all(days)}
