"""The command of every night: run. Parse, call, tell whoever watches, render, exit code."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from sync.cli.daily import (
    Shared,
    accept,
    as_json,
    echo_problems,
    exit_code_of_run,
    force,
    no_fetch,
    only,
    problems_json,
)
from sync.cli.many import many_configs, over_many
from sync.cli.output import FINE, Progress, echo_json, echo_text, private_file
from sync.cli.post import OFF, PRINT, notify

if TYPE_CHECKING:
    from sync.engine import Engine
    from sync.plan import Plan
    from sync.run import RunReport, RunWishes
    from sync.run_rows import RunStamp

log = logging.getLogger(__name__)
summary = logging.getLogger("sync.summary")


@click.command("run")
@only
@no_fetch
@accept
@force
@click.option("--if-asked", is_flag=True, help="Only if somebody has ticked “Sync now” on the Dashboard.")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="Write exactly what plan --out saved.")
@click.option("--report", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page of the run here.")
@notify
@click.option("--no-notify", is_flag=True, help="The same as --notify off.")
@click.option(
    "--partial-exit", type=click.Choice(["new", "any", "never"]),
    help="When code 4 comes, instead of what the config's run.partial_exit says.",
)  # fmt: skip
@many_configs
@as_json
@click.pass_context
@over_many
def run_command(
    ctx: click.Context,
    *,
    only: frozenset[str],
    no_fetch: bool,
    accept: frozenset[str],
    force: bool,
    if_asked: bool,
    plan_file: Path | None,
    page: Path | None,
    notify: str,
    partial_exit: Literal["new", "any", "never"] | None,
    no_notify: bool,
    json_: bool,
) -> int:
    """Read the sources and write the sheet. Safe to repeat at any moment.

    \b
    Examples:
      okr-sync run
      okr-sync run --report okrs.html
      okr-sync run --notify print
      okr-sync -q run --if-asked
    """
    from sync.cli.watched import watched_run
    from sync.opening import open_engine
    from sync.run import RunWishes
    from sync.tell.render import render_plan

    shared = Shared.of(ctx)
    if plan_file is not None and (only or no_fetch):
        said = "--plan says itself what is written; --only and --no-fetch belong to: okr-sync plan --out"
        raise click.UsageError(said, ctx)
    if if_asked and not check_asked(ctx, shared, is_part=bool(only or no_fetch or plan_file)):
        if json_:
            echo_json({"asked": False})
        return FINE
    notify = OFF if no_notify else notify
    wishes = RunWishes(fetch=not no_fetch, only=only, accept=accept, force=force, tells=notify != OFF)
    kind = {"is_part": bool(only or no_fetch), "is_often": if_asked}
    with Progress(quiet=shared.quiet) as tell, watched_run(shared.config, notify=notify, **kind) as watched:
        engine = open_engine(shared.config, on_progress=tell)
        report = do_run(engine, wishes, plan_file)
        code = exit_code_of_run(partial_exit or engine.project.config.partial_exit, report.plan)
        watched.tell(report.plan, code)
        say_report(engine, report, code)
        watched.post.tell(engine, report.plan)
    if page is not None:
        write_page(page, report.plan, report.stamp)
    if json_:
        echo_json(report_json(report) | ({"messages": watched.post.as_json()} if notify == PRINT else {}))
    else:
        echo_text(render_plan(report.plan))
        echo_problems(report.plan)
        if watched.post.printed:
            echo_text(f"\n{watched.post.render()}")
    return code


def check_asked(ctx: click.Context, shared: Shared, *, is_part: bool) -> bool:
    """Whether “Sync now” is ticked. Nobody is pinged or told of a look that found nothing.

    Raises:
        UsageError: it is to be a run of a part, which wouldn't serve who ticked it.
    """
    from sync.ask import is_asked
    from sync.opening import open_engine

    if is_part:
        raise click.UsageError("--if-asked does a whole run: not with --only, --no-fetch or --plan.", ctx)
    is_ticked = is_asked(open_engine(shared.config))
    log.info("“Sync now” is %s", "ticked" if is_ticked else "not ticked: nothing to do")
    return is_ticked


def do_run(engine: Engine, wishes: RunWishes, plan_file: Path | None) -> RunReport:
    """The run itself, or what a saved plan says."""
    from sync.run import apply_run

    return apply_run(engine, wishes) if plan_file is None else apply_file(engine, plan_file, wishes)


def say_report(engine: Engine, report: RunReport, code: int) -> None:
    """The run's one line in the log, with its numbers for logs of JSON; and a line for each problem that is over."""
    from sync.tell.render import render_counts, render_over
    from sync.tell.telemetry import make_counts

    plan, run = report.plan, report.stamp.run
    seconds = (engine.now() - report.stamp.started).total_seconds()
    numbers = {**make_counts(plan), "exit_code": code, "seconds": round(seconds, 1)}
    summary.info("run %s: %s; %.1f s", run, render_counts(plan), seconds, extra={"numbers": numbers})
    for item in plan.life.over:
        summary.info("run %s: over: %s", run, render_over(item, plan.day))


def report_json(report: RunReport) -> dict[str, Any]:
    """The run for programs."""
    from sync.tell.render import plan_json

    plan = report.plan
    found = {"run": report.stamp.run, "batches": report.batches, "attempts": report.attempts, **plan_json(plan)}
    return {**found, "problems": problems_json(plan)}


def write_page(path: Path, plan: Plan, stamp: RunStamp | None) -> None:
    """Write the report. The sheet is written already: what fails here says so."""
    from okr.problem import OkrSyncError
    from sync.tell.report import render_report

    try:
        with private_file(path) as file:
            file.write(render_report(plan, stamp))
    except OSError as error:
        message = f"The report can't be written to {path}: {error.strerror}. The sheet was written."
        raise OkrSyncError(message, fix="Choose another place for --report.") from None


def apply_file(engine: Engine, path: Path, wishes: RunWishes) -> RunReport:
    """Apply a saved plan out of its file."""
    from sync.run_saved import apply_saved
    from sync.saved_plan import PlanFileError, parse_saved

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise PlanFileError(f"{path} can't be read: {reason}.", fix="okr-sync plan --out FILE writes one.") from None
    return apply_saved(engine, parse_saved(text, str(path)), wishes)
