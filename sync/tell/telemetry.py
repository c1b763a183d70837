"""A run for machines that watch: numbers for Prometheus, and the dead man's ping.

The text format is Prometheus' own (https://prometheus.io/docs/instrumenting/exposition_formats/), for node_exporter's
textfile collector and for a Pushgateway. The ping is that of Healthchecks and its kin
(https://healthchecks.io/docs/http_api/): URL/start, URL, URL/fail. None of it ever fails a run. Several sheets may
share a file, a gateway and an address: none of them takes back what another one said.
"""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sync.plan import Plan

log = logging.getLogger(__name__)

_TIMEOUT = 10.0
_KEPT = "okr_sync_last_success_timestamp_seconds"
_FAIL = "/fail"
_WELL = frozenset({0, 4})
"""The exit codes of a run that did its work."""
_BUSY = 5
"""That of a run that left the work to another one: nobody is woken, unless none comes in time."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is told of a run. ``counts`` are of a run that got as far as a plan.

    ``sheet`` is a Google sheet's id or a workbook's whole path, as many folders may hold an okrs.xlsx; ``config`` is
    the config's name, as several may keep one sheet; "" where it has none.
    """

    run: str
    sheet: str
    started: datetime
    finished: datetime
    code: int
    counts: dict[str, int] = field(default_factory=dict)
    said: str = ""
    config: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """What tells its numbers from those of all other runs."""
        return {"sheet": self.sheet} | ({"config": self.config} if self.config else {})

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished - self.started).total_seconds()

    @property
    def is_well(self) -> bool:
        """Whether the run did its work, with problems or without."""
        return self.code in _WELL


def make_counts(plan: Plan) -> dict[str, int]:
    """The numbers of a plan by name."""
    life = plan.life
    return {
        "moved": len(plan.moved),
        "aged": len(plan.aged),
        "held": sum(len(row.holds) for row in plan.rows),
        "waiting": sum(len(row.takeovers) for row in plan.rows),
        "gaps": len(plan.gaps),
        "problems": len(plan.problems),
        "problems_new": len(life.new),
        "problems_over": len(life.over),
    }


def render_metrics(facts: RunFacts, before: str = "") -> str:
    """The run's numbers. ``before`` is the text of the last run: a failed one keeps when the last success was.

    What it says of other sheets stays: several may share one file.
    """
    label = "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in facts.labels.items()) + "}"
    lines = [
        *_metric("okr_sync_last_run_timestamp_seconds", "When the last run ended.", label, facts.finished.timestamp()),
        *_metric("okr_sync_last_run_success", "Whether it did its work (exit code 0 or 4).", label, int(facts.is_well)),
        *_metric("okr_sync_last_run_exit_code", "Its exit code.", label, facts.code),
        *_metric("okr_sync_last_run_duration_seconds", "How long it took.", label, facts.seconds),
    ]
    known = re.search(rf"^{_KEPT}{re.escape(label)} ([0-9.]+)$", before, re.MULTILINE)
    last = facts.finished.timestamp() if facts.is_well else float(known[1]) if known else None
    if last is not None:
        lines += _metric(_KEPT, "When the last run that did its work ended.", label, last)
    for name, number in facts.counts.items():
        lines += _metric(f"okr_sync_last_run_{name}", f"How many: {name.replace('_', ' ')}.", label, number)
    named = f'{label[:-1]},run="{_escape(facts.run)}"}}'
    lines += _metric("okr_sync_last_run_info", "Its name, by which log, Runs and History know it.", named, 1)
    return "\n".join(_join(lines, before, label)) + "\n"


_LINE = re.compile(r"(okr_sync_\w+)(\{sheet=\"[^\n]*\"\}) [0-9.]+")


def _join(lines: list[str], before: str, label: str) -> Iterator[str]:
    """The lines, and those of other sheets right below their own metric, as the format wants them."""
    own = re.compile(re.escape(label[:-1]) + r'(?:,run="[^"]*")?\}')
    others: dict[str, list[str]] = {}
    heads: dict[str, list[str]] = {}
    for line in before.split("\n"):
        if (found := _LINE.fullmatch(line)) is not None and not own.fullmatch(found[2]):
            others.setdefault(found[1], []).append(line)
        elif line.startswith("# ") and len(words := line.split(" ", 3)) == 4:
            heads.setdefault(words[2], []).append(line)
    for line in lines:
        yield line
        if not line.startswith("#"):
            yield from others.pop(line.partition("{")[0], ())
    for name, rest in others.items():
        yield from (*heads.get(name, ()), *rest)


def _metric(name: str, text: str, label: str, value: float) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    yield f"{name}{label} {value:.3f}" if isinstance(value, float) else f"{name}{label} {value}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def make_push_url(base: str, labels: Mapping[str, str]) -> str:
    """Where a sheet's numbers are put: in a group of its own, so that sheets don't replace each other's.

    A label that may hold a slash is written in Base64 (https://github.com/prometheus/pushgateway#url).
    """
    group = (
        f"{name}@base64/{base64.urlsafe_b64encode(text.encode()).decode() or '='}" for name, text in labels.items()
    )
    return "/".join([base.rstrip("/"), "metrics/job/okr_sync", *group])


_failed: list[set[str]] = []


@contextmanager
def sharing_pings() -> Iterator[None]:
    """For several sheets, which may share an address: a failure stays the last word there, whatever comes after it.

    Else the next sheet's success would call well what isn't. Sheets with an address each notice nothing of it.
    """
    _failed.append(set())
    try:
        yield
    finally:
        _failed.pop()


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of runs: a file and a Pushgateway of Prometheus, an address to ping. ``None``: not told."""

    metrics: Path | None = None
    push: str | None = None
    ping: str | None = None

    def start(self) -> None:
        """A run begins."""
        self._ping("/start", "")

    def finish(self, facts: RunFacts) -> None:
        """A run is over, well or not."""
        self._write(facts)
        if self.push is not None:
            # PUT replaces the group, POST what it names: when the last success was stays where it isn't told.
            # https://github.com/prometheus/pushgateway#post-method
            method = "PUT" if facts.is_well else "POST"
            _send("the Pushgateway", method, make_push_url(self.push, facts.labels), render_metrics(facts))
        if facts.code != _BUSY:
            self._ping("" if facts.is_well else _FAIL, f"run {facts.run}: exit code {facts.code}. {facts.said}")

    def _write(self, facts: RunFacts) -> None:
        """Whole or not at all: the collector may look at any moment, and mostly as another user.

        So a new file is readable for all, whatever the umask; one that was there keeps its mode.
        """
        if self.metrics is None:
            return
        before, part = "", self.metrics.with_name(f".{self.metrics.name}.{os.getpid()}")
        with contextlib.suppress(OSError, UnicodeDecodeError):
            before = self.metrics.read_text(encoding="utf-8")
        try:
            part.write_text(render_metrics(facts, before), encoding="utf-8")
            part.chmod(self.metrics.stat().st_mode & 0o777 if self.metrics.exists() else 0o644)
            part.replace(self.metrics)
        except OSError as error:
            part.unlink(missing_ok=True)
            log.warning("the metrics can't be written to %s: %s", self.metrics, error.strerror)

    def _ping(self, end: str, body: str) -> None:
        failed = _failed[-1] if _failed else set()
        if self.ping is not None and (end == _FAIL or self.ping not in failed):
            failed |= {self.ping} if end == _FAIL else set()
            address, mark, query = self.ping.partition("?")
            _send("the ping", "POST", f"{address.rstrip('/')}{end}{mark}{query}", body)


def _send(what: str, method: str, url: str, body: str) -> None:
    """Ask twice at most. The address may hold a secret: it is never logged."""
    import requests

    from connectors.secret import redact

    content = redact(body).encode()
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    said = ""
    for _ in range(2):
        try:
            answer = requests.request(method, url, data=content, headers=headers, timeout=_TIMEOUT)
        except requests.RequestException as error:
            said = type(error).__name__
            continue
        if answer.ok:
            return
        said = f"status {answer.status_code}"
    log.warning("%s wasn't taken: %s. The run itself is not touched by it.", what, said)
