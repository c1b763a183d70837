"""The law that every run on a lived sheet is held to.

The sheet is compared cell by cell with what people had left there: a value that the machine replaced must be the
machine's own (the ledger says so) or stand in History. What the ledger called held once must stand there until a person
changes it, whatever the ledger says later. What a run found is said in its report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sync.row_plan import OUR_NOTES
from sync.run import RunReport
from sync.sheet.cell import EMPTY, Canon, Cell, CellValue, canon
from sync.sheet.columns import FORMS, MACHINE_FIELDS, find_column
from sync.sheet.doubled import is_doubled_value
from sync.sheet.layout import MERGED, Field, Role, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.merge import PASTE_AT, PASTE_HOLDS
from tests.support.peopled_sheet import KPI, MAPPED, SHARED, Look
from tests.support.shaped_sheet import ShapedSheet


class Damage(AssertionError):
    """The sheet lost something, or got something wrong. No ordinary failure of a test."""


def content(cell: Cell) -> tuple[CellValue, str | None, str | None]:
    """What a person would miss of a cell."""
    return cell.value, cell.formula, cell.note if cell.note not in OUR_NOTES else None


def is_machines(key: RowKey, entry: Entry, name: Field, value: Canon) -> bool:
    """Whether the ledger knows a value for the machine's own: the last that it wrote, or what a doubled id got."""
    return entry.bases.get(name) == value or (entry.doubled and is_doubled_value(key.id, name, value))


@dataclass
class LawfulSheet(ShapedSheet):
    """A sheet with the checks. ``released`` are the cells that somebody has asked to be handed back.

    ``paused`` are the ids whose mappings rest. ``written`` is the sheet as a run left it that died after its write,
    ``judged`` as people had left it just before; ``since`` are the cells that people changed after the write.
    """

    released: set[tuple[RowKey, Field]] = field(default_factory=set)
    paused: frozenset[str] = frozenset()
    written: Look | None = None
    judged: Look | None = None
    since: frozenset[tuple[RowKey, Field]] = frozenset()

    def _may_end(self, left: Look, key: RowKey, name: Field) -> bool:
        """Whether a hold may end in this run: somebody released it, or it is old and was warned of for long enough."""
        if (key, name) in self.released:
            return True
        rules, hold = self.engine.project.config.holds, left.ledger.entries.get(key, NO_ENTRY).holds.get(name)
        if rules.expire is None or hold is None or hold.warned is None:
            return False
        today = self.engine.now().date()
        return (today - hold.since).days >= rules.expire and (today - hold.warned).days >= rules.warn

    def _forget_ended(self, left: Look, after: Look) -> None:
        for key, fields in self.seen.items():
            holds = after.ledger.entries.get(key, NO_ENTRY).holds
            for name in [name for name in fields if name not in holds and self._may_end(left, key, name)]:
                del fields[name]

    def _check_nothing_lost(self, left: Look, after: Look) -> None:
        new = after.history[len(left.history) :]
        if after.history[: len(left.history)] != left.history:
            raise Damage("History was rewritten")
        if len(set(new)) != len(new):
            raise Damage(f"History says it twice: {new}")
        for tab in SHARED:
            for row, column, old, now in _differences(left.rows(tab), after.rows(tab)):
                self._check_cell(left, tab, row, column, old, now, new)
        for key, fields in self.seen.items():
            rows = self.keys(after).get(key, [])
            for name, value in fields.items():
                if self._may_end(left, key, name):
                    continue
                if len(rows) == 1 and self.live(after, key, rows[0], name) != value:
                    raise Damage(f"held {key} {name} was {value}, is {self.live(after, key, rows[0], name)}")

    def _check_cell(
        self, left: Look, tab: Tab, row: int, column: int, old: Cell, now: Cell, new: Sequence[tuple[CellValue, ...]]
    ) -> None:
        where = f"{tab} row {row + 1} column {column + 1}: {old.value!r} → {now.value!r}"
        columns = self.columns.get(tab, [])
        name = columns[column] if column < len(columns) else None
        role = find_column(tab, name).role if name else Role.PERSON
        key = self.row_key(left, tab, row) if tab in MERGED else None
        if name is None or role is Role.PERSON or key is None:
            raise Damage(f"a cell that isn't the machine's changed: {where}")
        if old.note and old.note not in OUR_NOTES and now.note != old.note:
            raise Damage(f"a person's note changed: {where}")
        if role is Role.DRAWN or old.value is None or (old.value, old.formula) == (now.value, now.formula):
            return
        value = canon(FORMS[tab][name], old.value)
        entry = left.ledger.entries.get(key, NO_ENTRY)
        has_note = old.note not in {None, "", *OUR_NOTES} and (key, name) not in self.released
        is_ended = self._may_end(left, key, name) and not has_note
        if name in entry.holds and not is_ended:
            raise Damage(f"a held value was replaced: {where}")
        if (is_machines(key, entry, name, value) or self._is_agreed(key, name, value)) and old.formula is None:
            return
        if (
            name in entry.bases
            and not is_ended
            and (
                name in PASTE_HOLDS or max(self._count_typed(left, key, row, entry), self._count_judged(key)) < PASTE_AT
            )
        ):
            raise Damage(f"a typed value was replaced: {where}")
        header = find_column(tab, name).header
        kept = {
            canon(FORMS[tab][name], line[6]) for line in new if (line[2], line[4], line[5]) == (tab, key.id, header)
        }
        kept |= {line[6] for line in new if (line[2], line[4], line[5]) == (tab, key.id, header)}
        if value not in kept and old.formula not in kept:
            raise Damage(f"a person's value was lost: {where}")

    def _is_agreed(self, key: RowKey, name: Field, value: Canon) -> bool:
        """Whether somebody typed what the run that died wanted there, too: then it was the machine's from then on."""
        return self.written is not None and self.written.ledger.entries.get(key, NO_ENTRY).bases.get(name) == value

    def _count_judged(self, key: RowKey) -> int:
        """The same as the run that died has seen it."""
        rows = self.keys(self.judged).get(key, []) if self.judged is not None else []
        if self.judged is None or len(rows) != 1:
            return 0
        return self._count_typed(self.judged, key, rows[0], self.judged.ledger.entries.get(key, NO_ENTRY))

    def _count_typed(self, left: Look, key: RowKey, row: int, entry: Entry) -> int:
        """In how many of a row's free cells something else stands than the machine wrote."""
        free = [name for name in MACHINE_FIELDS[key.tab] if name in entry.bases and name not in entry.holds]
        lives = {name: self.live(left, key, row, name) for name in free}
        return sum(live is not None and not is_machines(key, entry, name, live) for name, live in lives.items())

    def _check_new_holds(self, left: Look, after: Look) -> None:
        """What people typed over the machine's base is held, agreed with, or in History: never adopted."""
        for key, rows in self.keys(left).items():
            entry, learned = left.ledger.entries.get(key), after.ledger.entries.get(key, NO_ENTRY)
            if entry is None or len(rows) != 1:
                continue
            for name in MACHINE_FIELDS[key.tab]:
                value = self.live(left, key, rows[0], name)
                is_ours = value is None or is_machines(key, entry, name, value)
                is_empty = is_ours and not self.has_formula(left, key, rows[0], name)
                is_typed = (key, name) in self.since
                if name in learned.holds and name not in entry.holds and is_empty and not is_typed:
                    raise Damage(f"{key} {name}: a hold that nobody typed: {learned.holds[name]}")
                if is_ours or name not in entry.bases or name in entry.holds:
                    continue
                if self.live(after, key, rows[0], name) != value or name in learned.holds:
                    continue
                if learned.bases.get(name) == value and not self._is_wanted(key, name, value):
                    raise Damage(f"{key} {name}: a person's {value} was adopted as the machine's")

    def _is_wanted(self, key: RowKey, name: Field, value: Canon) -> bool:
        number = self._number(key)
        return name is not Field.CURRENT or number is None or key.id in self.paused or number == value

    def _remember_holds(self, after: Look) -> None:
        keys = self.keys(after)
        for key, entry in after.ledger.entries.items():
            rows = keys.get(key, [])
            kept = self.seen.setdefault(key, {})
            if len(rows) != 1:
                kept.clear()
                continue
            for name in entry.holds:
                if (value := self.live(after, key, rows[0], name)) is not None:
                    kept.setdefault(name, value)

    def _check_untouched(self, left: Look, after: Look) -> None:
        """A run that gave up before anything landed has left no trace, hidden or not."""
        if [(tab.title, tab.cells) for tab in left.raw.tabs] != [(tab.title, tab.cells) for tab in after.raw.tabs]:
            raise Damage("a run that wrote nothing changed the sheet")

    def _check_shapes(self, left: Look, after: Look) -> None:
        for tab in SHARED:
            if left.shapes[tab] != after.shapes[tab]:
                raise Damage(f"{tab}: merges, hidden lines, filter, protection or paint changed")

    def _check_texts(self, after: Look) -> None:
        """What people left on the Dashboard stands there, or Runs says that it was drawn over."""
        stands = {str(cell.value) for row in after.rows(Tab.DASHBOARD) for cell in row}
        told = " ".join(str(row[-1].value) for row in after.rows(Tab.RUNS) if row)
        lost = [text for text in self.left_texts if text not in stands and text not in told]
        if lost:
            raise Damage(f"drift that nobody was told of: {lost}")

    def _check_reported(self, after: Look, report: RunReport, *, asked: bool) -> None:
        """Every hold, takeover and gap of the sheet is in the report, what a merge hides, and a column that is lost.

        A header that people renamed before a run had written anything below it can't be followed in a workbook.
        """
        plan = report.plan
        codes = {problem.code for problem in plan.problems}
        held = {(item.key, item.field) for row in plan.rows for item in row.holds}
        taken = {(item.key, item.field) for row in plan.rows for item in row.takeovers}
        for key, rows in self.keys(after).items():
            if len(rows) != 1:
                continue
            entry = after.ledger.entries.get(key, NO_ENTRY)
            for name in MACHINE_FIELDS[key.tab]:
                live = self.live(after, key, rows[0], name)
                if live is None or name not in self.columns[key.tab]:
                    continue
                if name not in plan.snapshot.views[key.tab].columns:
                    if "sheet.column-missing" not in codes:
                        raise Damage(f"{name}: a column that isn't found, and no report says so")
                    continue
                if name in entry.holds and (key, name) not in held:
                    raise Damage(f"{key} {name}: a hold that no report names")
                is_unknown = name not in entry.bases and name not in entry.holds
                if is_unknown and (key, name) not in taken and not self._is_theirs(key, name, report):
                    raise Damage(f"{key} {name}: a takeover that no report names")
            is_asked = asked and self._is_mapped(key) and key.id not in self.paused
            if is_asked and self._number(key) is None and key not in plan.gaps:
                raise Damage(f"{key}: a gap that no report names")
        if "sheet.merged" not in codes and any(self.hidden_machine_cells(after, tab) for tab in MERGED):
            raise Damage("a merge hides a machine's cell, and no report says so")

    def _is_theirs(self, key: RowKey, name: Field, report: RunReport) -> bool:
        """Whether nothing is wanted of a cell: the Current of a row that no source feeds, or that has no reading."""
        is_unread = not self._is_mapped(key) or key in report.plan.gaps or key.id in self.paused
        return name is Field.CURRENT and is_unread

    def _is_mapped(self, key: RowKey) -> bool:
        return key.id in MAPPED if key.tab is Tab.KEY_RESULTS else key.tab is Tab.KPIS and key.id == KPI

    def _number(self, key: RowKey) -> Decimal | None:
        """What the source says of a row."""
        return None if self.world.is_down else self.world.numbers.get(self._name(key))

    def _name(self, key: RowKey) -> str:
        names = {Tab.KEY_RESULTS: MAPPED, Tab.KPIS: {KPI: "k"}}
        return names.get(key.tab, {}).get(key.id, "")


def _differences(
    left: Sequence[Sequence[Cell]], after: Sequence[Sequence[Cell]]
) -> Iterator[tuple[int, int, Cell, Cell]]:
    for row in range(max(len(left), len(after))):
        one = left[row] if row < len(left) else ()
        two = after[row] if row < len(after) else ()
        if one is two:
            continue
        for column in range(max(len(one), len(two))):
            old = one[column] if column < len(one) else EMPTY
            now = two[column] if column < len(two) else EMPTY
            if content(old) != content(now):
                yield row, column, old, now
