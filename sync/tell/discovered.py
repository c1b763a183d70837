"""What ``discover`` found, for a terminal and for programs. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from connectors.findings import Findings, Item, Listing

_BELOW = " " * 6  # where a note begins that has no room beside its name
_WIDEST = 40  # of a name's column; longer names push their line


def render_findings(found: Findings, source: str, file: str, width: int) -> str:
    """Each listing under its title with a count, names in a column; at the end a mapping to paste."""
    blocks = ["\n".join(_render_listing(listing, width)) for listing in found.listings]
    if found.mapping:
        head = f"A mapping to begin with. Paste it into {file} under key_results:, with your own key results' ids:"
        blocks.append("\n".join([*textwrap.wrap(head, width), "", *(f"  {line}" for line in found.mapping)]))
    return "\n\n".join(blocks) if blocks else f"{source} has nothing of that."


def _render_listing(listing: Listing, width: int) -> Iterator[str]:
    count = f" ({len(listing.items):,})" if listing.items else ""
    yield f"{listing.title}{count}"
    if listing.note:
        yield from textwrap.wrap(listing.note, width, initial_indent="  ", subsequent_indent="  ")
    columns = [_widest(item.name for item in listing.items), *_widths(listing.items)]
    for item in listing.items:
        cells = zip((item.name, item.id, item.kind), columns, strict=True)
        head = "  " + "  ".join(f"{text:<{size}}" for text, size in cells if size)
        if len(head) + 2 + len(item.note) <= width:
            yield f"{head}  {item.note}".rstrip()
        else:
            yield head.rstrip()
            yield from textwrap.wrap(item.note, width, initial_indent=_BELOW, subsequent_indent=_BELOW)


def _widths(items: tuple[Item, ...]) -> list[int]:
    return [_widest(item.id for item in items), _widest(item.kind for item in items)]


def _widest(texts: Iterable[str]) -> int:
    return min(_WIDEST, max(map(len, texts), default=0))


def findings_json(found: Findings) -> dict[str, Any]:
    """The same for programs."""
    return {
        "listings": [
            {
                "title": listing.title,
                "note": listing.note or None,
                "items": [
                    {"name": item.name, "id": item.id or None, "type": item.kind or None, "note": item.note or None}
                    for item in listing.items
                ],
            }
            for listing in found.listings
        ],
        "mapping": list(found.mapping),
    }
