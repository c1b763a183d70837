"""``adopt --teams``: a sheet in which each team has a tab of key results. Each gets a config of its own and runs alone.

What a run remembers, its Dashboard, Objectives and KPIs are the team's own (``sheet.team``); the other tabs are shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sync.care.adopt import AdoptRefused
from sync.care.adopt_apply import Adopted
from sync.care.adopt_session import Session, SheetCall, open_session
from sync.care.adopt_words import plain
from sync.load import load_project
from sync.sheet.layout import Tab

FOLDER = "teams"
_MOST = 40  # characters of a team's name: titles of tabs that end with it stay readable


@dataclass(frozen=True, slots=True)
class TeamSession:
    """One team's tab: where its config is or will be, and what is proposed for it."""

    team: str
    session: Session


def find_teams(call: SheetCall, *, read_only: bool = True) -> Iterator[TeamSession]:
    """A proposal for each tab with a table of OKRs. Each is read when it is asked for: after the one before was done.

    Raises:
        AdoptRefused: there is one such tab only; then it needs no team.
    """
    kept = list(_kept(call))
    titles = sorted({*kept, *_find_free(call, has_teams=bool(kept))})
    if len(titles) < 2:
        raise AdoptRefused(
            f"only “{titles[0]}” looks like OKRs: there are no teams to tell apart.",
            fix=f"Adopt it alone: okr-sync adopt {call.sheet}. Nothing was written.",
        )
    for title in titles:
        yield TeamSession(title[:_MOST], _open(call, title, find_config(call.folder, title), read_only=read_only))


def _find_free(call: SheetCall, *, has_teams: bool) -> list[str]:
    """The tabs with a table of OKRs that nobody keeps yet."""
    try:
        first = _open(call, None, call.folder / FOLDER / "_" / "config.yaml", read_only=True)
    except AdoptRefused:
        if has_teams:
            return []
        raise
    return [first.proposal.table.raw.title, *first.proposal.others]


def find_config(folder: Path, team: str) -> Path:
    """Where a team's config is: in a folder of its own beside the config that was named."""
    word = re.sub(r"[^a-z0-9]+", "-", plain(team)).strip("-") or f"team-{len(team)}"
    return folder / FOLDER / word / "config.yaml"


def _kept(call: SheetCall) -> Iterator[str]:
    """The tabs of teams that were adopted before: they are no tables of people's alone any more."""
    for path in sorted((call.folder / FOLDER).glob("*/config.yaml")):
        names = load_project(path).config.sheet.names
        if names.team:
            yield names.title(Tab.KEY_RESULTS)


def _open(call: SheetCall, title: str | None, config: Path, *, read_only: bool) -> Session:
    team = title[:_MOST] if title else ""
    return open_session(config, replace(call, tab=title, team=team), read_only=read_only)


def apply_team(found: TeamSession, *, accept: bool) -> Adopted:
    """Write the team's config where there is none, add its columns, give its ids."""
    return found.session.apply(accept=accept)
