"""Every column of every tab: what it holds, who writes it, how it looks, and the note that teaches it."""

from __future__ import annotations

from okr.model import Commitment, Kind, Level, Status
from sync.sheet.cell import Form
from sync.sheet.layout import MERGED, Column, Field, Role, Tab
from sync.sheet.style import Style

_M, _D = Role.MACHINE, Role.DRAWN
_DEFINITION, _DETAILS = "Definition", "Details"

KEY_RESULT_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.KR_ID,
        "KR ID",
        Form.ID,
        required=True,
        width=86,
        aliases=("ID", "KR", "Key result ID"),
        note="A short id that never changes, such as WEB-1.1. Mapping files point at it.",
        style=Style.STRONG,
    ),
    Column(
        Field.KEY_RESULT,
        "Key result",
        Form.TEXT,
        required=True,
        width=300,
        aliases=("Key Results", "KR name"),
        note="A measurable outcome: what will be different, by how much.",
        style=Style.WRAPPED,
    ),
    Column(
        Field.OWNER,
        "Owner",
        Form.TEXT,
        width=140,
        note="One person who answers for it.",
        aliases=("Responsible", "DRI", "Lead"),
    ),
    Column(
        Field.CURRENT,
        "Current",
        Form.NUMBER,
        _M,
        width=86,
        style=Style.NUMBER,
        aliases=("Actual", "Now"),
        note="Where it stands now. okr-sync fills this in where a mapping exists; elsewhere it is yours. "
        "Type over it when you know better: your value is kept until you clear the cell.",
    ),
    Column(
        Field.TARGET,
        "Target",
        Form.NUMBER,
        required=True,
        width=86,
        style=Style.NUMBER,
        aliases=("Goal",),
        note="The number to reach. Write 60% for a share.",
    ),
    Column(
        Field.PROGRESS,
        "Progress",
        Form.TEXT,
        _D,
        width=158,
        style=Style.BAR,
        guarded=True,
        note="A picture of the score. Redrawn by okr-sync.",
    ),
    Column(
        Field.SCORE,
        "Score",
        Form.SCORE,
        _M,
        width=62,
        style=Style.SCORE,
        aliases=("Grade",),
        note="From 0 (baseline) to 1 (target). Type over it when you know better.",
    ),
    Column(
        Field.STATUS,
        "Status",
        Form.CHOICE,
        _M,
        width=92,
        style=Style.CENTRED,
        aliases=("State", "RAG"),
        choices=tuple(Status),
        note="The score against the pace. Type over it when you know better.",
    ),
    Column(
        Field.WHY,
        "Why",
        Form.TEXT,
        _M,
        width=330,
        style=Style.WRAPPED,
        guarded=True,
        note="Why the status is what it is, in one sentence.",
    ),
    Column(
        Field.CHANGE,
        "Change",
        Form.SCORE,
        _M,
        width=76,
        style=Style.SIGNED,
        guarded=True,
        note="How far the score moved in the last 14 days.",
    ),
    Column(
        Field.FRESHNESS,
        "Freshness",
        Form.DATE,
        _M,
        width=96,
        style=Style.DATE,
        guarded=True,
        note="The day on which the current value was last known to be true. The row turns grey when it is old.",
    ),
    Column(
        Field.CONFIDENCE,
        "Confidence",
        Form.NUMBER,
        _M,
        width=98,
        style=Style.CENTRED,
        note="1 to 10, from the owner's latest check-in.",
    ),
    Column(Field.NEXT_STEP, "Next step", Form.TEXT, width=200, style=Style.WRAPPED, note="Yours."),
    Column(Field.NOTES, "Notes", Form.TEXT, width=200, style=Style.WRAPPED, note="Yours. okr-sync never writes here."),
    Column(
        Field.OBJECTIVE_ID,
        "Objective ID",
        Form.ID,
        required=True,
        width=92,
        group=_DEFINITION,
        note="The objective that this key result belongs to.",
    ),
    Column(
        Field.KIND,
        "Kind",
        Form.CHOICE,
        width=92,
        choices=tuple(Kind),
        group=_DEFINITION,
        note="How the value becomes a score. Left empty: Increase, or Decrease when the target is below the baseline.",
    ),
    Column(
        Field.BASELINE,
        "Baseline",
        Form.NUMBER,
        width=80,
        style=Style.NUMBER,
        group=_DEFINITION,
        aliases=("Start value", "From"),
        note="Where it stood when the cycle began.",
    ),
    Column(
        Field.TARGET_TO,
        "Target to",
        Form.NUMBER,
        width=80,
        style=Style.NUMBER,
        group=_DEFINITION,
        note="The upper end of a Between.",
    ),
    Column(Field.UNIT, "Unit", Form.TEXT, width=70, group=_DEFINITION, note="days, deals, EUR …"),
    Column(
        Field.WEIGHT,
        "Weight",
        Form.NUMBER,
        width=66,
        style=Style.NUMBER,
        group=_DEFINITION,
        note="How much it counts within its objective. Empty: 1.",
    ),
    Column(
        Field.COMMITMENT,
        "Commitment",
        Form.CHOICE,
        width=100,
        choices=tuple(Commitment),
        group=_DEFINITION,
        note="Committed: expected to reach 1.0. Aspirational: 0.7 is a success.",
    ),
    Column(
        Field.START,
        "Start",
        Form.DATE,
        width=92,
        style=Style.DATE,
        group=_DEFINITION,
        note="Empty: the cycle's first day.",
    ),
    Column(
        Field.DUE,
        "Due",
        Form.DATE,
        width=92,
        style=Style.DATE,
        group=_DEFINITION,
        note="Empty: the cycle's last day.",
    ),
    Column(Field.CYCLE, "Cycle", Form.ID, width=80, group=_DEFINITION, note="Empty: the open cycle."),
    Column(
        Field.APPROVED,
        "Approved",
        Form.FLAG,
        width=76,
        group=_DEFINITION,
        note="Where this column is used, only approved rows are synced.",
    ),
    Column(
        Field.AT_CLOSE,
        "At close",
        Form.CHOICE,
        width=80,
        choices=("Keep", "Modify", "Drop"),
        group=_DEFINITION,
        note="What happens to it in the next cycle.",
    ),
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
)

OBJECTIVE_COLUMNS: tuple[Column, ...] = (
    Column(Field.OBJECTIVE_ID, "Objective ID", Form.ID, required=True, width=96, style=Style.STRONG, aliases=("ID",)),
    Column(Field.OBJECTIVE, "Objective", Form.TEXT, required=True, width=380, style=Style.WRAPPED),
    Column(Field.LEVEL, "Level", Form.CHOICE, width=90, choices=tuple(Level)),
    Column(Field.TEAM, "Team", Form.TEXT, width=110),
    Column(Field.OWNER, "Owner", Form.TEXT, width=130),
    Column(Field.PARENT, "Parent", Form.ID, width=80, note="The objective that this one serves."),
    Column(Field.CYCLE, "Cycle", Form.ID, width=80, note="Empty: the open cycle."),
    Column(Field.WEIGHT, "Weight", Form.NUMBER, width=70, style=Style.NUMBER),
    Column(
        Field.SCORE,
        "Score",
        Form.SCORE,
        _M,
        width=66,
        style=Style.SCORE,
        note="The weighted mean of its key results.",
    ),
    Column(
        Field.STATUS,
        "Status",
        Form.CHOICE,
        _M,
        width=96,
        style=Style.CENTRED,
        choices=tuple(Status),
        note="The weakest of its key results, unless configured otherwise.",
    ),
    Column(Field.WHY, "Why", Form.TEXT, _M, width=380, style=Style.WRAPPED, guarded=True),
    Column(
        Field.COVERAGE,
        "Coverage",
        Form.TEXT,
        _M,
        width=84,
        style=Style.CENTRED,
        note="How many of its key results have data.",
    ),
)

STEP_COLUMNS: tuple[Column, ...] = (
    Column(Field.KR_ID, "KR ID", Form.ID, required=True, width=86, style=Style.STRONG),
    Column(Field.STEP, "Step", Form.TEXT, required=True, width=320, style=Style.WRAPPED),
    Column(Field.DUE, "Due", Form.DATE, width=100, style=Style.DATE),
    Column(Field.WEIGHT, "Weight", Form.NUMBER, width=70, style=Style.NUMBER),
    Column(
        Field.EXPECTED,
        "Expected",
        Form.NUMBER,
        width=84,
        style=Style.NUMBER,
        note="A dated plan: the value expected by Due.",
    ),
    Column(Field.DONE, "Done", Form.NUMBER, width=70, style=Style.CENTRED, note="Yes, or the share done."),
)

CHECK_IN_COLUMNS: tuple[Column, ...] = (
    Column(Field.DATE, "Date", Form.DATE, required=True, width=100, style=Style.DATE),
    Column(Field.KR_ID, "KR ID", Form.ID, required=True, width=86, style=Style.STRONG),
    Column(
        Field.CONFIDENCE,
        "Confidence",
        Form.NUMBER,
        width=96,
        style=Style.CENTRED,
        note="1 (no chance) to 10 (certain).",
    ),
    Column(Field.COMMENT, "Comment", Form.TEXT, width=360, style=Style.WRAPPED),
    Column(Field.BLOCKER, "Blocker", Form.TEXT, width=240, style=Style.WRAPPED),
    Column(Field.NEXT_STEP, "Next step", Form.TEXT, width=240, style=Style.WRAPPED),
    Column(Field.BY, "By", Form.TEXT, width=120),
)

KPI_COLUMNS: tuple[Column, ...] = (
    Column(Field.KPI_ID, "KPI ID", Form.ID, required=True, width=90, style=Style.STRONG, aliases=("ID",)),
    Column(Field.KPI, "KPI", Form.TEXT, required=True, width=280, style=Style.WRAPPED),
    Column(Field.OWNER, "Owner", Form.TEXT, width=130),
    Column(Field.UNIT, "Unit", Form.TEXT, width=76),
    Column(Field.HEALTHY_FROM, "Healthy from", Form.NUMBER, width=92, style=Style.NUMBER),
    Column(Field.HEALTHY_TO, "Healthy to", Form.NUMBER, width=92, style=Style.NUMBER),
    Column(Field.CURRENT, "Current", Form.NUMBER, _M, width=92, style=Style.NUMBER),
    Column(Field.STATUS, "Status", Form.CHOICE, _M, width=96, style=Style.CENTRED, choices=tuple(Status)),
    Column(Field.WHY, "Why", Form.TEXT, _M, width=360, style=Style.WRAPPED, guarded=True),
    Column(Field.FRESHNESS, "Freshness", Form.DATE, _M, width=100, style=Style.DATE, guarded=True),
)

PEOPLE_COLUMNS: tuple[Column, ...] = (
    Column(Field.NAME, "Name", Form.TEXT, required=True, width=170, style=Style.STRONG),
    Column(Field.EMAIL, "E-mail", Form.TEXT, width=230, aliases=("Email", "Mail")),
    Column(Field.TEAM, "Team", Form.TEXT, width=120),
    Column(Field.MANAGER, "Manager", Form.TEXT, width=170),
    Column(Field.LEFT, "Left", Form.DATE, width=100, style=Style.DATE, note="The last day of somebody who left."),
)

HISTORY_COLUMNS: tuple[Column, ...] = (
    Column(Field.WHEN, "When", Form.TEXT, _D, width=140),
    Column(Field.RUN, "Run", Form.TEXT, _D, width=172),
    Column(Field.TAB, "Tab", Form.TEXT, _D, width=100),
    Column(Field.CYCLE, "Cycle", Form.TEXT, _D, width=80),
    Column(Field.ROW_ID, "ID", Form.ID, _D, width=90, style=Style.STRONG),
    Column(Field.CHANGED, "Field", Form.TEXT, _D, width=100),
    Column(Field.OLD, "Old", Form.TEXT, _D, width=120, style=Style.CENTRED),
    Column(Field.NEW, "New", Form.TEXT, _D, width=120, style=Style.CENTRED),
    Column(Field.REASON, "Reason", Form.TEXT, _D, width=420, style=Style.WRAPPED),
)

RUN_COLUMNS: tuple[Column, ...] = (
    Column(Field.RUN, "Run", Form.TEXT, _D, width=172, style=Style.STRONG),
    Column(Field.WHEN, "Started", Form.TEXT, _D, width=140),
    Column(Field.FINISHED, "Finished", Form.TEXT, _D, width=140),
    Column(Field.RESULT, "Result", Form.TEXT, _D, width=90, style=Style.CENTRED),
    Column(Field.MOVED, "Moved", Form.NUMBER, _D, width=70, style=Style.NUMBER),
    Column(Field.AGED, "Aged", Form.NUMBER, _D, width=70, style=Style.NUMBER),
    Column(Field.HELD, "Held", Form.NUMBER, _D, width=70, style=Style.NUMBER),
    Column(Field.GAPS, "Gaps", Form.NUMBER, _D, width=70, style=Style.NUMBER),
    Column(Field.PROBLEMS, "Problems", Form.NUMBER, _D, width=80, style=Style.NUMBER),
    Column(Field.REMARK, "Remark", Form.TEXT, _D, width=520, style=Style.WRAPPED),
)

COLUMNS: dict[Tab, tuple[Column, ...]] = {
    Tab.KEY_RESULTS: KEY_RESULT_COLUMNS,
    Tab.OBJECTIVES: OBJECTIVE_COLUMNS,
    Tab.STEPS: STEP_COLUMNS,
    Tab.CHECK_INS: CHECK_IN_COLUMNS,
    Tab.KPIS: KPI_COLUMNS,
    Tab.PEOPLE: PEOPLE_COLUMNS,
    Tab.HISTORY: HISTORY_COLUMNS,
    Tab.RUNS: RUN_COLUMNS,
}

ID_FIELD: dict[Tab, Field] = {
    Tab.KEY_RESULTS: Field.KR_ID,
    Tab.OBJECTIVES: Field.OBJECTIVE_ID,
    Tab.KPIS: Field.KPI_ID,
}

FORMS: dict[Tab, dict[Field, Form]] = {
    tab: {column.field: column.form for column in columns} for tab, columns in COLUMNS.items()
}

MACHINE_FIELDS: dict[Tab, tuple[Field, ...]] = {
    tab: tuple(column.field for column in COLUMNS[tab] if column.role is Role.MACHINE) for tab in MERGED
}


def find_column(tab: Tab, field: Field) -> Column:
    """The column that holds a field in a tab. Raises KeyError when the tab has no such column."""
    for column in COLUMNS[tab]:
        if column.field is field:
            return column
    raise KeyError(f"{tab} has no column {field}")


TAB_COLOURS: dict[Tab, str] = {
    Tab.DASHBOARD: "2B6CB0",
    Tab.OBJECTIVES: "1F3A5F",
    Tab.KEY_RESULTS: "1F3A5F",
    Tab.STEPS: "7C93B2",
    Tab.CHECK_INS: "7C93B2",
    Tab.KPIS: "7C93B2",
    Tab.PEOPLE: "7C93B2",
    Tab.HISTORY: "9CA3AF",
    Tab.RUNS: "9CA3AF",
    Tab.GUIDE: "2E7D4F",
}
"""The colours of the tabs as RRGGBB: the overview, what people fill in, what the machine keeps, what teaches."""
