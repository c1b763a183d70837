"""``okr-sync status``: one read, one screen, an exit code for monitors."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sync.guards import Alarm
from sync.sheet.store import RawTab
from sync.tell.status import find_last_run, find_refused, render_age
from tests.support.company import NOW, Company
from tests.unit.sync_sheets import cell


def test_before_the_first_run_it_is_down(company: Company) -> None:
    said = company.say("status")
    assert said.code == 1
    assert "there has been no good run yet" in said.out


def test_all_is_well_after_a_run_with_one_read_and_no_write(synced: Company) -> None:
    before = len(synced.services.google.requests)
    said = synced.say("status")
    assert said.code == 0
    assert said.out.startswith("Acme OKRs: all is well\n")
    assert "Last good run     2026-11-22 21:00 (0 minutes ago)" in said.out
    assert "5: 4 mapped, 1 manual" in said.out
    made = [each for each in synced.services.google.requests[before:] if each.path.startswith("/v4/")]
    assert [each.method for each in made] == ["GET"]
    found = synced.say("status", "--json").json
    assert (found["level"], found["reasons"], found["problems"]) == ("fine", [], [])
    assert found["last_run"]["result"] == "ok"


def test_a_source_that_is_down_needs_a_look_until_it_is_back(synced: Company) -> None:
    assert synced.say("run", JIRA_TOKEN="not-a-token-of-ours").code == 4
    said = synced.say("status")
    assert said.code == 4
    assert "2: WEB-1.1, WEB-2.1" in said.out
    assert "since 22 Nov: jira" in said.out
    synced.type("GRO-1.1", "Score", "0.9")
    assert "1: GRO-1.1 score" in synced.say("status").out
    assert synced.say("run").code == 0
    assert synced.say("status").code == 0


def test_days_without_a_run_are_down(synced: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    later = datetime(2026, 11, 22, 20, 0, tzinfo=UTC) + timedelta(days=5)
    monkeypatch.setattr("tests.support.company.NOW", later)
    said = synced.say("status")
    assert said.code == 1
    assert "the last good run was 5 days ago" in said.out


def test_a_night_that_was_refused_is_down_until_a_whole_run_is_good(
    synced: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of a part hides it not; a good one ends it, though it had nothing to write."""

    def later(minutes: int) -> None:
        monkeypatch.setattr("tests.support.company.NOW", NOW + timedelta(minutes=minutes))

    later(10)
    with monkeypatch.context() as unsafe:
        unsafe.setattr("sync.run.find_alarms", lambda *_: (Alarm("moved", (), 4, Decimal(0)),))
        assert synced.say("run").code == 6
    later(20)
    synced.type("GRO-1.1", "Target", "900")
    assert "2 moved" in synced.say("run", "--no-fetch").err
    down = synced.say("status")
    assert (down.code, "was refused: 0 of 4 readings moved" in down.out) == (1, True), down.out
    later(30)
    assert "Nothing to change" in synced.say("run").out
    fine = synced.say("status")
    assert (fine.code, "refused" in fine.out.splitlines()[0]) == (0, False), fine.out


def test_a_refusal_ends_with_a_good_run_that_wrote_no_line() -> None:
    start = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    rows = [["Run"], ["r1", "2026-11-22 06:30:00", "", "refused", *[""] * 5, "9 of 38"]]
    runs = RawTab(1, "Runs", cells=tuple(tuple(map(cell, row)) for row in rows))
    assert find_refused(runs, start - timedelta(hours=1), start) is not None
    assert find_refused(runs, start + timedelta(minutes=1), start) is None
    assert find_refused(runs, None, start) is not None
    assert find_refused(None, start, start) is None
    typed = RawTab(1, "Runs", cells=tuple(tuple(map(cell, [row[0], "monday", *row[2:]])) for row in rows if row[1:]))
    assert find_refused(RawTab(1, "Runs", cells=(runs.cells[0], *typed.cells)), start, start) is not None


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 minutes"), (1, "1 minute"), (119, "119 minutes"), (120, "2 hours"), (2879, "47 hours"), (2880, "2 days")],
)
def test_ages(minutes: int, text: str) -> None:
    assert render_age(timedelta(minutes=minutes)) == text


def test_what_was_left_on_a_drawn_tab_is_no_run() -> None:
    rows = [["Run"], ["r1", "9:00", "", "ok", *[""] * 5, "fine"], ["r1", "9:00", "", "drift", *[""] * 5, "a note"]]
    runs = RawTab(1, "Runs", cells=tuple(tuple(map(cell, row)) for row in rows))
    found = find_last_run(runs)
    assert found is not None
    assert (found.result, found.remark) == ("ok", "fine")
    assert find_last_run(None) is None
