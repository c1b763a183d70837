"""Files for schedulers: each held against its scheduler's own linter, parser or published schema."""

import shutil
import subprocess
import sys
import warnings
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from cronsim import CronSim

from sync.care.schedule import ScheduleRefused, find_jumps, parse_moment, render_cron
from sync.care.schedule_github import find_lines
from tests.support.company import Said, say
from tests.support.tools import needs

CONFIG = """\
calendar: {timezone: Europe/Berlin}
sheet: {google: 1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg, credentials: 'file:key.json'}
sources:
  jira: {kind: jira, url: 'https://acme.atlassian.net', email: a@acme.example, token: 'env:JIRA_TOKEN'}
  crm: {kind: airtable, base: appXXXXXXXXXXXXXX, token: 'file:/run/secrets/airtable'}
mappings: mappings/
"""
ALERTS = "alerts: {to: ['env:OPS_ALERTS']}\n"
BERLIN = ZoneInfo("Europe/Berlin")
GITHUB = ("github-actions", "--package", "okr-sync==0.1.0")
KUBERNETES = ("kubernetes", "--image", "registry.acme.example/okr-sync:0.1.0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "okr 100%"
    (here / "mappings" / "web").mkdir(parents=True)
    (here / "config.yaml").write_text(CONFIG)
    (here / "mappings" / "web" / "first.yaml").write_text("key_results: {}\n")
    return here


def schedule(folder: Path, *words: str) -> str:
    if words[0] == GITHUB[0]:
        path = folder / "config.yaml"
        path.write_text(path.read_text().replace("file:/run/secrets/airtable", "file:secrets/airtable"))
    said: Said = say("schedule", *words, folder=folder)
    assert said.code == 0, said.text
    return said.out


def ask_tool(*words: str, folder: Path) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs("systemd-analyze")
def test_systemd_takes_the_units(folder: Path) -> None:
    schedule(folder, "systemd", "--out", "units")
    units = folder / "units"
    said = ask_tool("systemd-analyze", "verify", "./okr-sync.service", "./okr-sync.timer", folder=units)
    assert [line for line in said.splitlines() if "okr-sync" in line] == []
    line = next(line for line in (units / "okr-sync.timer").read_text().splitlines() if line.startswith("OnCalendar="))
    said = ask_tool("systemd-analyze", "calendar", "--iterations=2", line.partition("=")[2], folder=units)
    assert "Normalized form: Mon..Fri *-*-* 06:30:00 Europe/Berlin" in said


@needs("systemd-analyze")
def test_systemd_analyze_would_notice(folder: Path) -> None:
    schedule(folder, "systemd", "--out", "units")
    unit = folder / "units" / "okr-sync.service"
    unit.write_text(unit.read_text().replace("RestartSec=10min", "RestartSec=soon"))
    said = subprocess.run(
        ["systemd-analyze", "verify", "./okr-sync.service"],
        cwd=unit.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Failed to parse" in said.stderr


@pytest.mark.parametrize(("alerts", "well"), [("", False), (ALERTS, True)])
def test_code_4_is_success_only_where_the_config_tells_ops_itself(folder: Path, alerts: str, *, well: bool) -> None:
    (folder / "config.yaml").write_text(CONFIG + alerts)
    unit = schedule(folder, "systemd")
    assert ("\nSuccessExitStatus=4\n" in unit) is well
    assert ("never" in cron_job(folder)["args"]) is well
    assert ("--partial-exit never" in schedule(folder, *GITHUB)) is well
    assert ("4|5)" in schedule(folder, "cron")) is well


def cron_job(folder: Path) -> dict:
    found = yaml.safe_load(schedule(folder, *KUBERNETES))
    return found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]


def test_kubernetes_takes_the_cron_job(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import kubernetes_validate
    found = yaml.safe_load(schedule(folder, *KUBERNETES))
    kubernetes_validate.validate(found, "1.31", strict=True)
    spec = found["spec"]
    assert (spec["timeZone"], spec["concurrencyPolicy"], spec["startingDeadlineSeconds"]) == (
        "Europe/Berlin", "Forbid", 3600,
    )  # fmt: skip
    job = spec["jobTemplate"]["spec"]
    pod = job["template"]["spec"]
    assert (job["backoffLimit"], pod["restartPolicy"]) == (0, "Never")
    assert pod["securityContext"]["runAsNonRoot"] is True
    container = pod["containers"][0]
    assert "env" not in container
    assert {each["mountPath"] for each in container["volumeMounts"]} == {
        "/etc/okr-sync", "/run/secrets/okr-sync", "/run/secrets/airtable", "/tmp",
    }  # fmt: skip
    found["spec"]["jobTemplate"]["spec"]["backofLimit"] = 0
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found, "1.31", strict=True)


def test_github_takes_the_workflow(folder: Path) -> None:
    schedule(folder, *GITHUB, "--out", ".")
    path = folder / ".github" / "workflows" / "okr-sync.yaml"
    check = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path))
    ask_tool(*check, folder=folder)
    found = yaml.safe_load(path.read_text())
    assert found["permissions"] == {"contents": "read"}
    assert found["concurrency"] == {"group": "okr-sync", "cancel-in-progress": False}
    uses = [step["uses"] for step in found["jobs"]["run"]["steps"] if "uses" in step]
    assert all(each.rpartition("@")[2].removeprefix("v").isdigit() for each in uses)
    path.write_text(path.read_text().replace("runs-on", "run-on"))
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1


def test_github_starts_at_the_same_wall_clock_in_summer_and_winter(folder: Path) -> None:
    text = schedule(folder, *GITHUB)
    script = yaml.safe_load(text)["jobs"]["season"]["steps"][0]["run"]
    moment = parse_moment("06:30", "mon-fri", BERLIN)
    starts = []
    for line, offset in find_lines(moment, date(2026, 11, 22)).items():
        for start in fires(line, datetime(2026, 11, 22, tzinfo=UTC), days=365):
            local = start.astimezone(BERLIN)
            if local.strftime("%z") == offset:
                starts.append(local)
    assert {f"{start:%H:%M}" for start in starts} == {"06:30"}
    assert len(starts) == len({start.date() for start in starts}) == 260
    for line, offset in find_lines(moment, date(2026, 11, 22)).items():
        out = folder / "out"
        zone = {"+0100": "UTC-1", "+0200": "UTC-2"}  # POSIX spells east of Greenwich with a minus
        for now, posix in zone.items():
            out.write_text("")
            same = script.replace("TZ=Europe/Berlin", f"TZ={posix}")
            subprocess.run(
                ["sh", "-ec", same], env={"LINE": line, "GITHUB_OUTPUT": str(out), "PATH": "/usr/bin:/bin"}, check=True
            )
            assert out.read_text() == ("now=yes\n" if now == offset else "now=no\n")


def fires(line: str, start: datetime, days: int) -> list[datetime]:
    found = []
    for each in CronSim(line, start):
        if each > start + timedelta(days=days):
            break
        found.append(each)
    return found


@pytest.mark.parametrize(
    ("zone", "at", "days", "lines"),
    [
        ("UTC", "06:30", "mon-fri", {"30 6 * * 1-5": "+0000"}),
        ("Asia/Tokyo", "06:30", "mon-fri", {"30 21 * * 0,1,2,3,4": "+0900"}),
        ("America/New_York", "22:00", "sun", {"0 2 * * 1": "-0400", "0 3 * * 1": "-0500"}),
        ("Asia/Kolkata", "06:30", "daily", {"0 1 * * *": "+0530"}),
    ],
)
def test_a_day_that_is_another_one_in_utc(zone: str, at: str, days: str, lines: dict[str, str]) -> None:
    assert find_lines(parse_moment(at, days, ZoneInfo(zone)), date(2026, 11, 22)) == lines


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a shell")
@pytest.mark.parametrize(("code", "alerts", "mailed"), [
    (0, "", False), (1, "", True), (2, "", True), (4, "", True), (4, ALERTS, False), (5, "", False), (6, ALERTS, True),
])  # fmt: skip
def test_cron_mails_what_needs_a_look(folder: Path, code: int, alerts: str, *, mailed: bool) -> None:
    (folder / "config.yaml").write_text(CONFIG + alerts)
    text = schedule(folder, "cron", "--at", "05:15")
    assert "CRON_TZ=Europe/Berlin\n" in text
    line = text.splitlines()[-1]
    fields, call = line.split("  ", 1)
    assert fields == "15 5 * * 1-5"
    assert fires(fields, datetime(2026, 11, 22, tzinfo=BERLIN), 3)[0].isoformat() == "2026-11-23T05:15:00+01:00"
    assert "%" not in call.replace(r"\%", "")
    command = folder / "fake"
    command.write_text(f"#!/bin/sh\necho said >&2\nexit {code}\n")
    command.chmod(0o755)
    words = call.replace(r"\%", "%").split(" && ", 1)
    real = words[1].split(" ", 1)
    done = subprocess.run(["sh", "-c", f"{words[0]} && ./fake {real[1]}"], capture_output=True, text=True, check=False)
    assert done.stdout == ("said\n" if mailed else "")


def test_every_reference_of_the_config_is_named(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG + ALERTS + "messages: {to: ['env:OKR_CHANNEL']}\n")
    line = next(line for line in schedule(folder, "cron").splitlines() if "NAME=VALUE" in line)
    assert line.endswith(": JIRA_TOKEN, OKR_CHANNEL, OPS_ALERTS")


def test_no_secret_is_fetched_or_written(folder: Path) -> None:
    (folder / "key.json").write_text('{"private_key": "planted-5ecret"}')
    for words in (("cron",), ("systemd",), KUBERNETES, GITHUB, ("systemd", "--json")):
        assert "5ecret" not in schedule(folder, *words)


def test_a_secret_outside_the_repository_is_no_file_of_the_workflow(folder: Path) -> None:
    said = say("schedule", *GITHUB, folder=folder)
    assert (said.code, "file:/run/secrets/airtable lies outside" in said.err) == (2, True)


@pytest.mark.parametrize("words", [GITHUB, KUBERNETES])
def test_a_person_s_sign_in_is_scheduled_where_they_signed_in(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "config.yaml").write_text(CONFIG.replace("'file:key.json'", "login"))
    said = say("schedule", *words, folder=folder)
    assert said.code == 2
    assert "who signed in on this machine" in said.err
    assert "okr-sync schedule systemd" in said.err
    assert say("schedule", "systemd", folder=folder).code == 0


def test_application_default_credentials_are_no_secret_to_schedule(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG.replace("'file:key.json'", "application-default"))
    said = say("schedule", *KUBERNETES, folder=folder)
    assert said.code == 0, said.text
    assert "application-default" not in said.out


def test_a_workbook_is_scheduled_where_it_lies(folder: Path) -> None:
    text = CONFIG.splitlines()
    text[1] = "sheet: {workbook: books/okrs.xlsx}"
    (folder / "config.yaml").write_text("\n".join(text))
    assert f'ReadWritePaths="{folder}/books"'.replace("%", "%%") in schedule(folder, "systemd")
    for words in (KUBERNETES, GITHUB):
        said = say("schedule", *words, folder=folder)
        assert said.code == 2
        assert "okr-sync schedule systemd" in said.err


@pytest.mark.parametrize(
    ("at", "days"), [("6:30", "daily"), ("25:00", "daily"), ("06:30", "monday"), ("06:30", "mon-")]
)
def test_words_that_are_no_time_are_refused(at: str, days: str) -> None:
    with pytest.raises(ScheduleRefused):
        parse_moment(at, days, BERLIN)


def test_days_may_go_round_the_week() -> None:
    assert parse_moment("06:30", "sat-mon", BERLIN).days == (0, 5, 6)
    assert render_cron(parse_moment("06:30", "sat-mon", BERLIN).at, (0, 5, 6)) == "30 6 * * 0,1,6"


def test_an_hour_at_which_clocks_change_is_told(folder: Path) -> None:
    assert find_jumps(parse_moment("02:30", "sun", BERLIN), date(2026, 11, 22)) == (
        date(2027, 3, 28),
        date(2027, 10, 31),
    )
    assert find_jumps(parse_moment("06:30", "daily", BERLIN), date(2026, 11, 22)) == ()
    said = say("schedule", "systemd", "--at", "02:30", "--days", "daily", folder=folder)
    assert "Clocks change at 02:30 on 2027-03-28" in said.err
