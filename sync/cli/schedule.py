"""The command ``schedule``: parse, call, render, exit code."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.daily import Shared, as_json
from sync.cli.output import FINE, clean_lines, echo_json

if TYPE_CHECKING:
    from sync.care.schedule import Job, ScheduleFile


@click.command("schedule")
@click.argument("kind", type=click.Choice(["cron", "systemd", "kubernetes", "github-actions"]))
@click.option("--at", default="06:30", show_default=True, metavar="HH:MM", help="When, in the company's zone.")
@click.option("--days", default="mon-fri", show_default=True, help="mon-fri, daily, or days such as mon,thu.")
@click.option("--image", metavar="NAME:TAG", help="kubernetes: the image, built of the Dockerfile.")
@click.option(
    "--package", metavar="WHAT", help="github-actions: what pip installs: NAME==VERSION or git+https://…@TAG."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the files into this folder.")
@as_json
@click.pass_context
def schedule_command(
    ctx: click.Context,
    *,
    kind: str,
    at: str,
    days: str,
    image: str | None,
    package: str | None,
    out: Path | None,
    json_: bool,
) -> int:
    """Write ready files that run this config on a schedule: for cron, systemd, Kubernetes or GitHub Actions.

    Prints them, or writes them into a folder. Zone, secrets' names, time limits and what code 4 means come from the
    config; no secret is fetched or written.

    \b
    Examples:
      okr-sync schedule systemd --out units
      okr-sync schedule kubernetes --image registry.acme.example/okr-sync:0.1.0
    """
    from sync.care.schedule import find_jumps, make_job, parse_moment
    from sync.load import load_project
    from sync.opening import make_around

    path = Shared.of(ctx).config
    project = load_project(path)
    moment = parse_moment(at, days, project.config.zone)
    job = make_job(project, path, moment)
    today = make_around().now().astimezone(moment.zone).date()
    for day in find_jumps(moment, today)[:1]:
        click.echo(f"Clocks change at {at} on {day}: the run is skipped or comes twice. Choose another hour.", err=True)
    files = _render(ctx, job, kind, image, package)
    if out is not None:
        _write(out, files)
    if json_:
        echo_json(
            {"kind": kind, "files": {each.name: each.text for each in files}, "folder": str(out) if out else None}
        )
    elif out is not None:
        click.echo("\n".join(f"Wrote {out / each.name}" for each in files))
    else:
        click.echo(clean_lines("\n".join(_show(each, alone=len(files) == 1) for each in files)), nl=False)
    return FINE


def _render(
    ctx: click.Context, job: Job, kind: str, image: str | None, package: str | None
) -> tuple[ScheduleFile, ...]:
    from sync.care.schedule_github import render_github
    from sync.care.schedule_host import render_crontab, render_systemd
    from sync.care.schedule_kubernetes import render_kubernetes
    from sync.opening import make_around

    if kind == "kubernetes":
        if image is None:
            raise click.UsageError("Say which image runs: --image NAME:TAG. The Dockerfile builds one.", ctx)
        return render_kubernetes(job, image)
    if kind == "github-actions":
        if package is None:
            raise click.UsageError("Say what pip installs: --package git+https://…@TAG, or NAME==VERSION.", ctx)
        return render_github(job, package, make_around().now().date())
    return (render_crontab if kind == "cron" else render_systemd)(job, _find_command())


def _find_command() -> str:
    """Where this very command lies: schedulers have no PATH of a person's."""
    beside = Path(sys.executable).with_name("okr-sync")
    return str(beside) if beside.exists() else shutil.which("okr-sync") or "/usr/local/bin/okr-sync"


def _show(file: ScheduleFile, *, alone: bool) -> str:
    return file.text if alone else f"# ---- {file.name}\n{file.text}"


def _write(folder: Path, files: tuple[ScheduleFile, ...]) -> None:
    from sync.care.schedule import ScheduleRefused

    for each in files:
        path = folder / each.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(each.text, encoding="utf-8")
        except OSError as error:
            raise ScheduleRefused(f"{path}: {error.strerror}.", fix="Choose another folder for --out.") from None
