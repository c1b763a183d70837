"""“Did you mean”: the known word that a mistyped one is nearest to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from okr.problem import TextPlace


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; upper and lower case don't count. None when nothing is near."""
    by_lower = {name.lower(): name for name in sorted(known)}
    matches = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def did_you_mean(
    word: str, known: Iterable[str], places: Mapping[str, TextPlace] | None = None, file: str = ""
) -> str | None:
    """The whole question, with the line where the word is defined, and the file where that isn't ``file``."""
    meant = nearest(word, known)
    if meant is None:
        return None
    place = (places or {}).get(meant)
    if place is None:
        return f"did you mean “{meant}”?"
    return f"did you mean “{meant}” ({'' if place.file == file else f'{place.file}, '}line {place.line})?"


def name_some(ids: Sequence[str], most: int = 8) -> str:
    """The first of these ids, in their order, and how many more there are: "A, B and 3 more"."""
    return ", ".join(ids[:most]) + (f" and {len(ids) - most} more" if len(ids) > most else "")


def one_of(known: Iterable[str], most: int = 12) -> str:
    """The known words in a list for a message: “a, b, c”."""
    words = sorted(known)
    listed = ", ".join(words[:most])
    return f"{listed}, …" if len(words) > most else listed
