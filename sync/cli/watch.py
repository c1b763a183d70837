"""The commands for those who watch over the engine: status."""

from __future__ import annotations

import click

from sync.cli.daily import Shared, as_json
from sync.cli.many import many_configs, over_many
from sync.cli.output import FAILED, FINE, PARTIAL, echo_json, echo_text


@click.command("status")
@many_configs
@as_json
@click.pass_context
@over_many
def status_command(ctx: click.Context, *, json_: bool) -> int:
    """Say on one screen whether all is well. Reads the sheet once, asks no source, writes nothing.

    Exits with 0 when all is well, 4 when a look is needed, 1 when no run was good for too long, or one was refused and
    none has been good since.

    \b
    Examples:
      okr-sync status
      okr-sync --quiet status --json
    """
    from sync.opening import open_engine
    from sync.run import preview_unasked
    from sync.tell.status import Level, make_status, render_status, status_json

    engine = open_engine(Shared.of(ctx).config, read_only=True)
    plan, runs = preview_unasked(engine)
    status = make_status(plan, runs, engine.now(), engine.project.config.stale_days)
    if json_:
        echo_json(status_json(status))
    else:
        echo_text(render_status(status))
    return {Level.FINE: FINE, Level.LOOK: PARTIAL, Level.DOWN: FAILED}[status.level]
