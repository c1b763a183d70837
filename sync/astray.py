"""What a run that died hit by mistake, found by the next one: the batch's record against its pre-image. Pure.

A run looks at what each write hit as soon as it is answered. One that dies before it could look leaves a sheet in
which a typed value may stand only in the pre-image, and a machine's value in another row. The next run finds both
here, before it plans: else the machine's own misplaced values would look like a person's.

Record and pre-image never change after their batch, so that a batch that was found good is found good again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from okr.problem import CellPlace, Problem, Severity
from sync.row_plan import OUR_NOTES
from sync.sheet.cell import EMPTY, Cell, Form, canon_cell
from sync.sheet.columns import FORMS, ID_FIELD
from sync.sheet.doubled import is_doubled_value
from sync.sheet.google_cell import parse_serial
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.locate import Row, TabView
from sync.sheet.readback import same_content
from sync.sheet.record import NOTE_WRITTEN, TabRecord, Written, mark_cell, parse_record
from sync.sheet.snapshot import Snapshot
from sync.sheet.store import CellWrite, RawTab

At = tuple[int, int]
"""Row and column of the tab as it is now."""

OURS = "okr-sync: "
"""How every note that okr-sync leaves in a cell begins."""


@dataclass(frozen=True, slots=True)
class Astray:
    """What the last batch hit by mistake and nobody has put back.

    ``restores`` are the cells to write, by tab; ``entries`` the ledger's entries without what they learned of writes
    that never reached their row; ``lost`` counts values that stood where the batch hit and whose place can't be found
    any more.
    """

    restores: Mapping[Tab, tuple[CellWrite, ...]]
    entries: Mapping[RowKey, Entry]
    lost: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to mend."""
        return not (any(self.restores.values()) or self.entries)

    @property
    def count(self) -> int:
        """How many cells are put back."""
        return sum(map(len, self.restores.values()))


def find_astray(snapshot: Snapshot) -> Astray:
    """What the last batch on the sheet hit by mistake, as far as it still stands there."""
    record = parse_record(snapshot.ledger_tab)
    if record is None or record.revision != snapshot.ledger.head.revision:
        return Astray({}, {})
    restores: dict[Tab, tuple[CellWrite, ...]] = {}
    entries: dict[RowKey, Entry] = {}
    lost = 0
    for tab, kept in record.tabs.items():
        view = snapshot.views.get(tab)
        image = snapshot.raw.find_tab(snapshot.names.guards[MERGED.index(tab)])
        if view is None or image is None or len(image.cells) <= kept.header_row:
            continue
        sight = _Sight(kept, image, view)
        restores[tab] = tuple(sight.restore())
        entries |= sight.unlearn(snapshot.ledger.entries)
        lost += sight.lost
    return Astray(restores, entries, lost)


def check_astray(snapshot: Snapshot) -> tuple[Problem, ...]:
    """What the next run puts back before anything else, as a problem: for a plan, which writes nothing."""
    astray = find_astray(snapshot)
    if astray.is_nothing:
        return ()
    return (
        Problem(
            code="sheet.cut-off",
            message=f"a run was cut off while people worked: it hit {astray.count} cells by mistake",
            place=CellPlace(snapshot.ledger_tab.title, ""),
            fix="The next run puts them back before it plans. Nothing was lost: a hidden copy has them.",
            severity=Severity.WARNING,
        ),
    )


class _Sight:
    """One tab: what was meant, what stood there at the moment of writing, and what stands there now."""

    def __init__(self, kept: TabRecord, image: RawTab, view: TabView) -> None:
        self.kept = kept
        self.image = image
        self.view = view
        self.lost = 0
        self.restored: dict[At, CellWrite] = {}
        self.missed: list[Written] = []
        self.noted: list[Written] = []
        header = view.raw.cells[view.header_row] if view.raw.cells else ()
        self._columns = _unique((mark_cell(cell), column) for column, cell in enumerate(header) if cell.shown)
        known_by = mark_cell(_cell(image, kept.header_row, kept.id_column))
        self._id_column = self._columns.get(known_by, view.columns.get(ID_FIELD[view.tab], 0))
        self._by_id: dict[str, list[int]] = {}
        for row in range(view.header_row + 1, len(view.raw.cells)):
            self._by_id.setdefault(mark_cell(self._id(row)), []).append(row)
        self._named = {write.row: write.after for write in kept.writes if write.column == kept.id_column}
        self._meant = {(write.own_id, write.header): write for write in kept.writes}
        self._fields = {column: field for field, column in view.columns.items()}

        below = range(kept.header_row + 1, len(image.cells))
        ids = Counter(mark_cell(_cell(image, row, kept.id_column)) for row in below)
        self._doubled = {own_id for own_id, count in ids.items() if count > 1 and own_id != mark_cell(EMPTY)}
        self._taken = {write.row for write in kept.writes if self._is_taken(write)}

    def _is_taken(self, write: Written) -> bool:
        """Whether a write into a row that was empty found something there: then all of that row is somebody's."""
        nothing, own_id = mark_cell(EMPTY), _cell(self.image, write.row, self.kept.id_column)
        was_empty = write.own_id == nothing and write.before == nothing and write.redo is None
        return was_empty and (nothing, nothing) != (
            mark_cell(own_id),
            mark_cell(_cell(self.image, write.row, write.column)),
        )

    def restore(self) -> Iterator[CellWrite]:
        """The cells that have to be written: what stood where the batch hit, and what a put-back never reached."""
        for write in self.kept.writes:
            self._look(write)
        for write in self.missed:
            if write.redo is not None and (at := self._own(write)) and self._is_due(write, at):
                self.restored[at] = self._write(at, Cell(write.redo.value, formula=write.redo.formula))
        yield from self.restored.values()

    def _look(self, write: Written) -> None:
        """One write: whether it hit what it meant, and else what stood there."""
        own_id = _cell(self.image, write.row, self.kept.id_column)
        header = _cell(self.image, self.kept.header_row, write.column)
        before = _cell(self.image, write.row, write.column)
        has_moved = mark_cell(own_id) != write.own_id or mark_cell(header) != write.header
        if not has_moved and mark_cell(before) == write.before and write.row not in self._taken:
            return
        if has_moved:
            self.missed.append(write)
        at = self._find(own_id, header, write)
        if at is None:
            self.lost += before.value is not None
        elif write.after == NOTE_WRITTEN:
            self.noted.append(write)
            self._take_note_back(at)
        elif self._is_hit(write, at, before, (mark_cell(own_id), mark_cell(header))):
            self.restored[at] = self._write(at, before)

    def _find(self, own_id: Cell, header: Cell, write: Written) -> At | None:
        """Where the cell stands now that the write hit: by its row's id and its column's header.

        Rows without an id, or with one that stands twice, have nothing to be known by but what the write left in
        them: an id, where it gave one; of several the nearest one is meant.
        """
        column = self._columns.get(mark_cell(header))
        if column is None:
            return None
        own = self._named.get(write.row, mark_cell(own_id))
        rows = self._by_id.get(own, ())
        if len(rows) > 1 or own_id.value is None:
            hit = (row for row in rows if self._shows(write, (row, column)))
            row = min(hit, key=lambda row: abs(row - write.row), default=None)
        else:
            row = rows[0] if rows else None
        return None if row is None else (row, column)

    def _shows(self, write: Written, at: At) -> bool:
        """Whether what a write left stands in a cell."""
        now = self._now(at)
        return mark_cell(now) == write.after or (write.after == NOTE_WRITTEN and (now.note or "").startswith(OURS))

    def _is_hit(self, write: Written, at: At, before: Cell, place: tuple[str, str]) -> bool:
        """Whether the machine's misplaced value still stands there, and isn't there by a write that was meant for it.

        A pre-image that lacks rows (a filter) makes every row below look moved; there each cell holds its own value.
        """
        now = self._now(at)
        if mark_cell(now) != write.after or same_content(now, before):
            return False
        own = self._meant.get(place)
        is_own = own is not None and own is not write and own.after == write.after
        return not (is_own and own is not None and own.before == mark_cell(before))

    def _take_note_back(self, at: At) -> None:
        if self._now(at).note in OUR_NOTES or self._is_asking(at):
            row, column = at
            self.restored[at] = CellWrite(row, column, None, note="", note_only=True, row_id=self._id(row).shown)

    def _is_asking(self, at: At) -> bool:
        """Whether a cell has a note in which okr-sync asks something of whom the row was meant for."""
        note = self._now(at).note or ""
        return note.startswith(OURS) and note not in OUR_NOTES

    def _write(self, at: At, before: Cell) -> CellWrite:
        """The write that puts a cell back. Pre-images have no formats: days and shares follow from their column."""
        row, column = at
        field = self._fields.get(column)
        value = before.value
        if isinstance(value, Decimal) and field and FORMS[self.view.tab].get(field) is Form.DATE:
            value = parse_serial(value)
        target = self.view.columns.get(Field.TARGET)
        is_current = field is Field.CURRENT and target is not None and isinstance(value, Decimal)
        return CellWrite(
            row=row,
            column=column,
            value=value,
            is_percent=_cell(self.view.raw, row, target).is_percent if is_current and target is not None else None,
            field=field,
            row_id=self._id(row).shown,
            formula=before.formula,
            note="" if self._is_asking(at) else None,
        )

    def unlearn(self, entries: Mapping[RowKey, Entry]) -> dict[RowKey, Entry]:
        """The entries without what they learned of these writes.

        Where a write never reached its row, what stands there is still the machine's own; so is what stands in the
        other one of two rows that shared their id when it was written, where the written one is gone. And where a
        hold's value was gone from its cell before the write that noted it, what stands there now is looked at anew.
        """
        keys = {row.index: RowKey(self.view.tab, *row.key) for row in self.view.rows}
        found: dict[RowKey, Entry] = {}
        copied = (write for write in self.kept.writes if write.own_id in self._doubled and write.after != NOTE_WRITTEN)
        for write in (*self.missed, *self.noted, *copied):
            at = self._own(write)
            key, field = (keys.get(at[0]), self._fields.get(at[1])) if at else (None, None)
            if at is not None and key is not None and field is not None:
                found[key] = self._unlearn(found.get(key, entries.get(key, NO_ENTRY)), write, at, field)
        for row in self.view.rows:
            key = RowKey(self.view.tab, *row.key)
            entry = found.get(key, entries.get(key, NO_ENTRY))
            if entry.doubled and self._never_said_doubled(row):
                found[key] = replace(entry, doubled=False)
        return {key: entry for key, entry in found.items() if entry != entries.get(key, NO_ENTRY)}

    def _never_said_doubled(self, row: Row) -> bool:
        """Whether no write that says of a row's id that it is doubled has reached one: neither now nor before."""
        own_id = mark_cell(self._id(row.index))
        writes = [write for write in self.kept.writes if write.own_id == own_id]
        why = self.view.columns.get(Field.WHY)
        said = canon_cell(Form.TEXT, self._stands((row.index, why))) if why is not None else None
        is_missed = bool(writes) and all(write in self.missed for write in writes)
        return is_missed and not is_doubled_value(row.key.id, Field.WHY, said)

    def _unlearn(self, entry: Entry, write: Written, at: At, field: Field) -> Entry:
        is_due = self._is_due(write, at)
        if write.after == NOTE_WRITTEN:
            return entry if is_due else replace(entry, holds={k: v for k, v in entry.holds.items() if k is not field})
        if write.redo is not None or not is_due or field not in entry.bases:
            return entry
        form = FORMS[self.view.tab][field]
        return replace(entry, bases={**entry.bases, field: canon_cell(form, self._stands(at))})

    def _own(self, write: Written) -> At | None:
        """Where the cell stands now that the write meant."""
        rows, column = self._by_id.get(write.own_id, ()), self._columns.get(write.header)
        return None if len(rows) != 1 or column is None else (rows[0], column)

    def _is_due(self, write: Written, at: At) -> bool:
        """Whether the cell still is as it was before the write that should have reached it."""
        return mark_cell(self._stands(at)) == write.before

    def _stands(self, at: At) -> Cell:
        """What a cell holds after the mending."""
        write = self.restored.get(at)
        return self._now(at) if write is None or write.note_only else Cell(write.value, formula=write.formula)

    def _now(self, at: At) -> Cell:
        return _cell(self.view.raw, *at)

    def _id(self, row: int) -> Cell:
        return _cell(self.view.raw, row, self._id_column)


def _cell(tab: RawTab, row: int, column: int) -> Cell:
    return tab.cells[row][column] if row < len(tab.cells) and column < len(tab.cells[row]) else EMPTY


def _unique(marks: Iterator[tuple[str, int]]) -> dict[str, int]:
    """Positions by mark, of marks that stand once."""
    pairs = list(marks)
    counts = Counter(mark for mark, _ in pairs)
    return {mark: at for mark, at in pairs if counts[mark] == 1}
