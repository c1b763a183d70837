"""The command adopt: parse, call, render, exit code."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.cli.daily import Shared, as_json
from sync.cli.output import FINE, clean_lines, echo_json, echo_text

if TYPE_CHECKING:
    from sync.care.adopt_session import Session, SheetCall


@click.command("adopt")
@click.argument("sheet", metavar="[SHEET_OR_PATH]", required=False)
@click.option("--tab", metavar="TITLE", help="The tab that holds the key results, where there are several.")
@click.option("--teams", is_flag=True, help="Each team has a tab of its own: a config for each, in the folder teams.")
@click.option("--apply", "apply", is_flag=True, help="Write the config where there is none; add ids and columns.")
@click.option(
    "--accept-proposals", "accept", is_flag=True, help="With --apply: write the values read out of text, too."
)
@click.option(
    "--credentials", metavar="REF", default="file:service-account.json", show_default=True,
    help="The key for a Google sheet that no config names yet: file:PATH, env:NAME, application-default, login.",
)  # fmt: skip
@click.option("--endpoint", metavar="URL", hidden=True, help="Another server in Google's place: the sandbox.")
@as_json
@click.pass_context
def adopt_command(
    ctx: click.Context,
    sheet: str | None,
    *,
    tab: str | None,
    teams: bool,
    apply: bool,
    accept: bool,
    credentials: str,
    endpoint: str | None,
    json_: bool,
) -> int:
    """Take up a sheet or workbook that people keep their OKRs in. Says what it sees and proposes; writes nothing.

    With --apply, ids and okr-sync's columns are added at the right edge. What is there stays as it is. Numbers that it
    reads out of text, such as "from 32 to 45", wait until somebody confirms them. Safe to repeat.

    \b
    Examples:
      okr-sync adopt okrs.xlsx
      okr-sync adopt okrs.xlsx --tab "Q4 OKRs" --apply
      okr-sync adopt okrs.xlsx --teams --apply
    """
    from sync.care.adopt_session import SheetCall, open_session
    from sync.cli.adopt_text import (
        adopted_json,
        proposal_json,
        render_adopted,
        render_block,
        render_next,
        render_proposal,
    )

    if accept and not apply:
        raise click.UsageError("--accept-proposals goes with --apply: alone it would write nothing.", ctx)
    path = Shared.of(ctx).config
    if teams and (tab or not sheet):
        raise click.UsageError("--teams goes with a sheet, and without --tab.", ctx)
    call = SheetCall(path.parent, sheet, tab, credentials, endpoint)
    if teams:
        return _adopt_teams(call, apply=apply, accept=accept, json_=json_)
    session = open_session(path, call, read_only=not apply)
    if apply:
        done = session.apply(accept=accept)
        if json_:
            echo_json(adopted_json(session, done))
        else:
            echo_text(render_adopted(session, done))
        return FINE
    if json_:
        echo_json(proposal_json(session))
    else:
        echo_text(render_proposal(session))
        if block := render_block(session):
            click.echo(clean_lines(block))  # never wrapped: it is to be copied
        echo_text(render_next(session, _call(ctx, path, session)))
    return FINE


def _adopt_teams(call: SheetCall, *, apply: bool, accept: bool, json_: bool) -> int:
    """Each team in turn; what was done for the first ones stays when a later one is refused."""
    from sync.care.adopt_teams import apply_team, find_teams
    from sync.cli.adopt_teams_text import render_team, render_teams_next
    from sync.cli.adopt_text import adopted_json, proposal_json, render_adopted

    words = f"okr-sync adopt {shlex.quote(str(call.sheet))} --teams"
    told: list[dict[str, Any]] = []
    configs: list[Path] = []
    for found in find_teams(call, read_only=not apply):
        session = found.session
        configs.append(session.config)
        if apply:
            done = apply_team(found, accept=accept)
            told.append({"team": found.team, "config": str(session.config), **adopted_json(session, done)})
            text = f"{found.team}\n{render_adopted(session, done, words)}\n"
        else:
            told.append({"team": found.team, "config_file": str(session.config), **proposal_json(session)})
            text = render_team(found)
        if not json_:
            echo_text(text)
    if json_:
        echo_json({"teams": told})
    else:
        echo_text(render_teams_next(configs, words, is_applied=apply))
    return FINE


def _call(ctx: click.Context, path: Path, session: Session) -> str:
    """The call that would apply what this one proposes."""
    config = "" if path == Path("config.yaml") else f" --config {shlex.quote(str(path))}"
    words = ["okr-sync" + config, "adopt"]
    if session.engine is None and ctx.params["sheet"]:
        words.append(shlex.quote(ctx.params["sheet"]))
    if ctx.params["tab"]:
        words.append(f"--tab {shlex.quote(ctx.params['tab'])}")
    return " ".join([*words, "--apply"])
