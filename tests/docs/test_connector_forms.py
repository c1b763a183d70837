"""docs/connectors/: every page's sources and key results load by the real forms, and every option is named."""

import pytest
import yaml

from connectors.registry import load_factory
from mappings.resolve import resolve
from tests.docs.pages import ROOT, blocks

KINDS = ("airtable", "github", "google_sheet", "jira", "prometheus")


def page(kind):
    return (ROOT / f"docs/connectors/{kind}.md").read_text(encoding="utf-8")


def sources(kind):
    found = [block for block in blocks(page(kind), "yaml") if block.startswith("sources:")]
    assert found
    return {name: options for block in found for name, options in yaml.safe_load(block)["sources"].items()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_sources_are_what_the_form_takes(kind):
    for options in sources(kind).values():
        assert options.pop("kind") == kind
        load_factory(kind).options_form().model_validate(options)


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_results_load(kind):
    grammars = {name: load_factory(kind).grammar for name in sources(kind)}
    texts = [block for block in blocks(page(kind), "yaml") if block.startswith("key_results:")]
    assert texts
    for text in texts:
        mappings, problems = resolve({f"{kind}.md": text}, grammars)
        assert problems == ()
        assert mappings.key_results
        assert mappings.broken == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_named(kind):
    missing = [name for name in load_factory(kind).options_form().model_fields if f"| `{name}` |" not in page(kind)]
    assert missing == []
