"""A schedule of GitHub Actions. Its cron is UTC: where clocks change there is a line for summer and one for winter.

Both lines start a job; the one whose distance from UTC isn't today's ends at once. The hour itself is never looked at:
GitHub starts late when it is busy (https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule).
"""

from __future__ import annotations

import shlex
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import yaml

from sync.care.schedule import Job, Moment, ScheduleFile, ScheduleRefused, check_online, find_offsets, render_cron

_HEAD = """\
# okr-sync by GitHub Actions. Put each secret below into the repository's settings, Secrets and variables, Actions.
# GitHub's cron is UTC; {note}
# In a public repository GitHub turns a schedule off after 60 days without a commit.
"""


def render_github(job: Job, package: str, today: date) -> tuple[ScheduleFile, ...]:
    """The workflow. ``package`` is what pip installs."""
    check_online(job, "GitHub Actions")
    outside = [
        path for path in job.secret_files if PurePosixPath(path).is_absolute() or ".." in path or path[:1] == "~"
    ]
    if outside:
        raise ScheduleRefused(
            f"The secret file:{outside[0]} lies outside the repository.",
            fix="Write a path from the config's folder, such as file:service-account.json, or env:NAME.",
        )
    lines = find_lines(job.moment, today)
    note = (
        f"these lines are {job.moment.at:%H:%M} in {job.moment.zone.key}, in summer and in winter."
        if len(lines) > 1
        else f"this line is {job.moment.at:%H:%M} in {job.moment.zone.key}, all year."
    )
    text = yaml.safe_dump(_workflow(job, package, lines), sort_keys=False, allow_unicode=True, width=120)
    return (ScheduleFile(".github/workflows/okr-sync.yaml", _HEAD.format(note=note) + text),)


def find_lines(moment: Moment, today: date) -> dict[str, str]:
    """Cron lines in UTC, each with the distance from UTC (+0100) for which it is meant."""
    found: dict[str, str] = {}
    for offset in find_offsets(moment.zone, moment.at, today):
        monday = datetime(2024, 1, 1, moment.at.hour, moment.at.minute)  # noqa: DTZ001 - a wall clock's
        there = monday - offset
        shift = (there.date() - monday.date()).days
        days = tuple(sorted((day + shift) % 7 for day in moment.days))
        found[render_cron(there.time(), days)] = _render_offset(offset)
    return found


def _render_offset(offset: timedelta) -> str:
    minutes = int(abs(offset).total_seconds() // 60)
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}{minutes % 60:02}"


def _workflow(job: Job, package: str, lines: dict[str, str]) -> dict[str, Any]:
    work: dict[str, Any] = {
        "runs-on": "ubuntu-latest",
        "timeout-minutes": job.seconds // 60 + 10,
        "steps": _steps(job, package),
    }
    jobs: dict[str, Any] = {"run": work}
    if len(lines) > 1:
        jobs = {"season": _season(job.moment, lines), "run": {"needs": "season", "if": _IS_SEASON, **work}}
    return {
        "name": "okr-sync",
        "on": {"schedule": [{"cron": line} for line in lines], "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": "okr-sync", "cancel-in-progress": False},
        "jobs": jobs,
    }


_IS_SEASON = "needs.season.outputs.now == 'yes'"


def _season(moment: Moment, lines: dict[str, str]) -> dict[str, Any]:
    """Whether the line that started this is today's. A start by hand always is."""
    cases = [f'  "{line}") meant="{offset}" ;;' for line, offset in lines.items()]
    script = [
        f'offset="$(TZ={moment.zone.key} date +%z)"',
        'case "$LINE" in',
        *cases,
        '  *) meant="$offset" ;;',
        "esac",
        'if [ "$meant" = "$offset" ]; then echo "now=yes"; else echo "now=no"; fi >>"$GITHUB_OUTPUT"',
    ]
    step = {"id": "season", "env": {"LINE": "${{ github.event.schedule }}"}, "run": "\n".join(script) + "\n"}
    return {
        "runs-on": "ubuntu-latest",
        "timeout-minutes": 5,
        "outputs": {"now": "${{ steps.season.outputs.now }}"},
        "steps": [step],
    }


def _steps(job: Job, package: str) -> list[dict[str, Any]]:
    run: dict[str, Any] = {"name": "Bring the sheet up to date", "run": _call(job)}
    if job.variables:
        run["env"] = {name: f"${{{{ secrets.{name} }}}}" for name in job.variables}
    return [
        {"uses": "actions/checkout@v5", "with": {"persist-credentials": False}},
        {"uses": "actions/setup-python@v6", "with": {"python-version": "3.12"}},
        {"name": "Install okr-sync", "run": f"python -m pip install {shlex.quote(package)}"},
        *(_write_secret(path) for path in job.secret_files),
        run,
    ]


def _write_secret(path: str) -> dict[str, Any]:
    """A secret as a file of the runner's own, which is thrown away afterwards."""
    name = "".join(char if char.isascii() and char.isalnum() else "_" for char in path).upper()
    target = shlex.quote(path)
    folder = shlex.quote(str(PurePosixPath(path).parent))
    return {
        "name": f"Write {path}",
        "env": {"CONTENT": f"${{{{ secrets.{name} }}}}"},
        "run": f"umask 077 && mkdir -p {folder} && printf '%s' \"$CONTENT\" >{target}",
    }


def _call(job: Job) -> str:
    partial = " --partial-exit never" if job.tells else ""
    return f"okr-sync --config {shlex.quote(job.config)} run{partial} >/dev/null"
