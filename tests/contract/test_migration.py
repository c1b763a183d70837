"""A sheet that version 1 laid and people lived in gets what is new in one write, and keeps what is theirs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import openpyxl
import pytest
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from sandbox.google import GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.google_person import OWNER
from sandbox.server import Server
from sync.sheet import google_layout
from sync.sheet.cell import Cell, column_letters
from sync.sheet.columns import COLUMNS
from sync.sheet.growth import GIFTS, Worn, find_gifts, find_given
from sync.sheet.layout import LAYOUT_VERSION, Column, Field, Role, Tab
from sync.sheet.store import RawSheet, Store
from sync.sheet.wish import LayoutWish, Migration, Prepared
from sync.sheet.workbook import WorkbookStore
from tests.contract.google_stand_in import Sheet, TypedPerson, open_sheet
from tests.contract.store_contract import GUARD_TITLES, KR, make_wish, title_of
from tests.contract.test_store_workbook import Colleague

LATER = (Field.NOTES, Field.NEXT_STEP)
"""Columns of people's that version 1 didn't have, for these tests."""

THEIRS = "Goal\nas agreed in March"


def as_version_1(column: Column) -> Column:
    """A column as the first layout had it: its choices stood nowhere, and only the machine's had notes."""
    note = "" if column.role is Role.PERSON else column.note
    return replace(column, note=note, choices=() if column.role is Role.PERSON else column.choices, is_person=False)


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's declaration, in which two columns are newer than version 1."""
    columns = COLUMNS[Tab.KEY_RESULTS]
    newer = tuple(replace(each, since=2) if each.field in LATER else each for each in columns)
    monkeypatch.setitem(COLUMNS, Tab.KEY_RESULTS, newer)


def lay_version_1(store: Store) -> None:
    """What the engine of then would have made."""
    with pytest.MonkeyPatch.context() as then:
        for tab, columns in COLUMNS.items():
            then.setitem(COLUMNS, tab, tuple(as_version_1(each) for each in columns if each.since == 1))
        store.prepare(make_wish())


class Hand(Protocol):
    """Somebody in the sheet, and what can be seen there."""

    store: Store

    def live_in(self) -> None: ...
    def choices(self, at: int) -> str: ...
    def code(self, at: int) -> str: ...
    def picture(self) -> Any: ...


@dataclass
class Browser:
    """A person in the browser."""

    sheet: Sheet

    @property
    def store(self) -> Store:
        return self.sheet.store

    def live_in(self) -> None:
        person, at = self.sheet.person, places(self.store)
        type_rows(TypedPerson(self.sheet.document), at)
        tab = self.sheet.document.titled(KR)
        assert tab is not None
        area = {"sheetId": tab.id, "startRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 3}
        rule = {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": '=$A2="WEB-9"'}]}}
        mine = {"ranges": [area], "booleanRule": rule | {"format": {"textFormat": {"bold": True}}}}
        words = [{"userEnteredValue": word} for word in ("must", "may")]
        own = {"condition": {"type": "ONE_OF_LIST", "values": words}, "strict": True}
        plain = {"range": column_area(tab.id, at[Field.DUE]), "cell": {}, "fields": "userEnteredFormat"}
        day = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}}
        iso = {"range": column_area(tab.id, at[Field.START]), "cell": day, "fields": "userEnteredFormat.numberFormat"}
        requests = [
            {"addConditionalFormatRule": {"index": 0, "rule": mine}},
            {"setDataValidation": {"range": column_area(tab.id, at[Field.COMMITMENT], 3), "rule": own}},
            {"repeatCell": plain},
            {"repeatCell": iso},
        ]
        apply_batch(self.sheet.document, OWNER, {"requests": requests})
        person.move_column(KR, at[Field.OWNER], at[Field.TARGET])

    def choices(self, at: int) -> str:
        condition = (self._cell(1, at).rule or {}).get("condition", {})
        return ",".join(value["userEnteredValue"] for value in condition.get("values", ()))

    def code(self, at: int) -> str:
        return str(((self._cell(5, at).form or {}).get("numberFormat") or {}).get("pattern", ""))

    def _cell(self, row: int, at: int) -> Any:
        tab = self.sheet.document.titled(KR)
        assert tab is not None
        return tab.cell(row, at)

    def picture(self) -> Any:
        return {
            (tab.title, row, at): cell
            for tab, row, at, cell in self.sheet.document.cells()
            if not tab.title.startswith("_okr_sync")
        }


def column_area(tab_id: int, at: int, end: int | None = None) -> dict[str, int]:
    area = {"sheetId": tab_id, "startRowIndex": 1, "startColumnIndex": at, "endColumnIndex": at + 1}
    return area | ({"endRowIndex": end} if end else {})


@dataclass
class Desk:
    """A person with another program."""

    store: Store
    path: Path

    def live_in(self) -> None:
        at = places(self.store)
        type_rows(Colleague(self.path), at)
        book = openpyxl.load_workbook(self.path)
        tab = book[KR]
        mine = FormulaRule(formula=['$A2="WEB-9"'], font=Font(b=True))
        tab.conditional_formatting.add("A2:C99", mine)
        own = DataValidation(type="list", formula1='"must,may"')
        letters = column_letters(at[Field.COMMITMENT])
        own.add(f"{letters}2:{letters}3")
        tab.add_data_validation(own)
        del tab.column_dimensions[column_letters(at[Field.DUE])]
        tab.column_dimensions[column_letters(at[Field.START])].number_format = "yyyy-mm-dd"
        book.save(self.path)

    def choices(self, at: int) -> str:
        letters = column_letters(at)
        rules = openpyxl.load_workbook(self.path)[KR].data_validations.dataValidation
        found = [rule for rule in rules if any(str(area).startswith(f"{letters}2") for area in rule.sqref.ranges)]
        return ",".join(str(rule.formula1).strip('"') for rule in found)

    def code(self, at: int) -> str:
        return str(openpyxl.load_workbook(self.path)[KR].column_dimensions[column_letters(at)].number_format)

    def picture(self) -> Any:
        return self.path.read_bytes()


@pytest.fixture(scope="module")
def service() -> Iterator[GoogleSheets]:
    service = GoogleSheets()
    with pytest.MonkeyPatch.context() as patch, Server(service):
        patch.setattr(google_layout, "ROWS", 40)
        yield service


@pytest.fixture(params=["google", "workbook"])
def hand(request: pytest.FixtureRequest, service: GoogleSheets, declared: None, tmp_path: Path) -> Hand:
    path = tmp_path / "okrs.xlsx"
    found: Hand = Browser(open_sheet(service)) if request.param == "google" else Desk(WorkbookStore(path), path)
    lay_version_1(found.store)
    found.live_in()
    return found


def read(store: Store) -> RawSheet:
    return store.fetch_sheet([title_of(tab) for tab in Tab], GUARD_TITLES)


def header(store: Store) -> list[tuple[str, str | None]]:
    tab = read(store).find_tab(KR)
    assert tab is not None
    return [(cell.shown, cell.note) for cell in tab.cells[0]]


def places(store: Store) -> dict[Field, int]:
    titles = [shown for shown, _ in header(store)]
    return {each.field: titles.index(each.header) for each in COLUMNS[Tab.KEY_RESULTS] if each.header in titles}


def type_rows(person: TypedPerson | Colleague, at: dict[Field, int]) -> None:
    for row in range(1, 4):
        person.type(KR, row, at[Field.KR_ID], f"WEB-1.{row}")
        person.type(KR, row, at[Field.OWNER], "Maya")
    person.note(KR, 0, at[Field.TARGET], THEIRS)
    person.note(KR, 2, at[Field.OWNER], "on leave until May")


def migrating(store: Store) -> LayoutWish:
    guard = tuple(tab.tab_id for title in GUARD_TITLES if (tab := read(store).find_tab(title)))
    return replace(make_wish(), head='{"v":1,"rev":1}', guard=(961, 962, 963), migration=Migration(1, '{"v":1}', guard))


def values(store: Store) -> dict[str, list[list[Any]]]:
    return {
        tab.title: [[(cell.value, cell.formula) for cell in row] for row in tab.cells]
        for tab in read(store).tabs
        if tab.title not in (*GUARD_TITLES, Tab.LEDGER.value)
    }


def test_what_the_declaration_has_and_the_sheet_lacks_comes_in_one_write(hand: Hand) -> None:
    made = hand.store.prepare(migrating(hand.store))
    assert made.columns == ("Next step", "Notes")
    assert f"the layout, from version 1 to {LAYOUT_VERSION}" in made.repairs
    at, notes = places(hand.store), dict(header(hand.store))
    for column in COLUMNS[Tab.KEY_RESULTS]:
        expected = THEIRS if column.field is Field.TARGET else column.note
        assert notes[column.header] == expected, column.header
    assert hand.choices(at[Field.KIND]).startswith("Increase,Decrease")
    assert "People" in hand.choices(at[Field.OWNER])
    assert hand.code(at[Field.DUE]) == "d mmm yyyy"
    assert hand.code(at[Field.SCORE]) == "0.00"


def test_what_people_have_stays(hand: Hand) -> None:
    before = values(hand.store)
    at = places(hand.store)
    hand.store.prepare(migrating(hand.store))
    after = values(hand.store)
    width = len(before[KR][0])
    assert [row[:width] for row in after[KR]] == before[KR]
    assert {title: rows for title, rows in after.items() if title != KR} == {
        title: rows for title, rows in before.items() if title != KR
    }
    assert places(hand.store).items() >= at.items()
    assert hand.choices(at[Field.COMMITMENT]) == "must,may"
    assert hand.code(at[Field.START]) == "yyyy-mm-dd"
    tab = read(hand.store).find_tab(KR)
    assert tab is not None
    assert tab.cells[2][at[Field.OWNER]].note == "on leave until May"


def test_layout_again_writes_nothing(hand: Hand) -> None:
    hand.store.prepare(migrating(hand.store))
    before = hand.picture()
    assert hand.store.prepare(make_wish()) == Prepared()
    assert hand.picture() == before


def test_a_list_that_somebody_deleted_since_does_not_come_back(hand: Hand) -> None:
    """From version 2 on the choice was offered: only what is newer comes."""
    wish = migrating(hand.store)
    assert wish.migration is not None
    made = hand.store.prepare(replace(wish, migration=replace(wish.migration, version=3)))
    assert made.columns == ()
    assert hand.choices(places(hand.store)[Field.KIND]) == ""


def test_a_tab_of_people_s_own_gets_nothing_in_its_own_columns(service: GoogleSheets, declared: None) -> None:
    sheet = open_sheet(service)
    person = TypedPerson(sheet.document)
    apply_batch(sheet.document, OWNER, {"requests": [{"addSheet": {"properties": {"title": KR}}}]})
    for at, text in enumerate(("KR ID", "Key result", "Owner", "Target", "Objective ID")):
        person.type(KR, 0, at, text)
        person.type(KR, 1, at, text[:3])
    lay_version_1(sheet.store)
    sheet.store.prepare(migrating(sheet.store))
    assert [note for _, note in header(sheet.store)][:5] == [None] * 5
    tab = sheet.document.titled(KR)
    assert tab is not None
    assert [tab.cell(1, at).rule for at in range(5)] == [None] * 5
    assert [tab.cell(1, at).form for at in range(5)] == [None] * 5


def test_what_is_declared_as_new_is_new_in_some_version() -> None:
    versions = [*GIFTS, *(column.since for columns in COLUMNS.values() for column in columns)]
    assert max(versions) <= LAYOUT_VERSION
    assert find_gifts(LAYOUT_VERSION) == frozenset()


def test_a_lower_line_of_headers_may_be_shorter_than_the_upper_one():
    """Of two lines, a column may be headed in the upper one alone; nothing of it was laid by us."""
    columns = {Field.KEY_RESULT: 0, Field.OWNER: 3}
    given = list(find_given(Tab.KEY_RESULTS, columns, (Cell("KR", "KR"),), Worn(), find_gifts(0)))
    assert given == []
