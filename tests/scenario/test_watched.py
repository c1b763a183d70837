"""A run that is watched: logs, metrics, pings and messages, against servers on loopback."""

import base64
import json
import os
import re
import signal
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from sync.interrupt import Stopped
from sync.sheet.store_error import SheetBusy
from tests.support.company import Company, Said
from tests.support.receiver import Receiver, receiving

SECRET_PATH = "/hc/5ecret-uuid-0001"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def configure(company: Company, text: str) -> None:
    path = company.folder / "config.yaml"
    path.write_text(path.read_text().replace("run: {source_budget: 2s}", text))


@pytest.fixture
def watched(company: Company, receiver: Receiver) -> Company:
    configure(
        company,
        "run: {source_budget: 2s, metrics: okr.prom, push: 'env:PUSH'}\n"
        "alerts: {to: ['env:OPS'], ping: 'env:PING'}\nmessages: {to: ['env:CHANNEL']}",
    )
    host = receiver.url.removeprefix("http://")
    company.environ = {
        "PING": f"{receiver.url}{SECRET_PATH}",
        "PUSH": f"{receiver.url}/push",
        "OPS": f"json://{host}/ops-5ecret-0002",
        "CHANNEL": f"json://{host}/channel json://{host}/mail/{{email}}",
    }
    return company


def paths(receiver: Receiver) -> list[str]:
    return [f"{method} {path.rstrip('/')}" for method, path, _ in receiver.got]


def push_path(company: Company) -> str:
    """A group of the sheet's own; its id has no slash, but a workbook's path has."""
    label = base64.urlsafe_b64encode(company.document.id.encode()).decode()
    return f"/push/metrics/job/okr_sync/sheet@base64/{label}".rstrip("/")


def test_a_good_run_pings_twice_and_writes_its_numbers(watched: Company, receiver: Receiver) -> None:
    said = watched.say("run")
    assert said.code == 0, said.text
    assert paths(receiver) == [f"POST {SECRET_PATH}/start", f"PUT {push_path(watched)}", f"POST {SECRET_PATH}"]
    metrics = (watched.folder / "okr.prom").read_text()
    assert receiver.got[1][2] == metrics
    label = f'{{sheet="{watched.document.id}"}}'
    assert f"okr_sync_last_run_success{label} 1\n" in metrics
    assert f"okr_sync_last_run_moved{label} 9\n" in metrics
    names = re.findall(r"^# TYPE (\S+) gauge$", metrics, re.MULTILINE)
    assert names == list(dict.fromkeys(re.findall(r"^(okr_sync\w+)\{", metrics, re.MULTILINE)))
    assert not list(watched.folder.glob(".okr.prom*"))


def test_the_numbers_name_their_run(watched: Company) -> None:
    watched.say("run")
    said = watched.say("--log-format", "json", "run")
    run = lines_of(said)[-1]["run"]
    found = re.findall(r"^okr_sync_last_run_info\{(.*)\} 1$", (watched.folder / "okr.prom").read_text(), re.MULTILINE)
    assert found == [f'sheet="{watched.document.id}",run="{run}"'], "the run before it is gone"


def test_the_collector_may_read_the_numbers_whatever_the_umask(watched: Company) -> None:
    before = os.umask(0o077)
    try:
        watched.say("run")
        metrics = watched.folder / "okr.prom"
        assert metrics.stat().st_mode & 0o777 == 0o644
        metrics.chmod(0o640)
        watched.say("run")
        assert metrics.stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)


def test_a_failed_run_says_so_everywhere_and_keeps_the_last_success(watched: Company, receiver: Receiver) -> None:
    watched.say("run")
    before = (watched.folder / "okr.prom").read_text()
    receiver.got.clear()
    watched.document.access.clear()
    said = watched.say("run")
    assert said.code == 1
    assert paths(receiver) == [
        f"POST {SECRET_PATH}/start",
        f"POST {push_path(watched)}",
        f"POST {SECRET_PATH}/fail",
        "POST /ops-5ecret-0002",
    ]
    alert = json.loads(receiver.got[-1][2])
    assert re.search(r"run \S+ failed \(exit code 1\)", alert["title"])
    metrics = (watched.folder / "okr.prom").read_text()
    kept = re.search(r"^okr_sync_last_success.*$", before, re.MULTILINE)
    assert kept is not None
    assert kept[0] in metrics
    assert "okr_sync_last_run_success" in metrics
    assert "} 0\n" in metrics


def test_a_run_that_another_one_overtook_wakes_nobody(
    watched: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monitor that heard the start and no end waits for its time: mostly the next run comes."""

    def lose(*_: object) -> None:
        raise SheetBusy("the sheet was written by somebody else.")

    monkeypatch.setattr("sync.run.apply_run", lose)
    assert watched.say("run").code == 5
    assert paths(receiver) == [f"POST {SECRET_PATH}/start", f"POST {push_path(watched)}"]
    assert "okr_sync_last_run_exit_code" in receiver.got[-1][2]


@pytest.mark.parametrize("words", [("--no-fetch",), ("--only", "WEB-1.1")])
def test_a_run_of_a_part_does_not_call_well_what_a_night_left_broken(
    watched: Company, receiver: Receiver, words: tuple[str, ...]
) -> None:
    access = dict(watched.document.access)
    watched.say("run")
    watched.document.access.clear()
    assert watched.say("run").code == 1
    watched.document.access.update(access)
    metrics = (watched.folder / "okr.prom").read_text()
    receiver.got.clear()
    assert watched.say("run", *words).code == 0
    assert receiver.got == []
    assert (watched.folder / "okr.prom").read_text() == metrics
    watched.document.access.clear()
    assert watched.say("run", *words).code == 1
    assert receiver.got == [], "every ten minutes ops would hear it; the night tells it"


def test_ops_hear_once_of_what_fails_every_five_minutes(watched: Company, receiver: Receiver) -> None:
    """A sheet that may only be read keeps its tick, so that every look is a run which fails."""
    watched.person.type("Dashboard", "H1", "TRUE")
    watched.document.access.update(dict.fromkeys(watched.document.access, "reader"))
    for _ in range(3):
        assert watched.say("run", "--if-asked").code == 1
    assert [path for path in paths(receiver) if "ops" in path] == []
    assert watched.say("run").code == 1
    assert [path for path in paths(receiver) if "ops" in path] == ["POST /ops-5ecret-0002"]


def test_ops_hear_of_mappings_that_stop_the_night(watched: Company, receiver: Receiver) -> None:
    (watched.folder / "mappings.yaml").write_text("key_results:\n  WEB-1.1: {jira: [\n")
    assert watched.say("run").code == 2
    assert paths(receiver)[-2:] == [f"POST {SECRET_PATH}/fail", "POST /ops-5ecret-0002"]
    alert = json.loads(receiver.got[-1][2])
    assert re.search(r"run \S+ failed \(exit code 2\)", alert["title"])
    assert re.search(r"^mappings\.yaml:\d+:\d+", alert["message"])
    assert "Nothing was read or written" in alert["message"]


def test_ops_hear_of_what_is_new_and_over_once(watched: Company, receiver: Receiver) -> None:
    watched.say("run")
    receiver.got.clear()
    assert watched.say("run", JIRA_TOKEN="not-a-token-of-ours").code == 4
    watched.say("run", JIRA_TOKEN="not-a-token-of-ours")
    watched.say("run")
    watched.say("run")
    alerts = [json.loads(body) for _, path, body in receiver.got if path.startswith("/ops")]
    assert [alert["title"].partition(", run")[0] for alert in alerts] == ["Acme OKRs: 1 new", "Acme OKRs: 1 over"]
    assert alerts[0]["message"].startswith("New: ")
    assert alerts[1]["message"].startswith("Over: ")


@pytest.mark.parametrize(
    ("well_after", "sent", "says"), [(5.0, 2, ""), (30.0, 3, ""), (99.0, 3, "ops were not told: ")]
)
def test_an_alert_that_was_not_taken_is_sent_again(
    watched: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, well_after: float, sent: int, says: str
) -> None:
    """No other run says of this problem that it is new."""

    def sleep(_: object, seconds: float) -> None:
        receiver.status = 200 if seconds == well_after else receiver.status

    watched.say("run")
    receiver.got.clear()
    receiver.status = 503
    monkeypatch.setattr("tests.support.still_clock.StillClock.sleep", sleep)
    said = watched.say("run", JIRA_TOKEN="not-a-token-of-ours")
    assert said.code == 4
    assert len([path for path in paths(receiver) if "ops" in path]) == sent
    assert says in said.err
    assert ("ops were not told" in said.err) is bool(says)
    assert "5ecret" not in said.text


def test_ops_may_hear_of_what_is_open_each_time(watched: Company, receiver: Receiver) -> None:
    path = watched.folder / "config.yaml"
    path.write_text(path.read_text().replace("alerts: {", "alerts: {problems: any, "))
    watched.say("run", JIRA_TOKEN="not-a-token-of-ours")
    watched.say("run", JIRA_TOKEN="not-a-token-of-ours")
    titles = [each["title"].partition(", run")[0] for each in receiver.told("/ops-5ecret-0002")]
    assert titles == ["Acme OKRs: 1 new", "Acme OKRs: 1 still open"]
    watched.type("WEB-2.1", "Target", "lots")
    receiver.got.clear()
    for _ in range(3):
        watched.say("run", "--no-fetch")
    titles = [each["title"].partition(", run")[0] for each in receiver.told("/ops-5ecret-0002")]
    assert titles == ["Acme OKRs: 2 new"], "each time is each night, not each ten minutes"


def test_a_status_that_changed_is_told_to_the_channel_and_to_its_owner(watched: Company, receiver: Receiver) -> None:
    watched.say("run")
    assert [path for path in paths(receiver) if "channel" in path] == []
    owner = watched.shows("WEB-1.1", "Owner")
    watched.person.type("People", "A2", owner)
    watched.person.type("People", "B2", "owner+okr@acme.example")
    receiver.got.clear()
    watched.type("WEB-1.1", "Target", "53%")
    watched.type("WEB-1.1", "Due", "2026-11-23")
    watched.type("WEB-1.1", "Target", "95%")
    printed = watched.say("plan", "--messages").out
    assert "Message to env:CHANNEL: Acme OKRs: 1 status changed (to owner+okr@acme.example)" in printed
    assert [path for path in paths(receiver) if "channel" in path] == []
    assert watched.say("run").code == 0
    told = [(path, json.loads(body)) for _, path, body in receiver.got if path.startswith(("/channel", "/mail"))]
    assert [path.rstrip("/") for path, _ in told] == ["/channel", "/mail/owner+okr@acme.example"]
    assert all("WEB-1.1" in body["message"] and " → " in body["message"] for _, body in told)
    receiver.got.clear()
    watched.say("run")
    assert [path for path in paths(receiver) if "channel" in path or "mail" in path] == []


def test_no_notify_sends_nothing_but_the_ping(watched: Company, receiver: Receiver) -> None:
    watched.say("run")
    receiver.got.clear()
    watched.say("run", "--no-notify", JIRA_TOKEN="not-a-token-of-ours")
    assert not [path for path in paths(receiver) if "ops" in path]
    assert f"POST {SECRET_PATH}" in paths(receiver)


@pytest.mark.parametrize("trouble", ["refused", "gone", "no secret"])
def test_telling_never_fails_a_run_and_never_shows_a_secret(watched: Company, receiver: Receiver, trouble: str) -> None:
    if trouble == "refused":
        receiver.status = 500
    elif trouble == "gone":
        dead = "http://127.0.0.1:9"
        watched.environ |= {"PING": f"{dead}{SECRET_PATH}", "PUSH": dead, "OPS": "json://127.0.0.1:9/ops-5ecret-0002"}
    else:
        watched.environ = {}
    said = watched.say("run", JIRA_TOKEN="not-a-token-of-ours")
    assert said.code == 4
    assert "WARNING" in said.err
    assert "5ecret" not in said.text
    assert "GRO-1.1" in said.out


def test_the_log_as_json_has_the_run_in_every_line(watched: Company) -> None:
    said = watched.say("-v", "--log-format", "json", "run", JIRA_TOKEN="not-a-token-of-ours")
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert {line["run"] for line in lines} == {lines[-1]["run"]} != {""}
    last = lines[-1]
    assert (last["logger"], last["problems_new"], last["gaps"]) == ("sync.summary", 1, 2)
    assert {"time", "level", "message", "seconds", "moved"} <= last.keys()


def lines_of(said: Said) -> list[dict[str, Any]]:
    """The log, each line of which has to be an object."""
    return [json.loads(line) for line in said.err.splitlines()]


def test_a_run_that_fails_has_its_one_line_too_and_the_error_names_the_run(
    watched: Company, receiver: Receiver
) -> None:
    watched.document.access.clear()
    said = watched.say("--log-format", "json", "run")
    summary, error = lines_of(said)
    assert (said.code, summary["logger"], summary["exit_code"], error["level"]) == (1, "sync.summary", 1, "error")
    assert summary["run"] == error["run"] != ""
    assert summary["run"] in receiver.got[-1][2]
    assert "can't be read" in error["message"]
    told = watched.say("-q", "run").err.splitlines()
    assert re.search(r"ERROR   run [0-9a-f-]+: failed, exit code 1; \d+\.\d s$", told[0])
    assert told[1].startswith("Error: The sheet can't be read")


def test_whatever_ends_a_command_the_log_stays_json(watched: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    slips = {
        "No such option": ("--log-format", "json", "run", "--nope"),
        "no file is found by this pattern": ("--log-format", "json", "--config", "nowhere/*.yaml", "run"),
    }
    for says, words in slips.items():
        [slip] = lines_of(watched.say(*words))
        assert (slip["level"], slip["run"]) == ("error", "")
        assert says in slip["message"]

    def stop(*_: object) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("a library's own words", stacklevel=1)
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr("sync.run.apply_run", stop)
    said = watched.say("-v", "--log-format", "json", "run")
    warning, summary, last = lines_of(said)
    assert (said.code, summary["exit_code"]) == (143, 143)
    assert "stopped by SIGTERM" in summary["message"]
    assert warning["run"] == summary["run"] == last["run"] != ""
    assert "a library's own words" in warning["message"]
    assert "a library's own words" not in watched.say("run").err


def test_a_slip_on_the_command_line_is_no_run(watched: Company, receiver: Receiver) -> None:
    assert watched.say("run", "--plan", "tonight.json", "--only", "WEB-1.1").code == 2
    assert receiver.got == []
