"""How a plan wants Current shown: by the row's unit and target, and never over a format that a person chose."""

from decimal import Decimal

from sync.sheet.cell import Cell
from sync.sheet.layout import Field, Tab
from sync.sheet.number_format import plain_code
from tests.unit.sync_plans import asked_of, plan_of
from tests.unit.sync_sheets import kpi_row, kr, percent


def written(rows, **values):
    plan = plan_of(rows, asked_of(**values))
    return [write for row in plan.rows for write in row.cells if write.field is Field.CURRENT]


def test_a_key_result_and_a_kpi_are_shown_by_their_unit_and_aim():
    rows = {
        Tab.KEY_RESULTS: [kr("A", unit="€", target=Decimal(5000)), kr("B", target=Decimal(5))],
        Tab.KPIS: [kpi_row("K", unit="days", healthy_to=Decimal(50))],
    }
    found = [write.code for write in written(rows, A="1240.44", B="1.234", K="12.34")]
    assert found == [
        plain_code(Decimal("1240.44"), "€", Decimal(5000)),
        plain_code(Decimal("1.234"), "", Decimal(5)),
        plain_code(Decimal("12.34"), "days", Decimal(50)),
    ]
    assert len(set(found)) == 3


def test_a_share_has_the_format_of_shares_and_a_person_s_format_is_left():
    own = Cell(Decimal(3), "3 €", has_own_format=True)
    share, theirs = (
        written({Tab.KEY_RESULTS: [row]}, A="0.5")
        for row in (kr("A", baseline=percent(0), target=percent(Decimal("0.6"))), kr("A", current=own))
    )
    assert [(write.is_percent, write.code) for write in share] == [(True, None)]
    assert [write.is_percent for write in theirs] in ([], [None])
