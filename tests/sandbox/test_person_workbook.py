"""The person with a spreadsheet program: what such a program keeps, the person keeps."""

import openpyxl
import pytest
from openpyxl.styles import Alignment

from sandbox.person_workbook import WorkbookPerson


@pytest.fixture
def person(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    sheet.append(["KR ID", "Owner", "Score"])
    sheet.append(["A-1", "Zoe", 0.5])
    sheet.append(["A-2", "Ann"])
    sheet["C2"].number_format, sheet["C2"].alignment = "0.00", Alignment(vertical="center")
    sheet.column_dimensions["C"].alignment = Alignment(vertical="center")
    sheet.row_dimensions[1].height = sheet.row_dimensions[2].height = 40
    book.save(tmp_path / "plan.xlsx")
    return WorkbookPerson(tmp_path / "plan.xlsx"), tmp_path / "plan.xlsx"


def test_a_sort_takes_whole_rows_along_with_their_looks(person):
    who, path = person
    who.sort("Plan", "Owner")
    sheet = openpyxl.load_workbook(path)["Plan"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["A-2", "Ann", None],
        ["A-1", "Zoe", 0.5],
    ]
    assert (sheet["C3"].number_format, sheet["C3"].alignment.vertical) == ("0.00", "center")
    assert sheet["C2"].alignment.vertical == "center"


def test_typing_keeps_the_columns_look(person):
    who, path = person
    who.type("Plan", "A-2", "Score", "0.8")
    cell = openpyxl.load_workbook(path)["Plan"]["C3"]
    assert (cell.value, cell.alignment.vertical) == (0.8, "center")


def test_rows_fit_their_texts_and_the_header_stays(person):
    who, path = person
    who.type("Plan", "A-1", "Score", "0.9")
    heights = openpyxl.load_workbook(path)["Plan"].row_dimensions
    assert (heights[1].height, heights[2].height) == (40, None)
