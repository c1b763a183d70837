"""The folded columns at the end of a row: what the machine knows besides, and how the row could be worded better."""

from __future__ import annotations

from sync.sheet.cell import Form
from sync.sheet.layout import Column, Field, Role
from sync.sheet.style import Style

_M = Role.MACHINE
_DETAILS = "Details"

HINT = Column(
    Field.HINT,
    "Hint",
    Form.TEXT,
    _M,
    width=420,
    style=Style.TEXT,
    group=_DETAILS,
    guarded=True,
    spare=True,
    note="How it could be a better OKR: why, and an example. A matter of taste; quality: off in the config ends it.",
)
"""At the very end and folded away: who doesn't ask isn't told. It is not wrapped: rows stay as high as they are."""

DETAIL_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.PACE,
        "Pace",
        Form.SCORE,
        _M,
        width=62,
        style=Style.SCORE,
        group=_DETAILS,
        guarded=True,
        note="The score expected by now.",
    ),
    Column(
        Field.FORECAST,
        "Forecast",
        Form.SCORE,
        _M,
        width=78,
        style=Style.SCORE,
        group=_DETAILS,
        guarded=True,
        note="The score expected when it is due, from the weeks so far.",
    ),
    Column(
        Field.TREND,
        "Trend",
        Form.TEXT,
        _M,
        width=110,
        group=_DETAILS,
        guarded=True,
        note="The score of the last weeks.",
    ),
    Column(
        Field.UPDATED,
        "Updated",
        Form.DATE,
        _M,
        width=96,
        style=Style.DATE,
        group=_DETAILS,
        guarded=True,
        note="The day on which the current value last changed.",
    ),
    Column(
        Field.SOURCE,
        "Source",
        Form.TEXT,
        _M,
        width=320,
        style=Style.WRAPPED,
        group=_DETAILS,
        guarded=True,
        note="Where the number comes from.",
    ),
    HINT,
)
