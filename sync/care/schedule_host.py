"""Schedules of one machine: cron and systemd."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from sync.care.schedule import DAYS, Job, Moment, ScheduleFile, render_cron

ENV_FILE = "/etc/okr-sync/env"


def render_crontab(job: Job, command: str) -> tuple[ScheduleFile, ...]:
    """A piece of a crontab. Cron mails what is printed: the log, where a run did not end with 0 (or with 5, busy)."""
    okr_sync = f"{shlex.quote(command)}{_env_option(job)} --config {shlex.quote(job.config)}"
    call = f"cd {shlex.quote(str(job.folder))} && {okr_sync} run"
    quiet = "4|5" if job.tells else "5"
    told = f">run.out 2>run.log || case $? in {quiet}) ;; *) cat run.log; esac"
    lines = [
        "# okr-sync. Install: crontab -e, and paste; or put it into a file of /etc/cron.d with a user's name after the",
        "# five fields. Cron mails the log of a run that needs a look; 5 (busy) is left to the next one.",
        *_tell_env(job),
        "# CRON_TZ is known to cronie (Fedora, RHEL, Arch, SUSE). Debian's cron and BusyBox ignore it: there the",
        "# hour is the machine's own. Where that isn't the company's, take okr-sync schedule systemd.",
        f"CRON_TZ={job.moment.zone.key}",
        f"{render_cron(job.moment.at, job.moment.days)}  {_escape(f'{call} {told}')}",
        "",
    ]
    return (ScheduleFile("okr-sync.cron", "\n".join(lines)),)


def _env_option(job: Job) -> str:
    return f" --env-file {ENV_FILE}" if job.variables else ""


def _tell_env(job: Job) -> list[str]:
    if not job.variables:
        return []
    return [f"# {ENV_FILE} (mode 0600, the user's own) has a line NAME=VALUE for each of: {', '.join(job.variables)}"]


def _escape(line: str) -> str:
    """Cron takes a percent sign for the end of the line."""
    return line.replace("%", r"\%")


def render_systemd(job: Job, command: str) -> tuple[ScheduleFile, ...]:
    """A service and its timer."""
    return ScheduleFile("okr-sync.service", _service(job, command)), ScheduleFile("okr-sync.timer", _timer(job.moment))


def _service(job: Job, command: str) -> str:
    writes = sorted({str(PurePosixPath(job.folder / path).parent) for path in job.written})
    lines = [
        "# Install: put okr-sync.service and okr-sync.timer into /etc/systemd/system, make the user (useradd --system",
        "# okr-sync), then: systemctl daemon-reload && systemctl enable --now okr-sync.timer",
        *_tell_env(job),
        "[Unit]",
        "Description=Bring the OKR sheet up to date",
        "Documentation=man:systemd.timer(5)",
        "Wants=network-online.target",
        "After=network-online.target",
        "# At most three tries an hour, where another run or an open workbook is in the way.",
        "StartLimitIntervalSec=1h",
        "StartLimitBurst=3",
        "",
        "[Service]",
        "Type=oneshot",
        "User=okr-sync",
        f"WorkingDirectory={_unit_text(str(job.folder))}",
        *([f"EnvironmentFile={ENV_FILE}"] if job.variables else []),
        f"ExecStart={_unit_word(command)} --config {_unit_word(job.config)} run",
        *_exit_lines(job),
        "# 5, busy, is tried again. RestartForceExitStatus= isn't for services that end.",
        "Restart=on-failure",
        "RestartPreventExitStatus=1 2 4 6",
        "RestartSec=10min",
        f"TimeoutStartSec={job.seconds}",
        "TimeoutStopSec=90",
        "",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        "ProtectKernelTunables=yes",
        "ProtectControlGroups=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "UMask=0077",
        *(f"ReadWritePaths={_unit_word(folder)}" for folder in writes),
        "",
    ]
    return "\n".join(lines)


def _exit_lines(job: Job) -> list[str]:
    if job.tells:
        return [
            "# 4: the run is done and has a new problem, which the config's own alerts tell.",
            "SuccessExitStatus=4",
        ]
    return [
        "# 4 (done, with a new problem) fails the unit, because the config names no alerts. Where 4 is to count as",
        "# well done: SuccessExitStatus=4",
    ]


def _timer(moment: Moment) -> str:
    days = "" if len(moment.days) == 7 else _on_days(moment.days) + " "
    return "\n".join(
        [
            "[Unit]",
            "Description=When the OKR sheet is brought up to date",
            "",
            "[Timer]",
            f"OnCalendar={days}*-*-* {moment.at:%H:%M}:00 {moment.zone.key}",
            "# A night that the machine slept through is made up for.",
            "Persistent=yes",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def _on_days(days: tuple[int, ...]) -> str:
    return "Mon..Fri" if days == (0, 1, 2, 3, 4) else ",".join(DAYS[day] for day in days)


def _unit_text(text: str) -> str:
    """systemd reads a percent sign as the beginning of a specifier."""
    return text.replace("%", "%%")


def _unit_word(text: str) -> str:
    """One word of a command or list, in quotes where it holds a space (systemd.syntax(7))."""
    escaped = _unit_text(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if " " in escaped or '"' in text or "\\" in text else escaped
