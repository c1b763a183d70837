"""Key results as a table of records could have them: what ``discover`` prints for any source that has tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.words import say_name

_GOOD = frozenset({"won", "done", "paid", "closed", "complete", "completed", "yes"})


def is_key(name: str) -> bool:
    """Whether a field's name says that its numbers are names of things, which nobody adds up."""
    return name.casefold().replace("_", " ").split(" ")[-1] in {"id", "no", "nr", "number", "key", "code"}


def suggest(
    source: str, query: str, *, date: str = "", number: str = "", choice: str = "", choices: Sequence[str] = ()
) -> Iterator[str]:
    """Lines to stand under ``key_results:``: how many, the sum of a number, the share of one of some choices.

    ``query`` is written as it stands under the source; the others are fields' names, empty where there is none.
    """
    within = f", within: {{cycle: {say_name(date)}}}" if date else ""
    yield f"KR-1: {{{source}: {query}{within}, measure: count}}"
    if number:
        yield f"KR-2: {{{source}: {query}{within}, measure: {{sum: {say_name(number)}}}}}"
    if choice and choices:
        good = next((name for name in choices if name.casefold() in _GOOD), choices[0])
        yield f"KR-3: {{{source}: {query}{within}, measure: {{share: {{{say_name(choice)}: {say_name(good)}}}}}}}"
