"""The sheet's tabs and fields: the words for places in it. Their headers and looks are in ``columns``."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from sync.sheet.cell import Form
from sync.sheet.style import Style

LAYOUT_VERSION = 4
"""What ``layout`` makes; what each version added stands in ``growth``."""


class Tab(StrEnum):
    """The tabs. The values are the titles that ``layout`` gives; ``sheet.tabs`` maps them to other titles."""

    DASHBOARD = "Dashboard"
    OBJECTIVES = "Objectives"
    KEY_RESULTS = "Key Results"
    STEPS = "Steps"
    CHECK_INS = "Check-ins"  # one a cycle: "Check-ins 2026-Q4"
    KPIS = "KPIs"
    PEOPLE = "People"
    HISTORY = "History"  # one a cycle: "History 2026-Q4"
    RUNS = "Runs"
    GUIDE = "Guide"
    LEDGER = "_okr_sync"


PER_CYCLE = (Tab.CHECK_INS, Tab.HISTORY)
DRAWN = (Tab.DASHBOARD, Tab.GUIDE)
BEFORE_TITLE = "_okr_sync_before_"  # hidden guards and pre-images: one per tab in MERGED, numbered from 1
TEAM_TABS = (
    Tab.DASHBOARD,
    Tab.OBJECTIVES,
    Tab.KEY_RESULTS,
    Tab.KPIS,
)
"""Each team's own, where several teams keep a tab of key results each in one sheet."""

MERGED = (Tab.KEY_RESULTS, Tab.OBJECTIVES, Tab.KPIS)  # the tabs that hold machine cells among people's


def guard_title(number: int, ledger: str = Tab.LEDGER.value) -> str:
    """The title of a hidden guard tab beside a ledger; they count from 1."""
    return f"{ledger}_before_{number}"


def team_ledger(team: str) -> str:
    """The title of a team's own ledger: letters and digits alone, so that a formula names it without quotes.

    Titles of tabs don't differ by case alone; four letters of a hash tell teams apart that would be spelt alike.
    """
    if not team:
        return Tab.LEDGER.value
    word = re.sub(r"[^a-z0-9]+", "_", team.casefold()).strip("_")
    mark = hashlib.sha256(team.casefold().encode("utf-8", "replace")).hexdigest()[:4]
    return "_".join(filter(None, (Tab.LEDGER.value, word, mark)))


class Role(StrEnum):
    """Who writes a column: people, the machine (by the merge law), or the machine as mere drawing."""

    PERSON = "person"
    MACHINE = "machine"
    DRAWN = "drawn"


class Field(StrEnum):
    """Every column of every tab. The values are stable names, kept in the ledger and in developer metadata."""

    KR_ID = "kr_id"
    KEY_RESULT = "key_result"
    OWNER = "owner"
    CURRENT = "current"
    TARGET = "target"
    PROGRESS = "progress"
    SCORE = "score"
    STATUS = "status"
    WHY = "why"
    CHANGE = "change"
    FRESHNESS = "freshness"
    CONFIDENCE = "confidence"
    NEXT_STEP = "next_step"
    NOTES = "notes"
    OBJECTIVE_ID = "objective_id"
    KIND = "kind"
    BASELINE = "baseline"
    TARGET_TO = "target_to"
    UNIT = "unit"
    WEIGHT = "weight"
    COMMITMENT = "commitment"
    START = "start"
    DUE = "due"
    CYCLE = "cycle"
    APPROVED = "approved"
    AT_CLOSE = "at_close"
    PACE = "pace"
    FORECAST = "forecast"
    TREND = "trend"
    UPDATED = "updated"
    SOURCE = "source"
    HINT = "hint"
    OBJECTIVE = "objective"
    LEVEL = "level"
    TEAM = "team"
    PARENT = "parent"
    COVERAGE = "coverage"
    STEP = "step"
    EXPECTED = "expected"
    DONE = "done"
    DATE = "date"
    COMMENT = "comment"
    BLOCKER = "blocker"
    BY = "by"
    KPI_ID = "kpi_id"
    KPI = "kpi"
    HEALTHY_FROM = "healthy_from"
    HEALTHY_TO = "healthy_to"
    NAME = "name"
    EMAIL = "email"
    MANAGER = "manager"
    LEFT = "left"
    WHEN = "when"
    RUN = "run"
    TAB = "tab"
    ROW_ID = "row_id"
    CHANGED = "changed"
    OLD = "old"
    NEW = "new"
    REASON = "reason"
    FINISHED = "finished"
    RESULT = "result"
    MOVED = "moved"
    AGED = "aged"
    HELD = "held"
    GAPS = "gaps"
    PROBLEMS = "problems"
    REMARK = "remark"


SIGNIFICANT = frozenset({Field.CURRENT, Field.SCORE, Field.STATUS, Field.CONFIDENCE, Field.COVERAGE})
"""The machine fields whose change is a change. All other machine fields move with time and follow along."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it holds, who writes it, and how it looks. ``width`` is in pixels at 100 %."""

    field: Field
    header: str
    form: Form
    role: Role = Role.PERSON
    required: bool = False
    width: int = 100
    note: str = ""
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None  # whole numbers that make sense here, both ends inclusive
    is_person: bool = False  # a name out of People
    aliases: tuple[str, ...] = ()
    style: Style = Style.TEXT
    group: str | None = None  # columns of one group are folded together
    guarded: bool = False  # warn-only protection
    since: int = 1  # the layout version that first had it
    spare: bool = False  # a machine column that nobody misses
