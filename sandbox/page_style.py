"""How formats become CSS: every distinct look is one class."""

from __future__ import annotations

from typing import Any

from sandbox.google_schema import Json

CSS = """
*{box-sizing:border-box}html,body{height:100%;margin:0}
body{display:flex;flex-direction:column;font:13px Arial,"Liberation Sans",Helvetica,sans-serif;color:#202124;
background:#f9fbfd;overflow:hidden}
header{display:flex;align-items:center;gap:14px;padding:10px 18px 6px}
header h1{font-size:18px;font-weight:400;margin:0 0 4px}header nav{display:flex;gap:18px;color:#444746}
.seen{margin:0 0 0 auto;background:#c2e7ff;color:#001d35;border-radius:18px;padding:9px 16px}
.bar{display:flex;align-items:center;gap:12px;height:30px;padding:0 14px;background:#fff;border:solid #e1e3e1;
border-width:1px 0}.bar i{color:#747775;font-family:Georgia,serif}#at{min-width:64px;border-right:1px solid #e1e3e1}
#fx{white-space:pre;overflow:hidden;text-overflow:ellipsis}
main{flex:1;min-height:0;background:#fff}.sheet{display:none;height:100%;overflow:auto}.sheet.on{display:block}
footer{display:flex;align-items:stretch;height:36px;padding:0 12px;background:#f9fbfd;border-top:1px solid #e1e3e1;
overflow-x:auto}.all{padding:9px 14px;color:#444746}
.tab{border:0;background:none;font:13px Arial,"Liberation Sans",sans-serif;color:#444746;padding:0 16px;cursor:pointer;
white-space:nowrap}.tab.on{background:#e1e9f7;color:#0b57d0;font-weight:600}
table{border-collapse:separate;border-spacing:0;table-layout:fixed;background:#fff;width:0}
td{height:21px;padding:2px 3px;vertical-align:bottom;overflow:visible;white-space:pre;position:relative;
border:solid #e2e3e3;border-width:0 1px 1px 0;font-size:13.33px;line-height:1.22;background-clip:padding-box}
table.bare td{border-color:transparent}
th{background:#fff;color:#575b5f;font-weight:400;font-size:11px;border:solid #c4c7c5;border-width:0 1px 1px 0;
padding:0;height:22px;position:sticky;top:0;z-index:6}
th.row{left:0;width:44px;z-index:4;top:auto;height:auto}th.row.fixed{z-index:7}
thead th.row{z-index:8;top:0;background:#f8f9fa}
td.fixed{z-index:3;background-color:#fff}td.fixed.left{position:sticky;z-index:2}tr.fixed td.fixed.left{z-index:5}
tr.fixed td{position:sticky;z-index:3}tr.fixed th{z-index:7}
td.last{border-bottom:3px solid #c4c7c5}td.edge{border-right:3px solid #c4c7c5}
td.clip{overflow:hidden}td.wrap{white-space:pre-wrap;overflow-wrap:anywhere;overflow:hidden}
td.n{text-align:right}td.b{text-align:center}
td.note::after{content:"";position:absolute;top:0;right:0;border:solid transparent;border-width:0 7px 7px 0;
border-right-color:#1f1f1f}
td.chosen{outline:2px solid #0b57d0;outline-offset:-1px;z-index:2}
.chip{display:inline-flex;align-items:center;gap:6px;max-width:100%;border-radius:10px;padding:0 8px;
background:rgba(60,64,67,.09);line-height:17px}.chip::after{content:"▾";font-size:9px;opacity:.65}
.chip.empty{background:none;float:right;padding:0 2px}td.painted .chip{background:rgba(255,255,255,.45)}
.box{font-size:15px;color:#5f6368}.box.yes{color:#188038}
th .fold{position:absolute;left:-9px;top:3px;width:16px;height:16px;border:1px solid #9aa0a6;border-radius:3px;
background:#fff;color:#444746;cursor:pointer;line-height:13px;font-size:13px;z-index:9;text-align:center}
th .fold::before{content:"−"}th.row .fold{left:auto;right:-9px;top:-8px}
#note{position:fixed;z-index:9;max-width:300px;padding:8px 10px;background:#fff;border:1px solid #c7c7c7;
box-shadow:0 2px 6px #0003;font-size:12px;white-space:pre-wrap}
.sheet{position:relative}.chart{position:absolute;z-index:5;font:12px Arial,"Liberation Sans",sans-serif}
.chart .title{font-size:16px;fill:#757575}.chart .axis{fill:#5f6368}.chart .grid{stroke:#e0e0e0}
.chart .share{fill:#fff}.chart .named{font-style:italic}
th.after{border-left:3px double #5f6368}
.sift{position:absolute;right:3px;bottom:2px;font-size:10px;opacity:.8}
"""
BORDERS = {
    "DOTTED": "1px dotted",
    "DASHED": "1px dashed",
    "SOLID": "1px solid",
    "SOLID_MEDIUM": "2px solid",
    "SOLID_THICK": "3px solid",
    "DOUBLE": "3px double",
}
VERTICAL = {"TOP": "top", "MIDDLE": "middle", "BOTTOM": "bottom"}


def css_colour(colour: Json | None) -> str:
    """Write a Color as CSS."""
    parts = [round(float((colour or {}).get(name, 0)) * 255) for name in ("red", "green", "blue")]
    return "#" + "".join(f"{part:02x}" for part in parts)


class Styles:
    """The distinct looks of a page, each a class with a short name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, rule: str) -> str:
        """Return the class for these CSS properties; no properties, no class."""
        return self._names.setdefault(rule, f"s{len(self._names)}") if rule else ""

    def css(self) -> str:
        """Return the rules of all classes."""
        return "".join(f"td.{name}{{{rule}}}" for rule, name in self._names.items())


def cell_css(form: Json) -> str:
    """Write a cell's format as CSS properties."""
    parts = []
    if "backgroundColor" in form and css_colour(form["backgroundColor"]) != "#ffffff":
        parts.append(f"background-color:{css_colour(form['backgroundColor'])}")
    if "horizontalAlignment" in form:
        parts.append(f"text-align:{form['horizontalAlignment'].lower()}")
    if form.get("verticalAlignment") in VERTICAL:
        parts.append(f"vertical-align:{VERTICAL[form['verticalAlignment']]}")
    parts += [
        f"border-{side}:{BORDERS[border['style']]} {css_colour(border.get('color'))}"
        for side, border in form.get("borders", {}).items()
        if border.get("style") in BORDERS
    ]
    if "padding" in form:
        sides = [f"{form['padding'].get(side, 0)}px" for side in ("top", "right", "bottom", "left")]
        parts.append("padding:" + " ".join(sides))
    return ";".join(parts + text_css(form.get("textFormat", {})))


def text_css(text: dict[str, Any]) -> list[str]:
    """Write a TextFormat as CSS properties."""
    parts = []
    if text.get("foregroundColor"):
        parts.append(f"color:{css_colour(text['foregroundColor'])}")
    if "fontSize" in text:
        parts.append(f"font-size:{text['fontSize'] * 4 / 3:.4g}px")
    if text.get("fontFamily") and "arial" not in text["fontFamily"].lower():
        family = "".join(letter for letter in text["fontFamily"] if letter.isalnum() or letter in " -,")
        parts.append(f'font-family:"{family}",Arial,"Liberation Sans",sans-serif')
    if "bold" in text:
        parts.append(f"font-weight:{'bold' if text['bold'] else 'normal'}")
    if text.get("italic"):
        parts.append("font-style:italic")
    lines = [name for name, key in (("underline", "underline"), ("line-through", "strikethrough")) if text.get(key)]
    if lines:
        parts.append("text-decoration:" + " ".join(lines))
    return parts
