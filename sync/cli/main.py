"""The command ``okr-sync``: its commands, what all of them share, and how errors become exit codes.

A command's module is imported when the command is called, so that ``--help`` and start-up stay fast.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from pathlib import Path
from types import TracebackType

import click

COMMANDS = {
    "plan": ("daily", "Show what a run would write, in OKR terms. Writes nothing."),
    "run": ("night", "Read the sources and write the sheet."),
    "explain": ("daily", "Where a key result's number comes from."),
    "status": ("watch", "Whether all is well, on one screen; with an exit code for monitors."),
    "report": ("report", "What the last days brought: text, Markdown, a page for a mail, JSON."),
    "history": ("daily", "How a key result came to where it is: every change, and a plot."),
    "init": ("setup", "Write a first config.yaml and mapping file."),
    "layout": ("setup", "Prepare the sheet: tabs, columns, formats."),
    "login": ("login", "Sign in to Google as yourself, where no service account is to be had."),
    "logout": ("login", "End that sign-in, here and at Google."),
    "adopt": ("adopt", "Take up a sheet that people keep their OKRs in already."),
    "discover": ("discover", "List what a source has that a mapping can use; print a mapping to begin with."),
    "doctor": ("doctor", "Try everything that a night needs, and say what to mend."),
    "schema": ("setup", "Write JSON Schemas, so that an editor completes and checks config and mappings."),
    "check": ("setup", "Check config and mappings; nothing is read or written."),
    "schedule": ("schedule", "Write ready files for cron, systemd, Kubernetes or GitHub Actions."),
    "completion": ("completion", "Print what makes a shell complete commands, ids and sources."),
    "sandbox": ("trial", "Start stand-ins of Google Sheets, Jira and Airtable to try things on."),
    "demo": ("trial", "A company's OKRs kept alive for two weeks, in a minute, without any account."),
    "remind": ("remind", "Tell who owes a check-in, and how OKRs are kept."),
    "cycle": ("cycle", "Review a cycle, close it, and open the next one."),
    "release": ("practice", "End holds: hand people's cells back to okr-sync."),
    "leave": ("practice", "Take okr-sync out of the sheet; all values stay."),
    "repair": ("repair", "Undo a partial sort: put okr-sync's cells back into their rows."),
    "undo": ("practice", "Put back what a run changed, and hold it."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; their one-line help stands in the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a user's day, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"sync.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config", "configs", type=click.Path(), multiple=True, default=("config.yaml",), envvar="OKR_SYNC_CONFIG",
    show_default=True, show_envvar=True,
    help="The configuration; run, plan, check, status and doctor take several, or a pattern.",
)  # fmt: skip
@click.option(
    "--env-file", type=click.Path(path_type=Path, dir_okay=False), envvar="OKR_SYNC_ENV_FILE", show_envvar=True,
    help="Take variables that aren't set from this file: a NAME=VALUE a line.",
)  # fmt: skip
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice: every request.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors on stderr.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", envvar="OKR_SYNC_LOG_FORMAT",
    show_envvar=True, help="json: one object a line, for machines.",
)  # fmt: skip
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(package_name="okr-sync", prog_name="okr-sync")
@click.pass_context
def cli(
    ctx: click.Context,
    configs: tuple[str, ...],
    env_file: Path | None,
    verbose: int,
    *,
    quiet: bool,
    log_format: str,
    debug: bool,
) -> None:
    """Keep the sheet that holds a company's OKRs alive.

    Connectors read each key result where it really lives; score, status and the reason are written into the sheet;
    what people wrote stays.

    \b
    Examples:
      okr-sync init                      # a first config, in a folder of its own
      okr-sync plan                      # what would be written, and why
      okr-sync --config web.yaml run
    """
    from sync.cli.many import find_configs

    start_log(verbose, quiet=quiet, as_json=log_format == "json")
    ctx.obj = {"configs": find_configs(configs), "debug": debug, "quiet": quiet, "verbose": verbose}
    if env_file is not None:
        from sync.env_file import read_env_file

        os.environ.update(read_env_file(env_file, os.environ))


def start_log(verbose: int, *, quiet: bool, as_json: bool = False) -> None:
    """The log goes to stderr, without secrets; stdout is for results alone."""
    from sync.run_log import forget_run

    forget_run()
    level = logging.ERROR if quiet else logging.DEBUG if verbose > 1 else logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    text = RedactingFormatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
    handler.setFormatter(JsonFormatter() if as_json else text)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if level < logging.WARNING else level)
    for name in ("sync", "connectors"):
        logging.getLogger(name).setLevel(level)
    logging.getLogger("sync.summary").setLevel(logging.ERROR if quiet else logging.INFO)
    requests = logging.getLogger("urllib3.connectionpool")
    requests.setLevel(logging.DEBUG if level == logging.DEBUG else logging.WARNING)
    requests.filters[:] = [say_request]
    warnings.showwarning = log_warning


def say_request(record: logging.LogRecord) -> bool:
    """Of what urllib3 says about requests their method, host and status. A path may be a secret: a webhook's is one."""
    if record.levelno > logging.DEBUG:
        return True
    if not isinstance(record.args, tuple) or len(record.args) != 8:  # scheme, host, port, method, path, version, …
        return False
    _, host, _, method, _, _, status, _ = record.args
    record.msg, record.args = "%s %s answered %s", (method, host, status)
    return True


def log_warning(message: Warning | str, category: type[Warning], *_place: object, **_rest: object) -> None:
    """What a library warns its programmers of: for who asks for more, and never between the lines of a log."""
    logging.getLogger("sync.library").info("%s: %s", category.__name__, message)


class RedactingFormatter(logging.Formatter):
    """Takes every secret that was fetched out of each line, and what could end a line or colour a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        from connectors.secret import redact
        from sync.cli.output import clean

        return clean(redact(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The message, which begins with the run's name while there is one."""
        from sync.run_log import current_run, current_sheet

        run, sheet = current_run(), current_sheet()
        if run and run not in record.message:
            record.message = f"run {run}: {record.message}"
        if sheet:
            record.message = f"{sheet} | {record.message}"
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, run, message, and the numbers of the run's last line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        import json
        from datetime import UTC, datetime

        from connectors.secret import redact
        from sync.cli.output import escape_json
        from sync.run_log import current_run, current_sheet

        sheet = {"sheet": current_sheet()} if current_sheet() else {}
        found: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **sheet,
            "run": getattr(record, "run", current_run()),
            "message": record.getMessage(),
            **getattr(record, "numbers", {}),
        }
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return escape_json(redact(json.dumps(found, ensure_ascii=False)))


def say_error(text: str) -> None:
    """The error that ends a command: as it is for people, a line of the log where that is for machines."""
    from sync.run_log import last_run

    if is_for_machines():
        logging.getLogger("sync").error("%s", text, extra={"run": last_run()})
    else:
        click.echo(text, err=True)


def is_for_machines() -> bool:
    """Whether the log is written as JSON: then nothing else may stand between its lines."""
    return any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers)


def say_usage(error: click.ClickException) -> None:
    """What is wrong with the command line, with how it goes for people."""
    if is_for_machines():
        say_error(f"Error: {error.format_message()}")
    else:
        error.show()


def say_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What Python says of an error that nobody caught, without secrets: a library may have put one into its message."""
    import traceback

    from connectors.secret import redact
    from sync.cli.output import clean_lines

    click.echo(clean_lines(redact("".join(traceback.format_exception(kind, error, trace)))), err=True)


def open_streams() -> None:
    """Whoever starts a program may close its output first: then what it says goes nowhere, and it does its work."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open to the end


def end_output(code: int) -> int:
    """The exit code once the output is out. What can't be written then isn't tried again: Python would end with 120.

    The recipe is Python's own, for pipes that are closed (docs.python.org/3/library/signal.html#note-on-sigpipe).
    """
    from sync.cli.output import exit_code_of, render_error

    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if code == 0:
            if not isinstance(error, BrokenPipeError):
                say_error(render_error(error))
            return exit_code_of(error)
    return code


def main() -> None:
    """The command's entry point: every error becomes a message and an exit code."""
    from sync.cli.output import exit_code_of, render_error
    from sync.interrupt import Stopped

    open_streams()
    try:
        code = cli.main(prog_name="okr-sync", standalone_mode=False)
    except click.exceptions.Abort:
        say_error("Stopped. What was being written is written whole or not at all.")
        code = 130
    except Stopped as stop:
        say_error(f"Stopped by {stop}. What was being written is written whole or not at all.")
        code = stop.code
    except click.ClickException as error:
        say_usage(error)
        code = 2
    except Exception as error:
        if "--debug" in sys.argv:
            sys.excepthook = say_traceback
            raise
        say_error(render_error(error))
        code = exit_code_of(error)
    sys.exit(end_output(code if isinstance(code, int) else 0))


if __name__ == "__main__":
    main()
