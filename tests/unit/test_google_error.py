import pytest

from connectors.google import GoogleInvalid, GoogleLost, GoogleRefused, GoogleUnavailable
from okr.problem import CellPlace
from sync.sheet.google_error import reading, writing
from sync.sheet.store_error import SheetBusy, SheetRefused, SheetUnavailable, WriteUnconfirmed

REQUESTS = [
    {"deleteSheet": {"sheetId": 7}},
    {"addSheet": {"properties": {"sheetId": 8}}},
    {"copyPaste": {}},
    {"updateCells": {"start": {"sheetId": 1, "rowIndex": 4, "columnIndex": 6}}},
]
TITLES = {1: "Key Results"}


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (GoogleInvalid("(400): Invalid requests[0].deleteSheet: No sheet with id: 7"), SheetBusy),
        (GoogleInvalid("Invalid requests[1].addSheet: A sheet with the name “x” already exists."), SheetBusy),
        (
            GoogleInvalid("Invalid requests[1].addSheet: This action would increase the number of cells in the "
                          "workbook above the limit of 10000000 cells."),
            SheetRefused,
        ),
        (GoogleInvalid("Invalid requests[2].copyPaste: No grid with id: 1"), SheetBusy),
        (GoogleInvalid("requests[3].updateCells: GridCoordinate.rowIndex[4] is after last row in grid[3]"), SheetBusy),
        (GoogleInvalid("Invalid requests[2].copyPaste: range exceeds grid limits. Max rows: 3"), SheetBusy),
        (GoogleInvalid("Invalid JSON payload received."), SheetRefused),
        (GoogleRefused("You are trying to edit a protected cell or object."), SheetRefused),
        (GoogleUnavailable("Google's quota of calls per minute is used up."), SheetUnavailable),
        (GoogleLost("The answer to a write was lost."), WriteUnconfirmed),
    ],
)  # fmt: skip
def test_the_class_says_what_to_do_next(error, raised):
    with pytest.raises(raised) as caught, writing(REQUESTS, TITLES):
        raise error
    assert type(caught.value) is raised
    assert caught.value.__cause__ is error


def test_a_protected_cell_is_named():
    error = GoogleRefused("A person protected cells: Invalid requests[3].updateCells: …", fix="Let okr@x.test edit it.")
    with pytest.raises(SheetRefused, match=r"Key Results!G5: Nothing was written") as caught, writing(REQUESTS, TITLES):
        raise error
    assert caught.value.place == CellPlace("Key Results", "G5")
    assert caught.value.fix == "Let okr@x.test edit it."


@pytest.mark.parametrize(
    "message", ["Invalid requests[2].copyPaste: …", "Invalid requests[9].updateCells: …", "no request is named"]
)
def test_what_is_no_cell_has_no_place(message):
    with pytest.raises(SheetRefused) as caught, writing(REQUESTS, TITLES):
        raise GoogleRefused(message)
    assert caught.value.place is None


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (GoogleUnavailable("Google answered 503."), SheetUnavailable, "503"),
        (GoogleRefused("no permission", fix="Share the sheet with a@b.test as an editor."), SheetRefused, "a@b.test"),
        (GoogleInvalid("(400): Unable to parse range: 'KPIs'"), SheetUnavailable, "renamed or deleted"),
        (
            GoogleInvalid("(400): This operation is not supported for this document"),
            SheetRefused,
            "Save as Google Sheets",
        ),
        (GoogleInvalid("(400): something else"), SheetRefused, "something else"),
    ],
)
def test_what_cannot_be_read(error, raised, said):
    with pytest.raises(raised, match=said), reading():
        raise error
