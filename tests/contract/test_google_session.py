"""The Google session: three calls by real gspread and google-auth over real sockets, and what each trouble becomes."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import SourceUnavailable
from connectors.google import (
    READ_ONLY,
    GoogleInvalid,
    GoogleLost,
    GoogleRefused,
    GoogleSession,
    GoogleUnavailable,
    open_session,
)
from connectors.limiter import Limiters
from connectors.secret import Reference, Secret, redact
from connectors.testing import FakeTime
from okr.problem import OkrSyncError
from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.server import Server
from sandbox.wire import Fault

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OTHER = "other@acme.example"
LATER = datetime(2999, 1, 1, tzinfo=UTC)
"""By Google's clock then, a token that says until when it is valid is valid by ours."""
MASK = "properties.title,sheets(properties(sheetId,title),data.rowData.values.userEnteredValue)"
BATCH = ":batchUpdate"


def write(text: str, row: int = 0) -> dict[str, Any]:
    cell = {"userEnteredValue": {"stringValue": text}}
    start = {"sheetId": 0, "rowIndex": row, "columnIndex": 0}
    return {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


@contextmanager
def serving(now: datetime = NOW) -> Iterator[tuple[GoogleSheets, Any]]:
    service = GoogleSheets(clock=Clock(now))
    with Server(service):
        yield service, service.create("OKRs", shared_with=[ROBOT])
    assert service.failures == []


@contextmanager
def session(service: GoogleSheets, time: FakeTime | None = None, **more: Any) -> Iterator[GoogleSession]:
    time = time or FakeTime()
    found = open_session(
        more.pop("credentials", service.service_account()), time.around(), endpoint=service.url, **more
    )
    try:
        yield found
    finally:
        found.close()


def calls(service: GoogleSheets) -> list[str]:
    return [f"{logged.method} {logged.path}" for logged in service.requests if logged.path != "/token"]


class TestCalls:
    def test_each_call_is_one_request(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            sheets.apply_batch(doc.id, [write("größe 🚀")])
            found = sheets.fetch_spreadsheet(doc.id, ["Sheet1!A1:B2"], MASK)
            by_id = sheets.fetch_by_filter(doc.id, [{"gridRange": {"sheetId": 0, "endRowIndex": 2}}], MASK)
            assert calls(service) == [
                f"POST /v4/spreadsheets/{doc.id}:batchUpdate",
                f"GET /v4/spreadsheets/{doc.id}",
                f"POST /v4/spreadsheets/{doc.id}:getByDataFilter",
            ]
            cell = found["sheets"][0]["data"][0]["rowData"][0]["values"][0]
            assert cell == {"userEnteredValue": {"stringValue": "größe 🚀"}}
            assert by_id["sheets"] == found["sheets"]
            assert len(service.requests) == 4  # and one for the token, for all of them

    def test_the_answer_to_a_write_shows_the_sheet_when_asked(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            answer = sheets.apply_batch(doc.id, [write("x")], response_ranges=["Sheet1!A1:A1"])
            [tab] = answer["updatedSpreadsheet"]["sheets"]
            assert tab["data"][0]["rowData"][0]["values"][0]["userEnteredValue"] == {"stringValue": "x"}

    def test_what_is_sent_is_not_changed(self) -> None:
        requests = [write("x")]
        before = copy.deepcopy(requests)
        with serving() as (service, doc), session(service) as sheets:
            sheets.apply_batch(doc.id, requests)
        assert requests == before

    def test_the_account_is_known(self) -> None:
        with serving() as (service, _), session(service) as sheets:
            assert sheets.account == ROBOT == service.service_account()["client_email"]

    def test_nothing_is_asked_before_it_is_needed(self) -> None:
        with serving() as (service, _), session(service, scopes=(READ_ONLY,)):
            assert service.requests == []

    def test_a_token_for_reading_reads_and_does_not_write(self) -> None:
        with serving() as (service, doc), session(service, scopes=(READ_ONLY,)) as sheets:
            assert sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            with pytest.raises(GoogleRefused, match="insufficient authentication scopes"):
                sheets.apply_batch(doc.id, [write("x")])

    def test_credentials_may_be_a_secret_or_a_file(self, tmp_path: Any) -> None:
        import json

        with serving() as (service, doc):
            text = json.dumps(service.service_account())
            (tmp_path / "key.json").write_text(text)
            secret = Secret(Reference("env", "GOOGLE_KEY"), text)
            for credentials in (secret, tmp_path / "key.json", str(tmp_path / "key.json")):
                with session(service, credentials=credentials) as sheets:
                    assert sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            key = service.service_account()["private_key"]
            assert key not in redact(f"{key} {json.dumps(key)}")


class TestReads:
    @pytest.mark.parametrize("kind", ["cut", "truncate", "html", "status"])
    def test_are_tried_again(self, kind: Any) -> None:
        time = FakeTime()
        with serving() as (service, doc), session(service, time) as sheets:
            service.faults.add(Fault(match="GET /v4", kind=kind, status=503))
            assert sheets.fetch_spreadsheet(doc.id, fields="properties.title") == {"properties": {"title": "OKRs"}}
            assert len(calls(service)) == 2
            assert len(time.slept) == 1

    @pytest.mark.parametrize(("told", "least"), [(None, 60), (20, 20)])
    def test_wait_as_long_as_the_quota_lasts(self, told: Any, least: int) -> None:
        time = FakeTime()
        with serving() as (service, doc), session(service, time) as sheets:
            service.faults.add(Fault(match="GET /v4", status=429, retry_after=told))
            sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            assert least <= sum(time.slept) <= least + 1

    def test_end_after_some_tries(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match="GET /v4", status=503, body="<html>oops</html>", times=None))
            with pytest.raises(GoogleUnavailable, match="503"):
                sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            assert len(calls(service)) == 6

    def test_the_limit_on_a_real_quota_is_met_by_waiting(self) -> None:
        time = FakeTime(NOW)
        service = GoogleSheets(clock=Clock(NOW), limits=True, timer=time.monotonic)
        with Server(service):
            doc = service.create("OKRs", shared_with=[ROBOT])
            with session(service, time) as sheets:
                for _ in range(70):
                    sheets.fetch_spreadsheet(doc.id, fields="properties.title")
        assert 60 <= sum(time.slept) < 62


class TestShared:
    """Sheets that are done in one process with the same account share its calls per minute."""

    @pytest.mark.parametrize("kind", ["read", "write"])
    @pytest.mark.parametrize(("accounts", "waits"), [((ROBOT, ROBOT), True), ((ROBOT, OTHER), False)])
    def test_an_account_s_calls_per_minute(self, kind: str, accounts: tuple[str, str], *, waits: bool) -> None:
        time = FakeTime()
        around = replace(time.around(), limiters=Limiters())
        with serving() as (service, doc):
            doc.share(OTHER)
            first, second = (
                open_session(service.service_account(account), around, endpoint=service.url) for account in accounts
            )
            for sheets in (first, second) * 35:
                if kind == "read":
                    sheets.fetch_spreadsheet(doc.id, fields="properties.title")
                else:
                    sheets.apply_batch(doc.id, [write("x")])
            first.close()
            second.close()
        assert (sum(time.slept) >= 59) is waits
        assert (time.slept == []) is not waits

    @pytest.mark.parametrize(("account", "waits"), [(ROBOT, True), (OTHER, False)])
    def test_its_pauses(self, account: str, *, waits: bool) -> None:
        """What Google refused to one sheet's write the next one with this account doesn't ask for at once."""
        time = FakeTime()
        around = replace(time.around(), limiters=Limiters())
        with serving() as (service, doc):
            doc.share(OTHER)
            service.faults.add(Fault(match=BATCH, status=429))
            first, second = (
                open_session(service.service_account(name), around, endpoint=service.url) for name in (ROBOT, account)
            )
            with pytest.raises(GoogleUnavailable):
                first.apply_batch(doc.id, [write("x")])
            second.fetch_spreadsheet(doc.id, fields="properties.title")
            assert time.slept == [], "reads have a quota of their own"
            second.apply_batch(doc.id, [write("x")])
            assert (sum(time.slept) >= 59) is waits
            first.close()
            second.close()


class TestWrites:
    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("kind", ["cut", "html", "status"])
    def test_whose_answer_is_lost_are_never_sent_again(self, kind: Any, when: Any) -> None:
        time = FakeTime()
        with serving() as (service, doc), session(service, time) as sheets:
            service.faults.add(Fault(match=BATCH, kind=kind, when=when, status=502))
            with pytest.raises(GoogleLost, match="may have landed") as caught:
                sheets.apply_batch(doc.id, [write("x")])
            assert not isinstance(caught.value, SourceUnavailable)  # or a retry layer might send it again
            assert len(calls(service)) == 1
            assert time.slept == []

    def test_half_an_answer_is_a_lost_one(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match=BATCH, kind="truncate"))
            with pytest.raises(GoogleLost):
                sheets.apply_batch(doc.id, [write("x")])

    def test_silence_is_a_lost_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.google._TIMEOUT", (1, 0.3))
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match=BATCH, kind="timeout"))
            with pytest.raises(GoogleLost, match="no answer in time"):
                sheets.apply_batch(doc.id, [write("x")])

    def test_over_the_quota_nothing_was_written(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match=BATCH, status=429))
            with pytest.raises(GoogleUnavailable) as caught:
                sheets.apply_batch(doc.id, [write("x")])
            assert caught.value.retry_after == 60
            assert len(calls(service)) == 1

    def test_a_service_that_was_never_reached_wrote_nothing(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            sheets._endpoint = "http://127.0.0.1:9"
            with pytest.raises(GoogleUnavailable, match="connection refused"):
                sheets.apply_batch(doc.id, [write("x")])

    def test_a_sign_in_that_fails_wrote_nothing(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match="/token", kind="cut"))
            with pytest.raises(GoogleUnavailable, match="sign-in"):
                sheets.apply_batch(doc.id, [write("x")])
            assert calls(service) == []

    def test_an_invalid_request_carries_google_s_message(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            with pytest.raises(GoogleInvalid, match="No sheet with id: 77"):
                sheets.apply_batch(doc.id, [write("x"), {"deleteSheet": {"sheetId": 77}}])
            assert "rowData" not in str(sheets.fetch_spreadsheet(doc.id, ["Sheet1!A1:A1"], MASK)["sheets"])


class TestTokens:
    """A 401 says that nothing was done: the token ended before its time."""

    @pytest.mark.parametrize("kind", ["service account", "person", "workload"])
    def test_one_that_google_forgot_is_replaced_and_the_call_goes_on(self, kind: str, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("planted-subject-5ecret")
        with serving(LATER) as (service, doc):
            credentials = service.service_account()
            if kind == "person":
                doc.share("ann@acme.example")
                credentials = service.authorized_user("ann@acme.example")
            if kind == "workload":
                credentials = service.workload(str(tmp_path / "token"), "planted-subject-5ecret")
            with session(service, credentials=credentials) as sheets:
                sheets.apply_batch(doc.id, [write("before")])
                service.tokens.revoke()
                sheets.apply_batch(doc.id, [write("after")])
                service.tokens.revoke()
                found = sheets.fetch_spreadsheet(doc.id, ["Sheet1!A1:A1"], MASK)
        assert "after" in str(found)
        answers = [logged.status for logged in service.requests if "/v4/" in logged.path]
        assert answers == [200, 401, 200, 401, 200]

    def test_a_write_is_done_once(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            service.tokens.revoke()
            sheets.apply_batch(doc.id, [{"addSheet": {"properties": {"sheetId": 7, "title": "once"}}}])
            assert [tab.title for tab in doc.tabs] == ["Sheet1", "once"]

    @pytest.mark.parametrize(
        "call", [lambda sheets, id_: sheets.fetch_spreadsheet(id_), lambda sheets, id_: sheets.apply_batch(id_, [])]
    )
    def test_a_second_refusal_ends_it_and_names_the_credentials(self, call: Callable[..., Any]) -> None:
        time = FakeTime()
        with serving() as (service, doc), session(service, time) as sheets:
            service.faults.add(Fault(match="/v4", status=401, times=None))
            with pytest.raises(GoogleRefused, match=r"Check sheet\.credentials"):
                call(sheets, doc.id)
            assert len(calls(service)) == 2
            assert len(service.requests) == 4  # and a token before each
            assert time.slept == []

    def test_an_account_that_is_gone_is_said_to_be(self) -> None:
        body = {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}
        with serving() as (service, doc), session(service) as sheets:
            sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            service.tokens.revoke()
            service.faults.add(Fault(match="/token", status=400, body=body, times=None))
            with pytest.raises(GoogleRefused, match=f"credentials of {ROBOT}"):
                sheets.apply_batch(doc.id, [write("x")])
            assert len(calls(service)) == 2

    def test_the_new_one_is_a_secret_too(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            service.tokens.revoke()
            sheets.apply_batch(doc.id, [write("x")])
            sent = service.requests[-1].headers["Authorization"].removeprefix("Bearer ")
            assert sent not in redact(f"said with {sent}")


class TestRefusals:
    def test_a_sheet_that_is_not_shared_names_the_account(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            doc.access.clear()
            with pytest.raises(GoogleRefused, match=f"Share the sheet with {ROBOT}"):
                sheets.fetch_spreadsheet(doc.id, fields="properties.title")
            assert len(calls(service)) == 1

    def test_a_reader_who_writes_is_told_to_be_an_editor(self) -> None:
        with serving() as (service, doc), session(service) as sheets:
            doc.share(ROBOT, role="reader")
            with pytest.raises(GoogleRefused, match="as an editor"):
                sheets.apply_batch(doc.id, [write("x")])

    def test_an_unknown_spreadsheet(self) -> None:
        with serving() as (service, _), session(service) as sheets, pytest.raises(GoogleRefused, match="no such"):
            sheets.fetch_spreadsheet("1" * 44, fields="properties.title")

    def test_protected_cells_are_a_refusal(self) -> None:
        said = "Invalid requests[0].updateCells: You are trying to edit a protected cell or object. Please contact ..."
        body = {"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}}
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match=BATCH, status=400, body=body))
            with pytest.raises(GoogleRefused, match="protected range"):
                sheets.apply_batch(doc.id, [write("x")])

    def test_an_api_that_is_off_says_so(self) -> None:
        said = "Google Sheets API has not been used in project 1 before or it is disabled."
        body = {"error": {"code": 403, "message": said, "status": "PERMISSION_DENIED"}}
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match="GET /v4", status=403, body=body))
            with pytest.raises(GoogleRefused, match="Turn it on"):
                sheets.fetch_spreadsheet(doc.id, fields="properties.title")

    def test_credentials_that_google_does_not_know(self) -> None:
        body = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        with serving() as (service, doc), session(service) as sheets:
            service.faults.add(Fault(match="/token", status=400, body=body))
            with pytest.raises(GoogleRefused, match=f"credentials of {ROBOT}"):
                sheets.fetch_spreadsheet(doc.id, fields="properties.title")

    @pytest.mark.parametrize("credentials", [{}, {"type": "service_account", "client_email": "x"}, "no-such-file.json"])
    def test_what_is_no_key_is_refused_at_once(self, credentials: Any) -> None:
        with pytest.raises(GoogleRefused):
            open_session(credentials, FakeTime().around())


def test_all_of_them_are_our_errors() -> None:
    assert all(issubclass(kind, OkrSyncError) for kind in (GoogleLost, GoogleInvalid, GoogleRefused, GoogleUnavailable))


def test_workload_identity_needs_no_key(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("planted-subject-5ecret")
    with serving() as (service, document):
        info = service.workload(str(token), "planted-subject-5ecret")
        with session(service, credentials=info) as found:
            assert found.account == ROBOT
            assert found.fetch_spreadsheet(document.id, (), MASK)["properties"]["title"] == "OKRs"
            found.apply_batch(document.id, [write("by a workload")])
        others = {call for call in calls(service) if "/v4/" not in call}
        assert others == {f"POST /v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"}


def test_a_workload_that_is_not_trusted_is_refused_and_its_token_never_shown(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("planted-subject-5ecret")
    with serving() as (service, document):
        info = service.workload(str(token), "another")
        with session(service, credentials=info) as found, pytest.raises(GoogleRefused) as caught:
            found.fetch_spreadsheet(document.id, (), MASK)
        assert "5ecret" not in str(caught.value)
        assert ROBOT in str(caught.value)


def test_a_workload_whose_token_is_a_programs_is_refused() -> None:
    info = {"type": "external_account", "credential_source": {"executable": {"command": "/bin/sh"}}}
    with pytest.raises(GoogleRefused):
        open_session(info, FakeTime().around())


@pytest.mark.parametrize(
    ("headers", "off"),
    [
        ({}, timedelta(minutes=30)),
        ({"Date": "Sun, 22 Nov 2026 07:00:00 GMT"}, timedelta(hours=-1, minutes=-30)),
        ({"Date": "yesterday"}, None),
        ({"Age": "7200"}, None),
    ],
)
def test_the_clock_in_an_answer_is_looked_at(headers: dict[str, str], off: timedelta | None) -> None:
    """Ours is half an hour slow. What is no date, or was kept by a cache, says nothing."""
    with serving() as (service, document), session(service, FakeTime(NOW - timedelta(minutes=30))) as google:
        assert google.clock_off is None
        service.faults.add(Fault(match="/token", status=400, headers=headers, body={"error": "invalid_grant"}))
        with pytest.raises(GoogleRefused):
            google.fetch_spreadsheet(document.id, (), MASK)
        assert google.clock_off == off
