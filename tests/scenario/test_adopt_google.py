"""A company's own Google sheet, over real sockets: adopted, synced from Jira, and nothing of theirs is touched."""

import copy
from pathlib import Path
from unittest.mock import patch

import pytest

from sandbox.acme import JIRA_EMAIL
from sandbox.google import ROBOT
from sync.sheet.google import GoogleStore
from tests.support.company import Company, Services
from tests.support.faulty_store import Crash

TAB = "OKRs FY26"
ROWS = (
    ("Acme OKRs", "", "", "", "", "", ""),
    ("", "", "", "", "", "", ""),
    ("ID", "Objective / Key Result", "Who", "Start value", "Goal", "Actual", "RAG"),
    ("O1", "Become the site people trust", "", "", "", "=AVERAGE(F5:F6)", ""),
    ("WEB-1.1", "Top requests done", "Ida", "0%", "80%", "20%", "red"),
    ("WEB-2.1", "Bugs in production", "Ben", "90", "20", "61", "red"),
    ("O2", "Grow where we are strong", "", "", "", "", ""),
    ("GRO-1.1", "Won deals with hospitals", "Maya", "0", "60", "12", "amber"),
    ("Total", "", "", "", "", "=SUM(F5:F8)", ""),
    ("", "", "", "", "", "", ""),
    ("", "agreed on 1 October", "", "", "", "", ""),
)
WIDTH = len(ROWS[2])
CONFIG = """\
calendar:
  timezone: Europe/Berlin
sheet:
  google: {document}
  credentials: file:key.json
  endpoint: {google}
{names}
sources:
  jira: {{kind: jira, url: '{jira}', email: {email}, token: 'env:JIRA_TOKEN'}}
mappings: mappings.yaml
"""
MAPPINGS = "key_results:\n  WEB-2.1: {jira: 'project = WEB AND type = Bug', measure: count}\n"


@pytest.fixture
def acme_sheet(acme: Services, tmp_path: Path):
    """The company's sheet, with a config that knows only where it is."""
    document = acme.google.create("Acme", shared_with=[ROBOT])
    company = Company(acme, tmp_path, document)
    person = company.person
    person.rename_tab(document.tabs[0].title, TAB)
    for number, row in enumerate(ROWS, 1):
        for at, text in enumerate(row):
            if text:
                person.type(TAB, f"{chr(65 + at)}{number}", text)
    person.merge(TAB, "A1:G1")
    person.merge(TAB, "B4:E4")
    person.add_note(TAB, "B6", "without the trial shop")
    person.protect(TAB, "A1:G1", editors=(ROBOT,))
    write_config(company)
    yield company
    acme.reset()
    assert acme.google.failures == []


def write_config(company: Company, names: str = "") -> None:
    company.write(config=None, mappings=MAPPINGS)
    text = CONFIG.format(
        document=company.document.id,
        google=company.services.google.url,
        jira=company.services.jira.url,
        email=JIRA_EMAIL,
        names=names,
    )
    (company.folder / "config.yaml").write_text(text)


def theirs(company: Company):
    """Every cell of their columns with its format, note and dropdown; merges, protections, filter; line by line."""
    tab = next(tab for tab in company.document.tabs if tab.title == TAB)
    cells = [[tab.cell(row, at) for at in range(WIDTH)] for row in range(tab.row_count)]
    own = [each for each in tab.lists["protectedRanges"] if not each.get("description", "").startswith("okr-sync")]
    columns = {at: line for at, line in tab.lines["COLUMNS"].items() if at < WIDTH}
    rules = [each for each in tab.lists["conditionalFormats"] if "okr-sync" not in str(each)]
    found = (cells, tab.merges, own, columns, tab.lines["ROWS"], rules, tab.filter, tab.row_count, tab.properties)
    return copy.deepcopy(found)


def adopt(company: Company, *words: str):
    """Look, put the proposed lines into the config, and apply."""
    block = company.say("adopt", "--json").json["config"]
    write_config(company, block)
    return company.say("adopt", "--apply", *words)


def test_adopted_and_synced_without_a_touch(acme_sheet: Company) -> None:
    company = acme_sheet
    before = theirs(company)
    looked = company.say("adopt")
    assert looked.code == 0, looked.text
    assert "headers in row 3, 3 key results in rows 5-6, 8, 2 objectives" in looked.out
    assert theirs(company) == before
    said = adopt(company)
    assert said.code == 0, said.text
    assert theirs(company) == before
    assert company.person.rows(TAB)[2][WIDTH:][0] == "KR ID"
    assert "Kind" in company.person.rows(TAB)[2]
    assert [row[:2] for row in company.person.rows("Objectives")[1:3]] == [
        ["O1", "Become the site people trust"],
        ["O2", "Grow where we are strong"],
    ]
    assert company.say("check", "--sheet").code == 0
    planned = company.say("plan")
    assert planned.code == 0, planned.text
    ran = company.say("run")
    assert ran.code in (0, 4), ran.text
    assert theirs(company) == before
    row = dict(zip(company.person.rows(TAB)[2], company.person.rows(TAB)[7], strict=False))
    assert (row["KR ID"], row["Objective ID"], row["Score"]) == ("GRO-1.1", "O2", "0.20")


def test_a_value_of_theirs_waits_until_somebody_accepts_it(acme_sheet: Company) -> None:
    """WEB-2.1 has a mapping, and people typed 61: it stands until it is released, and then is in History."""
    company = acme_sheet
    assert adopt(company).code == 0
    ran = company.say("run")
    assert "WEB-2.1 Current" in ran.out
    assert company.person.text(TAB, "F6") == "61"
    assert company.say("release", "--new").code == 0
    ran = company.say("run", "--no-fetch")
    assert company.person.text(TAB, "F6") != "61"
    assert any("61" in row for row in company.person.rows("History 2026-Q4"))


def test_applying_twice_changes_nothing(acme_sheet: Company) -> None:
    company = acme_sheet
    assert adopt(company).code == 0
    cells = copy.deepcopy([tab.rows for tab in company.document.tabs])
    again = company.say("adopt", "--apply")
    assert again.out.startswith("Nothing was missing"), again.text
    assert [tab.rows for tab in company.document.tabs] == cells


def test_a_row_that_moves_while_ids_are_written_gets_none_of_anothers(acme_sheet: Company) -> None:
    """Somebody inserts a row between read and write: what went astray is put back, and the next try is right."""
    company = acme_sheet
    block = company.say("adopt", "--json").json["config"]
    write_config(company, block)
    write = GoogleStore.apply_batch
    moved = []

    def move_first(store, batch):
        if not moved:
            moved.append(company.person.insert_row(TAB, 5, ["", "a new line"]))
        return write(store, batch)

    with patch.object(GoogleStore, "apply_batch", move_first):
        said = company.say("adopt", "--apply")
    assert said.code == 5, said.text
    assert "put back" in said.err
    at = company.person.rows(TAB)[2].index("Objective ID")
    assert [row[at : at + 1] for row in company.person.rows(TAB)[3:]] == [
        [""] if len(row) > at else [] for row in company.person.rows(TAB)[3:]
    ]
    assert company.say("adopt", "--apply").code == 0
    ids = {row[0]: row[at] for row in company.person.rows(TAB)[3:] if len(row) > at and row[at]}
    assert ids == {"WEB-1.1": "O1", "WEB-2.1": "O1", "GRO-1.1": "O2"}


@pytest.mark.parametrize("words", [("adopt", "--apply"), ("run", "--no-fetch")], ids=["adopt", "run"])
def test_ids_in_the_wrong_rows_are_taken_back_though_the_process_died(acme_sheet: Company, words) -> None:
    """Somebody inserts a row between read and write, and nobody is left to look at what the write hit."""
    company = acme_sheet
    block = company.say("adopt", "--json").json["config"]
    write_config(company, block)
    write = GoogleStore.apply_batch

    def die_after(store, batch):
        company.person.insert_row(TAB, 5, ["", "a new line"])
        write(store, batch)
        raise Crash

    with patch.object(GoogleStore, "apply_batch", die_after), pytest.raises(Crash):
        company.say("adopt", "--apply")
    assert objectives_of(company) == {"a new line": "O1", "Top requests done": "O1", "Grow where we are strong": "O2"}
    said = company.say(*words)
    assert said.code in (0, 4), said.text
    assert company.say("adopt", "--apply").code == 0
    assert objectives_of(company) == {
        "Top requests done": "O1", "Bugs in production": "O1", "Won deals with hospitals": "O2",
    }  # fmt: skip
    assert [row[:2] for row in company.person.rows("Objectives")[1:] if row[0]] == [
        ["O1", "Become the site people trust"],
        ["O2", "Grow where we are strong"],
    ]


def objectives_of(company: Company) -> dict[str, str]:
    """What stands in Objective ID, by the text of the row."""
    at = company.person.rows(TAB)[2].index("Objective ID")
    return {row[1]: row[at] for row in company.person.rows(TAB)[3:] if len(row) > at and row[at]}


def test_a_sheet_that_no_config_names_is_adopted_by_its_address(acme_sheet: Company) -> None:
    company = acme_sheet
    (company.folder / "config.yaml").unlink()
    address = f"https://docs.google.com/spreadsheets/d/{company.document.id}/edit"
    words = ("adopt", address, "--credentials", "file:key.json", "--endpoint", company.services.google.url)
    said = company.say(*words)
    assert said.code == 0, said.text
    assert "WEB-1.1" in said.out
    said = company.say(*words, "--apply")
    assert said.code == 0, said.text
    assert company.say("check", "--sheet").code == 0
