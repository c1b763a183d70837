"""A1 ranges as callers write them, resolved against a document: titles, named ranges, open ends, grid limits."""

from __future__ import annotations

import re

from sandbox.google_document import Document, Tab
from sandbox.google_error import invalid
from sandbox.google_range import Area, parse_box, quoted, read_area, render_box, split_title


def resolve_range(document: Document, text: str) -> tuple[Tab, Area]:
    """Find the tab and area that a range names, cut to the grid. Raises ApiError as Google words it."""
    tab, box = _find(document, text)
    if box is None:
        return tab, tab.whole()
    area = Area(tab.id, *box)
    check_inside(tab, area)
    return tab, area.clipped(tab.row_count, tab.column_count)


def check_inside(tab: Tab, area: Area, where: str = "") -> None:
    """Refuse an area that begins outside the grid; one that only ends outside is taken."""
    if area.top >= tab.row_count or area.left >= tab.column_count:
        name = f"{quoted(tab.title)}!{render_box(area)}"
        limits = f"Max rows: {tab.row_count}, max columns: {tab.column_count}"
        raise invalid(f"{where}Range ({name}) exceeds grid limits. {limits}")


def _find(document: Document, text: str) -> tuple[Tab, tuple[int, int, int, int] | None]:
    title, rest = split_title(text)
    if title is None:
        tab = document.titled(text)
        if tab is not None:
            return tab, None
        return _bare(document, text)
    tab = document.titled(title)
    if tab is None:
        raise invalid(f"Unable to parse range: {text}")
    if not rest:
        return tab, None
    return tab, parse_box(rest) or _r1c1(rest) or _named(document, rest, text)[1]


def _bare(document: Document, text: str) -> tuple[Tab, tuple[int, int, int, int] | None]:
    box = parse_box(text) or _r1c1(text)
    if box is not None:
        return document.tabs[0], box
    return _named(document, text, text)


def _named(document: Document, name: str, text: str) -> tuple[Tab, tuple[int, int, int, int]]:
    for each in document.named.values():
        if each["name"].lower() == name.lower() and "range" in each:
            area = read_area(each["range"])
            return document.tab(area.tab), area[1:]
    raise invalid(f"Unable to parse range: {text}")


def _r1c1(text: str) -> tuple[int, int, int, int] | None:
    match = re.match(r"^R(\d+)C(\d+)(?::R(\d+)C(\d+))?$", text, re.IGNORECASE)
    if not match:
        return None
    top, left, bottom, right = (int(each) if each else None for each in match.groups())
    if not top or not left:
        return None
    return top - 1, left - 1, bottom or top, right or left


def render_range(tab: Tab, area: Area) -> str:
    """Write a range as Google's answers do."""
    return f"{quoted(tab.title)}!{render_box(area.clipped(tab.row_count, tab.column_count))}"
