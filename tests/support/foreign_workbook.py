"""A workbook that people made: everything in it that a careless program would lose."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

HEADERS = ("KR ID", "Key result", "Target", "Current", "Score", "Status", "Their notes")
ROWS = (
    ("WEB-1.1", "Fewer errors", 20, 61, 0.62, "On track", "call Maya"),
    ("WEB-1.2", "More orders", 0.6, 0.4, 0.4, "At risk", "“quoted” & <b>"),
)


class Pixel(Image):
    """An image of one red pixel; openpyxl's own class asks for Pillow to look at it."""

    def __init__(self) -> None:
        self.ref, self.width, self.height, self.format = None, 1, 1, "png"

    def _data(self) -> bytes:
        return _png()


def make_foreign_workbook(path: Path) -> None:
    """Save it. Its first sheet is "Key Results", its second "Deck"."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Key Results"
    for row in (HEADERS, *ROWS):
        sheet.append(row)
    sheet["C4"] = "=SUM(C2:C3)"
    sheet["G4"] = CellRichText("plain ", TextBlock(InlineFont(b=True), "bold"))
    sheet["B2"].comment = Comment("what Maya thinks", "Maya")
    sheet["C3"].number_format = "0%"
    sheet.add_table(Table(displayName="Results", ref="A1:G3"))
    sheet.conditional_formatting.add("C2:C9", CellIsRule("greaterThan", ["5"], fill=PatternFill("solid", "FFFF0000")))
    choice = DataValidation(type="list", formula1='"Yes,No"')
    choice.add("G2:G9")
    sheet.add_data_validation(choice)
    deck = book.create_sheet("Deck")
    deck.append(["Quarter", "Sales"])
    deck.append(["Q4", 7])
    chart = BarChart()
    chart.add_data(Reference(deck, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    deck.add_chart(chart, "D2")
    deck.add_image(Pixel(), "D20")
    book.defined_names["Sales"] = DefinedName("Sales", attr_text="Deck!$B$2")
    book.save(path)
    _store_one_part_streamed(path)


def _png() -> bytes:
    """One red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def _store_one_part_streamed(path: Path) -> None:
    """Write the zip anew as some programs do: streamed, with sizes behind the data, and one part not packed."""

    class Stream(BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *where: object) -> int:
            raise OSError("a stream")

    sink = Stream()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            packing = zipfile.ZIP_STORED if info.filename.endswith(".png") else zipfile.ZIP_DEFLATED
            target.writestr(info.filename, source.read(info), packing)
    path.write_bytes(sink.getvalue())


def read_parts(path: Path) -> dict[str, bytes]:
    """Every part of a workbook, unpacked."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {info.filename: package.read(info) for info in package.infolist()}
