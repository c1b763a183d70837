"""The config's schema and its parser held against each other, with the example's parts and what spoils them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.care.lint import check_files
from tests.unit.mapping_documents import JUNK, places
from tests.unit.test_schema_command import ROOT, VALIDATOR, load

EXAMPLE: dict[str, Any] = load((ROOT / "config.example.yaml").read_text())  # type: ignore[assignment]
NEEDED = ("sheet", "sources", "mappings")
KEYS = ("config.unknown-key", "config.missing-key")
"""What a schema can always say; whether a zone or a reference is one, only the parser knows."""


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """Some of the example's sections, and some of what each of them says."""
    kept = {name: copy.deepcopy(part) for name, part in EXAMPLE.items() if name in NEEDED or draw(st.booleans())}
    for name in ("alerts", "messages", "run", "guards", "freshness"):
        for key in list(kept.get(name) or {}):
            if draw(st.booleans()):
                del kept[name][key]
    return {name: part for name, part in kept.items() if part != {}}


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A right one with a place replaced, taken out, or with one key more."""
    config = copy.deepcopy(draw(configs()))
    path = draw(st.sampled_from([each for each in places(config) if each]))
    parent: Any = config
    for key in path[:-1]:
        parent = parent[key]
    act = draw(st.sampled_from(["replace", "delete", "add"]))
    if act == "delete" and isinstance(parent, dict):
        del parent[path[-1]]
    elif act == "add" and isinstance(parent, dict):
        parent[draw(st.sampled_from(["wat", "kind", "token", "to", "url", "rows"]))] = copy.deepcopy(draw(JUNK))
    else:
        parent[path[-1]] = copy.deepcopy(draw(JUNK))
    return config


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("config")
    (made / EXAMPLE["mappings"]).mkdir()
    return made


def codes(folder: Path, config: dict[str, Any]) -> list[str]:
    """What is wrong by the parser, but for mappings that aren't there."""
    (folder / "config.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    return [problem.code for problem in check_files(folder / "config.yaml").errors]


@given(configs())
@settings(max_examples=60, deadline=None)
def test_what_is_right_is_right_for_both(folder: Path, config: dict[str, Any]) -> None:
    assert codes(folder, config) == []
    assert [error.message for error in VALIDATOR.iter_errors(config)] == []


@given(spoilt())
@settings(max_examples=150, deadline=None)
def test_what_the_schema_refuses_the_parser_refuses(folder: Path, config: dict[str, Any]) -> None:
    if not VALIDATOR.is_valid(config):
        assert codes(folder, config)


@given(spoilt())
@settings(max_examples=150, deadline=None)
def test_keys_that_the_parser_misses_or_does_not_know_the_schema_tells_too(
    folder: Path, config: dict[str, Any]
) -> None:
    if set(codes(folder, config)) & set(KEYS):
        assert not VALIDATOR.is_valid(config)
