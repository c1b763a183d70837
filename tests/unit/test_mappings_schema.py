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


def walk(schema):
    yield schema
    for each in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(each, dict | list):
            yield from walk(each)


def test_editors_can_offer_and_name_what_stands_in_a_map():
    """What yaml-language-server 1.24 makes of it: beside ``maxProperties`` it offers no property, an example that is a
    map it offers as "[object Object]", and of choices it complains of the first."""
    maps = [each for each in walk(SCHEMA) if isinstance(each, dict) and each.get("type") == "object"]
    assert maps
    assert not [each for each in maps if "maxProperties" in each]
    entries = SCHEMA["properties"]["key_results"]["additionalProperties"]["properties"]
    for name in ("measure", "within", "where", *(f"query_{name}" for name in GRAMMARS)):
        found = SCHEMA["definitions"][name]
        assert all(isinstance(example, str) for example in found.get("examples", ()))
        assert found["description"]
    assert all("description" in each or "$ref" in each for each in entries.values())
    assert "``" not in json.dumps(SCHEMA)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"jira": {"tabel": "Deals"}, "measure": "count"}, "'tabel'"),
        ({"jira": "a", "measure": {"summ": "F"}}, "'summ'"),
        ({"jira": "a", "measure": "cuont"}, "'cuont' is not"),
        ({"jira": "a", "measure": {"sum": "F", "avg": "F"}}, "too many"),
        ({"jira": "a", "measure": "count", "within": {"week": "F", "28d": "F"}}, "too many"),
    ],
)
def test_a_mistake_is_complained_of_where_it_is(entry, complaint):
    (error, *more) = VALIDATOR.iter_errors({"key_results": {"A": entry}})
    assert more == []
    told = [error.message, *(each.message for each in error.context or ())]
    assert any(complaint in text for text in told), told


def test_the_documents_are_of_both_kinds():
    """Mostly right as made, and mostly wrong once spoilt: either alone would prove nothing."""
    right, wrong = [], []

    @given(documents)
    @settings(max_examples=60, deadline=None, database=None)
    def look(document):
        right.append(bool(document.get("key_results") or document.get("kpis")))

    @given(damaged())
    @settings(max_examples=150, deadline=None, database=None)
    def look_at_spoilt(document):
        wrong.append(VALIDATOR.is_valid(document))

    look()
    look_at_spoilt()
    assert sum(right) > len(right) / 3
    assert 10 < sum(wrong) < len(wrong) - 40
