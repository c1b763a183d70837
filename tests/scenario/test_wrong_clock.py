"""A machine whose clock is wrong: told by how much, and nothing is written of days that nobody lived."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.acme import acme_sheet
from sandbox.google import ROBOT
from sandbox.person_workbook import WorkbookPerson
from sandbox.wire import Fault
from tests.support.company import NOW, ROWS, Company
from tests.support.whole import heals, whole

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
