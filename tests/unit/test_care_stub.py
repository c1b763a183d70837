"""The line that check offers for a key result without a mapping: a guess that can be used as it stands."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.registry import load_factory
from mappings.mapping import Mappings
from mappings.resolve import resolve
from okr.model import Key, KeyResult, Kind
from sync.care.stub import guess_measure, make_stub
from sync.config import parse_config
from sync.load import Project, Source
from tests.unit.test_mappings_suits import PLAIN

CONFIG = """
sheet: {workbook: okrs.xlsx}
sources:
  jira: {kind: jira, url: 'https://a.example', email: a@a.example, token: 'env:T'}
  crm: {kind: airtable, base: appAcmeCrm0Deals1, token: 'env:T'}
mappings: mappings.yaml
"""


def make_project() -> Project:
    config, problems = parse_config(CONFIG, "config.yaml")
    assert config is not None, problems
    kinds = {"jira": "jira", "crm": "airtable"}
    sources = {name: Source(name, load_factory(kind), None) for name, kind in kinds.items()}  # type: ignore[arg-type]
    return Project(config, Path(), sources, Mappings(), ())


@pytest.mark.parametrize(
    ("kr", "source", "measure"),
    [
        (replace(PLAIN, name="Fewer bugs from customers"), "jira", "count"),
        (replace(PLAIN, name="Epic shipped", is_share=True), "jira", "share"),
        (replace(PLAIN, name="Revenue", unit="€"), "crm", "sum"),
        (replace(PLAIN, name="Win rate", target=Decimal("0.3"), is_share=True), "crm", "share"),
        (replace(PLAIN, name="NPS of hospitals"), "crm", "nps"),
        (replace(PLAIN, name="Time to close deals", unit="days"), "crm", "days"),
        (replace(PLAIN, name="Something", unit="workdays"), "jira", "days"),
        (replace(PLAIN, name="Until a customer is back", unit="minutes"), "crm", "time"),
        (replace(PLAIN, name="Incidents are over soon", unit="h"), "jira", "time"),
        (replace(PLAIN, name="Move", kind=Kind.MILESTONES), "jira", "steps"),
    ],
)
def test_guesses_by_unit_and_name(kr: KeyResult, source: str, measure: str) -> None:
    project = make_project()
    line = make_stub(project, kr)
    assert guess_measure(kr) == measure
    assert f"{{{source}: " in line
    mappings, problems = resolve(
        {"m.yaml": f"key_results:\n  {line}\n"}, {name: each.factory.grammar for name, each in project.sources.items()}
    )
    assert problems == ()
    assert list(mappings.key_results) == ["A"]


@pytest.mark.parametrize("id_", ["1.10", "no", "WEB 1", "O1: KR2", "#3", "'4'", "größe", "2026-10-01", "~"])
def test_an_id_is_quoted_where_yaml_would_read_another(id_: str) -> None:
    project = make_project()
    line = make_stub(project, replace(PLAIN, key=Key(PLAIN.key.cycle, id_)))
    grammars = {name: each.factory.grammar for name, each in project.sources.items()}
    mappings, problems = resolve({"m.yaml": f"key_results:\n  {line}\n"}, grammars)
    assert problems == ()
    assert list(mappings.key_results) == [id_]
