"""A company with a sheet, Jira and Airtable in the sandbox, and somebody who types okr-sync commands."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from connectors.base import Surroundings
from sandbox.acme import AIRTABLE_TOKEN, CRM_BASE, JIRA_EMAIL, JIRA_TOKEN, acme_cycle, acme_sheet
from sandbox.airtable import Airtable
from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets, Person
from sandbox.google_document import Document
from sandbox.jira import Jira
from sandbox.server import Server
from sandbox.world import make_acme
from sync.cli.main import main
from tests.support.still_clock import StillClock

CONFIG = """\
calendar:
  timezone: Europe/Berlin
  cycles:
    {cycle}: {{start: {start}, end: {end}}}
sheet: {{google: {document}, credentials: 'file:key.json', endpoint: '{google}'}}
sources:
  jira: {{kind: jira, url: '{jira}', email: {email}, token: 'env:JIRA_TOKEN'}}
  crm: {{kind: airtable, url: '{airtable}', base: {base}, token: 'env:AIRTABLE_TOKEN'}}
mappings: mappings.yaml
run: {{source_budget: 2s}}
"""
MAPPINGS = """\
key_results:
  WEB-1.1: {jira: 'project = WEB AND labels = top-request', measure: percent_done}
  WEB-2.1: {jira: 'project = WEB AND type = Bug', within: {cycle: created}, measure: count}
  GRO-1.1:
    crm: {table: Deals, where: {Stage: Won, Segment: Hospital}}
    within: {cycle: Closed}
    measure: {sum: Amount EUR}
    scale: 0.001
  GRO-1.2: {crm: {table: Deals, where: {Stage: Won}}, within: {90d: Closed}, measure: {median: Days to close}}
"""
ROWS = {
    "Objectives": ("C-1", "WEB-1", "WEB-2", "GRO-1"),
    "Key Results": ("WEB-1.1", "WEB-2.1", "GRO-1.1", "GRO-1.2", "C-1.3"),
}
KR = "Key Results"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert found["version"] == 1
        return dict(found)


NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
"""The moment in which the whole company lives, on whatever day the tests are run."""


@dataclass
class Services:
    """The three stand-ins, running, with Acme's data."""

    jira: Jira
    airtable: Airtable
    google: GoogleSheets
    today: date

    def reset(self) -> None:
        for service in (self.jira, self.airtable, self.google):
            service.faults.clear()
        self.google.tell_time = self.google.clock.now


@contextmanager
def serving() -> Iterator[Services]:
    clock = Clock(NOW)
    world = make_acme(clock, NOW.date())
    airtable = Airtable(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=clock)
    services = Services(Jira(world.jira), airtable, GoogleSheets(clock=clock), NOW.date())
    with Server(services.jira, services.airtable, services.google):
        yield services


@dataclass
class Company:
    """A folder with config and mappings, a shared spreadsheet, and the commands.

    ``google_ahead`` is how far Google's clock is ahead of this machine's.
    """

    services: Services
    folder: Path
    document: Document
    environ: dict[str, str] = field(default_factory=dict)
    google_ahead: timedelta = timedelta()

    @property
    def person(self) -> Person:
        return self.services.google.person(self.document)

    def write(self, config: str | None = None, mappings: str | None = None, **places: str) -> None:
        """Write the files: a fitting config unless one is given."""
        cycle = acme_cycle(self.services.today)
        facts = {
            "cycle": cycle.name,
            "start": str(cycle.start),
            "end": str(cycle.end),
            "document": self.document.id,
            "google": self.services.google.url,
            "jira": self.services.jira.url,
            "airtable": self.services.airtable.url,
            "email": JIRA_EMAIL,
            "base": CRM_BASE,
        }
        (self.folder / "config.yaml").write_text(config or CONFIG.format(**(facts | places)))
        (self.folder / "mappings.yaml").write_text(MAPPINGS if mappings is None else mappings)
        (self.folder / "key.json").write_text(json.dumps(self.services.google.service_account()))

    def fill(self) -> None:
        """Prepare the sheet and type a few of Acme's rows."""
        assert self.say("layout").code == 0
        for tab, ids in ROWS.items():
            header = self.person.rows(tab)[0]
            rows = [row for row in acme_sheet(self.services.today)[tab] if row[header[0]] in ids]
            for number, row in enumerate(rows, 2):
                for name, text in row.items():
                    if name in header and name not in ("Parent", "Current"):
                        self.person.type(tab, f"{_letters(header.index(name))}{number}", text)
        for id_ in ("WEB-1", "WEB-2", "GRO-1"):
            self.type(id_, "Parent", "C-1", tab="Objectives")
        self.type("C-1.3", "Current", "99.93%")

    def type(self, row: str, column: str, text: str, tab: str = KR) -> None:
        self.person.type(tab, self.person.address(tab, row, column), text)

    def shows(self, row: str, column: str, tab: str = KR) -> str:
        return self.person.text(tab, self.person.address(tab, row, column))

    def machine_cells(self) -> dict[tuple[str, str], str]:
        """What stands in Current, Score and Status of every key result."""
        return {(row, column): self.shows(row, column) for row in ROWS[KR] for column in ("Current", "Score", "Status")}

    def say(self, *words: str, **environ: str) -> Said:
        """Type a command in the company's folder."""
        self.services.google.tell_time = lambda: NOW + self.google_ahead
        secrets = {"JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
        return say(*words, folder=self.folder, environ={**secrets, **self.environ, **environ})


def say(*words: str, folder: Path, environ: Mapping[str, str] | None = None) -> Said:
    """Run the command's own entry point, in a folder."""
    out, err = io.StringIO(), io.StringIO()
    before, log = Path.cwd(), logging.getLogger()
    handlers, level = log.handlers[:], log.level
    code: object = 0
    try:
        os.chdir(folder)
        said = patch.object(sys, "argv", ["okr-sync", *words])
        still = StillClock()
        clock = patch("sync.opening.make_around", lambda: Surroundings(lambda: NOW, still.sleep, still.monotonic))
        with (
            said,
            clock,
            patch.dict(os.environ, {"COLUMNS": "100", **(environ or {})}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            main()
    except SystemExit as stop:
        code = stop.code
    finally:
        os.chdir(before)
        log.handlers[:], log.level = handlers, level
    assert isinstance(code, int)
    return Said(code, out.getvalue(), err.getvalue())


def make_company(services: Services, folder: Path, *, shared: bool = True) -> Company:
    document = services.google.create("Acme OKRs", shared_with=[ROBOT] if shared else [])
    company = Company(services, folder, document)
    company.write()
    return company


def _letters(index: int) -> str:
    return chr(65 + index) if index < 26 else f"A{chr(65 + index - 26)}"
