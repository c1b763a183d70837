"""The config's part of a proposal: as YAML with the reasons, and compared with what a config says already. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sync.care.adopt_model import AdoptProposal
from sync.sheet.columns import find_column
from sync.sheet.layout import Tab
from sync.sheet.snapshot import SheetNames

_PLAIN = re.compile(r"[^\W\d_][\w /()&.-]*")
_WORDS = frozenset(("yes", "no", "true", "false", "null", "on", "off", "y", "n"))
_WIDTH = 100


def render_names(proposal: AdoptProposal) -> str:
    """``tabs`` and ``columns`` as they stand under ``sheet`` in the config; "" where the sheet uses our words."""
    lines = list(_lines(proposal))
    width = max((len(text) for text, note in lines if note), default=0)
    return "\n".join(f"{text:<{width}}  # {note}" if note else text for text, note in lines)


def _lines(proposal: AdoptProposal) -> Iterator[tuple[str, str]]:
    if proposal.tabs:
        yield "  tabs:", ""
        for tab, title in proposal.tabs.items():
            yield f"    {tab.value}: {quote(title)}", proposal.tab_reasons.get(tab, "")
    written = [choice for choice in proposal.choices if choice.is_written]
    if written:
        yield "  columns:", ""
        yield f"    {Tab.KEY_RESULTS.value}:", ""
    for choice in written:
        header = find_column(Tab.KEY_RESULTS, choice.field).header
        trust = "" if choice.trust == "sure" else "likely: "
        yield f"      {header}: {quote(choice.header)}", _one_line(trust + choice.reason)


def _one_line(text: str) -> str:
    """A comment stays on its line, whatever stands in the sheet."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def quote(text: str) -> str:
    """Text as YAML reads it back."""
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS and text == text.strip()
    return text if is_plain else f'"{"".join(map(_escape, text))}"'


def _escape(letter: str) -> str:
    """One letter between double quotes; what can't be seen is written as its number (YAML 1.1, 5.6)."""
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def render_sheet(proposal: AdoptProposal, place: str) -> str:
    """All that stands under ``sheet``; ``place`` are the lines that say where it is."""
    names = render_names(proposal)
    return f"{place}\n{names}" if names else place


def agrees(proposal: AdoptProposal, names: SheetNames) -> bool:
    """Whether a config says all that a proposal needs it to say."""
    said = names.columns.get(Tab.KEY_RESULTS, {})
    tabs = all(names.title(tab) == title for tab, title in proposal.tabs.items())
    return tabs and all(said.get(field) == header for field, header in proposal.headers.items())
