"""A sheet that people and the machine live in: what befalls its runs, and whole days of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sync.prepare import prepare_sheet
from sync.run import RunReport
from sync.sheet.columns import COLUMNS, MACHINE_FIELDS
from sync.sheet.layout import MERGED, SIGNIFICANT, Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.store import Store
from tests.support.fake_source import World, make_engine, make_mapping_text, make_project
from tests.support.faulty_store import FaultyStore
from tests.support.lived_rows import ROWS
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore
from tests.support.peopled_sheet import KPI, MAPPED, SHARED, Look, People
from tests.support.run_sheet import RunSheet
from tests.support.sheet_law import Damage

CONFIG = "calendar: {timezone: Europe/Berlin}"


@dataclass
class LivedSheet(RunSheet):
    """A sheet whose runs die, lose answers, meet each other; whose memory is lost and whose mappings rest."""

    config: str = CONFIG

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
        self.written, self.judged = self.look(), left
        for shadow in shadows if then is not None else ():
            if any(self.last_row(tab) != shadow.last_row(tab) for tab in MERGED):
                break  # what the write hit below the last row would be typed into here, and not there
            then(self)
            now = self.look()
            if now.raw.tabs != self.written.raw.tabs:  # else it can't be seen that anybody did anything
                then(shadow)
                left = shadow.look()
                self.since = self._find_changed(self.written, now)
        self.run(left=left)
        self.written, self.judged, self.since = None, None, frozenset()

    def _find_changed(self, before: Look, after: Look) -> frozenset[tuple[RowKey, Field]]:
        """The machine's cells of rows that show something else than before."""
        was, now = self.keys(before), self.keys(after)
        return frozenset(
            (key, name)
            for key in was.keys() & now.keys()
            if len(was[key]) == len(now[key]) == 1
            for name in MACHINE_FIELDS[key.tab]
            if self.live(before, key, was[key][0], name) != self.live(after, key, now[key][0], name)
        )

    def _make_shadow(self, inner: MemoryStore) -> LivedSheet:
        copied = inner.copy()
        columns = {tab: list(fields) for tab, fields in self.columns.items()}
        seen = {key: dict(fields) for key, fields in self.seen.items()}
        people = MemoryPeople(copied)
        shadow = LivedSheet(FaultyStore(copied), people, self.world, self.engine, columns, seen, self.unsettled)
        shadow.titles, shadow.paused = dict(self.titles), self.paused
        return shadow

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
