"""Room for the head in its one cell: several configs remember their problems there, and all of them have to fit. Pure.

A workbook's cell holds 32,767 characters (Excel specifications and limits), one of Google's 50,000.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sync.sheet.ledger import Head, OpenProblem

ROOM = 24_000
"""Characters for the problems of all configs; the rest is for columns, tabs and what the Dashboard shows."""

_AROUND = 14
"""Characters around a problem: quotes, colon, comma, the day."""

Problems = Mapping[str, OpenProblem]


def make_room(head: Head) -> Head:
    """The head with as many problems as fit: first the words of the newest are given up, then the newest themselves.

    What is given up is told as new again while it lasts; nothing else is lost by it.
    """
    share = ROOM // max(1, len(head.parts) + bool(head.problems))
    parts = {name: part._replace(problems=_fit(part.problems, share)) for name, part in head.parts.items()}
    return replace(head, problems=_fit(head.problems, share), parts=parts)


def _fit(problems: Problems, room: int) -> Problems:
    """These problems within so many characters, the oldest first."""
    if _size(problems) <= room:
        return problems
    return dict(_take({name: item._replace(words="") for name, item in problems.items()}, room))


def _take(problems: Problems, room: int) -> Iterator[tuple[str, OpenProblem]]:
    oldest = sorted(problems.items(), key=lambda pair: (pair[1].since is not None, pair[1].since, pair[0]))
    for name, item in oldest:
        room -= _size({name: item})
        if room < 0:
            return
        yield name, item


def _size(problems: Problems) -> int:
    return sum(len(name) + len(item.words) + _AROUND for name, item in problems.items())
