"""What ``release`` is about: cells by row, column and tab, held ones or those that wait; and what it makes of them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from okr.problem import UnknownWord
from sync.care.release import cells_of, find_kept, make_wish
from sync.sheet.layout import Field, Tab
from tests.unit.sync_sheets import HEAD, TODAY, cell, kpi_row, kr, objective_row
from tests.unit.test_sync_plan import Sheet, told

IDS = frozenset({"A", "B", "K", "O"})
ADOPTED = frozenset({"Key Results/score", "Key Results/current", "Key Results/why", "KPIs/current", "Objectives/score"})


def waiting() -> Sheet:
    """A sheet that people filled in before okr-sync came."""
    typed = {"current": 7, "score": cell(Decimal("0.9")), "why": "because"}
    sheet = Sheet(
        kr("A", **typed), kr("B", **typed), objectives=[objective_row("O", score=cell(Decimal("0.2")))],
        kpis=[kpi_row("K", current=9, healthy_from=5)], A=3, B=4, K=6,
    )  # fmt: skip
    sheet.head = replace(HEAD, refreshed=TODAY, adopted=ADOPTED)
    sheet.apply()
    return sheet


def names(kept) -> set[tuple[str, str]]:
    return {(item.key.id, item.field.value) for item in kept}


OF_A = {("A", "current"), ("A", "score"), ("A", "why")}
OF_B = {("B", "current"), ("B", "score"), ("B", "why")}


@pytest.mark.parametrize(
    ("words", "tab", "expected"),
    [
        ((), "", OF_A | OF_B | {("K", "current"), ("O", "score")}),
        (("A",), "", OF_A),
        (("A", "Score"), "", {("A", "score")}),
        (("score",), "", {("A", "score"), ("B", "score"), ("O", "score")}),
        ((), "KPIs", {("K", "current")}),
        ((), "ergebnisse", OF_A | OF_B),
        (("Score",), "Objectives", {("O", "score")}),
    ],
)
def test_what_waits_is_accepted_by_cell_row_or_tab(words: tuple[str, ...], tab: str, expected: set):
    sheet = waiting()
    titles = {Tab.KEY_RESULTS: "Ergebnisse", Tab.KPIS: "KPIs", Tab.OBJECTIVES: "Objectives"}
    kept = find_kept(sheet.plan(), make_wish(words, IDS, waiting=True, tab=tab, titles=titles))
    assert names(kept) == expected
    plan = sheet.apply(release=cells_of(kept))
    assert {(own_id, field.value) for own_id, field, old, _ in told(plan) if old is not None} >= expected
    still = {(item.key.id, item.field.value) for row in plan.rows for item in row.takeovers}
    assert not still & expected


def test_what_was_not_accepted_still_stands():
    sheet = waiting()
    kept = find_kept(sheet.plan(), make_wish(("A", "Score"), IDS, waiting=True))
    sheet.apply(release=cells_of(kept))
    assert sheet.value(Field.SCORE) != Decimal("0.9")
    assert sheet.value(Field.SCORE, 1) == Decimal("0.9")
    assert sheet.value(Field.CURRENT) == 7


def test_a_tab_that_is_none():
    with pytest.raises(UnknownWord, match=r"“Steps” is no tab with machine cells\."):
        make_wish((), IDS, waiting=True, tab="Steps")
