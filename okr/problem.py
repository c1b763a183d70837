"""What a person should fix, with its place; and the base of every error that this project raises.

A problem is a value: rules return problems, they don't print or raise them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class TextPlace:
    """A place in a file that a person wrote. Lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1
    path: str = ""  # the keys that lead there: key_results.WEB-1.1.metric
    length: int = 1  # how many characters the caret underlines

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}"
        return f"{head}  {self.path}" if self.path else head


@dataclass(frozen=True, slots=True, order=True)
class CellPlace:
    """A place in the sheet: the tab's title and the cell's address as a person reads them."""

    tab: str
    address: str  # "D7"; a row is "7:7"; empty means the whole tab

    def __str__(self) -> str:
        return f"{self.tab}!{self.address}" if self.address else self.tab


Place = TextPlace | CellPlace


class Severity(StrEnum):
    """Errors stop the thing they are about; warnings don't. Hints are style: they are shown to who asks for them."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a person should fix.

    ``code`` is stable and machine-readable ("mapping.unknown-metric"). ``subject`` is what the problem is
    about, mostly a key result's id. ``line_text`` is the source line, for the caret.
    """

    code: str
    message: str
    place: Place | None = None
    fix: str | None = None
    subject: str | None = None
    severity: Severity = Severity.ERROR
    line_text: str | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two problems of two runs the same one: never a line number, which moves."""
        where = ""
        if isinstance(self.place, TextPlace):
            where = self.place.path or self.place.file
        elif isinstance(self.place, CellPlace):
            where = self.place.tab
        return (self.code, self.subject or "", where)


class OkrSyncError(Exception):
    """Base of all errors that are not bugs. The class says what the caller does next."""

    def __init__(self, message: str, *, place: Place | None = None, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.fix = fix

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.place else self.message
        return f"{head} {self.fix}" if self.fix else head


class UnknownWord(OkrSyncError):
    """A word that the caller gave names nothing: no row, no column. Nothing was written."""


class ConfigError(OkrSyncError):
    """What people wrote in config or mappings can't be used; carries every problem found, in order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'' if count == 1 else 's'}. Nothing was read or written.")
        self.problems = problems
