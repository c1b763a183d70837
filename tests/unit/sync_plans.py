"""Short ways to a plan: what came back from the sources, rows, and what the machine makes of them."""

from decimal import Decimal

from mappings.model import Gap, Reading
from sync.plan import make_plan
from sync.plan_task import PlanRules, make_tasks
from sync.scores import make_scores
from sync.sheet.layout import Tab
from sync.standings import Asked, make_standings
from tests.unit.sync_sheets import (
    NOW,
    Q4,
    TODAY,
    row_key,
    snapshot_of,
)

D = Decimal
KR, KPI, OBJECTIVE = Tab.KEY_RESULTS, Tab.KPIS, Tab.OBJECTIVES
A, B, K, TOP = row_key("A"), row_key("B"), row_key("K", KPI), row_key("O", OBJECTIVE)
RULES = PlanRules(cycles=frozenset({Q4.name}))


def asked_of(**values):
    """What came back by id: numbers are readings."""
    keys = {own_id: K if own_id == "K" else row_key(own_id) for own_id in values}
    outcomes = {
        keys[own_id]: value if isinstance(value, Gap) else Reading(D(str(value)), NOW)
        for own_id, value in values.items()
        if value is not None
    }
    return Asked(dict.fromkeys(keys.values(), "desk: a number"), outcomes)


def plan_of(rows, asked=None, rules=RULES, *, ledger=None, now=NOW, problems=(), **rest):
    snapshot = snapshot_of(rows, ledger=ledger, **rest)
    return make_plan(snapshot, asked or asked_of(), rules, now, problems)


def tasks_of(rows, asked=None, rules=RULES, **rest):
    """The tasks by key, and the key results' scorecard that they follow from."""
    asked = asked or asked_of()
    snapshot = snapshot_of(rows, **rest)
    standings = make_standings(snapshot, asked, NOW)
    key_results = {key.key: item.standing for key, item in standings.items() if key.tab is KR}
    kpis = {key.key: item.standing for key, item in standings.items() if key.tab is KPI}
    scores = make_scores(snapshot.okrs, key_results, {}, kpis, rules.scoring, TODAY)
    return {task.key: task for task in make_tasks(snapshot, asked, standings, scores, rules, TODAY)}
