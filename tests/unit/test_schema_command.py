"""``okr-sync schema``: of this config's own sources, and how to tell an editor."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from mappings.own_keys import RESERVED_KEYS
from okr.problem import TextPlace
from sync.care.lint import check_files
from sync.care.schema import apply_schemas, make_config_schema
from sync.config import parse_config

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """\
sheet: {workbook: okrs.xlsx}
sources:
  tickets: {kind: jira, url: https://acme.atlassian.net, email: okr@acme.example, token: env:JIRA_TOKEN}
  crm: {kind: airtable, base: appAAAAAAAAAAAAAA, token: env:AIRTABLE_TOKEN}
mappings: mappings
"""
VALIDATOR = Draft7Validator(make_config_schema())


def load(text: str) -> object:
    """As an editor does, which knows no dates."""
    return yaml.load(text, Loader=Yaml12)


class Yaml12(yaml.SafeLoader):
    """Numbers, true and false, nothing else."""


Yaml12.yaml_implicit_resolvers = {
    sign: [(tag, found) for tag, found in each if not tag.endswith((":timestamp", ":merge"))]
    for sign, each in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def complaints(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(load(text))]


def test_the_config_schema_takes_the_example_and_a_small_config() -> None:
    Draft7Validator.check_schema(VALIDATOR.schema)
    assert complaints((ROOT / "config.example.yaml").read_text()) == []
    assert complaints(CONFIG) == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("sheet: {", "shete: {"),
        ("workbook: okrs.xlsx", "workbook: [okrs.xlsx]"),
        ("kind: jira", "kind: jria"),
        ("kind: jira, ", ""),
        ("url: https", "adress: https"),
        ("email: okr@acme.example, ", "email: x, "),
        ("token: env:JIRA_TOKEN", "token: abc123"),
        ("base: appAAAAAAAAAAAAAA", "base: deals"),
        ("crm:", "metric:"),
        ("mappings: mappings", "mappings: {a: b}"),
        ("mappings: mappings", ""),
        ("mappings: mappings", "mappings: m\nscoring: {cap: 0.5}"),
        ("mappings: mappings", "mappings: m\nscoring: {cap: much}"),
        ("mappings: mappings", "mappings: m\nscoring: {settle_days: 1.5}"),
        ("mappings: mappings", "mappings: m\nstatus: {rule: guess}"),
        ("mappings: mappings", "mappings: m\ncalendar: {holidays: [0]}"),
        ("mappings: mappings", "mappings: m\ncalendar: {holidays: [25.12.2026]}"),
        ("mappings: mappings", "mappings: m\nsheet2: {}"),
    ],
)
def test_a_mistake_is_one_for_both(written: str, instead: str, tmp_path: Path) -> None:
    text = CONFIG.replace(written, instead, 1)
    assert text != CONFIG
    assert complaints(text) != []
    (tmp_path / "mappings").mkdir()
    (tmp_path / "config.yaml").write_text(text)
    found = check_files(tmp_path / "config.yaml")
    assert found.errors
    assert all(isinstance(problem.place, TextPlace) for problem in found.errors)


@pytest.mark.parametrize(
    "line",
    [
        "scoring: {cap: '1.5', settle_days: '3'}",
        "scoring: {cap: 1e0}",
        "version: 1",
        "version: '1'",
        "sheet: {workbook: 2026, takeover: no, heartbeat: 'yes'}",
        "calendar: {holidays: [2026-12-25, '2026-12-24'], year_starts: april}",
        "status: {rule: pace_gap, on_track: 0.0, at_risk: '0.1'}",
    ],
)
def test_what_the_parser_takes_the_schema_takes(line: str) -> None:
    key = line.split(":")[0]
    text = "\n".join(each for each in CONFIG.splitlines() if not each.startswith(f"{key}:")) + f"\n{line}\n"
    config, problems = parse_config(text, "config.yaml")
    assert config is not None, problems
    assert complaints(text) == []


def test_it_knows_this_configs_sources(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    made = apply_schemas(tmp_path / "config.yaml", tmp_path / "schemas")
    mapping = json.loads((tmp_path / "schemas/mappings.schema.json").read_text())
    entry = mapping["properties"]["key_results"]["additionalProperties"]["properties"]
    assert set(entry) - RESERVED_KEYS == {"tickets", "crm"}
    jql = mapping["definitions"]["query_tickets"]["then"]["properties"]["jql"]
    assert jql["description"] == "The issues in JQL; ORDER BY is left out"
    assert set(mapping["definitions"]["query_crm"]["then"]["properties"]) == {"table", "view", "formula", "where"}
    assert made.settings == {
        "yaml.schemas": {
            "./schemas/config.schema.json": ["config.yaml"],
            "./schemas/mappings.schema.json": ["mappings/**/*.yaml", "mappings/**/*.yml"],
        }
    }
    assert made.modelines["mappings"] == "# yaml-language-server: $schema=../schemas/mappings.schema.json"
    assert all(Path(name).is_file() for name in made.written)


def test_one_mapping_file_lies_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace("mappings: mappings", "mappings: okr.yaml"))
    made = apply_schemas(tmp_path / "config.yaml", tmp_path / "schemas")
    assert made.settings["yaml.schemas"]["./schemas/mappings.schema.json"] == ["okr.yaml"]
    assert made.modelines["mappings"] == "# yaml-language-server: $schema=./schemas/mappings.schema.json"


def test_every_key_says_what_it_means() -> None:
    def walk(schema: dict, path: str = ""):
        for name, each in schema.get("properties", {}).items():
            if isinstance(each, dict) and name != "kind":
                yield f"{path}.{name}", each
                yield from walk(each, f"{path}.{name}")

    assert [path for path, each in walk(VALIDATOR.schema) if not each.get("description")] in ([], [".sheet"])
