"""Requests on groups of rows and columns.

A group is a run of lines as deep as its depth or deeper, as Google's reference describes: adding one makes its lines
a level deeper, deleting one takes a level away. So groups of one depth that touch are one group.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from sandbox.google_batch import Edit, request
from sandbox.google_batch_lines import read_span
from sandbox.google_document import ROWS, Tab
from sandbox.google_error import invalid
from sandbox.google_mask import parse_update_mask
from sandbox.google_schema import Json

DEEPEST = 8


def _key(group: Json) -> tuple[int, int, int]:
    return group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]


def _depths(tab: Tab, dimension: str) -> list[int]:
    depths = [0] * tab.count(dimension)
    for group in tab.groups[dimension]:
        start, end, depth = _key(group)
        for at in range(start, min(end, len(depths))):
            depths[at] = max(depths[at], depth)
    return depths


def _runs(depths: list[int]) -> Iterator[tuple[int, int, int]]:
    for depth in range(1, max(depths, default=0) + 1):
        start: int | None = None
        for at, deep in enumerate([*depths, 0]):
            if deep >= depth and start is None:
                start = at
            elif deep < depth and start is not None:
                yield start, at, depth
                start = None


def _rebuild(tab: Tab, dimension: str, depths: list[int]) -> Json:
    """Make the groups of these depths; one that is as it was stays folded."""
    folded = {_key(group) for group in tab.groups[dimension] if group.get("collapsed")}
    where: Json = {"sheetId": tab.id} if tab.id else {}
    tab.groups[dimension] = [
        {"range": {**where, "dimension": dimension, "startIndex": start, "endIndex": end}, "depth": depth}
        | ({"collapsed": True} if (start, end, depth) in folded else {})
        for start, end, depth in sorted(_runs(depths), key=lambda run: (run[0], run[2]))
    ]
    groups = copy.deepcopy(tab.groups[dimension])
    return {"dimensionGroups": groups} if groups else {}


@request("addDimensionGroup")
def add_dimension_group(edit: Edit, body: Json) -> Json:
    """Make the lines of a span a level deeper."""
    tab, dimension, start, end = read_span(edit, body.get("range", {}))
    if not start < end <= tab.count(dimension):
        raise invalid("range.endIndex must be greater than range.startIndex and within the grid.")
    depths = _depths(tab, dimension)
    if max(depths[start:end]) >= DEEPEST:
        raise invalid(f"Cannot add a group deeper than {DEEPEST} levels.")
    depths[start:end] = [depth + 1 for depth in depths[start:end]]
    tab.grid["rowGroupControlAfter" if dimension == ROWS else "columnGroupControlAfter"] = True
    return _rebuild(tab, dimension, depths)


@request("deleteDimensionGroup")
def delete_dimension_group(edit: Edit, body: Json) -> Json:
    """Take a level away from the lines of a span."""
    tab, dimension, start, end = read_span(edit, body.get("range", {}))
    depths = _depths(tab, dimension)
    if not any(depths[start:end]):
        raise invalid(f"There is no group over the range from {start} to {end}.")
    depths[start:end] = [max(0, depth - 1) for depth in depths[start:end]]
    return _rebuild(tab, dimension, depths)


@request("updateDimensionGroup")
def update_dimension_group(edit: Edit, body: Json) -> None:
    """Fold or open a group, named by its range and depth."""
    parse_update_mask(body.get("fields"), "DimensionGroup")
    asked = body.get("dimensionGroup", {})
    tab, dimension, start, end = read_span(edit, asked.get("range", {}))
    group = next((g for g in tab.groups[dimension] if _key(g) == (start, end, asked.get("depth", 0))), None)
    if group is None:
        raise invalid(f"There is no group of depth {asked.get('depth', 0)} over the range from {start} to {end}.")
    group.pop("collapsed", None)
    if asked.get("collapsed"):
        group["collapsed"] = True
    for at in range(start, end):
        line = {name: each for name, each in tab.lines[dimension].get(at, {}).items() if name != "hiddenByUser"}
        tab.lines[dimension][at] = line | ({"hiddenByUser": True} if asked.get("collapsed") else {})
