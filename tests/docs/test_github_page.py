"""docs/connectors/github.md: every example gives a number at a site that answers as GitHub does."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from connectors.github import Github
from connectors.github_lists import FIELDS
from mappings.evaluate import expand
from mappings.model import Reading
from mappings.resolve import resolve
from okr.model import Cycle
from tests.contract.test_github import NOW, ask, serving
from tests.docs.pages import blocks, read, rows, section
from tests.unit.okr_rows import key_result

PAGE = read("docs/connectors/github.md")
CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
VALUES = {
    "BUG-1": 23, "BUG-2": 207 / 230, "GOAL-1": 0, "GOAL-2": 0.75, "FLOW-1": 50, "FLOW-3": 1.67, "FLOW-4": 0.75,
    "SHIP-1": 2, "CI-1": 0.8, "CI-2": 11,
}  # fmt: skip


COOKBOOK = {"34-hours-to-merge.yaml": 50, "35-green-builds.yaml": 0.8}


def ask_all(text):
    mappings, problems = resolve({"github.md": text}, {"github": Github.grammar})
    assert problems == ()
    bound = {
        id_: expand(each, key_result(id_), CYCLE, NOW, ZoneInfo("Europe/Berlin")).metrics[0]
        for id_, each in mappings.key_results.items()
    }
    with serving() as site:
        return dict(zip(bound, ask(site, *bound.values()), strict=True))


@pytest.fixture(scope="module")
def outcomes():
    return ask_all(blocks(PAGE, "yaml")[1])


@pytest.mark.parametrize(("file", "number"), COOKBOOK.items())
def test_the_cookbook_is_right(file, number):
    [found] = ask_all(read(f"docs/cookbook/{file}")).values()
    assert float(found.value) == pytest.approx(number)


def test_every_example_gives_a_reading(outcomes):
    assert len(outcomes) >= 12
    assert [id_ for id_, found in outcomes.items() if not isinstance(found, Reading)] == []


@pytest.mark.parametrize(("id_", "value"), VALUES.items())
def test_the_value_is_right(outcomes, id_, value):
    assert round(float(outcomes[id_].value), 2) == round(value, 2)


def test_every_field_is_named():
    named = {row[0].strip("`"): row[1] for row in rows(section(PAGE, "What the records hold"))}
    assert set(named) == set(FIELDS)
    for list_, fields in FIELDS.items():
        text = named[list_] + (named["issues"] if list_ == "pulls" else "")
        assert [field for field in fields if f"`{field}`" not in text] == []
