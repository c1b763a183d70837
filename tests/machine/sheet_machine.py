"""What people, sources, other runs and bad luck do to one sheet, as rules for Hypothesis. The laws are in
``tests.support.lived_sheet``; people and machine draw their values from one small domain, so that they coincide."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from sync.sheet.layout import BEFORE_TITLE, Field, Tab
from tests.support.lived_sheet import CONFIG as ZONE
from tests.support.lived_sheet import LivedSheet
from tests.support.peopled_sheet import MAPPED
from tests.support.shaped_sheet import REPLACED

NUMBERS = tuple(map(Decimal, range(4)))
SCORES = (Decimal(0), Decimal("0.3333"), Decimal("0.6667"), Decimal(1))
STATUSES = ("On track", "Off track", "Achieved", "No data")
DOMAIN: dict[Field, tuple[Any, ...]] = {
    Field.CURRENT: (None, *NUMBERS),
    Field.SCORE: (None, *SCORES),
    Field.STATUS: (None, *STATUSES),
    Field.WHY: (None, "because", "0.33 of 0.51 expected by 16 Nov; 1 record."),
    Field.SOURCE: (None, "somewhere"),
    Field.CONFIDENCE: (None, Decimal(5)),
    Field.COVERAGE: (None, "3 of 4", "4 of 4"),
    Field.TARGET: (Decimal(3), Decimal(2)),
    Field.NOTES: (None, "mine"),
    Field.FRESHNESS: (None,),
}
TYPED: dict[Tab, tuple[Field, ...]] = {
    Tab.KEY_RESULTS: (
        Field.CURRENT,
        Field.CURRENT,
        Field.SCORE,
        Field.STATUS,
        Field.WHY,
        Field.SOURCE,
        Field.CONFIDENCE,
        Field.TARGET,
        Field.NOTES,
        Field.FRESHNESS,
    ),
    Tab.OBJECTIVES: (Field.SCORE, Field.STATUS, Field.WHY, Field.COVERAGE),
    Tab.KPIS: (Field.CURRENT, Field.STATUS, Field.WHY),
}
TABS = st.sampled_from((Tab.KEY_RESULTS, Tab.KEY_RESULTS, Tab.KEY_RESULTS, Tab.OBJECTIVES, Tab.KPIS))
ROW = st.integers(1, 6)
NEW_IDS = st.sampled_from(("N", "C", "X"))
ORDERS = st.permutations(range(6))

CONFIG = f"{ZONE}\nholds: {{expire: 5d, warn: 2d}}"
"""Holds expire within the days that pass here."""

Deed = Callable[[LivedSheet], None]


@st.composite
def typings(draw: st.DrawFn) -> Deed:
    tab = draw(TABS)
    name = draw(st.sampled_from(TYPED[tab]))
    row, value = draw(ROW), draw(st.sampled_from(DOMAIN[name]))
    return lambda sheet: sheet.type(tab, row, name, value)


@st.composite
def calculations(draw: st.DrawFn) -> Deed:
    """A formula whose result may be what the machine wrote itself."""
    row, number = draw(ROW), draw(st.sampled_from(NUMBERS))
    name = draw(st.sampled_from((Field.CURRENT, Field.SCORE)))
    return lambda sheet: sheet.type(Tab.KEY_RESULTS, row, name, number, formula=f"={number}+0")


@st.composite
def shapings(draw: st.DrawFn) -> Deed:
    """Rows that move, come and go; whole rows that are pasted."""
    tab, row, to = draw(TABS), draw(ROW), draw(ROW)
    order, own_id = draw(ORDERS), draw(NEW_IDS)
    deeds: tuple[Deed, ...] = (
        lambda sheet: sheet.sort(tab, order),
        lambda sheet: sheet.sort(tab, order),
        lambda sheet: sheet.insert(tab, row),
        lambda sheet: sheet.delete(tab, row),
        lambda sheet: sheet.copy_row(tab, row, None),
        lambda sheet: sheet.copy_row(tab, row, own_id),
        lambda sheet: sheet.paste(tab, row, to),
        lambda sheet: sheet.rename_row(tab, row, own_id),
        lambda sheet: sheet.sort_apart(tab, order),
    )
    return draw(st.sampled_from(deeds))


@st.composite
def movings(draw: st.DrawFn) -> Deed:
    """Whole rows that move, come and go."""
    tab, row, order = draw(TABS), draw(ROW), draw(ORDERS)
    deeds: tuple[Deed, ...] = (
        lambda sheet: sheet.sort(tab, order),
        lambda sheet: sheet.insert(tab, row),
        lambda sheet: sheet.delete(tab, row),
    )
    return draw(st.sampled_from(deeds))


@st.composite
def dressings(draw: st.DrawFn) -> Deed:
    """What people do to a tab besides its cells: it may hide them, and it keeps the account out of some."""
    tab, row, name = draw(TABS), draw(ROW), draw(st.sampled_from(tuple(DOMAIN)))
    rows, column = draw(st.frozensets(ROW, max_size=3)), draw(st.integers(0, 30))
    size = draw(st.sampled_from(((1, 0), (0, 1), (1, 1), (2, 0))))
    order, is_whole, skips = draw(ORDERS), draw(st.booleans()), draw(st.booleans())
    deeds: tuple[Deed, ...] = (
        lambda sheet: sheet.merge(tab, row, name, size),
        lambda sheet: sheet.unmerge(tab),
        lambda sheet: sheet.hide(tab, rows, (column,)),
        lambda sheet: sheet.filter(tab, rows, skips=skips),
        lambda sheet: sheet.filter(tab, (), skips=False),
        lambda sheet: sheet.sort_visible(tab, order, rows),
        lambda sheet: sheet.paint(tab, row, column),
        lambda sheet: sheet.protect(tab, None if is_whole else name),
    )
    return draw(st.sampled_from(deeds))


DEATHS = st.sampled_from((("dies_after",), ("", "dies_before"), ("", "dies_after"), ("lost_deaf",), ("", "lost_deaf")))
WORKING_FAULTS = st.sampled_from(("", "", "lost", "unsent", "unsent_deaf", "before", "quota", "dies_before"))
FAULTS = st.lists(
    st.sampled_from(
        ("", "before", "quota", "unsent", "lost", "lost_deaf", "unsent_deaf", "dies_before", "dies_after"),
    ),
    max_size=4,
)
TITLES = st.sampled_from(("Ziele", "Lage", "Key Results"))
OURS = st.sampled_from(REPLACED)


def unless_copies_skip(deed: Deed) -> Deed:
    """What people type while a copy would leave rows out nobody can see in time: the version history has it."""

    def act(sheet: LivedSheet) -> None:
        if not sheet.skips_rows:
            deed(sheet)

    return act


class SheetMachine(RuleBasedStateMachine):
    """Subclasses say where the sheet is: ``open``."""

    def open(self) -> LivedSheet:
        raise AssertionError("a subclass opens a sheet")

    def __init__(self) -> None:
        super().__init__()
        self.sheet = self.open()
        self.texts = 0

    @rule(deed=typings())
    def somebody_types(self, deed: Deed) -> None:
        deed(self.sheet)

    @rule(deed=typings() | calculations())
    def somebody_types_again(self, deed: Deed) -> None:
        deed(self.sheet)

    @rule(deed=shapings())
    def somebody_shapes(self, deed: Deed) -> None:
        deed(self.sheet)

    @rule(tab=TABS, name=st.sampled_from((Field.STATUS, Field.WHY)), text=st.sampled_from(("Lage", "Status", "Why")))
    def somebody_renames_a_header(self, tab: Tab, name: Field, text: str) -> None:
        if text == "Lage" or text.casefold() == name.value:
            self.sheet.rename_header(tab, name, f"{text} {name}" if text == "Lage" else text)

    @rule(tab=TABS, column=st.integers(0, 30))
    def somebody_adds_a_column(self, tab: Tab, column: int) -> None:
        self.sheet.add_column(tab, column)

    @rule(name=st.sampled_from((Field.WHY, Field.TREND, Field.CHANGE, Field.SOURCE)))
    def somebody_deletes_a_column(self, name: Field) -> None:
        self.sheet.delete_column(Tab.KEY_RESULTS, name)

    @rule(tab=TABS, column=st.integers(0, 30), to=st.integers(0, 30))
    def somebody_moves_a_column(self, tab: Tab, column: int, to: int) -> None:
        self.sheet.move_column(tab, column, to)

    @rule(name=st.sampled_from((*MAPPED.values(), "k")), number=st.sampled_from(NUMBERS))
    def a_reading_moves(self, name: str, number: Decimal) -> None:
        self.sheet.world.numbers[name] = number

    @rule(name=st.sampled_from((*MAPPED.values(), "k")))
    def a_number_is_lost(self, name: str) -> None:
        self.sheet.world.numbers.pop(name, None)

    @rule()
    def the_source_dies_or_comes_back(self) -> None:
        self.sheet.world.is_down = not self.sheet.world.is_down

    @rule(own_id=st.sampled_from(tuple(MAPPED)))
    def somebody_pauses_a_mapping_or_ends_its_pause(self, own_id: str) -> None:
        self.sheet.pause(own_id)

    @rule(tab=TABS, row=ROW, name=st.sampled_from((Field.CURRENT, Field.SCORE, Field.STATUS, Field.NOTES)))
    def somebody_leaves_a_note(self, tab: Tab, row: int, name: Field) -> None:
        self.sheet.note(tab, row, name, "agreed with the board")

    @rule(deed=dressings())
    def somebody_dresses(self, deed: Deed) -> None:
        deed(self.sheet)

    @rule()
    def somebody_lets_the_account_in_again(self) -> None:
        self.sheet.unprotect()

    @rule(tab=TABS, title=TITLES)
    def somebody_renames_a_tab(self, tab: Tab, title: str) -> None:
        self.sheet.rename_tab(tab, title)

    @rule(tab=OURS)
    def somebody_deletes_a_tab_of_ours(self, tab: Tab) -> None:
        self.sheet.delete_ours(tab)

    @rule()
    def somebody_lays_out(self) -> None:
        self.sheet.lay_out()

    @rule(row=st.integers(0, 40), column=st.integers(0, 12))
    def somebody_writes_on_the_dashboard(self, row: int, column: int) -> None:
        self.texts += 1
        self.sheet.leave_text(row, column, f"text no. {self.texts}.")

    @rule()
    def the_sheet_cannot_be_read(self) -> None:
        self.sheet.store.is_deaf = True
        assert self.sheet.run() is None

    @rule(number=st.integers(1, 3))
    def somebody_deletes_a_hidden_tab(self, number: int) -> None:
        self.sheet.delete_tab(f"{BEFORE_TITLE}{number}")

    @rule()
    def a_version_is_kept(self) -> None:
        self.sheet.keep_version()

    @rule()
    def somebody_goes_back_to_the_version(self) -> None:
        self.sheet.restore_version()

    @rule(fault=WORKING_FAULTS)
    def somebody_goes_back_while_a_run_works(self, fault: str) -> None:
        self.sheet.run(act=self.sheet.restore_version, faults=[fault])

    @rule(faults=FAULTS)
    def somebody_releases_what_is_held(self, faults: list[str]) -> None:
        self.sheet.release(faults=faults)

    @rule(days=st.sampled_from((1, 1, 3, 7)))
    def days_pass(self, days: int) -> None:
        self.sheet.world.pass_days(days)

    @rule()
    def a_clean_run(self) -> None:
        self.sheet.run_cleanly()

    @rule()
    def a_run_without_asking(self) -> None:
        self.sheet.run(fetch=False)

    @rule()
    def the_next_day(self) -> None:
        self.sheet.refresh()

    @rule(faults=FAULTS)
    def a_run_with_bad_luck(self, faults: list[str]) -> None:
        self.sheet.run(faults=faults)

    @rule(deed=typings() | shapings() | dressings(), fault=WORKING_FAULTS)
    def a_run_while_somebody_works(self, deed: Deed, fault: str) -> None:
        self.sheet.run(act=lambda: unless_copies_skip(deed)(self.sheet), faults=[fault])

    @rule(deed=typings() | shapings() | dressings(), then=st.none() | typings() | movings(), faults=DEATHS)
    def a_run_dies_while_somebody_works(self, deed: Deed, then: Deed | None, faults: tuple[str, ...]) -> None:
        """Right after its write, or about to put back what it hit: the next run mends, whatever people do till then."""
        self.sheet.run_that_dies(unless_copies_skip(deed), then, faults)

    @rule()
    def somebody_deletes_the_hidden_tab(self) -> None:
        self.sheet.run_without_ledger()

    @rule(fault=st.sampled_from(("", "lost")))
    def two_runs_at_once(self, fault: str) -> None:
        self.sheet.run_beside_another(fault)
