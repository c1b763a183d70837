"""The demo as somebody sees it who types ``make demo``, and what it leaves behind."""

import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from sandbox.acme import AIRTABLE_TOKEN, JIRA_EMAIL, JIRA_TOKEN, acme_sheet
from sync.cli.main import cli
from sync.cli.story import HELD, HELD_SCORE, NOTE, NOTED
from tests.support.planted import basic, find_leaks, read_files

TODAY = date(2026, 11, 22)
OWN_TOKEN = "token-of-whoever-types-this-0815"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    environ = {"JIRA_TOKEN": OWN_TOKEN, "AIRTABLE_TOKEN": OWN_TOKEN}
    result = CliRunner().invoke(
        cli, ["-vv", "demo", "--folder", str(folder), "--today", TODAY.isoformat()], env=environ
    )
    assert result.exit_code == 0, result.output
    return result.output, folder


def rows(folder: Path) -> dict[str, dict[str, object]]:
    sheet = openpyxl.load_workbook(folder / "Acme OKRs.xlsx")["Key Results"]
    headers = [cell.value for cell in sheet[1]]
    lines = ({str(head): cell for head, cell in zip(headers, row, strict=False)} for row in sheet.iter_rows(min_row=2))
    return {str(line["KR ID"].value): line for line in lines if line["KR ID"].value}  # type: ignore[misc]


def test_it_tells_the_whole_story(told: tuple[str, Path]) -> None:
    text, folder = told
    acts = ("prepares both", "first night", "sort the key results by owner", "okr-sync plan", "heartbeat only",
            "Jira is still down")  # fmt: skip
    at = [text.index(act) for act in acts]
    assert at == sorted(at)
    assert f"{HELD} Score: 0.80 stays" in text
    assert "Google got 1 write" in text
    for name in ("Acme OKRs.xlsx", "google-sheet.html", "report.html", "config-google.yaml", "plan.txt"):
        assert (folder / name).exists(), name


def test_what_people_did_in_the_workbook_is_there_at_the_end(told: tuple[str, Path]) -> None:
    lines = rows(told[1])
    assert set(lines) == {row["KR ID"] for row in acme_sheet(TODAY)["Key Results"]}
    assert lines[HELD]["Score"].value == float(HELD_SCORE)  # type: ignore[attr-defined]
    note = lines[NOTED]["Status"].comment  # type: ignore[attr-defined]
    assert note is not None
    assert NOTE in note.text
    assert "Reason" in lines[HELD]
    assert "Why" not in lines[HELD]


def test_hints_stand_beside_their_rows_and_say_why_with_an_example(told: tuple[str, Path]) -> None:
    hints = {own: str(line["Hint"].value) for own, line in rows(told[1]).items() if line["Hint"].value}  # type: ignore[attr-defined]
    assert hints["OPS-2.3"].startswith("Is yes or no: until its last day nobody sees how far it is. Count something")
    assert len(hints) < len(rows(told[1])) / 2, "most rows are left alone"


def test_values_from_jira_are_three_days_old_and_never_gone(told: tuple[str, Path]) -> None:
    lines = rows(told[1])
    old = [line for line in lines.values() if "jira could not be reached" in str(line["Reason"].value)]  # type: ignore[attr-defined]
    assert len(old) > 10
    for line in old:
        assert line["Freshness"].value.date() == date(2026, 11, 19)  # type: ignore[attr-defined]
        assert line["Current"].value not in (None, "")  # type: ignore[attr-defined]


def test_the_page_shows_the_google_sheet(told: tuple[str, Path]) -> None:
    page = (told[1] / "google-sheet.html").read_text(encoding="utf-8")
    assert "At a glance: 55 key results" in page
    assert "Reason" in page


def test_no_secret_is_left_anywhere_but_in_the_sandbox_s_own_key(told: tuple[str, Path]) -> None:
    text, folder = told
    key = json.loads((folder / "service-account.json").read_text())["private_key"].splitlines()
    secrets = {
        "Jira's token": JIRA_TOKEN,
        "Jira's basic authentication": basic(JIRA_EMAIL, JIRA_TOKEN),
        "Airtable's token": AIRTABLE_TOKEN,
        "the key": key[3],
        "one's own token": OWN_TOKEN,
    }
    assert find_leaks({"stdout": text, **read_files(folder, frozenset({"service-account.json"}))}, secrets) == []
    assert find_leaks(read_files(folder, frozenset()), secrets)
    assert (folder / "service-account.json").stat().st_mode & 0o077 == 0


def test_a_folder_with_something_else_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = CliRunner().invoke(cli, ["demo", "--folder", str(tmp_path)])
    assert result.exit_code != 0
    assert "holds something else than a demo" in result.output
    assert (tmp_path / "letter.txt").read_text() == "mine"
