"""pydantic's complaints as placed problems; and a problem as people read it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from mappings.form import parse_form
from mappings.node import Tree
from mappings.problem_text import render_problem
from mappings.suggest import did_you_mean, nearest, one_of
from mappings.yaml_text import parse_yaml
from okr.problem import CellPlace, Problem, TextPlace


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: str
    rate: Annotated[int, Field(ge=1)] | None = None


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    flag: bool = False
    ratio: Decimal | None = None
    day: date | None = None
    mode: Literal["daily", "weekly"] = "daily"
    inner: Inner | None = None
    many: dict[str, Inner] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    with_: dict[str, str] = Field(default_factory=dict, alias="with")

    @field_validator("name")
    @classmethod
    def _no_spaces(cls, value: str) -> str:
        if " " in value:
            raise ValueError("a name has no spaces")
        return value


def parse(text: str):
    tree = parse_yaml(text, "c.yaml")
    assert isinstance(tree, Tree)
    return parse_form(tree.root, Outer, code="config")


def test_text_takes_the_type_of_the_field_it_lands_in():
    form, problems = parse("{name: no, flag: yes, ratio: 0.10, day: 2026-12-31, tags: [1, on], with: {a: 07}}")
    assert problems == ()
    assert (form.name, form.flag, form.ratio, form.day) == ("no", True, Decimal("0.10"), date(2026, 12, 31))
    assert (form.tags, form.with_) == (["1", "on"], {"a": "07"})


class Open(BaseModel):
    """A form whose other keys are somebody else's, as a source's."""

    model_config = ConfigDict(extra="allow")
    kind: str


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("{nam: x}", Outer, ["no setting is called “nam” here / did you mean “name”?"]),
        ("{name: x, inner: {tokn: t}}", Outer, ["no setting is called “tokn” here / did you mean “token”?"]),
        ("{name: x, many: {a: {tokn: t}}}", Outer, ["no setting is called “tokn” here / did you mean “token”?"]),
        (
            "{nam: x, inner: {tokn: t, rat: 1}, flag: maybe}",
            Outer,
            [
                "expected yes or no, found “maybe” / None",
                "no setting is called “tokn” here / did you mean “token”?",
                "no setting is called “rat” here / did you mean “rate”?",
                "no setting is called “nam” here / did you mean “name”?",
            ],
        ),
        ("{name: x, inner: {colour: t}}", Outer, ["“token” is missing here / Add “token: …”.",
                                                "no setting is called “colour” here / Known here: rate, token."]),
        ("{knd: jira, url: x}", Open, ["no setting is called “knd” here / did you mean “kind”?"]),
        ("{url: x}", Open, ["“kind” is missing here / Add “kind: …”."]),
    ],
)  # fmt: skip
def test_a_mistyped_key_is_told_once_and_what_it_was_to_be_is_not_missing_too(text, form, told):
    tree = parse_yaml(text, "c.yaml")
    assert isinstance(tree, Tree)
    made, problems = parse_form(tree.root, form, code="config")
    assert made is None
    assert [f"{problem.message} / {problem.fix}" for problem in problems] == told


@pytest.mark.parametrize(
    ("text", "code", "said", "fix", "at"),
    [
        ("{name: x, flga: yes}", "config.unknown-key", "no setting is called “flga” here", "did you mean “flag”?", 11),
        ("{name: x, wth: {}}", "config.unknown-key", "“wth”", "did you mean “with”?", 11),
        ("{name: x, inner: {token: t, rat: 1}}", "config.unknown-key", "“rat”", "did you mean “rate”?", 29),
        ("{name: x, many: {a: {rate: 1}}}", "config.missing-key", "“token” is missing", "Add “token: …”.", 18),
        ("{flag: yes}", "config.missing-key", "“name” is missing", "Add “name: …”.", 1),
        ("{name: x, flag: maybe}", "config.value", "expected yes or no, found “maybe”", None, 17),
        ("{name: x, ratio: 1,5}", "config.unknown-key", "“5”", "behind a point", 20),
        ("{name: x, ratio: '1,5'}", "config.value", "expected a number, found “1,5”", None, 18),
        ("{name: x, day: soon}", "config.value", "expected a day as 2026-12-31, found “soon”", None, 16),
        ("{name: x, mode: weekely}", "config.value", "expected daily or weekly", "did you mean “weekly”?", 17),
        ("{name: x, inner: {token: t, rate: 0}}", "config.value", "expected at least 1, found “0”", None, 35),
        ("{name: x, inner: t}", "config.value", "expected a map of keys, found “t”", None, 18),
        ("{name: x, tags: a}", "config.value", "expected a list, found “a”", None, 17),
        ("{name: [a]}", "config.value", "expected text, found a list", None, 8),
        ("{name: }", "config.value", "expected text, found nothing", None, 2),
        ("{name: a b}", "config.value", "a name has no spaces", None, 8),
        ("text", "config.value", "expected a map of keys, found “text”", "space", 1),
    ],
)
def test_what_is_wrong_is_said_and_placed(text, code, said, fix, at):
    form, problems = parse(text)
    assert form is None
    problem = next(problem for problem in problems if problem.code == code)
    assert said in problem.message
    assert (fix or "") in (problem.fix or "")
    assert problem.place.column == at


class Odd(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str = Field("x", pattern="^[a-z]+$")
    some: list[Inner] = Field(default_factory=list, min_length=1)
    word: str = Field("x", min_length=2)
    short: str = Field("x", max_length=2)
    gone: Inner | None = None


@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        ("{code: A1}", "“A1” is not written as expected here", 8),
        ("{word: a}", "expected at least 2, found “a”", 8),
        ("{short: abc}", "should have at most 2 characters, found “abc”", 9),
        ("{some: []}", "expected at least 1, found a list", 8),
        ("{some: [{token: t, rat: 1}]}", "no setting is called “rat” here", 20),
        ("{gone: {token: t, rate: 1.5}}", "expected a whole number, found “1.5”", 25),
        ("{word: " + "a" * 50 + ", code: 1}", "“1” is not written", 66),
    ],
)
def test_other_rules_of_forms(text, said, at):
    tree = parse_yaml(text, "c.yaml")
    assert isinstance(tree, Tree)
    _, (problem,) = parse_form(tree.root, Odd)
    assert said in problem.message
    assert problem.place.column == at


def test_all_problems_at_once():
    _, problems = parse("flga: yes\nmode: x\ninner: {rate: x}\n")
    assert len(problems) == 5


def test_the_nearest_word():
    assert nearest("signup_rte", {"signup_rate", "won"}) == "signup_rate"
    assert nearest("JIRA", {"jira"}) == "jira"
    assert nearest("xyz", {"jira"}) is None
    assert did_you_mean("wno", {"won"}, {"won": TextPlace("m.yaml", 12)}) == "did you mean “won” (m.yaml, line 12)?"
    same_file = did_you_mean("wno", {"won"}, {"won": TextPlace("m.yaml", 12)}, "m.yaml")
    assert same_file == "did you mean “won” (line 12)?"
    assert one_of({"b", "a"}) == "a, b"
    assert one_of(map(str, range(100)), most=2) == "0, 1, …"


def test_a_problem_as_people_read_it():
    problem = Problem(
        "mapping.unknown-metric",
        "no metric is named “signup_rte”",
        TextPlace("config.yaml", 41, 13, "key_results.WEB-1.1.metric", 10),
        "did you mean “signup_rate” (line 12)?",
        line_text="    metric: signup_rte",
    )
    assert render_problem(problem) == (
        "config.yaml:41:13  key_results.WEB-1.1.metric: no metric is named “signup_rte”\n"
        "   41 |     metric: signup_rte\n"
        "      |             ^^^^^^^^^^  did you mean “signup_rate” (line 12)?"
    )


def test_a_problem_without_a_line_and_one_in_the_sheet():
    assert render_problem(Problem("x", "no file", fix="Write one.")) == "no file\n      Write one."
    assert render_problem(Problem("x", "a text", CellPlace("Key Results", "E7"))) == "Key Results!E7: a text"


def test_carets_stand_right_under_wide_and_long_and_tabbed_lines():
    wide = render_problem(Problem("x", "m", TextPlace("f", 1, 4, length=2), line_text="漢字 ab"))
    assert wide.splitlines()[2] == "      |      ^^"
    tabbed = render_problem(Problem("x", "m", TextPlace("f", 1, 2), line_text="\tb"))
    assert tabbed.splitlines()[1:] == ["    1 |  b", "      |  ^"]
    long = render_problem(Problem("x", "m", TextPlace("f", 1, 501, length=3), line_text="a" * 500 + "bbb" + "a" * 500))
    line, caret = long.splitlines()[1:]
    assert line[caret.index("^") : caret.rindex("^") + 1] == "bbb"
    assert len(line) < 120


def test_nothing_in_a_problem_steers_a_terminal():
    shown = render_problem(Problem("x", "a \x1b[31m", TextPlace("f", 1, 1), "\x07", line_text="\x1b]0;x\x07"))
    assert "\x1b" not in shown
    assert "\x07" not in shown
