"""``schedule``: what a schedule needs to know of a config, and when it runs. Writes no secret: it doesn't fetch any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.google_login_store import LOGIN
from connectors.google_reference import check_google_reference
from connectors.secret import Reference, Secret, parse_reference
from okr.problem import OkrSyncError
from sync.load import Project, read_mappings

KINDS = ("cron", "systemd", "kubernetes", "github-actions")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WORKDAYS = (0, 1, 2, 3, 4)
GRACE = 300
"""Seconds beyond the run's own budget after which a scheduler may end it: what was asked is still to be written."""


class ScheduleRefused(OkrSyncError):
    """No files were written: this schedule can't run this config, or the words given can't be used."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When it runs: a time of the company's zone, on weekdays counted from Monday = 0."""

    at: time
    days: tuple[int, ...]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Job:
    """What is scheduled. ``tells``: okr-sync itself tells ops of problems; code 4 needs no second alarm.

    ``files`` are config and mappings by their paths from ``folder``; ``seconds`` is how long a run may take.
    """

    folder: Path
    config: str
    moment: Moment
    variables: tuple[str, ...]
    secret_files: tuple[str, ...]
    files: tuple[str, ...]
    written: tuple[str, ...]
    tells: bool
    seconds: int
    workbook: bool
    login: bool


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A file to write: its name from the folder that people choose, and its text."""

    name: str
    text: str


def parse_moment(at: str, days: str, zone: ZoneInfo) -> Moment:
    """``06:30`` and ``mon-fri``, ``daily`` or ``mon,thu`` in a zone.

    Raises:
        ScheduleRefused: they are something else.
    """
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        raise ScheduleRefused(f"“{at}” is no time of day.", fix="Write it as 06:30.")
    return Moment(time.fromisoformat(at), _parse_days(days), zone)


def _parse_days(text: str) -> tuple[int, ...]:
    names = [name.lower() for name in DAYS]
    if text.lower() == "daily":
        return tuple(range(7))
    found: set[int] = set()
    for part in text.lower().split(","):
        first, dash, last = part.strip().partition("-")
        if first not in names or (dash and last not in names):
            raise ScheduleRefused(f"“{text}” are no days.", fix="Write mon-fri, daily, or days such as mon,thu.")
        start, end = names.index(first), names.index(last or first)
        found.update(day % 7 for day in range(start, (end if end >= start else end + 7) + 1))
    return tuple(sorted(found))


def make_job(project: Project, config: Path, moment: Moment) -> Job:
    """What a schedule needs to know of a config."""
    settings = project.config
    telling = settings.telling
    references = tuple(dict.fromkeys(_references(project)))
    texts, _ = read_mappings(project.folder, settings)
    return Job(
        folder=project.folder.resolve(),
        config=config.name,
        moment=moment,
        variables=tuple(sorted({each.where for each in references if each.how == "env"})),
        secret_files=tuple(sorted({each.where for each in references if each.how == "file"})),
        files=(config.name, *sorted(texts)),
        written=tuple(path for path in (settings.sheet.workbook, telling.metrics) if path),
        tells=bool(telling.alerts or telling.ping),
        seconds=settings.budget + GRACE,
        workbook=settings.sheet.workbook is not None,
        login=any(each.how == LOGIN for each in references),
    )


def _references(project: Project) -> Iterator[Reference]:
    config = project.config
    telling = config.telling
    routes = (each for route in telling.routes for each in route.to)
    if config.sheet.credentials:
        yield check_google_reference(config.sheet.credentials)
    for text in (*telling.alerts, *routes, telling.ping, telling.push):
        if text:
            yield parse_reference(text)
    for source in project.sources.values():
        for name in type(source.options).model_fields:
            value = getattr(source.options, name)
            if isinstance(value, Secret):
                yield value.reference


def check_online(job: Job, kind: str) -> None:
    """Raises ScheduleRefused where the sheet, or who may open it, is on this machine, and the run on another one."""
    if job.login:
        raise ScheduleRefused(
            f"credentials: login is who signed in on this machine; a run by {kind} would find nobody.",
            fix="Use a service account there, or workload identity without a key (docs/connect/google.md); or schedule "
            "it here: okr-sync schedule systemd.",
        )
    if job.workbook:
        raise ScheduleRefused(
            f"The sheet is a workbook on this machine's disk; a run by {kind} would not find it.",
            fix="Schedule it here: okr-sync schedule systemd, or okr-sync schedule cron.",
        )


def find_offsets(zone: ZoneInfo, at: time, today: date) -> tuple[timedelta, ...]:
    """The zone's distances from UTC at this time of day, within a year from ``today``; two where clocks change."""
    days = (today + timedelta(days=number) for number in range(366))
    found = {datetime.combine(day, at, zone).utcoffset() for day in days}
    return tuple(sorted(offset for offset in found if offset is not None))


def find_jumps(moment: Moment, today: date) -> tuple[date, ...]:
    """The days within a year on which this time of day is skipped, or comes twice, because clocks change."""
    found = []
    for number in range(366):
        day = today + timedelta(days=number)
        local = datetime.combine(day, moment.at, moment.zone)
        back = local.astimezone(UTC).astimezone(moment.zone)
        if back.time() != moment.at or local.utcoffset() != local.replace(fold=1).utcoffset():
            found.append(day)
    return tuple(day for day in found if day.weekday() in moment.days)


def render_cron(at: time, days: tuple[int, ...]) -> str:
    """The five fields of cron, in which Sunday is 0."""
    if len(days) == 7:
        return f"{at.minute} {at.hour} * * *"
    shown = "1-5" if days == WORKDAYS else ",".join(str(number) for number in sorted((day + 1) % 7 for day in days))
    return f"{at.minute} {at.hour} * * {shown}"
