"""The same machine on the real stores: a workbook that people save with another program, and Google's API."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from connectors.google import open_session
from sandbox.google import GoogleSheets
from sandbox.google_document import Document
from sandbox.server import Server
from sync.sheet import google_layout
from sync.sheet.google import GoogleStore
from sync.sheet.workbook import WorkbookStore
from tests.machine.sheet_machine import CONFIG, SheetMachine
from tests.support.fake_source import World
from tests.support.google_people import GooglePeople
from tests.support.lived_sheet import LivedSheet, open_lived_sheet
from tests.support.workbook_people import WorkbookPeople

FEW = settings(
    max_examples=4,
    stateful_step_count=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
if settings().max_examples > 1000:  # the profile "deep"
    FEW = settings(FEW, max_examples=100, derandomize=False)


class OnAWorkbook(SheetMachine):
    def open(self) -> LivedSheet:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "okrs.xlsx"
        return open_lived_sheet(WorkbookStore(path), WorkbookPeople(path), config=CONFIG)

    def teardown(self) -> None:
        self.folder.cleanup()


def test_on_a_workbook() -> None:
    run_state_machine_as_test(OnAWorkbook, settings=FEW)


@pytest.fixture
def service() -> Iterator[GoogleSheets]:
    """The sandbox; new tabs are shorter than in life, because it draws every formatted cell."""
    service = GoogleSheets()
    with pytest.MonkeyPatch.context() as patch, Server(service):
        patch.setattr(google_layout, "ROWS", 40)
        patch.setattr(google_layout, "LEDGER_SIZE", (40, 4))
        yield service
    assert service.failures == []


def open_google(service: GoogleSheets, world: World, document: Document | None = None) -> LivedSheet:
    """A spreadsheet of the sandbox (a new one), with one client for the engine and one that looks."""
    document = document or service.create("OKRs")
    service.tell_time = lambda: world.now
    around = replace(world.around(), monotonic=lambda: 0.0)
    stores = [GoogleStore(open_session(service.service_account(), around, endpoint=service.url), document.id)
              for _ in range(2)]  # fmt: skip
    return open_lived_sheet(stores[0], GooglePeople(document), world, observer=stores[1], config=CONFIG)


def test_on_google(service: GoogleSheets) -> None:
    class OnGoogle(SheetMachine):
        def open(self) -> LivedSheet:
            return open_google(service, World.with_numbers())

    run_state_machine_as_test(OnGoogle, settings=FEW)
