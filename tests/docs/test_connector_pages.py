"""docs/connectors: the examples load, and give the numbers that the pages say."""

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import yaml
from werkzeug.wrappers import Response

from connectors.base import Connector
from connectors.gather import Budget, gather
from connectors.recipe import load_recipe
from connectors.registry import load_factory, recipe_kinds
from connectors.testing import FakeTime, make_options
from mappings.evaluate import expand
from mappings.resolve import resolve
from okr.model import Cycle
from sandbox.server import Server
from sandbox.wire import Route, Service
from tests.docs.pages import blocks, read, section
from tests.unit.okr_rows import key_result

CYCLE = Cycle("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
NOW = datetime(2026, 2, 20, 9, tzinfo=UTC)


def load(page: str):
    """The page's sources and mappings."""
    sources, results = (yaml.safe_load(text) for text in blocks(page, "yaml")[:2])
    [(name, options)] = sources["sources"].items()
    factory = load_factory(options.pop("kind"))
    mappings, problems = resolve({"page.yaml": blocks(page, "yaml")[1]}, {name: factory.grammar})
    assert problems == ()
    assert set(mappings.key_results) == set(results["key_results"])
    return name, factory, options, mappings


def values(page: str, folder, **changed):
    name, factory, options, mappings = load(page)
    around = replace(FakeTime(NOW).around(), folder=folder)
    made: Connector = factory.make(
        name, make_options(factory, {**options, **changed}, {"DESK_TOKEN": "d3sk-t0k3n-of-the-page"}), around
    )
    found = []
    for id_, mapping in mappings.key_results.items():
        [metric] = expand(mapping, key_result(id_), CYCLE, NOW, UTC).metrics
        found.append(gather([metric], {name: made}, budget=Budget(), around=around)[metric].value)
    made.close()
    return found


def test_sql(tmp_path):
    page = read("docs/connectors/sql.md")
    with sqlite3.connect(tmp_path / "sales.db") as database:
        database.executescript(blocks(page, "sql")[0])
    database.close()
    assert values(page, tmp_path) == [1200, 2]


def test_file(tmp_path):
    page = read("docs/connectors/file.md")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/sales-2026-02.csv").write_text(blocks(page, "csv")[0], encoding="utf-8")
    assert values(page, tmp_path) == [Decimal("2000.50"), 1]


def test_singer(tmp_path):
    page = read("docs/connectors/singer.md")
    [fields], [records] = (blocks(page, name) for name in ("json", "jsonl"))
    tap = tmp_path / "taps/tap-shop/bin/tap-shop"
    tap.parent.mkdir(parents=True)
    tap.write_text(f"#!/bin/sh\ncase \"$*\" in *--discover*) cat <<'E'\n{fields}E\n;; *) cat <<'E'\n{records}E\nesac\n")
    tap.chmod(0o755)
    assert values(page, tmp_path) == [Decimal("49.90"), 2]


def test_http(tmp_path):
    page = read("docs/connectors/http.md")

    class Desk(Service):
        name = "desk"

        def rules(self):
            yield Route(
                "GET", "/api/tickets", lambda _: Response(blocks(page, "json")[0], content_type="application/json")
            )

    with Server(desk := Desk()):
        assert values(page, tmp_path, url=f"{desk.url}/api", allow_private="true") == [2, 1]
        assert "state=open" in str(desk.requests[0].query) or desk.requests[0].query == {"state": ["open"]}


@pytest.mark.parametrize("kind", recipe_kinds())
def test_every_recipe_has_its_part_with_an_example_of_every_list(kind):
    part = section(read("docs/connectors/recipes.md"), kind)
    name, factory, options, mappings = load(part)
    assert factory.options_form().model_validate(options)
    recipe = load_recipe(kind)
    assert len(mappings.key_results) == len(recipe["lists"])
    assert all(f"({url})" in part for url in recipe["sources"])
    assert all(f"| `{each}` |" in part for each in recipe["lists"])
    assert name == kind
