"""A workbook's styles part: what each cell's style number means, and style numbers for our looks.

Styles are only ever added: a number that some cell holds keeps its meaning. Our looks are painted once as a palette
of cells in the ledger tab, so that their numbers are found again also after LibreOffice or Excel renumbered them.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sync.sheet.cell import CellValue
from sync.sheet.number_format import GENERAL, WHOLE, is_ours, share_code
from sync.sheet.style import LOOKS, Look, Style
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_value import BUILT_IN, Kind, format_code, format_kind
from sync.sheet.workbook_xml import STYLES_ORDER, Element, add, find, make, name, place, tag_of

FONT = "Arial"
PLACES, TEXT_CODE, SHARE, WHOLE_SHARE, DAY_CODE = "#,##0.00", "@", "0.0%", "0%", "d mmm yyyy"
_FIRST_CUSTOM_ID = 164


class Styles:
    """The styles of one workbook. Reading never changes the part; a new look or variant does."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._part = part
        root = package.tree(part)
        # Differential styles have numbers of their own, which may be those of other formats.
        formats = find(root, "numFmts")
        self._custom = {
            int(line.get("numFmtId", "0")): line.get("formatCode", GENERAL)
            for line in (formats if formats is not None else ())
        }
        self._taken = {int(line.get("numFmtId", "0")) for line in root.iter(name("numFmt"))}
        found = find(root, "cellXfs")
        self._formats = list(found) if found is not None else []
        self._codes = [format_code(int(each.get("numFmtId", "0")), self._custom) for each in self._formats]
        self._kinds = [format_kind(code) for code in self._codes]
        self._made: dict[tuple[Style, str | None], int] = {}
        self._shapes: dict[int, tuple[float, bool]] = {}

    def code(self, style: int) -> str:
        """The number format of a style number."""
        return self._codes[style] if style < len(self._codes) else GENERAL

    def kind(self, style: int) -> Kind:
        """What a style number makes of a number."""
        return self._kinds[style] if style < len(self._kinds) else Kind.PLAIN

    def shape(self, style: int) -> tuple[float, bool]:
        """The size of a style number's font in points, and whether it breaks text into lines."""
        if style not in self._shapes:
            fonts = find(self._package.tree(self._part), "fonts")
            own = self._formats[style] if style < len(self._formats) else make("xf")
            at, alignment = int(own.get("fontId", "0")), find(own, "alignment")
            size = find(fonts[at], "sz") if fonts is not None and at < len(fonts) else None
            points = float(size.get("val", "10")) if size is not None else 10.0
            wraps = alignment is not None and alignment.get("wrapText") in ("1", "true")
            self._shapes[style] = (points, wraps)
        return self._shapes[style]

    def fill(self, style: int) -> str | None:
        """The background of a style number as RRGGBB; ``None`` where it has none of its own."""
        own = self._formats[style] if style < len(self._formats) else make("xf")
        fills, at = find(self._package.tree(self._part), "fills"), int(own.get("fillId", "0"))
        found = next(fills[at].iter(name("fgColor")), None) if fills is not None and at < len(fills) else None
        return found.get("rgb", "")[-6:].upper() if found is not None else None

    def learn(self, palette: Mapping[str, int]) -> None:
        """Take over the style numbers of the painted palette."""
        known = {palette_name(style, code): (style, code) for style, code in PALETTE}
        self._made.update({known[text]: number for text, number in palette.items() if text in known})

    def is_plain(self, style: int) -> bool:
        """Whether numbers have no format of a person's there."""
        return self.kind(style) is Kind.PLAIN and is_ours(self.code(style))

    def variant(self, style: int, code: str) -> int:
        """The style number that differs from another only by its number format."""
        if style < len(self._codes) and self._codes[style] == code:
            return style
        own = self._formats[style] if style < len(self._formats) else make("xf")
        rest = _sketch(own, but=_NUMBER)
        for number, other in enumerate(self._formats):
            if self._codes[number] == code and _sketch(other, but=_NUMBER) == rest:
                return number
        twin = deepcopy(own)
        twin.set("numFmtId", str(self._number_format(code)))
        twin.set("applyNumberFormat", "1")
        return self._add_format(twin)

    def look(self, style: Style, code: str | None = None) -> int:
        """The style number of a look, with another number format where ``code`` is given; made where missing."""
        known = self._made.get((style, code))
        if known is None:
            known = self._paint(LOOKS[style], code)
            self._made[style, code] = known
        return known

    def header(self, style: Style, align: str | None) -> int:
        """The style number of a header over a column with this alignment."""
        return self._paint(replace(LOOKS[style], align=align), None)

    def look_for(self, style: Style, value: CellValue) -> int:
        """The style number of a look for this value.

        A format with places that may be absent ("0.##") would show 45 as "45.": then the value decides.
        """
        code = LOOKS[style].number_format
        if isinstance(value, Decimal) and code and ".#" in code:
            return self.look(style, _fitting_code(value, is_share="%" in code))
        if isinstance(value, date) and (code is None or format_kind(code) is not Kind.DAY):
            return self.look(style, DAY_CODE)
        return self.look(style)

    def number_difference(self, code: str) -> int:
        """The number of a differential style that only sets a number format."""
        made = make("dxf")
        add(made, "numFmt", {"numFmtId": str(self._number_format(code)), "formatCode": code})
        return self._append("dxfs", made)

    def difference(self, style: Style) -> int:
        """The number of a differential style, for conditional formats: colours, bold, italic."""
        look = LOOKS[style]
        made = make("dxf")
        _add_font(made, look, is_difference=True)
        if look.fill:
            colours = add(add(made, "fill"), "patternFill", {"patternType": "solid"})
            add(colours, "fgColor", {"rgb": "FF" + look.fill})
            add(colours, "bgColor", {"rgb": "FF" + look.fill})
        return self._append("dxfs", made)

    def _paint(self, look: Look, code: str | None) -> int:
        parts = {
            "numFmtId": self._number_format(code or _steady_code(look)),
            "fontId": self._font(look),
            "fillId": self._fill(look),
            "borderId": self._border(look),
            "xfId": 0,
        }
        made = make("xf", {key: str(value) for key, value in parts.items()})
        for key in ("NumberFormat", "Font", "Fill", "Border", "Alignment"):
            made.set(f"apply{key}", "1")
        alignment = {"vertical": "center" if look.vertical == "middle" else look.vertical}
        if look.align:
            alignment["horizontal"] = look.align
        if look.align == "right":
            alignment["indent"] = "1"  # numbers keep a distance from the text to their right
        if look.wrap:
            alignment["wrapText"] = "1"
        add(made, "alignment", alignment)
        return self._add_format(made)

    def _number_format(self, code: str) -> int:
        for number, text in {**self._custom, **BUILT_IN}.items():
            if text == code and number not in (37, 38, 39, 40):
                return number
        number = max([_FIRST_CUSTOM_ID - 1, *self._taken]) + 1
        self._custom[number] = code
        self._taken.add(number)
        self._append("numFmts", make("numFmt", {"numFmtId": str(number), "formatCode": code}))
        return number

    def _font(self, look: Look) -> int:
        holder = make("dxf")
        return self._append("fonts", _add_font(holder, look, is_difference=False))

    def _fill(self, look: Look) -> int:
        if not look.fill:
            return 0
        fill = make("fill")
        colours = add(fill, "patternFill", {"patternType": "solid"})
        add(colours, "fgColor", {"rgb": "FF" + look.fill})
        add(colours, "bgColor", {"indexed": "64"})
        return self._append("fills", fill)

    def _border(self, look: Look) -> int:
        if not look.border_bottom:
            return 0
        border = make("border")
        for side in ("left", "right", "top", "bottom", "diagonal"):
            line = add(border, side, {"style": "thin"} if side == "bottom" else None)
            if side == "bottom":
                add(line, "color", {"rgb": "FF" + look.border_bottom})
        return self._append("borders", border)

    def _add_format(self, made: Element) -> int:
        number = self._append("cellXfs", made)
        if number >= len(self._formats):
            self._formats.append(made)
            self._codes.append(format_code(int(made.get("numFmtId", "0")), self._custom))
            self._kinds.append(format_kind(self._codes[-1]))
        return number

    def _append(self, group: str, made: Element) -> int:
        """Add to a group of the part and return its number; the number of its twin where it has one."""
        holder = find(self._package.tree(self._part), group)
        if holder is not None:
            sketch = _sketch(made)
            for number, other in enumerate(holder):
                if _sketch(other) == sketch:
                    return number
        root = self._package.touch(self._part)
        if holder is None:
            holder = place(root, make(group), STYLES_ORDER)
        holder.append(made)
        holder.set("count", str(len(holder)))
        return len(holder) - 1


_FLEXIBLE = (Style.NUMBER, Style.PERCENT, Style.BIG)
_CODES = (WHOLE, PLACES, WHOLE_SHARE, SHARE)
PALETTE: tuple[tuple[Style, str | None], ...] = (
    *((style, None) for style in Style),
    *((style, code) for style in _FLEXIBLE for code in _CODES),
    (Style.STRONG, TEXT_CODE),
    (Style.TEXT, TEXT_CODE),
    (Style.TEXT, DAY_CODE),
    (Style.CENTRED, WHOLE),
)
"""What is painted into the ledger tab: every look, and the number formats that machine cells change between."""


def palette_name(style: Style, code: str | None) -> str:
    """What a palette cell says: the look's name, and its number format where it isn't its own."""
    return style.value if code is None else f"{style.value} {code}"


def _steady_code(look: Look) -> str:
    """A look's number format where it suits every number; otherwise General."""
    code = look.number_format or GENERAL
    return GENERAL if ".#" in code else code


def _fitting_code(value: Decimal, *, is_share: bool) -> str:
    if is_share:
        return share_code(value)
    return WHOLE if value % 1 == 0 else PLACES


def _add_font(holder: Element, look: Look, *, is_difference: bool) -> Element:
    font = make("font")
    if look.bold:
        add(font, "b")
    if look.italic:
        add(font, "i")
    if look.underline:
        add(font, "u")
    if not is_difference:
        add(font, "sz", {"val": str(look.size)})
    if look.colour:
        add(font, "color", {"rgb": "FF" + look.colour})
    if not is_difference:
        add(font, "name", {"val": FONT})
        add(font, "family", {"val": "2"})
    if len(font):
        holder.append(font)
    return font


_Sketch = tuple[str, tuple[tuple[str, str], ...], tuple[object, ...]]


_NUMBER = ("numFmtId", "applyNumberFormat")


def _sketch(element: Element, but: tuple[str, ...] = ()) -> _Sketch:
    """What makes two styles the same, whatever their prefixes and order of attributes, but for these ones."""
    attributes = tuple(sorted((str(key), str(value)) for key, value in element.items() if key not in but))
    return (tag_of(element), attributes, tuple(_sketch(child) for child in element))
