"""What ``~`` finds in a text: all words, in any order, with wildcards, phrases, OR and exclusions.

After measurements on a real instance: words are joined by AND, ``"…"`` inside the value is a phrase, a
trailing ``*`` widens, ``-word`` excludes. Jira also reduces English words to stems; here only plurals and
-ing/-ed endings are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from sandbox.jql_lex import JqlError

_TERM = re.compile(r'([+-]?)("[^"]*"|\S+)')
Finder = Callable[[str], bool]


def make_finder(field: str, text: str) -> Finder:
    """Return the test for a text. Raises JqlError where Jira can't read the value."""
    if not text.strip():
        raise JqlError(f"The field '{field}' does not support searching for an empty string.")
    choices: list[list[tuple[bool, Finder]]] = [[]]
    for sign, term in _TERM.findall(text):
        if term == "OR":
            choices.append([])
        elif term not in ("AND", "&&"):
            choices[-1].append((sign == "-", _term(term)))
    if not all(choices):
        raise JqlError(f"Unable to parse the text '{text}' for field '{field}'.")
    return lambda value: any(all(find(value) != excluded for excluded, find in terms) for terms in choices)


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
            return word.removesuffix(ending)
    return word
