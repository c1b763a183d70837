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
