"""Notes and their boxes stay in step, and those of people stay as they are."""

import re
from pathlib import Path

import openpyxl
import pytest

from sync.sheet.workbook_notes import apply_notes, clear_notes, read_notes
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_xml import find, name, parse_xml
from tests.support.foreign_workbook import make_foreign_workbook

THEIRS, EMPTY = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
VML, EXCEL = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:excel"
BOXES = "xl/drawings/commentsDrawing1.vml"


@pytest.fixture
def package(tmp_path: Path) -> Package:
    path = tmp_path / "okrs.xlsx"
    make_foreign_workbook(path)
    return Package(path.read_bytes())


def boxes(package: Package, part: str) -> list[tuple[int, int]]:
    drawing = package.related(part, "vmlDrawing")
    assert drawing is not None
    root = parse_xml(package.read(drawing), drawing)
    places = [
        [int(found.text) for shape in root.iter(f"{{{VML}}}shape") for found in shape.iter(f"{{{EXCEL}}}{tag}")]
        for tag in ("Row", "Column")
    ]
    return sorted(zip(*places, strict=True))


def test_each_note_has_one_box(package: Package) -> None:
    apply_notes(package, THEIRS, {(3, 1): "one", (4, 30): "two"})
    assert boxes(package, THEIRS) == sorted(read_notes(package, THEIRS)) == [(1, 1), (3, 1), (4, 30)]
    apply_notes(package, THEIRS, {(3, 1): "changed"})
    assert boxes(package, THEIRS) == [(1, 1), (3, 1), (4, 30)]
    apply_notes(package, THEIRS, {(3, 1): "", (9, 9): ""})
    assert boxes(package, THEIRS) == sorted(read_notes(package, THEIRS)) == [(1, 1), (4, 30)]


def test_a_box_of_a_person_stays_byte_for_byte(package: Package) -> None:
    before = package.read(BOXES)
    apply_notes(package, THEIRS, {(3, 1): "one"})
    apply_notes(package, THEIRS, {(3, 1): ""})
    assert package.read(BOXES) == before


def test_numbers_of_boxes_are_never_given_twice(package: Package) -> None:
    for row in range(5):
        apply_notes(package, THEIRS, {(row + 5, 0): "note"})
    numbers = re.findall(rb'id="(_x0000_s\d+)"', package.read(BOXES))
    assert len(numbers) == len(set(numbers)) == 6


def test_our_notes_bear_our_name_and_people_keep_theirs(package: Package, tmp_path: Path) -> None:
    apply_notes(package, THEIRS, {(3, 1): "ours\nin two lines"})
    path = tmp_path / "after.xlsx"
    path.write_bytes(package.render())
    sheet = openpyxl.load_workbook(path)["Key Results"]
    assert {cell: (sheet[cell].comment.author, sheet[cell].comment.text) for cell in ("B2", "B4")} == {
        "B2": ("Maya", "what Maya thinks"),
        "B4": ("okr-sync", "ours\nin two lines"),
    }


def test_a_sheet_without_notes_gets_the_parts_it_needs(package: Package, tmp_path: Path) -> None:
    apply_notes(package, EMPTY, {(0, 0): "first"})
    path = tmp_path / "after.xlsx"
    path.write_bytes(package.render())
    after = Package(path.read_bytes())
    assert read_notes(after, EMPTY) == {(0, 0): "first"}
    root = after.tree(EMPTY)
    tags = [child.tag for child in root]
    assert tags.index(name("drawing")) < tags.index(name("legacyDrawing"))
    assert find(root, "legacyDrawing") is not None
    assert b'Extension="vml"' in after.read("[Content_Types].xml")
    assert openpyxl.load_workbook(path)["Deck"]["A1"].comment.text == "first"


def test_nothing_to_change_touches_nothing(package: Package) -> None:
    before = package.read(BOXES)
    apply_notes(package, THEIRS, {(1, 1): "what Maya thinks", (7, 7): ""})
    apply_notes(package, EMPTY, {(0, 0): ""})
    assert package.read(BOXES) == before
    assert package.related(EMPTY, "comments") is None


def test_a_drawing_begins_by_clearing_all(package: Package) -> None:
    assert clear_notes(package, THEIRS) == {(1, 1): ""}
    apply_notes(package, THEIRS, clear_notes(package, THEIRS))
    assert read_notes(package, THEIRS) == {}
    assert boxes(package, THEIRS) == []


def test_a_wide_note_survives_a_file_saved_elsewhere(package: Package, tmp_path: Path) -> None:
    apply_notes(package, EMPTY, {(0, 5): "long " * 100})
    path = tmp_path / "after.xlsx"
    path.write_bytes(package.render())
    book = openpyxl.load_workbook(path)
    book.save(path)
    assert read_notes(Package(path.read_bytes()), EMPTY) == {(0, 5): "long " * 100}
