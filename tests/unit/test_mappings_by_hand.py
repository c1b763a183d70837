"""Key results that a mapping leaves to people."""

import pytest

from mappings.mapping import Mappings
from mappings.resolve import resolve
from mappings.schema import make_mapping_schema
from okr.problem import Problem
from tests.docs.test_mappings_page import GRAMMARS


def read(text: str) -> tuple[Mappings, tuple[Problem, ...]]:
    return resolve({"m.yaml": text}, GRAMMARS)


def test_it_is_no_mapping() -> None:
    mappings, problems = read(
        "key_results:\n  A: {manual: Ask the board, note: monthly}\n  B: {jira: x = 1, measure: count}\n"
    )
    assert problems == ()
    assert list(mappings.key_results) == ["B"]
    assert "A" not in mappings.mapped_ids
    found = mappings.by_hand["A"]
    assert (found.how, found.note, found.place.line) == ("Ask the board", "monthly", 2)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{manual: Ask, measure: count}", "measure"),
        ("{manual: Ask, jira: 'x = 1'}", "jira"),
        ("{manual: ''}", "some text has to stand here"),
        ("{manual: [1]}", "expected text"),
        ("{manual: Ask, nte: x}", "nte"),
        ("{manual: Ask, every: fortnight}", "expected week, month, quarter or year, found “fortnight”"),
    ],
)
def test_a_mistake_has_its_place_and_takes_no_cell_from_people(entry: str, said: str) -> None:
    mappings, problems = read(f"key_results:\n  A: {entry}\n")
    assert problems
    assert all(problem.place.line == 2 and problem.subject == "A" for problem in problems)  # type: ignore[union-attr]
    assert any(said in problem.message for problem in problems)
    assert "A" not in mappings.mapped_ids
    assert "A" in mappings.by_hand


def test_how_often_they_type_it_is_once_a_week_unless_it_says_otherwise() -> None:
    mappings, problems = read("key_results:\n  A: {manual: Ask}\n  B: {manual: Ask, every: quarter}\n")
    assert problems == ()
    assert [mappings.by_hand[name].every for name in "AB"] == ["week", "quarter"]


def test_what_is_read_has_no_every() -> None:
    _, problems = read("key_results:\n  A: {jira: 'x = 1', measure: count, every: month}\n")
    assert [problem.message for problem in problems] == ["no setting is called “every” here"]


def test_twice_is_a_mistake() -> None:
    _, problems = read("key_results:\n  A: {manual: Ask}\n  A: {jira: 'x = 1', measure: count}\n")
    assert any("twice" in problem.message for problem in problems)


def test_a_kpi_cant_be() -> None:
    _, problems = read("kpis:\n  A: {manual: Ask}\n")
    [problem] = problems
    assert "machine's cell" in problem.message


@pytest.mark.parametrize(
    ("entry", "is_right"),
    [
        ({"manual": "Ask", "note": "monthly"}, True),
        ({"manual": "Ask", "measure": "count"}, False),
        ({"manual": "Ask", "every": "quarter"}, True),
        ({"manual": "Ask", "every": "fortnight"}, False),
        ({"jira": "x = 1", "measure": "count", "every": "quarter"}, False),
        ({"manual": "Ask", "jira": "x = 1"}, False),
        ({"jira": "x = 1", "measure": "count"}, True),
        ({"note": "monthly"}, False),
    ],
)
def test_the_editors_schema_says_the_same(entry: dict[str, str], is_right: bool) -> None:
    import jsonschema

    schema = make_mapping_schema(GRAMMARS)
    validator = jsonschema.Draft7Validator(schema)
    assert validator.is_valid({"key_results": {"A": entry}}) is is_right
    assert not validator.is_valid({"kpis": {"A": {"manual": "Ask"}}})
