"""``okr-sync doctor`` as it is typed: on a sheet that is ready, and with one thing broken at a time."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from connectors.google_ways import SPREADSHEETS
from connectors.testing import TOKEN
from sandbox.acme import JIRA_EMAIL
from sandbox.google import ROBOT
from sandbox.server import Server
from sandbox.wire import Fault
from sync.sheet.layout import Tab
from tests.support.company import Company
from tests.support.github_site import GithubSite, Repo


def level(company: Company, about: str, **environ: str) -> tuple[str, str, str]:
    said = company.say("doctor", "--json", **environ)
    found = next(each for each in said.json["checks"] if each["about"] == about)
    return found["level"], found["said"], found["fix"]


def test_a_sheet_that_is_ready(synced: Company) -> None:
    said = synced.say("doctor")
    assert said.code == 0, said.text
    assert "ready: 5 key results, 4 mapped, 1 manual" in said.out
    assert "jira      ok    answered for" in said.out
    assert "identity  ok    Google knows okr-sync as" in said.out
    assert "guard     ok" in said.out
    found = synced.say("doctor", "--json").json
    assert found["ready"] is True
    assert {each["about"] for each in found["checks"]} >= {
        "versions",
        "sheet",
        "guard",
        "layout",
        "zone",
        "clock",
        "crm",
    }


def sign_in_by(company: Company, key: str) -> None:
    path = company.folder / "config.yaml"
    path.write_text(path.read_text().replace("'file:key.json'", key))


def test_application_default_credentials_are_named_with_their_file(synced: Company, tmp_path: Path) -> None:
    google, ann = synced.services.google, "ann@acme.example"
    synced.document.share(ann)
    sign_in_by(synced, "application-default")
    path = tmp_path / "application_default_credentials.json"
    path.write_text(json.dumps(google.gcloud(ann, f"openid {SPREADSHEETS}", "acme-okrs")))
    kind, said, _ = level(synced, "identity", CLOUDSDK_CONFIG=str(tmp_path))
    by = f"(application-default credentials: {path})"
    assert (kind, said) == (
        "ok",
        f"Google knows okr-sync as {ann} {by}: share the sheet with that address as an editor",
    )
    assert synced.say("plan", CLOUDSDK_CONFIG=str(tmp_path)).code == 0
    assert synced.say("run", CLOUDSDK_CONFIG=str(tmp_path)).code == 0
    path.write_text(json.dumps(google.gcloud(ann, SPREADSHEETS, "acme-okrs")))
    assert "Google doesn't say as whom" in level(synced, "identity", CLOUDSDK_CONFIG=str(tmp_path))[1]


def test_a_machine_without_application_default_credentials(synced: Company, tmp_path: Path) -> None:
    sign_in_by(synced, "application-default")
    said = synced.say("doctor", CLOUDSDK_CONFIG=str(tmp_path), NO_GCE_CHECK="true")
    assert said.code == 1
    kind, text, fix = level(synced, "sheet", CLOUDSDK_CONFIG=str(tmp_path), NO_GCE_CHECK="true")
    assert (kind, "This machine has no application-default credentials" in text) == ("fail", True)
    assert "gcloud auth application-default login" in fix


def test_it_changes_nothing(synced: Company) -> None:
    def look() -> list[object]:
        return [(tab.title, tab.id, tab.rows) for tab in synced.document.tabs]

    before = repr(look())
    synced.say("doctor")
    assert repr(look()) == before


def test_a_wrong_token_fails_by_its_reference_and_the_rest_is_tried(synced: Company) -> None:
    said = synced.say("doctor", JIRA_TOKEN="no-token-of-ours-7731")
    assert said.code == 1
    assert "not ready: 1 thing to mend first" in said.out
    assert "env:JIRA_TOKEN" in said.out
    assert "no-token-of-ours-7731" not in said.text
    assert "crm       ok" in said.out


def test_a_token_that_is_not_there(synced: Company) -> None:
    kind, said, _ = level(synced, "jira", JIRA_TOKEN="")
    assert kind == "fail"
    assert "JIRA_TOKEN" in said


def test_a_sheet_that_may_only_be_read_fails_at_the_guard_and_names_the_account(synced: Company) -> None:
    synced.document.share(ROBOT, role="reader")
    kind, _, fix = level(synced, "guard")
    assert kind == "fail"
    assert ROBOT in fix


def test_a_sheet_that_is_not_shared(synced: Company) -> None:
    synced.document.access.pop(ROBOT)
    said = synced.say("doctor")
    assert said.code == 1
    assert f"Share the sheet with {ROBOT}" in said.out.replace("\n", " ").replace("  ", " ") or ROBOT in said.out
    assert "not tried" in said.out


def test_a_service_that_accepts_what_it_must_refuse(synced: Company) -> None:
    fault = Fault(match=":batchUpdate", status=200, body={"spreadsheetId": synced.document.id}, times=99)
    synced.services.google.faults.add(fault)
    kind, said, fix = level(synced, "guard")
    assert kind == "fail"
    assert said
    assert fix


@pytest.mark.parametrize("tab", [Tab.LEDGER.value, "Key Results"])
def test_a_tab_that_is_gone(synced: Company, tab: str) -> None:
    synced.person.delete_tab(tab)
    kind, _, fix = level(synced, "sheet")
    assert kind == "fail"
    assert "okr-sync layout" in fix


def test_how_much_a_run_asks_for_stands_beside_what_is_allowed(synced: Company) -> None:
    kind, said, _ = level(synced, "calls")
    assert kind == "ok"
    assert "crm 2, jira 2" in said
    assert "Google allows 60 of each a minute" in said


def test_nobody_is_to_be_told_and_nothing_is_said_of_it(synced: Company) -> None:
    assert "messages" not in synced.say("doctor").out


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "nobody is told by env:TEAM"),
        ({"TEAM": "json://127.0.0.1:9/5ecret nonsense-5ecret"}, "address 2 of 2 behind env:TEAM is none"),
        ({"TEAM": "json://127.0.0.1:9/{email}"}, "owners can't be told about their own: "),
        ({"TEAM": "json://127.0.0.1:9/team-5ecret"}, "env:TEAM can be told; nothing was sent"),
    ],
)
def test_who_is_to_be_told_is_tried_without_telling_them(synced: Company, environ: dict[str, str], says: str) -> None:
    path = synced.folder / "config.yaml"
    path.write_text(path.read_text() + "messages: {to: ['env:TEAM']}\n")
    said = synced.say("doctor", **environ)
    assert said.code == 0, "a night can come all the same"
    assert says in said.out
    assert "5ecret" not in said.text


def test_a_token_that_ends_soon_is_worth_a_look(synced: Company) -> None:
    claims = base64.urlsafe_b64encode(b'{"exp": 1795564800}').decode().rstrip("=")  # 25 Nov 2026
    checks = synced.say("doctor", "--json", JIRA_TOKEN=f"eyJh.{claims}.c2ln").json["checks"]
    found = [(each["level"], each["said"], each["fix"]) for each in checks if each["about"] == "jira"]
    assert ("look", "its token ends on 25 Nov 2026 01:00", "Renew env:JIRA_TOKEN before that.") in found


def test_the_account_of_somebody_who_left_is_worth_a_look(synced: Company) -> None:
    for cell, text in (("A2", "Ada Lovelace"), ("B2", JIRA_EMAIL), ("E2", "2026-11-01")):
        synced.person.type("People", cell, text)
    assert synced.person.rows("People")[0][:5] == ["Name", "E-mail", "Team", "Manager", "Left"]
    checks = synced.say("doctor", "--json").json["checks"]
    [said] = [each["said"] for each in checks if each["about"] == "jira" and each["level"] == "look"]
    assert said.startswith(f"it asks as {JIRA_EMAIL}, and Ada Lovelace has left: with that account 2 key results")
    assert said.endswith("(WEB-1.1, WEB-2.1)")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("2026-11-25 00:00:00 UTC", "its token ends on 25 Nov 2026 01:00"),
        ("2026-11-25 00:00:00 -0500", "its token ends on 25 Nov 2026 06:00"),
        ("2027-11-25 00:00:00 UTC", ""),
        ("soon", ""),
        ("", ""),
    ],
)
def test_github_tells_until_when_its_token_is_good(synced: Company, header: str, said: str) -> None:
    web = Repo("acme/web")
    web.issue("2026-10-01T09:00:00Z")
    site = GithubSite(web)
    site.token_ends = header
    with Server(site):
        path = synced.folder / "config.yaml"
        source = f"sources:\n  code: {{kind: github, repo: acme/web, url: '{site.url}', token: 'env:CODE'}}"
        path.write_text(path.read_text().replace("sources:", source, 1))
        mappings = synced.folder / "mappings.yaml"
        mappings.write_text(mappings.read_text() + "  C-1.3: {code: {list: issues}, measure: count}\n")
        checks = synced.say("doctor", "--json", CODE=TOKEN).json["checks"]
    found = [(each["level"], each["said"], each["fix"]) for each in checks if each["about"] == "code"]
    expected = [("look", said, "Renew env:CODE before that.")] if said else []
    assert found == [("ok", "answered for C-1.3", ""), *expected]
