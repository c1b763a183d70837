"""What the rules say of one KPI on one day: a health metric outside cycles, healthy while it stays in its band."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from okr.assess import find_error, render_fault
from okr.definition import check_kpi
from okr.model import Kpi, Origin, Standing, Status, StatusRule
from okr.number import render_bare, render_number
from okr.result import KpiResult
from okr.why import render_gap, render_unscored
from okr.words import OURS


def make_kpi_result(kpi: Kpi, standing: Standing, today: date, rule: StatusRule = OURS) -> KpiResult:
    """On track inside the healthy band, both ends included; off track outside; no data without a value."""
    problems = (*kpi.problems, *check_kpi(kpi))
    fault = find_error(problems)
    value = standing.value if standing.value is not None and standing.value.is_finite() else None
    if fault is not None:
        status, why = Status.NO_DATA, render_fault(fault)
    elif value is None:
        status = standing.held_status or Status.NO_DATA
        reason = f"no value yet: {standing.gap}" if standing.gap else "no value typed yet"
        why = render_unscored(Status.NO_DATA, reason, standing, rule)
    else:
        inside = _is_healthy(kpi, value)
        ruled = Status.ON_TRACK if inside else Status.OFF_TRACK
        status = standing.held_status or ruled
        said = _render_kpi(kpi, value, inside, standing)
        why = render_unscored(ruled, said, standing, rule) + render_gap(standing, today)
    return KpiResult(kpi.key, value, status, why, problems)


def _is_healthy(kpi: Kpi, value: Decimal) -> bool:
    above = kpi.healthy_from is None or value >= kpi.healthy_from
    return above and (kpi.healthy_to is None or value <= kpi.healthy_to)


def _render_kpi(kpi: Kpi, value: Decimal, inside: bool, standing: Standing) -> str:
    low, high = kpi.healthy_from, kpi.healthy_to
    if low is None:
        assert high is not None
        band = f"up to {render_number(high, kpi.unit)}"
    elif high is None:
        band = f"from {render_number(low, kpi.unit)}"
    else:
        band = f"{render_bare(low, kpi.unit)} to {render_number(high, kpi.unit)}"
    verdict = "healthy" if inside else "not healthy"
    by = ", typed over by a person," if standing.origin is Origin.HELD else ""
    return f"{render_number(value, kpi.unit)}{by} is {verdict} ({band})"
