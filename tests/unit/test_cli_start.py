"""Start-up: --help imports no vendor's library and no form; errors become exit codes."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from connectors.secret import remember_secret
from okr.problem import ConfigError, OkrSyncError, Problem, TextPlace, UnknownWord
from sync.cli import main as entry
from sync.cli.main import COMMANDS, cli, main, say_traceback
from sync.cli.output import clean_lines, exit_code_of, render_error, render_problems
from sync.sheet.merge import ShuffleError
from sync.sheet.store_error import LayoutError, SheetBusy, SheetInUse, SheetUnavailable

HEAVY = ("gspread", "google.auth", "jira", "pyairtable", "requests", "openpyxl", "lxml", "pydantic", "werkzeug", "lark")
LOOK = f"""
import sys
sys.argv = ["okr-sync", *{{words!r}}]
from sync.cli.main import main
try:
    main()
except SystemExit as stop:
    assert stop.code in (0, None), stop.code
print(*sorted(set({HEAVY!r}) & set(sys.modules)), "end", file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=lambda words: words[0]
)
def test_help_imports_no_vendor(words: list[str]) -> None:
    said = subprocess.run(
        [sys.executable, "-c", LOOK.format(words=words)], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stderr.strip() == "end"
    assert "okr-sync" in said.stdout


def test_every_command_exists() -> None:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError(()), 2),
        (UnknownWord("no such row"), 2),
        (OkrSyncError("a reason"), 1),
        (SheetUnavailable("down"), 1),
        (LayoutError("not prepared"), 1),
        (SheetBusy("another run"), 5),
        (SheetInUse("open in Excel"), 5),
        (ShuffleError(()), 6),
        (ValueError("a bug"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_exit_codes(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_error_says_where_and_what_to_do() -> None:
    error = OkrSyncError("The sheet is locked.", place=TextPlace("config.yaml", 3, 5), fix="Unlock it.")
    assert render_error(error) == "Error: config.yaml:3:5: The sheet is locked.\n  Unlock it."


def test_a_bug_is_called_one() -> None:
    assert render_error(KeyError("x")).startswith("Error: KeyError: 'x'\n  This is a bug in okr-sync.")


def test_a_full_disk_is_no_bug() -> None:
    said = render_error(OSError(errno.ENOSPC, "No space left on device"))
    assert said.startswith("Error: the result can't be written: No space left on device.")
    assert "bug" not in said
    assert "bug" in render_error(OSError("something else"))
    if Path("/dev/full").exists():
        script = "import sys; sys.argv = ['okr-sync', 'schema', '--help']; from sync.cli.main import main; main()"
        with Path("/dev/full").open("w") as full:
            environ = {**os.environ, "PYTHONUNBUFFERED": ""}  # what is buffered is tried once more at the end
            done = subprocess.run(
                [sys.executable, "-c", script], stdout=full, stderr=subprocess.PIPE, text=True, env=environ
            )
        assert (done.returncode, "bug" in done.stderr, "No space left" in done.stderr) == (1, False, True), done.stderr


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_an_output_that_is_closed_stops_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(sys, "argv", ["okr-sync", "--version"])
    with pytest.raises(SystemExit) as stop:
        entry.main()
    assert stop.value.code == 0
    stream = getattr(sys, name)
    assert not stream.isatty()
    stream.close()


def test_problems_come_in_the_order_of_their_lines() -> None:
    places = (TextPlace("b.yaml", 1), TextPlace("a.yaml", 12), TextPlace("a.yaml", 2))
    text = render_problems(Problem("code", "wrong", place) for place in places)
    assert text.splitlines() == ["a.yaml:2:1: wrong", "a.yaml:12:1: wrong", "b.yaml:1:1: wrong"]


def test_nothing_steers_the_terminal() -> None:
    assert clean_lines("a\x1b[2Jb\nc\u202ed") == "a [2Jb\nc d"


def test_an_unknown_command_and_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (["paln"], ["plan", "--jsno"]):
        monkeypatch.setattr(sys, "argv", ["okr-sync", *words])
        with pytest.raises(SystemExit) as stop:
            entry.main()
        assert stop.value.code == 2
        assert "No such" in capsys.readouterr().err


def test_a_traceback_holds_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    remember_secret("tok-in-a-traceback")
    try:
        raise RuntimeError("401 for https://x/?token=tok-in-a-traceback \x1b[2J")
    except RuntimeError as error:
        say_traceback(RuntimeError, error, error.__traceback__)
    said = capsys.readouterr().err
    assert "test_a_traceback_holds_no_secret" in said
    assert "RuntimeError: 401 for https://x/?token=•••" in said
    assert "tok-in-a-traceback" not in said
    assert "\x1b" not in said


def test_debug_shows_tracebacks_by_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["okr-sync", "--debug", "--config", str(tmp_path / "none.yaml"), "plan"])
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    with pytest.raises(ConfigError):
        main()
    assert sys.excepthook is say_traceback
