"""Acme's key results by our mappings and connectors, against the same numbers counted in plain Python."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.gather import Budget, gather
from connectors.testing import FakeTime
from mappings.evaluate import Bound, evaluate, expand, expand_kpi
from mappings.model import Gap, Outcome, Reading
from mappings.resolve import resolve
from okr.model import Cycle, Key, KeyResult, Kpi
from sandbox.acme import AIRTABLE_TOKEN, TIMEZONE, acme_cycle, acme_mappings
from sandbox.airtable import Airtable as AirtableService
from sandbox.clock import Clock
from sandbox.jira import Jira as JiraService
from sandbox.server import Server
from sandbox.world import make_acme
from sandbox.world_truth import true_values
from tests.support.acme_sources import GRAMMARS, make_connectors

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def bind_all(today: date) -> dict[str, Bound | Gap]:
    mappings, problems = resolve(acme_mappings(today), GRAMMARS)
    assert problems == ()
    acme, zone = acme_cycle(today), ZoneInfo(TIMEZONE)
    cycle = Cycle(acme.name, acme.start, acme.end)
    bound: dict[str, Any] = {}
    for id_, mapping in mappings.key_results.items():
        bound[id_] = expand(mapping, KeyResult(Key(acme.name, id_), id_, target=Decimal(1)), cycle, NOW, zone)
    for id_, mapping in mappings.kpis.items():
        bound[id_] = expand_kpi(mapping, Kpi(id_, id_), NOW, zone)
    return bound


@pytest.fixture(scope="module")
def run() -> tuple[dict[str, Bound | Gap], dict[str, Outcome], dict[str, Any], list[str], list[str]]:
    time = FakeTime(NOW)
    world = make_acme(Clock(NOW), NOW.date())
    jira = JiraService(world.jira)
    airtable = AirtableService(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=world.clock)
    bound = bind_all(NOW.date())
    with Server(jira, airtable):
        connectors = make_connectors(jira, airtable, time)
        metrics = [metric for one in bound.values() if isinstance(one, Bound) for metric in one.metrics]
        found = gather(metrics, connectors, budget=Budget(), around=time.around())
        for connector in connectors.values():
            connector.close()
    assert (jira.failures, airtable.failures) == ([], [])
    outcomes = {id_: one if isinstance(one, Gap) else evaluate(one, found) for id_, one in bound.items()}
    calls = [
        [f"{logged.method} {logged.path} {logged.body} {logged.query}" for logged in service.requests]
        for service in (jira, airtable)
    ]
    return bound, outcomes, true_values(world), *calls


def test_every_number_is_true(run: Any) -> None:
    bound, outcomes, truth, _, _ = run
    wrong = {}
    for id_, outcome in outcomes.items():
        value = outcome.value if isinstance(outcome, Reading) else outcome.doubted if isinstance(outcome, Gap) else None
        expected = truth[id_]
        scaled = None if value is None else float(value)
        near = pytest.approx(expected, rel=1e-9) if expected is not None else None
        percent = pytest.approx(expected * 100, rel=1e-9) if expected is not None else None
        if scaled != near and scaled != percent:
            wrong[id_] = (outcome, expected)
    assert wrong == {}
    assert len(outcomes) == len(bound) >= 45


def test_no_call_is_made_twice_and_tables_are_passed_over_once(run: Any) -> None:
    _, _, _, jira, airtable = run
    assert len(jira) == len(set(jira))
    assert len(airtable) == len(set(airtable))
    assert sum("/field" in call for call in jira) == 1
    assert sum("/myself" in call for call in jira) == 1
    assert not any("serverInfo" in call for call in jira)
