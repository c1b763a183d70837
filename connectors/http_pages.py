"""The pieces of a long list: what is asked next, until there is no more. Pure: knows answers, not the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.http_grammar import Paging
from connectors.json_path import find

Change = dict[str, Any]
"""Parameters of the next request; ``URL`` under the empty name where the answer gives a whole address."""

URL = ""


class Pager:
    """One list's paging. ``start`` is what the first request needs; ``turn`` what the next one does, or ``None``."""

    def __init__(self, paging: Paging) -> None:
        self._paging = paging
        self._page = paging.first
        self._offset = 0

    def start(self) -> Change:
        """The parameters of the first request."""
        paging, change = self._paging, self._sized()
        if paging.kind == "page" and paging.param:
            change[paging.param] = self._page
        if paging.kind == "offset" and paging.param:
            change[paging.param] = 0
        return change

    def turn(self, answer: Any, count: int, links: Mapping[str, Mapping[str, str]]) -> Change | None:
        """After an answer with ``count`` records and these Link headers."""
        paging = self._paging
        if paging.kind == "none" or (paging.more and not find(paging.more, answer)):
            return None
        if paging.kind == "link":
            url = find(paging.next, answer) if paging.next else links.get("next", {}).get("url")
            return {URL: url} if isinstance(url, str) and url else None
        if paging.kind == "cursor":
            cursor = find(paging.next or "", answer)
            return None if cursor in (None, "", False) else {**self._sized(), paging.param or "": cursor}
        if not count or (not paging.more and paging.size and count < paging.size):
            return None
        self._page += 1
        self._offset += count
        return {**self._sized(), paging.param or "": self._page if paging.kind == "page" else self._offset}

    def _sized(self) -> Change:
        paging = self._paging
        return {paging.size_param: paging.size} if paging.size_param and paging.size else {}
