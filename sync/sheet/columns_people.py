"""The columns of the tables that people fill in beside Key Results: objectives, steps, check-ins, KPIs, people."""

from __future__ import annotations

from okr.model import Level, Status
from sync.sheet.cell import Form
from sync.sheet.columns_details import HINT
from sync.sheet.columns_key_results import CONFIDENCE
from sync.sheet.layout import Column, Field, Role
from sync.sheet.style import Style

_M = Role.MACHINE

OBJECTIVE_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.OBJECTIVE_ID,
        "Objective ID",
        Form.ID,
        required=True,
        width=96,
        style=Style.STRONG,
        aliases=("ID",),
        note="A short id that never changes, such as WEB-1. Key results point at it.",
    ),
    Column(
        Field.OBJECTIVE,
        "Objective",
        Form.TEXT,
        required=True,
        width=380,
        style=Style.WRAPPED,
        note="What the company, a team or a person wants to achieve, in words that people remember.",
    ),
    Column(
        Field.LEVEL,
        "Level",
        Form.CHOICE,
        width=90,
        choices=tuple(Level),
        note="Whose objective it is: the company's, a team's or one person's.",
    ),
    Column(Field.TEAM, "Team", Form.TEXT, width=110, note="The team that it belongs to. The Dashboard groups by it."),
    Column(Field.OWNER, "Owner", Form.TEXT, width=130, is_person=True, note="One person who answers for it."),
    Column(Field.PARENT, "Parent", Form.ID, width=80, note="The objective that this one serves."),
    Column(Field.CYCLE, "Cycle", Form.ID, width=80, note="Empty: the open cycle."),
    Column(
        Field.WEIGHT,
        "Weight",
        Form.NUMBER,
        width=70,
        style=Style.NUMBER,
        note="How much it counts within the objective that it serves. Empty: 1.",
    ),
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
    Column(
        Field.WHY,
        "Why",
        Form.TEXT,
        _M,
        width=380,
        style=Style.WRAPPED,
        guarded=True,
        note="Why the status is what it is: which key result holds it back.",
    ),
    Column(
        Field.COVERAGE,
        "Coverage",
        Form.TEXT,
        _M,
        width=84,
        style=Style.CENTRED,
        note="How many of its key results have data.",
    ),
    HINT,
)

STEP_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.KR_ID,
        "KR ID",
        Form.ID,
        required=True,
        width=86,
        style=Style.STRONG,
        note="The key result that this step belongs to. A key result may have many steps.",
    ),
    Column(
        Field.STEP,
        "Step",
        Form.TEXT,
        required=True,
        width=320,
        style=Style.WRAPPED,
        note="What will be finished: a milestone that is done or not done.",
    ),
    Column(Field.DUE, "Due", Form.DATE, width=100, style=Style.DATE, note="The day by which it should be done."),
    Column(
        Field.WEIGHT,
        "Weight",
        Form.NUMBER,
        width=70,
        style=Style.NUMBER,
        note="How much it counts among the steps of its key result. Empty: 1.",
    ),
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
    Column(
        Field.DATE,
        "Date",
        Form.DATE,
        required=True,
        width=100,
        style=Style.DATE,
        note="The day of this check-in. A line a week per key result is plenty.",
    ),
    Column(
        Field.KR_ID,
        "KR ID",
        Form.ID,
        required=True,
        width=86,
        style=Style.STRONG,
        note="The key result that it is about.",
    ),
    Column(
        Field.CONFIDENCE,
        "Confidence",
        Form.NUMBER,
        width=96,
        style=Style.CENTRED,
        between=CONFIDENCE,
        note="1 (no chance) to 10 (certain).",
    ),
    Column(
        Field.COMMENT,
        "Comment",
        Form.TEXT,
        width=360,
        style=Style.WRAPPED,
        note="What happened since the last one, in a sentence.",
    ),
    Column(
        Field.BLOCKER,
        "Blocker",
        Form.TEXT,
        width=240,
        style=Style.WRAPPED,
        note="What stands in the way, and who could take it away.",
    ),
    Column(
        Field.NEXT_STEP, "Next step", Form.TEXT, width=240, style=Style.WRAPPED, note="What happens next, and by when."
    ),
    Column(Field.BY, "By", Form.TEXT, width=120, is_person=True, note="Who writes this."),
)

KPI_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.KPI_ID,
        "KPI ID",
        Form.ID,
        required=True,
        width=90,
        style=Style.STRONG,
        aliases=("ID",),
        note="A short id that never changes. Mapping files point at it.",
    ),
    Column(
        Field.KPI,
        "KPI",
        Form.TEXT,
        required=True,
        width=280,
        style=Style.WRAPPED,
        note="A health metric: it should stay in its band, whatever this cycle is about.",
    ),
    Column(Field.OWNER, "Owner", Form.TEXT, width=130, is_person=True, note="One person who answers for it."),
    Column(Field.UNIT, "Unit", Form.TEXT, width=76, note="What is counted: €, %, days, tickets …"),
    Column(
        Field.HEALTHY_FROM,
        "Healthy from",
        Form.NUMBER,
        width=92,
        style=Style.NUMBER,
        note="Below this it is unhealthy. Empty: no lower end.",
    ),
    Column(
        Field.HEALTHY_TO,
        "Healthy to",
        Form.NUMBER,
        width=92,
        style=Style.NUMBER,
        note="Above this it is unhealthy. Empty: no upper end.",
    ),
    Column(
        Field.CURRENT,
        "Current",
        Form.NUMBER,
        _M,
        width=92,
        style=Style.NUMBER,
        note="Where it stands now. Type over it when you know better: your value is kept until you clear the cell.",
    ),
    Column(
        Field.STATUS,
        "Status",
        Form.CHOICE,
        _M,
        width=96,
        style=Style.CENTRED,
        choices=tuple(Status),
        note="Whether it is inside its band. Type over it when you know better.",
    ),
    Column(
        Field.WHY,
        "Why",
        Form.TEXT,
        _M,
        width=360,
        style=Style.WRAPPED,
        guarded=True,
        note="Why the status is what it is, in one sentence.",
    ),
    Column(
        Field.FRESHNESS,
        "Freshness",
        Form.DATE,
        _M,
        width=100,
        style=Style.DATE,
        guarded=True,
        note="The day on which the current value was last known to be true. The row turns grey when it is old.",
    ),
)

PEOPLE_COLUMNS: tuple[Column, ...] = (
    Column(
        Field.NAME,
        "Name",
        Form.TEXT,
        required=True,
        width=170,
        style=Style.STRONG,
        note="The name as it stands in Owner.",
    ),
    Column(Field.EMAIL, "E-mail", Form.TEXT, width=230, aliases=("Email", "Mail"), note="Where reminders go."),
    Column(Field.TEAM, "Team", Form.TEXT, width=120, note="The team that this person belongs to."),
    Column(
        Field.MANAGER,
        "Manager",
        Form.TEXT,
        width=170,
        is_person=True,
        note="Who is told when something stays open for long.",
    ),
    Column(Field.LEFT, "Left", Form.DATE, width=100, style=Style.DATE, note="The last day of somebody who left."),
)
