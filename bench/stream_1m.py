"""How much memory a million records need on their way through a measure: a file, a database, a service, a tap.

Each is read in a process of its own, whose peak is taken; what it is read from lies on the disk or in another process.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.memory import peak_megabytes

RECORDS = 1_000_000
MEGABYTES = 150.0
"""What is promised."""

PAGE = 10_000
_TAP = """\
#!{python} -I
import json, sys
fields = {{"id": {{"type": "integer"}}, "amount": {{"type": "number"}}, "stage": {{"type": "string"}}}}
if "--discover" in sys.argv:
    print(json.dumps({{"streams": [{{"tap_stream_id": "deals", "schema": {{"properties": fields}}, "metadata": []}}]}}))
else:
    schema = {{"properties": fields}}
    print(json.dumps({{"type": "SCHEMA", "stream": "deals", "schema": schema, "key_properties": ["id"]}}))
    for number in range({records}):
        print('{{"type": "RECORD", "stream": "deals", "record": {{"id": %d, "amount": 0.1, "stage": "Won"}}}}' % number)
"""


@dataclass(frozen=True)
class Stream:
    """One way: its peak and time, and whether the sum was right."""

    name: str
    megabytes: float
    seconds: float
    is_right: bool


def _write_csv(folder: Path) -> dict[str, Any]:
    with (folder / "deals.csv").open("w") as file:
        file.write("id,amount,stage\n")
        file.writelines(f"{number},0.1,Won\n" for number in range(RECORDS))
    return {"path": "deals.csv"}


def _write_jsonl(folder: Path) -> dict[str, Any]:
    with (folder / "deals.jsonl").open("w") as file:
        file.writelines(f'{{"id": {number}, "amount": 0.1, "stage": "Won"}}\n' for number in range(RECORDS))
    return {"path": "deals.jsonl"}


def _write_database(folder: Path) -> dict[str, Any]:
    with sqlite3.connect(folder / "deals.db") as database:
        database.execute("CREATE TABLE deals (id INTEGER PRIMARY KEY, amount TEXT, stage TEXT)")
        database.executemany("INSERT INTO deals VALUES (?, '0.1', 'Won')", ((number,) for number in range(RECORDS)))
    database.close()
    return {"url": "sqlite:///deals.db", "most_rows": RECORDS, "timeout": 600}


def _write_tap(folder: Path) -> dict[str, Any]:
    tap = folder / "tap-deals"
    tap.write_text(_TAP.format(python=sys.executable, records=RECORDS))
    tap.chmod(tap.stat().st_mode | stat.S_IXUSR)
    return {"command": "./tap-deals"}


def _serve_pages(folder: Path) -> dict[str, Any]:
    """A service of its own process that gives page after page."""
    code = f"from bench.stream_1m import serve_pages; serve_pages({str(folder / 'url')!r})"
    subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    while not (folder / "url").exists():
        time.sleep(0.05)
    url = (folder / "url").read_text()
    paging = {"kind": "page", "param": "page", "size_param": "size", "size": PAGE}
    return {"url": url, "allow_private": True, "paging": paging}


def serve_pages(place: str) -> None:
    """Serve until the last page was given."""
    import threading

    from werkzeug.wrappers import Request, Response

    from sandbox.server import Server
    from sandbox.wire import Route, Service

    done = threading.Event()

    class Deals(Service):
        name = "deals"

        def rules(self) -> Any:
            yield Route("GET", "/deals", self.page)

        def page(self, request: Request) -> Response:
            start = (int(request.args["page"]) - 1) * PAGE
            listed = (f'{{"id":{n},"amount":0.1,"stage":"Won"}}' for n in range(start, min(start + PAGE, RECORDS)))
            if start + PAGE > RECORDS:
                done.set()
            self.requests.clear()
            return Response(f"[{','.join(listed)}]", content_type="application/json")

    with Server(service := Deals()):
        Path(f"{place}.part").write_text(service.url)
        Path(f"{place}.part").rename(place)
        done.wait(300)
        time.sleep(1)


WAYS: dict[str, tuple[str, Callable[[Path], dict[str, Any]], dict[str, Any]]] = {
    "a CSV file": ("file", _write_csv, {}),
    "a file of JSON lines": ("file", _write_jsonl, {}),
    "a database": ("sql", _write_database, {"table": "deals"}),
    "a REST service": ("http", _serve_pages, {"path": "/deals"}),
    "a Singer tap": ("singer", _write_tap, {"stream": "deals"}),
}


def measure_streams() -> list[Stream]:
    """All ways, one after the other."""
    return [_measure(name) for name in WAYS]


def _measure(name: str) -> Stream:
    _, write, _ = WAYS[name]
    with tempfile.TemporaryDirectory() as folder:
        options = write(Path(folder))
        context = multiprocessing.get_context("spawn")
        mine, other = context.Pipe()
        child = context.Process(target=read, args=(other, name, options, folder), daemon=True)
        child.start()
        found: Stream = mine.recv()
        child.join(20)
    return found


def read(pipe: Connection, name: str, options: dict[str, Any], folder: str) -> None:
    """In the process that is measured: a sum, a share and a count under a condition in one pass."""
    from connectors.base import Surroundings
    from connectors.gather import Budget, gather
    from connectors.registry import load_factory
    from connectors.secret import fetch_secrets
    from mappings.model import Condition, Filter, Measure, Metric, Query, Reading

    kind, _, query = WAYS[name]
    factory = load_factory(kind)
    now = time.time
    from datetime import UTC, datetime

    around = Surroundings(
        now=lambda: datetime.fromtimestamp(now(), UTC), sleep=time.sleep, monotonic=time.monotonic, folder=Path(folder)
    )
    connector = factory.make("deals", fetch_secrets(factory.options_form().model_validate(options), {}), around)
    body = factory.grammar.make_body(factory.grammar.form().model_validate(query))
    won = (Condition("stage", "=", ("Won",)),)
    metrics = [
        Metric(Query("deals", body, Filter()), Measure("sum", "amount")),
        Metric(Query("deals", body, Filter(won)), Measure("count", None)),
    ]
    started = time.monotonic()
    total, count = gather(metrics, {"deals": connector}, budget=Budget(900, 900), around=around).values()
    seconds = time.monotonic() - started
    right = isinstance(total, Reading) and total.value == Decimal(RECORDS) / 10
    right = right and isinstance(count, Reading) and count.value == RECORDS
    if not right:
        sys.stderr.write(f"{name}: {total!r:.300} {count!r:.300}\n")
    pipe.send(Stream(name, peak_megabytes(), seconds, right))


def render_streams(streams: list[Stream]) -> str:
    """The peaks beside what is promised."""
    lines = [f"{RECORDS:,} records through a measure (promised: under {MEGABYTES:.0f} MB):"]
    for stream in streams:
        verdict = "kept" if stream.megabytes < MEGABYTES and stream.is_right else "BROKEN"
        wrong = "" if stream.is_right else ", and the sum is WRONG"
        lines.append(f"  {stream.name}: {stream.megabytes:.0f} MB{wrong}: {verdict}; {stream.seconds:.0f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(render_streams([_measure(name) for name in sys.argv[1:] or WAYS]) + "\n")
