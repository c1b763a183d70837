"""What a source has that a mapping can use: what ``discover`` answers."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a query can name. ``kind`` is its type, ``note`` what else helps to choose it."""

    name: str
    id: str = ""
    kind: str = ""
    note: str = ""

    def says(self, text: str) -> bool:
        """Whether a text occurs in it, in any case."""
        return any(text.casefold() in part.casefold() for part in (self.name, self.id, self.kind, self.note))


@dataclass(frozen=True, slots=True)
class Listing:
    """Things of one sort: projects, fields of a table. ``note`` says what is missing in the list, and why."""

    title: str
    items: tuple[Item, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found. ``mapping`` are lines to stand under ``key_results:``, true for this source as it is."""

    listings: tuple[Listing, ...]
    mapping: tuple[str, ...] = ()

    def only(self, text: str) -> Findings:
        """What has a text in it. A listing whose title says it is kept whole."""
        found = [
            listing
            if text.casefold() in listing.title.casefold()
            else replace(listing, items=tuple(item for item in listing.items if item.says(text)))
            for listing in self.listings
        ]
        return replace(self, listings=tuple(listing for listing in found if listing.items))
