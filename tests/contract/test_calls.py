"""The promised number of calls to Google, counted at the sandbox's door: for a small company and for a large one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

import pytest

from connectors.google import open_session
from sandbox.google import GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.google_person import OWNER
from sandbox.server import Server
from sync.batches import row_bytes
from sync.engine import Engine
from sync.prepare import prepare_sheet
from sync.run import READ_AGAIN_AFTER, RunReport, RunWishes, apply_run, preview
from sync.sheet import google_layout
from sync.sheet.columns import COLUMNS
from sync.sheet.google import GoogleStore
from sync.sheet.google_cell import make_data
from sync.sheet.layout import Field, Tab
from tests.support.fake_source import World, make_engine, make_mapping_text

READ, WRITE = "GET", "POST batchUpdate"
LIMIT = 2_000_000


@dataclass
class Company:
    """A sheet of so many key results that was synced today."""

    size: int
    service: GoogleSheets
    world: World
    engine: Engine

    def calls(self, run: Callable[[], object]) -> list[str]:
        """The calls to Google in a run, without those for a token."""
        self.service.requests.clear()
        run()
        found = [(each.method, each.path.rpartition(":")[2]) for each in self.service.requests]
        return [READ if method == "GET" else f"{method} {name}" for method, name in found if "token" not in name]

    def sizes(self) -> list[int]:
        """How many bytes each request's body had."""
        return [len(json.dumps(each.body, default=str).encode()) for each in self.service.requests if each.body]

    def run(self) -> RunReport:
        return apply_run(self.engine, RunWishes())

    def move_all(self) -> None:
        self.world.numbers = {name: number + 1 for name, number in self.world.numbers.items()}


def open_company(service: GoogleSheets, size: int) -> Company:
    names = {f"KR-{number}": f"n{number}" for number in range(size)}
    world = World(numbers={name: Decimal(at % 9) for at, name in enumerate(names.values())})
    document = service.create("OKRs")
    service.tell_time = lambda: world.now
    store = GoogleStore(open_session(service.service_account(), world.around(), endpoint=service.url), document.id)
    engine = make_engine(world, store, make_mapping_text(names), more="calendar: {timezone: Europe/Berlin}")
    prepare_sheet(engine)
    columns = [column.field for column in COLUMNS[Tab.KEY_RESULTS]]
    rows = []
    for own_id in names:
        row = {Field.KR_ID: own_id, Field.KEY_RESULT: f"Result {own_id}", Field.BASELINE: Decimal(0)}
        row[Field.TARGET] = Decimal(10)
        rows.append({"values": [make_data(row.get(name), None) for name in columns]})
    tab = next(tab for tab in document.tabs if tab.title == Tab.KEY_RESULTS.value)
    start = {"sheetId": tab.id, "rowIndex": 1, "columnIndex": 0}
    update = {"start": start, "rows": rows, "fields": "userEnteredValue"}
    apply_batch(document, OWNER, {"requests": [{"updateCells": update}]})
    company = Company(size, service, world, engine)
    company.run()
    return company


@pytest.fixture(scope="module", params=[50, 1000])
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    yield from serve(request.param)


@pytest.fixture(scope="module")
def small() -> Iterator[Company]:
    yield from serve(50)


def serve(size: int) -> Iterator[Company]:
    service = GoogleSheets()
    with pytest.MonkeyPatch.context() as patch, Server(service):
        patch.setattr(google_layout, "ROWS", size + 10)
        patch.setattr(google_layout, "LEDGER_SIZE", (size + 10, 4))
        yield open_company(service, size)
    assert service.failures == []


def test_the_same_readings_on_the_same_day(company: Company) -> None:
    assert company.calls(company.run) == [READ, WRITE]
    assert max(company.sizes()) < 1000


def test_something_moved(small: Company) -> None:
    small.world.numbers["n7"] += 1
    assert small.calls(small.run) == [READ, WRITE]


def test_everything_moved(company: Company) -> None:
    company.move_all()
    size = sum(row_bytes(row) for row in preview(company.engine, RunWishes()).rows)
    calls = company.calls(company.run)
    assert calls[0] == READ
    assert set(calls[1:]) == {WRITE}
    assert len(calls) - 1 == ceil(size / LIMIT)
    assert max(company.sizes()) <= LIMIT
    assert len(calls) == 2 or company.size > 50


def test_a_new_day(small: Company) -> None:
    small.world.pass_days()
    calls = small.calls(small.run)
    assert (calls[0], set(calls[1:])) == (READ, {WRITE})
    assert small.calls(small.run) == [READ, WRITE]


def test_long_asking_costs_one_read_more(small: Company) -> None:
    small.world.numbers["n7"] += 1
    small.world.asking_takes = READ_AGAIN_AFTER
    assert small.calls(small.run) == [READ, READ, WRITE]
    small.world.asking_takes = 0


def test_a_number_format_of_a_person_stays_under_a_new_number(small: Company) -> None:
    document = next(iter(small.service.documents.values()))
    tab = next(tab for tab in document.tabs if tab.title == Tab.KEY_RESULTS.value)
    columns = [column.field for column in COLUMNS[Tab.KEY_RESULTS]]
    at = columns.index(Field.CURRENT)
    money = {"type": "CURRENCY", "pattern": '#,##0.00 "€"'}
    area = {"sheetId": tab.id, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": at, "endColumnIndex": at + 1}
    cell = {"userEnteredFormat": {"numberFormat": money}}
    repeat = {"range": area, "cell": cell, "fields": "userEnteredFormat.numberFormat"}
    apply_batch(document, OWNER, {"requests": [{"repeatCell": repeat}]})
    small.world.numbers["n0"] += 1
    small.world.numbers["n1"] += 1
    small.run()
    sheet = small.engine.store.fetch_sheet([Tab.KEY_RESULTS.value]).find_tab(Tab.KEY_RESULTS.value)
    assert sheet is not None
    mine, other = sheet.cells[1][at], sheet.cells[2][at]
    assert mine.value == small.world.numbers["n0"]
    assert (mine.has_own_format, other.has_own_format) == (True, False)


def test_a_plan_only_reads(small: Company) -> None:
    assert small.calls(lambda: preview(small.engine, RunWishes())) == [READ]
