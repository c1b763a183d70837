import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from sync.sheet.store_error import SheetRefused
from sync.sheet.workbook import WorkbookStore
from sync.sheet.workbook_blank import make_package
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_read import Book
from tests.support.foreign_workbook import make_foreign_workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("foreign") / "okrs.xlsx"
    make_foreign_workbook(path)
    return path.read_bytes()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(sink, "w") as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info, source.read(info))
        target.writestr(name, content)
    return sink.getvalue()


def replaced(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as source:
        content = source.read(name)
    assert old in content
    return with_part(data, name, content.replace(old, new))


REFUSED = {
    "a password": (lambda _: OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "an old file": (lambda _: OLE + b"Workbook", r"old \.xls format"),
    "a text": (lambda _: b"KR ID;Key result\n", "no Excel workbook"),
    "half a file": (lambda data: data[: len(data) // 2], "no Excel workbook"),
    "a signature": (lambda data: with_part(data, "_xmlsignatures/sig1.xml", b"<x/>"), "digitally signed"),
    "another zip": (lambda _: with_part(make_zip(), "a.txt", b"a"), "no Excel workbook"),
    "broken XML": (lambda data: with_part(data, "xl/workbook.xml", b"<workbook"), "not well-formed"),
    "a strict workbook": (
        lambda data: replaced(
            data,
            "xl/workbook.xml",
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        "Strict Open XML",
    ),
    "a binary workbook": (
        lambda data: replaced(data, "_rels/.rels", b"xl/workbook.xml", b"xl/workbook.bin"),
        "no Excel workbook",
    ),
    "a missing part": (
        lambda data: replaced(data, "xl/_rels/workbook.xml.rels", b"sheet1.xml", b"sheet9.xml"),
        "its part xl/worksheets/sheet9.xml is missing",
    ),
}


def make_zip() -> bytes:
    sink = BytesIO()
    zipfile.ZipFile(sink, "w").close()
    return sink.getvalue()


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_edited_safely_is_refused_with_the_fix(kind: str, foreign: bytes, tmp_path: Path) -> None:
    spoil, message = REFUSED[kind]
    path = tmp_path / "okrs.xlsx"
    path.write_bytes(spoil(foreign))
    before = path.read_bytes()
    with pytest.raises(SheetRefused, match=message) as caught:
        WorkbookStore(path).fetch_sheet(["Key Results"])
    assert caught.value.fix
    assert path.read_bytes() == before


def test_a_zip_bomb_is_refused_before_it_unpacks(foreign: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.sheet.workbook_package.MAX_PART", 1000)
    with pytest.raises(SheetRefused, match="too large to read"):
        Package(with_part(foreign, "xl/workbook.xml", b"<a/>" * 1000)).tree("xl/workbook.xml")


def test_a_bombs_entities_are_never_expanded(foreign: bytes) -> None:
    bomb = b'<!DOCTYPE w [<!ENTITY a "x"><!ENTITY f SYSTEM "file:///etc/hostname">]><w>&a;&f;</w>'
    root = Package(with_part(foreign, "xl/workbook.xml", bomb)).tree("xl/workbook.xml")
    assert "".join(root.itertext(tag="w")) == ""


def test_untouched_entries_are_copied_as_they_stand(foreign: bytes) -> None:
    package = Package(foreign)
    package.touch("xl/workbook.xml").set("changed", "1")
    made = package.render()
    with zipfile.ZipFile(BytesIO(foreign)) as old, zipfile.ZipFile(BytesIO(made)) as new:
        assert new.testzip() is None
        assert new.namelist() == old.namelist()
        for before, after in zip(old.infolist(), new.infolist(), strict=True):
            if before.filename == "xl/workbook.xml":
                assert b'changed="1"' in new.read(after)
                continue
            assert (before.compress_type, before.CRC, before.date_time) == (
                after.compress_type,
                after.CRC,
                after.date_time,
            )
            assert packed(foreign, before) == packed(made, after)


def packed(data: bytes, info: zipfile.ZipInfo) -> bytes:
    start = info.header_offset + 30 + len(info.filename.encode())
    return data[start : start + info.compress_size]


def test_dropped_parts_leave_no_trace(foreign: bytes) -> None:
    package = Package(foreign)
    package.drop("xl/charts/chart1.xml")
    with zipfile.ZipFile(BytesIO(package.render())) as made:
        assert "xl/charts/chart1.xml" not in made.namelist()
        assert b"chart1.xml" not in made.read("[Content_Types].xml")


def test_a_new_package_is_a_workbook_without_sheets() -> None:
    assert Book(Package(make_package().render())).sheets == ()
