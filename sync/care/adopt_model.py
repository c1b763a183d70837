"""What ``adopt`` proposes, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from okr.problem import CellPlace
from sync.care.adopt_rows import Skipped
from sync.care.adopt_table import Table
from sync.sheet.cell import CellValue
from sync.sheet.layout import Field, Tab


class Trust(StrEnum):
    """How sure a choice is."""

    SURE = "sure"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one of our columns: theirs (``at``), a new one of ours at the right edge, or none (``header``
    is empty). ``is_written`` says whether the config has to name it.
    """

    field: Field
    header: str
    at: int | None
    reason: str
    trust: Trust = Trust.SURE
    is_written: bool = True
    is_optional: bool = False  # ours, and people could do without it: layout has to be asked for it


@dataclass(frozen=True, slots=True)
class Offer:
    """A value read out of text, for a person to confirm. ``place`` is where the text stands."""

    field: Field
    value: CellValue
    is_percent: bool
    place: CellPlace
    text: str
    is_safe: bool = False  # written without being asked: it only keeps a wrong score from being shown


@dataclass(frozen=True, slots=True)
class FoundKeyResult:
    """A key result with its id, and whether that is a new one. ``objective`` is its objective's id, "" for none."""

    row: int
    name: str
    id: str
    is_new: bool
    objective: str
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundObjective:
    """An objective with its id. ``row`` is where it is first named; ``is_new``: the Objectives tab lacks it."""

    row: int
    name: str
    id: str
    team: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class AdoptProposal:
    """How a sheet of people's can be adopted. Nothing of it is done yet.

    ``tabs`` are titles of theirs, or of ours where theirs has taken the name; with the reasons in ``tab_reasons``.
    ``others`` are tabs with tables that look like OKRs too: then this one's tab is that of a ``team``. ``warnings``
    are what a person should know.
    """

    table: Table
    tabs: Mapping[Tab, str]
    tab_reasons: Mapping[Tab, str]
    choices: tuple[Choice, ...]
    key_results: tuple[FoundKeyResult, ...]
    objectives: tuple[FoundObjective, ...]
    skipped: tuple[Skipped, ...]
    headings: frozenset[int]
    others: tuple[str, ...] = ()
    team: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def headers(self) -> dict[Field, str]:
        """What the config has to say of the columns."""
        return {choice.field: choice.header for choice in self.choices if choice.is_written}

    @property
    def wanted(self) -> frozenset[Field]:
        """The columns of ours that ``layout`` adds only when asked."""
        return frozenset(choice.field for choice in self.choices if choice.is_optional and choice.at is None)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All values that wait for a person."""
        return tuple(offer for kr in self.key_results for offer in kr.offers if not offer.is_safe)
