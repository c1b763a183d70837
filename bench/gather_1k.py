"""A large company's night from end to end: 600 Jira counts and 400 Airtable measures into a Google Sheet.

The services answer as slowly as real ones and refuse as they do; they are a process of their own. What no program could
beat is computed from what is stated here, and the run is held against it.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.plan_10k import make_rows
from sync.sheet.layout import Field, Tab

if TYPE_CHECKING:
    from sync.engine import Engine

JIRA_SECONDS, AIRTABLE_SECONDS, SHEET_READ_SECONDS, SHEET_WRITE_SECONDS = 0.120, 0.200, 0.250, 0.400
"""What one call takes."""
JIRA_COUNTS, JIRA_DOUBLES, JIRA_THREADS = 600, 60, 4
BASES, TABLES, RECORDS, MEASURES = 2, 20, 2_000, 400
PAGE, CALLS_A_SECOND = 100, 5
"""Airtable's page, and how often a base may be called in any second."""
WRITE_BYTES = 2_000_000
"""What Google advises for one write (developers.google.com/workspace/sheets/api/limits)."""
TIMES = 1.1
"""What is promised: no more than so many times the bound."""

START = datetime(2026, 10, 1, tzinfo=UTC)
STAGES = "ABCDEFGHIJ"
TOKEN = "tok-bench"


@dataclass(frozen=True)
class Night:
    """What a run took, what it asked, and the values that are wrong.

    ``slowness`` are the seconds that the stand-in of Google Sheets took beyond its latencies for what it computes.
    Calls to it come one after the other, so these seconds are no part of ``seconds``.
    """

    seconds: float
    cpu: float
    calls: dict[str, int]
    written: int
    slowness: float
    refused: int
    wrong: int


def lower_bound(written: int) -> float:
    """The seconds that no program can do without, for so many bytes written.

    The sheet says which key results there are, so it is read first, and written last, two megabytes at a time as Google
    advises. In between the slower of the two
    sources counts. A base is called five times in any second, so its last call leaves when all others before it have
    used up their seconds. Jira has no such limit; its counts wait for each other only where calls side by side do.
    """
    calls = TABLES // BASES * ceil(RECORDS / PAGE)
    airtable = ceil(calls / CALLS_A_SECOND) - 1 + AIRTABLE_SECONDS
    jira = ceil((JIRA_COUNTS - JIRA_DOUBLES) / JIRA_THREADS) * JIRA_SECONDS
    return SHEET_READ_SECONDS + max(airtable, jira) + ceil(written / WRITE_BYTES) * SHEET_WRITE_SECONDS


def serve(pipe: Connection) -> None:
    """The other process: the three services. Answers each message with the log of what was asked."""
    from bench.scale import updates
    from sandbox.airtable import Airtable
    from sandbox.google import GoogleSheets
    from sandbox.google_batch import apply_batch
    from sandbox.google_person import OWNER
    from sandbox.jira import Jira
    from sandbox.server import Server

    class Sheets(GoogleSheets):
        def answer(self, request: Any) -> Any:
            started = self.timer()
            fate = super().answer(request)
            self.wait(max(0.0, latency_of(request.method) - (self.timer() - started)))
            return fate

    jira = Jira(_make_site(), latency=JIRA_SECONDS)
    airtable = Airtable(_make_bases(), {TOKEN: None}, limited=True, latency=AIRTABLE_SECONDS)
    sheets = Sheets()
    document = sheets.create("OKRs")
    services = {"jira": jira, "airtable": airtable, "sheet": sheets}
    with Server(*services.values()):
        urls = {name: each.url for name, each in services.items()}
        _warm_up(urls, next(iter(airtable.bases)))
        pipe.send({"urls": urls, "sheet": document.id, "key": sheets.service_account(), "bases": list(airtable.bases)})
        while (order := pipe.recv()) is not None:
            if "cells" in order:
                ids = {tab.title: tab.id for tab in document.tabs}
                apply_batch(document, OWNER, {"requests": list(updates(ids, order["cells"]))})
            log = [
                (
                    name,
                    one.path,
                    one.status,
                    len(json.dumps(one.body, default=str)) if name == "sheet" else 0,
                    max(0.0, one.ended - one.started - latency_of(one.method)) if name == "sheet" else 0.0,
                )
                for name, each in services.items()
                for one in each.requests
            ]
            for each in services.values():
                each.requests.clear()
            pipe.send(log)


def latency_of(method: str) -> float:
    """How long Google Sheets takes for a call."""
    return SHEET_READ_SECONDS if method == "GET" else SHEET_WRITE_SECONDS


def _warm_up(urls: dict[str, str], base: str) -> None:
    """One call of each kind: the stand-ins read their languages' grammars at the first, real services don't."""
    import requests

    deals = {"filterByFormula": "{Stage}='A'", "pageSize": "1"}
    table = f"{urls['airtable']}/v0/{base}/Table 0"
    requests.get(table, params=deals, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
    search = {"jql": "project = WEB AND labels = l1", "maxResults": 1}
    url = f"{urls['jira']}/rest/api/3/search/jql"
    requests.post(url, json=search, auth=("ann@acme.example", TOKEN), timeout=30).raise_for_status()


def _make_site() -> Any:
    from sandbox.clock import Clock
    from sandbox.jira_site import JiraSite

    site = JiraSite(Clock(START + timedelta(days=50)))
    ann = site.add_user("Ann Lee", "ann@acme.example", token=TOKEN).account_id
    site.add_project("WEB", "Web shop", ann)
    for number in range(2_000):
        labels = (f"l{number % (JIRA_COUNTS - JIRA_DOUBLES)}",)
        site.add_issue("WEB", "Task", f"Case {number}", START + timedelta(minutes=number), ann, {"labels": labels})
    return site


def _make_bases() -> list[Any]:
    from sandbox.airtable_base import Base, choices, column, make_id

    found = []
    for number in range(BASES):
        base = Base(make_id("app", number), f"Base {number}")
        for table in range(TABLES // BASES):
            columns = (column("Stage", "singleSelect", **choices(*STAGES)), column("Amount", "number", precision=1))
            made = base.add_table(f"Table {table}", column("Name", "singleLineText"), *columns)
            for row in range(RECORDS):
                cells = {"Name": f"Deal {row}", "Stage": STAGES[row % len(STAGES)], "Amount": Decimal("0.1")}
                made.add(START + timedelta(minutes=row), cells)
        found.append(base)
    return found


def make_mappings() -> tuple[str, dict[str, Decimal]]:
    """The mappings, and what each key result's value has to be."""
    lines, truth = ["key_results:"], {}
    different = JIRA_COUNTS - JIRA_DOUBLES
    for number in range(JIRA_COUNTS):
        label = number % different
        lines.append(f"  J{number}: {{jira: 'project = WEB AND labels = l{label}', measure: count}}")
        truth[f"J{number}"] = Decimal(len(range(label, 2_000, different)))
    for number in range(MEASURES):
        table, kind = number % TABLES, number // TABLES
        stage = f", where: {{Stage: {STAGES[kind % len(STAGES)]}}}" if kind else ""
        measure, value = ("{sum: Amount}", Decimal(RECORDS) / 100) if kind >= len(STAGES) else ("count", RECORDS // 10)
        query = f"{{table: Table {table // BASES}{stage}}}"
        lines.append(f"  A{number}: {{crm{table % BASES}: {query}, measure: {measure}}}")
        truth[f"A{number}"] = Decimal(value if kind else RECORDS)
    return "\n".join(lines) + "\n", truth


def measure_night() -> Night:
    """One whole run: read, ask, plan, write."""
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    child = context.Process(target=serve, args=(other,), daemon=True)
    child.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measure(pipe, Path(folder))
    finally:
        pipe.send(None)
        child.join(20)


def _measure(pipe: Connection, folder: Path) -> Night:
    from sync.prepare import prepare_sheet
    from sync.run import RunWishes, apply_run

    text, truth = make_mappings()
    engine = _make_engine(pipe.recv(), text, folder)
    prepare_sheet(engine)
    pipe.send({"cells": _make_cells(list(truth))})
    pipe.recv()
    started, cpu = time.monotonic(), time.process_time()
    report = apply_run(engine, RunWishes())
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    pipe.send({})
    log = pipe.recv()
    current = {row.key.id: cell.value for row in report.plan.rows for cell in row.cells if cell.field is Field.CURRENT}
    wrong = sum(current.get(id_) != value for id_, value in truth.items())
    asked = Counter(name for name, path, *_ in log if "token" not in path)
    written = sum(size for _, path, _, size, _ in log if "batchUpdate" in path)
    refused = sum(status == 429 for _, _, status, *_ in log)
    slowness = sum(late for *_, late in log)
    return Night(seconds - slowness, cpu, dict(asked), written, slowness, refused, wrong)


def _make_engine(place: dict[str, Any], mappings: str, folder: Path) -> Engine:
    """The project as its files would have it, on the stand-ins."""
    from connectors.base import Surroundings
    from connectors.google import open_session
    from sync.engine import Engine
    from sync.load import load_project
    from sync.sheet.google import GoogleStore

    urls = place["urls"]
    sources = {"jira": {"kind": "jira", "url": urls["jira"], "email": "ann@acme.example", "token": "env:TOKEN"}}
    for number, base in enumerate(place["bases"]):
        sources[f"crm{number}"] = {"kind": "airtable", "base": base, "url": urls["airtable"], "token": "env:TOKEN"}
    config = {"sheet": {"workbook": "okrs.xlsx"}, "sources": sources, "mappings": "mappings.yaml"}
    (folder / "config.yaml").write_text(json.dumps(config))
    (folder / "mappings.yaml").write_text(mappings)
    around = Surroundings(
        now=lambda: START + timedelta(days=50), sleep=time.sleep, monotonic=time.monotonic, folder=folder
    )
    store = GoogleStore(open_session(place["key"], around, endpoint=urls["sheet"]), place["sheet"])
    names = map(str, count())
    return Engine(load_project(folder / "config.yaml"), store, around, {"TOKEN": TOKEN}, lambda _: next(names))


def _make_cells(ids: list[str]) -> dict[str, list[list[Any]]]:
    """One objective with all key results, below the headers that the layout has made."""
    key_results = make_rows(
        Tab.KEY_RESULTS,
        (
            {
                Field.KR_ID: id_,
                Field.KEY_RESULT: f"Key result {id_}",
                Field.OBJECTIVE_ID: "O1",
                Field.BASELINE: Decimal(0),
                Field.TARGET: Decimal(300),
            }
            for id_ in ids
        ),
    )
    objectives = make_rows(Tab.OBJECTIVES, [{Field.OBJECTIVE_ID: "O1", Field.OBJECTIVE: "An objective"}])
    rows = {Tab.OBJECTIVES: objectives, Tab.KEY_RESULTS: key_results}
    return {tab.value: [[cell.value for cell in row] for row in found[1:]] for tab, found in rows.items()}


def render_night(night: Night) -> str:
    """The run beside the bound."""
    bound = lower_bound(night.written)
    kept = night.seconds <= TIMES * bound and not night.refused and not night.wrong
    calls = ", ".join(f"{number:,} of {name}" for name, number in sorted(night.calls.items()))
    return (
        f"{JIRA_COUNTS + MEASURES:,} key results from Jira and Airtable into a Google Sheet: {night.seconds:.1f} s\n"
        f"  no program could do it under {bound:.1f} s (promised: {TIMES} × that): {night.seconds / bound:.3f} ×: "
        f"{'kept' if kept else 'BROKEN'}\n"
        f"  calls: {calls}; {night.written:,} bytes written; {night.refused} refused; {night.wrong} values wrong\n"
        f"  {night.cpu:.1f} s of CPU; {night.slowness:.1f} s of the stand-in's own are left out"
    )


if __name__ == "__main__":
    sys.stdout.write(render_night(measure_night()) + "\n")
