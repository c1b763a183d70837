"""What people mistype, and what the fix tells them: each message leads to a file that is right."""

import pytest

from mappings.resolve import resolve
from tests.unit.mapping_grammar import GRAMMARS


@pytest.mark.parametrize(
    ("entry", "message", "fix"),
    [
        (
            "{jira: 'project = ${p}', measure: count, with: {p: WEB}}",
            "“with” fills the holes of a named metric, and none is named here",
            "Write the query under metrics, and read it by {metric: NAME, with: {…}}.",
        ),
        ("{jira: 'project = ${p}', measure: count}", "nothing is known as ${p} here", "which with: {…} fills"),
        (
            "{steps: {One: {jira: a}}, with: {p: WEB}}",
            "“with” fills the holes of a named metric, and none is named here",
            "Write the query under metrics",
        ),
        ("{jira: a, measure: count, scale: 1,5}", "no setting is called “5” here", "Decimals stand behind a point"),
        (
            "{jira: a, measure: count, pause: {why: ''}}",
            "some text has to stand here, and it is empty",
            None,
        ),
        ('{jira: {where: {F: {"=>": 3}}}, measure: count}', "no comparison is written “=>”", "Write >=."),
        ('{jira: {where: {F: {"<>": 3}}}, measure: count}', "no comparison is written “<>”", "Write !=."),
        ("{jira: {where: {F: {nto: 3}}}, measure: count}", "no comparison is written “nto”", "did you mean “not”?"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(entry: str, message: str, fix: str | None) -> None:
    _, problems = resolve({"m.yaml": f"key_results:\n  A: {entry}\n"}, GRAMMARS)
    told = {problem.message: problem.fix for problem in problems}
    assert message in told
    assert (fix is None and told[message] is None) or (fix or "") in (told[message] or "")


MEASURE_IS_MISSING = "“measure” is missing: how do the records become a number?"


def unknown(name: str, meant: str) -> tuple[str, str]:
    return f"no setting is called “{name}” here", f"did you mean “{meant}”?"


def no_source(name: str, meant: str) -> tuple[str, str]:
    return f"no source is called “{name}”", f"did you mean “{meant}”?"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{jira: a, mesure: count}", [unknown("mesure", "measure")]),
        ("{jira: a, measures: count}", [unknown("measures", "measure")]),
        ("{mesure: count, jra: a}", [unknown("mesure", "measure"), no_source("jra", "jira")]),
        ("{jira: a, measure: count, pause: {wy: x}}", [unknown("wy", "why")]),
        ("{metrik: m}", [no_source("metrik", "metric")]),
        ("{formla: 1 + m}", [no_source("formla", "formula")]),
        ("{step: {One: {jira: a}}}", [no_source("step", "steps")]),
        ("{manuel: Ask the board}", [no_source("manuel", "manual")]),
        ("{steps: {One: {jira: a, mesure: percent_done}}}", [unknown("mesure", "measure")]),
    ],
)
def test_a_mistyped_key_is_one_problem_and_not_a_missing_key_too(entry: str, told: list[tuple[str, str]]) -> None:
    _, problems = resolve({"m.yaml": f"key_results:\n  A: {entry}\n"}, GRAMMARS)
    assert [(problem.message, problem.fix) for problem in problems] == told


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{jira: a, mesure: count}", [unknown("mesure", "measure")]),
        ("{mesure: count, jra: a}", [unknown("mesure", "measure"), no_source("jra", "jira")]),
    ],
)
def test_nor_in_a_named_metric(entry: str, told: list[tuple[str, str]]) -> None:
    _, problems = resolve({"m.yaml": f"metrics:\n  m: {entry}\n"}, GRAMMARS)
    assert [(problem.message, problem.fix) for problem in problems] == told


@pytest.mark.parametrize("entry", ["{jira: a}", "{jira: a, note: x}", "{jira: a, colour: red}", "{measures: a}"])
def test_what_is_missing_and_not_mistyped_is_still_missing(entry: str) -> None:
    grammars = {**GRAMMARS, "measures": GRAMMARS["jira"]}
    _, problems = resolve({"m.yaml": f"key_results:\n  A: {entry}\n"}, grammars)
    assert MEASURE_IS_MISSING in {problem.message for problem in problems}


def test_without_a_source_the_typo_is_told_beside_it() -> None:
    _, problems = resolve({"m.yaml": "key_results:\n  A: {mesure: count}\n"}, GRAMMARS)
    assert [problem.message for problem in problems] == [
        "nothing here says what to read",
        "no setting is called “mesure” here",
    ]
