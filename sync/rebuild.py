"""A lost ledger made anew from what the sheet still says: History's last values, and our notes on held cells. Pure.

Somebody deleted the hidden tab. What the machine wrote last stands in History, a person's value under our note. What
is in neither can't be told apart from a person's, so that in columns that matter it waits to be accepted; the others
only say again what the machine says each day, and are written anew, with what stood there kept in History.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from decimal import Decimal

from okr.model import Point
from sync.plan_learn import add_point
from sync.row_plan import OUR_NOTES
from sync.sheet.cell import Canon, canon_cell
from sync.sheet.columns import FORMS, MACHINE_FIELDS
from sync.sheet.history import HistoryLine, is_whole
from sync.sheet.layout import SIGNIFICANT, Field
from sync.sheet.ledger import NO_ENTRY, Entry, Good, Hold, RowKey
from sync.sheet.locate import Row, TabView

IsMapped = Callable[[RowKey], bool]
Told = Mapping[tuple[RowKey, Field], list[HistoryLine]]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A ledger's entries, and the columns ("tab/field") in which something stands that nobody can account for."""

    entries: Mapping[RowKey, Entry]
    adopted: frozenset[str]


def rebuild_ledger(
    views: Iterable[TabView], history: Iterable[HistoryLine], is_mapped: IsMapped, today: date, zone: tzinfo
) -> Rebuilt:
    """The ledger's entries as far as the sheet still tells them. ``is_mapped``: whether a source feeds the row."""
    told: dict[tuple[RowKey, Field], list[HistoryLine]] = {}
    for line in filter(_is_usable, history):
        told.setdefault((line.key, line.field), []).append(line)
    entries: dict[RowKey, Entry] = {}
    adopted: set[str] = set()
    for view in views:
        for row in view.rows:
            key = RowKey(view.tab, *row.key)
            if row.key in view.duplicates:
                continue
            found = _Found(view, row, key, told, today)
            fields = [field for field in MACHINE_FIELDS[view.tab] if field is not Field.CURRENT or is_mapped(key)]
            entry = found.make_entry(fields)
            adopted |= {f"{view.tab.value}/{field.value}" for field in found.unknown}
            if entry.bases or entry.holds:
                entries[key] = found.add_good(entry, zone)
    return Rebuilt(entries, frozenset(adopted))


def _is_usable(line: HistoryLine) -> bool:
    """Whether a line still says what was written, and when: texts are cut, and people may write into the tab."""
    try:
        return line.day is not None and is_whole(line.new)
    except ValueError:
        return False


class _Found:
    """One row, and what History says of it."""

    def __init__(self, view: TabView, row: Row, key: RowKey, told: Told, today: date) -> None:
        self.view, self.row, self.key, self.today = view, row, key, today
        self.told = told
        self.unknown: list[Field] = []

    def make_entry(self, fields: Iterable[Field]) -> Entry:
        bases: dict[Field, Canon] = {}
        holds: dict[Field, Hold] = {}
        for field in fields:
            lines = self.told.get((self.key, field), [])
            written = [line for line in lines if not line.is_persons]
            cell = self.view.cell(self.row, field)
            live = canon_cell(FORMS[self.view.tab][field], cell)
            last = lines[-1] if lines and lines[-1].is_persons else None
            if written and field in SIGNIFICANT:
                bases[field] = written[-1].new
            if live is not None and (cell.note in OUR_NOTES or (last is not None and last.new == live)):
                holds[field] = Hold(last.day if last else self.today, live)
            elif live is not None and not written and field in SIGNIFICANT:
                self.unknown.append(field)
        return replace(NO_ENTRY, bases=bases, holds=holds, points=self._points())

    def _points(self) -> tuple[Point, ...]:
        points: tuple[Point, ...] = ()
        for line in self.told.get((self.key, Field.SCORE), ()):
            if isinstance(line.new, Decimal):
                points = add_point(points, line.day, line.new)
        return points

    def add_good(self, entry: Entry, zone: tzinfo) -> Entry:
        """The last reading is the last Current that the machine wrote, as fresh as the row's own Freshness says.

        Fresh since that day's first moment: no reading of the same day may count as older.
        """
        value = entry.bases.get(Field.CURRENT)
        if not isinstance(value, Decimal):
            return entry
        moved = next(line.day for line in reversed(self.told[self.key, Field.CURRENT]) if not line.is_persons)
        fresh = self.view.cell(self.row, Field.FRESHNESS).value
        day = fresh if isinstance(fresh, date) else moved
        return replace(entry, good=Good(value, datetime.combine(day, time(), zone)), updated=moved)
