"""The commands to try things out: demo and sandbox. The only ones that know the sandbox, and only when called."""

from __future__ import annotations

import logging
import signal
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.output import FINE

if TYPE_CHECKING:
    from sync.cli.story import Stage
    from sync.plan import Plan
    from sync.run import RunReport

INSTALL = "The stand-ins need two more libraries. Install them with: pip install 'okr-sync[sandbox]'"
PLAN_LINES = 40


def _check_installed() -> None:
    import importlib.util

    if any(importlib.util.find_spec(name) is None for name in ("werkzeug", "lark")):
        raise click.ClickException(INSTALL)


@click.command("demo")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True,
              help="Where its files go; what lies there is replaced.")  # fmt: skip
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The world's last day, instead of today.")
def demo_command(folder: Path, today: datetime | None) -> int:
    """A company's OKRs kept alive for two weeks, in a minute, without any account.

    Example: okr-sync demo --folder demo
    """
    _check_installed()
    from sync.cli.story import open_stage

    check_folder(folder)
    started = time.monotonic()
    logging.getLogger("connectors").setLevel(logging.ERROR)  # the story says itself that Jira is down
    with open_stage(folder, today.date() if today else date.today()) as stage:  # noqa: DTZ011 - a person's today
        tell_story(stage)
        closing = _closing(stage)
    click.echo(closing)
    click.echo(f"\nAll of this took {time.monotonic() - started:.0f} seconds. Nothing left this machine.")
    return FINE


def check_folder(folder: Path) -> None:
    """Refuse to empty a folder that isn't an earlier demo's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "config-google.yaml").exists():
        raise click.ClickException(f"{folder} holds something else than a demo. Name another with --folder.")


def tell_story(stage: Stage) -> None:
    """The whole demo, told as it happens."""
    from sync.cli import story
    from sync.tell.report import render_report

    day = stage.set_day(14)
    _scene(day, "An empty Google sheet and an empty workbook: okr-sync layout prepares both.")
    click.echo(f"  {story.lay_out(stage)} tabs made: Dashboard, Objectives, Key Results, Check-ins, …")
    story.fill_in(stage)
    click.echo("  Acme's people type in their objectives and key results.")

    _scene(day, "The first night: okr-sync run reads Jira and Airtable and writes both sheets.")
    _report([stage.run(store) for store in story.STORES])

    day = stage.set_day(7)
    _scene(day, "A week later. People live in the sheet; in both of them they:")
    for act in story.act(stage):
        click.echo(f"  · {act}")

    _scene(day, "What would okr-sync do now? okr-sync plan says so, in OKR terms, and writes nothing.")
    _show_plan(stage.plan("google"), stage)

    _scene(day, "okr-sync run. The rows are found by their ids, the renamed column by its mark, the note stays.")
    reports = [stage.run(store) for store in story.STORES]
    _report(reports)
    _show_holds(reports[0])

    _scene(day, "Again at once: nothing has changed, so nothing is written but the heartbeat.")
    before = len(stage.google.requests)
    _report([stage.run("google")])
    writes = [item for item in stage.google.requests[before:] if item.path.endswith(":batchUpdate")]
    cells = sum(len(str(item.body)) for item in writes)
    click.echo(f"  Google got {len(writes)} write of {cells} characters: the heartbeat.")

    day = stage.set_day(3)
    _scene(day, "Some nights later all is well.")
    _report([stage.run(store) for store in story.STORES])

    story.take_jira_away(stage)
    for days_before in (2, 1, 0):
        day = stage.set_day(days_before)
        _scene(day, "Jira is down." if days_before else "Jira is still down: its last good values stay, and turn grey.")
        reports = [stage.run(store) for store in (story.STORES if days_before == 0 else ("google",))]
        _report(reports)
    path = stage.folder / "report.html"
    path.write_text(render_report(reports[0].plan, reports[0].stamp), encoding="utf-8")


def _scene(day: date, text: str) -> None:
    click.echo(f"\n{click.style(f'{day:%a} {day.day} {day:%b}', bold=True)}  {text}")


def _report(reports: list[RunReport]) -> None:
    from sync.tell.render import render_counts

    for report in reports:
        where = "workbook" if report.plan.snapshot.raw.url.startswith("file:") else "Google"
        done = "heartbeat only" if report.plan.is_quiet else render_counts(report.plan)
        click.echo(f"  {where:<9} run {report.stamp.run}: {done}")


def _show_plan(plan: Plan, stage: Stage) -> None:
    from sync.tell.render import render_plan

    text = render_plan(plan)
    path = stage.folder / "plan.txt"
    path.write_text(text + "\n", encoding="utf-8")
    lines = text.splitlines()
    for line in lines[:PLAN_LINES]:
        click.echo(f"  {line}".rstrip())
    if len(lines) > PLAN_LINES:
        click.echo(f"  … and {len(lines) - PLAN_LINES} more lines, in {path}")


def _show_holds(report: RunReport) -> None:
    from sync.tell.render import render_holds

    for line in render_holds(report.plan):
        click.echo(f"  held      {line}")


def _closing(stage: Stage) -> str:
    from sync.cli.story import save_page

    page = save_page(stage)
    return "\n".join(
        [
            "",
            click.style("Open these:", bold=True),
            f"  {stage.workbook}   the workbook, in Excel or LibreOffice",
            f"  {page}   the Google sheet as a browser shows it",
            f"  {stage.folder / 'report.html'}   the last run's report",
            f"  {stage.folder / 'config-google.yaml'}   the configuration; beside it the mappings",
            "",
            "To try mappings of your own on the stand-ins: okr-sync sandbox",
        ]
    )


@click.command("sandbox")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("sandbox-files"), show_default=True,
              help="Where a ready config and Acme's mappings are written.")  # fmt: skip
@click.option("--once", is_flag=True, hidden=True, help="Stop at once; for tests.")
def sandbox_command(folder: Path, *, once: bool) -> int:
    """Start stand-ins of Google Sheets, Jira and Airtable on this machine, to try mappings without credentials.

    They run until Ctrl-C. Example: okr-sync sandbox --folder trial
    """
    _check_installed()
    from sync.cli import story
    from sync.opening import make_around

    check_folder(folder)
    with story.open_stage(folder, date.today()) as stage:  # noqa: DTZ011 - a person's today
        story.lay_out(stage)
        story.fill_in(stage)
        stage.google.tell_time = make_around().now  # whoever asks lives today, not on the world's last morning
        click.echo(render_sandbox(stage))
        if not once:
            wait_for_the_end()
            click.echo("\nStopped.")
    return FINE


def wait_for_the_end() -> None:
    """Until Ctrl-C or a TERM signal; a shell's background jobs would ignore the first unless told."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


def render_sandbox(stage: Stage) -> str:
    """What somebody needs to use the stand-ins: addresses, how to get in, and what to type first."""
    from sandbox.acme import JIRA_EMAIL

    config = stage.folder / "config-google.yaml"
    jira, airtable = stage.jira.url, stage.airtable.url
    email, bases = JIRA_EMAIL, ", ".join(f"{base.name} {base.id}" for base in stage.airtable.bases.values())
    environ = " ".join(f"{name}={value}" for name, value in stage.environ.items())
    return "\n".join(
        [
            "The stand-ins are running. They live on this machine only and forget everything when stopped.",
            "",
            f"  Jira           {jira}",
            f"                 user {email}, token {stage.environ['JIRA_TOKEN']}",
            f"  Airtable       {airtable}",
            f"                 token {stage.environ['AIRTABLE_TOKEN']}, bases {bases}",
            f"  Google Sheets  {stage.google.url}/spreadsheets/d/{stage.document.id}",
            f"                 open it in a browser; programs sign in with {stage.folder / 'service-account.json'}",
            f"                 people with: okr-sync login google --client {stage.folder / 'oauth-client.json'}",
            "",
            "In another terminal:",
            "",
            f"  export {environ}",
            f"  okr-sync --config {config} check",
            f"  okr-sync --config {config} plan",
            f"  okr-sync --config {config} run",
            "",
            "Ask them yourself:",
            "",
            f"  curl -s -u {email}:$JIRA_TOKEN '{jira}/rest/api/3/search/jql?jql=project=WEB&fields=status'",
            f'  curl -s -H "Authorization: Bearer $AIRTABLE_TOKEN" {airtable}/v0/meta/bases',
            "",
            f"Change the mappings in {stage.folder / 'mappings'} and plan again. Ctrl-C stops.",
        ]
    )
