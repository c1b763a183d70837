"""Notes of cells: the texts in a comments part, their yellow boxes in a VML drawing, and both kept in step.

Excel shows no note without a box, and the box's part isn't always XML, so that boxes are added and taken out as
text: everything else in that part stays byte for byte. Source: ECMA-376 part 1, 18.7; part 4, 19.4 (VML).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.sheet.cell import Address
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_xml import (
    R_ID,
    WORKSHEET_ORDER,
    Element,
    add,
    add_text,
    find,
    make,
    name,
    place,
    read_text,
    render_xml,
)

AUTHOR = "okr-sync"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NAMES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
"""Declared on everything that is put in: a drawing of another program may call the same names otherwise."""

_VML_HEAD = f'<xml {_NAMES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
_SHAPE_TYPE = (
    f"<v:shapetype {_NAMES}"
    ' id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = re.compile(rb"<((?:\w+:)?)shape\b.*?</\1shape>\s*", re.DOTALL)
_SHAPE_ID = re.compile(rb'id="_x0000_s(\d+)"')


def read_notes(package: Package, sheet_part: str) -> dict[tuple[int, int], str]:
    """The notes of a sheet by row and column."""
    part = package.related(sheet_part, "comments")
    if part is None or not package.has(part):
        return {}
    notes = {}
    for comment in package.tree(part).iter(name("comment")):
        text = find(comment, "text")
        notes[_address(comment)] = read_text(text) if text is not None else ""
    return notes


def apply_notes(package: Package, sheet_part: str, notes: Mapping[tuple[int, int], str]) -> None:
    """Set these notes on a sheet; an empty text takes a note away. All other notes stay as they are."""
    present = read_notes(package, sheet_part)
    wanted = {at: text for at, text in notes.items() if present.get(at, "") != text}
    if not wanted:
        return
    comments, boxes = _parts(package, sheet_part)
    root = package.touch(comments)
    drawing = package.read(boxes)
    for at, text in wanted.items():
        row, column = at
        if at in present:
            drawing = _without_box(drawing, row, column)
            _remove(root, at)
        if text:
            _append(root, at, text)
            drawing = _with_box(drawing, row, column, text)
    package.put(boxes, drawing)


def clear_notes(package: Package, sheet_part: str) -> dict[tuple[int, int], str]:
    """Empty texts for all notes of a sheet: the start of a drawing that replaces them."""
    return dict.fromkeys(read_notes(package, sheet_part), "")


def _address(comment: Element) -> tuple[int, int]:
    letters = comment.get("ref", "A1").rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(comment.get("ref", "A1")[len(letters) :]) - 1, column - 1


def _remove(root: Element, at: tuple[int, int]) -> None:
    for comment in list(root.iter(name("comment"))):
        parent = comment.getparent()
        if parent is not None and _address(comment) == at:
            parent.remove(comment)


def _append(root: Element, at: tuple[int, int], text: str) -> None:
    authors, comments = find(root, "authors"), find(root, "commentList")
    if authors is None:
        authors = make("authors")
        root.insert(0, authors)
    if comments is None:
        comments = add(root, "commentList")
    names = [author.text or "" for author in authors]
    if AUTHOR not in names:
        add(authors, "author", None, AUTHOR)
        names.append(AUTHOR)
    line = {"ref": str(Address(*at)), "authorId": str(names.index(AUTHOR))}
    run = add(add(add(comments, "comment", line), "text"), "r")
    add(add(run, "rPr"), "sz", {"val": "9"})
    add_text(run, text)


def _parts(package: Package, sheet_part: str) -> tuple[str, str]:
    """The comments part and the drawing part of a sheet, made where they are missing."""
    comments = package.related(sheet_part, "comments")
    if comments is None:
        comments = package.new_name("xl/comments{}.xml")
        root = make("comments")
        add(root, "authors")
        add(root, "commentList")
        package.put(comments, render_xml(root), _COMMENTS_TYPE)
        package.relate(sheet_part, "comments", comments)
    return comments, _boxes(package, sheet_part)


def _boxes(package: Package, sheet_part: str) -> str:
    holder = find(package.tree(sheet_part), "legacyDrawing")
    if holder is not None:
        for line in package.relations(sheet_part):
            if line.id == holder.get(R_ID):
                return line.target
    boxes = package.new_name("xl/drawings/vmlDrawing{}.vml")
    package.put(boxes, (_VML_HEAD + _SHAPE_TYPE + "</xml>").encode(), _VML_TYPE)
    relation = package.relate(sheet_part, "vmlDrawing", boxes)
    root = package.touch(sheet_part)
    place(root, make("legacyDrawing", {R_ID: relation}), WORKSHEET_ORDER)
    return boxes


def _with_box(drawing: bytes, row: int, column: int, text: str) -> bytes:
    number = max([1024, *(int(found) for found in _SHAPE_ID.findall(drawing))]) + 1
    kind = b"" if b"_x0000_t202" in drawing else _SHAPE_TYPE.encode()
    end = drawing.rindex(b"</xml>")
    return drawing[:end] + kind + _make_box(number, row, column, text).encode() + drawing[end:]


def _make_box(number: int, row: int, column: int, text: str) -> str:
    lines = sum(1 + len(line) // 34 for line in text.split("\n"))
    height = max(2, -(-lines * 13 // 18) + 1)
    anchor = f"{column + 1}, 12, {max(row - 1, 0)}, 8, {column + 3}, 40, {max(row - 1, 0) + height}, 8"
    return (
        f'<v:shape {_NAMES} id="_x0000_s{number}" type="#_x0000_t202" fillcolor="#fffbe6" o:insetmode="auto"'
        ' style="position:absolute;visibility:hidden">'
        '<v:fill color2="#fffbe6"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _without_box(drawing: bytes, row: int, column: int) -> bytes:
    here = re.compile(rf"<(?:\w+:)?Row>\s*{row}\s*</".encode())
    there = re.compile(rf"<(?:\w+:)?Column>\s*{column}\s*</".encode())

    def keep(found: re.Match[bytes]) -> bytes:
        shape = found.group(0)
        is_it = b'ObjectType="Note"' in shape and here.search(shape) and there.search(shape)
        return b"" if is_it else shape

    return _SHAPE.sub(keep, drawing)
