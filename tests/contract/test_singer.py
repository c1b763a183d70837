"""The singer connector: the contract with a tap that does what it is told, and a tap from PyPI."""

import json
import os
import struct
import sys
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from connectors.base import SourceMisread
from connectors.findings import Findings
from connectors.gather import Budget, gather
from connectors.singer import Singer
from connectors.singer_grammar import StreamBody
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, Spoil, StandIn, make_options
from mappings.model import Condition, Filter, Gap, GapKind, Measure, Metric, Query, Reading, Window
from tests.support.taps import tap_from_pypi

FAKE = Path(__file__).parents[1] / "support" / "fake_tap.py"
ZONE = ZoneInfo("Europe/Berlin")


def is_(field: str, *values: str) -> Condition:
    return Condition(field, "in" if len(values) > 1 else "=", values)


def metric(
    measure: str = "count",
    field: str | None = None,
    *only: Condition,
    stream: str = "deals",
    window: Window | None = None,
    of: tuple[Condition, ...] = (),
) -> Metric:
    return Metric(Query("tap", StreamBody(stream), Filter(only, window)), Measure(measure, field, of=of))


@dataclass
class TapStandIn:
    """The tap's folder as the contract wants its service."""

    folder: Path

    @property
    def url(self) -> str:
        return str(self.folder)

    def runs(self) -> list[dict[str, Any]]:
        path = self.folder / "log.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def calls(self) -> list[str]:
        return [run["call"] for run in self.runs()]

    def spoil(self, spoil: Spoil) -> None:
        path = self.folder / "faults.json"
        faults = json.loads(path.read_text()) if path.exists() else []
        fault = {"kind": spoil.kind, "status": spoil.status, "times": spoil.times, "skip": spoil.skip}
        path.write_text(json.dumps([*faults, fault]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_tap(tmp_path)


def make_tap(folder: Path) -> Path:
    (folder / "tap").write_text(FAKE.read_text().replace("#!PYTHON", f"#!{sys.executable} -I"))
    (folder / "tap").chmod(0o755)
    return folder


RETRIES = "the tap asks its service and retries by itself; a second layer of retries would multiply its attempts"


class TestSingerContract(ConnectorContract):
    factory = Singer()
    exact = Case(metric("sum", "amount"), Decimal("22.9"))
    paged = Case(metric(), Decimal(230))
    pages = 1
    unicode = Case(metric("count", None, is_("tag", "größe 🚀", "漢字")), Decimal(6))
    none = metric("avg", "amount", is_("stage", "Nothing"))
    no_records = Case(metric("count", None, is_("stage", "Nothing")), Decimal(0))
    missing_field = (metric("sum", "amuont"), "amuont")
    broken = metric(stream="dels")
    budget = ((metric(), metric("sum", "amount"), metric("share", of=(is_("stage", "Won"),))), 2)
    bad_options = (
        ({"config": {"token": "env:TOKEN"}}, "config"),
        ({"timeout": "0"}, "timeout"),
        ({"environment": ["A B"]}, "environment"),
        ({"catalog": "both"}, "catalog"),
    )
    reads = frozenset({"discover", "sync"})
    without: ClassVar[dict[str, str]] = {
        "test_retry_after_in_seconds_is_obeyed": RETRIES,
        "test_retry_after_as_a_date_is_obeyed": RETRIES,
        "test_passing_trouble_is_overcome": RETRIES,
        "test_silence_ends": "a silent tap is ended and not started again; see the tests of time below",
        "test_trouble_that_stays_is_a_gap": "tried once; TestTrouble has the same with a tap that ends with 1",
        "test_a_login_page_is_no_number": "a tap's output is no answer of HTTP; TestTrouble has lines that aren't JSON",
        "test_a_wrong_token_is_not_tried_again": "a tap says it in its log only; TestTrouble has it",
        "test_a_secret_in_the_config_is_refused": "its secrets are a map; TestSecrets has the same for one of them",
    }

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            yield TapStandIn(make_tap(Path(folder)))

    def options(self, url: str) -> dict[str, Any]:
        secrets = {"token": "env:SOURCE_TOKEN"}
        return {"command": f"{url}/tap", "config": {"folder": url}, "secrets": secrets}


def ask(folder: Path, *metrics: Metric, around: Any = None, **config: Any) -> list[Any]:
    more = {key: config.pop(key) for key in ("timeout", "catalog", "environment", "command") if key in config}
    written = {"command": str(folder / "tap"), "config": {"folder": str(folder), **config}, **more}
    written["secrets"] = {"token": "env:SOURCE_TOKEN"}
    options = make_options(Singer(), written, {"SOURCE_TOKEN": TOKEN})
    around = around or replace(FakeTime().around(), folder=folder)
    connector = Singer().make("tap", options, around)
    return list(gather(metrics, {"tap": connector}, budget=Budget(), around=around).values())


class TestReading:
    def test_only_the_stream_that_is_needed_is_selected_with_all_its_fields(self, folder: Path) -> None:
        """The fake tap selects both by itself; a record of people would be read for nothing."""
        assert [each.value for each in ask(folder, metric())] == [230]
        assert [each.value for each in ask(folder, metric(stream="people"))] == [1]
        assert [each.value for each in ask(folder, metric(stream="acme-deals"))] == [230]

    def test_a_record_that_comes_twice_counts_once(self, folder: Path) -> None:
        [count] = ask(folder, metric("count", None, is_("id", "50")))
        assert count.value == 1

    def test_windows_fields_by_path_and_names_for_samples(self, folder: Path) -> None:
        window = Window("closed", datetime(2026, 10, 1, tzinfo=ZONE), datetime(2026, 10, 11, tzinfo=ZONE))
        count, owners = ask(folder, metric(window=window), metric("distinct", "owner.name"))
        assert (count.value, owners.value) == (10, 1)
        assert count.samples[0].id == "0"

    def test_old_taps_are_told_by_properties(self, folder: Path) -> None:
        assert [each.value for each in ask(folder, metric(), catalog="properties")] == [230]
        assert "--properties" in TapStandIn(folder).runs()[-1]["argv"]

    def test_a_noisy_log_stops_nothing(self, folder: Path) -> None:
        """Two megabytes of log: a pipe takes 64 KB before its writer has to wait."""
        assert [each.value for each in ask(folder, metric(), noise=10_000)] == [230]

    def test_a_version_that_holds_changes_nothing(self, folder: Path) -> None:
        after = {"after": [{"type": "ACTIVATE_VERSION", "stream": "deals", "version": 7}]}
        assert [each.value for each in ask(folder, metric(), extra=after)] == [230]

    def test_a_stream_that_begins_again_counts_for_nothing(self, folder: Path) -> None:
        again = [{"type": "RECORD", "stream": "deals", "version": version, "record": {"id": 900}} for version in (1, 2)]
        [gap] = ask(folder, metric(), extra={"after": again})
        assert "again" in gap.reason


class TestTrouble:
    def test_a_tap_that_isnt_there_is_told_with_the_lines_that_install_it(self, folder: Path) -> None:
        [gap] = ask(folder, metric(), command="taps/tap-x/bin/tap-x")
        assert "There is no program taps/tap-x/bin/tap-x" in gap.reason
        assert "python3 -m venv taps/tap-x && taps/tap-x/bin/pip install tap-x" in gap.fix

    @pytest.mark.parametrize("kind", ["status", "cut", "late"])
    def test_a_run_that_fails_counts_for_nothing_and_is_not_repeated(self, kind: str, folder: Path) -> None:
        """Before its first record, in the middle, and after its last one."""
        TapStandIn(folder).spoil(Spoil(kind, 503))
        [gap] = ask(folder, metric())
        assert isinstance(gap, Gap)
        assert gap.kind is GapKind.UNAVAILABLE
        said = {"status": "ended with code 1", "cut": "was ended by signal 9", "late": "ended with code 3"}[kind]
        assert said in gap.reason
        assert TapStandIn(folder).calls() == ["discover", "sync"]

    def test_its_last_words_are_told_without_the_secret(self, folder: Path) -> None:
        TapStandIn(folder).spoil(Spoil("status", 503))
        [gap] = ask(folder, metric())
        assert "It said: 503 Server Error for token •••" in gap.reason

    def test_a_wrong_token_is_told_as_the_tap_tells_it(self, folder: Path) -> None:
        [gap] = ask(folder, metric(), knows="another")
        assert "401 Unauthorized" in gap.reason
        assert "secrets of tap" in gap.fix
        assert TapStandIn(folder).calls() == ["discover"]

    @pytest.mark.parametrize(("kind", "line"), [("truncate", "line 104"), ("html", "line 1")])
    def test_a_line_that_is_no_message_is_shown(self, kind: str, line: str, folder: Path) -> None:
        TapStandIn(folder).spoil(Spoil(kind))
        [gap] = ask(folder, metric())
        assert gap.kind is GapKind.MISREAD
        assert line in gap.reason

    def test_files_instead_of_records_are_refused(self, folder: Path) -> None:
        [gap] = ask(folder, metric(), extra={"before": [{"type": "BATCH", "stream": "deals", "manifest": []}]})
        assert "BATCH" in gap.reason

    @pytest.mark.parametrize("line", ['{"type": "RECORD", "stream": "deals"}', "[1]", '{"record": {}}', "null"])
    def test_messages_without_their_parts(self, line: str, folder: Path) -> None:
        [gap] = ask(folder, metric(), extra={"lines": [line]})
        assert gap.kind is GapKind.MISREAD

    def test_blank_lines_and_unknown_messages_are_passed_over(self, folder: Path) -> None:
        [found] = ask(folder, metric(), extra={"lines": ["", '{"type": "METRIC", "stream": "deals"}']})
        assert found.value == 230


class TestTime:
    def test_a_silent_tap_is_ended_with_what_it_started(self, folder: Path) -> None:
        TapStandIn(folder).spoil(Spoil("timeout"))
        around = replace(FakeTime().around(), folder=folder, monotonic=clock.monotonic)
        started = clock.monotonic()
        [gap] = ask(folder, metric(), around=around, timeout="1.5")
        assert clock.monotonic() - started < 20
        assert "was ended after 2 s. It said: waiting for the service" in gap.reason
        child = int((folder / "child").read_text())
        assert _has_ended(child)
        assert _has_ended(TapStandIn(folder).runs()[-1]["pid"])

    def test_the_tap_ends_with_the_scan_that_nobody_reads_on(self, folder: Path) -> None:
        from connectors.passes import make_scan

        written = {"command": str(folder / "tap"), "config": {"folder": str(folder), "deals": 10**9, "flush": True}}
        written["secrets"] = {"token": "env:SOURCE_TOKEN"}
        options = make_options(Singer(), written, {"SOURCE_TOKEN": TOKEN})
        connector = Singer().make("tap", options, replace(FakeTime().around(), folder=folder))
        records = connector.scan(make_scan([metric()], filtered_here=True, titles=False))
        assert next(records).id == "0"
        records.close()  # type: ignore[attr-defined]
        assert _has_ended(TapStandIn(folder).runs()[-1]["pid"])


def _has_ended(pid: int) -> bool:
    """A signal was sent; the system may take a moment to carry it out."""
    for _ in range(100):
        if not _is_running(pid):
            return True
        clock.sleep(0.05)
    return False


def _is_running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class TestSecrets:
    def test_no_argument_no_file_and_no_variable_of_ours(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The settings come in a file that only its owner may read and that has no name in any folder."""
        monkeypatch.setenv("JIRA_TOKEN", "another-s3cret")
        monkeypatch.setenv("TAP_REGION", "eu")
        before = set(folder.iterdir())
        assert [each.value for each in ask(folder, metric(), environment=["TAP_REGION"])] == [230]
        for run in TapStandIn(folder).runs():
            assert TOKEN not in str(run)
            assert (run["mode"], run["links"]) == ("0o600", 0)
            assert "JIRA_TOKEN" not in run["environ"]
            assert {"TAP_REGION", "PATH"} <= set(run["environ"])
        assert set(folder.iterdir()) - before == {folder / "log.jsonl"}
        assert TOKEN not in (folder / "log.jsonl").read_text()

    def test_a_secret_that_stands_there_is_refused(self) -> None:
        from pydantic import ValidationError

        with pytest.raises(ValidationError) as caught:
            Singer().options_form().model_validate({"command": "tap", "secrets": {"token": TOKEN}})
        [error] = caught.value.errors()
        assert error["loc"] == ("secrets", "token")
        assert "env:" in error["msg"]

    def test_secrets_may_lie_deeper(self, folder: Path) -> None:
        written = {"command": "tap", "config": {"s3": {"region": "eu"}}, "secrets": {"s3.key": "env:SOURCE_TOKEN"}}
        options = make_options(Singer(), written, {"SOURCE_TOKEN": TOKEN})
        connector = Singer().make("tap", options, FakeTime().around())
        assert json.loads(connector._config()) == {"s3": {"region": "eu", "key": TOKEN}}


class TestFromPyPI:
    """tap-dbf: a tap of the Singer SDK that reads tables of dBase from the disk."""

    @pytest.mark.slow
    def test_a_tap_from_pypi_in_an_environment_of_its_own(self, tmp_path: Path) -> None:
        tap = tap_from_pypi("tap-dbf", ">=0.1.23,<0.2")
        (tmp_path / "deals.dbf").write_bytes(_make_dbf())
        options = make_options(Singer(), {"command": str(tap), "config": {"path": str(tmp_path / "*.dbf")}}, {})
        around = FakeTime(datetime(2026, 11, 22, tzinfo=UTC)).around()
        connector = Singer().make("tap", options, around)
        window = Window("CLOSED", datetime(2026, 10, 1, tzinfo=ZONE), datetime(2026, 11, 1, tzinfo=ZONE))
        wanted = (metric("sum", "AMOUNT"), metric(window=window), metric("sum", "AMUONT"), metric(stream="dels"))
        outcomes = gather(wanted, {"tap": connector}, budget=Budget(), around=around)
        total, october, missing, unknown = outcomes.values()
        assert isinstance(total, Reading)
        assert isinstance(october, Reading)
        assert (str(total.value), october.value) == ("0.3", 1)
        assert isinstance(missing, Gap)
        assert isinstance(unknown, Gap)
        assert (missing.fix, unknown.fix) == ("Did you mean “AMOUNT”?", "Did you mean “deals”?")
        found: Findings = connector.discover()
        assert found.mapping[1] == "KR-2: {tap: deals, within: {cycle: CLOSED}, measure: {sum: AMOUNT}}"

        broken = Singer().make("tap", options.model_copy(update={"config": {"path": str(tmp_path)}}), around)
        [gap] = gather([metric()], {"tap": broken}, budget=Budget(), around=around).values()
        assert isinstance(gap, Gap)
        assert "It said: IsADirectoryError" in gap.reason


def _make_dbf() -> bytes:
    """A dBase III table: a header, a description of 32 bytes for each field, rows of fixed length."""
    fields = (("NAME", "C", 12, 0), ("AMOUNT", "N", 8, 2), ("CLOSED", "D", 8, 0))
    rows = (("Ann", "0.10", "20261002"), ("Bob", "0.20", "20261101"), ("Cy", "", ""))
    length = 1 + sum(size for _, _, size, _ in fields)
    head = struct.pack("<BBBBLHH20x", 3, 126, 11, 1, len(rows), 33 + 32 * len(fields), length)
    described = b"".join(struct.pack("<11sc4xBB14x", n.encode(), t.encode(), size, d) for n, t, size, d in fields)
    cells = (
        b" "
        + b"".join(f"{cell:>{size}}".encode() if t == "N" else f"{cell:<{size}}".encode() for cell, t, size in each)
        for each in ([(cell, t, size) for cell, (_, t, size, _) in zip(row, fields, strict=True)] for row in rows)
    )
    return head + described + b"\r" + b"".join(cells) + b"\x1a"


def test_a_catalog_that_is_none_is_told(tmp_path: Path) -> None:
    from connectors.singer_messages import parse_catalog

    for text in (b"", b"[]", b'{"streams": [{}]}', b'{"streams": 1}'):
        with pytest.raises(SourceMisread, match="catalog"):
            parse_catalog(text, "tap")


def test_the_path_is_looked_up_from_the_configs_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert [each.value for each in ask(folder, metric(), command="tap")] == [230]
    assert [each.value for each in ask(folder, metric(), command="./tap")] == [230]
