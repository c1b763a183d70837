"""Sharing, sign-in of people, tabs sent to other spreadsheets, values by data filters: by gspread and by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime

import gspread
import pytest
import requests

from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.server import Server
from tests.sandbox.google_client import ask, message, redirected
from tests.unit.google_discovery import faults

ANN, BOB = "ann@acme.example", "bob@other.example"


@pytest.fixture
def service() -> Iterator[GoogleSheets]:
    sheets = GoogleSheets(Clock(datetime(2026, 11, 22, 9, tzinfo=UTC)))
    for token, email in (("fixed", ROBOT), ("ann", ANN), ("bob", BOB)):
        sheets.tokens.accept(token, email)
    with Server(sheets):
        yield sheets
    assert sheets.failures == []


@pytest.fixture
def book(service):
    document = service.create("Book", locale="en_US")
    document.share(ANN, role="owner")
    rows = [["id", "score", "due"], ["k1", "0.5", "2026-11-22"], ["k2", "45%", "=B2*2"]]
    service.person(document).paste("Sheet1", "A1", rows)
    return document


@pytest.fixture
def client(service):
    made = gspread.service_account_from_dict(
        service.service_account(), ["https://www.googleapis.com/auth/drive"], http_client=redirected(service)
    )
    yield made
    made.http_client.session.close()


# Who shares


def test_gspread_shares_lists_and_takes_back(service, client, book):
    sheet = client.open_by_key(book.id)
    sheet.share(BOB, perm_type="user", role="reader", notify=False)
    assert [(each["emailAddress"], each["role"]) for each in sheet.list_permissions()] == [
        (ROBOT, "writer"),
        (ANN, "owner"),
        (BOB, "reader"),
    ]
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}", token="bob").status_code == 200
    assert sheet.remove_permissions(BOB) != []
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}", token="bob").status_code == 403


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"type": "anyone", "role": "reader"}, "anyone"),
        ({"type": "domain", "role": "reader", "domain": "other.example"}, "other.example"),
    ],
)
def test_a_domain_or_everybody_is_let_in(service, book, body, name):
    path = f"/drive/v3/files/{book.id}/permissions"
    made = ask(service, "POST", path, body).json()
    assert made == {"kind": "drive#permission", "id": made["id"], "type": name if name == "anyone" else "domain",
                    "role": "reader"}  # fmt: skip
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}", token="bob").status_code == 200
    assert ask(service, "GET", f"{path}/{made['id']}").json() == made
    assert ask(service, "PATCH", f"{path}/{made['id']}", {"role": "writer"}).json()["role"] == "writer"
    assert ask(service, "POST", f"/v4/spreadsheets/{book.id}/values/A1:clear", {}, token="bob").status_code == 200
    assert ask(service, "DELETE", f"{path}/{made['id']}").status_code == 204
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}", token="bob").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body", "token", "status", "reason"),
    [
        ("POST", "", {"type": "user", "role": "king", "emailAddress": BOB}, "fixed", 400, "badRequest"),
        ("POST", "", {"role": "reader"}, "fixed", 400, "badRequest"),
        ("POST", "", {"type": "user", "role": "reader"}, "fixed", 400, "badRequest"),
        (
            "POST",
            "",
            {"type": "user", "role": "owner", "emailAddress": BOB},
            "fixed",
            403,
            "insufficientFilePermissions",
        ),
        ("GET", "/17", None, "fixed", 404, "notFound"),
        ("POST", "", {"type": "anyone", "role": "reader"}, "bob", 404, "notFound"),
    ],
)
def test_what_drive_refuses(service, book, method, path, body, token, status, reason):
    response = ask(service, method, f"/drive/v3/files/{book.id}/permissions{path}", body, token=token)
    assert (response.status_code, response.json()["error"]["errors"][0]["reason"]) == (status, reason)


def test_a_reader_shares_and_renames_nothing(service, book):
    book.share(BOB, role="reader")
    path = f"/drive/v3/files/{book.id}"
    assert (
        ask(service, "POST", f"{path}/permissions", {"type": "anyone", "role": "reader"}, token="bob").status_code
        == 403
    )
    assert ask(service, "PATCH", path, {"name": "mine"}, token="bob").status_code == 403
    assert ask(service, "DELETE", path, token="bob").status_code == 403
    assert ask(service, "POST", f"{path}/copy", {"name": "mine"}, token="bob").status_code == 200


def test_the_owner_stays(service, book):
    listed = ask(service, "GET", f"/drive/v3/files/{book.id}/permissions").json()
    assert listed["kind"] == "drive#permissionList"
    owner = next(each["id"] for each in listed["permissions"] if each["role"] == "owner")
    assert ask(service, "DELETE", f"/drive/v3/files/{book.id}/permissions/{owner}").status_code == 403


def test_gspread_exports_the_first_tab(client, book):
    assert client.export(book.id, gspread.utils.ExportFormat.CSV) == (b"id,score,due\r\nk1,0.5,2026-11-22\r\nk2,45%,1")
    assert client.export(book.id, gspread.utils.ExportFormat.TSV).startswith(b"id\tscore\tdue")


# A person signs in


def test_a_person_signs_in_with_a_refresh_token(service, book):
    from google.oauth2.credentials import Credentials

    authorized = service.authorized_user(ANN)
    person = gspread.Client(Credentials.from_authorized_user_info(authorized), http_client=redirected(service))
    person.http_client.auth._token_uri = authorized["token_uri"]
    assert person.open_by_key(book.id).sheet1.acell("A2").value == "k1"
    person.http_client.session.close()


def refresh(service, **changes):
    form = {"grant_type": "refresh_token"} | {
        name: text for name, text in service.authorized_user(ANN).items() if name in ("client_id", "client_secret")
    }
    with requests.Session() as session:
        return session.post(f"{service.url}/token", data=form | changes, timeout=10)


def test_a_refresh_token_is_worth_what_the_person_still_allows(service):
    token = service.authorized_user(ANN)["refresh_token"]
    assert refresh(service, refresh_token=token).json()["token_type"] == "Bearer"
    stranger = refresh(service, refresh_token=token, client_secret="x")
    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")
    service.tokens.consents.withdraw()
    gone = refresh(service, refresh_token=token)
    assert (gone.status_code, gone.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )


# A tab goes to another spreadsheet


def test_gspread_copies_a_tab_to_another_spreadsheet(service, client, book):
    target = service.create("Other", locale="en_US")
    guard = {"protectedRange": {"range": {"sheetId": 0, "endRowIndex": 1}, "warningOnly": True}}
    apply_batch(book, ROBOT, {"requests": [{"addProtectedRange": guard}]})
    told = client.open_by_key(book.id).sheet1.copy_to(target.id)
    assert faults("SheetProperties", told) == []
    assert (told["title"], told["index"]) == ("Copy of Sheet1", 1)
    copied = client.open_by_key(target.id).get_worksheet_by_id(told["sheetId"])
    assert copied.get_all_values()[2] == ["k2", "45%", "1"]
    assert target.tabs[1].lists["protectedRanges"][0]["range"]["sheetId"] == told["sheetId"]
    assert client.open_by_key(book.id).sheet1.copy_to(target.id)["title"] == "Copy of Sheet1 2"


def test_a_tab_goes_only_where_one_may_write(service, book):
    closed = service.create("Closed", shared_with=())
    path = f"/v4/spreadsheets/{book.id}/sheets"
    body = {"destinationSpreadsheetId": closed.id}
    assert ask(service, "POST", f"{path}/0:copyTo", body).status_code == 403
    assert message(ask(service, "POST", f"{path}/9:copyTo", body)) == "No sheet with id: 9"
    assert ask(service, "POST", f"{path}/0:copyTo", {"destinationSpreadsheetId": "1" * 44}).status_code == 404


# Values by data filters

ROW2 = {"gridRange": {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2}}
TAGGED = {"developerMetadataLookup": {"metadataKey": "score"}}


@pytest.fixture
def tagged(book):
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    tag = {"metadataKey": "score", "location": {"dimensionRange": span}, "visibility": "DOCUMENT"}
    apply_batch(book, ROBOT, {"requests": [{"createDeveloperMetadata": {"developerMetadata": tag}}]})
    return book


def test_values_are_read_by_data_filters(service, tagged):
    body = {
        "dataFilters": [{"a1Range": "Sheet1!A2:Z2"}, ROW2, TAGGED],
        "valueRenderOption": "UNFORMATTED_VALUE",
    }
    answer = ask(service, "POST", f"/v4/spreadsheets/{tagged.id}/values:batchGetByDataFilter", body).json()
    assert faults("BatchGetValuesByDataFilterResponse", answer) == []
    row, column = answer["valueRanges"]
    assert row["valueRange"]["values"] == [["k1", 0.5, 46348]]
    assert row["dataFilters"] == [{"a1Range": "Sheet1!A2:Z2"}, {"gridRange": {"startRowIndex": 1, "endRowIndex": 2}}]
    assert column["valueRange"] == {"range": "Sheet1!B1:B1000", "majorDimension": "ROWS",
                                    "values": [["score"], [0.5], [0.45]]}  # fmt: skip


def test_values_are_written_by_data_filters_all_or_none(service, tagged):
    path = f"/v4/spreadsheets/{tagged.id}/values:batchUpdateByDataFilter"
    data = [
        {"dataFilter": TAGGED, "majorDimension": "COLUMNS", "values": [["Score", "0.7"]]},
        {"dataFilter": {"a1Range": "D1"}, "values": [["'007"]]},
    ]
    answer = ask(service, "POST", path, {"valueInputOption": "USER_ENTERED", "data": data}).json()
    assert faults("BatchUpdateValuesByDataFilterResponse", answer) == []
    assert (answer["totalUpdatedCells"], answer["totalUpdatedColumns"]) == (3, 2)
    assert [each["updatedRange"] for each in answer["responses"]] == ["Sheet1!B1:B2", "Sheet1!D1"]
    assert service.person(tagged).rows("Sheet1")[:2] == [["id", "Score", "due", "007"], ["k1", "0.7", "2026-11-22"]]
    wrong = [
        {"dataFilter": {"a1Range": "A9"}, "values": [["x"]]},
        {"dataFilter": {"a1Range": "A1"}, "values": [["x"] * 99]},
    ]
    assert ask(service, "POST", path, {"valueInputOption": "RAW", "data": wrong}).status_code == 400
    assert service.person(tagged).text("Sheet1", "A9") == ""


def test_values_are_cleared_by_data_filters(service, tagged):
    path = f"/v4/spreadsheets/{tagged.id}/values:batchClearByDataFilter"
    answer = ask(service, "POST", path, {"dataFilters": [TAGGED, ROW2]}).json()
    assert faults("BatchClearValuesByDataFilterResponse", answer) == []
    assert answer["clearedRanges"] == ["Sheet1!B1:B1000", "Sheet1!A2:Z2"]
    assert service.person(tagged).rows("Sheet1") == [["id", "", "due"], ["", "", ""], ["k2", "", "0"]]


@pytest.mark.parametrize("call", ["batchGet", "batchClear"])
def test_filters_that_say_nothing_are_refused(service, book, call):
    path = f"/v4/spreadsheets/{book.id}/values:{call}ByDataFilter"
    assert ask(service, "POST", path, {}).status_code == 400
    assert ask(service, "POST", path, {"dataFilters": [{}]}).status_code == 400
    assert "dataFilterz" in message(ask(service, "POST", path, {"dataFilterz": []}))
