"""A sheet that people and the machine live in, with its engine, and the law that is checked after every run.

``LivedSheet.run`` does a run and compares the sheet cell by cell with what people had left there: a value that
the machine replaced must be the machine's own (the ledger says so) or stand in History. What the ledger called held
once must stand there until a person changes it, whatever the ledger says later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from sync.engine import Engine
from sync.plan_row import HOLD_NOTE
from sync.prepare import prepare_sheet
from sync.run import RunReport, RunWishes, apply_run, preview
from sync.sheet.cell import EMPTY, Canon, Cell, CellValue, canon
from sync.sheet.columns import COLUMNS, FORMS, MACHINE_FIELDS, find_column
from sync.sheet.layout import MERGED, PER_CYCLE, Field, Role, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, Ledger, RowKey
from sync.sheet.merge import PASTE_AT, PASTE_HOLDS, ShuffleError
from sync.sheet.snapshot import parse_ledger
from sync.sheet.store import Batch, RawSheet, Receipt, SheetError, SheetUnavailable, Store, WriteUnconfirmed
from tests.support.fake_source import World, make_engine, make_mapping_text

CYCLE = "2026-Q4"
MAPPED = {"A": "a", "B": "b", "C": "c"}
KPI = "K"
CONFIG = "calendar: {timezone: Europe/Berlin}"


class Damage(AssertionError):
    """The sheet lost something, or got something wrong. No ordinary failure of a test."""


class Crash(BaseException):
    """The process dies here."""


class People(Protocol):
    """What people do to a sheet, by other means than the store's."""

    def put(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None: ...

    def permute_rows(self, title: str, order: Sequence[int]) -> None: ...

    def insert_row(self, title: str, row: int) -> None: ...

    def delete_row(self, title: str, row: int) -> None: ...

    def move_column(self, title: str, column: int, to: int) -> None: ...

    def insert_column(self, title: str, column: int) -> None: ...

    def delete_column(self, title: str, column: int) -> None: ...


@dataclass
class FaultyStore:
    """A store whose writes fail as told: one word of ``faults`` each; ``act`` happens before the next write.

    ``before`` nothing lands and we know; ``lost`` it lands, ``unsent`` it doesn't, and nobody knows; ``dies_before``
    and ``dies_after`` end the process.
    """

    inner: Store
    faults: list[str] = field(default_factory=list)
    act: Callable[[], None] | None = None
    about_to_write: Callable[[], None] | None = None
    reads: int = 0
    landed: list[Batch] = field(default_factory=list)

    @property
    def batch_bytes(self) -> int | None:
        return self.inner.batch_bytes

    @property
    def place(self) -> str:
        return self.inner.place

    def fetch_sheet(self, titles: Sequence[str], heads: Sequence[str] = ()) -> RawSheet:
        self.reads += 1
        return self.inner.fetch_sheet(titles, heads)

    def prepare(self, wish):  # type: ignore[no-untyped-def]
        return self.inner.prepare(wish)

    def apply_batch(self, batch: Batch) -> Receipt:
        act, self.act = self.act, None
        if act is not None:
            act()
        if self.about_to_write is not None:
            self.about_to_write()
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise SheetUnavailable("The sheet can't be reached. Nothing was written.")
        if fault == "unsent":
            raise WriteUnconfirmed("The answer was lost. It may have been written.")
        if fault == "dies_before":
            raise Crash
        receipt = self.inner.apply_batch(batch)
        self.landed.append(batch)
        if fault == "lost":
            raise WriteUnconfirmed("The answer was lost. It may have been written.")
        if fault == "dies_after":
            raise Crash
        return receipt


TITLES = tuple(f"{tab.value} {CYCLE}" if tab in PER_CYCLE else tab.value for tab in Tab)
SHARED = (*MERGED, Tab.STEPS, Tab.PEOPLE)


@dataclass(frozen=True)
class Look:
    """The whole sheet at one moment."""

    raw: RawSheet
    ledger: Ledger
    history: tuple[tuple[CellValue, ...], ...]

    def rows(self, tab: Tab) -> Sequence[Sequence[Cell]]:
        found = self.raw.find_tab(tab.value)
        return found.cells if found else ()

    def cell(self, tab: Tab, row: int, column: int) -> Cell:
        rows = self.rows(tab)
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else EMPTY


def content(cell: Cell) -> tuple[CellValue, str | None, str | None]:
    """What a person would miss of a cell."""
    return cell.value, cell.formula, cell.note if cell.note != HOLD_NOTE else None


@dataclass
class LivedSheet:
    """A sheet with three mapped key results, a manual one, an objective and a KPI.

    ``columns`` says where each field stands now: kept by this class, not found by the engine.
    """

    store: FaultyStore
    people: People
    world: World
    engine: Engine
    columns: dict[Tab, list[Field | None]] = field(default_factory=dict)
    seen: dict[RowKey, dict[Field, Canon]] = field(default_factory=dict)
    unsettled: bool = False
    left: Look | None = None
    errors: list[BaseException] = field(default_factory=list)
    observer: Store | None = None

    # Looking

    def look(self) -> Look:
        raw = (self.observer or self.store.inner).fetch_sheet(TITLES, ())
        ledger_tab = raw.find_tab(Tab.LEDGER.value)
        history = raw.find_tab(f"{Tab.HISTORY.value} {CYCLE}")
        assert ledger_tab is not None
        assert history is not None
        lines = tuple(tuple(cell.value for cell in row) for row in history.cells[1:])
        return Look(raw, parse_ledger(ledger_tab)[0], lines)

    def at(self, tab: Tab, name: Field) -> int:
        return self.columns[tab].index(name)

    def row_key(self, look: Look, tab: Tab, row: int) -> RowKey | None:
        id_cell = look.cell(tab, row, self.at(tab, ID_FIELDS[tab]))
        cycle = "" if tab is Tab.KPIS else CYCLE
        text = id_cell.shown.strip()
        return RowKey(tab, cycle, text) if row > 0 and text else None

    def keys(self, look: Look) -> dict[RowKey, list[int]]:
        found: dict[RowKey, list[int]] = {}
        for tab in MERGED:
            for row in range(1, len(look.rows(tab))):
                if key := self.row_key(look, tab, row):
                    found.setdefault(key, []).append(row)
        return found

    def live(self, look: Look, key: RowKey, row: int, name: Field) -> Canon:
        if name not in self.columns[key.tab]:
            return None
        cell = look.cell(key.tab, row, self.at(key.tab, name))
        return canon(FORMS[key.tab][name], cell.error or cell.value)

    def has_formula(self, look: Look, key: RowKey, row: int, name: Field) -> bool:
        return name in self.columns[key.tab] and look.cell(key.tab, row, self.at(key.tab, name)).formula is not None

    # Running

    def run(
        self, *, fetch: bool = True, faults: Sequence[str] = (), act: Callable[[], None] | None = None
    ) -> RunReport | None:
        """One run; then the law. ``None``: it gave up, refused or died."""
        self.left = None
        self.store.faults, self.store.act = list(faults), act
        self.store.about_to_write = self._note_what_people_left
        before = self.look()
        report: RunReport | None = None
        try:
            report = apply_run(self.engine, RunWishes(fetch=fetch))
        except (SheetError, ShuffleError, Crash) as error:
            self.errors.append(error)
        finally:
            self.store.faults, self.store.act, self.store.about_to_write = [], None, None
        after = self.look()
        left = self.left or before
        self._check_nothing_lost(left, after)
        if report is not None:
            self._check_new_holds(left, after)
            self.unsettled = False
        self._remember_holds(after)
        return report

    def _note_what_people_left(self) -> None:
        if self.left is None:
            self.left = self.look()

    def run_beside_another(self, fault: str = "") -> None:
        """Another run reads and writes between our read and our write."""

        def other() -> None:
            self.world.now += timedelta(minutes=2)
            beside = LivedSheet(FaultyStore(self.observer or self.store.inner), self.people, self.world, self.engine)
            beside.engine = replace(self.engine, store=beside.store)
            beside.columns, beside.seen, beside.unsettled = self.columns, self.seen, self.unsettled
            beside.run()

        self.run(faults=[fault], act=other)
        beat, others = self.look().ledger.heartbeat, self.left and self.left.ledger.heartbeat
        is_guarded = self.store.landed and self.store.landed[-1].guard is not None
        if is_guarded and beat and others and beat < others:
            raise Damage("the heartbeat was turned back")

    def run_cleanly(self) -> RunReport | None:
        """A run without trouble: the sheet is as wanted, and a second run only writes the heartbeat."""
        report = self.run()
        if report is None:
            return None
        self._check_converged()
        self._check_quiet()
        return report

    # The law

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
        if old.note and old.note != HOLD_NOTE and now.note != old.note:
            raise Damage(f"a person's note changed: {where}")
        if role is Role.DRAWN or old.value is None or (old.value, old.formula) == (now.value, now.formula):
            return
        value = canon(FORMS[tab][name], old.value)
        entry = left.ledger.entries.get(key, NO_ENTRY)
        if name in entry.holds:
            raise Damage(f"a held value was replaced: {where}")
        if entry.bases.get(name) == value and old.formula is None:
            return
        if name in entry.bases and (name in PASTE_HOLDS or self._count_typed(left, key, row, entry) < PASTE_AT):
            raise Damage(f"a typed value was replaced: {where}")
        header = find_column(tab, name).header
        kept = {
            canon(FORMS[tab][name], line[6]) for line in new if (line[2], line[4], line[5]) == (tab, key.id, header)
        }
        kept |= {line[6] for line in new if (line[2], line[4], line[5]) == (tab, key.id, header)}
        if value not in kept and old.formula not in kept:
            raise Damage(f"a person's value was lost: {where}")

    def _count_typed(self, left: Look, key: RowKey, row: int, entry: Entry) -> int:
        """In how many of a row's free cells something else stands than the machine wrote."""
        free = [name for name in MACHINE_FIELDS[key.tab] if name in entry.bases and name not in entry.holds]
        return sum(self.live(left, key, row, name) not in (None, entry.bases[name]) for name in free)

    def _check_new_holds(self, left: Look, after: Look) -> None:
        """What people typed over the machine's base is held, agreed with, or in History: never adopted."""
        for key, rows in self.keys(left).items():
            entry, learned = left.ledger.entries.get(key), after.ledger.entries.get(key, NO_ENTRY)
            if entry is None or len(rows) != 1:
                continue
            for name in MACHINE_FIELDS[key.tab]:
                value = self.live(left, key, rows[0], name)
                is_empty = value in (None, entry.bases.get(name)) and not self.has_formula(left, key, rows[0], name)
                if name in learned.holds and name not in entry.holds and is_empty:
                    raise Damage(f"{key} {name}: a hold that nobody typed: {learned.holds[name]}")
                if value is None or name not in entry.bases or name in entry.holds or value == entry.bases[name]:
                    continue
                if self.live(after, key, rows[0], name) != value or name in learned.holds:
                    continue
                if learned.bases.get(name) == value and not self._is_wanted(key, name, value):
                    raise Damage(f"{key} {name}: a person's {value} was adopted as the machine's")

    def _is_wanted(self, key: RowKey, name: Field, value: Canon) -> bool:
        if name is not Field.CURRENT or self.world.is_down:
            return True
        number = self.world.numbers.get({**MAPPED, KPI: "k"}.get(key.id, ""))
        return number is None or number == value

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

    def _check_converged(self) -> None:
        plan = preview(self.engine, RunWishes())
        if not plan.is_quiet:
            rows = [(row.key.id, [(cell.field, cell.value) for cell in row.cells], row.line) for row in plan.rows]
            raise Damage(f"a plan right after a run isn't quiet: {rows} {[str(p) for p in plan.new_problems]}")
        look = self.look()
        waiting = {item.key for row in plan.rows for item in row.takeovers if item.field is Field.CURRENT}
        for key, rows in self.keys(look).items():
            entry = look.ledger.entries.get(key, NO_ENTRY)
            self._check_current(look, key, rows, entry.holds, waiting)

    def _check_current(
        self, look: Look, key: RowKey, rows: Sequence[int], holds: Mapping[Field, object], waiting: set[RowKey]
    ) -> None:
        """The free Current of a mapped row is its number: an oracle of its own."""
        name = MAPPED.get(key.id, "") if key.tab is Tab.KEY_RESULTS else "k" if key.id == KPI else ""
        number = self.world.numbers.get(name)
        if len(rows) != 1 or number is None or self.world.is_down or key.tab is Tab.OBJECTIVES:
            return
        if Field.CURRENT not in holds and key not in waiting and self.live(look, key, rows[0], Field.CURRENT) != number:
            raise Damage(f"{key}: Current is {self.live(look, key, rows[0], Field.CURRENT)}, the source says {number}")

    def _check_quiet(self) -> None:
        before = self.look()
        written, read = len(self.store.landed), self.store.reads
        report = self.run()
        batches = self.store.landed[written:]
        if report is None or self.store.reads - read != 1 or len(batches) != 1 or batches[0].guard is not None:
            raise Damage("a second run with the same readings did more than its heartbeat")
        after = self.look()
        if before.history != after.history or any(before.rows(tab) != after.rows(tab) for tab in SHARED):
            raise Damage("a second run changed the sheet")
        written = len(self.store.landed)
        if self.run(fetch=False) is None or len(self.store.landed) != written:
            raise Damage("a run that doesn't ask wrote something where nothing had moved")

    def refresh(self) -> None:
        """The next day, with the same readings: a refresh, in which nothing but a status may move."""
        if self.run_cleanly() is None:
            return
        history = len(self.look().history)
        self.world.pass_days()
        if self.run_cleanly() is None:
            raise Damage("a refresh was refused")
        moved = {line[5] for line in self.look().history[history:]}
        if moved - {"Status"}:
            raise Damage(f"a new day alone moved {moved}")

    # What people do

    def last_row(self, tab: Tab) -> int:
        return len(self.look().rows(tab)) - 1

    def type(self, tab: Tab, row: int, name: Field, value: CellValue, *, formula: str | None = None) -> None:
        """Type into a cell, or clear it."""
        look = self.look()
        if not 1 <= row < len(look.rows(tab)):
            return
        key = self.row_key(look, tab, row)
        if name not in self.columns[tab]:
            return
        self.people.put(tab.value, row, self.at(tab, name), value, formula=formula)
        if key is None:
            return
        fields = self.seen.get(key, {})
        if name in fields:
            fields[name] = canon(FORMS[tab][name], value)
            if fields[name] is None:
                del fields[name]

    def rename_row(self, tab: Tab, row: int, own_id: str | None) -> None:
        """Give a row another id."""
        look = self.look()
        if 1 <= row < len(look.rows(tab)):
            self._forget(look, tab, row)
            if own_id:
                self.seen.pop(RowKey(tab, "" if tab is Tab.KPIS else CYCLE, own_id), None)
            self.people.put(tab.value, row, self.at(tab, ID_FIELDS[tab]), own_id)

    def _forget(self, look: Look, tab: Tab, row: int) -> None:
        if key := self.row_key(look, tab, row):
            self.seen.pop(key, None)

    def sort(self, tab: Tab, order: Sequence[int]) -> None:
        """Sort whole rows."""
        rows = range(self.last_row(tab))
        self.people.permute_rows(tab.value, [1 + at for at in sorted(rows, key=lambda at: order[at % len(order)])])

    def insert(self, tab: Tab, row: int) -> None:
        self.people.insert_row(tab.value, 1 + row % (self.last_row(tab) + 1))

    def delete(self, tab: Tab, row: int) -> None:
        look = self.look()
        if 1 <= row < len(look.rows(tab)):
            self._forget(look, tab, row)
            self.people.delete_row(tab.value, row)

    def copy_row(self, tab: Tab, row: int, own_id: str | None) -> None:
        """Duplicate a row to the end; with an id, the copy gets it."""
        look = self.look()
        if not 1 <= row < len(look.rows(tab)):
            return
        self._forget(look, tab, row)
        to = len(look.rows(tab))
        for column, cell in enumerate(look.rows(tab)[row]):
            self.people.put(tab.value, to, column, cell.value)
        if own_id is not None:
            self.rename_row(tab, to, own_id)

    def paste(self, tab: Tab, row: int, to: int) -> None:
        """Copy a row's machine cells over those of another."""
        look = self.look()
        if not (1 <= row < len(look.rows(tab)) and 1 <= to < len(look.rows(tab))):
            return
        for name in set(MACHINE_FIELDS[tab]) & set(self.columns[tab]):
            self.type(tab, to, name, look.cell(tab, row, self.at(tab, name)).value)

    def sort_apart(self, tab: Tab, order: Sequence[int]) -> None:
        """Sort the machine's columns and leave the ids where they are."""
        look = self.look()
        rows = list(range(1, len(look.rows(tab))))
        for to, at in zip(rows, sorted(rows, key=lambda at: order[at % len(order)]), strict=True):
            for name in set(MACHINE_FIELDS[tab]) & set(self.columns[tab]):
                self.type(tab, to, name, look.cell(tab, at, self.at(tab, name)).value)

    def rename_header(self, tab: Tab, name: Field, text: str) -> None:
        if name not in self.columns[tab]:
            return
        self.people.put(tab.value, 0, self.at(tab, name), text)
        self.unsettled = True

    def move_column(self, tab: Tab, column: int, to: int) -> None:
        """Move a column; not while a renamed header has not been seen yet, which nobody could follow."""
        if not self.unsettled:
            columns = self.columns[tab]
            column, to = column % len(columns), to % len(columns)
            self.people.move_column(tab.value, column, to)
            columns.insert(to, columns.pop(column))
            self.unsettled = True

    def add_column(self, tab: Tab, column: int) -> None:
        """Insert a column of one's own, and write something into it."""
        if not self.unsettled:
            column %= len(self.columns[tab])
            self.people.insert_column(tab.value, column)
            self.columns[tab].insert(column, None)
            for row, text in enumerate(("Ours", "own", "", "own")):
                self.people.put(tab.value, row, column, text or None)
            self.unsettled = True

    def delete_column(self, tab: Tab, name: Field) -> None:
        """Delete a column that only shows something."""
        if not self.unsettled and name in self.columns[tab]:
            self.people.delete_column(tab.value, self.at(tab, name))
            self.columns[tab].remove(name)
            self.unsettled = True


ID_FIELDS = {Tab.KEY_RESULTS: Field.KR_ID, Tab.OBJECTIVES: Field.OBJECTIVE_ID, Tab.KPIS: Field.KPI_ID}


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


ROWS: tuple[tuple[Tab, dict[Field, CellValue]], ...] = (
    (Tab.OBJECTIVES, {Field.OBJECTIVE_ID: "O", Field.OBJECTIVE: "Be good"}),
    *(
        (
            Tab.KEY_RESULTS,
            {
                Field.KR_ID: own_id,
                Field.KEY_RESULT: f"Result {own_id}",
                Field.OBJECTIVE_ID: "O",
                Field.BASELINE: Decimal(0),
                Field.TARGET: Decimal(3),
                Field.NOTES: f"a person's own {own_id}",
            },
        )
        for own_id in ("A", "B", "C", "M")
    ),
    (Tab.KPIS, {Field.KPI_ID: KPI, Field.KPI: "Uptime", Field.HEALTHY_FROM: Decimal(1)}),
)


def open_lived_sheet(
    inner: Store, people: People, world: World | None = None, observer: Store | None = None
) -> LivedSheet:
    """A prepared sheet with its rows typed in, not run yet. ``observer`` is another client that looks at it."""
    world = world or World.with_numbers()
    store = FaultyStore(inner)
    engine = make_engine(world, store, make_mapping_text(MAPPED, {KPI: "k"}), more=CONFIG)
    prepare_sheet(engine)
    lived = LivedSheet(store, people, world, engine, observer=observer)
    lived.columns = {tab: [column.field for column in COLUMNS[tab]] for tab in SHARED}
    next_row: dict[Tab, int] = {}
    for tab, values in ROWS:
        row = next_row[tab] = next_row.get(tab, 0) + 1
        for name, value in values.items():
            people.put(tab.value, row, lived.at(tab, name), value)
    return lived
