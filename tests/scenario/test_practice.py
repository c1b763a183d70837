"""The practice of OKRs as somebody at the command line meets it: hints, what is moved, goalposts, presets."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.company import NOW, Company


def add(company: Company, text: str) -> None:
    path = company.folder / "config.yaml"
    path.write_text(path.read_text() + text)


def test_check_hints_and_a_switch_turns_the_hints_off(synced: Company) -> None:
    synced.type("WEB-1.1", "Key result", "Launch the planner")
    said = synced.say("check", "--sheet")
    assert said.code == 0
    assert "hint: Key Results!A3: WEB-1.1: “Launch” is work that is done; a key result is what it changes." in said.out
    assert " hints. Nothing was written." in said.out
    found = synced.say("check", "--sheet", "--json").json
    assert {problem["severity"] for problem in found["problems"]} == {"hint"}
    assert found["ok"] is True
    assert not [item for item in synced.say("run", "--json").json["problems"] if item["severity"] == "hint"]
    add(synced, "quality: off\n")
    assert "hint" not in synced.say("check", "--sheet").out


def test_the_sheet_hints_beside_the_row_and_the_switch_turns_that_off(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.type("WEB-1.1", "Key result", "Launch the planner")
    company.say("run")
    said = company.shows("WEB-1.1", "Hint")
    assert said.startswith(
        "“Launch” is work that is done; a key result is what it changes. Say what is different then:"
    )
    assert company.shows("WEB-2.1", "Hint") == ""
    add(company, "quality: off\n")
    monkeypatch.setattr("tests.support.company.NOW", NOW + timedelta(days=1))
    company.say("run")
    assert company.shows("WEB-1.1", "Hint") == ""


def test_two_key_results_that_read_the_same_metric_are_found(company: Company) -> None:
    query = "{jira: 'project = WEB AND type = Bug', measure: count}"
    company.write(mappings=f"key_results:\n  WEB-2.1: {query}\n  WEB-1.1: {query}\n")
    said = company.say("check", "--sheet")
    assert "read the same metric" in said.out
    add(company, "quality: off\n")
    assert "read the same metric" in company.say("check", "--sheet").out


def test_explain_tells_what_it_moves_and_which_goalposts_were_moved(synced: Company) -> None:
    synced.type("WEB-1.1", "Target", "90%")
    assert "was On track, then its Target was changed from 80 % to 90 %." in synced.say("run").out
    said = synced.say("explain", "WEB-1.1").out
    assert "WEB-1     moves it by 0.58, as 100 % of its score: Planning a month" in said
    assert "C-1       is scored by other key results, not by this one: Wards" in said
    assert "22 Nov    Target 80 % → 90 %" in said
    assert "grade     0.66 as committed, 0.58 as revised" in said
    found = synced.say("explain", "WEB-1.1", "--json").json["explained"][0]
    assert found["goalposts"]["moves"] == [{"day": "2026-11-22", "field": "Target", "old": "0.8", "new": "0.9"}]
    assert [each["objective"] for each in found["contributions"]] == ["WEB-1", "C-1"]


def test_the_goalposts_of_an_objective_are_kept_and_told_wherever_people_look(synced: Company, tmp_path: Path) -> None:
    synced.type("WEB-1", "Weight", "3", tab="Objectives")
    synced.type("WEB-1", "Owner", "Grace Mwangi", tab="Objectives")
    page = tmp_path / "okrs.html"
    synced.say("run", "--report", str(page))
    assert "Weight 1 → 3" in page.read_text(encoding="utf-8")
    said = synced.say("explain", "WEB-1").out
    assert "22 Nov    Weight 1 → 3" in said
    assert "→ Grace Mwangi" in said
    moved = synced.say("cycle", "review", "--json").json["goalposts_moved"]
    assert [(item["id"], [move["field"] for move in item["moves"]]) for item in moved] == [
        ("WEB-1", ["Weight", "Owner"])
    ], "the company's objective has key results of its own"


def test_without_moved_goalposts_explain_tells_of_none(synced: Company) -> None:
    assert "Moved goalposts" not in synced.say("explain", "WEB-1.1").out
    assert "What it moves" not in synced.say("explain", "C-1").out


def test_another_products_words_stand_in_the_sheet_with_their_colours(synced: Company) -> None:
    add(synced, "status: {preset: amoeboids}\n")
    planned = synced.say("plan").out
    assert "Status Off track → At risk\n          the rule was changed" in planned
    synced.say("run")
    assert synced.shows("WEB-2.1", "Status") == "At risk"
    result = synced.say("explain", "WEB-2.1", "--json").json["explained"][0]
    assert (result["result"]["status"], result["result"]["label"], result["preset"]) == (
        "Off track",
        "At risk",
        "amoeboids",
    )
    assert "Nothing to change" in synced.say("run").out
    assert synced.say("layout").out.startswith("Nothing was missing")


@pytest.mark.parametrize(("name", "text"), [("perdoo", "the thresholds are not"), ("obord", "Did you mean oboard?")])
def test_a_preset_that_is_not_there_says_why(company: Company, name: str, text: str) -> None:
    add(company, f"status: {{preset: {name}}}\n")
    said = company.say("check")
    assert said.code == 2
    assert text in said.out
