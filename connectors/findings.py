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
class Part:
    """What one measures first: a project, a table; and lines of a mapping that are true for it."""

    name: str
    id: str
    mapping: tuple[str, ...]

    def is_called(self, text: str) -> bool:
        """Whether a person means it by this text, in any case."""
        return text.strip().casefold() in (self.name.casefold(), self.id.casefold())


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found. ``mapping`` are lines to stand under ``key_results:``, true for this source as it is.

    ``parts`` are what a person chooses from to begin with.
    """

    listings: tuple[Listing, ...]
    mapping: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    def only(self, text: str) -> Findings:
        """What has a text in it. A listing whose title says it is kept whole."""
        found = [
            listing
            if text.casefold() in listing.title.casefold()
            else replace(listing, items=tuple(item for item in listing.items if item.says(text)))
            for listing in self.listings
        ]
        return replace(self, listings=tuple(listing for listing in found if listing.items))
