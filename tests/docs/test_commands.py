"""What the pages say of the command line is so: commands, options, exit codes, the quick start."""

import os
import re
import shlex
import subprocess
import sys

import click
import pytest

from sync.cli import output
from sync.cli.main import COMMANDS, cli
from tests.docs.pages import PAGES, blocks, read, rows, section

CALL = re.compile(r"\bokr-sync((?: +[^\s`|;&…]+)*)")


def calls():
    """Every call of the command on every page, as (page, words)."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fenced = [line for body in (*blocks(text), *blocks(text, "cron")) for line in body.splitlines()]
        quoted = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
        for piece in (*fenced, *quoted):
            for found in CALL.finditer(piece):
                if found.start() == 0 or piece[found.start() - 1] in " /":
                    yield page.name, found[1].split()


CALLS = sorted({(page, tuple(words)) for page, words in calls() if words})


def command(name):
    return cli.get_command(click.Context(cli), name)


def test_there_are_calls_to_look_at():
    assert len(CALLS) > 20


@pytest.mark.parametrize(("page", "words"), CALLS)
def test_every_call_on_a_page_is_one_that_exists(page, words):
    names = [word for word in words if not word.startswith("-")]
    flags = {"--help"} | {option for each in cli.params for option in each.opts}
    if names:
        assert names[0] in COMMANDS, page
        found = command(names[0])
        if isinstance(found, click.Group) and names[1:]:
            assert names[1] in found.commands, page
            found = found.commands[names[1]]
        flags |= {option for each in found.params for option in each.opts}
    assert [word for word in words if word.startswith("--") and word not in flags] == []


def test_the_readme_lists_every_command_once():
    listed = [row[0].strip("`").removeprefix("okr-sync ") for row in rows(section(read("README.md"), "Commands"))]
    assert sorted(listed) == sorted(COMMANDS)


def walk(found, words=()):
    """Every command and subcommand, with the words that call it."""
    yield words, found
    if isinstance(found, click.Group):
        for name in found.list_commands(click.Context(found)):
            yield from walk(found.get_command(click.Context(found), name), (*words, name))


EVERY = dict(walk(cli))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_help_has_an_example_that_can_be_typed(words):
    _, _, examples = EVERY[words].help.partition("Example")
    made = [shlex.split(call, comments=True) for call in re.findall(r"\bokr-sync( [^\n)&]*)", examples)]
    named = []
    for call in made:
        found, rest = cli, call
        while isinstance(found, click.Group) and (found is cli or rest):
            _, rest, _ = found.make_parser(click.Context(found)).parse_args(rest)
            found = found.get_command(click.Context(found), rest.pop(0))
            named.append(found)
        found.make_parser(click.Context(found)).parse_args(list(rest))
    assert EVERY[words] in named if words else named


def test_those_about_the_sheet_have_json():
    for name in set(COMMANDS) - {"sandbox", "demo", "completion"}:
        found = command(name)
        for each in found.commands.values() if isinstance(found, click.Group) else (found,):
            assert "--json" in {option for param in each.params for option in param.opts}, (name, each.name)


def exit_codes():
    """The codes by name, as the command line has them."""
    names = ("FINE", "FAILED", "USAGE", "PENDING", "PARTIAL", "BUSY", "REFUSED")
    return {name.lower(): str(getattr(output, name)) for name in names}


def test_the_exit_codes_are_those_of_the_command_line():
    operating = rows(section(read("docs/operating.md"), "Exit codes"))
    assert {row[1]: row[0] for row in operating} == exit_codes()
    readme = rows(section(read("README.md"), "Exit codes"))
    assert {row[0]: row[1].split()[0] for row in readme}.keys() == set(exit_codes().values())
    for row in readme:
        name = next(name for name, code in exit_codes().items() if code == row[0])
        assert {"usage": "configuration", "pending": "changes"}.get(name, name) in row[1]


def run(words, folder):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OKR_SYNC")}
    script = "from sync.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_the_quick_start_runs_as_written(tmp_path):
    steps = next(body for body in blocks(section(read("README.md"), "Quick start")) if "okr-sync init" in body)
    lines = [line.split()[1:] for line in steps.splitlines()]
    assert [words[0] for words in lines] == ["init", "layout", "check", "plan", "run"]
    for words in lines:
        done = run(words, tmp_path)
        assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} >= {"config.yaml", "mappings", "okrs.xlsx"}
    again = run(["plan", "--exit-code"], tmp_path)
    assert again.returncode == 0, again.stdout


def test_make_has_the_targets_that_pages_name():
    made = set(re.findall(r"^(\w+):", read("Makefile"), re.MULTILINE))
    named = {
        word
        for page in PAGES
        for call in re.findall(r"\bmake ((?:\b[a-z]+ ?)+)`", page.read_text("utf-8"))
        for word in call.split()
    }
    assert named
    assert named <= made
    assert {"demo", "test"} <= made
    assert blocks(read("README.md"))[0].split("\n")[0].startswith("make demo")
    assert blocks(read("README.md"))[0].split("\n")[1].startswith("make test")
