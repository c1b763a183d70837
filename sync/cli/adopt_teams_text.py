"""What ``adopt --teams`` says: each team's part in short, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sync.care.adopt_teams import TeamSession
from sync.cli.adopt_text import count, say_choice
from sync.sheet.columns import find_column
from sync.sheet.layout import Tab

_MANY = 8


def render_team(found: TeamSession) -> str:
    """One team: its tab, what is taken for what, its ids, its config."""
    proposal = found.session.proposal
    state = "there already" if found.session.engine is not None else "new"
    ids = [kr.id for kr in proposal.key_results]
    shown = ", ".join(ids[:_MANY]) + (f" and {len(ids) - _MANY} more" if len(ids) > _MANY else "")
    lines = [
        f"{found.team}: {count(len(ids), 'key result')}, {count(len(proposal.objectives), 'objective')}",
        f"  Config        {found.session.config} ({state})",
        f"  Key results   {shown}",
    ]
    lines += [f"  {say_choice(each)}" for each in proposal.choices if each.at is not None]
    waiting = [f"{find_column(Tab.KEY_RESULTS, offer.field).header} of {kr.id}" for kr in proposal.key_results
               for offer in kr.offers if not offer.is_safe]  # fmt: skip
    lines += [f"  To be confirmed by a person: {', '.join(waiting[:_MANY])}"] if waiting else []
    return "\n".join(lines) + "\n"


def render_teams_next(configs: Sequence[Path], words: str, *, is_applied: bool) -> str:
    """What is each team's own, what is shared, and what to do next."""
    if not is_applied:
        return "\n".join(
            [
                "Each team runs on its own: its memory, Dashboard, Objectives and KPIs are its own tabs. Steps,",
                "Check-ins, People, History, Runs and Guide are shared. For scores across teams, keep all key",
                "results in one tab.",
                f"Nothing was written. To do it: {words} --apply",
            ]
        )
    return "\n".join(["Next, for each team:", *(f"  okr-sync --config {config} plan" for config in configs)])
