"""What ``~`` finds in a text: all words, in any order, with wildcards, phrases, OR, NOT and groups.

After support.atlassian.com, "Search syntax for text fields": words are joined by AND; operators are in
capitals; ``"…"`` inside the value is a phrase; a trailing ``*`` widens; ``-word`` excludes; what asks for
similar words (``~``), distance and weight (``^``) has no effect. Jira also reduces English words to stems;
here only plurals, -ing, -ed and a last e are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from sandbox.jql_lex import JqlError

Finder = Callable[[str], bool]
_TERM = re.compile(r'[()]|&&|\|\||[+!-](?=[\w"(])|"[^"]*"(?:[~^][\d.]*)?|[^\s()"]+')
_AND, _OR, _NOT = frozenset({"AND", "&&"}), frozenset({"OR", "||"}), frozenset({"NOT", "!", "-"})
_LETTERS_DOUBLED = re.compile(r"([bdfgmnprt])\1$")


def make_finder(field: str, text: str) -> Finder:
    """Return the test for a text. Raises JqlError where Jira can't read the value."""
    if not text.strip():
        raise JqlError(f"The field '{field}' does not support searching for an empty string.")
    terms = _TERM.findall(text)
    try:
        find = _either(terms)
    except IndexError:
        terms = ["unread"]
    if terms:
        raise JqlError(f"Unable to parse the text '{text}' for field '{field}'.")
    return find


def make_wildcard(text: str) -> Finder:
    """Return the test for a whole value, with ``*`` for anything and ``?`` for one character."""
    pattern = re.compile(re.escape(text.lower()).replace(r"\*", ".*").replace(r"\?", "."))
    return lambda value: pattern.fullmatch(value.lower()) is not None


# A text is read by taking terms off the front; IndexError means that one was missing


def _either(terms: list[str]) -> Finder:
    choices = [_both(terms)]
    while terms and terms[0] in _OR:
        terms.pop(0)
        choices.append(_both(terms))
    return lambda value: any(find(value) for find in choices)


def _both(terms: list[str]) -> Finder:
    parts = [_part(terms)]
    while terms and terms[0] not in _OR and terms[0] != ")":
        if terms[0] in _AND:
            terms.pop(0)
        parts.append(_part(terms))
    return lambda value: all(find(value) for find in parts)


def _part(terms: list[str]) -> Finder:
    term = terms.pop(0)
    if term in _NOT:
        excluded = _part(terms)
        return lambda value: not excluded(value)
    if term == "+":
        return _part(terms)
    if term == "(":
        inside = _either(terms)
        if terms.pop(0) != ")":
            raise IndexError
        return inside
    if term in _AND or term in _OR or term == ")":
        raise IndexError
    return _term(re.sub(r"[~^][\d.]*$", "", term) or term)


def _term(term: str) -> Finder:
    if term.startswith('"') or not re.search(r"[*?]", term):
        wanted = _stems(term)
        return lambda value: _contains(_stems(value), wanted)
    pattern = re.compile(re.escape(term.lower()).replace(r"\*", r"\w*").replace(r"\?", r"\w"))
    return lambda value: any(pattern.fullmatch(word) for word in re.findall(r"\w+", value.lower()))


def _contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(words[at : at + size] == phrase for at in range(len(words) - size + 1))


@lru_cache(maxsize=200_000)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(map(_stem, re.findall(r"\w+", text.lower())))


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            if ending in ("ings", "ing", "ed"):
                word = _LETTERS_DOUBLED.sub(r"\1", word)
            break
    return word.removesuffix("e") if len(word) > 3 else word
