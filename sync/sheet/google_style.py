"""The named looks as Google's formats. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sync.sheet.cell import CellValue
from sync.sheet.google_cell import Json
from sync.sheet.number_format import plain_code, share_code
from sync.sheet.style import LOOKS, Look, Style

_ALIGN = {"left": "LEFT", "center": "CENTER", "right": "RIGHT"}
_VERTICAL = {"top": "TOP", "middle": "MIDDLE", "bottom": "BOTTOM"}
DATE_FORMAT: Json = {"type": "DATE", "pattern": "d mmm yyyy"}
TEXT_FORMAT: Json = {"type": "TEXT"}
_PADDING: Json = {"top": 4, "right": 8, "bottom": 4, "left": 8}  # pixels
DRAWN_FORMATS = (
    "backgroundColorStyle",
    "horizontalAlignment",
    "wrapStrategy",
    "numberFormat",
    "textFormat",
    "borders.bottom",
)
FORMAT_MASK = f"userEnteredFormat(verticalAlignment,padding,{','.join(DRAWN_FORMATS)})"


def make_colour(rgb: str) -> Json:
    """RRGGBB as Google's colour: fractions of one."""
    red, green, blue = (int(rgb[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return {"rgbColor": {"red": round(red, 4), "green": round(green, 4), "blue": round(blue, 4)}}


def make_format(style: Style, value: CellValue = None, link: str | None = None) -> Json:
    """A style as Google's CellFormat; ``value`` decides how many decimals a flexible pattern shows."""
    look = LOOKS[style]
    text: Json = {"fontSize": look.size}
    text |= {"bold": True} if look.bold else {}
    text |= {"italic": True} if look.italic else {}
    text |= {"underline": True} if look.underline else {}
    if look.colour:
        text["foregroundColorStyle"] = make_colour(look.colour)
    if link:
        text["link"] = {"uri": link}
    made: Json = {
        "textFormat": text,
        "verticalAlignment": _VERTICAL[look.vertical],
        "wrapStrategy": "WRAP" if look.wrap else "OVERFLOW_CELL",
        "padding": _PADDING,
    }
    if look.fill:
        made["backgroundColorStyle"] = make_colour(look.fill)
    if look.align:
        made["horizontalAlignment"] = _ALIGN[look.align]
    if number_format := make_number_format(look, value):
        made["numberFormat"] = number_format
    if look.border_bottom:
        made["borders"] = {"bottom": {"style": "SOLID", "colorStyle": make_colour(look.border_bottom)}}
    return made


def make_header_format(style: Style, over: Style) -> Json:
    """The format of a header over a column in this style: it stands where the column's values stand."""
    made = make_format(style)
    if align := LOOKS[over].align:
        made["horizontalAlignment"] = _ALIGN[align]
    return made


def make_rule_format(style: Style) -> Json:
    """The part of a style that a conditional format may set: bold, italic and colours."""
    look = LOOKS[style]
    text: Json = {}
    if look.bold:
        text["bold"] = True
    if look.italic:
        text["italic"] = True
    if look.colour:
        text["foregroundColorStyle"] = make_colour(look.colour)
    made: Json = {"textFormat": text} if text else {}
    if look.fill:
        made["backgroundColorStyle"] = make_colour(look.fill)
    return made


def make_number_format(look: Look, value: CellValue = None) -> Json | None:
    """A look's number format.

    A pattern with decimals that may be absent ("0.##") would show 45 as "45.": then the decimals are those of the
    value. Without a value the format stays automatic, which also lets a person's "60%" become a share.
    """
    pattern = look.number_format
    if pattern is None:
        return None
    if isinstance(value, date) or "yy" in pattern:
        return {"type": "DATE_TIME" if "hh" in pattern else "DATE", "pattern": pattern}
    if ".#" in pattern:
        if not isinstance(value, Decimal):
            return None
        return make_share_format(value) if "%" in pattern else make_plain_format(plain_code(value))
    return {"type": "PERCENT" if "%" in pattern else "NUMBER", "pattern": pattern}


def make_share_format(value: Decimal) -> Json:
    """The percent format of a share."""
    return {"type": "PERCENT", "pattern": share_code(value)}


def make_plain_format(code: str) -> Json:
    """A number format of ours that is no share's, as Google's."""
    return {"type": "NUMBER", "pattern": code}
