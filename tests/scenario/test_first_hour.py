"""The first hour: somebody at a terminal answers init's questions, wrongly at first, against the sandbox."""

import json
import re
from pathlib import Path

import pytest

from connectors.base import Surroundings
from connectors.google_ways import SPREADSHEETS
from sandbox.acme import AIRTABLE_TOKEN, CRM_BASE, JIRA_EMAIL, JIRA_TOKEN
from sandbox.google import PERSON, ROBOT
from sync.care.discover import discover
from sync.care.first_hour import render_first_mapping
from sync.load import load_project
from tests.support.company import NOW, Company, Services, make_company, say
from tests.support.consent import decide
from tests.support.planted import basic, find_leaks, read_files
from tests.support.still_clock import StillClock
from tests.support.terminal import Terminal, typing

SECRETS = {"JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "first"
    made.mkdir()
    return made


def answer_jira(terminal: Terminal, services: Services, token: str = JIRA_TOKEN) -> None:
    terminal.answer("Address (https://acme.atlassian.net)", f"{services.jira.url}/browse/WEB-1")
    terminal.answer("Which Jira (cloud, datacenter) [datacenter]", "cloud")
    terminal.answer("E-mail of the account", JIRA_EMAIL)
    terminal.answer("Token", token)


def test_a_workbook_and_jira_with_mistakes_on_the_way(acme: Services, folder: Path) -> None:
    with typing("init", folder=folder) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", "no address")
        terminal.expect("✗ That is no address of a Google spreadsheet.")
        terminal.answer("Sheet [no address]", "okrs.xlsx")
        terminal.answer("Source (jira, airtable, github, google_sheet, file, sql, none) [jira]")
        answer_jira(terminal, acme, "a-wrong-token")
        terminal.expect("didn't accept the login")
        terminal.answer(f"Address (https://acme.atlassian.net) [{acme.jira.url}]", "")
        terminal.answer("Which Jira (cloud, datacenter) [cloud]", "")
        terminal.answer("E-mail of the account", "")
        terminal.answer("Token", JIRA_TOKEN)
        terminal.expect("✓ jira answers; 4 projects")
        assert list(folder.iterdir()) == []
        terminal.answer("Project to begin with [WEB]", "WBE")
        terminal.expect("Did you mean “WEB”?")
        terminal.answer("Project to begin with [WEB]", "ops")
        terminal.answer("Prepare the sheet now? [Y/n]")
        terminal.expect("The plan: what a run would write")
        terminal.expect("The sheet has no key results yet")
        terminal.expect("export JIRA_TOKEN=…")
        assert terminal.finish() == 0
    files = {Path(name).name: data for name, data in read_files(folder, frozenset()).items()}
    assert files.keys() == {"config.yaml", "first.yaml", "okrs.xlsx"}
    typed = {"token": JIRA_TOKEN, "wrong": "a-wrong-token", "basic": basic(JIRA_EMAIL, JIRA_TOKEN)}
    assert find_leaks({"the screen": terminal.screen, **files}, typed) == []
    assert b"env:JIRA_TOKEN" in files["config.yaml"]
    assert b'project = "OPS"' in files["first.yaml"]
    assert load_project(folder / "config.yaml").problems == ()


def test_a_google_sheet_that_has_to_be_shared_first(acme: Services, tmp_path: Path, folder: Path) -> None:
    company = make_company(acme, tmp_path, shared=False)
    (folder / "key.json").write_text(json.dumps(acme.google.service_account()))
    address = f"{acme.google.url}/spreadsheets/d/{company.document.id}"
    with typing("init", folder=folder) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", address)
        terminal.answer("Sign in by [service-account.json]")
        terminal.expect("✗ There is no file service-account.json")
        terminal.answer("Sheet [")
        terminal.answer("Sign in by", "key.json")
        terminal.expect("✗ The sheet can't be read")
        terminal.expect(f"Share the sheet with {ROBOT} as an editor")
        company.document.share(ROBOT)
        terminal.answer("Sheet [")
        terminal.answer("Sign in by [key.json]")
        terminal.expect("✓ Opened it. Its tabs: Sheet1")
        terminal.answer("Source (", "none")
        terminal.answer("Prepare the sheet now?")
        terminal.expect("The plan: what a run would write")
        assert terminal.finish() == 0
    assert "Key Results" in [tab.title for tab in company.document.tabs]
    assert load_project(folder / "config.yaml").sources == {}


def test_a_key_result_of_the_sheet_is_read_from_airtable_at_once(
    company: Company, acme: Services, folder: Path
) -> None:
    (folder / "key.json").write_text(json.dumps(acme.google.service_account()))
    environ = {"AIRTABLE_TOKEN": AIRTABLE_TOKEN}
    with typing("init", folder=folder, environ=environ) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", f"{acme.google.url}/spreadsheets/d/{company.document.id}")
        terminal.answer("Sign in by", "key.json")
        terminal.answer("Source (", "airtable")
        terminal.answer("The base's address, or its id", f"{acme.airtable.url}/{CRM_BASE}/tblX")
        terminal.expect("The token is taken from AIRTABLE_TOKEN, which is set.")
        terminal.answer("Table to begin with [Deals]")
        terminal.answer("Prepare the sheet now?")
        terminal.answer("Key result to be read from there, or none", "GRO-1.3")
        terminal.expect("✗ The sheet has no key result “GRO-1.3”.")
        terminal.answer("Key result to be read from there, or none", "GRO-1.2")
        terminal.answer("Its number is", "1")
        terminal.expect("The plan: what a run would write")
        terminal.expect("GRO-1.2")
        assert terminal.finish() == 0
    assert "export AIRTABLE_TOKEN" not in terminal.screen
    assert list(load_project(folder / "config.yaml").mappings.key_results) == ["GRO-1.2"]
    assert company.shows("GRO-1.2", "Current") == ""


def test_a_sheet_that_may_only_be_read_is_prepared_once_it_may_be_written(
    acme: Services, tmp_path: Path, folder: Path
) -> None:
    company = make_company(acme, tmp_path, shared=False)
    company.document.share(ROBOT, role="reader")
    (folder / "key.json").write_text(json.dumps(acme.google.service_account()))
    with typing("init", folder=folder) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", f"{acme.google.url}/spreadsheets/d/{company.document.id}")
        terminal.answer("Sign in by", "key.json")
        terminal.answer("Source (", "none")
        terminal.answer("Prepare the sheet now?")
        terminal.expect("✗ Nothing was written")
        terminal.expect(f"Share the sheet with {ROBOT} as an editor")
        company.document.share(ROBOT)
        terminal.answer("Try again?")
        terminal.expect("The plan: what a run would write")
        assert terminal.finish() == 0


def test_a_person_who_has_no_key_signs_in_on_the_way(acme: Services, tmp_path: Path, folder: Path) -> None:
    company = make_company(acme, tmp_path, shared=False)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "home"), "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with typing("init", folder=folder, environ=environ) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", f"{acme.google.url}/spreadsheets/d/{company.document.id}")
        terminal.answer("Sign in by", "login")
        terminal.answer("Its JSON [client.json]")
        terminal.expect("client.json can't be read")
        (folder / "client.json").write_text(json.dumps(acme.google.oauth_client()))
        terminal.answer("Sheet [")
        terminal.answer("Sign in by [login]")
        terminal.answer("Its JSON [client.json]")
        terminal.expect("Copy the whole address")
        terminal.answer("Address", decide(re.findall(r"http://\S+/o/oauth2/auth\?\S+", terminal.screen)[-1]))
        terminal.expect(f"✓ Signed in as {PERSON}")
        terminal.expect(f"Share the sheet with {PERSON} as an editor")
        terminal.expect("✗ The sheet can't be read")
        company.document.share(PERSON)
        acme.google.tokens.consents.withdraw()
        terminal.answer("Sheet [")
        terminal.answer("Sign in by [login]")
        terminal.answer("Sign in again, perhaps as somebody else? [y/N]")
        terminal.expect("Sign in again: okr-sync login google")
        terminal.answer("Sheet [")
        terminal.answer("Sign in by [login]")
        terminal.answer("Sign in again, perhaps as somebody else? [y/N]", "y")
        terminal.answer("Its OAuth client's JSON [the same]")
        terminal.expect("Copy the whole address")
        terminal.answer("Address", decide(re.findall(r"http://\S+/o/oauth2/auth\?\S+", terminal.screen)[-1]))
        terminal.expect("✓ Opened it. Its tabs: Sheet1")
        terminal.answer("Source (", "none")
        terminal.answer("Prepare the sheet now?")
        terminal.expect("The plan: what a run would write")
        assert terminal.finish() == 0
    assert "credentials: login" in (folder / "config.yaml").read_text()
    token = json.loads((tmp_path / "home" / "okr-sync" / "google.json").read_text())["refresh_token"]
    assert token not in terminal.screen
    assert not any(token.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


DEAD = {
    "type": "authorized_user", "client_id": "1", "client_secret": "deleted-5ecret", "refresh_token": "1//5ecret",
    "auth_uri": "https://127.0.0.1:9/auth", "token_uri": "https://127.0.0.1:9/token",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "said"),
    [("no sign-in", "Its JSON [client.json]"), (json.dumps(DEAD), "Its OAuth client's JSON [the same]")],
)
def test_who_is_kept_with_nothing_that_works_may_begin_anew(
    acme: Services, tmp_path: Path, folder: Path, kept: str, said: str
) -> None:
    company = make_company(acme, tmp_path, shared=False)
    company.document.share(PERSON)
    (folder / "client.json").write_text(json.dumps(acme.google.oauth_client()))
    (tmp_path / "home" / "okr-sync").mkdir(parents=True)
    (tmp_path / "home" / "okr-sync" / "google.json").write_text(kept)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "home"), "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with typing("init", folder=folder, environ=environ) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", f"{acme.google.url}/spreadsheets/d/{company.document.id}")
        terminal.answer("Sign in by", "login")
        terminal.expect("✗")
        terminal.answer("Sheet [")
        terminal.answer("Sign in by [login]")
        terminal.answer("Sign in again, perhaps as somebody else? [y/N]", "y")
        terminal.answer(said, "client.json")
        terminal.expect("Copy the whole address")
        terminal.answer("Address", decide(re.findall(r"http://\S+/o/oauth2/auth\?\S+", terminal.screen)[-1]))
        terminal.expect(f"✓ Signed in as {PERSON}")
        terminal.expect("✓ Opened it. Its tabs: Sheet1")
    assert "5ecret" not in terminal.screen


def test_what_the_machine_has_of_its_own_will_do(acme: Services, tmp_path: Path, folder: Path) -> None:
    company = make_company(acme, tmp_path, shared=False)
    company.document.share(PERSON)
    info = acme.google.gcloud(PERSON, f"openid {SPREADSHEETS}", "acme-okrs")
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(info))
    with typing("init", folder=folder, environ={"CLOUDSDK_CONFIG": str(tmp_path)}) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", f"{acme.google.url}/spreadsheets/d/{company.document.id}")
        terminal.answer("Sign in by", "application-default")
        terminal.expect("✓ Opened it. Its tabs: Sheet1")
        terminal.answer("Source (", "none")
        terminal.answer("Prepare the sheet now?", "n")
        assert terminal.finish() == 0
    assert "credentials: application-default" in (folder / "config.yaml").read_text()


@pytest.mark.parametrize("source", ["jira", "crm"])
def test_what_each_project_and_table_offers_can_be_mapped(company: Company, source: str) -> None:
    config, still = company.folder / "config.yaml", StillClock()
    around = Surroundings(lambda: NOW, still.sleep, still.monotonic)
    found = discover(load_project(config), source, SECRETS, around).findings
    assert len(found.parts) >= 4
    assert found.mapping in [part.mapping for part in found.parts]
    for part in found.parts:
        for number, line in enumerate(part.mapping):
            text = render_first_mapping(part.mapping, number, "WEB-1.1")
            assert line.partition(": ")[2] in text
            (company.folder / "mappings.yaml").write_text(text)
            project = load_project(config)
            assert (list(project.mappings.key_results), project.problems) == (["WEB-1.1"], ())


def test_whoever_stops_has_written_nothing(folder: Path) -> None:
    with typing("init", folder=folder) as terminal:
        terminal.answer("Sheet [okrs.xlsx]", "okrs.xlsx")
        terminal.answer("Source (", "\x03")
        assert terminal.finish() == 130
    assert list(folder.iterdir()) == []


def test_a_config_that_is_there_is_told_before_any_question(folder: Path) -> None:
    (folder / "config.yaml").write_text("mine\n")
    with typing("init", folder=folder) as terminal:
        terminal.expect("is there already and was left as it is")
        assert terminal.finish() == 2
    assert "Sheet [" not in terminal.screen
    assert (folder / "config.yaml").read_text() == "mine\n"


@pytest.mark.parametrize("words", [("--workbook", "okrs.xlsx"), ("--json",)])
def test_flags_ask_nothing_on_a_terminal(folder: Path, words: tuple[str, ...]) -> None:
    with typing("init", *words, folder=folder) as terminal:
        assert terminal.finish() == 0
    assert (folder / "config.yaml").exists()


def test_off_a_terminal_nothing_is_asked(folder: Path) -> None:
    said = say("init", folder=folder)
    assert (said.code, "Sheet [" in said.text) == (0, False)
