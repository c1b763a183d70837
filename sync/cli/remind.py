"""``remind``: who owes a check-in. Parse, call, render, exit code."""

from __future__ import annotations

import click

from sync.cli.daily import Shared
from sync.cli.output import FINE, echo_json, echo_text


@click.command("remind")
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--stats", is_flag=True, help="Also how each team keeps its OKRs: automated, stale, held, on time.")
@click.pass_context
def remind_command(ctx: click.Context, *, form: str, json_: bool, stats: bool) -> int:
    """Tell who owes a check-in: by lead and owner, with the last date and a sentence to send. Writes nothing.

    How often check-ins are due says checkins.cadence in the config, 7 days unless it says otherwise; leads stand in
    the tab People. An owner owes one from the day on which it is due, for every key result that is running.

    \b
    Examples:
      okr-sync remind
      okr-sync remind --stats --format md
      okr-sync remind --json
    """
    from functools import partial

    from sync.opening import open_engine
    from sync.run import RunWishes, find_open, preview
    from sync.sheet.layout import Tab
    from sync.tell.document import render_markdown, render_text
    from sync.tell.reminders import make_reminders
    from sync.tell.reminders_text import make_document, reminders_json

    engine = open_engine(Shared.of(ctx).config, read_only=True)
    config, plan = engine.project.config, preview(engine, RunWishes(fetch=False))
    cycles = find_open(engine, plan.snapshot, plan.now)
    reminders = make_reminders(plan, cycles, config.cadence, config.stale_days)
    where = partial(plan.snapshot.names.title, Tab.CHECK_INS)
    if json_ or form == "json":
        echo_json(reminders_json(reminders, where))
        return FINE
    document = make_document(reminders, where, stats=stats)
    echo_text(render_markdown(document) if form == "md" else render_text(document))
    return FINE
