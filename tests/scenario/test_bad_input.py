"""What goes wrong in a company's life: one clear message, the right exit code, and the sheet keeps all it had."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.acme import AIRTABLE_TOKEN, JIRA_TOKEN
from sandbox.wire import Fault
from tests.support.company import KR, MAPPINGS, Company, Said, Services, make_company, say

BAD_TOKEN = "ATATT-planted-and-wrong"
BY_JIRA = ("WEB-1.1", "WEB-2.1")
BY_AIRTABLE = ("GRO-1.1", "GRO-1.2")


def check_said(said: Said, code: int, *parts: str) -> None:
    """The exit code, what has to be said, and what never is: a secret, a traceback."""
    flat = " ".join(said.text.split())
    for part in parts:
        assert part in flat, said.text
    assert said.code == code, said.text
    for secret in (JIRA_TOKEN, AIRTABLE_TOKEN, BAD_TOKEN, "PRIVATE KEY"):
        assert secret not in said.text
    assert "Traceback" not in said.text
    assert "bug in okr-sync" not in said.text


def unused_url() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_there_is_no_config(tmp_path: Path) -> None:
    for command in ("plan", "run", "check", "layout", "release"):
        words = (command, "--all") if command == "release" else (command,)
        said = say(*words, folder=tmp_path)
        check_said(said, 2, "config.yaml", "there is no such file", "okr-sync init writes one")
    assert list(tmp_path.iterdir()) == []


def test_another_config_is_named(company: Company) -> None:
    (company.folder / "config.yaml").rename(company.folder / "other.yaml")
    assert company.say("--config", "other.yaml", "check").code == 0
    assert company.say("check", OKR_SYNC_CONFIG="other.yaml").code == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sheet: {workbook: a.xlsx", ("config.yaml:1:",)),
        ("sheet: {workbook: a.xlsx}\nsources: {}\nmapings: m.yaml\n", ("config.yaml:3:1", "did you mean “mappings”?")),
        ("sheet: {workbook: a.xlsx}\nsources: {}\nmappings: nowhere.yaml\n", ("“nowhere.yaml”",)),
        ("", ("config.yaml",)),
        ("sheet: {workbook: a.xlsx, workbook: b.xlsx}\nsources: {}\nmappings: mappings.yaml\n", ("workbook", "twice")),
    ],
    ids=["cut off", "misspelt", "no mappings", "empty", "a key twice"],
)
def test_a_malformed_config(synced: Company, text: str, parts: tuple[str, ...]) -> None:
    before = synced.machine_cells()
    synced.write(config=text or " ")
    for command in ("check", "run"):
        check_said(synced.say(command), 2, *parts, "Nothing was read or written.")
    assert synced.machine_cells() == before


def test_a_config_with_the_secret_itself_never_shows_it(synced: Company) -> None:
    text = (synced.folder / "config.yaml").read_text().replace("env:JIRA_TOKEN", BAD_TOKEN)
    synced.write(config=text)
    for words in (("check",), ("check", "--json"), ("run",)):
        check_said(synced.say(*words), 2, "a secret doesn't stand in a config", "env:JIRA_TOKEN")


def test_a_key_file_without_the_word_file(synced: Company) -> None:
    synced.write(config=(synced.folder / "config.yaml").read_text().replace("file:key.json", "key.json"))
    check_said(synced.say("check"), 2, "config.yaml:5:", "'key.json'", "write where the key is: file:")


def test_a_mapping_file_that_is_no_yaml_stops_the_run_and_nothing_counts_as_manual(synced: Company) -> None:
    before = synced.machine_cells()
    synced.write(mappings=MAPPINGS.replace("{jira: 'project = WEB AND labels", "{jira: project: [WEB AND labels"))
    check_said(synced.say("check"), 2, "mappings.yaml:2:")
    said = synced.say("run")
    check_said(said, 2, "mappings.yaml:2:", "Nothing was read or written.")
    assert synced.machine_cells() == before


def test_one_wrong_entry_stops_its_own_key_result_only(synced: Company) -> None:
    before = synced.machine_cells()
    synced.write(mappings=MAPPINGS.replace("measure: percent_done", "measure: percent_don"))
    synced.person.clear(KR, synced.person.address(KR, "GRO-1.1", "Current"))
    said = synced.say("run")
    check_said(said, 4, "mappings.yaml:2:", "did you mean “percent_done”?", "WEB-1.1")
    assert synced.machine_cells() == before


def test_an_unknown_kind_of_source(synced: Company) -> None:
    synced.write(config=(synced.folder / "config.yaml").read_text().replace("kind: jira", "kind: jria"))
    check_said(synced.say("run"), 2, "No kind of source is called “jria”.", "Did you mean “jira”?")


def run_with_trouble(company: Company, keeps: tuple[str, ...], writes: tuple[str, ...], **environ: str) -> Said:
    """A run in trouble after a good one: what it can't read stays, what it can is written again."""
    before = company.machine_cells()
    for row in (*keeps, *writes):
        company.person.clear(KR, company.person.address(KR, row, "Score"))
    company.type(keeps[0], "Next step", "Ask Ann")
    said = company.say("run", **environ)
    assert company.machine_cells() == before
    assert company.shows(keeps[0], "Next step") == "Ask Ann"
    for row in keeps:
        assert "Last good value" in company.shows(row, "Why")
    for row in writes:
        assert "Last good value" not in company.shows(row, "Why")
    return said


def test_a_wrong_jira_token(synced: Company) -> None:
    said = run_with_trouble(synced, BY_JIRA, BY_AIRTABLE, JIRA_TOKEN=BAD_TOKEN)
    check_said(said, 4, "didn't accept the login", "Check env:JIRA_TOKEN", "Last good values stay: WEB-1.1, WEB-2.1")


def test_a_wrong_airtable_token(synced: Company) -> None:
    said = run_with_trouble(synced, BY_AIRTABLE, BY_JIRA, AIRTABLE_TOKEN=BAD_TOKEN)
    check_said(said, 4, "crm", "401", "Check env:AIRTABLE_TOKEN")


def test_a_trouble_that_is_known_alarms_once(synced: Company) -> None:
    assert synced.say("run", JIRA_TOKEN=BAD_TOKEN).code == 4
    assert synced.say("run", JIRA_TOKEN=BAD_TOKEN).code == 0
    assert synced.say("run").code == 0
    assert synced.say("run", JIRA_TOKEN=BAD_TOKEN).code == 4


def test_a_token_that_is_not_there(synced: Company) -> None:
    said = run_with_trouble(synced, BY_AIRTABLE, BY_JIRA, AIRTABLE_TOKEN="")
    check_said(said, 4, "config.yaml:", "env:AIRTABLE_TOKEN is empty")


def test_a_sheet_that_is_not_shared_names_the_account(acme: Services, tmp_path: Path) -> None:
    company = make_company(acme, tmp_path, shared=False)
    account = acme.google.service_account()["client_email"]
    for command in ("layout", "plan", "run"):
        check_said(company.say(command), 1, "Error:", account, "Share")


def test_a_sheet_that_was_never_prepared(acme: Services, tmp_path: Path) -> None:
    company = make_company(acme, tmp_path)
    check_said(company.say("run"), 1, "the sheet is not prepared", "Run: okr-sync layout.", "Nothing was written.")


@pytest.mark.parametrize(
    "key", ["not json", "{}", json.dumps({"type": "authorized_user"})], ids=["text", "empty", "a user's"]
)
def test_a_key_file_that_is_none(synced: Company, key: str) -> None:
    before = synced.machine_cells()
    (synced.folder / "key.json").write_text(key)
    said = synced.say("run")
    check_said(said, 1, "Error:", "sheet.credentials")
    assert synced.machine_cells() == before


def test_a_mapped_key_result_that_is_not_in_the_sheet(synced: Company) -> None:
    before = synced.machine_cells()
    mapping = "  WEB-9.9: {jira: 'project = WEB', measure: count}\n"
    synced.write(mappings=MAPPINGS + mapping)
    said = synced.say("run")
    check_said(said, 0, "mappings.yaml:10:3", "WEB-9.9 is mapped but isn't in the sheet", "Add a row with this id")
    assert synced.machine_cells() == before


def test_a_target_that_is_text(synced: Company) -> None:
    before = synced.machine_cells()
    synced.type("WEB-1.1", "Target", "soon")
    address = synced.person.address(KR, "WEB-1.1", "Target")
    said = synced.say("run")
    check_said(said, 4, f"{KR}!{address}", "“soon”")
    assert synced.shows("WEB-1.1", "Target") == "soon"
    assert synced.shows("WEB-1.1", "Current") == before["WEB-1.1", "Current"]
    assert synced.shows("WEB-1.1", "Score") == ""
    assert synced.shows("WEB-1.1", "Status") == "No data"
    others = {key: text for key, text in before.items() if key[0] != "WEB-1.1"}
    assert {key: text for key, text in synced.machine_cells().items() if key in others} == others


def test_a_source_that_is_down(synced: Company) -> None:
    synced.write(jira=unused_url())
    said = run_with_trouble(synced, BY_JIRA, BY_AIRTABLE)
    check_said(said, 4, "jira", "Last good values stay: WEB-1.1, WEB-2.1")


def test_a_problem_is_told_once_then_known_then_over(synced: Company) -> None:
    synced.write(jira=unused_url())
    first = synced.say("run")
    assert (first.code, "New problems" in first.out) == (4, True)
    second = synced.say("run")
    assert second.code == 0
    assert "Problems that are still open, since 22 Nov" in second.out
    assert "New problems" not in second.out
    assert [(item["new"], item["since"]) for item in synced.say("plan", "--json").json["problems"]] == [
        (False, "2026-11-22")
    ]
    synced.write()
    last = synced.say("run")
    assert last.code == 0
    assert "Over since the last run\n  jira" in last.out
    assert "over: jira" in last.err
    rows = synced.person.rows("Runs")
    assert "1 problem over" in str(rows)
    assert "Over since" not in synced.say("run").out


Spoil = Callable[[Services], object]


@pytest.mark.parametrize(
    ("spoil", "keeps", "part"),
    [
        (lambda acme: acme.airtable.faults.add(Fault(kind="truncate", times=None)), BY_AIRTABLE, "crm"),
        (lambda acme: acme.airtable.faults.add(Fault(kind="html", times=None)), BY_AIRTABLE, "crm"),
        (lambda acme: acme.jira.faults.add(Fault(kind="truncate", times=None)), BY_JIRA, "jira"),
        (lambda acme: acme.jira.faults.add(Fault(kind="html", times=None)), BY_JIRA, "jira"),
        (lambda acme: acme.jira.faults.add(Fault(kind="status", status=500, times=None)), BY_JIRA, "jira"),
    ],
    ids=["Airtable cut off", "Airtable's login page", "Jira cut off", "Jira's login page", "Jira's error 500"],
)
def test_answers_that_are_none(synced: Company, spoil: Spoil, keeps: tuple[str, ...], part: str) -> None:
    spoil(synced.services)
    said = run_with_trouble(synced, keeps, tuple({*BY_JIRA, *BY_AIRTABLE} - {*keeps}))
    check_said(said, 4, part, "ast good value")


@pytest.mark.parametrize(
    ("fault", "parts"),
    [
        (Fault(match="/token", kind="html", times=None), ("sign-in answered with something that is no token", "proxy")),
        (Fault(match="/v4/", status=403, times=None), ("The sheet can't be read", "Share the sheet with")),
        (Fault(match="/v4/", kind="html", times=None), ("The sheet can't be read", "something else than JSON")),
    ],
    ids=["a login page in the way", "no permission", "a login page for an answer"],
)
def test_google_does_not_answer(
    synced: Company, fault: Fault, parts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    before = synced.machine_cells()
    synced.services.google.faults.add(fault)
    said = synced.say("run")
    check_said(said, 1, "Error:", *parts)
    synced.services.google.faults.clear()
    assert synced.machine_cells() == before


def test_debug_shows_the_traceback_and_nothing_else_does(company: Company) -> None:
    company.write(config="nonsense: [")
    with pytest.raises(Exception, match="problem"):
        company.say("--debug", "plan")
