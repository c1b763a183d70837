"""Short ways to write what a Dashboard has to say, for tables of cases."""

from datetime import UTC, datetime
from decimal import Decimal

from okr.model import Key, Okrs, Status
from okr.result import KeyResultResult, ObjectiveResult, Scorecard
from sync.sheet.dashboard_facts import DashboardFacts
from tests.unit.okr_rows import CYCLE, TODAY, key_result, objective

D = Decimal


def result(own_id, score="0.5", status=Status.ON_TRACK, change=None):
    number = None if score is None else D(score)
    change = None if change is None else D(change)
    return KeyResultResult(Key("2026-Q4", own_id), number, number, number, status, f"why {own_id}", change=change)


def facts_of(*results, objectives=(), parents=None, **rest):
    """Facts of these key results; each belongs to the objective before its dot."""
    key_results = tuple(key_result(item.key.id, objective=item.key.id.split(".")[0], owner="Mira") for item in results)
    known = [objective(own_id, parent=(parents or {}).get(own_id)) for own_id in objectives]
    shown = {item.key: ObjectiveResult(item.key, D("0.5"), Status.ON_TRACK, "It moves.", "1 of 1") for item in known}
    okrs = Okrs({CYCLE.name: CYCLE}, tuple(known), key_results, (), (), ())
    card = Scorecard(TODAY, {item.key: item for item in results}, shown, {})
    return DashboardFacts("Acme", CYCLE, datetime(2026, 11, 20, 7, 5, tzinfo=UTC), okrs, card, **rest)
