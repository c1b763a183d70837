"""Every request that our own code sends to Google, by Google's own description."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sandbox.google import ROBOT
from tests.scenario.test_adopt_google import ROWS as THEIRS
from tests.scenario.test_adopt_google import TAB, adopt, write_config
from tests.support.company import MAPPINGS, make_company, serving
from tests.support.oracles import make_validator, needs_oracles

pytestmark = [
    needs_oracles,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[2]
NUMBERS = """\
  plan: {{kind: google_sheet, sheet: {sheet}, credentials: 'file:key.json', url: '{url}'}}
mappings:"""
MAPPED = """
  C-1.3: {plan: Sheet1!B2, measure: {sum: value}}
"""


def live(company):
    """Everything that a quarter brings, by command."""

    def say(*words, codes=(0,)):
        said = company.say(*words)
        assert said.code in codes, f"{words}: {said.text}"
        return said

    company.fill()
    say("run")
    company.type("WEB-1.1", "Score", "0.5")
    say("run", codes=(0, 4))
    say("plan")
    say("explain", "WEB-1.1")
    say("explain", "WEB-1.1", "--live")
    assert "Released 1 cell" in say("release", "WEB-1.1").text
    say("check", "--sheet", codes=(0, 1))
    say("doctor", codes=(0, 1, 4))
    company.person.type("Dashboard", "H1", "TRUE")
    say("run", "--if-asked", codes=(0, 4))
    assert company.person.text("Dashboard", "H1") == "FALSE"
    for command in ("status", "remind", "report"):
        say(command, codes=(0, 1, 4))
    say("history", "WEB-1.1")
    number = say("run", "--json").json["run"]
    company.type("C-1.3", "Current", "41%")
    number = say("run", "--json").json["run"]
    say("undo", number, "--yes")
    undo_a_partial_sort(company, say)
    restyle(company)
    say("layout")
    turn(company, say)
    say("leave", "--with-tabs", "--yes")


def undo_a_partial_sort(company, say):
    """Somebody sorts from Owner to the right and leaves the ids where they are."""
    header = company.person.rows("Key Results")[0]
    first, last = (company.person.address("Key Results", "WEB-1.1", header[at]) for at in (3, len(header) - 1))
    rows = len([row for row in company.person.rows("Key Results") if row[0]])
    area = f"{first}:{re.sub('[0-9]', '', last)}{rows}"
    company.person.sort_some("Key Results", area, header[3], descending=True)
    say("run", codes=(6,))
    say("repair", "--yes")


def restyle(company):
    """What layout repairs: rules, notes, protection and groups that somebody took away."""
    for tab in company.document.tabs:
        if tab.title == "Key Results":
            tab.lists["conditionalFormats"].clear()
            tab.lists["protectedRanges"].clear()
            tab.lists["developerMetadata"].clear() if "developerMetadata" in tab.lists else None


def turn(company, say):
    cycle = company.shows("WEB-1.1", "Cycle")
    company.type("WEB-1.1", "At close", "Keep")
    say("cycle", "review")
    say("cycle", "open", "2027-Q1", "--yes")
    say("cycle", "close", cycle, "--yes")
    say("cycle", "reopen", cycle)
    say("run", codes=(0, 4))


def read_another_sheet(services, folder):
    """A key result's number in a sheet that is a source."""
    company = make_company(services, folder)
    company.fill()
    numbers = services.google.create("Numbers", shared_with=[ROBOT])
    services.google.person(numbers).type(numbers.tabs[0].title, "B2", "0.9993")
    source = NUMBERS.format(sheet=numbers.id, url=services.google.url)
    config = (company.folder / "config.yaml").read_text("utf-8").replace("mappings:", source)
    company.write(config=config, mappings=MAPPINGS + MAPPED.replace("Sheet1", numbers.tabs[0].title))
    said = company.say("run")
    assert said.code in (0, 4), said.text
    assert any(numbers.id in each.path for each in services.google.requests)


def adopt_theirs(services, folder):
    """A company's own sheet, taken up."""
    company = make_company(services, folder)
    company.person.rename_tab(company.document.tabs[0].title, TAB)
    for number, row in enumerate(THEIRS, 1):
        for at, text in enumerate(row):
            if text:
                company.person.type(TAB, f"{chr(65 + at)}{number}", text)
    for _ in range(26 - len(THEIRS[2])):
        company.person.delete_column(TAB, len(THEIRS[2]))  # a tab without a spare column at its edge
    write_config(company)
    said = adopt(company)
    assert said.code == 0, said.text


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Every request of every command that speaks with Google."""
    with serving() as services:
        live(make_company(services, tmp_path_factory.mktemp("company")))
        read_another_sheet(services, tmp_path_factory.mktemp("numbers"))
        adopt_theirs(services, tmp_path_factory.mktemp("theirs"))
        yield [each for each in services.google.requests if each.path != "/token"]


def kinds_sent(sent):
    return {
        kind for each in sent if each.path.endswith(":batchUpdate") for one in each.body["requests"] for kind in one
    }


def kinds_written_down():
    """The kinds of request that stand in our own code as a key."""
    program = make_validator()
    (batch,) = (op[3] for op in program.ops if op[2]["id"] == "sheets.spreadsheets.batchUpdate")
    kinds = set(batch.schema["$defs"]["Request"]["properties"])
    text = "".join(
        path.read_text("utf-8") for folder in ("sync", "connectors") for path in (ROOT / folder).rglob("*.py")
    )
    return {kind for kind in kinds if f'"{kind}":' in text}


def test_every_request_of_ours_is_valid_by_googles_description(sent):
    validator = make_validator()
    wrong = {
        (each.method, each.path, problem)
        for each in sent
        for problem in validator.check(
            each.method, f"{each.path}?{urlencode(dict.fromkeys(each.query, 'x'))}", each.body, 204, None
        )
    }
    assert wrong == set()


def test_every_kind_of_request_in_our_code_was_among_them(sent):
    assert kinds_written_down() >= {"addSheet", "copyPaste", "updateCells"}
    assert kinds_sent(sent) == kinds_written_down()


def test_every_kind_of_request_that_we_send_is_served(sent):
    refused = [each for each in sent if each.status != 200]
    assert {each.status for each in refused} <= {400}  # reads of tabs that aren't there yet, and what layout proves
    assert all("_okr_sync_proof" in json.dumps(each.body) for each in refused if each.method == "POST")


def test_a_wrong_request_would_be_noticed():
    validator = make_validator()
    body = {"requests": [{"updateCells": {"rowz": []}}]}
    assert validator.check("POST", "/v4/spreadsheets/x:batchUpdate", body, 204, None) != []
    assert validator.check("GET", "/v4/spreadsheets/x?field=x", None, 204, None) != []
