"""What every store has to do, whatever holds the sheet. A store's test subclasses ``StoreContract``.

It gives one fixture, ``house``: a store that ``prepare`` made out of nothing with ``make_wish()``, and a person who
edits that very sheet by other means than the store's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.sheet.cell import EMPTY, Cell, CellValue, Form, canon
from sync.sheet.chart import ChartName
from sync.sheet.columns import COLUMNS
from sync.sheet.dashboard_charts import blank_charts
from sync.sheet.drift import find_drift, fingerprint
from sync.sheet.layout import BEFORE_TITLE, MERGED, PER_CYCLE, Field, Tab
from sync.sheet.readback import check_receipt
from sync.sheet.rules import HEARTBEAT
from sync.sheet.store import (
    AddedTab,
    Append,
    Batch,
    CellWrite,
    Draw,
    Drawing,
    GuardSwap,
    LedgerLine,
    RawSheet,
    RawTab,
    Spot,
    Store,
    TabChanges,
)
from sync.sheet.store_error import SheetBusy
from sync.sheet.style import Style
from sync.sheet.wish import LayoutWish, LeaveWish, Migration, NewTab

CYCLE = "2026-Q4"
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
KR, LEDGER = Tab.KEY_RESULTS.value, Tab.LEDGER.value
AT = {column.field: at for at, column in enumerate(COLUMNS[Tab.KEY_RESULTS])}
FORMS = {column.field: column.form for column in COLUMNS[Tab.KEY_RESULTS]}
GUARD_TITLES = tuple(f"{BEFORE_TITLE}{number}" for number in range(1, len(MERGED) + 1))
DASHBOARD = Drawing(
    (24, 200, 120),
    (
        (None, Draw("OKRs", Style.TITLE, span=2)),
        (),
        (None, Draw("Score", Style.STRONG), Draw(Decimal("0.62"), Style.BIG, note="of 1")),
        (None, Draw(date(2026, 11, 22), Style.DATE), Draw(True, link="https://okr.example/")),
    ),
    {0: 40},
    blank_charts(),
)
LEAVING = LeaveWish((LEDGER, *GUARD_TITLES), (KR,), frozenset({"ours"}))
_ids = count(50_000)


def title_of(tab: Tab) -> str:
    """A tab's title in the sheets of these tests."""
    return f"{tab.value} {CYCLE}" if tab in PER_CYCLE else tab.value


def make_wish(*tabs: Tab) -> LayoutWish:
    """All tabs, or these."""
    new = tuple(NewTab(tab, title_of(tab), DASHBOARD if tab is Tab.DASHBOARD else None) for tab in tabs or tuple(Tab))
    return LayoutWish(new, (901, 902, 903), '{"v":1}', 10, date(2026, 11, 22))


class Person(Protocol):
    """Somebody who edits the sheet, not through the store."""

    def type(self, title: str, row: int, column: int, value: CellValue, *, formula: str | None = None) -> None:
        """Type a value or a formula (with the value that it gives) into a cell."""
        ...

    def delete_column(self, title: str, column: int) -> None:
        """Delete a column."""
        ...

    def delete_chart(self, title: str, name: ChartName) -> None:
        """Delete a chart of ours."""
        ...

    def note(self, title: str, row: int, column: int, text: str) -> None:
        """Leave a note on a cell."""
        ...

    def link(self, title: str, row: int, column: int) -> str | None:
        """Look where a click on a cell leads."""
        ...


@dataclass
class House:
    """A prepared sheet, and who edits it."""

    store: Store
    person: Person
    between: Callable[[Callable[[], None]], None] | None = None
    """Has something done between a read and the next write; ``None``: it is done before ``apply_batch`` is called."""

    def read(self) -> RawSheet:
        """All tabs, whole."""
        return self.store.fetch_sheet([title_of(tab) for tab in Tab], GUARD_TITLES)

    def tab(self, title: str = KR) -> RawTab:
        """One tab as it is now."""
        found = self.read().find_tab(title)
        assert found is not None
        return found

    def cell(self, row: int, field: Field | int, title: str = KR) -> Cell:
        """One cell as it is now."""
        column = AT[field] if isinstance(field, Field) else field
        rows = self.tab(title).cells
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else EMPTY

    def batch(self, raw: RawSheet, *writes: CellWrite, head: str | None = '{"v":1,"rev":2}', **more: object) -> Batch:
        """A batch on what was read, with everything that either store asks for."""
        tab, ledger = raw.find_tab(KR), raw.find_tab(LEDGER)
        assert tab is not None
        assert ledger is not None
        width = max(len(row) for row in tab.cells)
        bottom = max([tab.used_rows, *(write.row + 1 for write in writes)])
        changes = (TabChanges(Tab.KEY_RESULTS, tab.tab_id, 0, 0, (bottom, width), writes),) if writes else ()
        old = tuple(found.tab_id for title in GUARD_TITLES if (found := raw.find_tab(title)))
        guard = GuardSwap(old, tuple(next(_ids) for _ in MERGED))
        made = Batch(ledger.tab_id, NOW, head, guard, changes, sheet_revision=raw.revision)
        return replace(made, **more)  # type: ignore[arg-type]

    def write(self, *writes: CellWrite, **more: object) -> None:
        """Read, and write on what was read."""
        self.store.apply_batch(self.batch(self.read(), *writes, **more))  # type: ignore[arg-type]


def write(row: int, field: Field, value: CellValue, **more: object) -> CellWrite:
    """One machine cell."""
    return CellWrite(row, AT[field], value, field=field, **more)  # type: ignore[arg-type]


TEXTS = st.one_of(
    st.sampled_from(
        ["=1+1", "'quoted", "1.10", "01", "TRUE", "45 %", "2026-11-22", "3/4", "+1", "-", "#N/A", "ü €\n2", "a_x0041_"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20),
)
NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=4)
VALUES: dict[Field, st.SearchStrategy[CellValue]] = {
    Field.CURRENT: st.one_of(st.none(), TEXTS, NUMBERS, st.booleans()),
    Field.SCORE: st.one_of(st.none(), st.decimals(-1, 2, allow_nan=False), st.booleans(), TEXTS),
    Field.STATUS: st.one_of(st.none(), TEXTS),
    Field.WHY: st.one_of(st.none(), TEXTS),
    Field.FRESHNESS: st.one_of(st.none(), st.dates(date(1900, 3, 1), date(2999, 12, 31))),
    Field.APPROVED: st.one_of(st.none(), st.booleans()),
    Field.KR_ID: TEXTS.filter(str.strip),
}


DRAWN = st.one_of(
    st.none(),
    st.builds(Draw, TEXTS),
    st.builds(Draw, st.one_of(st.none(), st.just(""), st.booleans()), st.just(Style.TEXT)),
    st.builds(Draw, st.decimals(-(10**12), 10**12, allow_nan=False), st.sampled_from([Style.SCORE, Style.NUMBER])),
    st.builds(Draw, st.dates(date(1900, 3, 1), date(2999, 12, 31)), st.just(Style.DATE)),
    st.just(Draw(None, Style.SINCE, formula=f"={HEARTBEAT}")),
)
DRAWN_ROWS = st.one_of(
    st.lists(DRAWN, max_size=4).map(tuple),
    st.builds(lambda text, end: (Draw(text, Style.TITLE, span=3), None, None, end), TEXTS, DRAWN),
)


def live_value(field: Field, cell: Cell) -> CellValue:
    """What the snapshot takes a cell for: ids as displayed, everything else by its value."""
    return cell.shown if FORMS[field] is Form.ID else cell.value


class StoreContract:
    """Subclass it as ``TestSomething`` and give the fixture ``house``."""

    # What is written is read back equal

    @settings(
        max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
    )
    @given(data=st.data())
    def test_what_we_write_we_read_back_equal(self, house: House, data: st.DataObject) -> None:
        wanted = {
            (row, field): canon(FORMS[field], data.draw(values, label=f"{field} {row}"))
            for row in range(1, 7)
            for field, values in VALUES.items()
        }
        house.write(*(write(row, field, value) for (row, field), value in wanted.items()))
        rows = house.tab().cells
        for (row, field), value in wanted.items():
            cell = rows[row][AT[field]] if row < len(rows) and AT[field] < len(rows[row]) else EMPTY
            assert canon(FORMS[field], live_value(field, cell)) == canon(FORMS[field], value)

    def test_text_is_never_a_formula(self, house: House) -> None:
        house.write(write(1, Field.WHY, '=HYPERLINK("https://evil.example")'))
        cell = house.cell(1, Field.WHY)
        assert (cell.value, cell.formula) == ('=HYPERLINK("https://evil.example")', None)

    def test_a_share_is_formatted_in_percent_and_back(self, house: House) -> None:
        house.write(write(1, Field.CURRENT, Decimal("0.31"), is_percent=True))
        cell = house.cell(1, Field.CURRENT)
        assert (cell.value, cell.is_percent, cell.shown) == (Decimal("0.31"), True, "31%")
        house.write(write(1, Field.CURRENT, Decimal("0.5")))
        assert house.cell(1, Field.CURRENT).is_percent
        house.write(write(1, Field.CURRENT, Decimal(42), is_percent=False))
        cell = house.cell(1, Field.CURRENT)
        assert (cell.value, cell.is_percent) == (Decimal(42), False)

    def test_ids_are_read_as_displayed(self, house: House) -> None:
        house.person.type(KR, 1, 0, "1.10")
        assert house.cell(1, 0).shown == "1.10"

    def test_nothing_clears_a_cell(self, house: House) -> None:
        house.write(write(1, Field.SCORE, Decimal("0.4")), write(1, Field.WHY, "because"))
        house.write(write(1, Field.SCORE, None), write(1, Field.WHY, ""))
        assert house.cell(1, Field.SCORE).value is None
        assert house.cell(1, Field.WHY).value is None

    # Only our cells change

    def test_what_is_not_ours_stays_as_it_is(self, house: House) -> None:
        house.person.type(KR, 1, AT[Field.NOTES], "mine")
        house.person.type(KR, 1, AT[Field.TARGET], Decimal("0.6"))
        house.person.type(KR, 2, AT[Field.NEXT_STEP], "call them")
        house.person.note(KR, 1, AT[Field.NOTES], "a person's note")
        before = house.read()
        house.store.apply_batch(house.batch(before, write(1, Field.SCORE, Decimal("0.4"))))
        after = house.read()
        ours = {(KR, 1, AT[Field.SCORE])} | {(LEDGER, 0, column) for column in (1, 2, 3)}
        assert _differences(before, after) == ours
        assert house.cell(1, Field.NOTES).note == "a person's note"

    def test_formulas_of_people_are_read_and_kept(self, house: House) -> None:
        house.person.type(KR, 1, AT[Field.TARGET], Decimal(42), formula="=6*7")
        house.write(write(1, Field.SCORE, Decimal("0.4")))
        assert house.cell(1, Field.TARGET).formula == "=6*7"

    def test_a_formula_can_be_put_back(self, house: House) -> None:
        house.write(CellWrite(1, AT[Field.SCORE], Decimal(42), formula="=6*7"))
        assert house.cell(1, Field.SCORE).formula == "=6*7"
        house.write(write(1, Field.SCORE, Decimal("0.4")))
        cell = house.cell(1, Field.SCORE)
        assert (cell.value, cell.formula) == (Decimal("0.4"), None)

    def test_notes_are_set_changed_and_taken_away(self, house: House) -> None:
        house.write(write(1, Field.SCORE, Decimal("0.4"), note="kept since 20 Nov"))
        assert house.cell(1, Field.SCORE).note == "kept since 20 Nov"
        house.write(write(1, Field.SCORE, Decimal("0.5")))
        assert house.cell(1, Field.SCORE).note == "kept since 20 Nov"
        house.write(write(1, Field.SCORE, Decimal("0.5"), note="kept since\n21 Nov <&>"))
        assert house.cell(1, Field.SCORE).note == "kept since\n21 Nov <&>"
        house.write(write(1, Field.SCORE, Decimal("0.5"), note=""))
        cell = house.cell(1, Field.SCORE)
        assert (cell.note, cell.value) == (None, Decimal("0.5"))

    def test_a_note_alone_leaves_the_value(self, house: House) -> None:
        house.person.type(KR, 1, AT[Field.SCORE], Decimal("0.9"))
        house.write(write(1, Field.SCORE, None, note="kept", note_only=True))
        cell = house.cell(1, Field.SCORE)
        assert (cell.value, cell.note) == (Decimal("0.9"), "kept")

    # The rest of a batch

    def test_the_ledger_keeps_head_heartbeat_and_lines(self, house: House) -> None:
        lines = (LedgerLine(1, "Key Results|2026-Q4|A", '{"a":"ü"}'), LedgerLine(3, "Key Results|2026-Q4|B", "{}"))
        house.write(head='{"v":1,"rev":7}', ledger=lines)
        head, first, second, third = house.tab(LEDGER).cells[:4]
        assert head[1].value == '{"v":1,"rev":7}'
        assert datetime.fromisoformat(str(head[3].value)) == NOW
        assert [cell.value for cell in first] == ["Key Results|2026-Q4|A", '{"a":"ü"}']
        assert not [cell for cell in second if cell.value]
        assert [cell.value for cell in third] == ["Key Results|2026-Q4|B", "{}"]
        house.write(ledger=(LedgerLine(3, "", ""),))
        assert house.tab(LEDGER).used_rows == 2

    def test_a_heartbeat_changes_the_first_line_of_the_ledger_and_nothing_else(self, house: House) -> None:
        house.write(write(1, Field.SCORE, Decimal("0.4")))
        before = house.read()
        ledger = before.find_tab(LEDGER)
        assert ledger is not None
        later = NOW.replace(day=23)
        house.store.apply_batch(Batch(ledger.tab_id, later, sheet_revision=before.revision))
        assert _differences(before, house.read()) == {(LEDGER, 0, 2), (LEDGER, 0, 3)}
        assert datetime.fromisoformat(str(house.cell(0, 3, LEDGER).value)) == later

    def test_rows_are_added_below_the_last(self, house: House) -> None:
        for number in range(2):
            raw = house.read()
            runs = raw.find_tab(Tab.RUNS.value)
            assert runs is not None
            rows = tuple((f"r{number}", date(2026, 11, 22), Decimal(at)) for at in range(3))
            house.store.apply_batch(house.batch(raw, appends=(Append(runs.tab_id, rows),)))
        tab = house.tab(Tab.RUNS.value)
        assert [row[0].value for row in tab.cells[1:]] == ["r0"] * 3 + ["r1"] * 3
        assert [row[1].value for row in tab.cells[1:]] == [date(2026, 11, 22)] * 6
        assert [row[2].value for row in tab.cells[1:]] == [Decimal(at) for at in (0, 1, 2, 0, 1, 2)]

    @settings(
        max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
    )
    @given(rows=st.lists(DRAWN_ROWS, max_size=5))
    def test_what_is_drawn_reads_back_as_ours(self, house: House, rows: list[tuple[Draw | None, ...]]) -> None:
        drawing = Drawing((80, 80, 80), tuple(rows))
        house.write(drawings=((house.tab(Tab.DASHBOARD.value).tab_id, drawing),))
        assert find_drift(house.tab(Tab.DASHBOARD.value), fingerprint(drawing)) == ()

    def test_what_a_person_left_on_a_drawing_is_found(self, house: House) -> None:
        title = Tab.DASHBOARD.value
        for row, column, value in ((1, 2, "call Maya"), (2, 1, "Points"), (2, 2, Decimal("0.63")), (5, 0, Decimal(7))):
            house.person.type(title, row, column, value)
        assert find_drift(house.tab(title), fingerprint(DASHBOARD)) == (
            ("C2", "call Maya"),
            ("B3", "Points · 0.63"),
            ("A6", "7"),
        )

    # Charts

    def test_charts_are_made_with_the_tab_and_told_what_they_show(self, house: House) -> None:
        tab = house.tab(Tab.DASHBOARD.value)
        assert tab.charts == {chart.name: chart.told for chart in blank_charts()}
        told = tuple(replace(chart, told=f"Ü & <{chart.name}>", bottom=3) for chart in DASHBOARD.charts)
        house.write(drawings=((tab.tab_id, replace(DASHBOARD, charts=told)),))
        assert house.tab(Tab.DASHBOARD.value).charts == {chart.name: chart.told for chart in told}

    def test_a_chart_that_isnt_there_is_made_by_layout_alone(self, house: House) -> None:
        tab = house.tab(Tab.DASHBOARD.value)
        house.person.delete_chart(Tab.DASHBOARD.value, ChartName.SCORES)
        house.write(drawings=((tab.tab_id, DASHBOARD),))
        assert list(house.tab(Tab.DASHBOARD.value).charts) == [ChartName.COURSE]
        assert house.store.prepare(make_wish()).repairs == ("charts of Dashboard",)
        assert sorted(house.tab(Tab.DASHBOARD.value).charts) == sorted(ChartName)
        assert house.store.prepare(make_wish()).is_nothing

    # What a drawing replaces

    def test_what_stood_on_a_tab_before_it_was_drawn_anew_is_in_the_receipt(self, house: House) -> None:
        raw, title = house.read(), Tab.DASHBOARD.value
        board = house.tab(title)
        house.person.type(title, 1, 1, "typed meanwhile")
        batch = house.batch(raw, write(1, Field.SCORE, Decimal("0.4")), drawings=((board.tab_id, DASHBOARD),))
        try:
            receipt = house.store.apply_batch(batch)
        except SheetBusy:
            return  # a file that changed meanwhile isn't written at all
        before = replace(board, cells=receipt.drawn_over[board.tab_id])
        assert find_drift(before, fingerprint(DASHBOARD)) == (("B2", "typed meanwhile"),)
        assert check_receipt(batch, receipt, {tab.tab_id: tab.cells for tab in raw.tabs}) == ()

    def test_rows_far_below_the_last_one_can_be_written(self, house: House) -> None:
        house.write(write(150, Field.KR_ID, "NEW-1"), write(150, Field.TARGET, Decimal("0.6"), is_percent=True))
        assert house.cell(150, Field.KR_ID).shown == "NEW-1"
        assert house.cell(150, Field.TARGET).is_percent
        house.write(write(151, Field.KR_ID, "NEW-2"))
        assert house.cell(151, Field.KR_ID).shown == "NEW-2"

    def test_a_tab_can_be_added_and_taken_back(self, house: House) -> None:
        drawing = Drawing(
            (90, 200), ((Draw("2026-Q3 closed", Style.TITLE, span=2),), (Draw(Decimal("0.4"), Style.SCORE),))
        )
        added = AddedTab(77_001, "2026-Q3 closed", drawing)
        house.write(write(1, Field.SCORE, Decimal("0.4")), added=(added,))
        assert added.title in house.store.fetch_titles()
        found = house.store.fetch_sheet([added.title]).tabs[0]
        assert [row[0].value for row in found.cells] == ["2026-Q3 closed", Decimal("0.4")]
        assert house.cell(1, Field.SCORE).value == Decimal("0.4")
        titles = set(house.store.fetch_titles())
        house.write(write(1, Field.SCORE, None), dropped=(added,))
        assert titles - set(house.store.fetch_titles()) == {added.title}

    def test_a_drawing_replaces_the_one_before(self, house: House) -> None:
        tab = house.tab(Tab.DASHBOARD.value)
        assert tab.cells[2][2].note == "of 1"
        assert tab.cells[3][1].value == date(2026, 11, 22)
        assert [tuple(merge) for merge in tab.merges] == [(0, 1, 0, 2)]
        house.write(drawings=((tab.tab_id, Drawing((80,), ((Draw("new"),),))),))
        tab = house.tab(Tab.DASHBOARD.value)
        assert [[(cell.value, cell.note) for cell in row] for row in tab.cells] == [[("new", None)]]
        assert tab.merges == ()

    def test_a_drawing_leaves_a_checkbox_as_people_left_it_and_a_batch_unticks_it(self, house: House) -> None:
        title, tab_id = Tab.DASHBOARD.value, house.tab(Tab.DASHBOARD.value).tab_id
        box = Draw(value=False, note="tick me", keeps=True)
        for text, stays in (("one", False), ("two", True)):
            house.write(
                drawings=((tab_id, Drawing((80, 80), ((Draw(text),), (Draw("beside"), box), (Draw("last"),)))),)
            )
            rows = house.tab(title).cells
            assert [row[0].value for row in rows] == [text, "beside", "last"]
            assert (bool(rows[1][1].value), rows[1][1].note) == (stays, "tick me")
            house.person.type(title, 1, 1, True)
        spot = Spot(tab_id, 1, 1)
        house.write(unticked=(spot,))
        assert (house.tab(title).cells[1][1].value, house.tab(title).cells[1][1].note) == (False, "tick me")
        house.person.type(title, 1, 1, True)
        house.write(drawings=((tab_id, Drawing((80, 80), ((Draw("three"),), (None, box)))),), unticked=(spot,))
        rows = house.tab(title).cells
        assert (rows[0][0].value, rows[1][1].value, len(rows)) == ("three", False, 2)

    # Links

    def test_a_link_comes_with_its_text_and_goes_with_it(self, house: House) -> None:
        jql, base = "https://acme.example/issues/?jql=a%20%3D%20%22%26%22", "https://air.example/appX"

        def links() -> list[str | None]:
            return [house.person.link(KR, row, AT[Field.SOURCE]) for row in (1, 2, 3)]

        house.write(
            write(1, Field.SOURCE, "jira: a", link=jql),
            write(2, Field.SOURCE, "jira: a", link=jql),
            write(3, Field.SOURCE, "typed by people", link=""),
        )
        assert links() == [jql, jql, None]
        assert [house.cell(row, Field.SOURCE).value for row in (1, 2)] == ["jira: a", "jira: a"]
        house.write(write(1, Field.SOURCE, "airtable: b", link=base), write(1, Field.SCORE, Decimal(1)))
        assert links() == [base, jql, None]
        house.write(write(2, Field.SOURCE, "typed by people", link=""))
        assert links() == [base, None, None]
        assert house.store.prepare(make_wish()).is_nothing

    # Two who write at once

    def test_of_two_overlapping_runs_one_wins_and_the_other_wrote_nothing(self, house: House) -> None:
        raw = house.read()
        first = house.batch(raw, write(1, Field.SCORE, Decimal("0.1")))
        second = house.batch(raw, write(1, Field.SCORE, Decimal("0.9")), write(2, Field.SCORE, Decimal("0.9")))
        house.store.apply_batch(first)
        between = house.read()
        with pytest.raises(SheetBusy):
            house.store.apply_batch(second)
        assert _differences(between, house.read()) == set()
        house.write(write(1, Field.SCORE, Decimal("0.9")))
        assert house.cell(1, Field.SCORE).value == Decimal("0.9")

    def test_what_a_person_types_between_read_and_write_is_never_lost_unseen(self, house: House) -> None:
        house.person.type(KR, 1, 0, "WEB-1.1")
        raw = house.read()
        batch = house.batch(raw, write(1, Field.SCORE, Decimal("0.4"), row_id="WEB-1.1"))

        def act() -> None:
            house.person.type(KR, 1, AT[Field.SCORE], Decimal("0.77"))

        if house.between is None:
            act()
        else:
            house.between(act)
        try:
            receipt = house.store.apply_batch(batch)
        except SheetBusy:
            assert house.cell(1, Field.SCORE).value == Decimal("0.77")
        else:
            (missed,) = check_receipt(batch, receipt, {tab.tab_id: tab.cells for tab in raw.tabs})
            assert missed.before is not None
            assert missed.before.value == Decimal("0.77")

    # Layout

    def test_tabs_have_their_headers_with_notes_and_the_ledger_is_hidden(self, house: House) -> None:
        raw = house.read()
        for tab, columns in COLUMNS.items():
            found = raw.find_tab(title_of(tab))
            assert found is not None
            assert [cell.shown for cell in found.cells[0]] == [column.header for column in columns]
            assert [cell.note or "" for cell in found.cells[0]] == [column.note for column in columns]
        ledger = raw.find_tab(LEDGER)
        assert ledger is not None
        assert ledger.hidden
        assert ledger.cells[0][1].value == '{"v":1}'

    def test_layout_made_twice_makes_nothing(self, house: House) -> None:
        before = house.read()
        assert house.store.prepare(make_wish()).is_nothing
        assert _differences(before, house.read()) == set()

    def test_the_titles_of_all_tabs_are_known_without_a_cell(self, house: House) -> None:
        titles = house.store.fetch_titles()
        assert {KR, LEDGER, Tab.OBJECTIVES.value, Tab.RUNS.value} <= set(titles)
        whole = house.store.fetch_sheet(titles)
        assert ({tab.title for tab in whole.tabs}, whole.others) == (set(titles), ())

    def test_an_older_layout_is_brought_up_to_date_once_and_under_a_new_guard(self, house: House) -> None:
        house.person.note(KR, 0, AT[Field.TARGET], "Ours: ask finance")
        house.person.note(KR, 0, AT[Field.OWNER], "")
        raw = house.read()
        guard = tuple(tab.tab_id for title in GUARD_TITLES if (tab := raw.find_tab(title)))
        migration = Migration(1, '{"v":1}', guard)
        wish = replace(make_wish(), head='{"v":1,"rev":1}', guard=(961, 962, 963), migration=migration)
        house.store.prepare(wish)
        ledger = house.tab(LEDGER).cells
        assert ledger[0][1].value == '{"v":1,"rev":1}'
        assert house.cell(0, Field.TARGET).note == "Ours: ask finance"
        found = tuple(tab.tab_id for title in GUARD_TITLES if (tab := house.read().find_tab(title)))
        assert found == ((961, 962, 963) if guard else ())
        assert house.store.prepare(make_wish()).is_nothing

    def test_tabs_that_do_not_exist_are_left_out(self, house: House) -> None:
        raw = house.store.fetch_sheet([KR, "No such tab"], ["Nor this"])
        assert [tab.title for tab in raw.tabs] == [KR]
        assert Tab.RUNS.value in house.store.fetch_sheet(["No such tab"]).others

    # Leaving

    def test_leaving_takes_ours_out_and_leaves_values_and_what_people_have(self, house: House) -> None:
        house.person.type(KR, 1, AT[Field.KR_ID], "WEB-1.1")
        house.write(write(1, Field.SCORE, Decimal("0.5"), note="ours"), write(1, Field.WHY, "because"))
        house.person.note(KR, 1, AT[Field.KR_ID], "mine")
        before = [[(cell.value, cell.formula) for cell in row] for row in house.tab().cells]
        dashboard = house.tab("Dashboard").cells
        removed = house.store.leave(LEAVING)
        assert LEDGER in removed.tabs
        assert removed.notes >= 1
        raw = house.read()
        assert {tab.title for tab in raw.tabs} == {title_of(tab) for tab in Tab if tab is not Tab.LEDGER}
        assert [[(cell.value, cell.formula) for cell in row] for row in house.tab().cells] == before
        assert house.tab("Dashboard").cells == dashboard
        assert house.cell(1, Field.SCORE).note is None
        assert house.cell(1, Field.KR_ID).note == "mine"
        assert not house.tab().markers

    def test_leaving_twice_is_once(self, house: House) -> None:
        house.store.leave(LEAVING)
        before = house.read()
        assert house.store.leave(LEAVING).is_nothing
        assert house.read().tabs == before.tabs

    def test_whole_tabs_go_when_they_are_named(self, house: House) -> None:
        removed = house.store.leave(replace(LEAVING, drop=(*LEAVING.drop, "Dashboard", title_of(Tab.HISTORY))))
        assert {"Dashboard", title_of(Tab.HISTORY)} <= set(removed.tabs)
        left = {tab.title for tab in house.read().tabs}
        assert left == {title_of(tab) for tab in Tab} - {LEDGER, "Dashboard", title_of(Tab.HISTORY)}

    def test_a_column_that_people_deleted_comes_back_by_layout_and_not_by_a_run(self, house: House) -> None:
        house.person.delete_column(KR, AT[Field.WHY])
        for repairs, columns in ((False, ()), (True, ("Why",)), (True, ())):
            assert house.store.prepare(replace(make_wish(), repairs=repairs)).columns == columns

    def test_what_was_left_can_be_prepared_anew(self, house: House) -> None:
        house.write(write(1, Field.SCORE, Decimal("0.5")))
        house.person.note(KR, 0, AT[Field.TARGET], "Ours: ask finance")
        before = [cell.note for cell in house.tab().cells[0]]
        headers = {column.note for column in COLUMNS[Tab.KEY_RESULTS]}
        house.store.leave(replace(LEAVING, notes=LEAVING.notes | headers))
        assert {cell.note for cell in house.tab().cells[0]} == {None, "Ours: ask finance"}
        made = house.store.prepare(make_wish())
        assert [cell.note for cell in house.tab().cells[0]] == before
        assert LEDGER in made.tabs
        assert made.columns == ()
        assert house.cell(1, Field.SCORE).value == Decimal("0.5")
        house.write(write(1, Field.SCORE, Decimal("0.6")))
        assert house.cell(1, Field.SCORE).value == Decimal("0.6")


def _differences(before: RawSheet, after: RawSheet) -> set[tuple[str, int, int]]:
    """Where two reads differ: title, row, column. Guard tabs don't count."""
    first, second = _cells(before), _cells(after)
    return {at for at in first.keys() | second.keys() if first.get(at, EMPTY) != second.get(at, EMPTY)}


def _cells(raw: RawSheet) -> dict[tuple[str, int, int], Cell]:
    return {
        (tab.title, row, column): cell
        for tab in raw.tabs
        if tab.title not in GUARD_TITLES
        for row, cells in enumerate(tab.cells)
        for column, cell in enumerate(cells)
    }
