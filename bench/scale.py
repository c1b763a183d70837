"""A large company on Google's API: 2,000 key results, 400 objectives, 100,000 rows of History.

The stand-in of Google Sheets is a process of its own, so that the engine's memory is the engine's alone.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from multiprocessing.connection import Connection
from typing import Any

from bench.memory import peak_megabytes
from bench.plan_10k import Rows, make_definitions
from sync.sheet.layout import Field, Tab

KEY_RESULTS, OBJECTIVES, HISTORY = 2_000, 400, 100_000
CYCLE = "2026-Q4"
MEGABYTES, LEDGER_MEGABYTES = 300.0, 4.0
"""What is promised."""
WRITE_BYTES = 2_000_000


def serve(pipe: Connection) -> None:
    """The other process: a spreadsheet, and what is asked of it. Answers one message per request of the parent's."""
    from sandbox.google import GoogleSheets
    from sandbox.google_batch import apply_batch
    from sandbox.google_person import OWNER
    from sandbox.server import Server

    service = GoogleSheets()
    service.tell_time = lambda: None  # the other process lives on days of its own
    document = service.create("OKRs")
    with Server(service):
        pipe.send({"url": service.url, "id": document.id, "key": service.service_account()})
        while (order := pipe.recv()) is not None:
            if "cells" in order:
                ids = {tab.title: tab.id for tab in document.tabs}
                requests = list(updates(ids, order["cells"]))
                apply_batch(document, OWNER, {"requests": requests})
                pipe.send(None)
            else:
                calls = [(each.method, _size(each.body)) for each in service.requests if "token" not in each.path]
                service.requests.clear()
                pipe.send(calls)


def _size(body: object) -> int:
    return len(json.dumps(body, default=str).encode()) if body else 0


def updates(ids: Mapping[str, int], cells: Mapping[str, Sequence[Sequence[Any]]]) -> Iterator[dict[str, Any]]:
    """The requests that put rows of values below the headers of tabs."""
    from sync.sheet.google_cell import make_data

    for title, rows in cells.items():
        more = {"sheetId": ids[title], "dimension": "ROWS", "length": len(rows)}
        yield {"appendDimension": more}
        start = {"sheetId": ids[title], "rowIndex": 1, "columnIndex": 0}
        lines = [{"values": [make_data(value) for value in row]} for row in rows]
        yield {"updateCells": {"start": start, "rows": lines, "fields": "userEnteredValue"}}


@dataclass(frozen=True)
class Run:
    """One run: its calls with the bytes of each write, its seconds."""

    name: str
    reads: int
    writes: tuple[int, ...]
    seconds: float


@dataclass(frozen=True)
class Scale:
    """What a large company costs."""

    runs: tuple[Run, ...]
    ledger: int
    megabytes: float


def measure_scale() -> Scale:
    """Lay out, fill, and run: the first night, the same day again, and the next day on which nothing moved."""
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    child = context.Process(target=serve, args=(other,), daemon=True)
    child.start()
    try:
        return _measure(pipe)
    finally:
        pipe.send(None)
        child.join(20)


def _measure(pipe: Connection) -> Scale:
    from connectors.google import open_session
    from sync.prepare import prepare_sheet
    from sync.run import RunWishes, apply_run
    from sync.sheet.google import GoogleStore
    from tests.support.fake_source import World, make_engine, make_mapping_text

    place = pipe.recv()
    names = {f"KR{number}": f"n{number}" for number in range(KEY_RESULTS)}
    world = World(numbers={name: Decimal(at % 90) for at, name in enumerate(names.values())})
    session = open_session(place["key"], world.around(), endpoint=place["url"])
    store = GoogleStore(session, place["id"])
    engine = make_engine(world, store, make_mapping_text(names), more="calendar: {timezone: Europe/Berlin}")
    prepare_sheet(engine)
    pipe.send({"cells": _cells()})
    pipe.recv()
    runs = []
    for name in ("first night", "same day again", "next day, nothing moved"):
        pipe.send({})
        pipe.recv()
        started = time.monotonic()
        apply_run(engine, RunWishes())
        seconds = time.monotonic() - started
        pipe.send({})
        calls = pipe.recv()
        reads = sum(method == "GET" for method, _ in calls)
        runs.append(Run(name, reads, tuple(size for method, size in calls if method == "POST"), seconds))
        if name == "same day again":
            world.pass_days()
    ledger = store.fetch_sheet([Tab.LEDGER.value]).tabs[0]
    size = sum(len(cell.shown.encode()) for row in ledger.cells for cell in row)
    return Scale(tuple(runs), size, peak_megabytes())


def _cells() -> dict[str, list[list[Any]]]:
    definitions = make_definitions(KEY_RESULTS)
    assert len(definitions[Tab.OBJECTIVES]) == OBJECTIVES + 1
    kept = {tab.value: _values(definitions[tab]) for tab in (Tab.OBJECTIVES, Tab.KEY_RESULTS)}
    return kept | {f"{Tab.HISTORY.value} {CYCLE}": list(_history())}


def _values(rows: Rows) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in rows[1:]]


def _history() -> Iterable[list[Any]]:
    for number in range(HISTORY):
        own_id = f"KR{number % KEY_RESULTS}"
        was, now = Decimal(number % 90), Decimal(number % 90 + 1)
        yield ["2026-10-01 06:30", "run", Tab.KEY_RESULTS.value, CYCLE, own_id, Field.CURRENT.value, was, now, "moved"]


def render_scale(scale: Scale) -> str:
    """The figures beside what is promised."""
    lines = [f"{KEY_RESULTS:,} key results, {OBJECTIVES} objectives, {HISTORY:,} rows of History on Google's API:"]
    for run in scale.runs:
        total = sum(run.writes)
        promised = max(1, ceil(total / WRITE_BYTES))
        verdict = "kept" if run.reads == 1 and len(run.writes) <= promised else "BROKEN"
        lines.append(
            f"  {run.name}: {run.reads} read, {len(run.writes)} writes of {total:,} bytes "
            f"(promised: 1 and {promised}): {verdict}; {run.seconds:.1f} s"
        )
    memory = "kept" if scale.megabytes <= MEGABYTES else "BROKEN"
    lines.append(f"  the engine's memory: {scale.megabytes:.0f} MB (promised: {MEGABYTES:.0f}): {memory}")
    ledger = scale.ledger / 1e6
    verdict = "kept" if ledger <= LEDGER_MEGABYTES else "BROKEN"
    lines.append(f"  the ledger: {ledger:.1f} MB (promised: {LEDGER_MEGABYTES:.0f}): {verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(render_scale(measure_scale()) + "\n")
