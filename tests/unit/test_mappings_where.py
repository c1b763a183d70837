"""``where``: the same meaning for every source."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from mappings.model import Condition, Filter, Record, Window
from mappings.node import Tree
from mappings.where import holds, lies_within, parse_where, passes
from mappings.yaml_text import parse_yaml

BERLIN = ZoneInfo("Europe/Berlin")


def parse(text: str):
    tree = parse_yaml(text, "m.yaml")
    assert isinstance(tree, Tree)
    return parse_where(tree.root)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("{Stage: Won}", [("Stage", "=", ("Won",))]),
        ("{Stage: [Won, Lost]}", [("Stage", "in", ("Won", "Lost"))]),
        ('{Amount: {">=": 3, "<": 10}}', [("Amount", ">=", ("3",)), ("Amount", "<", ("10",))]),
        ("{Stage: {not: Lost}}", [("Stage", "!=", ("Lost",))]),
        ("{Stage: {'!=': Lost}}", [("Stage", "!=", ("Lost",))]),
        ("{Stage: {not: [Lost, Open]}}", [("Stage", "!=", ("Lost",)), ("Stage", "!=", ("Open",))]),
        ("{Stage: {in: [Won]}}", [("Stage", "in", ("Won",))]),
        ("{A: 1, B: no}", [("A", "=", ("1",)), ("B", "=", ("no",))]),
    ],
)
def test_parsing(text, conditions):
    assert parse(text) == (tuple(Condition(*condition) for condition in conditions), ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{Stage: {is not: Lost}}", "no comparison is written “is not”"),
        ("{Stage: }", "nothing stands here"),
        ("{Stage: {}}", "nothing stands here"),
        ("{Stage: []}", "list is empty"),
        ("{Stage: [a, [b]]}", "expected a value, found a list"),
        ("{Stage: {'<': [1, 2]}}", "takes one value, found a list"),
        ("{Stage: {'<': }}", "takes one value, found nothing"),
        ("Stage", "conditions are a map"),
        ("{}", "conditions are a map"),
    ],
)
def test_what_is_no_condition(text, said):
    _, (problem, *_) = parse(text)
    assert said in problem.message


NOW = datetime(2026, 10, 25, 23, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("value", "op", "values", "expected"),
    [
        ("Won", "=", ("Won",), True),
        ("won", "=", ("Won",), False),
        ("Won ", "=", ("Won",), False),
        ("3", "=", ("3.0",), False),
        (Decimal("3"), "=", ("3.0",), True),
        (Decimal("3"), "=", ("three",), False),
        (Decimal("3"), "!=", ("three",), True),
        (Decimal("3"), "in", ("2", "3"), True),
        (Decimal("3"), ">=", ("3",), True),
        (Decimal("3"), ">", ("3",), False),
        (Decimal("10"), ">", ("9",), True),
        ("10", ">", ("9",), True),
        (Decimal("3"), "<", ("x",), False),
        ("abc", "<", ("b",), False),
        (True, "=", ("yes",), True),
        (True, "=", ("True",), True),
        (False, "=", ("no",), True),
        (True, "=", ("no",), False),
        (True, ">", ("0",), False),
        (date(2026, 10, 1), "=", ("2026-10-01",), True),
        (date(2026, 10, 1), "<", ("2026-10-02",), True),
        (date(2026, 10, 1), "<", ("soon",), False),
        ("2026-10-01", "<=", ("2026-10-01",), True),
        (NOW, "=", ("2026-10-25",), True),
        (NOW, ">", ("2026-10-25",), False),
        (NOW, ">", ("2026-10-25T22:29:00+00:00",), True),
        (NOW, "<", ("2026-10-25T23:31:00",), True),
        (("a", "b"), "=", ("b",), True),
        (("a", "b"), "=", ("c",), False),
        (("a", "b"), "in", ("c", "a"), True),
        (("a", "b"), "!=", ("b",), False),
        (("a", "b"), "!=", ("c",), True),
        ((Decimal(1), Decimal(9)), ">", ("5",), True),
        (None, "=", ("",), False),
        (None, "!=", ("x",), True),
        (None, "<", ("5",), False),
        (None, "in", ("x",), False),
        ("", "!=", ("x",), True),
        ((), "!=", ("x",), True),
    ],
)
def test_one_condition(value, op, values, expected):
    fields = {} if value is None else {"F": value}
    assert holds(Record("1", fields), Condition("F", op, values)) is expected


WINDOW = Window("D", datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2026, 11, 1, tzinfo=BERLIN))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 10, 1, tzinfo=BERLIN), True),
        (datetime(2026, 9, 30, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 9, 30, 21, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 31, 23, 0, tzinfo=UTC), False),
        (date(2026, 10, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
        (date(2026, 9, 30), False),
        ("2026-10-15", True),
        ("2026-10-15T10:00:00Z", True),
        ("2026-10-31T23:30:00", True),
        ("soon", False),
        (Decimal(3), False),
        (None, False),
        ((date(2026, 9, 1), date(2026, 10, 2)), True),
    ],
)
def test_the_window_is_half_open(value, expected):
    assert lies_within(value, WINDOW) is expected


def test_all_of_a_filter_must_hold():
    record = Record("1", {"A": "x", "D": date(2026, 10, 2)})
    is_x, is_y = Condition("A", "=", ("x",)), Condition("A", "=", ("y",))
    assert passes(record, Filter())
    assert passes(record, Filter((is_x,), WINDOW))
    assert not passes(record, Filter((is_x, is_y), WINDOW))
    assert not passes(Record("1", {"A": "x"}), Filter((is_x,), WINDOW))
