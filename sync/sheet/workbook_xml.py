"""XML as workbooks use it: names, safe parsing, and elements put where their schema wants them.

The only module of the workbook store that imports lxml. Source of names and orders: ECMA-376 part 1, annex A.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sync.sheet.store_error import SheetRefused

if TYPE_CHECKING:
    from lxml.etree import _Element

    Element = _Element
else:
    Element = object

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPE = "http://schemas.openxmlformats.org/package/2006/content-types"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
R_ID = f"{{{RELATION}}}id"

WORKSHEET_ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
WORKBOOK_ORDER = [
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
]
STYLES_ORDER = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
]


def name(tag: str) -> str:
    """A spreadsheet element's full name."""
    return f"{{{MAIN}}}{tag}"


def tag_of(element: Element) -> str:
    """An element's name without its namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def parse_xml(data: bytes, part: str) -> Element:
    """The root of a part. Entities are never resolved, nothing is fetched. Raises SheetRefused where it is broken."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise SheetRefused(
            f"The workbook is damaged: {part} is not well-formed ({error}).",
            fix="Open it in Excel, let it repair the file and save it, or go back to the copy that ends in .prev.",
        ) from error


def render_xml(root: Element) -> bytes:
    """A part's bytes, declared as Excel declares them."""
    from lxml import etree

    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def make(tag: str, attributes: Mapping[str, str] | None = None, text: str | None = None) -> Element:
    """A new spreadsheet element. A name with "{" in it is taken as it is."""
    from lxml import etree

    full = tag if tag.startswith("{") else name(tag)
    namespaces = {None: full[1:].partition("}")[0]}
    element = etree.Element(full, dict(attributes or {}), nsmap=namespaces)  # type: ignore[arg-type]  # stubs lack None
    element.text = text
    return element


def add(parent: Element, tag: str, attributes: Mapping[str, str] | None = None, text: str | None = None) -> Element:
    """A new last child in its parent's own namespace."""
    from lxml import etree

    full = tag if tag.startswith("{") else str(parent.tag).rpartition("}")[0] + "}" + tag
    element = etree.SubElement(parent, full, dict(attributes or {}))
    element.text = text
    return element


def find(parent: Element, tag: str) -> Element | None:
    """The first child with this name."""
    return parent.find(name(tag))


def place(parent: Element, child: Element, order: Sequence[str]) -> Element:
    """Put a child where its schema wants it: after the last sibling of its own or an earlier kind."""
    rank = order.index(tag_of(child))
    index = 0
    for position, sibling in enumerate(parent, start=1):
        tag = tag_of(sibling)
        if tag in order and order.index(tag) <= rank:
            index = position
    parent.insert(index, child)
    return child


def find_or_place(parent: Element, tag: str, order: Sequence[str]) -> Element:
    """The child with this name, made where it was missing."""
    found = find(parent, tag)
    return place(parent, make(tag), order) if found is None else found


def remove(parent: Element, tag: str) -> None:
    """Take out every child with this name."""
    for child in parent.findall(name(tag)):
        parent.remove(child)


def forget(element: Element, *attributes: str) -> None:
    """Take attributes off an element, where it has them."""
    for attribute in attributes:
        if attribute in element.attrib:
            del element.attrib[attribute]


_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def encode_text(text: str) -> str:
    """Text as a cell's XML holds it: without the characters that XML can't hold, and "_x0041_" kept literal.

    ECMA-376 part 1, 22.9.2.19 (ST_Xstring): "_xHHHH_" stands for a character, "_x005F_" for the underscore itself.
    """
    text = _ILLEGAL.sub("", text)
    return _ESCAPED.sub(lambda found: "_x005F" + found.group(0), text) if "_x" in text else text


def decode_text(text: str) -> str:
    """What ``encode_text`` or Excel wrote, as people see it."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text) if "_x" in text else text


def add_text(parent: Element, text: str) -> Element:
    """A ``<t>`` child whose spaces survive."""
    child = add(parent, "t", None, encode_text(text))
    if text != text.strip() or "\n" in text:
        child.set(XML_SPACE, "preserve")
    return child


def read_text(element: Element) -> str:
    """The text of a shared string, an inline string or a note: all runs, without phonetic hints."""
    t, run = name("t"), name("r")
    if len(element) == 1 and element[0].tag == t:
        return decode_text(element[0].text or "")
    pieces: list[str] = []
    for child in element:
        if child.tag == t:
            pieces.append(child.text or "")
        elif child.tag == run:
            pieces.extend(piece.text or "" for piece in child.findall(t))
    return decode_text("".join(pieces))
