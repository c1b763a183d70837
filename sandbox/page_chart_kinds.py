"""How the kinds of charts are drawn: columns, bars, lines, areas, dots, mixtures of them, and pies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from math import cos, pi, sin
from typing import NamedTuple

from sandbox.google_order import to_text


class Series(NamedTuple):
    """Numbers with a name and a colour; None where a cell holds no number.

    ``kind`` is how a mixture draws it; ``whole``: its line goes on where a number is missing.
    """

    name: str
    colour: str
    values: list[float | None]
    kind: str = "COLUMN"
    whole: bool = False


class Box(NamedTuple):
    """The part of a chart in which values are drawn, and what its axis runs from and to.

    ``percent``: the axis is written in percent, as its cells are.
    """

    left: float
    top: float
    wide: float
    high: float
    low: float
    top_value: float
    percent: bool = False

    def across(self, value: float) -> float:
        """Place a value on an axis from left to right."""
        return self.left + (value - self.low) / (self.top_value - self.low) * self.wide

    def up(self, value: float) -> float:
        """Place a value on an axis from bottom to top."""
        return self.top + self.high - (value - self.low) / (self.top_value - self.low) * self.high

    def told(self, value: float) -> str:
        """Write a value of the axis."""
        return f"{to_text(round(value * 100, 1))}%" if self.percent else to_text(round(value, 2))


LETTER = 6
"""About how wide a letter of an axis is, in pixels."""

SPARE = 30
"""The room at the left of a box that numbers would have taken, where names of bars stand instead."""

Bases = Sequence[Sequence[float]]
"""Where each series' values start: at nothing, or on those before where a chart is stacked."""


def stack(series: Sequence[Series], *, stacked: bool, whole: bool) -> tuple[list[Series], Bases]:
    """Put the series on one another; ``whole`` turns them into shares of all of them."""
    if not stacked:
        return list(series), [[0.0] * len(each.values) for each in series]
    length = max((len(each.values) for each in series), default=0)
    sums = [sum(abs(each.values[at] or 0) for each in series if at < len(each.values)) for at in range(length)]
    piled, bases, reached = [], [], [0.0] * length
    for each in series:
        values = [
            None if value is None else value / (sums[at] or 1) if whole else value
            for at, value in enumerate(each.values)
        ]
        piled.append(each._replace(values=[None if v is None else reached[at] + v for at, v in enumerate(values)]))
        bases.append(list(reached[: len(values)]))
        reached = [high + (values[at] or 0) if at < len(values) else high for at, high in enumerate(reached)]
    return piled, bases


def draw_upright(box: Box, names: list[str], series: list[Series], bases: Bases) -> str:
    """Draw columns, areas and lines, in this order, over the same axis."""
    slot = box.wide / max(len(names), 1)
    parts = [*_levels(box, upright=True), *_names_below(box, names)]
    columns = [at for at, each in enumerate(series) if each.kind == "COLUMN"]
    stacked = any(value for base in bases for value in base)
    bar = slot * 0.7 / (1 if stacked else max(len(columns), 1))
    for number, at in enumerate(columns):
        for place, value in enumerate(series[at].values):
            if value is not None:
                x = box.left + slot * (place + 0.15) + (0 if stacked else bar * number)
                high, low = box.up(max(value, bases[at][place])), box.up(min(value, bases[at][place]))
                parts.append(_bar(x, high, bar, low - high, series[at], value - bases[at][place]))
    areas = [at for at, each in enumerate(series) if each.kind in ("AREA", "STEPPED_AREA")]
    parts += [_area(box, slot, series[at], bases[at]) for at in reversed(areas)]
    for each in series:
        if each.kind in ("LINE", "AREA", "STEPPED_AREA"):
            parts += _line(box, slot, each)
    return "".join(parts)


def draw_bars(box: Box, names: list[str], series: list[Series], bases: Bases) -> str:
    """Draw bars from left to right, the names at their side."""
    room = min(box.wide * 0.35, max((len(name) for name in names), default=0) * LETTER + 8)
    box = box._replace(left=box.left + room - SPARE, wide=box.wide - room + SPARE)
    slot = box.high / max(len(names), 1)
    stacked = any(value for base in bases for value in base)
    bar = slot * 0.7 / (1 if stacked else max(len(series), 1))
    parts = list(_levels(box, upright=False))
    for place, name in enumerate(names):
        y = box.top + slot * (place + 0.5) + 4
        told = short(name, int((room + 8) / LETTER))
        parts.append(f'<text x="{box.left - 6:.1f}" y="{y:.1f}" class="axis" text-anchor="end">{told}</text>')
    for number, each in enumerate(series):
        for place, value in enumerate(each.values):
            if value is not None:
                base = bases[number][place]
                y = box.top + slot * (place + 0.15) + (0 if stacked else bar * number)
                left, right = box.across(min(value, base)), box.across(max(value, base))
                parts.append(_bar(left, y, right - left, bar, each, value - base))
    return "".join(parts)


def draw_dots(box: Box, places: list[float | None], series: list[Series]) -> str:
    """Draw dots whose places along the axis are numbers too."""
    known = [place for place in places if place is not None]
    low, most = min(known, default=0.0), max(known, default=1.0)
    along = box._replace(low=low, top_value=most if most > low else low + 1, percent=False)
    parts = [*_levels(box, upright=True), *_levels(along, upright=False, lines=False)]
    for each in series:
        for place, value in zip(places, each.values, strict=False):
            if place is not None and value is not None:
                told = escape(f"{each.name}: {to_text(place)}, {to_text(value)}")
                x, y = along.across(place), box.up(value)
                parts.append(
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{each.colour}"><title>{told}</title></circle>'
                )
    return "".join(parts)


def draw_pie(box: Box, names: list[str], values: list[float | None], colours: Sequence[str], hole: float) -> str:
    """Draw a pie from the top, clockwise; what isn't above nothing has no piece. ``hole`` is its part of the radius."""
    whole = sum(value for value in values if value and value > 0)
    radius = min(box.wide, box.high) / 2 - 4
    x, y, turned = box.left + box.wide / 2, box.top + box.high / 2, 0.0
    parts = []
    for place, (name, value) in enumerate(zip(names, values, strict=False)):
        if not value or value <= 0:
            continue
        share = value / whole
        told = escape(f"{name}: {to_text(value)} ({share:.1%})")
        colour = colours[place % len(colours)]
        parts.append(
            f'<path d="{_piece(x, y, radius, turned, share)}" fill="{colour}" stroke="#fff">'
            f"<title>{told}</title></path>"
        )
        turned += share
        if share >= 0.05:
            middle = 2 * pi * (turned - share / 2)
            at_x, at_y = x + sin(middle) * radius * 0.72, y - cos(middle) * radius * 0.72 + 4
            parts.append(
                f'<text x="{at_x:.1f}" y="{at_y:.1f}" class="axis share" text-anchor="middle">{share:.0%}</text>'
            )
    if hole:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius * hole:.1f}" fill="#fff"/>')
    return "".join(parts)


def _piece(x: float, y: float, radius: float, turned: float, share: float) -> str:
    if share > 0.9999:
        return f"M{x:.1f} {y - radius:.1f}a{radius:.1f} {radius:.1f} 0 1 1 -0.1 0z"
    start, end = 2 * pi * turned, 2 * pi * (turned + share)
    return (
        f"M{x:.1f} {y:.1f}L{x + sin(start) * radius:.1f} {y - cos(start) * radius:.1f}"
        f"A{radius:.1f} {radius:.1f} 0 {int(share > 0.5)} 1 {x + sin(end) * radius:.1f} {y - cos(end) * radius:.1f}z"
    )


def _points(box: Box, slot: float, values: Sequence[float | None]) -> list[tuple[float, float]]:
    return [(box.left + slot * (place + 0.5), box.up(value)) for place, value in enumerate(values) if value is not None]


def _line(box: Box, slot: float, series: Series) -> Iterator[str]:
    points = _points(box, slot, series.values)
    known = [(place, value) for place, value in enumerate(series.values) if value is not None]
    pieces: list[list[str]] = []
    before = None
    for (place, _), (x, y) in zip(known, points, strict=True):
        if before is None or (place > before + 1 and not series.whole):
            pieces.append([])
        pieces[-1].append(f"{x:.1f},{y:.1f}")
        before = place
    for piece in pieces:
        yield f'<polyline points="{" ".join(piece)}" fill="none" stroke="{series.colour}" stroke-width="2"/>'
    for (x, y), (_, value) in zip(points, known, strict=True):
        told = escape(f"{series.name}: {to_text(value)}")
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{series.colour}"><title>{told}</title></circle>'


def _area(box: Box, slot: float, series: Series, base: Sequence[float]) -> str:
    above = _points(box, slot, series.values)
    below = _points(box, slot, [None if value is None else base[at] for at, value in enumerate(series.values)])
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*above, *below[::-1]])
    return f'<polygon points="{path}" fill="{series.colour}" fill-opacity="0.3"/>'


def _bar(x: float, y: float, wide: float, high: float, series: Series, value: float) -> str:
    told = escape(f"{series.name}: {to_text(value)}")
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" height="{max(high, 0):.1f}" '
        f'fill="{series.colour}"><title>{told}</title></rect>'
    )


def _levels(box: Box, *, upright: bool, lines: bool = True) -> Iterator[str]:
    for step in range(5):
        value = box.low + (box.top_value - box.low) * step / 4
        if upright:
            y = box.up(value)
            yield f'<path d="M{box.left} {y:.1f}h{box.wide:.1f}" class="grid"/>' if lines else ""
            yield f'<text x="{box.left - 6}" y="{y + 4:.1f}" class="axis" text-anchor="end">{box.told(value)}</text>'
        else:
            x, y = box.across(value), box.top + box.high + 16
            yield f'<path d="M{x:.1f} {box.top}v{box.high:.1f}" class="grid"/>' if lines else ""
            yield f'<text x="{x:.1f}" y="{y}" class="axis" text-anchor="middle">{box.told(value)}</text>'


def _names_below(box: Box, names: list[str]) -> Iterator[str]:
    slot = box.wide / max(len(names), 1)
    longest = max((len(short(name)) for name in names), default=0)
    every = max(1, -int(-max(44, longest * 6) // slot)) if slot else 1
    for place, name in enumerate(names):
        if place % every == 0:
            x = box.left + slot * (place + 0.5)
            y = box.top + box.high + 18
            yield f'<text x="{x:.1f}" y="{y:.1f}" class="axis" text-anchor="middle">{short(name)}</text>'


def short(name: str, most: int = 14) -> str:
    """Write a name along an axis, escaped, its end cut off where it is long."""
    return escape(name if len(name) <= most else name[: most - 1] + "…")


Draw = Callable[[Box, list[str], list[Series], Bases], str]
DRAWN: Mapping[str, Draw] = {
    "BAR": draw_bars, "COLUMN": draw_upright, "LINE": draw_upright, "AREA": draw_upright,
    "STEPPED_AREA": draw_upright, "COMBO": draw_upright,
}  # fmt: skip
