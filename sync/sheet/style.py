"""How things look, once for both stores: named styles with colours that read in print and for the colour-blind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from okr.model import Status


class Style(StrEnum):
    """The looks that drawings and conditional rules use."""

    TITLE = "okr title"
    SUBTITLE = "okr subtitle"
    HEADING = "okr heading"  # a section's heading on a drawn tab
    HEADER = "okr header"  # a table's header over people's columns
    HEADER_MACHINE = "okr header machine"  # a table's header over the machine's columns
    LABEL = "okr label"  # a small heading over a column of a drawn tab
    LABEL_RIGHT = "okr label right"
    LABEL_CENTRED = "okr label centred"
    TEXT = "okr text"
    STRONG = "okr strong"
    STRONG_WRAPPED = "okr strong wrapped"
    LEAD = "okr lead"  # the one number that comes first
    SINCE = "okr since"  # a moment in running text
    WRAPPED = "okr wrapped"
    LINK = "okr link"  # a wrapped text that leads somewhere
    MUTED = "okr muted"
    NUMBER = "okr number"
    SCORE = "okr score"
    SIGNED = "okr signed"
    PERCENT = "okr percent"
    DATE = "okr date"
    MOMENT = "okr moment"
    CENTRED = "okr centred"
    TICK = "okr tick"  # a checkbox beside its label
    BAR = "okr bar"
    BIG = "okr big number"
    GOOD = "okr good"
    WARN = "okr warn"
    BAD = "okr bad"
    DONE = "okr done"
    IDLE = "okr idle"
    STALE = "okr stale"
    BAR_GOOD = "okr bar good"
    BAR_WARN = "okr bar warn"
    BAR_BAD = "okr bar bad"
    BAR_DONE = "okr bar done"
    BAR_IDLE = "okr bar idle"


@dataclass(frozen=True, slots=True)
class Look:
    """One style: colours as RRGGBB, ``number_format`` as both Sheets and Excel read it, ``size`` in points."""

    fill: str | None = None
    colour: str | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    size: int = 10
    align: str | None = None  # left, center, right
    vertical: str = "middle"
    wrap: bool = False
    number_format: str | None = None
    border_bottom: str | None = None


INK = "1F2937"
QUIET = "6B7280"
LINE = "D1D5DB"
CHART_SCORE, CHART_EXPECTED = "1F3A5F", "B8C4D6"
"""What is and what should be: dark and light, so that they differ in print and for every eye."""

LOOKS: dict[Style, Look] = {
    Style.TITLE: Look(colour=INK, bold=True, size=22),
    Style.SUBTITLE: Look(colour=QUIET, size=10),
    Style.HEADING: Look(colour=INK, bold=True, size=12, border_bottom=LINE),
    Style.HEADER: Look(fill="1F3A5F", colour="FFFFFF", bold=True, wrap=True),
    Style.HEADER_MACHINE: Look(fill="4B5F7A", colour="FFFFFF", bold=True, italic=True, wrap=True),
    Style.LABEL: Look(colour=QUIET, size=9, border_bottom=LINE),
    Style.LABEL_RIGHT: Look(colour=QUIET, size=9, align="right", border_bottom=LINE),
    Style.LABEL_CENTRED: Look(colour=QUIET, size=9, align="center", border_bottom=LINE),
    Style.TEXT: Look(colour=INK),
    Style.STRONG: Look(colour=INK, bold=True),
    Style.STRONG_WRAPPED: Look(colour=INK, bold=True, wrap=True),
    Style.LEAD: Look(colour=INK, bold=True, size=20, align="center", number_format="0.00"),
    Style.SINCE: Look(colour=INK, align="left", number_format="d mmm yyyy hh:mm"),
    Style.WRAPPED: Look(colour=INK, wrap=True),
    Style.LINK: Look(colour="1D4ED8", underline=True, wrap=True),
    Style.MUTED: Look(colour=QUIET, wrap=True),
    Style.NUMBER: Look(colour=INK, align="right", number_format="#,##0.##"),
    Style.SCORE: Look(colour=INK, align="right", number_format="0.00"),
    Style.SIGNED: Look(colour=INK, align="right", number_format="+0.00;-0.00;0.00"),
    Style.PERCENT: Look(colour=INK, align="right", number_format="0.#%"),
    Style.DATE: Look(colour=INK, align="right", number_format="d mmm yyyy"),
    Style.MOMENT: Look(colour=INK, align="right", number_format="d mmm yyyy hh:mm"),
    Style.CENTRED: Look(colour=INK, align="center"),
    Style.TICK: Look(colour=INK, align="left"),
    Style.BAR: Look(colour=QUIET),
    Style.BIG: Look(colour=INK, bold=True, size=20, align="center", number_format="0.##"),
    Style.GOOD: Look(fill="D6EFDC", colour="14532D", align="center"),
    Style.WARN: Look(fill="FDF0C4", colour="713F12", align="center"),
    Style.BAD: Look(fill="F9D5D0", colour="7F1D1D", align="center", bold=True),
    Style.DONE: Look(fill="CFE3F7", colour="1E3A8A", align="center"),
    Style.IDLE: Look(fill="EEF0F2", colour="4B5563", align="center"),
    Style.STALE: Look(fill="E5E7EB", colour="4B5563", align="center", italic=True),
    Style.BAR_GOOD: Look(colour="2E7D4F"),
    Style.BAR_WARN: Look(colour="9A6700"),
    Style.BAR_BAD: Look(colour="B3402E"),
    Style.BAR_DONE: Look(colour="2B6CB0"),
    Style.BAR_IDLE: Look(colour="6B7280"),
}

STATUS_STYLE: dict[Status, Style] = {
    Status.ON_TRACK: Style.GOOD,
    Status.AT_RISK: Style.WARN,
    Status.OFF_TRACK: Style.BAD,
    Status.MISSED: Style.BAD,
    Status.ACHIEVED: Style.DONE,
    Status.NOT_STARTED: Style.IDLE,
    Status.NO_DATA: Style.IDLE,
    Status.CLOSED: Style.IDLE,
    Status.PAUSED: Style.IDLE,
}

BAR_STYLE: dict[Status, Style] = {
    Status.ON_TRACK: Style.BAR_GOOD,
    Status.AT_RISK: Style.BAR_WARN,
    Status.OFF_TRACK: Style.BAR_BAD,
    Status.MISSED: Style.BAR_BAD,
    Status.ACHIEVED: Style.BAR_DONE,
}
"""Statuses that aren't named here have BAR_IDLE."""
