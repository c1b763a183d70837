"""The commands on a day when all is well."""

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.company import KR, Company, Services, make_company, say


def test_run_writes_the_sheet_says_what_moved_and_logs_one_line(company: Company) -> None:
    said = company.say("run")
    assert said.code == 0
    assert company.shows("WEB-1.1", "Current") == "52.5%"
    assert company.shows("WEB-1.1", "Status") in ("On track", "At risk")
    assert "WEB-1.1   Planners' most-voted requests" in said.out
    lines = said.err.splitlines()
    assert len(lines) == 1
    assert re.search(r"INFO +run \d{8}-\d{6}-[0-9a-f]{4}: \d+ moved, \d+ aged; [\d.]+ s$", lines[0])


def test_quiet_keeps_the_log_still(synced: Company) -> None:
    assert synced.say("-q", "run").err == ""


def test_a_second_run_changes_nothing(synced: Company) -> None:
    before = synced.machine_cells()
    said = synced.say("run")
    assert "Nothing to change" in said.out
    assert synced.machine_cells() == before


def test_plan_writes_nothing_and_tells_by_its_exit_code(company: Company) -> None:
    before = company.machine_cells()
    assert company.say("plan", "--exit-code").code == 3
    assert company.say("plan").code == 0
    assert company.machine_cells() == before
    company.say("run")
    assert company.say("plan", "--exit-code").code == 0


def test_layout_says_what_it_made_and_then_that_nothing_was_missing(acme: Services, tmp_path: Path) -> None:
    company = make_company(acme, tmp_path)
    said = company.say("layout")
    assert said.code == 0
    assert "Tabs made: Dashboard, Objectives, Key Results" in said.out
    again = company.say("layout").out
    assert again.startswith("Nothing was missing in https://docs.google.com/")
    assert "Proven on this sheet: a run that was overtaken is refused as a whole" in again
    assert len(company.say("layout", "--json").json["proven"]) == 2
    assert company.say("layout", "--json").json["changed"] is False


class Page(HTMLParser):
    """Reads a page, and sees that every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_report_is_one_page_for_its_owner_alone_and_people_s_texts_are_only_text(synced: Company) -> None:
    name = "<script>alert('x')</script> & <img src=x>"
    synced.type("WEB-1.1", "Key result", name)
    synced.type("WEB-1.1", "Current", "0.9")
    synced.type("GRO-1.1", "Target", "<b>soon</b>")
    assert synced.say("run", "--report", "okrs.html").code == 4
    path = synced.folder / "okrs.html"
    assert path.stat().st_mode & 0o777 == 0o600
    page = Page(path.read_text())
    assert page.open == []
    assert not page.seen & {"script", "img", "b "}
    assert page.links == [f"https://docs.google.com/spreadsheets/d/{synced.document.id}"]
    said = " ".join("".join(page.words).split())
    assert said.count(name) == 2
    assert "<b>soon</b>" in said
    for part in ("Status changed", "On track→Achieved", "Problems", "Held by people", "Objectives and key results"):
        assert part in said, part


def test_a_report_that_cannot_be_written_says_that_the_sheet_was(company: Company) -> None:
    said = company.say("run", "--report", "no/such/folder/okrs.html")
    assert said.code == 1
    assert "The sheet was written." in said.err
    assert company.shows("WEB-1.1", "Current") == "52.5%"


class TestCheck:
    def test_sums_up(self, company: Company) -> None:
        said = company.say("check")
        assert (said.code, said.out) == (0, "4 key results and 0 KPIs mapped; no problems.\n")

    def test_asks_nobody_and_needs_no_secret(self, company: Company) -> None:
        google = company.services.google
        count = len(google.requests)
        (company.folder / "key.json").unlink()
        assert company.say("check", JIRA_TOKEN="", AIRTABLE_TOKEN="").code == 0
        assert len(google.requests) == count

    def test_shows_every_problem_with_its_line_and_caret(self, company: Company) -> None:
        company.write(
            mappings="metrics:\n  bugs: {jira: 'project = WEB', measure: count}\n"
            "key_results:\n  WEB-1.1: {metric: bgus}\n  WEB-2.1: {jira: 'project = WEB', measure: cuont}\n"
        )
        said = company.say("check")
        assert said.code == 2
        assert said.out.splitlines() == [
            "mappings.yaml:4:21  key_results.WEB-1.1.metric: no metric is named “bgus”",
            "    4 |   WEB-1.1: {metric: bgus}",
            "      |                     ^^^^  did you mean “bugs” (line 2)?",
            "mappings.yaml:5:45  key_results.WEB-2.1.measure: no measure is called “cuont”",
            "    5 |   WEB-2.1: {jira: 'project = WEB', measure: cuont}",
            "      |                                             ^^^^^  did you mean “count”?",
            "",
            "2 problems. Nothing was read or written.",
        ]

    def test_as_json(self, company: Company) -> None:
        found = company.say("check", "--json").json
        assert found["ok"] is True
        assert found["mapped"]["key_results"] == ["GRO-1.1", "GRO-1.2", "WEB-1.1", "WEB-2.1"]

    def test_reads_the_sheet_too_and_offers_a_line_for_what_has_no_mapping(self, company: Company) -> None:
        said = company.say("check", "--sheet")
        assert said.code == 0
        assert "1 key result without a mapping" in said.out
        stub = next(line for line in said.out.splitlines() if line.startswith("  C-1.3: "))
        company.write(mappings=f"key_results:\n{stub}\n")
        assert company.say("check").code == 0

    def test_finds_what_is_wrong_in_the_sheet(self, company: Company) -> None:
        company.type("WEB-1.1", "Target", "soon")
        company.type("GRO-1.2", "KR ID", "GRO-1.1")
        said = company.say("check", "--sheet")
        assert said.code == 2
        assert f"{KR}!E" in said.out
        assert "“soon”" in said.out
        assert "GRO-1.1" in said.out
        assert said.out.rstrip().endswith("Nothing was written.")


class TestRelease:
    def test_writes_the_machines_value_at_once_and_keeps_the_persons_in_history(self, synced: Company) -> None:
        synced.type("WEB-1.1", "Current", "0.9")
        synced.say("run")
        assert synced.shows("WEB-1.1", "Current") == "90.0%"
        assert synced.shows("WEB-1.1", "Status") == "Achieved"
        said = synced.say("release", "WEB-1.1")
        assert said.code == 0
        assert said.out == "Released 1 cell:\n  WEB-1.1 Current: 90 % → 52.5 %\n"
        assert synced.shows("WEB-1.1", "Current") == "52.5%"
        assert synced.shows("WEB-1.1", "Status") != "Achieved"
        address = synced.person.address(KR, "WEB-1.1", "Current")
        assert not synced.person.note(KR, address)
        assert "held" not in synced.say("plan").out

    def test_a_value_that_was_never_seen_before_is_kept_in_history_too(self, synced: Company) -> None:
        synced.type("WEB-1.1", "Why", "Because I say so")
        synced.say("release", "WEB-1.1", "why")
        assert synced.shows("WEB-1.1", "Why") != "Because I say so"
        cycle = next(tab.title for tab in synced.document.tabs if tab.title.startswith("History"))
        assert any("Because I say so" in row for row in synced.person.rows(cycle))

    def test_only_the_named_column(self, synced: Company) -> None:
        synced.type("WEB-1.1", "Current", "0.9")
        synced.type("WEB-1.1", "Score", "0.1")
        synced.say("release", "WEB-1.1", "score")
        assert synced.shows("WEB-1.1", "Current") == "90.0%"
        assert synced.shows("WEB-1.1", "Score") == "1.00"

    def test_all(self, synced: Company) -> None:
        before = synced.machine_cells()
        synced.type("WEB-1.1", "Current", "0.9")
        synced.type("GRO-1.1", "Score", "0.1")
        synced.say("run")
        found = synced.say("release", "--all", "--json").json
        assert [(item["id"], item["field"]) for item in found["released"]] == [
            ("WEB-1.1", "current"),
            ("GRO-1.1", "score"),
        ]
        assert synced.machine_cells() == before

    def test_nothing_held(self, synced: Company) -> None:
        said = synced.say("release", "--all")
        assert (said.code, said.out) == (0, "Nothing is held there: okr-sync writes these cells.\n")

    @pytest.mark.parametrize(
        ("words", "answer"),
        [
            (("release",), "Name key results, or say --all or --new."),
            (("release", "WEB-1.1", "Scroe"), "Did you mean “Score”?"),
            (("release", "WEB-1.9"), "Did you mean “WEB-1.1”?"),
        ],
    )
    def test_words_that_mean_nothing(self, synced: Company, words: tuple[str, ...], answer: str) -> None:
        said = synced.say(*words)
        assert said.code == 2
        assert answer in said.err

    def test_accepts_what_waits(self, company: Company) -> None:
        """A key result that was manual gets a mapping: its Current waits for somebody's word."""
        company.say("run")
        mapping = "  C-1.3: {jira: 'project = WEB AND labels = top-request', measure: percent_done}\n"
        company.write(mappings=f"{(company.folder / 'mappings.yaml').read_text()}{mapping}")
        assert "Waiting for you" in company.say("run").out
        assert company.shows("C-1.3", "Current") == "99.93%"
        assert company.say("release", "--all").out.startswith("Nothing is held")
        assert company.say("release", "--new").code == 0
        assert company.shows("C-1.3", "Current") == "52.5%"
        assert company.say("release", "--new").out == "Nothing waits to be accepted.\n"


class TestInit:
    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("--workbook", "our okrs.xlsx"),
            ("--workbook", "okrs #1: new.xlsx"),
            ("--google", "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz/edit?gid=0#gid=0"),
            ("--google", "1AbCdEfGhIjKlMnOpQrStUvWxYz"),
        ],
    )
    def test_what_it_writes_loads(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        said = say("init", *words, folder=tmp_path)
        assert said.code == 0
        assert said.out.startswith("Wrote config.yaml\nWrote mappings/first.yaml\n\nNext:\n  1. ")
        assert "  3. " in said.out
        assert say("check", folder=tmp_path).out == "0 key results and 0 KPIs mapped; no problems.\n"
        config = (tmp_path / "config.yaml").read_text()
        assert "google:" in config if "--google" in words else "workbook:" in config

    def test_its_examples_load_when_they_are_turned_on(self, tmp_path: Path) -> None:
        say("init", folder=tmp_path)
        for name in ("config.yaml", "mappings/first.yaml"):
            path = tmp_path / name
            text = re.sub(r"^#(?=  )", "", path.read_text(), flags=re.MULTILINE)
            path.write_text(text.replace("metrics: {}", "metrics:").replace("key_results: {}", "key_results:"))
        assert say("check", folder=tmp_path).out == "4 key results and 0 KPIs mapped; no problems.\n"

    def test_the_workbook_works_from_the_first_step_to_the_last(self, tmp_path: Path) -> None:
        say("init", folder=tmp_path)
        assert [say(word, folder=tmp_path).code for word in ("layout", "check", "plan", "run")] == [0, 0, 0, 0]

    def test_it_overwrites_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "config.yaml").write_text("mine")
        said = say("init", folder=tmp_path)
        assert said.code == 2
        assert "config.yaml is there already and was left as it is." in said.err
        assert (tmp_path / "config.yaml").read_text() == "mine"
        assert not (tmp_path / "mappings").exists()

    def test_it_leaves_a_mapping_file_that_is_there(self, tmp_path: Path) -> None:
        (tmp_path / "mappings").mkdir()
        (tmp_path / "mappings/first.yaml").write_text("key_results: {}\n")
        said = say("init", "--json", folder=tmp_path).json
        assert (said["written"], said["left"]) == (["config.yaml"], ["mappings/first.yaml"])
        assert (tmp_path / "mappings/first.yaml").read_text() == "key_results: {}\n"

    def test_an_address_that_is_none_is_refused(self, tmp_path: Path) -> None:
        said = say("init", "--google", "https://docs.google.com/document/d/xyz", folder=tmp_path)
        assert said.code == 2
        assert "no address of a Google spreadsheet" in said.err
        assert list(tmp_path.iterdir()) == []

    def test_one_sheet_only(self, tmp_path: Path) -> None:
        said = say("init", "--google", "1AbCdEfGhIjKlMnOpQrStUvWxYz", "--workbook", "a.xlsx", folder=tmp_path)
        assert said.code == 2

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_that_may_not_be_written_to(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        said = say("init", folder=tmp_path)
        assert said.code == 2
        assert "may write" in said.err


@pytest.mark.parametrize("command", ["plan", "run", "explain", "init", "layout", "check", "release"])
def test_every_command_explains_itself_with_an_example(tmp_path: Path, command: str) -> None:
    said = say(command, "--help", folder=tmp_path)
    assert said.code == 0
    assert "Example" in said.out
    assert f"okr-sync {command}" in said.out
    assert "--json" in said.out


@pytest.mark.parametrize("command", ["plan", "run", "check", "layout"])
def test_json_is_the_whole_of_stdout(synced: Company, command: str) -> None:
    assert isinstance(json.loads(synced.say(command, "--json").out), dict)
