"""How a kind of source lets itself be asked: calls, pages, penalties. For ``discover``: nobody should be surprised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class KnownLimit:
    """One limit, and what okr-sync makes of it.

    ``about`` is a word or two: "calls", "page", "penalty". ``source`` is the address of the page that says so; empty
    where the limit is our own.
    """

    about: str
    text: str
    source: str = ""


@runtime_checkable
class TellsLimits(Protocol):
    """What a factory may offer besides: the limits of its kind."""

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Every limit that decides how long a run takes. Asks nobody."""
        ...
