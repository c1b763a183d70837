"""The words of explain and of the terminal, and which gaps become problems."""

from decimal import Decimal

import pytest

from mappings.guard import Guard
from mappings.model import Gap, GapKind, Outcome
from okr.model import Key, Status, StatusRule
from okr.problem import Problem, Severity
from okr.result import KeyResultResult
from sync.cli.output import shorten, wrap_lines
from sync.plan_gaps import check_gaps
from sync.sheet.layout import Tab
from sync.sheet.ledger import RowKey
from sync.tell.explain_score import render_thresholds
from sync.tell.explain_source import render_guard

D = Decimal
RESULT = KeyResultResult(
    Key("2026-Q4", "A-1"), D(42), D("0.42"), D("0.42"), Status.OFF_TRACK, "", pace=D("0.62"), forecast=D("0.8")
)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            StatusRule(),
            "on track from 0.56 (0.9 of the pace), at risk from 0.43 (0.7 of the pace); the score is 0.42",
        ),
        (
            StatusRule("pace_gap", D("0.1"), D("0.25")),
            "on track up to 0.1 behind the pace, at risk up to 0.25; it is 0.20 behind",
        ),
        (StatusRule("absolute", D("0.7"), D("0.4")), "on track from 0.7, at risk from 0.4; the score is 0.42"),
        (
            StatusRule("forecast", D("0.9"), D("0.5")),
            "on track from 0.90 (0.9 of the aim), at risk from 0.50 (0.5 of the aim); the forecast is 0.80",
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_thresholds_with_the_days_numbers(rule: StatusRule, text: str) -> None:
    assert render_thresholds(rule, RESULT, D(1)) == text


def test_a_guard_in_words() -> None:
    guard = Guard(D(1), D(100), D(5), D("0.2"), zero=True, min_records=30, confirm=3)
    assert list(render_guard(guard)) == [
        "at least 30 records",
        "not below 1",
        "not above 100",
        "no step above 5",
        "no step above 20 %",
        "no sudden 0",
        "a doubt is believed on day 3",
    ]


def gaps(
    kind: GapKind, count: int, *, source: str | None = "jira", fix: str | None = "Do it."
) -> dict[RowKey, Outcome]:
    return {RowKey(Tab.KEY_RESULTS, "Q", f"A-{number}"): Gap(kind, "why.", fix, source) for number in range(count)}


@pytest.mark.parametrize("kind", [GapKind.REFUSED, GapKind.UNAVAILABLE])
@pytest.mark.parametrize("count", [1, 3, 9])
def test_a_source_in_trouble_is_one_problem(kind: GapKind, count: int) -> None:
    (problem,) = check_gaps(gaps(kind, count), ())
    assert (problem.code, problem.subject, problem.fix) == (f"source.{kind.value}", "jira", "Do it.")
    assert problem.message.startswith("why. Last good values stay: A-0")
    assert ("and 3 more" in problem.message) == (count == 9)


def test_what_is_wrong_with_one_row_is_its_own_problem() -> None:
    found = list(check_gaps(gaps(GapKind.MISREAD, 2), ()))
    assert [problem.subject for problem in found] == ["A-0", "A-1"]
    assert found[0].message == "A-0: why. The last good value stays"


def test_the_same_misreading_of_many_rows_is_the_sources() -> None:
    assert [problem.subject for problem in check_gaps(gaps(GapKind.MISREAD, 3), ())] == ["jira"]


def test_nothing_to_measure_is_a_problem_only_where_there_is_something_to_do() -> None:
    assert list(check_gaps(gaps(GapKind.EMPTY, 1, fix=None), ())) == []
    assert [problem.severity for problem in check_gaps(gaps(GapKind.EMPTY, 1), ())] == [Severity.WARNING]


@pytest.mark.parametrize("subject", ["jira", "A-0"])
def test_what_was_said_already_is_not_said_again(subject: str) -> None:
    assert list(check_gaps(gaps(GapKind.REFUSED, 1), [Problem("config.secret", "it is empty", subject=subject)])) == []


def test_long_lines_are_wrapped_below_their_beginning_and_quoted_lines_are_not() -> None:
    quoted = "   41 |     metric: a very long line of somebody's own"
    caret = "      |             ^^^^  did you mean “signup_rate” (line 12)?"
    text = f"head\n      a fix of several words that is long\n{quoted}\n{caret}"
    assert wrap_lines(text, 24).split("\n") == [
        "head",
        "      a fix of several",
        "      words that is long",
        quoted,
        caret,
    ]


def test_a_line_without_an_indent_goes_on_under_two_spaces() -> None:
    assert wrap_lines("Held by many people", 12) == "Held by many\n  people"


def test_shorten() -> None:
    assert shorten("abc def", 7) == "abc def"
    assert shorten("abc defg", 7) == "abc de…"
