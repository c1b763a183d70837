"""``remind``: who owes a check-in. Parse, call, render, exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from sync.cli.daily import Shared
from sync.cli.output import FINE, echo_json, echo_text
from sync.cli.post import OFF, PRINT, Post, notify

if TYPE_CHECKING:
    from sync.engine import Engine
    from sync.plan import Plan
    from sync.tell.reminders import Reminders


@click.command("remind")
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--stats", is_flag=True, help="Also how each team keeps its OKRs: automated, stale, held, on time.")
@click.option("--send", "send", is_flag=True, help="Send each owner and lead what is owed, once a cadence.")
@notify
@click.pass_context
def remind_command(ctx: click.Context, *, form: str, json_: bool, stats: bool, send: bool, notify: str) -> int:
    """Tell who owes a check-in: by lead and owner, with the last date and a sentence to send.

    How often check-ins are due says checkins.cadence in the config, 7 days unless it says otherwise; leads stand in
    the tab People. An owner owes one from the day on which it is due, for every key result that is running.

    Writes nothing without --send. With it, messages go where messages.to and messages.routes say, outside of their
    quiet hours; nobody is reminded of the same key result again before another cadence is over.

    \b
    Examples:
      okr-sync remind
      okr-sync remind --stats --format md
      okr-sync remind --send
    """
    from functools import partial

    from sync.interrupt import catching_signals, shielded
    from sync.opening import open_engine
    from sync.run import RunWishes, find_open, preview
    from sync.sheet.layout import Tab
    from sync.tell.document import render_markdown, render_text
    from sync.tell.reminders import make_reminders
    from sync.tell.reminders_text import make_document, reminders_json

    shared = Shared.of(ctx)
    engine = open_engine(shared.config, read_only=not send)
    config, plan = engine.project.config, preview(engine, RunWishes(fetch=False))
    cycles = find_open(engine, plan.snapshot, plan.now)
    reminders = make_reminders(plan, cycles, config.cadence, config.stale_days)
    where = partial(plan.snapshot.names.title, Tab.CHECK_INS)
    post = Post(notify, shared.config.parent, os.environ)
    if send:
        with catching_signals(), shielded():  # what is queued is sent, noted and said
            return send_reminders(ctx, engine, plan, reminders, post, json_=json_ or form == "json")
    if json_ or form == "json":
        echo_json(reminders_json(reminders, where))
        return FINE
    document = make_document(reminders, where, stats=stats)
    echo_text(render_markdown(document) if form == "md" else render_text(document))
    return FINE


def send_reminders(
    ctx: click.Context, engine: Engine, plan: Plan, reminders: Reminders, post: Post, *, json_: bool
) -> int:
    """Queue what is owed in the sheet's outbox, and tell it unless it is quiet.

    Raises:
        UsageError: nobody is named whom it could be sent to.
    """
    from sync.tell.mail import queue_reminders

    config = engine.project.config
    if not config.telling.routes or post.how == OFF:
        raise click.UsageError("--send needs somebody to send to: write messages: {to: […]} in the config.", ctx)
    queued, plan = queue_reminders(engine, plan, reminders)
    post.tell(engine, plan)
    waits = "; the next run outside of the quiet hours sends them" if queued and not plan.tells else ""
    if json_:
        echo_json(
            {"queued": queued, "waits": bool(waits)} | ({"messages": post.as_json()} if post.how == PRINT else {})
        )
        return FINE
    if post.printed:
        echo_text(post.render())
    count = f"{queued} key result{'' if queued == 1 else 's'}"
    click.echo(f"Owners of {count} are reminded{waits}." if queued else "Nobody is to be reminded now.")
    return FINE
