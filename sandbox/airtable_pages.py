"""Listings that are under way: an offset belongs to its query, and is forgotten when nobody comes for the next page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.airtable_base import Table, make_id
from sandbox.airtable_query import Listing, Refused


@dataclass(slots=True)
class _UnderWay:
    """One listing: which records are still to come, and since when it has waited for the next page."""

    table: str
    listing: Listing
    ids: list[str]
    used: float


class Pages:
    """The offsets that were given out. ``seconds`` is how long one waits for its next page."""

    def __init__(self, seconds: float, timer: Callable[[], float]) -> None:
        self._seconds, self._timer = seconds, timer
        self._under_way: dict[str, _UnderWay] = {}
        self._made = 0

    def forget(self) -> None:
        """Forget every listing: its next page is refused."""
        self._under_way.clear()

    def keep(self, table: Table, listing: Listing, rest: list[str], last: str) -> str:
        """Keep what is still to come, and return the offset that brings it."""
        self._made += 1
        name = make_id("itr", table.id, self._made)
        self._under_way[name] = _UnderWay(table.id, listing.signature, rest, self._timer())
        return f"{name}/{last}"

    def resume(self, table: Table, listing: Listing) -> list[str]:
        """Return what an offset stands for. Raises Refused for another query's, an old, or a made-up one."""
        name = listing.offset.partition("/")[0]
        if not name.startswith("itr"):
            raise Refused("INVALID_OFFSET_VALUE", f"The value of offset {listing.offset} is invalid")
        found = self._under_way.get(name)
        mine = found is not None and (found.table, found.listing) == (table.id, listing.signature)
        if found is None or not mine or self._timer() - found.used > self._seconds:
            raise Refused("LIST_RECORDS_ITERATOR_NOT_AVAILABLE")
        found.used = self._timer()
        return found.ids
