"""The daily commands: plan, run, explain, history. Parse, call, render, exit code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.cli.completion import complete_id, complete_ids
from sync.cli.many import many_configs, over_many
from sync.cli.output import (
    FINE,
    PARTIAL,
    PENDING,
    Progress,
    clean_lines,
    echo_json,
    echo_text,
    private_file,
    problem_json,
    render_json,
    render_problems,
    sort_problems,
    style_headings,
    width,
)

if TYPE_CHECKING:
    from okr.problem import Problem
    from sync.plan import Plan


@dataclass(frozen=True, slots=True)
class Shared:
    """The options before the command's name."""

    config: Path
    quiet: bool

    @staticmethod
    def of(ctx: click.Context) -> Shared:
        """Those of this call."""
        paths = ctx.obj["configs"]
        if len(paths) > 1:
            raise click.UsageError("This is done for one sheet at a time: name one with --config.", ctx)
        return Shared(paths[0], ctx.obj["quiet"])


as_json = click.option("--json", "json_", is_flag=True, help="Print the result as JSON.")


def parse_ids(ctx: click.Context, param: click.Parameter, text: str | None) -> frozenset[str]:
    """The ids of --only and --accept.

    Raises:
        UsageError: the option is there and names none, as where a script's variable is empty: that isn't all of them.
    """
    ids = frozenset(part.strip() for part in (text or "").split(",") if part.strip())
    if text is not None and not ids:
        raise click.UsageError(f"{param.opts[0]} names no key result. Nothing was written.", ctx)
    return ids


only = click.option(
    "--only", metavar="KR[,KR…]", help="Only these key results.", shell_complete=complete_ids, callback=parse_ids
)
no_fetch = click.option("--no-fetch", is_flag=True, help="Ask no source: score people's edits with the last readings.")


accept = click.option(
    "--accept", metavar="KR[,KR…]", help="Believe these readings, whatever the guards say.",
    shell_complete=complete_ids, callback=parse_ids,
)  # fmt: skip
force = click.option("--force", is_flag=True, help="Believe all readings, whatever the guards say, and the clock.")


@click.command("plan")
@click.option("--exit-code", "exit_code", is_flag=True, help="Exit with 3 when something would change.")
@only
@no_fetch
@accept
@force
@click.option("--messages", is_flag=True, help="Print the alerts and messages that a run would send.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan, for run --plan.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "md", "json"]), default="text", show_default=True,
    help="md is for a comment on a pull request.",
)  # fmt: skip
@many_configs
@as_json
@click.pass_context
@over_many
def plan_command(
    ctx: click.Context,
    *,
    exit_code: bool,
    messages: bool,
    out: Path | None,
    format_: str,
    only: frozenset[str],
    no_fetch: bool,
    accept: frozenset[str],
    force: bool,
    json_: bool,
) -> int:
    """Show what a run would write, in OKR terms. Writes nothing, and needs only a read-only share of the sheet.

    \b
    Examples:
      okr-sync plan --only WEB-1.1,WEB-1.2
      okr-sync plan --out tonight.json && okr-sync run --plan tonight.json
    """
    from connectors.secret import redact
    from sync.guards import render_refusal
    from sync.opening import open_engine
    from sync.run import RunWishes, find_alarms
    from sync.run_saved import preview_to_save
    from sync.saved_plan import render_saved
    from sync.tell.mail import render_messages
    from sync.tell.plan_markdown import render_plan_markdown
    from sync.tell.render import plan_json, render_plan

    shared = Shared.of(ctx)
    with Progress(quiet=shared.quiet) as tell:
        engine = open_engine(shared.config, on_progress=tell, read_only=True)
        wishes = RunWishes(fetch=not no_fetch, only=only, accept=accept, force=force, tells=True)
        plan, saved = preview_to_save(engine, wishes)
    alarms = find_alarms(engine, wishes, plan)
    if out is not None:
        save_json(out, render_saved(saved, {**plan_json(plan), "refused": list(map(str, alarms))}))
    if format_ == "md":
        click.echo(clean_lines(redact(render_plan_markdown(plan, alarms))), nl=False)
    elif json_ or format_ == "json":
        echo_json({**plan_json(plan), "refused": list(map(str, alarms)), "problems": problems_json(plan)})
    else:
        echo_text(render_plan(plan))
        echo_problems(plan)
        if alarms:
            echo_text(f"\n{render_refusal(alarms)}")
    if messages:
        echo_text(f"\n{render_messages(engine, plan)}")
    return PENDING if exit_code and plan.moved else FINE


def echo_problems(plan: Plan) -> None:
    """The problems, new ones first; then those that were known, by the day since when."""
    from okr.calendar import render_day

    life = plan.life
    new = frozenset(map(id, life.new))
    by_day: dict[str, list[Problem]] = {}
    for problem in plan.problems:
        since = life.since(problem)
        title = "New problems" if id(problem) in new else "Problems that are still open"
        title += f", since {render_day(since, plan.day)}" if since and id(problem) not in new else ""
        by_day.setdefault(title, []).append(problem)
    for title, problems in sorted(by_day.items()):
        echo_text(f"\n{title}\n{render_problems(problems)}")


def problems_json(plan: Plan) -> list[dict[str, Any]]:
    """The problems as JSON, each with the day since when, and whether it is new."""
    life = plan.life
    new = frozenset(map(id, life.new))
    return [
        {**problem_json(item), "since": life.since(item), "new": id(item) in new}
        for item in sort_problems(plan.problems)
    ]


def save_json(path: Path, content: dict[str, Any]) -> None:
    """Write a result as a file of its owner's."""
    from okr.problem import OkrSyncError

    try:
        with private_file(path) as file:
            file.write(render_json(content) + "\n")
    except OSError as error:
        message = f"The plan can't be written to {path}: {error.strerror}. The sheet is as it was."
        raise OkrSyncError(message, fix="Choose another place for --out.") from None


def exit_code_of_run(partial_exit: str, plan: Plan) -> int:
    """4 where something is wrong that is new (or anything, or never, as configured). Warnings are no such thing."""
    from okr.problem import Severity

    problems = {"new": plan.life.new, "any": plan.problems, "never": ()}[partial_exit]
    return PARTIAL if any(problem.severity is Severity.ERROR for problem in problems) else FINE


@click.command("explain")
@click.argument("id_", metavar="KR", shell_complete=complete_id)
@click.option(
    "--live", "live", is_flag=True, help="Compare what the mapping gives now with the sheet; asks what is paused too."
)
@no_fetch
@as_json
@click.pass_context
def explain_command(ctx: click.Context, *, id_: str, live: bool, no_fetch: bool, json_: bool) -> int:
    """Show where a number comes from: mapping, query, records, score, status, cells.

    Reads the sheet, and the source for this one alone, with three records as examples. Works for objectives and KPIs
    too. Writes nothing. With --live it also sets what the mapping file gives now beside what the last run read and what
    the sheet shows: for trying an edit before a run.

    \b
    Examples:
      okr-sync explain WEB-1.1
      okr-sync explain WEB-1.1 --live
    """
    from sync.care.practise import check_practised
    from sync.opening import open_engine
    from sync.run import RunWishes, find_out, plan_run
    from sync.tell.explain_facts import make_explanations
    from sync.tell.explain_text import explanation_json, render_explanation

    if live and no_fetch:
        raise click.UsageError("--live asks the source and --no-fetch doesn't: say one of them.", ctx)
    shared = Shared.of(ctx)
    with Progress(quiet=shared.quiet) as tell:
        engine = open_engine(shared.config, on_progress=tell, read_only=True)
        wishes = RunWishes(fetch=not no_fetch, only=frozenset({id_}), evidence=True, paused=live)
        now = engine.now()
        findings = find_out(engine, wishes, now)
        plan = plan_run(engine, wishes, findings, findings.snapshot, now)
        project = engine.project
        hints = check_practised(engine, plan)
        found = make_explanations(project.mappings, project.config.scoring, findings, plan, id_, hints)
    if json_:
        echo_json({"explained": [explanation_json(item) for item in found]})
    else:
        text = clean_lines("\n\n\n".join(render_explanation(item, width(), live=live) for item in found))
        click.echo(style_headings(text))
    return FINE


@click.command("history")
@click.argument("id_", metavar="KR", shell_complete=complete_id)
@click.option("--since", metavar="DAY", help="Only from this day on: 2026-11-01.")
@click.option("--field", "column", metavar="COLUMN", help="Only this column; it is drawn too, if it holds numbers.")
@as_json
@click.pass_context
def history_command(ctx: click.Context, *, id_: str, since: str | None, column: str | None, json_: bool) -> int:
    """Show how a key result came to where it is: a plot, and every change with its reason.

    Reads the History tabs of all cycles. Works for objectives and KPIs too. Writes nothing.

    \b
    Examples:
      okr-sync history WEB-1.1
      okr-sync history WEB-1.1 --field Current --since 2026-11-01
    """
    from sync.opening import open_engine
    from sync.tell.history import find_field, find_story, narrow
    from sync.tell.history_text import render_story, story_json

    day = _parse_day(ctx, since)
    engine = open_engine(Shared.of(ctx).config, read_only=True)
    story = find_story(engine, id_)
    field = find_field(column, story.tab) if column else None
    story = narrow(story, day, field)
    if json_:
        echo_json(story_json(story))
    else:
        echo_text(render_story(story, field, width()))
    return FINE


def _parse_day(ctx: click.Context, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.UsageError(f"--since {text}: write a day as 2026-11-01.", ctx) from None
