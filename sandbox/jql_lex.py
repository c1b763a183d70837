"""Cuts JQL into words, and refuses what Jira refuses at this step, in Jira's words.

Reserved words, reserved characters and escapes: support.atlassian.com, "Search syntax for text fields" and
"JQL keywords"; the wording of the refusals as Jira's own functional tests pin it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.lexer import Lexer

KEYWORDS = frozenset(
    re.split(r"\s+", "and or not in is empty null order by was changed asc desc after before during on from to cf")
)
RESERVED = frozenset(
    re.split(
        r"\s+",
        """abort access add alias all alter any as audit avg begin between boolean break byte catch char character check
    checkpoint collate collation column commit connect continue count create current date decimal declare decrement
    default defaults define delete delimiter difference distinct divide do double drop else encoding end equals escape
    exclusive exec execute exists explain false fetch field file first float for function go goto grant greater group
    having identified if immediate increment index initial inner inout input insert int integer intersect intersection
    into isempty isnull join last left less like limit lock long max min minus mode modify modulo more multiply next
    noaudit notin nowait number object of option outer output power previous prior privileges public raise raw
    remainder rename resource return returns revoke right row rowid rownum rows select session set share size sqrt
    start strict string subtract sum synonym table then trans transaction trigger true uid union unique update user
    validate values view when whenever where while with""",
    )
)
_SYMBOLS = {
    "!=": "LIKENESS", "!~": "LIKENESS", "=": "LIKENESS", "~": "LIKENESS",
    "<=": "ORDERING", ">=": "ORDERING", "<": "ORDERING", ">": "ORDERING",
    "!": "BANG", "&&": "AND", "&": "AND", "||": "OR", "|": "OR",
    "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", ",": "COMMA",
}  # fmt: skip
_RESERVED_CHARACTERS = frozenset("{}*/%+^$#@?;")
_STOPS = frozenset(" \t\r\n\f'\"=!<>()~,[]|&") | _RESERVED_CHARACTERS
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"', " ": " "}
_VALID = "The valid escape sequences are \\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX."
_NUMBER = re.compile(r"-?\d+")
_LONG = 2**63


class JqlError(ValueError):
    """A query that Jira refuses; ``messages`` are its reasons in Jira's words."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


class JqlUnknown(JqlError):
    """A refusal of a name that the site doesn't have: a field or a value. Some calls of Jira's let it pass."""


def syntax_error(text: str, token: Token | None = None) -> JqlError:
    """Make the refusal of a query that can't be read, with the place where that is known."""
    place = f" (line {token.line}, character {token.column})" if token is not None else ""
    return JqlError(f"Error in the JQL Query: {text}{place}")


class JqlUnserved(Exception):
    """A query that Jira would answer and the sandbox can't: told apart from a refusal, so that nobody is misled."""


class JqlLexer(Lexer):
    """The words of a query as lark wants them: types as in the grammar, positions counted from 1."""

    def __init__(self, lexer_conf: object) -> None:
        self._conf = lexer_conf

    def lex(self, lexer_state: Any, parser_state: Any = None) -> Iterator[Token]:
        """Yield the words of the text, which is what lark hands to a lexer of one's own."""
        return cut(lexer_state)


def cut(text: str) -> Iterator[Token]:
    """Yield the words of a query. Raises JqlError where Jira would refuse a character, escape or word."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _word_at(text, at)
        yield token
        at = token.end_pos or at + 1


def _word_at(text: str, at: int) -> Token:
    if text[at] in "'\"":
        return _quoted(text, at)
    for size in (2, 1):
        if (symbol := text[at : at + size]) in _SYMBOLS:
            return _token(_SYMBOLS[symbol], symbol, text, at, at + size)
    if text[at] in _RESERVED_CHARACTERS:
        raise syntax_error(_reserved_character(text[at]), _token("", text[at], text, at, at + 1))
    return _bare(text, at)


def _bare(text: str, at: int) -> Token:
    value, end = "", at
    while end < len(text) and text[end] not in _STOPS:
        character, end = _character(text, end)
        value += character
    raw = text[at:end]
    if raw.lower() in KEYWORDS:
        return _token(raw.upper(), raw, text, at, end)
    if raw.lower() in RESERVED:
        reason = f"'{raw}' is a reserved JQL word. You must surround it in quotation marks to use it in a query."
        raise syntax_error(reason, _token("", raw, text, at, end))
    if _NUMBER.fullmatch(raw):
        return _number(_token("NUMBER", raw, text, at, end))
    return _token("STRING", value, text, at, end)


def _number(token: Token) -> Token:
    if not -_LONG <= int(token) < _LONG:
        span = "between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,807"
        raise syntax_error(f"'{token}' is not a valid number. Numbers must be {span}.", token)
    return token


def _quoted(text: str, at: int) -> Token:
    quote, value, end = text[at], "", at + 1
    while end < len(text) and text[end] != quote:
        character, end = _character(text, end)
        value += character
    if end == len(text):
        shown = re.sub(r"\s", " ", text[at + 1 :])
        reason = f"The quoted string '{shown}' has" if shown else "The quoted string has"
        raise syntax_error(f"{reason} not been completed.", _token("", quote, text, at, end))
    return _token("QUOTED", value, text, at, end + 1)


def _character(text: str, at: int) -> tuple[str, int]:
    """Return the character at a place, escapes undone, and the place after it."""
    if text[at] == "\\":
        return _escape(text, at)
    code = ord(text[at])
    if (code < 0x20 and text[at] not in "\r\n") or 0x7F <= code < 0xA0 or _is_no_character(code):
        token = _token("", text[at], text, at, at + 1)
        where = f"on line {token.line} at position {token.column}"
        reason = f"The character 'U+{code:04X}' {where} must be escaped. Use the escape '\\u{code:04x}' instead."
        raise syntax_error(reason, token)
    return text[at], at + 1


def _is_no_character(code: int) -> bool:
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def _escape(text: str, at: int) -> tuple[str, int]:
    here = _token("", "\\", text, at, at + 1)
    if at + 1 >= len(text):
        raise syntax_error(f"The escape sequence has not been completed. {_VALID}", here)
    mark = text[at + 1]
    if mark in _ESCAPES:
        return _ESCAPES[mark], at + 2
    digits = text[at + 2 : at + 6]
    if mark == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", digits):
        return chr(int(digits, 16)), at + 6
    bad = re.match(r"\\u[0-9a-fA-F]{0,3}.?|\\.", text[at:], re.DOTALL)
    raise syntax_error(f"'{bad[0] if bad else mark}' is an illegal JQL escape sequence. {_VALID}", here)


def _reserved_character(character: str) -> str:
    return (
        f"The character '{character}' is a reserved JQL character. You must enclose it in a string or use the "
        f"escape '\\u{ord(character):04x}' instead."
    )


def _token(kind: str, value: str, text: str, at: int, end: int) -> Token:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return Token(kind, value, start_pos=at, line=line, column=column, end_pos=end)
