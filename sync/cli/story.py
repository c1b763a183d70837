"""The demo: two weeks of Acme's OKRs in a minute, on the stand-ins, in a Google sheet and in a workbook at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.base import Surroundings
from sandbox.acme import AIRTABLE_TOKEN, JIRA_TOKEN, TIMEZONE, acme_config, acme_cycle, acme_mappings, acme_sheet
from sandbox.airtable import Airtable
from sandbox.clock import Clock
from sandbox.google import PERSON, ROBOT, GoogleSheets
from sandbox.google_document import Document
from sandbox.jira import Jira
from sandbox.page import render_page
from sandbox.person_workbook import WorkbookPerson
from sandbox.server import Server
from sandbox.wire import Fault
from sandbox.world import World, make_acme
from sync.engine import Engine
from sync.opening import open_engine
from sync.plan import Plan
from sync.prepare import prepare_sheet
from sync.run import RunReport, RunWishes, apply_run, preview

MORNING = time(7, 30)
KEY_RESULTS = "Key Results"
CHECK_INS = "Check-ins"
STORES = ("google", "workbook")


@dataclass(slots=True)
class Stage:
    """The stand-ins, their clock, and the folder with Acme's files. ``today`` is the world's last day."""

    folder: Path
    today: date
    clock: Clock
    world: World
    jira: Jira
    airtable: Airtable
    google: GoogleSheets
    document: Document
    environ: Mapping[str, str] = field(
        default_factory=lambda: {"JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    )

    def set_day(self, days_before: int) -> date:
        """Move the world to the morning of a day before the last one."""
        day = self.today - timedelta(days=days_before)
        self.clock.set(datetime.combine(day, MORNING, ZoneInfo(TIMEZONE)))
        return day

    def open(self, store: str) -> Engine:
        """The engine of one of the two sheets, living in the world's time: nobody really waits."""
        around = Surroundings(self.clock.now, self.clock.sleep, self.clock.seconds)
        return open_engine(self.folder / f"config-{store}.yaml", environ=self.environ, around=around)

    def run(self, store: str) -> RunReport:
        """One nightly run."""
        return apply_run(self.open(store), RunWishes())

    def plan(self, store: str) -> Plan:
        """What a run would write."""
        return preview(self.open(store), RunWishes())

    @property
    def workbook(self) -> Path:
        """The workbook's file."""
        return self.folder / "Acme OKRs.xlsx"


@contextmanager
def open_stage(folder: Path, today: date) -> Iterator[Stage]:
    """The stand-ins with Acme's world, and its files in an emptied folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clock = Clock(datetime.combine(today, MORNING, ZoneInfo(TIMEZONE)))
    world = make_acme(clock, today)
    google = GoogleSheets(clock=clock)
    jira, airtable = Jira(world.jira), Airtable(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=clock)
    with Server(jira, airtable, google):
        document = google.create("Acme OKRs", shared_with=[ROBOT, PERSON], timezone=TIMEZONE)
        stage = Stage(folder, today, clock, world, jira, airtable, google, document)
        write_files(stage)
        yield stage


def write_files(stage: Stage) -> None:
    """Acme's configs, one per sheet, its mappings, the sandbox's key, and a client by which a person signs in."""
    key, client = stage.folder / "service-account.json", stage.folder / "oauth-client.json"
    for path, info in ((key, stage.google.service_account()), (client, stage.google.oauth_client())):
        path.touch(mode=0o600)
        path.write_text(json.dumps(info, indent=2))
    reference = {"google": stage.document.id, "credentials": f"file:{key.name}", "endpoint": stage.google.url}
    sheets: dict[str, dict[str, str]] = {"google": reference, "workbook": {"workbook": stage.workbook.name}}
    for store, sheet in sheets.items():
        text = acme_config(stage.today, sheet=sheet, jira_url=stage.jira.url, airtable_url=stage.airtable.url)
        (stage.folder / f"config-{store}.yaml").write_text(text, encoding="utf-8")
    (stage.folder / "mappings").mkdir()
    for name, text in acme_mappings(stage.today).items():
        (stage.folder / "mappings" / name).write_text(text, encoding="utf-8")


def lay_out(stage: Stage) -> int:
    """Prepare both sheets; the number of tabs of one."""
    return max(len(prepare_sheet(stage.open(store)).tabs) for store in STORES)


def fill_in(stage: Stage) -> None:
    """Acme's people type their objectives and key results into both sheets."""
    cycle = acme_cycle(stage.today).name
    who, other = stage.google.person(stage.document), WorkbookPerson(stage.workbook)
    for tab, rows in acme_sheet(stage.today).items():
        title = f"{tab} {cycle}" if tab == CHECK_INS else tab
        other.fill(title, rows)
        headers = who.rows(title)[0]
        for number, row in enumerate(rows, start=2):
            for header, text in row.items():
                who.type(title, f"{column_name(headers.index(header))}{number}", text)


def column_name(index: int) -> str:
    """The letters of a column that counts from 0, up to ZZ."""
    high, low = divmod(index, 26)
    return (chr(64 + high) if high else "") + chr(65 + low)


HELD, NOTED = "APP-1.1", "GRO-2.3"
HELD_SCORE, NOTE = "0.8", "Two partner deals are verbally agreed and will be signed this week. Anouk"


def act(stage: Stage) -> list[str]:
    """What people do in the sheets while nobody from okr-sync looks; in words."""
    who, other = stage.google.person(stage.document), WorkbookPerson(stage.workbook)
    who.sort(KEY_RESULTS, "Owner")
    other.sort(KEY_RESULTS, "Owner")
    who.type(KEY_RESULTS, who.address(KEY_RESULTS, HELD, "Score"), HELD_SCORE)
    other.type(KEY_RESULTS, HELD, "Score", HELD_SCORE)
    who.add_note(KEY_RESULTS, who.address(KEY_RESULTS, NOTED, "Status"), NOTE)
    other.add_note(KEY_RESULTS, NOTED, "Status", NOTE)
    who.rename_header(KEY_RESULTS, "Why", "Reason")
    other.rename_header(KEY_RESULTS, "Why", "Reason")
    return [
        "sort the key results by owner",
        "rename the header “Why” to “Reason”",
        f"type {HELD_SCORE} over the Score of {HELD}",
        f"put a note on the Status of {NOTED}",
    ]


def take_jira_away(stage: Stage) -> None:
    """From now on Jira answers every request with 503."""
    stage.jira.faults.add(Fault(kind="status", status=503, times=None))


def save_page(stage: Stage) -> Path:
    """The Google sheet as a browser shows it, in a file of its own."""
    path = stage.folder / "google-sheet.html"
    path.write_text(render_page(stage.document, stage.today), encoding="utf-8")
    return path
