"""What all commands print alike: errors, problems, JSON, the progress bar; and which exit code means what."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import click

from okr.problem import CellPlace, ConfigError, OkrSyncError, Place, Problem, Severity, TextPlace, UnknownWord

FINE, FAILED, USAGE, PENDING, PARTIAL, BUSY, REFUSED = 0, 1, 2, 3, 4, 5, 6
JSON_VERSION = 1


def exit_code_of(error: BaseException) -> int:
    """The exit code of an error: its class says what the caller does next."""
    from sync.care.adopt import AdoptRefused
    from sync.care.adopt_session import AdoptUsage
    from sync.care.init import InitRefused
    from sync.care.schedule import ScheduleRefused
    from sync.care.turn import CycleRefused
    from sync.guards import UnsafePlan
    from sync.saved_plan import PlanFileError, StalePlan
    from sync.share import ForeignConfigError
    from sync.sheet.merge import ShuffleError
    from sync.sheet.store_error import SheetBusy, SheetInUse

    table: tuple[tuple[type[BaseException], int], ...] = (
        (ConfigError, USAGE),
        (UnknownWord, USAGE),
        (InitRefused, USAGE),
        (ScheduleRefused, USAGE),
        (CycleRefused, USAGE),
        (AdoptUsage, USAGE),
        (AdoptRefused, USAGE),
        (SheetBusy, BUSY),
        (SheetInUse, BUSY),
        (ShuffleError, REFUSED),
        (UnsafePlan, REFUSED),
        (StalePlan, REFUSED),
        (PlanFileError, USAGE),
        (ForeignConfigError, REFUSED),
    )
    return next((code for kind, code in table if isinstance(error, kind)), FAILED)


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a disk says that takes no more: cron writes the result into a file."""


def render_error(error: BaseException) -> str:
    """An error for a person: what, where, what to do; never a traceback."""
    from connectors.secret import redact

    if isinstance(error, ConfigError):
        return clean_lines(redact(f"{render_problems(error.problems)}\n\n{error.message}"))
    if isinstance(error, OkrSyncError):
        head = f"{error.place}: {error.message}" if error.place else error.message
        text = f"Error: {head}" + (f"\n  {error.fix}" if error.fix else "")
        return clean_lines(redact(text))
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f"{error.filename} can't be written" if error.filename else "the result can't be written"
        text = f"Error: {where}: {error.strerror}.\n  Make room, and look at the log: what it calls done is done."
        return clean_lines(redact(text))
    kind = type(error).__name__
    return clean_lines(
        redact(f"Error: {kind}: {error}\n  This is a bug in okr-sync. --debug shows where; please report it.")
    )


def render_problems(problems: Iterable[Problem]) -> str:
    """Problems one after the other, errors first, then by place."""
    from connectors.secret import redact
    from mappings.problem_text import render_problem

    return redact("\n".join(_mark(problem, render_problem(problem)) for problem in sort_problems(problems)))


def _mark(problem: Problem, text: str) -> str:
    return text if problem.severity is Severity.ERROR else f"{problem.severity.value}: {text}"


_GRADES = tuple(Severity)


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Errors before warnings before hints, then in the order of files, lines, tabs and cells."""
    return sorted(problems, key=lambda item: (_GRADES.index(item.severity), _place_key(item.place), item.code))


def _place_key(place: Place | None) -> tuple[Any, ...]:
    if isinstance(place, TextPlace):
        return (0, place.file, place.line, place.column)
    if isinstance(place, CellPlace):
        digits = "".join(filter(str.isdigit, place.address))
        return (1, place.tab, int(digits or 0), 0)
    return (2, "", 0, 0)


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem as JSON."""
    place = problem.place
    where: dict[str, Any] = {}
    if isinstance(place, TextPlace):
        where = {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "path": place.path,
            "length": place.length,
        }
    elif isinstance(place, CellPlace):
        where = {"tab": place.tab, "cell": place.address}
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "fix": problem.fix,
        "subject": problem.subject,
        "place": where or None,
        "identity": list(problem.identity),
    }


def echo_json(content: dict[str, Any], out: Path | None = None) -> None:
    """Print a result as JSON, with its version; or write it into a file."""
    if out is None:
        click.echo(render_json(content))
    else:
        out.write_text(f"{render_json(content)}\n", encoding="utf-8")


def render_json(content: dict[str, Any]) -> str:
    """A result as JSON, with its version and without secrets."""
    from connectors.secret import redact

    text = json.dumps({"version": JSON_VERSION, **content}, ensure_ascii=False, indent=2, default=_plain)
    return escape_json(redact(text))


def escape_json(text: str) -> str:
    """JSON in which everything that doesn't print is written as its number, as JSON lets one: a terminal may see it."""
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value) if value != value.to_integral_value() else int(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def clean(text: str) -> str:
    """One line that can't move a terminal's cursor: control characters become spaces."""
    return "".join(char if char.isprintable() or char == "\t" else " " for char in text)


def shorten(line: str, columns: int) -> str:
    """The line, cut with an ellipsis where it is longer."""
    return line if len(line) <= columns else f"{line[: columns - 1].rstrip()}…"


def clean_lines(text: str) -> str:
    """Several lines, each clean."""
    return "\n".join(clean(line) for line in text.split("\n"))


def style_headings(text: str) -> str:
    """Lines that begin at the margin in bold: ``click.echo`` leaves that out where stdout is no terminal."""
    return "\n".join(click.style(line, bold=True) if line[:1].strip() else line for line in text.split("\n"))


def echo_text(text: str) -> None:
    """Print a result for people, clean and without secrets: on a terminal long lines are wrapped under their own
    beginning."""
    from connectors.secret import redact

    text = clean_lines(redact(text))
    click.echo(wrap_lines(text, width()) if sys.stdout.isatty() else text)


_QUOTED = re.compile(r" *\d* \| ")  # a file's line or the caret below it: wrapped they would point nowhere


def wrap_lines(text: str, columns: int) -> str:
    """The text with every line at most so long, where it can be broken between words."""
    lines: list[str] = []
    for line in text.split("\n"):
        if len(line) <= columns or _QUOTED.match(line):
            lines.append(line)
        else:
            indent = " " * (len(line) - len(line.lstrip()) or 2)
            lines += textwrap.wrap(
                line, columns, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
            )
    return "\n".join(lines)


def private_file(path: Path) -> IO[str]:
    """A file to write data of the company's into: new ones are for their owner alone, others keep their mode."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")


def width() -> int:
    """How wide text may be: the terminal's width, at most 100 columns so that lines stay readable."""
    return max(40, min(100, shutil.get_terminal_size((100, 24)).columns))


@dataclass(slots=True)
class Progress:
    """A progress bar on stderr, on a terminal only; call it with (done, total, source)."""

    quiet: bool = False
    _bar: Any = None
    _done: int = 0

    def __enter__(self) -> Callable[[int, int, str], None]:
        return self.tell

    def tell(self, done: int, total: int, source: str) -> None:
        """So many of so many metrics have been read; the last one from this source."""
        if self.quiet or not sys.stderr.isatty() or not total:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=total, label="Reading", file=sys.stderr, item_show_func=lambda item: str(item or ""),
                bar_template="%(label)s  %(bar)s  %(info)s", fill_char="█", empty_char="░", width=30,
            )  # fmt: skip
            self._bar.render_progress()
        self._bar.update(done - self._done, source)
        self._done = done

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.render_finish()
