"""Conditions and windows as GitHub's search qualifiers, where they mean exactly the same. Sends nothing.

Qualifiers: "Searching issues and pull requests" and "Understanding the search syntax" (docs.github.com). A range
``A..B`` has both its ends; GitHub's moments are whole seconds, so a half-open window ends a second earlier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from connectors.github_lists import CASELESS, DATES
from mappings.grammar import QueryMistake
from mappings.model import Condition, Filter, Record, Value, Window
from mappings.where import passes

_WORD = re.compile(r"[\w][\w.@/-]*")
_TOKEN = re.compile(r'"[^"]*"|(?P<open>")|[()]|[^\s()"]+')
_QUALIFIERS = {"labels": "label", "author": "author", "assignees": "assignee", "milestone": "milestone"}
_REASONS = {"completed": "completed", "not_planned": '"not planned"'}
_STATES = {
    "issues": {"open": "is:open", "closed": "is:closed"},
    "pulls": {"open": "is:open", "merged": "is:merged", "closed": "is:closed is:unmerged"},
}
_KIND = {"issues": "is:issue", "pulls": "is:pr"}
_TYPES = {"is:issue": "issues", "type:issue": "issues", "is:pr": "pulls", "type:pr": "pulls"}
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_DAYS: Mapping[str, tuple[int | None, int | None]] = {
    "=": (0, 1), "in": (0, 1), ">=": (0, None), ">": (1, None), "<": (None, 0), "<=": (None, 1)}  # fmt: skip
"""Where the days begin and end that meet a comparison with a day, counted from that day."""


def quote(text: str) -> str:
    """One literal: bare where it is one plain word, else in double quotes, of which it can hold none."""
    return text if _WORD.fullmatch(text) else f'"{escape(text)}"'


def escape(text: str) -> str:
    """The inside of a literal: GitHub knows no way to write a quote in one."""
    return re.sub(r'["\s]+', " ", text)


def check_search(text: str, list_: str) -> None:
    """Refuse a search that isn't whole or is about another list. Raises QueryMistake."""
    opened: list[int] = []
    for match in _TOKEN.finditer(text):
        piece, at = match.group(), match.start()
        if match["open"]:
            raise QueryMistake("this quote is never closed", key="search", offset=at, fix='Close it with ".')
        if piece == ")" and not opened:
            raise QueryMistake("nothing was opened that this closes", key="search", offset=at, fix="Remove it.")
        if piece in "()":
            opened.append(at) if piece == "(" else opened.pop()
        if _TYPES.get(piece.lower(), list_) != list_:
            fix = f"Write list: {_TYPES[piece.lower()]}, and leave {piece} out."
            raise QueryMistake(f"{list_} are no {_TYPES[piece.lower()]}", key="search", offset=at,
                               length=len(piece), fix=fix)  # fmt: skip
    if opened:
        raise QueryMistake("this parenthesis is never closed", key="search", offset=opened[-1], fix="Close it with ).")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A search without its repository. ``rest`` is what of the filter has to be judged here."""

    text: str
    rest: Filter

    @property
    def is_exact(self) -> bool:
        """Whether GitHub's own count is the number."""
        return self.rest.is_empty


def compile_search(list_: str, search: str, only: Filter) -> Compiled:
    """``is:pr label:bug merged:2026-10-01T00:00:00Z..2026-12-31T22:59:59Z``. A search with OR is put in parentheses.

    A field but for labels is named once: what two authors, states or dates beside each other mean isn't documented.
    """
    parts = [_KIND[list_], f"({search})" if re.search(r"\bOR\b", search) else search]
    used, window, rest = _fields_in(search), only.window, list[Condition]()
    if window and window.field not in used:
        used.add(window.field)
        parts.append(render_window(window))
        window = None
    for field in dict.fromkeys(condition.field for condition in only.conditions):
        its = [condition for condition in only.conditions if condition.field == field]
        texts = [] if field in used and field != "labels" else _qualifiers(list_, field, its)
        used |= {field} if texts else set()
        rest += [] if texts else its
        parts += texts
    return Compiled(" ".join(filter(None, parts)), Filter(tuple(rest), window))


def _fields_in(search: str) -> set[str]:
    """The fields that a search of a person's own is about already."""
    found = set(re.findall(r"([\w-]+):", search))
    named = {field for field, word in _QUALIFIERS.items() if word in found}
    return named | found | ({"state"} if {"is", "state"} & found else set())


def _qualifiers(list_: str, field: str, its: list[Condition]) -> list[str]:
    """All conditions on a field; none where GitHub can't judge them all."""
    if is_date(list_, field):
        text = _date_qualifier(field, its)
        return [text] if text else []
    texts = [_qualifier(list_, condition) for condition in its]
    return texts if all(texts) and (len(texts) == 1 or field == "labels") else []


def _date_qualifier(field: str, its: list[Condition]) -> str:
    """Days as conditions compare them: in UTC, as GitHub writes its moments. Empty where one is no plain day."""
    starts, ends = [], []
    for condition in its:
        try:
            day = datetime.combine(date.fromisoformat(condition.values[0].strip()), time(), UTC)
        except ValueError:
            return ""
        if condition.op not in _DAYS or len(condition.values) > 1:
            return ""
        first, last = _DAYS[condition.op]
        starts += [] if first is None else [day + first * _DAY]
        ends += [] if last is None else [day + last * _DAY]
    if not ends:
        return f"{field}:>={_moment(max(starts))}"
    if not starts:
        return f"{field}:<{_moment(min(ends))}"
    return f"{field}:{_moment(max(starts))}..{_moment(min(ends) - _SECOND)}" if max(starts) < min(ends) else ""


def render_window(window: Window) -> str:
    """``merged:A..B``."""
    return f"{window.field}:{render_range(window)}"


def render_range(window: Window) -> str:
    """``A..B`` in UTC, both ends included."""
    return f"{_moment(_up(window.start))}..{_moment(_up(window.end) - _SECOND)}"


def _up(moment: datetime) -> datetime:
    whole = moment.astimezone(UTC)
    return whole.replace(microsecond=0) + _SECOND if whole.microsecond else whole


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _qualifier(list_: str, condition: Condition) -> str:
    """The condition as a qualifier; empty where GitHub knows none that means exactly that."""
    if condition.op not in {"=", "!=", "in"} or any('"' in each or "," in each for each in condition.values):
        return ""
    texts = [_operand(list_, condition.field, value) for value in condition.values]
    if not all(texts):
        return ""
    minus = "-" if condition.op == "!=" else ""
    if len(texts) > 1:  # only of labels it is documented that a comma means “or”
        return f"label:{','.join(text.partition(':')[2] for text in texts)}" if condition.field == "labels" else ""
    return "" if minus and " is:" in texts[0] else minus + texts[0]


def _operand(list_: str, field: str, value: str) -> str:
    if field == "state":
        return _STATES[list_].get(value, "")
    if field == "reason":
        return f"reason:{_REASONS[value]}" if value in _REASONS else ""
    if field == "draft" and value in {"yes", "no", "true", "false"}:
        return f"draft:{'true' if value in {'yes', 'true'} else 'false'}"
    if field not in _QUALIFIERS or not value.strip():
        return ""
    if value.endswith("[bot]"):  # "Search by author": an app is written app/NAME
        return f"{_QUALIFIERS[field]}:app/{value.removesuffix('[bot]')}"
    return f'{_QUALIFIERS[field]}:"{value}"'


def keeps(record: Record, only: Filter) -> bool:
    """Whether a record passes, with names compared as GitHub compares them."""
    folded = {name: _fold(value) if name in CASELESS else value for name, value in record.fields.items()}
    conditions = tuple(
        replace(each, values=tuple(map(str.casefold, each.values))) if each.field in CASELESS else each
        for each in only.conditions
    )
    return passes(replace(record, fields=folded), replace(only, conditions=conditions))


def _fold(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_fold, value))
    return value.casefold() if isinstance(value, str) else value


def is_date(list_: str, field: str) -> bool:
    """Whether a window can look at this field."""
    return field in DATES[list_]
