"""The command adopt: parse, call, render, exit code."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.daily import Shared, as_json
from sync.cli.output import FINE, clean_lines, echo_json, echo_text

if TYPE_CHECKING:
    from sync.care.adopt_session import Session


@click.command("adopt")
@click.argument("sheet", metavar="[SHEET_OR_PATH]", required=False)
@click.option("--tab", metavar="TITLE", help="The tab that holds the key results, where there are several.")
@click.option("--apply", "apply", is_flag=True, help="Write the config where there is none; add ids and columns.")
@click.option(
    "--accept-proposals", "accept", is_flag=True, help="With --apply: write the values read out of text, too."
)
@click.option(
    "--credentials", metavar="REF", default="file:service-account.json", show_default=True,
    help="The key for a Google sheet that no config names yet: file:PATH or env:NAME.",
)  # fmt: skip
@click.option("--endpoint", metavar="URL", hidden=True, help="Another server in Google's place: the sandbox.")
@as_json
@click.pass_context
def adopt_command(
    ctx: click.Context,
    sheet: str | None,
    *,
    tab: str | None,
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
    """
    from sync.care.adopt_session import open_session
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
    session = open_session(path, sheet, tab, credentials=credentials, endpoint=endpoint, read_only=not apply)
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


def _call(ctx: click.Context, path: Path, session: Session) -> str:
    """The call that would apply what this one proposes."""
    config = "" if path == Path("config.yaml") else f" --config {shlex.quote(str(path))}"
    words = ["okr-sync" + config, "adopt"]
    if session.engine is None and ctx.params["sheet"]:
        words.append(shlex.quote(ctx.params["sheet"]))
    if ctx.params["tab"]:
        words.append(f"--tab {shlex.quote(ctx.params['tab'])}")
    return " ".join([*words, "--apply"])
