from decimal import Decimal

from okr.model import Key, Kpi, Okrs, ScoringRules, Standing, Status
from sync.scores import make_scores
from tests.unit.okr_rows import CYCLE, TODAY, key_result, known, objective, reading

D = Decimal
A, TOP, UPPER = (Key("2026-Q4", own_id) for own_id in ("A", "O", "P"))
K = Key("", "K")


def scores_of(standings, objectives=None, kpis=None, *, parents=()):
    okrs = Okrs(
        {CYCLE.name: CYCLE},
        (objective("O", parent="P" if parents else None), *parents),
        tuple(key_result(own_id, baseline=0, objective="O") for own_id in ("A", "B")),
        (Kpi("K", "Uptime", healthy_from=D(1)),),
        (),
        (),
    )
    tops = {item.key: Standing() for item in okrs.objectives} | (objectives or {})
    return make_scores(okrs, known(**standings), tops, kpis or {K: reading(2)}, ScoringRules(), TODAY)


def test_without_holds_everything_is_the_card():
    scores = scores_of({"A": 4, "B": 2})
    assert (scores.own, scores.unnamed, scores.own_objectives, scores.own_kpis) == ({}, {}, {}, {})
    assert scores.card.objectives[TOP].score == D("0.3")


def test_a_held_score_rolls_up_and_the_machines_own_want_stays_its_own():
    scores = scores_of({"A": reading(4, held_score=D("0.8")), "B": 2})
    assert scores.card.key_results[A].score == D("0.8")
    assert scores.card.objectives[TOP].score == D("0.5")  # (0.8 + 0.2) / 2
    assert set(scores.own) == {A}
    assert scores.own[A].score == D("0.4")
    assert scores.unnamed[A].score == D("0.8")


def test_a_held_score_decides_the_status_that_is_wanted():
    scores = scores_of({"A": reading(1, held_score=D("0.9")), "B": 2})
    assert scores.own[A].status is Status.OFF_TRACK
    assert scores.unnamed[A].status is Status.ON_TRACK
    assert scores.card.key_results[A].status is Status.ON_TRACK


def test_a_held_status_rolls_up_and_the_machine_goes_on_wanting_its_own():
    scores = scores_of({"A": reading(6, held_status=Status.OFF_TRACK), "B": 6})
    assert scores.card.key_results[A].status is Status.OFF_TRACK
    assert scores.card.objectives[TOP].status is Status.OFF_TRACK
    assert scores.unnamed[A].status is Status.ON_TRACK
    assert scores.own[A].status is Status.ON_TRACK


def test_a_held_score_beside_a_held_status():
    scores = scores_of({"A": reading(1, held_score=D("0.9"), held_status=Status.AT_RISK), "B": 2})
    assert scores.card.key_results[A].status is Status.AT_RISK
    assert scores.unnamed[A].status is Status.ON_TRACK  # by the held score
    assert scores.own[A].status is Status.OFF_TRACK


def test_an_objectives_held_score_rolls_up_too():
    held = {TOP: Standing(held_score=D("0.9"))}
    scores = scores_of({"A": 4, "B": 2}, held, parents=(objective("P"),))
    assert scores.card.objectives[TOP].score == D("0.9")
    assert scores.card.objectives[UPPER].score == D("0.9")
    assert set(scores.own_objectives) == {TOP}
    assert scores.own_objectives[TOP].score == D("0.3")
    assert scores.unnamed_objectives[TOP].score == D("0.9")


def test_a_held_key_result_counts_in_its_objectives_own_score():
    """The objective's own want leaves out its own hold, not those below it."""
    scores = scores_of({"A": reading(4, held_score=D("0.8")), "B": 2}, {TOP: Standing(held_score=D("0.1"))})
    assert scores.own_objectives[TOP].score == D("0.5")


def test_a_kpis_held_status():
    scores = scores_of({"A": 4, "B": 2}, kpis={K: reading(0, held_status=Status.ON_TRACK)})
    assert scores.card.kpis[K].status is Status.ON_TRACK
    assert scores.own_kpis[K].status is Status.OFF_TRACK
