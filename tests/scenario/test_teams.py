"""A sheet in which each team has a tab of its own: adopted by one command, each runs alone, nobody disturbs another."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest

from sandbox.google import ROBOT
from sandbox.google_batch import apply_batch
from sandbox.google_person import OWNER
from sync.sheet import google_layout
from sync.sheet.google import GoogleStore
from tests.support.company import Company, Said, Services, say
from tests.support.faulty_store import Crash

HEAD = ("Objective", "Key result", "Baseline", "Target", "Actual", "Owner")
TEAMS = {
    "Growth": (
        ("Grow where we are strong", "Won deals", 0, 60, 12, "Maya"),
        ("", "Trials", 0, 400, 120, "Leo"),
    ),
    "Web shop": (("Ship a site people like", "Requests done", 0, 80, 20, "Ida"), ("", "Bugs left", 90, 20, 61, "Ben")),
    "Web": (("Be fast", "Pages under a second", 0, 50, 10, "Ida"), ("", "Load time", 4, 2, 3, "Ida")),
}
CONFIGS = ("growth", "web", "web-shop")


@dataclass
class House:
    """A company's sheet, in either place: its rows, what people type, the command."""

    folder: Path
    sheet: str
    words: tuple[str, ...]
    read: Callable[[str], list[list[str]]]
    type: Callable[[str, str, str], None]
    environ: dict[str, str]

    def say(self, *words: str) -> Said:
        return say(*words, folder=self.folder, environ=self.environ)

    def adopt(self, *more: str) -> Said:
        return self.say("adopt", self.sheet, "--teams", *self.words, *more)

    def run(self, team: str, *words: str) -> Said:
        return self.say("--config", f"teams/{team}/config.yaml", *(words or ("run",)))

    def column(self, tab: str, header: str, by: str = "Key result") -> dict[str, str]:
        """A column's texts by those of another one."""
        rows = self.read(tab)
        top = next(at for at, row in enumerate(rows) if by in row)
        first, second = rows[top].index(by), rows[top].index(header)
        return {row[first]: row[second] for row in rows[top + 1 :] if len(row) > max(first, second) and row[first]}

    def map(self, team: str, **numbers: tuple[str, int]) -> None:
        """Give a team's key results numbers out of a file: id → column and value."""
        folder = self.folder / "teams" / team
        lines = ["key,value", *(f"{name},{value}" for name, (_, value) in numbers.items())]
        (folder / "n.csv").write_text("\n".join(lines) + "\n")
        config = (folder / "config.yaml").read_text()
        start, end = config.index("sources:"), config.index("# A file, or a folder of files")
        text = "sources:\n  n: {kind: file, path: n.csv}\n"
        (folder / "config.yaml").write_text(config[:start] + text + config[end:])
        items = {
            own: {"n": {"where": {"key": name}}, "measure": {"sum": "value"}} for name, (own, _) in numbers.items()
        }
        (folder / "mappings" / "first.yaml").write_text("key_results: " + json.dumps(items) + "\n")


def fill(put: Callable[[str, int, int, Any], None], teams: Sequence[str] = tuple(TEAMS)) -> None:
    for team in teams:
        for at, line in enumerate((HEAD, *TEAMS[team]), 2):
            for column, value in enumerate(line):
                if value != "":
                    put(team, at, column, value)


def make_workbook(tmp_path: Path) -> House:
    path = tmp_path / "okrs.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.active)
    for team in TEAMS:
        book.create_sheet(team)
    fill(lambda team, row, at, value: book[team].cell(row + 1, at + 1, value))
    book.save(path)

    def read(tab: str) -> list[list[str]]:
        rows = openpyxl.load_workbook(path)[tab].iter_rows(values_only=True)
        return [["" if value is None else str(value) for value in row] for row in rows]

    def write(tab: str, address: str, text: str) -> None:
        book = openpyxl.load_workbook(path)
        book[tab][address] = float(text)
        book.save(path)

    return House(tmp_path, "okrs.xlsx", (), read, write, {})


def make_google(acme: Services, tmp_path: Path, *teams: str) -> House:
    document = acme.google.create("Acme", shared_with=[ROBOT])
    company = Company(acme, tmp_path, document)
    person = company.person
    first, *others = teams
    person.rename_tab(document.tabs[0].title, first)
    adds = [{"addSheet": {"properties": {"title": team}}} for team in others]
    apply_batch(document, OWNER, {"requests": adds})
    fill(lambda team, row, at, value: person.type(team, f"{chr(65 + at)}{row + 1}", str(value)), teams)
    company.write(config=None, mappings="key_results: {}\n")
    words = ("--credentials", "file:key.json", "--endpoint", acme.google.url)
    address = f"https://docs.google.com/spreadsheets/d/{document.id}/edit"
    return House(tmp_path, address, words, person.rows, person.type, {})


@pytest.fixture
def short_tabs(monkeypatch: pytest.MonkeyPatch) -> None:
    """New tabs are shorter than in life, because the sandbox draws every formatted cell."""
    monkeypatch.setattr(google_layout, "ROWS", 10)
    monkeypatch.setattr(google_layout, "LEDGER_SIZE", (10, 4))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return make_workbook(tmp_path)


@pytest.fixture
def adopted(house: House) -> House:
    said = house.adopt("--apply")
    assert said.code == 0, said.text
    house.map("growth", a=("GRO-1.1", 30), b=("GRO-1.2", 200))
    house.map("web", a=("WEB-1.1", 40))
    for team in CONFIGS:
        for words in (("run",), ("release", "--new"), ("run",)):
            assert house.run(team, *words).code == 0
    return house


def test_looking_proposes_a_config_for_each_and_writes_nothing(house: House) -> None:
    before = {team: house.read(team) for team in TEAMS}
    said = house.adopt()
    assert said.code == 0, said.text
    for team in CONFIGS:
        assert f"teams/{team}/config.yaml (new)" in said.out
    assert not (house.folder / "teams").exists()
    assert {team: house.read(team) for team in TEAMS} == before
    assert set(json.loads(house.adopt("--json").out)["teams"][0]) >= {"team", "config_file", "columns"}


def test_each_team_is_adopted_runs_and_comes_to_rest(adopted: House) -> None:
    """Two teams whose letters are the same don't get the same ids, and nobody's numbers move by another's run."""
    ids = [own for team in TEAMS for own in adopted.column(team, "KR ID").values()]
    assert sorted(ids) == ["GRO-1.1", "GRO-1.2", "WEB-1.1", "WEB-1.2", "WS-1.1", "WS-1.2"]
    assert adopted.column("Growth", "Actual")["Won deals"] == "30"
    assert float(adopted.column("Growth", "Score")["Trials"]) == 0.5
    assert adopted.column("Web", "Status")["Pages under a second"] != ""
    before = {team: adopted.read(team) for team in TEAMS}
    for team in CONFIGS:
        said = adopted.run(team)
        assert "Nothing to change" in said.out, said.text
    assert {team: adopted.read(team) for team in TEAMS} == before
    objectives = adopted.column("Objectives Growth", "Score", by="Objective")
    assert list(objectives) == ["Grow where we are strong"]
    again = adopted.adopt("--apply")
    assert again.code == 0, again.text
    assert again.out.count("Nothing was missing") == 3


def test_a_value_that_somebody_typed_is_held_by_its_own_team_only(adopted: House) -> None:
    rows = adopted.read("Web")
    top = next(row for row in rows if "KR ID" in row)
    at = top.index("Score")
    letters = chr(65 + at)
    adopted.type("Web", f"{letters}4", "0.9")
    assert "Nothing to change" in adopted.run("growth").out
    said = adopted.run("web")
    assert "0.9" in said.out, said.text
    assert float(adopted.column("Web", "Score")["Pages under a second"]) == 0.9


def test_a_team_that_leaves_takes_only_what_is_its_own(adopted: House) -> None:
    values = adopted.read("Growth")
    said = adopted.run("growth", "leave", "--yes")
    assert said.code == 0, said.text
    assert adopted.read("Growth") == values
    assert "_okr_sync_web" not in said.out
    for team in ("web", "web-shop"):
        said = adopted.run(team)
        assert "Nothing to change" in said.out, said.text
        assert adopted.run(team, "layout").out.startswith("Nothing was missing")
    last = [adopted.run(team, "leave", "--yes", "--json").json for team in ("web", "web-shop")]
    assert all(each["applied"] for each in last)


def test_one_tab_needs_no_team(house: House) -> None:
    book = openpyxl.load_workbook(house.folder / "okrs.xlsx")
    for team in ("Web", "Web shop"):
        del book[team]
    book.save(house.folder / "okrs.xlsx")
    said = house.adopt("--apply")
    assert said.code == 2
    assert "no teams to tell apart" in said.err


def test_on_google_a_death_in_one_team_is_mended_though_another_ran_since(
    acme: Services, tmp_path: Path, short_tabs: None
) -> None:
    """Each team's record and hidden copy are its own: another's run takes nothing of them away."""
    house = make_google(acme, tmp_path, "Growth", "Web")
    (tmp_path / "config.yaml").unlink(missing_ok=True)
    assert house.adopt("--apply").code == 0
    house.map("growth", a=("GRO-1.1", 30), b=("GRO-1.2", 200))
    for words in (("run",), ("release", "--new")):
        assert house.run("growth", *words).code == 0
    house.map("growth", a=("GRO-1.1", 31), b=("GRO-1.2", 201))
    house.map("web")
    write = GoogleStore.apply_batch

    def die_after(store: GoogleStore, batch: Any) -> None:
        house.type("Growth", "E4", "77")
        write(store, batch)
        raise Crash

    with patch.object(GoogleStore, "apply_batch", die_after), pytest.raises(Crash):
        house.run("growth")
    assert house.column("Growth", "Actual")["Won deals"] == "31"
    assert house.run("web").code == 0
    said = house.run("growth")
    assert house.column("Growth", "Actual") == {"Won deals": "77", "Trials": "201"}, said.text
    assert house.run("web", "leave", "--yes").code == 0
    assert "Nothing to change" in house.run("growth").out
    acme.reset()
