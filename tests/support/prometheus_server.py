"""A real Prometheus on loopback, with samples of February 2026 that promtool wrote from an OpenMetrics file.

Nothing is scraped: all it knows was written before it starts, so that no number depends on today. ``PrometheusDoor``
stands before it as a proxy does in a company: it asks for a token, keeps a log, and makes the faults.
"""

import math
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

from connectors.testing import TOKEN
from sandbox.body import json_response
from sandbox.wire import Service, route
from tests.support.tools import needs_found

START = datetime(2026, 2, 10, tzinfo=UTC)
NOW = datetime(2026, 2, 20, 9, tzinfo=UTC)
EVERY = timedelta(minutes=5)
TEAM = "größe 漢字 🚀"
PASSWORD = "tok-3nl1ghten3d-s3cret"
_HASH = "$2b$04$YuMYRWHm3FBs.at3ePecbe2YjViO08Dxe3OxYgu2vZKstj9dM696K"  # bcrypt of PASSWORD

needs_prometheus = needs_found("Prometheus", shutil.which("prometheus") and shutil.which("promtool"))


def moments() -> list[datetime]:
    """Every five minutes from START to NOW."""
    return [START + number * EVERY for number in range(int((NOW - START) / EVERY) + 1)]


def success(number: int, instance: str) -> int:
    """Whether a probe succeeded: a fails at every tenth, b at every fiftieth."""
    return int(number % (10 if instance == "a" else 50) != 0)


def _samples() -> Iterator[tuple[str, str, list[tuple[datetime, float]]]]:
    at = moments()
    yield "tenth", "{}", [(each, 0.1) for each in at]
    for instance in ("a", "b"):
        labels = f'{{instance="{instance}",team="{TEAM}"}}'
        yield "probe_success", labels, [(each, success(number, instance)) for number, each in enumerate(at)]
    yield "broken", "{}", [(each, math.nan) for each in at]
    yield "gaps", "{}", [(each, math.nan if number % 4 == 0 else 2) for number, each in enumerate(at)]
    for code, count in (("200", 99), ("500", 1)):
        yield "http_requests_total", f'{{code="{code}"}}', [(each, count * n) for n, each in enumerate(at, 1)]
    for bound, day, night in (("0.1", 50, 50), ("0.3", 97, 90), ("+Inf", 100, 100)):
        labels, total, found = f'{{le="{bound}"}}', 0, []
        for each in at:
            total += night if each.hour < 6 else day  # what happened in the five minutes that begin here
            found.append((each + EVERY, total))
        yield "http_request_duration_seconds_bucket", labels, found
    yield "ended", "{}", [(each, 7) for each in at if each <= NOW - timedelta(days=2)]


def write_openmetrics(path: Path) -> None:
    """All samples, as promtool reads them."""
    lines, known = [], set()
    for name, labels, found in _samples():
        lines += [] if name in known else [f"# TYPE {name} unknown"]
        known.add(name)
        lines += [
            f"{name}{labels if labels != '{}' else ''} {_number(value)} {at.timestamp():.0f}" for at, value in found
        ]
    path.write_text("\n".join([*lines, "# EOF", ""]), encoding="utf-8")


def _number(value: float) -> str:
    return "NaN" if math.isnan(value) else repr(value)


@contextmanager
def serving_prometheus() -> Iterator[str]:
    """Its address; ``owner`` and PASSWORD are asked for."""
    folder = Path(tempfile.mkdtemp(prefix="okr-prometheus-", dir="/tmp"))
    try:
        write_openmetrics(folder / "samples.om")
        backfill = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=768h", "--quiet"]
        subprocess.run([*backfill, "samples.om", "data"], cwd=folder, check=True, capture_output=True)
        (folder / "config.yml").write_text("global: {}\n")
        (folder / "web.yml").write_text(f"basic_auth_users: {{owner: {_HASH}}}\n")
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = int(listener.getsockname()[1])
        command = [
            "prometheus", "--config.file=config.yml", "--storage.tsdb.path=data", "--storage.tsdb.retention.time=100y",
            f"--web.listen-address=127.0.0.1:{port}", "--web.config.file=web.yml",
        ]  # fmt: skip
        log = folder / "server.log"
        with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=folder) as process:
            try:
                _await(f"http://127.0.0.1:{port}", process, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(400):
        if process.poll() is not None:
            break
        try:
            if requests.get(f"{url}/-/ready", auth=("owner", PASSWORD), timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"Prometheus isn't ready: {log.read_text(errors='replace')[-2000:]}")


class PrometheusDoor(Service):
    """A proxy before a Prometheus that asks for a bearer token. Whatever it answers is Prometheus' own answer."""

    name = "prometheus"

    def __init__(self, behind: str) -> None:
        super().__init__()
        self.behind = behind

    @route("GET", "/api/v1/<path:path>")
    def pass_on(self, request: Request, path: str) -> Any:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return json_response({"status": "error", "errorType": "unauthorized", "error": "who are you?"}, 401)
        found = requests.get(
            f"{self.behind}/api/v1/{path}", params=request.args.to_dict(), auth=("owner", PASSWORD), timeout=20
        )
        return Response(found.content, found.status_code, content_type=found.headers["Content-Type"])
