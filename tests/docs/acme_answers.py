"""What the examples of mapping files give at Acme: all of them asked at once, over sockets, by the real connectors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connectors.gather import Budget, gather
from connectors.testing import FakeTime
from mappings.evaluate import Bound, evaluate, expand, expand_kpi
from mappings.model import Gap, Outcome
from mappings.resolve import resolve
from okr.model import Cycle, Key, KeyResult, Kpi
from sandbox.acme import AIRTABLE_TOKEN, TIMEZONE, acme_cycle
from sandbox.airtable import Airtable as AirtableService
from sandbox.clock import Clock
from sandbox.jira import Jira as JiraService
from sandbox.server import Server
from sandbox.world import World, make_acme
from tests.docs.pages import ROOT, blocks, read
from tests.docs.test_mappings_page import GRAMMARS
from tests.support.acme_sources import make_connectors

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
HERE = frozenset({"jira", "crm", "surveys"})
COOKBOOK = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/cookbook").glob("*.yaml"))}
PAGE = {f"mappings.md, example {n}": text for n, text in enumerate(blocks(read("docs/mappings.md"), "yaml"), 1)}
_GOAL = re.compile(r"^# Baseline ([\d.]+)(%?) → target ([\d.]+)(%?) ?[^\n]*\.$", re.MULTILINE)
_ACME = acme_cycle(NOW.date())
_CYCLE = Cycle(_ACME.name, _ACME.start, _ACME.end)
_ZONE = ZoneInfo(TIMEZONE)

Answers = dict[tuple[str, str], Outcome]


@dataclass(frozen=True)
class Asked:
    world: World
    outcomes: Answers


def goal(text: str) -> dict[str, object]:
    """Baseline and target as the header says them, as the sheet's cells would hold them."""
    found = _GOAL.search(text)
    if found is None:
        return {"target": Decimal(10)}
    baseline, share, target, also = found.groups()
    assert share == also
    by = 100 if share else 1
    return {"baseline": Decimal(baseline) / by, "target": Decimal(target) / by, "is_share": bool(share)}


def bind(texts: Mapping[str, str]) -> dict[tuple[str, str], Bound | Gap]:
    """Every example of Jira and Airtable, by its file and id, for a row that Inés Carrasco owns."""
    bound = {}
    for name, text in texts.items():
        mappings, problems = resolve({name: text}, GRAMMARS)
        assert problems == ()
        for id_, mapping in mappings.key_results.items():
            row = KeyResult(Key(_ACME.name, id_), id_, owner="Inés Carrasco", **goal(text))  # type: ignore[arg-type]
            bound[name, id_] = expand(mapping, row, _CYCLE, NOW, _ZONE)
        for id_, mapping in mappings.kpis.items():
            bound[name, id_] = expand_kpi(mapping, Kpi(id_, id_), NOW, _ZONE)
    return {key: one for key, one in bound.items() if isinstance(one, Gap) or _is_here(one)}


def _is_here(bound: Bound) -> bool:
    return {metric.query.source for metric in bound.metrics} <= HERE


def ask(texts: Mapping[str, str]) -> Asked:
    """Serve Acme, ask for everything in one go, and say what came of each."""
    world, time = make_acme(Clock(NOW), NOW.date()), FakeTime(NOW)
    jira = JiraService(world.jira)
    airtable = AirtableService(world.bases.values(), {AIRTABLE_TOKEN: None}, clock=world.clock)
    bound = bind(texts)
    with Server(jira, airtable):
        connectors = make_connectors(jira, airtable, time)
        metrics = [metric for one in bound.values() if isinstance(one, Bound) for metric in one.metrics]
        found = gather(metrics, connectors, budget=Budget(), around=time.around())
        for connector in connectors.values():
            connector.close()
    assert (jira.failures, airtable.failures) == ([], [])
    return Asked(world, {key: one if isinstance(one, Gap) else evaluate(one, found) for key, one in bound.items()})
