"""Text from elsewhere as every store can hold it: nothing that XML, UTF-8 or a cell refuses, and not too long. Pure."""

from __future__ import annotations

import re

PEOPLE_AT_MOST = 2_000
"""Characters of people's own text that are copied elsewhere: into History, Why, the Dashboard, the ledger."""

_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BREAKS = re.compile(r"[\t\n]+")


def clean_text(text: str, at_most: int) -> str:
    """The text without what no store takes: half a surrogate pair becomes "\ufffd", a control character a space.

    Line breaks and tabs stay. What is longer than ``at_most`` characters ends in "…".
    """
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _CONTROLS.sub(" ", _BROKEN.sub("\ufffd", text))
    return text if len(text) <= at_most else text[: at_most - 1] + "…"


def clean_line(text: str, at_most: int) -> str:
    """The same on one line."""
    return clean_text(_BREAKS.sub(" ", text.replace("\r", "\n")), at_most)
