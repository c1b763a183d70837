"""The first hour: a person's answers as lines of a config, each tried on the service itself before a file is written.

Pure but for ``try_`` and ``find_account``: those open the sheet or the source, and write nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.base import Surroundings
from connectors.findings import Findings, Part
from connectors.google_reference import WORDS
from mappings.suggest import did_you_mean, one_of
from okr.problem import ConfigError, OkrSyncError, UnknownWord
from sync.care.discover import discover
from sync.care.first_source import GOOGLE_HOST, SourceAnswer
from sync.care.first_source import other_host as _other_host
from sync.care.init import InitRefused, parse_google, quoted, render_config
from sync.load import draft_project
from sync.opening import open_store
from sync.sheet.store import Store

NO_SOURCE = "  {}  # none yet: people type Current themselves\n"
_REFERENCE = re.compile(r"(env|file|keyring):\S+")


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """Which sheet. ``key`` is how to sign in to Google: where the account's key lies (a path, or a reference), or a
    word for what this machine has of its own.
    """

    place: str
    key: str = ""

    @property
    def is_google(self) -> bool:
        """Whether an address was given. A workbook ends as one."""
        return not self.place.lower().endswith((".xlsx", ".xlsm"))

    def render(self) -> str:
        """The lines under ``sheet``. Raises InitRefused where it is no address."""
        if not self.is_google:
            return f"  workbook: {quoted(self.place)}  # from this file's folder"
        address = parse_google(self.place)
        key = self.key if _REFERENCE.fullmatch(self.key) or self.key in WORDS else f"file:{self.key}"
        lines = f"  google: {quoted(address)}\n  credentials: {quoted(key)}"
        other = _other_host(address, GOOGLE_HOST)
        return lines + (f"\n  endpoint: {quoted(other)}  # not Google itself" if other else "")


@dataclass(frozen=True, slots=True)
class SheetFound:
    """A sheet that could be opened, and its tabs; or a workbook that is still to be made."""

    exists: bool
    titles: tuple[str, ...] = ()


def find_account(answer: SheetAnswer, folder: Path, environ: Mapping[str, str], around: Surroundings) -> str:
    """The e-mail address that a Google sheet is to be shared with; nothing is asked.

    Raises:
        OkrSyncError: there is no such address or key.
    """
    return _open(answer, folder, environ, around).account


def try_sheet(answer: SheetAnswer, folder: Path, environ: Mapping[str, str], around: Surroundings) -> SheetFound:
    """Open the sheet and list its tabs.

    Raises:
        OkrSyncError: it can't be opened; the fix says with which account it has to be shared.
    """
    store = _open(answer, folder, environ, around)
    if not answer.is_google and not Path(store.place).exists():
        return SheetFound(exists=False)
    return SheetFound(exists=True, titles=store.fetch_titles())


def _open(answer: SheetAnswer, folder: Path, environ: Mapping[str, str], around: Surroundings) -> Store:
    text = render_config(answer.render(), NO_SOURCE)
    try:
        return open_store(draft_project(text, folder / "config.yaml"), environ, around)
    except ConfigError as error:
        raise _plain(error) from None


def try_source(
    answer: SourceAnswer, sheet: SheetAnswer, folder: Path, environ: Mapping[str, str], around: Surroundings
) -> Findings:
    """Ask the source what it has: address, token and rights in one.

    Raises:
        OkrSyncError: it refused, or didn't answer, or an option can't be so.
    """
    text = render_config(sheet.render(), answer.render())
    try:
        return discover(draft_project(text, folder / "config.yaml"), answer.kind, environ, around).findings
    except ConfigError as error:
        raise _plain(error) from None


def _plain(error: ConfigError) -> OkrSyncError:
    """The first thing that is wrong, without the place in a file that isn't there yet."""
    first = error.problems[0]
    return InitRefused(first.message[:1].upper() + first.message[1:].rstrip(".") + ".", fix=first.fix)


def choose_part(found: Findings, text: str) -> Part:
    """The project or table that a person named.

    Raises:
        UnknownWord: there is none; with what was probably meant.
    """
    part = next((each for each in found.parts if each.is_called(text)), None)
    if part is None:
        names = [each.id if len(each.id) <= len(each.name) else each.name for each in found.parts]
        fix = did_you_mean(text, names) or f"There are {one_of(names)}."
        raise UnknownWord(f"Nothing there is called “{text}”.", fix=fix[:1].upper() + fix[1:])
    return part


def render_first_mapping(lines: tuple[str, ...], taken: int = -1, id_: str = "") -> str:
    """The first mapping file: what a source offers, as comments; the line ``taken`` as the key result's own."""
    body = [line.partition(": ")[2] for line in lines]
    own = [f"  {quoted(id_)}: {body[taken]}"] if id_ else []
    rest = [f"#  {line}" for number, line in enumerate(lines) if not id_ or number != taken]
    head = "key_results:" if own else "key_results: {}"
    return "\n".join([*_HEAD, head, *own, *_OFFERS, *rest, ""]) if rest else "\n".join([*_HEAD, head, *own, ""])


_HEAD = (
    "# Ties key results to where their numbers live. Key results that are not named here stay people's own: nobody but",
    "# them writes into Current.",
    "",
)
_OFFERS = (
    "# What the source offers to begin with. Take a line, take the # away, put your key result's id in front,",
    "# and take {} away behind key_results. All that it has: okr-sync discover",
)
