"""A sheet that people and the machine live in, with its engine, and the law that is checked after every run.

``LivedSheet.run`` does a run, and checks the law of ``sheet_law``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sync.guards import UnsafePlan
from sync.prepare import prepare_sheet
from sync.run import RunReport, RunWishes, apply_run, preview
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import MERGED, SIGNIFICANT, Field, Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.sheet.merge import ShuffleError
from sync.sheet.store import Store
from sync.sheet.store_error import SheetError
from tests.support.fake_source import World, make_engine, make_mapping_text, make_project
from tests.support.faulty_store import Crash, FaultyStore
from tests.support.lived_rows import ROWS
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import KPI, MAPPED, SHARED, TITLES, Look, People
from tests.support.sheet_law import Damage, LawfulSheet

CONFIG = "calendar: {timezone: Europe/Berlin}"


@dataclass
class LivedSheet(LawfulSheet):
    """A sheet with runs: each is checked."""

    left: Look | None = None
    errors: list[BaseException] = field(default_factory=list)
    config: str = CONFIG

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
        landed = len(self.store.landed)
        report = self._run(fetch=fetch, faults=faults, act=act, release=release)
        has_died = left is not None
        left = left or self.left or before
        after = self._judge(left, report)
        if report is None and not has_died and len(self.store.landed) == landed:
            self._check_untouched(left, after)
        if report is not None and act is None and not faults:
            self._check_reported(after, report, asked=fetch)
        return report

    def _judge(self, left: Look, report: RunReport | None) -> Look:
        after = self.look()
        self._check_nothing_lost(left, after)
        self._check_shapes(left, after)
        if report is not None:
            self._check_new_holds(left, after)
            self._check_texts(after)
            self.unsettled = False
        self._forget_ended(left, after)
        self._remember_holds(after)
        if report is not None:
            self.released.clear()
        return after

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
        except (SheetError, ShuffleError, UnsafePlan, Crash) as error:
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
        shadow = LivedSheet(FaultyStore(copied), people, self.world, self.engine, columns, seen, self.unsettled)
        shadow.titles, shadow.paused = dict(self.titles), self.paused
        return shadow

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
            beside.titles, beside.paused = self.titles, self.paused
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
        if self.unsettled or self.renamed or not self.is_whole:
            return None  # where a column went, and what it was called, is known to nobody then
        look = self.look()
        self.world.read |= dict.fromkeys(self.world.read, self.world.today)  # what Freshness says is all that is known
        entries = {
            key: replace(entry, bases={name: base for name, base in entry.bases.items() if name in SIGNIFICANT})
            for key, entry in look.ledger.entries.items()
        }
        self.people.delete_tab(Tab.LEDGER.value)
        return self.run(left=replace(look, ledger=replace(look.ledger, entries=entries)))

    def pause(self, own_id: str) -> None:
        """Somebody pauses a mapping, or takes the pause out."""
        self.paused ^= {own_id}
        project = make_project(self.world, make_mapping_text(MAPPED, {KPI: "k"}, self.paused), more=self.config)
        self.engine = replace(self.engine, project=project)

    def lay_out(self) -> None:
        """Somebody runs ``layout``: it adds what is missing, and changes nothing else."""
        if self.unsettled or self.renamed or self.is_closed or self.lacks_columns:
            return
        before = self.look()
        prepare_sheet(self.engine)
        after = self.look()
        self._check_nothing_lost(before, after)
        self._check_shapes(before, after)

    # What has to be so after a clean run

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
        if len(rows) != 1 or key.tab is Tab.OBJECTIVES:
            return
        self._check_freshness(look, key, rows[0])
        number = self._number(key)
        if number is None or key.id in self.paused:
            return
        if Field.CURRENT not in holds and key not in waiting and self.live(look, key, rows[0], Field.CURRENT) != number:
            raise Damage(f"{key}: Current is {self.live(look, key, rows[0], Field.CURRENT)}, the source says {number}")

    def _check_freshness(self, look: Look, key: RowKey, row: int) -> None:
        """No value of the machine's is said to be younger than its last reading."""
        entry = look.ledger.entries.get(key, NO_ENTRY)
        if (
            Field.CURRENT not in entry.bases
            or not self._is_mapped(key)
            or self.has_formula(look, key, row, Field.CURRENT)
        ):
            return
        if {Field.FRESHNESS, Field.CURRENT} & entry.holds.keys():
            return
        fresh, day = self.live(look, key, row, Field.FRESHNESS), self.world.read.get(self._name(key))
        if isinstance(fresh, date) and (day is None or fresh > day):
            raise Damage(f"{key}: the value is said to be of {fresh}, and was read on {day}")

    def _check_quiet(self) -> None:
        before = self.look()
        written, read = len(self.store.landed), self.store.reads
        report = self.run()
        batches = self.store.landed[written:]
        reads = 1 if self.titles == TITLES else 2  # a tab that was renamed is looked for by its id
        if report is None or self.store.reads - read != reads or len(batches) != 1 or batches[0].guard is not None:
            raise Damage("a second run with the same readings did more than its heartbeat")
        after = self.look()
        if before.history != after.history or any(before.rows(tab) != after.rows(tab) for tab in SHARED):
            raise Damage("a second run changed the sheet")
        written = len(self.store.landed)
        if self.run(fetch=False) is None or len(self.store.landed) != written:
            raise Damage("a run that doesn't ask wrote something where nothing had moved")

    def refresh(self) -> None:
        """The next day, with the same readings: a refresh, in which nothing but a status may move."""
        if not self.is_whole or self.run_cleanly() is None:
            return
        history = len(self.look().history)
        self.world.pass_days()
        if self.run_cleanly() is None:
            raise Damage("a refresh was refused")
        lines = self.look().history[history:]
        moved = set() if any("has expired" in str(line[8]) for line in lines) else {line[5] for line in lines}
        if moved - {"Status"}:
            raise Damage(f"a new day alone moved {moved}")


def open_lived_sheet(
    inner: Store, people: People, world: World | None = None, observer: Store | None = None, config: str = CONFIG
) -> LivedSheet:
    """A prepared sheet with its rows typed in, not run yet. ``observer`` is another client that looks at it."""
    world = world or World.with_numbers()
    store = FaultyStore(inner)
    engine = make_engine(world, store, make_mapping_text(MAPPED, {KPI: "k"}), more=config)
    prepare_sheet(engine)
    lived = LivedSheet(store, people, world, engine, observer=observer, config=config)
    lived.columns = {tab: [column.field for column in COLUMNS[tab]] for tab in SHARED}
    next_row: dict[Tab, int] = {}
    for tab, values in ROWS:
        row = next_row[tab] = next_row.get(tab, 0) + 1
        for name, value in values.items():
            people.put(tab.value, row, lived.at(tab, name), value)
    return lived
