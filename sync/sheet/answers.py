"""A form's answers as check-ins: which key result each is about, and of which cycle. Pure.

A form's list of key results often says more than the id ("WEB-1.1 Share of requests that are live"), and an answer
says no cycle: it belongs to the open one that its day lies in and that has such a key result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from okr.model import CheckIn, Key, Okrs
from sync.sheet.definitions import parse_check_ins
from sync.sheet.locate import TabView


def parse_answers(view: TabView, okrs: Okrs, open_cycles: Iterable[str]) -> tuple[CheckIn, ...]:
    """The answers that are about a key result of an open cycle. Others are passed over."""
    keys = {kr.key for kr in okrs.key_results}
    cycles = tuple(open_cycles)
    found = ((item, find_key(item.key.id, item.day, keys, okrs, cycles)) for item in parse_check_ins(view, ""))
    return tuple(replace(item, key=key) for item, key in found if key is not None)


def find_key(text: str, day: date, keys: set[Key], okrs: Okrs, open_cycles: tuple[str, ...]) -> Key | None:
    """The key result that an answer names, in the cycle that its day lies in; the shortest of several."""
    running = [cycle for name in open_cycles if (cycle := okrs.cycles.get(name)) and cycle.start <= day <= cycle.end]
    for cycle in sorted(running, key=lambda item: item.end - item.start):
        ids = sorted((key.id for key in keys if key.cycle == cycle.name), key=len, reverse=True)
        own = next((own for own in ids if begins_with(text, own)), None)
        if own is not None:
            return Key(cycle.name, own)
    return None


def begins_with(text: str, own_id: str) -> bool:
    """Whether a text is an id, or begins with it: "WEB-1.1 Share …", never "WEB-1.10" or "WEB-1.1-b"."""
    text = text.strip()
    if not text.startswith(own_id):
        return False
    rest = text[len(own_id) :]
    return not rest or not (rest[0].isalnum() or (rest[0] in ".-_" and rest[1:2].isalnum()))
