"""A person in the browser: what they do, and what becomes of the sheet."""

from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.google import ROBOT, GoogleSheets
from sandbox.google_batch import apply_batch
from sandbox.google_cell import Formula
from sandbox.google_error import ApiError


@pytest.fixture
def service():
    return GoogleSheets(Clock(datetime(2026, 11, 22, 9, tzinfo=UTC)))


@pytest.fixture
def book(service):
    document = service.create("Book & <Co>")
    batch(
        document,
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "title": "KRs", "gridProperties": {"frozenRowCount": 1}},
                "fields": "title,gridProperties.frozenRowCount",
            }
        },
    )
    person = service.person(document)
    person.paste("KRs", "A1", [["id", "score", "next"], ["b", "0.2", "=B2*2"], ["a", "0.9", "=B3*2"]])
    return document


@pytest.fixture
def person(service, book):
    return service.person(book)


def batch(document, *requests):
    return apply_batch(document, ROBOT, {"requests": list(requests)})


def test_sorting_leaves_the_header_and_takes_whole_rows(person):
    person.sort("KRs", "score", descending=True)
    assert person.rows("KRs") == [["id", "score", "next"], ["a", "0.9", "1.8"], ["b", "0.2", "0.4"]]
    person.sort_some("KRs", "A2:A3", "id")
    assert [row[0] for row in person.rows("KRs")] == ["id", "a", "b"]


def test_typing_clearing_and_notes(person):
    person.type("KRs", "B2", "80%")
    person.add_note("KRs", "B2", "because")
    assert (person.value("KRs", "B2"), person.text("KRs", "B2"), person.note("KRs", "B2")) == (0.8, "80%", "because")
    person.clear("KRs", "B2")
    assert (person.value("KRs", "B2"), person.note("KRs", "B2")) == (None, "because")
    person.add_note("KRs", "B2", "")
    assert person.note("KRs", "B2") is None


def test_columns_are_found_by_header_letter_or_number(person):
    assert person.address("KRs", "a", "score") == "B3"
    person.rename_header("KRs", "score", "Punkte")
    person.insert_column("KRs", "Punkte", "Mine")
    person.move_column("KRs", "next", "A")
    assert person.rows("KRs")[0] == ["next", "id", "Mine", "Punkte"]
    assert person.rows("KRs")[1] == ["0.4", "b", "", "0.2"]
    person.delete_column("KRs", "Mine")
    assert person.rows("KRs")[0] == ["next", "id", "Punkte"]
    with pytest.raises(KeyError, match="no column “Score”"):
        person.address("KRs", "a", "Score")


def test_rows_come_double_and_go(person, book):
    person.insert_row("KRs", 2, ["new", "1"])
    person.duplicate_row("KRs", 3)
    assert [row[0] for row in person.rows("KRs")] == ["id", "new", "b", "b", "a"]
    person.delete_row("KRs", 2)
    assert [row[0] for row in person.rows("KRs")] == ["id", "b", "b", "a"]
    assert book.tab(0).cell(3, 2).value == Formula("=B4*2")


def test_tabs_are_renamed_and_deleted(person, book):
    batch(book, {"addSheet": {"properties": {"sheetId": 4, "title": "Second"}}})
    person.rename_tab("Second", "Other")
    person.delete_tab("KRs")
    assert [tab.title for tab in book.tabs] == ["Other"]
    with pytest.raises(KeyError, match="no tab “KRs”"):
        person.type("KRs", "A1", "x")


def test_a_person_may_delete_what_is_protected_from_others(person, book):
    book.access["boss@x.example"] = "owner"
    guard = {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}}}}
    apply_batch(book, "boss@x.example", {"requests": [guard, {"addSheet": {"properties": {"title": "x"}}}]})
    person.delete_tab("KRs")
    assert "person@acme.example" not in book.access


def test_a_person_hides_protects_and_merges(service, book):
    person = service.person(book)
    title = book.tabs[0].title
    person.hide_row(title, 3)
    person.hide_column(title, "B")
    assert book.tabs[0].lines["ROWS"][2]["hiddenByUser"]
    assert book.tabs[0].lines["COLUMNS"][1]["hiddenByUser"]
    person.merge(title, "A2:B2")
    assert [(each.top, each.left, each.bottom, each.right) for each in book.tabs[0].merges] == [(1, 0, 2, 2)]
    person.protect(title, "A1:B1", editors=("ann@x.example",))
    clear = {"updateCells": {"range": {"sheetId": book.tabs[0].id, "endRowIndex": 1}, "fields": "userEnteredValue"}}
    with pytest.raises(ApiError, match="protected cell"):
        apply_batch(book, ROBOT, {"requests": [clear]})
    apply_batch(book, "ann@x.example", {"requests": [clear]})
    apply_batch(book, ROBOT, {"requests": [{"addSheet": {"properties": {"sheetId": 77, "title": "Other"}}}]})
    person.hide_tab("Other")
    assert book.titled("Other").hidden
