"""``where``: which records count. A map means the same for every source; this is that meaning.

``{Stage: Won}`` equal · ``{Stage: [Won, Lost]}`` one of · ``{Amount: {">=": 3, "<": 10}}`` · ``{Stage: {not: Lost}}``
(as ``!=``) · ``{Stage: {not: [Lost, Open]}}`` none of. All entries of a map must hold.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from decimal import Decimal

from mappings.model import Condition, Filter, Record, Value, Window
from mappings.node import Entry, Node, NodeKind
from mappings.number import is_empty, parse_number
from mappings.suggest import did_you_mean
from okr.problem import Problem

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "in")
WORDS = {"not": "!=", "==": "=", "is": "="}
_SLIPS = {"=>": ">=", "=<": "<=", "≥": ">=", "≤": "<=", "<>": "!=", "≠": "!="}
_TRUTH = {"yes": True, "true": True, "no": False, "false": False}


def parse_where(node: Node) -> tuple[tuple[Condition, ...], tuple[Problem, ...]]:
    """The conditions of a ``where`` map, in the order of the file."""
    if node.kind is not NodeKind.MAP or not node.entries:
        message = "conditions are a map of fields and what they have to be"
        return (), (node.problem("mapping.where", message, fix='Write {Stage: Won} or {Amount: {">=": 3}}.'),)
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for name, entry in node.entries.items():
        _parse_field(name, entry, conditions, problems)
    return tuple(conditions), tuple(problems)


def _parse_field(name: str, entry: Entry, conditions: list[Condition], problems: list[Problem]) -> None:
    value = entry.value
    if value.kind is NodeKind.TEXT:
        conditions.append(Condition(name, "=", (value.text,)))
    elif value.kind is NodeKind.LIST:
        conditions.append(Condition(name, "in", _texts(value, problems)))
    elif value.kind is NodeKind.MAP and value.entries:
        for word, operand in value.entries.items():
            conditions.extend(_parse_operator(name, word, operand, problems))
    else:
        message = f"nothing stands here that “{name}” could be compared with"
        problems.append(entry.key.problem("mapping.where", message, fix=f"Write {{{name}: value}}."))


def _parse_operator(name: str, word: str, operand: Entry, problems: list[Problem]) -> list[Condition]:
    operator = WORDS.get(word, word)
    if operator not in OPERATORS:
        meant = f"Write {_SLIPS[word]}." if word in _SLIPS else did_you_mean(word, (*OPERATORS, *WORDS))
        fix = meant or f"Known: {', '.join(OPERATORS)}, not."
        problems.append(operand.key.problem("mapping.where", f"no comparison is written “{word}”", fix=fix))
        return []
    value = operand.value
    if value.kind is NodeKind.LIST and operator in ("!=", "in", "="):
        texts = _texts(value, problems)
        none_of = [Condition(name, "!=", (text,)) for text in texts]
        return none_of if operator == "!=" else [Condition(name, "in", texts)]
    if value.kind is not NodeKind.TEXT:
        place = operand.key if value.kind is NodeKind.NOTHING else value
        problems.append(place.problem("mapping.where", f"“{word}” takes one value, found {value.kind}"))
        return []
    return [Condition(name, operator, (value.text,))]


def _texts(node: Node, problems: list[Problem]) -> tuple[str, ...]:
    """A list's texts; whatever else stands in it is a problem, and so is a list of nothing."""
    if not node.items:
        problems.append(node.problem("mapping.where", "this list is empty, so that no record could match"))
    problems.extend(
        item.problem("mapping.where", f"expected a value, found {item.kind}")
        for item in node.items
        if item.kind is not NodeKind.TEXT
    )
    return tuple(item.text for item in node.items if item.kind is NodeKind.TEXT)


def passes(record: Record, filter: Filter) -> bool:  # noqa: A002
    """Whether a record meets every condition and lies within the window."""
    if not all(holds(record, condition) for condition in filter.conditions):
        return False
    return filter.window is None or lies_within(record.fields.get(filter.window.field), filter.window)


def holds(record: Record, condition: Condition) -> bool:
    """Whether a record meets one condition.

    An empty field meets only ``!=``. Of several values any may match; for ``!=`` none may equal.
    """
    value = record.fields.get(condition.field)
    if is_empty(value):
        return condition.op == "!="
    values = value if isinstance(value, tuple) else (value,)
    if condition.op == "!=":
        return not any(_equals(one, condition.values[0]) for one in values)
    if condition.op in ("=", "in"):
        return any(_equals(one, text) for one in values for text in condition.values)
    return any(_is_ordered(one, condition.op, condition.values[0]) for one in values)


def _equals(value: Value, text: str) -> bool:
    """Texts exactly, numbers as numbers (3 is 3.0), truth as yes or no, a moment as itself or its day."""
    if isinstance(value, bool):
        return _TRUTH.get(text.strip().lower()) is value
    if isinstance(value, str):
        return value == text
    if isinstance(value, Decimal):
        return value == parse_number(text)
    if isinstance(value, date):
        return _order(value, text) == 0
    return False


def _is_ordered(value: Value, operator: str, text: str) -> bool:
    """``<`` and its like: between numbers and between dates. Other texts have no order that all sources share."""
    order = _order(value, text)
    if order is None:
        return False
    if order == 0:
        return operator in ("<=", ">=")
    return operator in (("<", "<=") if order < 0 else (">", ">="))


def _order(value: Value, text: str) -> int | None:
    """Less (−1), equal (0), more (1), or None where the two can't be compared."""
    if isinstance(value, datetime):
        return _moment_order(value, text)
    if isinstance(value, date):
        day = _parse_day(text)
        return None if day is None else (value > day) - (value < day)
    if isinstance(value, str) and parse_number(value) is None:
        day = _parse_day(value)
        return None if day is None else _order(day, text)
    number = parse_number(value) if isinstance(value, str) else value if isinstance(value, Decimal) else None
    other = parse_number(text)
    if number is None or other is None or isinstance(value, bool):
        return None
    return (number > other) - (number < other)


def _moment_order(value: datetime, text: str) -> int | None:
    """A moment against a moment, or against a day in the moment's own zone."""
    day = _parse_day(text)
    if day is not None:
        return (value.date() > day) - (value.date() < day)
    moment = _parse_moment(text, value.tzinfo)
    if moment is None or value.tzinfo is None:
        return None
    return (value > moment) - (value < moment)


def lies_within(value: Value, window: Window) -> bool:
    """Whether a date field lies in the half-open window; a day counts in the window's zone. Empty never does."""
    if isinstance(value, tuple):
        return any(lies_within(one, window) for one in value)
    if isinstance(value, str):
        return lies_within(_parse_day(value) or _parse_moment(value, window.start.tzinfo), window)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=window.start.tzinfo)
        return window.start <= moment < window.end
    if isinstance(value, date):
        return window.start.date() <= value < window.end.date()
    return False


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _parse_moment(text: str, zone: tzinfo | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
