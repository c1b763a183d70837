"""What happens to a run from outside: one message, nothing half-written, and the next run makes it good."""

import copy
import os
import re
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.acme import AIRTABLE_TOKEN, JIRA_TOKEN, acme_sheet
from sandbox.google import ROBOT
from sandbox.person_workbook import WorkbookPerson
from sandbox.wire import Fault
from tests.support.company import NOW, ROWS, Company
from tests.support.process import RUNNER

READ = "/v4/spreadsheets/"
WRITE = ":batchUpdate"
BY_JIRA = ("WEB-1.1", "WEB-2.1")


def whole(company: Company) -> list[Any]:
    """Every cell of every tab."""
    return copy.deepcopy([(tab.title, tab.rows) for tab in company.document.tabs])


def heals(company: Company) -> None:
    """All is well again: the next run writes everything, the one after that nothing, and History is exact."""
    company.services.reset()
    said = company.say("run")
    assert said.code == 0, said.text
    assert "Nothing to change" in company.say("run").out
    history = [tuple(row[:6]) for row in company.person.rows("History 2026-Q4")[1:] if any(row)]
    assert len(history) == len(set(history))
    for row in ROWS["Key Results"]:
        assert company.shows(row, "Status") not in ("", "No data"), row


MID_RUN = {
    "unshared": lambda company: company.document.access.pop(ROBOT),
    "made read-only": lambda company: company.document.share(ROBOT, role="reader"),
    "deleted": lambda company: company.services.google.documents.pop(company.document.id),
}
SAID = {
    "unshared": ("Share the sheet with", ROBOT),
    "made read-only": ("as an editor", ROBOT),
    "deleted": ("no such spreadsheet", "sheet.google"),
}


@pytest.mark.parametrize("what", MID_RUN)
def test_the_sheet_is_taken_away_between_read_and_write(company: Company, what: str) -> None:
    google = company.services.google
    before = whole(company)
    google.before(lambda request: request.path.endswith(WRITE), lambda: MID_RUN[what](company))
    said = company.say("run")
    assert said.code == 1, said.text
    flat = " ".join(said.text.split())
    assert "othing was written" in flat
    assert all(part in flat for part in SAID[what]), flat
    assert whole(company) == before
    google.documents[company.document.id] = company.document
    company.document.share(ROBOT)
    heals(company)


def test_a_quota_that_is_gone_for_two_minutes(company: Company) -> None:
    """A write isn't sent again: the run says so and has written nothing; the next one does it all."""
    before = whole(company)
    google = company.services.google
    google.faults.add(Fault(match=lambda request: request.path.endswith(WRITE), status=429, times=None))
    said = company.say("run")
    assert said.code == 1, said.text
    assert "Nothing was written: Google's quota of calls per minute is used up" in said.text
    assert whole(company) == before
    heals(company)


def test_a_quota_that_is_gone_for_a_moment_is_waited_out(company: Company) -> None:
    company.services.google.faults.add(Fault(match=READ, status=429, times=3))
    said = company.say("run")
    assert said.code == 0, said.text


def test_a_token_that_google_takes_back_between_read_and_write(company: Company) -> None:
    before = whole(company)
    google = company.services.google
    google.faults.add(Fault(match=lambda request: request.path.endswith(WRITE), status=401, times=1))
    said = company.say("run")
    assert said.code == 1, said.text
    assert "Check sheet.credentials" in said.text
    assert whole(company) == before
    heals(company)


def test_jira_s_token_is_revoked_between_two_pages(synced: Company) -> None:
    before = synced.machine_cells()
    synced.services.jira.faults.add(Fault(match="/search", status=401, skip=1, times=None))
    said = synced.say("run")
    assert said.code == 4, said.text
    assert "JIRA_TOKEN" in said.text
    for row in BY_JIRA:
        assert synced.shows(row, "Current") == before[row, "Current"]
    synced.services.reset()
    assert synced.say("run").code == 0


@pytest.mark.parametrize("host", ["google", "jira"])
def test_names_that_lead_nowhere(synced: Company, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS fails for one host. For a source its values stay; for the sheet the run ends with a message."""
    before = synced.machine_cells()
    config = (synced.folder / "config.yaml").read_text("utf-8")
    synced.write(config=config.replace(getattr(synced.services, host).url, f"https://{host}.acme.invalid"))
    real = socket.getaddrinfo

    def fails(name: Any, *rest: Any, **more: Any) -> Any:
        if str(name).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(name, *rest, **more)

    monkeypatch.setattr("socket.getaddrinfo", fails)
    said = synced.say("run")
    assert said.code == (1 if host == "google" else 4), said.text
    assert ("unknown host name" if host == "google" else f"{host}.acme.invalid") in said.text
    assert "Traceback" not in said.text
    assert {key: text for key, text in synced.machine_cells().items() if key[1] == "Current"} == {
        key: text for key, text in before.items() if key[1] == "Current"
    }


HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


def turn(monkeypatch: pytest.MonkeyPatch, company: Company, ahead: timedelta) -> None:
    """This machine's clock goes wrong; Google's doesn't."""
    monkeypatch.setattr("tests.support.company.NOW", NOW + ahead)
    company.google_ahead = -ahead


@pytest.mark.parametrize(
    ("command", "ahead", "span"),
    [
        ("run", 2 * HOUR, "2 hours ahead of"),
        ("run", -2 * HOUR, "2 hours behind"),
        ("run", YEAR, "365 days ahead of"),
        ("run", -YEAR, "365 days behind"),
        ("run --force", YEAR, "365 days ahead of"),
        ("layout", YEAR, "365 days ahead of"),
        ("plan", YEAR, "365 days ahead of"),
        ("status", -YEAR, "365 days behind"),
        ("release --all", -YEAR, "365 days behind"),
        ("cycle close 2026-Q4 --yes", YEAR, "365 days ahead of"),
    ],
)
def test_a_clock_that_is_wrong_by_google_s_own(
    synced: Company, command: str, ahead: timedelta, span: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written, not even a heartbeat or a line in Runs, whatever is forced; then all goes on."""
    synced.type("WEB-1.1", "Target", "95%")
    before = whole(synced)
    turn(monkeypatch, synced, ahead)
    said = synced.say(*command.split())
    flat = " ".join(said.text.split())
    assert said.code == 1, said.text
    assert f"this machine's clock is {span} Google's: it is 22 Nov 2026 21:00 there and " in flat
    assert "Nothing was written. Set this machine's clock" in flat
    assert whole(synced) == before
    turn(monkeypatch, synced, timedelta())
    heals(synced)


def test_a_clock_some_minutes_wrong_is_told_and_harms_nothing(synced: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.type("WEB-1.1", "Target", "95%")
    turn(monkeypatch, synced, timedelta(minutes=-20))
    said = synced.say("run")
    assert said.code == 0
    assert "this machine's clock is 20 minutes behind Google's" in said.out
    assert "WEB-1.1" in said.out
    turn(monkeypatch, synced, timedelta(minutes=4))
    over = synced.say("run").out
    assert "Over since the last run" in over
    assert "clock is" not in synced.say("run").out


def test_a_few_minutes_that_make_another_day_are_too_many(synced: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """At six to midnight in Berlin, by a clock that is ten minutes slow: Google has tomorrow already."""
    before = whole(synced)
    monkeypatch.setattr("tests.support.company.NOW", NOW + timedelta(hours=2, minutes=54))
    synced.google_ahead = timedelta(minutes=10)
    said = synced.say("run")
    assert said.code == 1, said.text
    assert "10 minutes behind Google's: it is 23 Nov 2026 00:04 there and 22 Nov 2026 23:54 here" in " ".join(
        said.text.split()
    )
    assert whole(synced) == before


@pytest.mark.parametrize("ahead", [3 * HOUR, -3 * HOUR], ids=["ahead", "behind"])
def test_google_signs_nobody_in_whose_clock_is_wrong(
    synced: Company, ahead: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google's own words don't say that it is the clock; okr-sync does."""
    before = whole(synced)
    turn(monkeypatch, synced, ahead)
    said_by_google = {
        "error": "invalid_grant",
        "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
        "timeframe. Check your iat and exp values in the JWT claim.",
    }
    synced.services.google.faults.add(Fault(match="/token", status=400, body=said_by_google, times=None))
    said = synced.say("run")
    flat = " ".join(said.text.split())
    assert said.code == 1
    word = "ahead of" if ahead > timedelta() else "behind"
    assert f"accept the credentials of {ROBOT}: this machine's clock is 3 hours {word} Google's. Set this" in flat
    assert whole(synced) == before
    turn(monkeypatch, synced, timedelta())
    said = synced.say("run")
    assert "clock" not in said.text
    assert "the key may be deleted" in said.text


def test_the_doctor_says_that_the_clock_is_wrong(synced: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    turn(monkeypatch, synced, timedelta(minutes=7))
    said = synced.say("doctor")
    assert (said.code, "clock     look  this machine's clock is 7 minutes ahead of Google's" in said.out) == (0, True)
    turn(monkeypatch, synced, YEAR)
    said = synced.say("doctor")
    assert (said.code, "clock     fail  this machine's clock is 365 days ahead of" in said.out) == (1, True), said.out


def test_a_run_before_this_one_lived_in_the_future(synced: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose clock was wrong wrote a heartbeat of next year: where Google says the time, it is put right."""
    monkeypatch.setattr("tests.support.company.NOW", NOW + YEAR)
    assert synced.say("run").code == 0
    turn(monkeypatch, synced, timedelta())
    said = synced.say("run")
    assert "the last run was on 22 Nov 2027 at 21:00, which is still to come" in " ".join(said.out.split())
    assert "1 over" in synced.say("run").out
    assert "still to come" not in synced.say("run").out
    assert "0 minutes ago" in synced.say("status").out


@pytest.fixture
def workbook(company: Company) -> Path:
    """A company whose OKRs are kept in a file: no server says what time it is."""
    config = (company.folder / "config.yaml").read_text("utf-8")
    company.write(config=re.sub(r"sheet: \{.*\}", "sheet: {workbook: okrs.xlsx}", config))
    assert company.say("layout").code == 0
    path = company.folder / "okrs.xlsx"
    for tab, ids in ROWS.items():
        rows = [row | {"Parent": ""} if "Parent" in row else row for row in acme_sheet(NOW.date())[tab]]
        WorkbookPerson(path).fill(tab, [row for row in rows if next(iter(row.values())) in ids])
    said = company.say("run")
    assert said.code == 0, said.text
    return path


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (-2 * HOUR, "which is still to come here: this machine's clock is 2 hours behind, or that of the machine that"),
        (-YEAR, "this machine's clock is 365 days behind"),
        (
            YEAR,
            "the last run was on 22 Nov 2026, 365 days ago by this machine's clock (22 Nov 2027): it may have jumped",
        ),
    ],
)
def test_a_wrong_clock_where_nobody_says_the_time(
    company: Company, workbook: Path, ahead: timedelta, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = workbook.read_bytes()
    monkeypatch.setattr("tests.support.company.NOW", NOW + ahead)
    said = company.say("run")
    flat = " ".join(said.text.split())
    assert said.code == 1, said.text
    assert words in flat
    assert "Nothing was written. Set this machine's clock" in flat
    assert "If it is right: okr-sync run --force." in flat
    assert workbook.read_bytes() == before
    monkeypatch.setattr("tests.support.company.NOW", NOW + 2 * HOUR)
    assert company.say("run").code == 0


def test_a_clock_that_was_right_after_all_is_forced(
    company: Company, workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year's pause is believed; and a heartbeat of next year is taken back by whoever knows better."""
    monkeypatch.setattr("tests.support.company.NOW", NOW + YEAR)
    assert company.say("run", "--force").code in (0, 4)
    assert company.say("run").code in (0, 4)
    monkeypatch.setattr("tests.support.company.NOW", NOW)
    assert company.say("run").code == 1
    assert company.say("run", "--force").code == 0
    assert company.say("run").code == 0
    assert "0 minutes ago" in company.say("status").out


FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")


@full
@pytest.mark.parametrize("command", ["run", "status --json"])
def test_a_full_disk_below_the_output(synced: Company, command: str) -> None:
    """A night's output goes into a file on a disk that is full: one message, no bug of ours, and the sheet is whole."""
    synced.type("WEB-1.1", "Target", "95%")
    environ = {**os.environ, "JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    with FULL.open("wb", buffering=0) as out:
        said = subprocess.run(
            [sys.executable, "-c", RUNNER, *command.split()], cwd=synced.folder, env=environ, stdout=out,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert said.returncode == 1
    assert "Error: The disk is full: not all of the output could be written." in said.stderr
    assert "bug" not in said.stderr
    heals(synced)


@full
@pytest.mark.parametrize("words", [("plan", "--out"), ("run", "--report"), ("report", "--out")])
def test_a_full_disk_below_a_file(synced: Company, words: tuple[str, ...]) -> None:
    said = synced.say(*words, "/dev/full")
    assert said.code == 1
    assert "can't be written to /dev/full: No space left on device" in " ".join(said.err.split())
    heals(synced)
