"""Titles, names and records that mean harm: to the sheet, a terminal, a log, a page, a pull request. They stay text."""

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sandbox.acme import CRM_BASE
from sandbox.google_cell import Formula
from tests.support.company import Company, Said, Services, make_company, serving

FORMULAS = ('=IMPORTXML("https://evil.example","//a")', "+1+cmd|' /C calc'!A0", "@SUM(1)", "-2+3")
ESCAPES = ("\x1b]0;owned\x07", "\x1b[2J\x1b[31mred", "\x9b31m", "\u202egnp.exe", "a\x08\x08b")
MARKUP = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "](javascript:alert(1)) | **bold**", "'\"&amp;")
LINES = ("fine\n2026-11-22 06:30:12 ERROR   run 20261122-000000-ffff: forged", "fine\r\n::error::forged")
HEARTBEAT = '=INDIRECT("_okr_sync!$C$1")'
"""The one formula that is ours: when the last run was."""
HARM = " ".join((*ESCAPES, *MARKUP, *LINES))
TITLE = "Top requests " + " ".join((*(text.split("\n")[0] for text in ESCAPES), *MARKUP))


class Tags(HTMLParser):
    """The tags of a page that could run something, and its attributes that could."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in ("script", "img", "iframe", "object") else []
        self.found += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]


def poison(services: Services) -> None:
    """Every text of every deal, and every summary in Jira, carries harm."""
    for table in services.airtable.bases[CRM_BASE].tables.values():
        name = table.field(table.primary).id if isinstance(table.primary, str) else table.primary.id
        for number, record in enumerate(table.records.values()):
            record.first[name] = f"{FORMULAS[number % len(FORMULAS)]} {HARM}"
    for issue in services.jira.site.issues.values():
        issue.first["summary"] = f"{FORMULAS[issue.id % len(FORMULAS)]} {HARM}"


@pytest.fixture(scope="module")
def hostile() -> Iterator[Services]:
    with serving() as services:
        poison(services)
        yield services


@pytest.fixture
def company(hostile: Services, tmp_path: Path) -> Company:
    found = make_company(hostile, tmp_path)
    found.fill()
    found.type("WEB-1.1", "Key result", TITLE)
    found.type("WEB-2.1", "Key result", f"'{FORMULAS[0]}")  # the apostrophe makes it text, and goes
    for row in ("WEB-1.1", "WEB-2.1"):
        found.type(row, "Owner", MARKUP[0] + ESCAPES[1])
    return found


def check_plain(said: Said) -> None:
    """Nothing that was printed can move a cursor, colour a line, turn its direction, or begin a line of its own."""
    assert said.code in (0, 3, 4), said.text
    for text in (said.out, said.err):
        moved = {char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char not in "\n\t"}
        assert moved == set(), moved
        assert not re.search(r"^(2026-11-22 06:30:12 ERROR|::error::)", text, re.MULTILINE)


COMMANDS = (
    ("plan",),
    ("plan", "--format", "md"),
    ("plan", "--messages"),
    ("-v", "run"),
    ("explain", "WEB-1.1"),
    ("explain", "GRO-1.1", "--live"),
    ("history", "WEB-1.1"),
    ("status",),
    ("remind",),
    ("check", "--sheet"),
    ("check", "--live"),
    ("cycle", "review"),
    ("discover", "crm"),
)


def test_a_terminal_and_a_log_see_text_only(company: Company) -> None:
    for words in COMMANDS:
        said = company.say(*words)
        if said.code == 1 and words[0] in ("check", "status"):
            said = Said(0, said.out, said.err)  # they found something
        check_plain(said)
    logged = company.say("--log-format", "json", "-v", "run")
    for line in logged.err.splitlines():
        assert isinstance(json.loads(line), dict)


def test_the_harm_is_really_there(company: Company) -> None:
    """Else the other tests would hold by themselves."""
    found = company.say("explain", "GRO-1.1", "--live", "--json").out
    assert "evil.example" in found
    assert "\\u001b" in found
    assert "\x1b" in company.shows("WEB-1.1", "Key result")


def test_a_page_and_a_pull_request_see_text_only(company: Company) -> None:
    company.say("run", "--report", "run.html")
    page = (company.folder / "run.html").read_text("utf-8")
    assert Tags(page).found == []
    assert "alert(1)" in page
    company.say("cycle", "review", "--format", "html", "--out", "review.html")
    review = company.folder / "review.html"
    assert not review.exists() or Tags(review.read_text("utf-8")).found == []
    company.type("WEB-1.1", "Current", "61%")
    pull = company.say("plan", "--format", "md").out
    assert "<script" not in pull
    assert not re.search(r"(?<!\\)\]\(javascript:", pull)
    assert Tags(pull).found == []


def test_nothing_of_ours_is_a_formula_in_the_sheet(company: Company) -> None:
    assert company.say("run").code in (0, 4)
    found = {
        (tab.title, cell.value.text)
        for tab in company.document.tabs
        for row in range(tab.row_count)
        for cell in (tab.cell(row, at) for at in range(tab.column_count))
        if isinstance(cell.value, Formula)
    }
    assert found == {("Dashboard", HEARTBEAT)}
    board = [text for row in company.person.rows("Dashboard") for text in row]
    assert any(FORMULAS[0] in text for text in board), "it has to be there, as text"
