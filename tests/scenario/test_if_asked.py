"""“Sync now”: somebody ticks it on the Dashboard, and ``run --if-asked`` does a run; a look costs one row."""

import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from connectors.google import GoogleSession
from sync.ask import is_asked
from sync.guards import Alarm
from sync.run import RunWishes, apply_run
from sync.sheet.dashboard_head import TICK_COLUMN
from sync.sheet.layout import Tab
from tests.support.company import Company, say
from tests.support.receiver import receiving
from tests.unit.cycle_sheets import live_through, make_company

BOX = "H1"


def tick(company: Company) -> None:
    company.person.type("Dashboard", BOX, "TRUE")


def shows(company: Company) -> str:
    return company.person.text("Dashboard", BOX)


def runs(company: Company) -> list[list[str]]:
    return [row for row in company.person.rows("Runs") if row[0]]


def asked(company: Company, first: int) -> list[tuple[str, list[str]]]:
    """What Google was asked since: the method, and the ranges of reads."""
    made = [each for each in company.services.google.requests[first:] if each.path.startswith("/v4/")]
    return [(each.method, each.query.get("ranges", [])) for each in made]


def test_it_stands_beside_its_label_before_the_first_run_and_after(company: Company) -> None:
    assert company.person.text("Dashboard", "G1") == "Sync now"
    company.say("run")
    assert company.person.text("Dashboard", "G1") == "Sync now"
    assert shows(company) in ("", "FALSE")


def test_where_nobody_has_ticked_it_is_one_read_of_one_row_and_nothing_else(synced: Company) -> None:
    before, before_runs = len(synced.services.google.requests), runs(synced)
    with receiving() as monitor:
        path = synced.folder / "config.yaml"
        path.write_text(path.read_text() + "alerts: {ping: 'env:PING'}\n")
        said = synced.say("run", "--if-asked", PING=monitor.url)
        assert monitor.got == [], "a look is no run: it must not keep a dead man's switch alive"
    assert (said.code, said.out) == (0, "")
    assert asked(synced, before) == [("GET", ["'Dashboard'!1:1"])]
    assert runs(synced) == before_runs
    assert synced.say("run", "--if-asked", "--json").json["asked"] is False


def test_a_look_is_an_answer_of_few_bytes(synced: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    fetch = GoogleSession.fetch_spreadsheet

    def weigh(self: GoogleSession, *asked: object) -> object:
        answer = fetch(self, *asked)  # type: ignore[arg-type]
        sizes.append(len(json.dumps(answer)))
        return answer

    monkeypatch.setattr(GoogleSession, "fetch_spreadsheet", weigh)
    synced.say("run", "--if-asked")
    synced.say("plan", "--no-fetch")
    look, read = sizes
    assert look < 4_000 < read / 10


def test_a_tick_makes_a_run_which_unticks_it_in_the_same_write(synced: Company) -> None:
    tick(synced)
    before = len(synced.services.google.requests)
    said = synced.say("run", "--if-asked")
    assert said.code == 0, said.text
    assert [method for method, _ in asked(synced, before)] == ["GET", "GET", "POST"]
    assert shows(synced) == "FALSE"
    assert "asked for on the Dashboard" in runs(synced)[-1][9]
    assert not [row for row in runs(synced) if row[3] == "drift"]
    assert synced.say("run", "--if-asked", "--json").json["asked"] is False


def test_a_tick_while_a_run_is_writing_is_served_by_the_next_one(synced: Company) -> None:
    synced.type("WEB-1.1", "Target", "95%")
    synced.services.google.before(":batchUpdate", lambda: tick(synced))
    assert synced.say("run").code == 0
    assert shows(synced) == "TRUE"
    assert synced.say("run", "--if-asked").code == 0
    assert shows(synced) == "FALSE"


def test_the_run_of_the_night_serves_it_too_and_one_that_asks_nobody_doesnt(synced: Company) -> None:
    tick(synced)
    synced.say("run", "--no-fetch")
    synced.say("run", "--only", "WEB-1.1")
    assert shows(synced) == "TRUE"
    synced.say("run")
    assert shows(synced) == "FALSE"


def test_a_run_that_is_refused_does_not_come_again_every_five_minutes(
    synced: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(synced)
    monkeypatch.setattr("sync.run.find_alarms", lambda *_: (Alarm("moved", (), 4, Decimal(0)),))
    assert synced.say("run", "--if-asked").code == 6
    assert shows(synced) == "FALSE"
    assert runs(synced)[-1][3] == "refused"


def test_a_renamed_dashboard_is_found_again(synced: Company) -> None:
    tick(synced)
    synced.person.rename_tab("Dashboard", "Overview")
    assert synced.say("run", "--if-asked").code == 0
    assert synced.person.text("Overview", BOX) == "FALSE"


def test_a_part_of_a_run_is_no_answer_to_who_ticked_it(synced: Company) -> None:
    said = synced.say("run", "--if-asked", "--only", "WEB-1.1")
    assert said.code == 2
    assert "a whole run" in said.err


def test_in_a_file_that_somebody_saves_while_a_run_is_going_on_the_tick_stays() -> None:
    world, store, engine = make_company(has_before=False)
    live_through(world, engine, days=7)
    assert not is_asked(engine)
    world.pass_days(7)
    store.act = lambda: store.type(Tab.DASHBOARD.value, 0, TICK_COLUMN, value=True)
    apply_run(engine, RunWishes())
    assert is_asked(engine)
    apply_run(engine, RunWishes())
    assert not is_asked(engine)


def test_a_workbook_has_a_list_of_true_and_false_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("key_results: {}\n")
    (tmp_path / "config.yaml").write_text("sheet: {workbook: okrs.xlsx}\nsources: {}\nmappings: m.yaml\n")
    assert say("layout", folder=tmp_path).code == 0
    assert say("run", "--if-asked", "--json", folder=tmp_path).json["asked"] is False
    for text in (True, "x"):
        book = openpyxl.load_workbook(tmp_path / "okrs.xlsx")
        board = book["Dashboard"]
        assert [rule.formula1 for rule in board.data_validations.dataValidation] == ['"TRUE,FALSE"']
        board[BOX] = text
        book.save(tmp_path / "okrs.xlsx")
        said = say("run", "--if-asked", folder=tmp_path)
        assert said.code == 0, said.text
        assert openpyxl.load_workbook(tmp_path / "okrs.xlsx")["Dashboard"][BOX].value is False
