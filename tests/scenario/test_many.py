"""Many sheets in one process: one's trouble is never another's, and limits belong to a credential."""

import json
from pathlib import Path

import click
import openpyxl
import pytest

from connectors.limiter import Limiter, Limiters
from connectors.reply import Asked
from connectors.wire import Wire
from sync.cli.many import WORST, find_configs, name_sheets
from sync.cli.output import BUSY, FAILED, FINE, PARTIAL, PENDING, REFUSED, USAGE
from tests.support.company import Company, say
from tests.support.still_clock import StillClock
from tests.support.teams import TEAMS, call, give_rows


def test_each_line_says_its_sheet_and_the_last_one_sums_up(teams: Company) -> None:
    said = call(teams, "run")
    assert said.code == FINE, said.text
    lines = said.out.strip().split("\n")
    assert lines[-1] == "3 of 3 sheets: fine"
    assert {line.partition(" |")[0] for line in lines[:-2]} == {"acme", "desk", "shop"}
    assert len([line for line in said.err.splitlines() if " acme | run " in line]) == 1
    assert teams.shows("WEB-2.1", "Current") != ""
    again = call(teams, "plan", "--exit-code")
    assert again.code == FINE, again.text


def test_one_sheets_trouble_is_not_anothers(teams: Company) -> None:
    broken = "desk"
    path = teams.folder / "teams" / broken / "config.yaml"
    path.write_text(path.read_text() + "nonsense: 1\n")
    said = call(teams, "run", "--json")
    assert said.code == USAGE
    found = {each["name"]: each for each in said.json["sheets"]}
    assert {name: each["code"] for name, each in found.items()} == {"acme": 0, "desk": 0, "shop": 0, broken: USAGE}
    assert "nonsense" in found[broken]["error"]
    assert all("run" in each for name, each in found.items() if name != broken)
    assert f"{broken} | " in said.err


def test_a_log_for_machines_holds_the_errors_of_every_sheet(teams: Company) -> None:
    (teams.folder / "teams" / "desk" / "okrs.xlsx").unlink()
    (teams.folder / "teams" / "shop" / "config.yaml").write_text("nonsense: 1\n")
    said = teams.say("--log-format", "json", "run", "--config", TEAMS)
    lines = [json.loads(line) for line in said.err.splitlines()]
    errors = {line["sheet"]: line for line in lines if line["logger"] == "sync"}
    assert set(errors) == {"desk", "shop"}
    assert "There is no workbook" in errors["desk"]["message"]
    assert errors["desk"]["run"] == lines[1]["run"] != ""
    assert errors["shop"]["run"] == ""


def test_a_bug_that_one_sheet_brings_to_light_is_that_sheets(teams: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    import sync.run as run

    real = run.apply_run

    def fail(engine, wishes):
        if "desk" in str(engine.project.folder):
            raise RuntimeError("a bug")
        return real(engine, wishes)

    monkeypatch.setattr(run, "apply_run", fail)
    said = call(teams, "run")
    assert said.code == FAILED
    assert "desk | Error: RuntimeError: a bug" in said.err
    assert said.out.strip().endswith("2 of 3 sheets: fine; not so: desk (1)")


def test_a_signal_stops_all_and_says_what_was_not_begun(teams: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    import signal

    import sync.run as run
    from sync.interrupt import Stopped

    def stop(engine, wishes):
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(run, "apply_run", stop)
    said = call(teams, "run")
    assert said.code == 143
    assert "3 not begun" in said.out


def test_a_signal_between_two_sheets_stops_all_too(teams: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    import signal

    import sync.load as load

    real = load.load_config

    def stop(path, *rest):
        if "desk" in str(path):
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL, "it would end this process"
            signal.raise_signal(signal.SIGTERM)
        return real(path, *rest)

    monkeypatch.setattr(load, "load_config", stop)
    said = call(teams, "run")
    assert said.code == 143, said.text
    assert said.out.strip().endswith("1 of 3 sheets: fine; 2 not begun")


def test_status_doctor_and_check_over_many(teams: Company) -> None:
    call(teams, "run")
    status = call(teams, "status", "--json")
    assert [each["name"] for each in status.json["sheets"]] == ["acme", "desk", "shop"]
    assert call(teams, "check").out.strip().endswith("3 of 3 sheets: fine")
    assert call(teams, "doctor", "--json").json["sheets"][0]["ready"] is True


def test_the_option_stands_before_the_command_too_and_is_repeatable(teams: Company) -> None:
    words = ("--config", "teams/desk/config.yaml", "--config", "teams/shop/config.yaml")
    assert say(*words, "check", folder=teams.folder).out.strip().endswith("2 of 2 sheets: fine")
    environ = {"OKR_SYNC_CONFIG": "teams/desk/config.yaml:teams/shop/config.yaml"}
    assert say("check", folder=teams.folder, environ=environ).out.strip().endswith("2 of 2 sheets: fine")


def test_files_need_the_sheets_name(teams: Company) -> None:
    refused = call(teams, "run", "--report", "page.html")
    assert refused.code == USAGE
    assert "--report with several configs needs {sheet} in its name: {sheet}-page.html" in refused.err
    assert call(teams, "run", "--report", "{sheet}.html").code == FINE
    assert {path.stem for path in teams.folder.glob("*.html")} == {"acme", "desk", "shop"}


def test_what_is_about_one_sheet_says_so(teams: Company) -> None:
    said = say("--config", TEAMS, "history", "WEB-1.1", folder=teams.folder)
    assert (said.code, "one sheet at a time" in said.err) == (USAGE, True)
    assert say("run", "--config", "nowhere/*.yaml", folder=teams.folder).code == USAGE


def runs_of(teams: Company) -> list[str]:
    return [name for name in ("desk", "shop") if len(rows_of(teams, name, "Runs")) > 1]


def rows_of(teams: Company, name: str, tab: str) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(teams.folder / "teams" / name / "okrs.xlsx")
    return [row for row in book[tab].iter_rows(values_only=True) if row[0]]


def test_ids_are_done_in_the_sheets_that_have_them(teams: Company) -> None:
    give_rows(teams, "desk", "DESK-1", "BOTH-1")
    give_rows(teams, "shop", "SHOP-1", "BOTH-1")
    said = call(teams, "run", "--only", "DESK-1")
    assert said.code == FINE, said.text
    assert said.out.strip().endswith("1 of 3 sheets: fine; without these ids and left as they are: acme, shop")
    assert runs_of(teams) == ["desk"]
    assert {line.partition(" |")[0] for line in said.out.strip().split("\n")[:-2]} == {"desk"}
    said = call(teams, "run", "--only", "SHOP-1,BOTH-1,WEB-1.1", "--json")
    assert said.code == FINE, said.text
    moved = {
        each["name"]: {row["id"] for row in each["moved"] if row["tab"] == "Key Results"}
        for each in said.json["sheets"]
    }
    assert moved == {"acme": {"WEB-1.1"}, "desk": {"BOTH-1"}, "shop": {"SHOP-1", "BOTH-1"}}
    left = call(teams, "plan", "--only", "DESK-1", "--json").json["sheets"]
    assert [(each["name"], each.get("left", False)) for each in left] == [
        ("acme", True), ("desk", False), ("shop", True)
    ]  # fmt: skip


@pytest.mark.parametrize("option", ["--only", "--accept"])
def test_an_id_that_no_sheet_has_stops_all_before_any_is_written(teams: Company, option: str) -> None:
    give_rows(teams, "desk", "DESK-1")
    said = call(teams, "run", option, "DESK-1,WEB-11")
    assert (said.code, said.out) == (USAGE, "")
    assert "“WEB-11” is in none of the 3 sheets. Nothing was written.\n  Did you mean “WEB-1.1”?" in said.err
    assert runs_of(teams) == []


def test_readings_are_accepted_where_they_are_and_all_sheets_are_done(teams: Company) -> None:
    give_rows(teams, "desk", "DESK-1")
    said = call(teams, "run", "--accept", "DESK-1,WEB-1.1")
    assert (said.code, said.out.strip().endswith("3 of 3 sheets: fine")) == (FINE, True), said.text


def test_a_sheet_that_cannot_be_read_says_why_and_the_ids_are_done_elsewhere(teams: Company) -> None:
    give_rows(teams, "desk", "DESK-1")
    (teams.folder / "teams" / "shop" / "okrs.xlsx").unlink()
    said = call(teams, "run", "--only", "DESK-1,SHOP-1")
    assert said.code == FAILED
    assert "shop | Error: " in said.err
    assert said.out.strip().endswith(
        "1 of 3 sheets: fine; without these ids and left as they are: acme; not so: shop (1)"
    )
    assert len(rows_of(teams, "desk", "Runs")) == 2


def test_the_worst_code_is_told() -> None:
    assert WORST == (FINE, PENDING, PARTIAL, BUSY, REFUSED, USAGE, FAILED)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (("teams/a/config.yaml", "teams/b/config.yaml"), ["a", "b"]),
        (("a.yaml", "b.yaml"), ["a", "b"]),
        (("x/a/okr.yaml", "x/b/c/okr.yaml"), ["a", "b/c"]),
        (("config.yaml", "team/config.yaml"), ["config", "team/config"]),
        (("a/config.yaml", "a/config.yml"), ["config.yaml", "config.yml"]),
        (("a/config.yaml", "a/config.yml", "b/config.yaml"), ["a/config.yaml", "a/config.yml", "b/config.yaml"]),
    ],
)
def test_names_are_short_and_tell_sheets_apart(paths: tuple[str, ...], names: list[str]) -> None:
    found = name_sheets(tuple(map(Path, paths)))
    assert found == dict(zip(names, map(Path, paths), strict=True))


def test_a_config_that_two_patterns_find_is_done_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "c.yaml").write_text("")
    found = find_configs([f"{tmp_path}/b/c.yaml", f"{tmp_path}/*/c.yaml"])
    assert [path.parent.name for path in found] == ["b", "a"]
    with pytest.raises(click.UsageError):
        find_configs([f"{tmp_path}/*/none.yaml"])


def open_wire(limiters: Limiters | None, clock: StillClock, credential: str, folder: str = "") -> Wire[None]:
    from datetime import UTC, datetime

    from connectors.base import Surroundings

    around = Surroundings(
        lambda: datetime(2026, 11, 22, tzinfo=UTC), clock.sleep, clock.monotonic, folder=Path(folder), limiters=limiters
    )
    return Wire(Asked("crm", "api.airtable.com", credential), around, lambda: None, per_second=2)


@pytest.mark.parametrize(
    ("first", "second", "waits"),
    [
        (("env:T", "a"), ("env:T", "b"), True),
        (("env:T", "a"), ("env:U", "a"), False),
        (("file:t", "a"), ("file:t", "b"), False),
        (("file:../t", "a"), ("file:../t", "b"), True),
    ],
)
def test_limits_are_of_a_credential(first: tuple[str, str], second: tuple[str, str], *, waits: bool) -> None:
    limiters, clock = Limiters(), StillClock()
    one, two = open_wire(limiters, clock, *first), open_wire(limiters, clock, *second)
    began = clock.monotonic()
    for wire in (one, two, one, two):
        wire.ask(lambda _: None)
    assert (clock.monotonic() - began >= 1) is waits
    assert isinstance(limiters.share("x", lambda: Limiter(None, clock.monotonic, clock.sleep)), Limiter)
