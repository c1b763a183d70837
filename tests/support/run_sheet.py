"""A sheet with its engine: each run is held to the law of ``sheet_law``, and a clean one has to leave all as wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sync.guards import UnsafePlan
from sync.run import RunReport, RunWishes, apply_run, preview
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, RowKey
from sync.sheet.merge import ShuffleError
from sync.sheet.store_error import SheetError
from tests.support.faulty_store import Crash
from tests.support.peopled_sheet import SHARED, TITLES, Look
from tests.support.sheet_law import Damage, LawfulSheet


@dataclass
class RunSheet(LawfulSheet):
    """A sheet with runs: each is checked. ``left`` is how people had left it before the last one's first write."""

    left: Look | None = None
    errors: list[BaseException] = field(default_factory=list)

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

    def _note_what_people_left(self) -> None:
        if self.left is None and self.has_ledger():
            self.left = self.look()

    def run_cleanly(self) -> RunReport | None:
        """A run without trouble: the sheet is as wanted, and a second run only writes the heartbeat."""
        report = self.run()
        if report is None:
            return None
        self._check_converged()
        self._check_quiet()
        return report

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
