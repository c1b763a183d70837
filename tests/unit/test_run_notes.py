"""People's notes: ours marks a hold where there is none, is written once, and never takes the place of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from sandbox.google import GoogleSheets
from sandbox.server import Server
from sync.row_plan import HOLD_NOTE
from sync.sheet import google_layout
from sync.sheet.cell import column_letters
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from tests.machine.test_stores import open_google
from tests.support.fake_source import World
from tests.support.google_people import GooglePeople
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.memory_people import MemoryPeople
from tests.support.memory_store import MemoryStore

KR = Tab.KEY_RESULTS
A = 1
KEY = RowKey(KR, "2026-Q4", "A")
D = Decimal
MINE = "Finance says 2; ask Ada."


@dataclass
class Noted:
    """A sheet that has run once, with somebody who leaves notes.

    ``attempts_beside``: how many plans a run makes when something is saved that it doesn't write.
    """

    sheet: LivedSheet
    leave: Callable[[Field, str], None]
    attempts_beside: int = 1

    def note(self, name: Field = Field.CURRENT) -> str | None:
        return self.sheet.look().cell(KR, A, self.sheet.at(KR, name)).note or None

    def type(self, number: int | None) -> None:
        self.sheet.type(KR, A, Field.CURRENT, None if number is None else D(number))

    @property
    def is_held(self) -> bool:
        return Field.CURRENT in self.sheet.look().ledger.entries[KEY].holds


def in_memory(*, has_before: bool) -> Noted:
    store = MemoryStore(has_before=has_before)
    sheet = open_lived_sheet(store, MemoryPeople(store), World.with_numbers())

    def leave(name: Field, text: str) -> None:
        store.note(KR, A, sheet.at(KR, name), text)

    return Noted(sheet, leave, 1 if has_before else 2)


def on_google(service: GoogleSheets) -> Noted:
    sheet = open_google(service, World.with_numbers())
    assert isinstance(sheet.people, GooglePeople)
    who = service.person(sheet.people.document)
    return Noted(sheet, lambda name, text: who.add_note(KR, f"{column_letters(sheet.at(KR, name))}{A + 1}", text))


@pytest.fixture(params=["like Google", "like a workbook", "Google"])
def noted(request: pytest.FixtureRequest) -> Iterator[Noted]:
    if request.param != "Google":
        found = in_memory(has_before=request.param == "like Google")
        found.sheet.run()
        yield found
        return
    service = GoogleSheets()
    with pytest.MonkeyPatch.context() as patch, Server(service):
        patch.setattr(google_layout, "ROWS", 40)
        patch.setattr(google_layout, "LEDGER_SIZE", (40, 4))
        found = on_google(service)
        found.sheet.run()
        yield found
    assert service.failures == []


def test_a_hold_gets_our_note_once(noted: Noted) -> None:
    noted.type(2)
    noted.sheet.run_cleanly()
    assert noted.note() == HOLD_NOTE
    noted.leave(Field.CURRENT, MINE)
    noted.sheet.world.pass_days()
    noted.sheet.run_cleanly()
    assert noted.note() == MINE
    noted.leave(Field.CURRENT, "")
    noted.sheet.world.pass_days()
    noted.sheet.run_cleanly()
    assert noted.note() is None
    assert noted.is_held


def test_a_note_that_was_there_stays(noted: Noted) -> None:
    noted.leave(Field.CURRENT, MINE)
    noted.type(2)
    noted.sheet.run_cleanly()
    assert noted.note() == MINE
    noted.type(None)
    noted.sheet.run_cleanly()
    assert (noted.note(), noted.is_held) == (MINE, False)


def test_a_note_that_comes_between_read_and_write_stays(noted: Noted) -> None:
    noted.type(2)
    report = noted.sheet.run(act=lambda: noted.leave(Field.CURRENT, MINE))
    assert report is not None
    assert report.attempts == 2
    assert (noted.note(), noted.is_held) == (MINE, True)
    noted.sheet.run_cleanly()
    assert noted.note() == MINE


def test_a_note_that_takes_the_place_of_ours_while_the_cell_is_handed_back_stays(noted: Noted) -> None:
    noted.type(2)
    noted.sheet.run_cleanly()
    noted.type(None)
    report = noted.sheet.run(act=lambda: noted.leave(Field.CURRENT, MINE))
    assert report is not None
    assert (noted.note(), noted.is_held) == (MINE, False)
    noted.sheet.run_cleanly()
    assert noted.sheet.live(noted.sheet.look(), KEY, A, Field.CURRENT) == 1


def test_value_and_note_typed_while_we_write_stay_both(noted: Noted) -> None:
    noted.sheet.world.numbers["a"] = D(3)

    def work() -> None:
        noted.type(2)
        noted.leave(Field.CURRENT, MINE)

    assert noted.sheet.run(act=work) is not None
    noted.sheet.run_cleanly()
    assert (noted.note(), noted.is_held) == (MINE, True)


def test_a_note_elsewhere_disturbs_nobody(noted: Noted) -> None:
    noted.sheet.world.numbers["a"] = D(3)
    report = noted.sheet.run(act=lambda: noted.leave(Field.WHY, MINE))
    assert report is not None
    assert report.attempts == noted.attempts_beside
    assert noted.note(Field.WHY) == MINE
