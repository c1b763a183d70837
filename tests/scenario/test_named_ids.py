"""An id on the command line that no row bears is asked about: nothing to do would look like all is well."""

import json

import pytest

from sync.cli.output import FINE, PARTIAL, USAGE
from tests.support.company import KR, Company

NOWHERE = "“WEB-11” is not in the sheet. Nothing was written.\n  Did you mean “WEB-1.1”?"


def writes(company: Company) -> list[str]:
    """What was written into the sheet so far: the paths of all requests that aren't reads."""
    return [each.path for each in company.services.google.requests if each.method != "GET" and "/v4/" in each.path]


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--only", "WEB-11"),
        ("plan", "--only", "WEB-1.1,WEB-11"),
        ("plan", "--accept", "WEB-11"),
        ("plan", "--no-fetch", "--only", "WEB-11"),
        ("run", "--only", "WEB-11"),
        ("run", "--only", "WEB-11", "--json"),
        ("run", "--accept", "WEB-11"),
        ("run", "--force", "--accept", "WEB-11"),
    ],
)
def test_an_id_that_no_row_bears_is_asked_about_before_anything_is_read_or_written(
    synced: Company, words: tuple[str, ...]
) -> None:
    before, asked = writes(synced), len(synced.services.jira.requests)
    said = synced.say(*words)
    assert (said.code, said.out) == (USAGE, "")
    summary, _, error = said.err.strip().partition("Error: ")
    assert error == NOWHERE
    assert len(summary.splitlines()) == (words[0] == "run")  # a run has its one line in the log
    assert writes(synced) == before
    assert len(synced.services.jira.requests) == asked


def test_several_are_told_at_once(synced: Company) -> None:
    said = synced.say("plan", "--only", "WEB-11,gro-1.1,WEB-1.1")
    assert "“WEB-11” is not in the sheet. “gro-1.1” is not in the sheet. Nothing was written." in said.err
    assert "Did you mean “WEB-1.1”? Did you mean “GRO-1.1”?" in said.err


def test_where_nothing_is_near_it_says_what_there_is(synced: Company) -> None:
    assert "In the sheet: C-1.3, GRO-1.1, GRO-1.2, WEB-1.1, WEB-2.1." in synced.say("run", "--only", "ZZZ").err


def test_an_objective_is_named_by_its_key_results(synced: Company) -> None:
    said = synced.say("plan", "--only", "GRO-1")
    assert said.code == USAGE
    assert "“GRO-1” is an objective. Nothing was written.\n  Name its key results: GRO-1.1,GRO-1.2" in said.err
    assert synced.say("plan", "--only", "GRO-1.1,GRO-1.2").code == FINE


def test_an_id_that_is_mapped_but_has_no_row_says_so(synced: Company) -> None:
    synced.write(mappings="key_results:\n  NEW-1: {jira: 'project = WEB', measure: percent_done}\n")
    said = synced.say("run", "--only", "NEW-1")
    assert (said.code, "“NEW-1” is mapped but not in the sheet." in said.err) == (USAGE, True)


def test_a_row_of_another_config_names_it(synced: Company) -> None:
    path = synced.folder / "config.yaml"
    text = path.read_text()
    path.write_text(text.replace("credentials:", "rows: ['GRO-*'], credentials:") + "name: growth\n")
    assert synced.say("run").code == PARTIAL
    path.write_text(text.replace("credentials:", "rows: ['WEB-*'], credentials:") + "name: web\n")
    said = synced.say("run", "--only", "GRO-1.1")
    assert said.code == USAGE
    assert "“GRO-1.1” is none of the rows of the config “web”." in said.err
    assert "It belongs to the config “growth”." in said.err
    said = synced.say("run", "--only", "C-1.3")
    assert "Add it to sheet.rows, if it is this config's." in said.err


@pytest.mark.parametrize("option", ["--only", "--accept"])
def test_an_option_that_names_nothing_is_no_wish_for_all(synced: Company, option: str) -> None:
    before = writes(synced)
    for text in ("", " , "):
        said = synced.say("run", option, text)
        assert (said.code, f"{option} names no key result." in said.err) == (USAGE, True)
    assert writes(synced) == before


def test_a_saved_plan_accepts_only_what_there_is(synced: Company) -> None:
    synced.type("WEB-1.1", "Target", "70%")
    assert synced.say("plan", "--out", "plan.json").code == FINE
    before = writes(synced)
    said = synced.say("run", "--plan", "plan.json", "--accept", "WEB-11")
    assert (said.code, NOWHERE in said.err) == (USAGE, True)
    assert writes(synced) == before
    assert synced.say("run", "--plan", "plan.json", "--accept", "WEB-1.1").code == FINE


def test_a_run_is_undone_for_ids_that_it_changed(synced: Company) -> None:
    run = synced.person.rows("Runs")[1][0]
    said = synced.say("undo", run, "--only", "WEB-11", "--yes")
    assert said.code == USAGE
    assert f"“WEB-11” is nothing that run {run} changed. Nothing was written.\n  Did you mean “WEB-1.1”?" in said.err
    assert synced.say("undo", run, "--only", "").code == USAGE


def test_a_hold_of_an_objective_is_still_released(synced: Company) -> None:
    synced.type("WEB-1", "Score", "0.9", tab="Objectives")
    assert synced.say("run").code == FINE
    said = synced.say("release", "WEB-1", "Score", "--json")
    assert (said.code, [each["id"] for each in said.json["released"]]) == (FINE, ["WEB-1"])


def test_the_error_is_no_result_for_programs(synced: Company) -> None:
    said = synced.say("--log-format", "json", "plan", "--json", "--only", "WEB-11")
    assert said.code == USAGE
    assert "WEB-11" in json.loads(said.err.splitlines()[-1])["message"]
    assert synced.shows("WEB-1.1", "Current", tab=KR) != ""
