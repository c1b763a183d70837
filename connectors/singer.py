"""Singer taps: any of some hundred programs that read a service and write its records as lines of JSON.

The tap is asked what it has (``--discover``), told to read the one stream that a query names, and its records are
measured while they come. It stays in an environment of its own: taps pin their libraries, and ours. It retries what
it asks by itself, so that nothing here does; nothing of its state is kept, as a measure needs all records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from connectors.base import Limits, Scan, Surroundings
from connectors.known_limit import KnownLimit
from connectors.once import Once
from connectors.singer_grammar import SingerGrammar, StreamBody
from connectors.singer_messages import Stream, find_stream, parse_catalog, parse_records, render_catalog
from connectors.singer_tap import Tap, Time, run_tap
from connectors.wire import time_left
from mappings.model import Metric, Outcome, Record

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.findings import Findings
    from connectors.singer_forms import SingerOptions


class Singer:
    """The kind ``singer``: one tap."""

    kind: ClassVar[str] = "singer"
    grammar = SingerGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.singer_forms import SingerOptions

        return SingerOptions

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Ours: what its service allows is the tap's business."""
        return (
            KnownLimit("time", "one run of the tap is ended after timeout: 300 s unless the source says otherwise"),
            KnownLimit("page", "none: records are measured as they come, and every run reads the whole stream"),
            KnownLimit("calls", "two streams side by side, each a run of its own"),
        )

    def make(self, name: str, options: SingerOptions, around: Surroundings) -> SingerConnector:
        """A connector; nothing is started yet."""
        return SingerConnector(name, options, around)


class SingerConnector:
    """One tap for one run; each stream that is asked for is one run of the tap."""

    kind: ClassVar[str] = "singer"
    shares_scans: ClassVar[bool] = True

    def __init__(self, name: str, options: SingerOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=2)
        self._options, self._around = options, around
        self._tap = Tap(name, options.command, around.folder.resolve(), frozenset(options.environment))
        self._once = Once()

    def scan(self, scan: Scan) -> Iterator[Record]:
        """Every record of the stream, as the tap writes it."""
        assert isinstance(scan.body, StreamBody)
        streams = self._streams()
        stream = find_stream(streams, scan.body.stream, self._tap.place)
        old = self._options.catalog == "properties"
        catalog = render_catalog(streams, stream, old=old)
        lines = self._run({"--config": self._config(), "--properties" if old else "--catalog": catalog}, ())
        yield from parse_records(lines, stream, scan.fields, self._tap.place)

    def answer(self, metric: Metric) -> Outcome | None:
        """A tap computes nothing."""
        return None

    def discover(self) -> Findings:
        """The tap's streams and their fields: one run that reads no record."""
        from connectors.singer_discover import make_findings

        return make_findings(self._streams(), self.name)

    def close(self) -> None:
        """Nothing is open: a tap ends with the lines that are read of it."""

    def _streams(self) -> tuple[Stream, ...]:
        def fetch() -> tuple[Stream, ...]:
            lines = self._run({"--config": self._config()}, ("--discover",))
            return parse_catalog(b"\n".join(lines), self._tap.place)

        return self._once.get("streams", fetch)

    def _run(self, files: dict[str, bytes], flags: tuple[str, ...]) -> Iterator[bytes]:
        monotonic = self._around.monotonic
        seconds = min(self._options.timeout, time_left(monotonic))
        return run_tap(self._tap, files, flags, Time(monotonic, monotonic() + seconds, seconds))

    def _config(self) -> bytes:
        """The tap's settings with their secrets, which may lie deeper: ``s3.secret_key``."""
        made: dict[str, Any] = json.loads(json.dumps(self._options.config))
        for name, secret in self._options.secrets.items():
            *path, last = name.split(".")
            here = made
            for part in path:
                here = here.setdefault(part, {})
            here[last] = secret.reveal()
        return json.dumps(made).encode()
