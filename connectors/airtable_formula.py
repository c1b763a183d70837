"""Airtable formulas as text: literals, the checks that need no Airtable, and filters that save pages.

Literals: "Formula field reference" (support.airtable.com): texts in single or double quotes, backslash escapes,
field names in braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from connectors.airtable_field import is_field_id
from connectors.sieve import is_plain_text
from mappings.grammar import QueryMistake
from mappings.model import Condition, Filter, Window

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_RECORD_ID = re.compile(r"rec[A-Za-z0-9]{14}")
_PIECE = re.compile(
    r"""(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\{(?:\\.|[^}\\])*\})|(?P<open>["'{])|(?P<other>.)""", re.S
)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text: str) -> str:
    """One literal: a plain number bare, anything else in quotes."""
    return text if _NUMBER.fullmatch(text) else quoted(text)


def quoted(text: str) -> str:
    """One text literal."""
    return f"'{escape(text, chr(39))}'"


def escape(text: str, mark: str) -> str:
    """The inside of a literal, or of a field's braces, that ``mark`` opened."""
    closing = "}" if mark == "{" else mark
    kept = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return kept.replace(closing, "\\" + closing)


def field(name: str) -> str:
    """A field's value in a formula."""
    return "{" + escape(name, "{") + "}"


def check_formula(text: str, key: str) -> None:
    """Refuse what can't be a formula. Raises QueryMistake where a quote, brace or parenthesis has no partner."""
    opened: list[int] = []
    for match in _PIECE.finditer(text):
        piece, at = match.group(), match.start()
        if match.lastgroup == "open":
            raise QueryMistake(f"this {piece} is never closed", key=key, offset=at, fix="Close it.")
        if piece == "(":
            opened.append(at)
        elif piece == ")" and not opened:
            raise QueryMistake("nothing was opened that this closes", key=key, offset=at, fix="Remove it.")
        elif piece == ")":
            opened.pop()
    if opened:
        raise QueryMistake("this parenthesis is never closed", key=key, offset=opened[-1], fix="Close it with ).")


def spaced(text: str) -> str:
    """The same formula with a space behind every comma that is not in a literal, so that lines can be broken there."""
    pieces = (match.group() for match in _PIECE.finditer(text))
    return " ".join("".join(", " if piece == "," else piece for piece in pieces).split())


def all_of(parts: Iterable[str]) -> str:
    """What must hold together."""
    return _call("AND", parts)


def any_of(parts: Iterable[str]) -> str:
    """Of what one must hold."""
    return _call("OR", parts)


def _call(name: str, parts: Iterable[str]) -> str:
    found = list(dict.fromkeys(part for part in parts if part))
    return found[0] if len(found) == 1 else f"{name}({','.join(found)})" if found else ""


def make_sieve(filters: Iterable[Filter]) -> str:
    """A formula that every record wanted by any of the filters passes, so that Airtable sends fewer pages.

    It may let more through, never less: every record is judged again by ``mappings.where``. So only that is
    pushed down whose meaning doesn't depend on the field's type, which isn't known here: a text that must occur,
    and the days of a window with a day to spare for zones. A record for which the formula fails (a date
    compared that is empty or no date, a field that is itself an error) would be left out in silence by Airtable;
    ours lets it through. Empty where nothing can be said.
    """
    parts = [_sieve(only) for only in sorted(filters, key=repr)]
    if not parts or not all(parts):
        return ""
    test = any_of(parts)
    return f"IF(ISERROR({test}),TRUE(),{test})"


def _sieve(only: Filter) -> str:
    conditions = [_occurs(condition) for condition in only.conditions]
    return all_of([*conditions, _near(only.window) if only.window else ""])


def _occurs(condition: Condition) -> str:
    if is_field_id(condition.field):  # nothing says that formulas know ids
        return ""
    if condition.op not in {"=", "in"} or not all(map(_is_plain, condition.values)):
        return ""
    return any_of(f"FIND({quoted(value)},{field(condition.field)}&'')" for value in condition.values)


def _is_plain(value: str) -> bool:
    """Whether a field that equals this text also shows it: also not the id of a linked record."""
    return is_plain_text(value) and not _RECORD_ID.fullmatch(value)


def _near(window: Window) -> str:
    if is_field_id(window.field):
        return ""
    name, day = field(window.field), timedelta(days=1)
    first, last = window.start.date() - day, window.end.date() + day
    return f"IF({name},AND(IS_AFTER({name},'{first}'),IS_BEFORE({name},'{last}')),FALSE())"
