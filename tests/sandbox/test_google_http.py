"""The Google stand-in over real sockets, asked by the real gspread with a real service account's key."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import gspread
import pytest
import requests

from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.server import Server
from sandbox.wire import Fault
from tests.sandbox.google_client import ask, message, redirected
from tests.unit.google_discovery import faults

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SCOPES = ["https://www.googleapis.com/auth/spreadsheets"]


@pytest.fixture
def service() -> Iterator[GoogleSheets]:
    sheets = GoogleSheets(Clock(NOW))
    sheets.tokens.accept("fixed", ROBOT)
    with Server(sheets):
        yield sheets
    assert sheets.failures == []


@pytest.fixture
def book(service):
    document = service.create("Book", locale="en_US")
    person = service.person(document)
    person.paste("Sheet1", "A1", [["id", "score", "due"], ["k1", "0.5", "2026-11-22"], ["k2", "45%", "=B2*2"]])
    return document


@pytest.fixture
def client(service):
    made = gspread.service_account_from_dict(service.service_account(), SCOPES, http_client=redirected(service))
    yield made
    made.http_client.session.close()


# Who may


def test_a_service_account_signs_in_with_its_key_and_reads(client, service, book):
    sheet = client.open_by_key(book.id)
    assert sheet.title == "Book"
    assert sheet.sheet1.get_all_values() == [["id", "score", "due"], ["k1", "0.5", "2026-11-22"], ["k2", "45%", "1"]]
    assert [each.path for each in service.requests][:2] == ["/token", f"/v4/spreadsheets/{book.id}"]


def test_an_account_that_nobody_shared_with_is_refused(service, book, client):
    book.access.clear()
    with pytest.raises(PermissionError) as refused:
        client.open_by_key(book.id)
    assert "The caller does not have permission" in str(refused.value.__cause__)
    with pytest.raises(gspread.SpreadsheetNotFound):
        client.open_by_key("1" * 44)


def test_a_reader_reads_and_does_not_write(service, book):
    book.share(ROBOT, role="reader")
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}/values/A1").status_code == 200
    response = ask(service, "POST", f"/v4/spreadsheets/{book.id}:batchUpdate", {"requests": []})
    assert (response.status_code, message(response)) == (403, "The caller does not have permission")
    assert response.json()["error"]["status"] == "PERMISSION_DENIED"


@pytest.mark.parametrize("token", [None, "unknown"])
def test_no_token_and_an_unknown_token_are_401(service, book, token):
    response = ask(service, "GET", f"/v4/spreadsheets/{book.id}", token=token)
    assert response.status_code == 401
    assert response.json()["error"]["status"] == "UNAUTHENTICATED"
    assert "authentication credential" in message(response)


def test_a_token_expires_after_an_hour(service, book, client):
    client.open_by_key(book.id)
    token = client.http_client.auth.token
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}", token=token).status_code == 200
    service.clock.advance(timedelta(hours=1))
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}", token=token).status_code == 401


def grant(service, assertion):
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    with requests.Session() as session:
        return session.post(service.url + "/token", data=form, timeout=10)


def test_only_a_known_account_with_a_right_signature_gets_a_token(service):
    from google.auth import crypt, jwt

    account = service.service_account()
    claims = {"iss": ROBOT, "scope": SCOPES[0], "aud": account["token_uri"], "iat": 1, "exp": 2}
    signer = crypt.RSASigner.from_service_account_info(account)
    signed = jwt.encode(signer, claims).decode()
    assert grant(service, signed).status_code == 200
    stranger = jwt.encode(signer, claims | {"iss": "who@x.example"}).decode()
    assert grant(service, stranger).json()["error"] == "invalid_grant"
    head, _, signature = signed.split(".")
    forged = jwt.encode(signer, claims | {"scope": "more"}).decode().split(".")[1]
    assert grant(service, f"{head}.{forged}.{signature}").json() == {
        "error": "invalid_grant",
        "error_description": "Invalid JWT Signature.",
    }
    assert grant(service, "no jwt").status_code == 400


def test_no_key_is_written_down_and_each_process_makes_its_own(service):
    key = service.service_account()["private_key"]
    assert key.startswith("-----BEGIN PRIVATE KEY-----")
    assert service.service_account("other@x.example")["client_email"] == "other@x.example"


# Reading


def test_a_masked_read_of_ranges(service, book):
    mask = "sheets(properties(sheetId,title),data(startRow,rowData.values(userEnteredValue,effectiveValue)))"
    parameters = {"ranges": ["Sheet1!B2:C3"], "fields": mask}
    answer = ask(service, "GET", f"/v4/spreadsheets/{book.id}", params=parameters).json()
    half, day, share = ({"numberValue": number} for number in (0.5, 46348, 0.45))
    rows = [
        [(half, half), (day, day)],
        [(share, share), ({"formulaValue": "=B2*2"}, {"numberValue": 1})],
    ]
    told = [{"values": [{"userEnteredValue": a, "effectiveValue": b} for a, b in row]} for row in rows]
    data = [{"startRow": 1, "rowData": told}]
    assert answer == {"sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}, "data": data}]}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/values/Foo!A1", "Unable to parse range: Foo!A1"),
        ("/values/Sheet1!A1001", "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("/values/Sheet1!AA1:AB2", "Range (Sheet1!AA1:AB2) exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("?fields=sheets.foo", "Request contains an invalid argument."),
        (
            "?field=sheets",
            (
                'Invalid JSON payload received. Unknown name "field": Cannot bind query parameter. '
                "Field 'field' could not be found in request message."
            ),
        ),
    ],
)
def test_a_bad_read_is_refused_in_googles_words(service, book, path, text):
    response = ask(service, "GET", f"/v4/spreadsheets/{book.id}{path}")
    assert (response.status_code, message(response)) == (400, text)


def test_a_tab_is_found_by_its_id_through_a_data_filter(service, book):
    body = {"dataFilters": [{"gridRange": {"sheetId": 0, "endRowIndex": 1}}]}
    fields = {"fields": "sheets(properties.title,data.rowData.values.formattedValue)"}
    path = f"/v4/spreadsheets/{book.id}:getByDataFilter"
    answer = ask(service, "POST", path, body, params=fields).json()
    row = {"values": [{"formattedValue": text} for text in ("id", "score", "due")]}
    assert answer == {"sheets": [{"properties": {"title": "Sheet1"}, "data": [{"rowData": [row]}]}]}
    refused = ask(service, "POST", path, {"dataFilters": [{"gridRange": {"sheetId": 9}}]})
    assert message(refused) == "No grid with id: 9"


def test_tags_are_searched(service, book):
    place = {"dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}}
    tag = {"metadataId": 5, "metadataKey": "okr", "visibility": "DOCUMENT", "location": place}
    create = {"requests": [{"createDeveloperMetadata": {"developerMetadata": tag}}]}
    assert ask(service, "POST", f"/v4/spreadsheets/{book.id}:batchUpdate", create).status_code == 200
    service.person(book).move_column("Sheet1", "score", "id")
    search = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "okr"}}]}
    answer = ask(service, "POST", f"/v4/spreadsheets/{book.id}/developerMetadata:search", search).json()
    assert faults("SearchDeveloperMetadataResponse", answer) == []
    found = answer["matchedDeveloperMetadata"][0]["developerMetadata"]["location"]
    assert found["dimensionRange"]["startIndex"] == 0
    assert found["locationType"] == "COLUMN"


# Values


def test_values_are_written_raw_or_as_typed_and_read_as_shown_or_as_they_are(client, book):
    sheet = client.open_by_key(book.id).sheet1
    sheet.update([["1.10", "=1+1"]], "A5", raw=True)
    sheet.update([["1.10", "=1+1", "45%"]], "A6", raw=False)
    assert sheet.get("A5:C6") == [["1.10", "=1+1"], ["1.1", "2", "45%"]]
    assert sheet.get("A6:C6", value_render_option="UNFORMATTED_VALUE") == [[1.1, 2, 0.45]]
    assert sheet.get("A6:C6", value_render_option="FORMULA") == [[1.1, "=1+1", 0.45]]
    assert sheet.get("C2", value_render_option="UNFORMATTED_VALUE") == [[46348]]
    shown = sheet.get("C2", value_render_option="UNFORMATTED_VALUE", date_time_render_option="FORMATTED_STRING")
    assert shown == [["2026-11-22"]]


def test_null_skips_a_cell_and_an_empty_text_clears_it(service, book):
    path = f"/v4/spreadsheets/{book.id}/values/Sheet1!A2:C2"
    answer = ask(service, "PUT", path, {"values": [[None, "", 7]]}, params={"valueInputOption": "RAW"}).json()
    assert answer["updatedCells"] == 2
    assert ask(service, "GET", path).json()["values"] == [["k1", "", "1900-01-06"]]


def test_a_write_beyond_its_range_is_refused_and_changes_nothing(service, book):
    path = f"/v4/spreadsheets/{book.id}/values/Sheet1!A1:B1"
    response = ask(service, "PUT", path, {"values": [[1, 2, 3]]}, params={"valueInputOption": "RAW"})
    assert message(response) == "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"
    assert service.person(book).text("Sheet1", "A1") == "id"
    batch = {
        "valueInputOption": "RAW",
        "data": [{"range": "A1", "values": [["x"]]}, {"range": "No!A1", "values": [[1]]}],
    }
    response = ask(service, "POST", f"/v4/spreadsheets/{book.id}/values:batchUpdate", batch)
    assert message(response) == "Unable to parse range: No!A1"
    assert service.person(book).text("Sheet1", "A1") == "id"


def test_an_input_option_is_needed(service, book):
    response = ask(service, "PUT", f"/v4/spreadsheets/{book.id}/values/A1", {"values": [[1]]})
    assert message(response) == "'valueInputOption' is required but not specified"


def test_appending_finds_the_table(client, book):
    sheet = client.open_by_key(book.id).sheet1
    answer = sheet.append_row(["k3", 1], table_range="A1")
    assert answer["tableRange"] == "Sheet1!A1:C3"
    assert answer["updates"]["updatedRange"] == "Sheet1!A4:B4"


# Writing


def test_gspread_adds_formats_freezes_and_deletes(client, book):
    sheet = client.open_by_key(book.id)
    tab = sheet.add_worksheet("Second", rows=5, cols=4)
    tab.format("A1:B1", {"textFormat": {"bold": True}})
    tab.freeze(rows=1)
    tab.insert_rows([["a", "b"]], row=1)
    tab.add_rows(2)
    assert (tab.get("A1:B1"), tab.frozen_row_count) == ([["a", "b"]], 1)
    sheet.del_worksheet(tab)
    assert [each.title for each in sheet.worksheets()] == ["Sheet1"]


def test_an_unknown_name_in_a_body_is_refused(service, book):
    body = {"requests": [{"updateCells": {"start": {"sheetId": 0}, "rowz": []}}]}
    response = ask(service, "POST", f"/v4/spreadsheets/{book.id}:batchUpdate", body)
    assert message(response) == (
        "Invalid JSON payload received. Unknown name \"rowz\" at 'requests[0].update_cells': Cannot find field."
    )


def test_what_is_not_served_is_a_loud_501(service, book):
    response = ask(service, "POST", f"/v4/spreadsheets/{book.id}:batchUpdate", {"requests": [{"autoFill": {}}]})
    assert response.status_code == 501
    assert "autoFill" in message(response)
    assert ask(service, "GET", f"/v4/spreadsheets/{book.id}/comments").status_code == 501
    export = f"/drive/v3/files/{book.id}/export"
    assert ask(service, "GET", export, params={"mimeType": "application/pdf"}).status_code == 501


def test_a_body_that_is_no_json_is_refused(service, book):
    with requests.Session() as session:
        url = f"{service.url}/v4/spreadsheets/{book.id}:batchUpdate"
        response = session.post(url, data=b"{", headers={"Authorization": "Bearer fixed"}, timeout=10)
    assert response.status_code == 400
    assert message(response).startswith("Invalid JSON payload received.")


def test_a_person_edits_between_a_read_and_a_write(service, book):
    person = service.person(book)
    service.before(":batchUpdate", lambda: person.type("Sheet1", "A9", "in between"))
    paste = {"source": {"sheetId": 0}, "destination": {"sheetId": 7}, "pasteType": "PASTE_FORMULA"}
    body = {"requests": [{"addSheet": {"properties": {"sheetId": 7, "title": "before"}}}, {"copyPaste": paste}]}
    assert ask(service, "POST", f"/v4/spreadsheets/{book.id}:batchUpdate", body).status_code == 200
    assert person.text("before", "A9") == "in between"


def test_a_lost_answer_may_have_landed(service, book):
    service.faults.add(Fault(match=":batchUpdate", kind="cut", when="after"))
    body = {"requests": [{"addSheet": {"properties": {"sheetId": 7, "title": "landed"}}}]}
    with pytest.raises(requests.ConnectionError):
        ask(service, "POST", f"/v4/spreadsheets/{book.id}:batchUpdate", body)
    assert [tab.id for tab in book.tabs] == [0, 7]


def test_a_fault_is_worded_as_google_words_it(service, book):
    service.faults.add(Fault(kind="status", status=503))
    response = ask(service, "GET", f"/v4/spreadsheets/{book.id}")
    assert response.json() == {
        "error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}
    }


def test_quotas_count_reads_and_writes_apart(book, service):
    seconds = [0.0]
    limited = GoogleSheets(Clock(NOW), limits=True, timer=lambda: seconds[0])
    limited.tokens.accept("fixed", ROBOT)
    document = limited.create("Limited")
    path = f"/v4/spreadsheets/{document.id}"
    with Server(limited):
        answers = [ask(limited, "GET", f"{path}/values/A1").status_code for _ in range(61)]
        assert answers == [200] * 60 + [429]
        refused = ask(limited, "GET", f"{path}/values/A1")
        write = ask(limited, "POST", f"{path}:batchUpdate", {"requests": [{"findReplace": {"find": "x"}}]})
        seconds[0] = 61
        later = ask(limited, "GET", f"{path}/values/A1")
    assert (write.status_code, later.status_code) == (200, 200)
    error = refused.json()["error"]
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["message"] == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:0'."
    )
    info, help_ = error["details"]
    assert (info["reason"], info["metadata"]["quota_limit"]) == ("RATE_LIMIT_EXCEEDED", "ReadRequestsPerMinutePerUser")
    assert (info["metadata"]["quota_limit_value"], "Retry-After" in refused.headers) == ("60", False)
    assert help_["links"][0]["description"] == "Request a higher quota limit."


# Files


def test_gspread_creates_lists_copies_and_deletes_files(client, service):
    made = client.create("Fresh")
    assert made.sheet1.row_count == 1000
    twin = client.copy(made.id, "Twin")
    assert sorted(each["name"] for each in client.list_spreadsheet_files()) == ["Fresh", "Twin"]
    assert client.open("Twin").id == twin.id
    client.del_spreadsheet(made.id)
    assert [document.title for document in service.documents.values()] == ["Twin"]


def test_a_spreadsheet_is_created_with_tabs(service):
    body = {"properties": {"title": "New", "locale": "de_DE"}, "sheets": [{"properties": {"sheetId": 3, "title": "A"}}]}
    answer = ask(service, "POST", "/v4/spreadsheets", body).json()
    assert faults("Spreadsheet", answer) == []
    assert answer["properties"]["locale"] == "de_DE"
    assert [each["properties"]["sheetId"] for each in answer["sheets"]] == [3]


def test_a_copied_file_has_another_id_and_keeps_its_tabs(service, book):
    twin = service.person(book).copy_file()
    assert twin.id != book.id
    assert twin.title == "Copy of Book"
    service.person(twin).type("Sheet1", "A1", "changed")
    assert service.person(book).text("Sheet1", "A1") == "id"


def test_the_page_shows_the_sheet(service, book):
    response = ask(service, "GET", f"/spreadsheets/d/{book.id}/edit", token=None)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert ">k1<" in response.text
    assert ask(service, "GET", "/spreadsheets/d/none", token=None).status_code == 404


def test_a_large_tab_is_written_and_read_whole(service):
    document = service.create("Large")
    add = {
        "addSheet": {
            "properties": {"sheetId": 7, "title": "L", "gridProperties": {"rowCount": 2000, "columnCount": 40}}
        }
    }
    cells = [{"values": [{"userEnteredValue": {"numberValue": r + c / 100}} for c in range(40)]} for r in range(2000)]
    update = {"updateCells": {"start": {"sheetId": 7}, "rows": cells, "fields": "userEnteredValue"}}
    body = json.dumps({"requests": [add, update]})
    assert ask(service, "POST", f"/v4/spreadsheets/{document.id}:batchUpdate", json.loads(body)).status_code == 200
    values = ask(service, "GET", f"/v4/spreadsheets/{document.id}/values/L").json()["values"]
    assert (len(values), len(values[-1]), values[1999][39]) == (2000, 40, "1999.39")
