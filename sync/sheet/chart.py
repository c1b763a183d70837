"""A chart of ours on a drawn tab, as a value: what both stores need to make it. Pure.

A chart is known by its name. ``layout`` makes those that are missing; a run only tells them where their numbers stand
now. So a chart that a person deleted stays deleted until ``layout``, one that they moved or resized stays there, and
people's own charts are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class ChartName(StrEnum):
    """Our charts; the values are what they are called in a file."""

    SCORES = "okr-sync score by objective"
    COURSE = "okr-sync progress against pace"


TITLES = {
    "Score by objective": ChartName.SCORES,
    "Progress of the cycle against its pace": ChartName.COURSE,
}
"""What stands over each chart, for good: by it a chart is known whose name a program has forgotten."""


class ChartKind(StrEnum):
    """How a chart draws its series."""

    BAR = "bar"  # one under the other, the first on top
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Series:
    """One series: the column of its numbers, and its colour as RRGGBB. The first row names it."""

    column: int
    colour: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chart is put when it is made: its corner's cell, a distance from it and a size in pixels."""

    row: int
    column: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. Its numbers stand on the same tab: names in ``names``, from the row of headers ``top`` to ``bottom``.

    ``told`` says in words what it shows, for those who can't see it; it differs whenever the numbers do.
    ``most`` is where the axis of numbers ends.
    """

    name: ChartName
    kind: ChartKind
    title: str
    told: str
    place: Place
    names: int
    series: tuple[Series, ...]
    top: int
    bottom: int
    most: float = 1.0


def chart_id(tab_id: int, name: ChartName) -> int:
    """The id of a chart in Google's sheet: a hash, the same for the same tab, so that it is known as ours."""
    digest = sha256(f"{tab_id}:{name.value}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF or 1
