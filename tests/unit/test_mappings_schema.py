"""Schema and parser held against each other: an editor never calls wrong what check takes."""

import json

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator

from mappings.resolve import resolve
from mappings.schema import make_mapping_schema
from tests.unit.mapping_documents import damaged, documents
from tests.unit.mapping_grammar import GRAMMARS

SCHEMA = make_mapping_schema(GRAMMARS)
VALIDATOR = Draft7Validator(SCHEMA)
TOLD_ONLY_BY_CHECK = (
    "mapping.unknown-metric", "mapping.missing-hole", "mapping.unknown-hole", "mapping.formula", "mapping.use",
    "mapping.unknown-variable", "mapping.number-id",
)  # fmt: skip
"""What a schema can't say."""


def problems_of(document):
    return resolve({"m.yaml": json.dumps(document, ensure_ascii=False)}, GRAMMARS)[1]


def test_it_is_a_schema():
    Draft7Validator.check_schema(SCHEMA)
    for section in ("metrics", "key_results", "kpis"):
        for example in SCHEMA["properties"][section]["examples"]:
            assert [error.message for error in VALIDATOR.iter_errors({section: example})] == []


@given(documents)
@settings(max_examples=200, deadline=None)
def test_what_is_right_is_right_for_both(document):
    assert [(problem.message, problem.line_text) for problem in problems_of(document)] == []
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@given(damaged())
@settings(max_examples=400, deadline=None)
def test_what_the_schema_refuses_the_parser_refuses(document):
    if not VALIDATOR.is_valid(document):
        assert problems_of(document)


@given(damaged())
@settings(max_examples=400, deadline=None)
def test_what_the_parser_refuses_the_schema_refuses_where_it_can(document):
    told = [problem for problem in problems_of(document) if problem.code not in TOLD_ONLY_BY_CHECK]
    if told:
        assert not VALIDATOR.is_valid(document), told


@pytest.mark.parametrize(
    "text",
    [
        '{"kpis": {"K": {"jira": "a", "within": {"cycle": "F"}, "measure": "count"}}}',
        '{"metrics": {"m": {"jira": "a", "measure": "count"}}, "key_results": {"A": {"metric": "m", "missing": 1}}}',
        '{"metrics": {"m": {"jira": "a", "measure": "count"}}, "kpis": {"A": {"metric": "m", "within": 1}}}',
        '{"key_results": {"A": {"jira": "a", "measure": "count", "with": {"x": "y"}}}}',
        '{"key_results": {"A": {"jira": "a", "crm": "b", "measure": "count"}}}',
        '{"key_results": {"A": {"steps": {"One": {"jira": "a", "measure": "count"}}}}}',
    ],
)
def test_what_goes_not_together_is_refused_by_both(text):
    assert problems_of(json.loads(text))
    assert not VALIDATOR.is_valid(json.loads(text))
