"""A workbook's zip file: parts read on demand, changed parts written anew, all others copied byte for byte.

Knows containers only: no sheets, no cells. What can't be opened safely is refused with the fix.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO
from itertools import count, pairwise
from typing import NamedTuple

from sync.sheet.store_error import SheetRefused
from sync.sheet.workbook_xml import (
    CONTENT_TYPE,
    PACKAGE_RELATION,
    RELATION,
    Element,
    add,
    make,
    parse_xml,
    render_xml,
)

MAX_PART = 256 * 1024 * 1024
"""Bytes of one unpacked part. A sheet of a million filled cells has about 60 MB; a zip bomb has more."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES_PART = "[Content_Types].xml"
_STRICT = b"http://purl.oclc.org/ooxml/"


class Relation(NamedTuple):
    """One line of a part's relations: ``target`` is a part's name, or an address when ``is_external``."""

    id: str
    kind: str  # the last word of the type: worksheet, comments, hyperlink
    target: str
    is_external: bool


class Package:
    """The parts of a workbook, and the changes to them. Nothing touches the disk here."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self._zip = _open_zip(data) if data else None
        self._infos = {info.filename: info for info in self._zip.infolist()} if self._zip else {}
        self._trees: dict[str, Element] = {}
        self._dirty: set[str] = set()
        self._new: dict[str, bytes] = {}
        self._dropped: set[str] = set()
        if data:
            self._check()

    def _check(self) -> None:
        if any(part.startswith("_xmlsignatures/") for part in self._infos):
            raise SheetRefused(
                "The workbook is digitally signed, and any change would break the signature.",
                fix="Remove the signature (File > Info > View Signatures), or keep the OKRs in a file without one.",
            )
        if _TYPES_PART not in self._infos:
            raise SheetRefused(
                "This is a zip file, but no Excel workbook.",
                fix="Save it from Excel or LibreOffice as .xlsx and point sheet.workbook at that file.",
            )

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._new or part in self._trees or (part in self._infos and part not in self._dropped)

    def parts(self) -> list[str]:
        """The names of all parts."""
        return [part for part in [*self._infos, *self._new] if self.has(part)]

    def read(self, part: str) -> bytes:
        """A part's bytes. Raises SheetRefused when it is missing, damaged or absurdly large."""
        if part in self._dirty:
            return render_xml(self._trees[part])
        if part in self._new:
            return self._new[part]
        info = self._infos.get(part)
        if info is None or self._zip is None or part in self._dropped:
            raise SheetRefused(f"The workbook is damaged: its part {part} is missing.", fix=_REPAIR)
        if info.file_size > MAX_PART:
            raise SheetRefused(
                f"The workbook's part {part} unpacks to {info.file_size // 1024**2} MB, which is too large to read.",
                fix="Delete the unused rows and sheets in Excel and save it again.",
            )
        try:
            return self._zip.read(info)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise SheetRefused(f"The workbook is damaged: {part} can't be unpacked ({error}).", fix=_REPAIR) from error

    def tree(self, part: str) -> Element:
        """A part's XML, for reading. Call ``touch`` before it is changed."""
        if part not in self._trees:
            self._trees[part] = parse_xml(self.read(part), part)
        return self._trees[part]

    def touch(self, part: str) -> Element:
        """A part's XML, for changing."""
        root = self.tree(part)
        self._dirty.add(part)
        return root

    def put(self, part: str, data: bytes, content_type: str | None = None) -> None:
        """Add a part or replace one. A new one needs its content type."""
        self._new[part] = data
        self._trees.pop(part, None)
        self._dirty.discard(part)
        self._dropped.discard(part)
        if content_type:
            self._declare(part, content_type)

    def drop(self, part: str) -> None:
        """Remove a part and its declaration."""
        self._new.pop(part, None)
        self._trees.pop(part, None)
        self._dirty.discard(part)
        self._dropped.add(part)
        types = self.touch(_TYPES_PART)
        for line in types.findall(f"{{{CONTENT_TYPE}}}Override"):
            if line.get("PartName") == "/" + part:
                types.remove(line)

    def _declare(self, part: str, content_type: str) -> None:
        types = self.touch(_TYPES_PART)
        extension = part.rpartition(".")[2]
        if extension == "xml":
            add(types, "Override", {"PartName": "/" + part, "ContentType": content_type})
        elif not any(line.get("Extension", "").lower() == extension for line in types):
            types.insert(0, make(f"{{{CONTENT_TYPE}}}Default", {"Extension": extension, "ContentType": content_type}))

    def new_name(self, pattern: str) -> str:
        """The first free name of a pattern such as "xl/comments{}.xml", counted from 1."""
        number = 1
        taken = {part.lower() for part in self.parts()}
        while pattern.format(number).lower() in taken:
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> list[Relation]:
        """What a part points at; "" is the package itself."""
        place = _relations_of(part)
        if not self.has(place):
            return []
        found = []
        for line in self.tree(place):
            external = line.get("TargetMode") == "External"
            target = line.get("Target", "")
            if not external:
                target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
            found.append(Relation(line.get("Id", ""), line.get("Type", "").rpartition("/")[2], target, external))
        return found

    def related(self, part: str, kind: str) -> str | None:
        """The first part of this kind that a part points at."""
        return next((line.target for line in self.relations(part) if line.kind == kind), None)

    def relate(self, part: str, kind: str, target: str, *, external: bool = False) -> str:
        """Point one part at another; returns the relation's id."""
        return self.relate_all(part, kind, [target], external=external)[target]

    def relate_all(self, part: str, kind: str, targets: Iterable[str], *, external: bool = False) -> dict[str, str]:
        """Point one part at others, at each once; returns the relations' ids by target."""
        place = _relations_of(part)
        if not self.has(place):
            self.put(place, render_xml(make(f"{{{PACKAGE_RELATION}}}Relationships")))
        taken = {line.id for line in self.relations(part)}
        free = (own for number in count(len(taken) + 1) if (own := f"rId{number}") not in taken)
        made = dict(zip(dict.fromkeys(targets), free, strict=False))
        for target, own in made.items():
            line = {"Id": own, "Type": f"{RELATION}/{kind}", "Target": target if external else "/" + target}
            add(self.touch(place), "Relationship", line | ({"TargetMode": "External"} if external else {}))
        return made

    def unrelate(self, part: str, *relations: Relation) -> None:
        """Forget relations of a part."""
        gone = {relation.id for relation in relations}
        if gone:
            root = self.touch(_relations_of(part))
            for line in [line for line in root if line.get("Id") in gone]:
                root.remove(line)

    def render(self) -> bytes:
        """The workbook's bytes: entries in their old order, untouched ones copied as they stand in the old file."""
        changed = {part: self.read(part) for part in dict.fromkeys([*self._new, *sorted(self._dirty)])}
        sink = BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as out:
            for info, raw in self._raw_entries():
                if info.filename in changed:
                    out.writestr(_like(info), changed.pop(info.filename))
                elif info.filename not in self._dropped:
                    _copy_entry(out, sink, info, raw)
            for part, data in changed.items():
                out.writestr(_like(zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0))), data)
        return sink.getvalue()

    def _raw_entries(self) -> list[tuple[zipfile.ZipInfo, memoryview]]:
        if self._zip is None:
            return []
        view = memoryview(self._data)
        starts = sorted({info.header_offset for info in self._zip.infolist()} | {self._zip.start_dir})
        end_of = dict(pairwise(starts))
        return [(info, view[info.header_offset : end_of[info.header_offset]]) for info in self._zip.infolist()]


_REPAIR = "Open it in Excel, let it repair the file and save it, or go back to the copy that ends in .prev."


def _open_zip(data: bytes) -> zipfile.ZipFile:
    if data.startswith(_OLE):
        raise _refuse_ole(data)
    try:
        opened = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, struct.error, ValueError) as error:
        raise SheetRefused(f"The file is no Excel workbook ({error}).", fix=_REPAIR) from error
    if any(info.flag_bits & 1 for info in opened.infolist()):
        raise SheetRefused("The workbook's zip file is encrypted.", fix="Save it without a password.")
    if len({info.filename for info in opened.infolist()}) != len(opened.infolist()):
        raise SheetRefused("The workbook is damaged: it holds a part twice.", fix=_REPAIR)
    return opened


def _refuse_ole(data: bytes) -> SheetRefused:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return SheetRefused(
            "The workbook is protected by a password.",
            fix="Remove the password (File > Info > Protect Workbook > Encrypt with Password), then save it.",
        )
    return SheetRefused(
        "The workbook is in the old .xls format.", fix="Open it in Excel and save it as Excel Workbook (.xlsx)."
    )


def refuse_strict(data: bytes) -> None:
    """Raises SheetRefused for the rare "Strict Open XML" flavour, whose names differ throughout."""
    if _STRICT in data:
        raise SheetRefused(
            'The workbook is saved as "Strict Open XML", which okr-sync can\'t edit.',
            fix="Save it as the ordinary Excel Workbook (.xlsx).",
        )


def _relations_of(part: str) -> str:
    folder, _, file = part.rpartition("/")
    return f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"


def _like(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    fresh = zipfile.ZipInfo(info.filename, info.date_time)
    fresh.compress_type = zipfile.ZIP_DEFLATED
    fresh.external_attr = info.external_attr
    fresh.create_system = info.create_system
    return fresh


def _copy_entry(out: zipfile.ZipFile, sink: BytesIO, info: zipfile.ZipInfo, raw: memoryview) -> None:
    """Copy an entry as it stands. zipfile has no call for that: its list of entries is what makes the directory."""
    sink.seek(out.start_dir)
    copied = zipfile.ZipInfo(info.filename, info.date_time)
    for slot in zipfile.ZipInfo.__slots__:
        if hasattr(info, slot):
            setattr(copied, slot, getattr(info, slot))
    copied.header_offset = sink.tell()
    sink.write(raw)
    out.filelist.append(copied)
    out.NameToInfo[copied.filename] = copied
    out.start_dir = sink.tell()
