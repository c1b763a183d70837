from decimal import Decimal

import pytest

from sync.sheet.google_draw import make_drawing, resolve_links
from sync.sheet.google_style import FORMAT_MASK, make_colour, make_format, make_number_format
from sync.sheet.store import Draw, Drawing
from sync.sheet.style import LOOKS, Style
from tests.unit.google_discovery import faults, mask_faults, request_faults

DRAWING = Drawing(
    widths=(40, 120, 120, 80),
    rows=(
        (None, Draw("OKRs 2026-Q4", Style.TITLE, span=3)),
        (),
        (None, Draw(Decimal("0.6"), Style.PERCENT, note="of all"), Draw(True, link="https://acme.test")),
    ),
    heights={0: 40, 1: 12},
)


def test_a_drawing_leaves_nothing_else_on_its_tab():
    requests = list(make_drawing(4, DRAWING))
    assert request_faults(requests) == []
    (update,) = [each["updateCells"] for each in requests if "updateCells" in each]
    assert update["range"] == {"sheetId": 4}
    assert mask_faults("CellData", update["fields"]) == []
    assert [len(row["values"]) for row in update["rows"]] == [4, 0, 3]
    third = update["rows"][2]["values"]
    assert third[0] == {}
    assert third[1]["userEnteredFormat"]["numberFormat"] == {"type": "PERCENT", "pattern": "0%"}
    assert third[1]["note"] == "of all"
    assert third[2]["dataValidation"] == {"condition": {"type": "BOOLEAN"}}
    assert third[2]["userEnteredFormat"]["textFormat"]["link"] == {"uri": "https://acme.test"}


def test_a_span_is_drawn_to_its_end():
    (update,) = [
        each["updateCells"]
        for each in make_drawing(4, Drawing((9, 9, 9), ((Draw("Next", Style.HEADING, span=3),),)))
        if "updateCells" in each
    ]
    first, *covered = update["rows"][0]["values"]
    assert covered == [{"userEnteredFormat": first["userEnteredFormat"]}] * 2
    assert first["userEnteredFormat"]["borders"]["bottom"]["style"] == "SOLID"


def test_the_grid_fits_the_drawing_before_it_is_drawn():
    requests = list(make_drawing(4, DRAWING))
    resize = requests[1]["updateSheetProperties"]["properties"]["gridProperties"]
    assert (resize["rowCount"], resize["columnCount"]) == (5, 4)
    wide = list(make_drawing(4, Drawing((50,), ((None, Draw("x", span=4)),))))
    assert wide[1]["updateSheetProperties"]["properties"]["gridProperties"]["columnCount"] == 5


def test_neighbours_of_one_size_go_together():
    sizes = [
        (each["range"]["dimension"], each["range"]["startIndex"], each["range"]["endIndex"])
        for request in make_drawing(4, DRAWING)
        for each in request.values()
        if "properties" in each and "pixelSize" in each["properties"]
    ]
    assert sizes == [("COLUMNS", 0, 1), ("COLUMNS", 1, 3), ("COLUMNS", 3, 4), ("ROWS", 0, 1), ("ROWS", 1, 2)]


@pytest.mark.parametrize("style", list(Style))
def test_every_style_is_a_format_of_google(style):
    assert faults("CellFormat", make_format(style, Decimal("0.5"))) == []


def test_the_format_mask_names_what_google_has():
    assert mask_faults("CellData", FORMAT_MASK) == []


def test_colours_are_fractions():
    assert make_colour("FF0033") == {"rgbColor": {"red": 1.0, "green": 0.0, "blue": 0.2}}


@pytest.mark.parametrize(
    ("style", "value", "pattern"),
    [
        (Style.NUMBER, None, None),
        (Style.NUMBER, Decimal(45), "#,##0"),
        (Style.NUMBER, Decimal("45.5"), "#,##0.0"),
        (Style.NUMBER, Decimal("45.567"), "#,##0.00"),
        (Style.NUMBER, Decimal("0.0042"), "#,##0.0000"),
        (Style.PERCENT, Decimal("0.45"), "0%"),
        (Style.PERCENT, Decimal("0.455"), "0.0%"),
        (Style.SCORE, None, "0.00"),
        (Style.DATE, None, "d mmm yyyy"),
        (Style.TEXT, Decimal(4), None),
    ],
)
def test_no_number_ends_in_a_bare_point(style, value, pattern):
    made = make_number_format(LOOKS[style], value)
    assert (made["pattern"] if made else None) == pattern


def test_rows_are_fitted_to_their_texts_before_some_get_a_height_of_their_own():
    requests = list(make_drawing(4, DRAWING))
    (fit,) = [at for at, each in enumerate(requests) if "autoResizeDimensions" in each]
    assert requests[fit]["autoResizeDimensions"]["dimensions"]["endIndex"] == len(DRAWING.rows)
    heights = [
        at
        for at, each in enumerate(requests)
        if each.get("updateDimensionProperties", {}).get("range", {}).get("dimension") == "ROWS"
    ]
    assert heights
    assert min(heights) > fit


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("#'Key Results'!A12", "#gid=7&range=A12"),
        ("#'O''Brien''s'!B2", "#gid=8&range=B2"),
        ("#'Gone'!A1", None),
        ("https://acme.test/#'x'!A1", "https://acme.test/#'x'!A1"),
        (None, None),
    ],
)
def test_links_to_cells_lead_to_the_tab_by_its_id(link, made):
    drawing = resolve_links(Drawing((9,), ((Draw("x", link=link), None),)), {"Key Results": 7, "O'Brien's": 8})
    assert drawing.rows[0][0].link == made
    assert drawing.rows[0][1] is None
