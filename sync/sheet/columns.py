"""Every column of every tab, by tab: what it holds, who writes it, how it looks, and the note that teaches it."""

from __future__ import annotations

from sync.sheet.cell import Form
from sync.sheet.columns_engine import HISTORY_COLUMNS, RUN_COLUMNS
from sync.sheet.columns_key_results import KEY_RESULT_COLUMNS
from sync.sheet.columns_people import (
    CHECK_IN_COLUMNS,
    KPI_COLUMNS,
    OBJECTIVE_COLUMNS,
    PEOPLE_COLUMNS,
    STEP_COLUMNS,
)
from sync.sheet.layout import MERGED, Column, Field, Role, Tab

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


FROZEN_COLUMNS: dict[Tab, int] = {Tab.KEY_RESULTS: 2, Tab.OBJECTIVES: 2, Tab.KPIS: 2, Tab.STEPS: 2, Tab.CHECK_INS: 2}
"""How many first columns stay in sight: a row's id and its name. One where a tab isn't named."""

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
