"""The columns of the tables that the engine keeps: what changed, and how each run went."""

from __future__ import annotations

from sync.sheet.cell import Form
from sync.sheet.layout import Column, Field, Role
from sync.sheet.style import Style

_D = Role.DRAWN

HISTORY_COLUMNS: tuple[Column, ...] = (
    Column(Field.WHEN, "When", Form.TEXT, _D, width=140, note="When it changed, in the company's time zone."),
    Column(Field.RUN, "Run", Form.TEXT, _D, width=172, note="The run that wrote it. It stands in Runs as well."),
    Column(Field.TAB, "Tab", Form.TEXT, _D, width=100, note="The tab that it changed in."),
    Column(Field.CYCLE, "Cycle", Form.TEXT, _D, width=80, note="The cycle of the row that changed."),
    Column(
        Field.ROW_ID,
        "ID",
        Form.ID,
        _D,
        width=90,
        style=Style.STRONG,
        note="The key result, objective or KPI that changed.",
    ),
    Column(Field.CHANGED, "Field", Form.TEXT, _D, width=100, note="The column that changed."),
    Column(Field.OLD, "Old", Form.TEXT, _D, width=120, style=Style.CENTRED, note="What stood there before."),
    Column(Field.NEW, "New", Form.TEXT, _D, width=120, style=Style.CENTRED, note="What stands there since."),
    Column(
        Field.REASON,
        "Reason",
        Form.TEXT,
        _D,
        width=420,
        style=Style.WRAPPED,
        note="Why it changed, and from which source.",
    ),
)

RUN_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.RUN,
        "Run",
        Form.TEXT,
        _D,
        width=172,
        style=Style.STRONG,
        note="The run's own name. History names it beside each change.",
    ),
    Column(Field.WHEN, "Started", Form.TEXT, _D, width=140, note="When it began, in the company's time zone."),
    Column(Field.FINISHED, "Finished", Form.TEXT, _D, width=140, note="When it was done."),
    Column(
        Field.RESULT,
        "Result",
        Form.TEXT,
        _D,
        width=90,
        style=Style.CENTRED,
        note="How it went. Remark says more where something was wrong.",
    ),
    Column(Field.MOVED, "Moved", Form.NUMBER, _D, width=70, style=Style.NUMBER, note="How many rows really changed."),
    Column(
        Field.AGED,
        "Aged",
        Form.NUMBER,
        _D,
        width=70,
        style=Style.NUMBER,
        note="How many rows only had their dates and sentences renewed.",
    ),
    Column(
        Field.HELD,
        "Held",
        Form.NUMBER,
        _D,
        width=70,
        style=Style.NUMBER,
        note="How many cells hold a person's own value.",
    ),
    Column(
        Field.GAPS,
        "Gaps",
        Form.NUMBER,
        _D,
        width=70,
        style=Style.NUMBER,
        note="How many values could not be read from their source. The last good ones stand.",
    ),
    Column(
        Field.PROBLEMS,
        "Problems",
        Form.NUMBER,
        _D,
        width=80,
        style=Style.NUMBER,
        note="How many things somebody should put right.",
    ),
    Column(
        Field.REMARK, "Remark", Form.TEXT, _D, width=520, style=Style.WRAPPED, note="What was special about this run."
    ),
)
