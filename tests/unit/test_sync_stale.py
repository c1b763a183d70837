"""What is old says so, wherever it is rolled up into."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Good
from sync.sheet.rules import STALE_WHY
from tests.unit.sync_plans import asked_of, plan_of
from tests.unit.sync_sheets import HEAD, NOW, kr, ledger_tab, objective_row, row_key

DOWN = Gap(GapKind.UNAVAILABLE, "503", source="jira")
OLDER, OLD = (replace(NO_ENTRY, good=Good(Decimal(5), NOW - timedelta(days=days))) for days in (9, 6))
LEDGER = ledger_tab({row_key("A"): OLDER, row_key("B"): OLD}, HEAD)


@pytest.mark.parametrize(
    ("answers", "begins"),
    [
        ({"A": DOWN, "B": DOWN}, f"{STALE_WHY}: nothing below is newer than 16 Nov. "),
        ({"A": DOWN, "B": 5}, ""),
        ({"A": 5, "B": 5}, ""),
    ],
)
def test_an_objective_says_that_everything_below_it_is_old(answers, begins):
    rows = {Tab.KEY_RESULTS: [kr("A", current=5), kr("B", current=5)], Tab.OBJECTIVES: [objective_row()]}
    plan = plan_of(rows, asked_of(**answers), ledger=LEDGER)
    (row,) = [row for row in plan.rows if row.key.tab is Tab.OBJECTIVES]
    (why,) = [write.value for write in row.cells if write.field is Field.WHY]
    (result,) = plan.scorecard.objectives.values()
    assert why == f"{begins}{result.why}"
    assert result.why
