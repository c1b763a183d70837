"""Workbooks as companies keep their OKRs, with everything around them that has to stay as it is."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

TAB = "OKRs Q4"
HEADERS = ("Objective", "Key Result", "Owner", "Target", "Actual", "Status", "Comments")
ROWS = (
    ("Delight hospitals", "Increase NPS from 32 to 45", "Maya", 45, 38, "green", "survey in week 48"),
    (None, "Reduce churn from 5% to 3%", "Ben", 0.03, 0.041, "amber", None),
    (None, "Answer tickets within a day", "Ben", 0.95, 0.8, "red", "two people short"),
    ("Ship a site people like", "Fewer errors in production", "Ida", 10, 61, "red", "=E8-D8"),
    (None, "Uptime at least 99.9%", "Ida", 0.999, 0.9993, "green", None),
)
WIDTH = len(HEADERS)


def make_merged_workbook(path: Path) -> None:
    """A title above, objectives merged down, notes, a dropdown, colours, a note below; and a Dashboard of their own."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = TAB
    sheet["A1"] = "Acme · company OKRs, Q4 2026"
    sheet["A1"].font = Font(size=18, bold=True, color="FFFFFF")
    sheet["A1"].fill = PatternFill("solid", "3B1F6B")
    sheet["A2"] = "Page owner: Maya"
    for at, header in enumerate(HEADERS, 1):
        sheet.cell(4, at, header).font = Font(bold=True)
    for row, values in enumerate(ROWS, 5):
        for at, value in enumerate(values, 1):
            cell = sheet.cell(row, at, value)
            if isinstance(value, float):
                cell.number_format = "0.0%"
    for area in ("A1:G1", "A5:A7", "A8:A9"):
        sheet.merge_cells(area)
    sheet["A5"].alignment = Alignment(vertical="center", wrap_text=True)
    sheet["B11"] = "* agreed in the board meeting of 1 October"
    sheet["B5"].comment = Comment("not the trial users", "Maya")
    choices = DataValidation(type="list", formula1='"green,amber,red"')
    choices.add("F5:F20")
    sheet.add_data_validation(choices)
    red = PatternFill("solid", bgColor="F8CBAD")
    sheet.conditional_formatting.add("F5:F20", CellIsRule("equal", ['"red"'], fill=red))
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 36
    sheet.freeze_panes = "C5"
    board = book.create_sheet("Dashboard")
    board["A1"] = "Board pack"
    board["A3"] = f"=SUM('{TAB}'!E5:E9)"
    book.save(path)


def make_section_workbook(path: Path) -> None:
    """Objectives as coloured rows between, their own numbers, ranges in text, formulas, a total below."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Plan 2026"
    rows: tuple[tuple[object, ...], ...] = (
        ("#", "What we want", "Who", "Target", "Progress", "Due"),
        ("O1", "Become the site people trust", None, None, "=AVERAGE(E3:E4)", None),
        ("KR1.1", "Get errors in production down", "Ida", "80 → 10", 0.4, "31.12.2026"),
        ("KR1.2", "Page load in the shop", "Ben", "5 → 2", 0.4, "31.12.2026"),
        ("O2", "Grow where we are strong", None, None, "=AVERAGE(E6:E7)", None),
        ("KR2.1", "Deals with hospitals", "Maya", "60 deals", 0.4, "15.12.2026"),
        ("KR2.2", "Uptime", "Ida", "≥ 99.9%", 0.4, None),
        ("Total", None, None, None, "=AVERAGE(E3:E7)", None),
    )
    for values in rows:
        sheet.append(values)
    for row in (2, 5):
        for at in range(1, 7):
            sheet.cell(row, at).fill = PatternFill("solid", "FFE699")
    book.save(path)


def make_quarter_workbook(path: Path) -> None:
    """Two lines of headers: the quarters above, targets and values below, merged; the file has nothing else."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Roadmap & OKRs"
    sheet["A1"] = "OKRs 2026"
    for address, text in {"A2": "Objective", "B2": "Key result", "C2": "Q3", "E2": "Q4", "G2": "Owner"}.items():
        sheet[address] = text
    for at, text in enumerate(("Target", "Actual", "Target", "Actual"), 3):
        sheet.cell(3, at, text)
    values = (
        ("Win the market", "Deals won with hospitals", 30, 31, 60, 12, "Maya"),
        (None, "Answered within a day", 50, 48, 90, 44, "Ben"),
        ("Happy teams", "Team pulse", 7, 6.8, 8, 7.1, "Ida"),
    )
    for row, line in enumerate(values, 4):
        for at, value in enumerate(line, 1):
            sheet.cell(row, at, value)
    for area in ("A1:G1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:G3", "A4:A5"):
        sheet.merge_cells(area)
    book.save(path)
