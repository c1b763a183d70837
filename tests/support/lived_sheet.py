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

from sync.prepare import prepare_sheet
from sync.row_plan import OUR_NOTES
from sync.run import RunReport, RunWishes, apply_run, preview
from sync.sheet.cell import EMPTY, Canon, Cell, CellValue, canon
from sync.sheet.columns import COLUMNS, FORMS, MACHINE_FIELDS, find_column
from sync.sheet.doubled import is_doubled_value
from sync.sheet.layout import MERGED, SIGNIFICANT, Field, Role, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, RowKey
from sync.sheet.merge import PASTE_AT, PASTE_HOLDS, ShuffleError
from sync.sheet.store import Store
from sync.sheet.store_error import SheetError
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.faulty_store import Crash, FaultyStore
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import (
    KPI,
    MAPPED,
    SHARED,
    Look,
    People,
    PeopledSheet,
)

CONFIG = "calendar: {timezone: Europe/Berlin}"


class Damage(AssertionError):
    """The sheet lost something, or got something wrong. No ordinary failure of a test."""


def content(cell: Cell) -> tuple[CellValue, str | None, str | None]:
    """What a person would miss of a cell."""
    return cell.value, cell.formula, cell.note if cell.note not in OUR_NOTES else None


def is_machines(key: RowKey, entry: Entry, name: Field, value: Canon) -> bool:
    """Whether the ledger knows a value for the machine's own: the last that it wrote, or what a doubled id got."""
    return entry.bases.get(name) == value or (entry.doubled and is_doubled_value(key.id, name, value))


@dataclass
class LivedSheet(PeopledSheet):
    """A sheet with runs: each is checked."""

    left: Look | None = None
    errors: list[BaseException] = field(default_factory=list)
    released: set[tuple[RowKey, Field]] = field(default_factory=set)

    # Running

    def run(
        self,
        *,
        fetch: bool = True,
        faults: Sequence[str] = (),
        act: Callable[[], None] | None = None,
        left: Look | None = None,
        release: frozenset[tuple[RowKey, Field]] = frozenset(),
    ) -> RunReport | None:
        """One run; then the law. ``None``: it gave up, refused or died.

        ``left`` is the sheet as people had left it before a run that died.
        """
        before = left or self.look()
        self.released |= release
        report = self._run(fetch=fetch, faults=faults, act=act, release=release)
        self._judge(left or self.left or before, report)
        return report

    def _judge(self, left: Look, report: RunReport | None) -> None:
        after = self.look()
        self._check_nothing_lost(left, after)
        if report is not None:
            self._check_new_holds(left, after)
            self.unsettled = False
        self._forget_ended(left, after)
        self._remember_holds(after)
        if report is not None:
            self.released.clear()

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

    def _run(
        self,
        *,
        fetch: bool = True,
        faults: Sequence[str] = (),
        act: Callable[[], None] | None = None,
        release: frozenset[tuple[RowKey, Field]] = frozenset(),
    ) -> RunReport | None:
        self.left = None
        self.store.faults, self.store.act = list(faults), act
        self.store.about_to_write = self._note_what_people_left
        report: RunReport | None = None
        try:
            report = apply_run(self.engine, RunWishes(fetch=fetch, release=release))
        except (SheetError, ShuffleError, Crash) as error:
            self.errors.append(error)
        finally:
            self.store.faults, self.store.act, self.store.about_to_write = [], None, None
        return report

    def run_that_dies(
        self,
        act: Callable[[LivedSheet], None],
        then: Callable[[LivedSheet], None] | None = None,
        faults: Sequence[str] = ("dies_after",),
    ) -> None:
        """A run dies right after a write that somebody's work came before; somebody works on; the next run mends.

        With other ``faults`` it dies before or after it has put back what it hit.
        What people left is looked at on a shadow of the sheet, from before the write.
        """
        shadows: list[LivedSheet] = []

        def work() -> None:
            act(self)
            if then is not None and isinstance(self.store.inner, MemoryStore):
                shadows.append(self._make_shadow(self.store.inner))

        before = self.look()
        report = self._run(faults=faults, act=work)
        left = self.left or before
        if report is not None:  # the store saw that somebody had worked, and the run planned anew
            self._judge(left, report)
            return
        for shadow in shadows if then is not None else ():
            if any(self.last_row(tab) != shadow.last_row(tab) for tab in MERGED):
                break  # what the write hit below the last row would be typed into here, and not there
            then(shadow)
            then(self)
            left = shadow.look()
        self.run(left=left)

    def _make_shadow(self, inner: MemoryStore) -> LivedSheet:
        copied = inner.copy()
        columns = {tab: list(fields) for tab, fields in self.columns.items()}
        seen = {key: dict(fields) for key, fields in self.seen.items()}
        people = MemoryPeople(copied)
        return LivedSheet(FaultyStore(copied), people, self.world, self.engine, columns, seen, self.unsettled)

    def _note_what_people_left(self) -> None:
        if self.left is None and self.has_ledger():
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

    def release(self, *, faults: Sequence[str] = ()) -> RunReport | None:
        """A run that hands back everything that is held."""
        holds = {(key, name) for key, entry in self.look().ledger.entries.items() for name in entry.holds}
        return self.run(release=frozenset(holds), faults=faults)

    def run_cleanly(self) -> RunReport | None:
        """A run without trouble: the sheet is as wanted, and a second run only writes the heartbeat."""
        report = self.run()
        if report is None:
            return None
        self._check_converged()
        self._check_quiet()
        return report

    def run_without_ledger(self) -> RunReport | None:
        """Somebody deleted the hidden tab; the run makes it anew, and what only it knew counts no longer.

        What stood in columns that matter is kept where it stands; of the others History keeps what is replaced.
        """
        if self.unsettled or self.renamed:
            return None  # where a column went, and what it was called, is known to nobody then
        if any(column.field not in self.columns[tab] for tab in SHARED for column in COLUMNS[tab]):
            return None  # a column that people deleted comes back with the hidden tab: layout makes both
        look = self.look()
        entries = {
            key: replace(entry, bases={name: base for name, base in entry.bases.items() if name in SIGNIFICANT})
            for key, entry in look.ledger.entries.items()
        }
        self.people.delete_tab(Tab.LEDGER.value)
        return self.run(left=replace(look, ledger=replace(look.ledger, entries=entries)))

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
        if is_machines(key, entry, name, value) and old.formula is None:
            return
        if (
            name in entry.bases
            and not is_ended
            and (name in PASTE_HOLDS or self._count_typed(left, key, row, entry) < PASTE_AT)
        ):
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
                if name in learned.holds and name not in entry.holds and is_empty:
                    raise Damage(f"{key} {name}: a hold that nobody typed: {learned.holds[name]}")
                if is_ours or name not in entry.bases or name in entry.holds:
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
        lines = self.look().history[history:]
        moved = set() if any("has expired" in str(line[8]) for line in lines) else {line[5] for line in lines}
        if moved - {"Status"}:
            raise Damage(f"a new day alone moved {moved}")


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
    inner: Store, people: People, world: World | None = None, observer: Store | None = None, config: str = CONFIG
) -> LivedSheet:
    """A prepared sheet with its rows typed in, not run yet. ``observer`` is another client that looks at it."""
    world = world or World.with_numbers()
    store = FaultyStore(inner)
    engine = make_engine(world, store, make_mapping_text(MAPPED, {KPI: "k"}), more=config)
    prepare_sheet(engine)
    lived = LivedSheet(store, people, world, engine, observer=observer)
    lived.columns = {tab: [column.field for column in COLUMNS[tab]] for tab in SHARED}
    next_row: dict[Tab, int] = {}
    for tab, values in ROWS:
        row = next_row[tab] = next_row.get(tab, 0) + 1
        for name, value in values.items():
            people.put(tab.value, row, lived.at(tab, name), value)
    return lived
