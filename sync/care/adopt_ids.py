"""Ids for key results and objectives that have none: readable, the same every time, never one that is taken. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sync.care.adopt_words import plain

OBJECTIVE_CODE, KEY_RESULT_CODE = "O", "KR"


def make_code(team: str) -> str:
    """A team in two to four capitals: "Website" is WEB, "Customer Success" is CS; "" for nothing that has letters."""
    words = re.findall(r"[a-z0-9]+", plain(team))
    if not words or words[0].isdigit():
        return ""
    return ("".join(word[0] for word in words)[:4] if len(words) > 1 else words[0][:3]).upper()


def is_usable_id(text: str) -> bool:
    """Whether a text can be an id: it is short, one word, and no number, which people's formats change."""
    return bool(text) and len(text) <= 24 and " " not in text and re.fullmatch(r"[\d.,]+", text) is None


class IdMaker:
    """Gives ids out; knows those that are or were taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken: set[str] = set()
        self._highest: dict[str, int] = {}  # the highest number under each head: "web-" is 2 after WEB-2
        for each in taken:
            self._take(each)

    def objective(self, own_id: str, team: str) -> str:
        """The number that an objective bears in the sheet ("O1"), else the next of its team ("WEB-2")."""
        if own_id and self._is_free(own_id):
            return self._take(own_id)
        code = make_code(team) or OBJECTIVE_CODE
        return self._next(f"{code}-")

    def key_result(self, own_id: str, objective: str) -> str:
        """The number that a key result bears in its text ("KR1.1"), else the next of its objective ("WEB-2.1")."""
        if own_id and self._is_free(own_id):
            return self._take(own_id)
        return self._next(f"{objective}." if objective else f"{KEY_RESULT_CODE}-")

    def _is_free(self, id_: str) -> bool:
        return id_.casefold() not in self._taken and is_usable_id(id_)

    def _take(self, id_: str) -> str:
        folded = id_.casefold()
        self._taken.add(folded)
        if found := re.fullmatch(r"(.*?)(\d{1,9})", folded):
            self._highest[found[1]] = max(self._highest.get(found[1], 0), int(found[2]))
        return id_

    def _next(self, head: str) -> str:
        """One more than the highest number ever given under this head: an id of a deleted row doesn't come back."""
        return self._take(f"{head}{self._highest.get(head.casefold(), 0) + 1}")
