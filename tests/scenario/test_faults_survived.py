"""What happens to a run from outside: one message, nothing half-written, and the next run makes it good."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.acme import AIRTABLE_TOKEN, JIRA_TOKEN
from sandbox.google import ROBOT
from sandbox.wire import Fault
from tests.support.company import Company
from tests.support.process import RUNNER
from tests.support.whole import heals, heals_at_once, whole

READ = "/v4/spreadsheets/"
WRITE = ":batchUpdate"
BY_JIRA = ("WEB-1.1", "WEB-2.1")


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


def writes(company: Company) -> list[str]:
    """What was asked of the sheet so far, in order, R and W."""
    made = [each for each in company.services.google.requests if each.path.startswith(READ)]
    return ["W" if each.path.endswith(WRITE) else "R" for each in made]


def test_a_quota_that_is_gone_for_two_minutes(company: Company) -> None:
    """What it refused was not done: the run waits, reads and plans again, and nobody hears of it."""
    first = len(writes(company))
    google = company.services.google
    google.faults.add(Fault(match=lambda request: request.path.endswith(WRITE), status=429, times=2))
    said = company.say("run")
    assert said.code == 0, said.text
    assert "".join(writes(company)[first:]) == "RWRWRW"
    assert said.err.count("Reading and planning again in 6") == 2
    heals_at_once(company)


def test_a_quota_that_does_not_come_back(company: Company) -> None:
    """The run waits for some minutes of its time, says so, and has written nothing; the next one does it all."""
    before = whole(company)
    google = company.services.google
    google.faults.add(Fault(match=lambda request: request.path.endswith(WRITE), status=429, times=None))
    said = company.say("run")
    assert said.code == 1, said.text
    assert "Nothing was written: Google's quota of calls per minute is used up" in said.text
    assert whole(company) == before
    heals(company)


def test_a_quota_of_writes_that_is_gone_on_a_new_cycle_s_first_night(company: Company) -> None:
    """What prepares the sheet is a write, too."""
    company.say("run")
    company.person.delete_tab("History 2026-Q4")
    google = company.services.google
    google.faults.add(Fault(match=lambda request: request.path.endswith(WRITE), status=429, times=1))
    said = company.say("run")
    assert said.code == 0, said.text
    assert company.person.rows("History 2026-Q4")


def test_a_quota_that_is_gone_for_a_moment_is_waited_out(company: Company) -> None:
    company.services.google.faults.add(Fault(match=READ, status=429, times=3))
    said = company.say("run")
    assert said.code == 0, said.text


@pytest.mark.parametrize("at", ["GET", WRITE])
def test_a_token_that_google_takes_back_in_the_middle_of_a_run(company: Company, at: str) -> None:
    """One call is refused, and the run goes on with another token: nobody hears of it."""
    google, first = company.services.google, len(company.services.google.requests)
    google.before(lambda request: at in f"{request.method} {request.path}", google.tokens.revoke)
    said = company.say("run")
    assert said.code == 0, said.text
    assert [each.status for each in google.requests[first:]].count(401) == 1
    heals_at_once(company)


def test_a_token_that_google_takes_back_again_and_again(company: Company) -> None:
    before = whole(company)
    google = company.services.google
    google.faults.add(Fault(match=lambda request: request.path.endswith(WRITE), status=401, times=2))
    said = company.say("run")
    assert said.code == 1, said.text
    assert "Nothing was written: Google refuses (401)" in said.text
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


FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")


@full
@pytest.mark.parametrize("command", ["run", "status --json"])
def test_a_full_disk_below_the_output(synced: Company, command: str) -> None:
    """A night's output goes into a file on a disk that is full: one message, no bug of ours, and the sheet is whole."""
    synced.type("WEB-1.1", "Target", "95%")
    environ = {**os.environ, "PYTHONUNBUFFERED": "", "JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    with FULL.open("wb", buffering=0) as out:
        said = subprocess.run(
            [sys.executable, "-c", RUNNER, *command.split()], cwd=synced.folder, env=environ, stdout=out,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert said.returncode == 1
    assert "can't be written: No space left on device." in said.stderr
    assert "bug" not in said.stderr
    heals(synced)


@full
@pytest.mark.parametrize("words", [("plan", "--out"), ("run", "--report"), ("report", "--out")])
def test_a_full_disk_below_a_file(synced: Company, words: tuple[str, ...]) -> None:
    said = synced.say(*words, "/dev/full")
    assert said.code == 1
    assert "can't be written to /dev/full: No space left on device" in " ".join(said.err.split())
    heals(synced)
