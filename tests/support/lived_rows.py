"""The rows that a lived sheet begins with: three mapped key results and a manual one, their objective, and a KPI."""

from __future__ import annotations

from decimal import Decimal

from sync.sheet.cell import CellValue
from sync.sheet.layout import Field, Tab
from tests.support.peopled_sheet import KPI

ROWS: tuple[tuple[Tab, dict[Field, CellValue]], ...] = (
    (Tab.OBJECTIVES, {Field.OBJECTIVE_ID: "O", Field.OBJECTIVE: "Be good"}),
    *(
        (
            Tab.KEY_RESULTS,
            {
                Field.KR_ID: own_id,
                Field.KEY_RESULT: f"Result {own_id}",
                Field.OBJECTIVE_ID: "O",
                Field.BASELINE: Decimal(0),
                Field.TARGET: Decimal(3),
                Field.NOTES: f"a person's own {own_id}",
            },
        )
        for own_id in ("A", "B", "C", "M")
    ),
    (Tab.KPIS, {Field.KPI_ID: KPI, Field.KPI: "Uptime", Field.HEALTHY_FROM: Decimal(1)}),
)
