"""The kinds of sources that init asks for: each answered at a terminal, tried on a service, written, and read."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from connectors.testing import TOKEN
from sandbox.acme import JIRA_TOKEN
from sandbox.jira import JiraDataCenter
from sandbox.server import Server
from sync.care.first_source import SourceAnswer, is_cloud, parse_database, parse_repo, parse_site, parse_table_sheet
from sync.care.init import InitRefused
from sync.load import load_project
from tests.contract.test_github import make_web
from tests.support.company import Company, Services, say
from tests.support.github_site import GithubSite
from tests.support.terminal import Terminal, typing

Answer = Callable[[Terminal], None]
SHEET_ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "first"
    made.mkdir()
    return made


def begin(folder: Path, kind: str, answer: Answer, environ: dict[str, str] | None = None) -> str:
    """A workbook, one source, and the plan: all of init. What stood on the screen."""
    with typing("init", folder=folder, environ=environ) as terminal:
        terminal.answer("Sheet [okrs.xlsx]")
        terminal.answer("Source (", kind)
        answer(terminal)
        terminal.answer("Prepare the sheet now?")
        terminal.expect("The plan: what a run would write")
        assert terminal.finish() == 0
    project = load_project(folder / "config.yaml")
    assert (list(project.sources), project.problems) == ([kind], ())
    return terminal.screen


def block(folder: Path, kind: str) -> dict[str, str]:
    """What stands under ``sources``."""
    return dict(yaml.safe_load((folder / "config.yaml").read_text())["sources"][kind])


def offered(folder: Path) -> str:
    return (folder / "mappings" / "first.yaml").read_text()


def test_jira_data_center_by_a_personal_access_token(acme: Services, folder: Path) -> None:
    service = JiraDataCenter(acme.jira.site)

    def answer(terminal: Terminal) -> None:
        terminal.answer("Address (https://acme.atlassian.net)", f"{service.url}/projects/WEB/summary")
        terminal.answer("Which Jira (cloud, datacenter) [datacenter]")
        terminal.answer("Personal access token", "a-wrong-token")
        terminal.expect("the personal access token may be expired or revoked")
        terminal.answer("Address (")
        terminal.answer("Which Jira (")
        terminal.answer("Personal access token (nothing is shown; Enter keeps the last one)", JIRA_TOKEN)
        terminal.expect("✓ jira answers; 4 projects")
        terminal.answer("Project to begin with [WEB]", "OPS")

    with Server(service):
        screen = begin(folder, "jira", answer)
        assert service.failures == []
    assert JIRA_TOKEN not in screen
    url = service.url
    assert block(folder, "jira") == {
        "kind": "jira", "url": url, "deployment": "datacenter", "token": "env:JIRA_TOKEN"
    }  # fmt: skip
    assert 'project = "OPS"' in offered(folder)


def test_github_on_a_server_of_ones_own(folder: Path) -> None:
    site = GithubSite(make_web())

    def answer(terminal: Terminal) -> None:
        terminal.answer("The repository's address, or owner/name", "web")
        terminal.expect("✗ That is no repository.")
        terminal.answer("The repository's address, or owner/name [", f"{site.url}/acme/web/pulls")
        terminal.expect("The token is taken from GITHUB_TOKEN, which is set.")
        terminal.expect("✓ github answers")

    with Server(site):
        begin(folder, "github", answer, {"GITHUB_TOKEN": TOKEN})
    assert block(folder, "github")["url"] == f"{site.url}/api/v3"
    assert "{milestone: '2.0'}" in offered(folder)


def test_numbers_in_another_google_sheet(company: Company, acme: Services, folder: Path) -> None:
    (folder / "key.json").write_text(json.dumps(acme.google.service_account()))

    def answer(terminal: Terminal) -> None:
        address = f"{acme.google.url}/spreadsheets/d/{company.document.id}/edit#gid=0"
        terminal.answer("The address of the sheet with the numbers", address)
        terminal.answer("Sign in by [service-account.json]", "key.json")
        terminal.expect("✓ google_sheet answers")
        terminal.answer("Tab to begin with [", "key results")

    begin(folder, "google_sheet", answer)
    assert block(folder, "google_sheet")["credentials"] == "file:key.json"
    assert "google_sheet: \"'Key Results'\", measure: count" in offered(folder)


def test_a_file_shows_its_columns(folder: Path) -> None:
    (folder / "deals.csv").write_text("Deal,Amount,Closed\na,1200,2026-11-01\nb,80.5,2026-11-02\n")

    def answer(terminal: Terminal) -> None:
        terminal.answer("A file, a folder of which the newest is read", "deal.csv")
        terminal.expect("✗ There is no file")
        terminal.answer("A file, a folder of which the newest is read", "deals.csv")
        terminal.expect("✓ file answers; deals.csv has Deal (text), Amount (number), Closed (date)")

    assert "date_order" not in begin(folder, "file", answer)
    assert "{file: {}, within: {cycle: Closed}, measure: {sum: Amount}}" in offered(folder)


def test_numbers_that_are_written_otherwise_are_told_how_to_be_read(folder: Path) -> None:
    (folder / "deals.csv").write_text("Deal;Amount;Closed\na;1.200,50;01.11.2026\nb;80,5;02.11.2026\n")

    def answer(terminal: Terminal) -> None:
        terminal.answer("A file, a folder of which the newest is read", "deals.csv")
        terminal.expect("✓ file answers; deals.csv has Deal (text), Amount (text), Closed (text)")
        terminal.expect("add decimal: ',' and date_order: dmy")

    begin(folder, "file", answer)
    config = folder / "config.yaml"
    written = config.read_text().replace("path: deals.csv", "path: deals.csv\n    decimal: ','\n    date_order: dmy")
    config.write_text(written)
    found = say("discover", "file", folder=folder)
    assert "{file: {}, within: {cycle: Closed}, measure: {sum: Amount}}" in found.out


def test_a_database_and_its_tables(folder: Path) -> None:
    with sqlite3.connect(folder / "sales.db") as database:
        database.execute("CREATE TABLE deals (id INTEGER, amount NUMERIC, closed DATE)")
        database.execute("CREATE TABLE people (name TEXT)")
    database.close()

    def answer(terminal: Terminal) -> None:
        terminal.answer("Address (postgresql://user@host/database, sqlite:///file.db)", "sqlite:///sales.db")
        terminal.expect("✓ sql answers; 2 tables")
        terminal.answer("Table to begin with [deals]")

    screen = begin(folder, "sql", answer)
    assert "export" not in screen
    assert "{sql: {table: deals}, within: {cycle: closed}, measure: {sum: amount}}" in offered(folder)


def test_a_password_in_a_databases_address_goes_into_no_file(folder: Path) -> None:
    with typing("init", folder=folder) as terminal:
        terminal.answer("Sheet [okrs.xlsx]")
        terminal.answer("Source (", "sql")
        terminal.answer("Address (postgresql://user@host/database", "postgres://okr:plain-w0rd@127.0.0.1:1/acme")
        terminal.expect("Its password goes into no file.")
        terminal.expect("✗")
        terminal.expect("can't be reached")
        terminal.answer("[postgresql://okr@127.0.0.1:1/acme]")
        terminal.answer("Password (nothing is shown; Enter keeps the last one)", "\x03")
        assert terminal.finish() == 130
    assert terminal.screen.count("plain-w0rd") == 1  # as it was typed
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("pasted", "site"),
    [
        ("acme.atlassian.net", "https://acme.atlassian.net"),
        ("https://acme.atlassian.net/jira/software/projects/WEB/boards/1", "https://acme.atlassian.net"),
        ("https://jira.acme.example/", "https://jira.acme.example"),
        ("https://acme.example/jira/browse/WEB-1", "https://acme.example/jira"),
        ("https://acme.example/jira/secure/Dashboard.jspa", "https://acme.example/jira"),
        ("https://acme.example/secure", "https://acme.example"),
    ],
)
def test_a_site_is_what_its_pages_stand_below(pasted: str, site: str) -> None:
    assert parse_site(pasted) == site
    assert is_cloud(pasted) is ("atlassian" in pasted)


def test_only_atlassians_own_addresses_are_cloud() -> None:
    assert not is_cloud("https://acme.atlassian.net.example")
    assert not is_cloud("https://fakeatlassian.net")


@pytest.mark.parametrize(
    ("pasted", "options"),
    [
        ("acme/web", {"repo": "acme/web"}),
        ("https://github.com/acme/web.git", {"repo": "acme/web"}),
        ("github.com/acme/web/issues/3", {"repo": "acme/web"}),
        ("https://git.acme.example/acme/web", {"repo": "acme/web", "url": "https://git.acme.example/api/v3"}),
    ],
)
def test_a_repository_is_known_by_its_page(pasted: str, options: dict[str, str]) -> None:
    assert parse_repo(pasted) == options


@pytest.mark.parametrize("pasted", ["", "web", "https://github.com/acme"])
def test_what_names_no_repository_is_refused(pasted: str) -> None:
    with pytest.raises(InitRefused):
        parse_repo(pasted)


def test_a_sheet_of_googles_own_needs_no_other_server() -> None:
    address = f"https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit#gid=0"
    assert parse_table_sheet(address, "env:KEY") == {"sheet": address, "credentials": "env:KEY"}
    assert parse_table_sheet(address, "login")["credentials"] == "login"
    assert parse_table_sheet(address, "key.json")["credentials"] == "file:key.json"


@pytest.mark.parametrize(
    ("pasted", "url", "password"),
    [
        ("sqlite:///sales.db", "sqlite:///sales.db", ""),
        ("postgres://okr@db/acme", "postgresql://okr@db/acme", ""),
        ("postgres://okr:a%40b@db:5432/acme?sslmode=require", "postgresql://okr@db:5432/acme?sslmode=require", "a@b"),
        ("mysql+pymysql://okr:x@db/acme", "mysql+pymysql://okr@db/acme", "x"),
    ],
)
def test_a_databases_address_loses_its_password(pasted: str, url: str, password: str) -> None:
    assert parse_database(pasted) == (url, password)


def test_a_source_without_a_secret_names_no_variable() -> None:
    assert SourceAnswer("file", {"path": "deals.csv"}).render() == "  file:\n    kind: file\n    path: deals.csv\n"
    written = SourceAnswer("sql", {"url": "postgresql://okr@db/acme"}, "DB_PASSWORD", "password").render()
    assert written.splitlines()[-1] == "    password: env:DB_PASSWORD  # the variable that holds it"


def test_a_kind_whose_library_is_missing_is_told_before_its_questions(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['sqlalchemy'] = None\n")
    root = Path(__file__).parents[2]
    with typing("init", folder=folder, environ={"PYTHONPATH": f"{folder}:{root}"}) as terminal:
        terminal.answer("Sheet [okrs.xlsx]")
        terminal.answer("Source (", "sql")
        terminal.expect("Install it: pip install 'okr-sync[sql]'")
        terminal.answer("Source (", "none")
        terminal.answer("Prepare the sheet now?", "n")
        assert terminal.finish() == 0
    assert say("check", folder=folder).code == 0
