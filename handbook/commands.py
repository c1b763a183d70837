"""The reference of the commands, from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from handbook.markdown import escape, table
from sync.cli.main import cli

_HEAD = """\
# Commands

What `okr-sync COMMAND --help` says, for all of them. What their exit codes mean:
[operating](../operating.md#exit-codes).
"""


def render_commands() -> str:
    """A page with every command: its words, arguments, options and examples."""
    parts = [_HEAD, "## okr-sync\n", *_options(cli, click.Context(cli, info_name="okr-sync"))]
    for name, command, context in walk(cli, click.Context(cli, info_name="okr-sync")):
        parts += [f"## {name}\n", *_one(command, context)]
    return "\n".join(parts)


def walk(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command of a group with its whole name, groups before what is in them."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield inner.command_path.removeprefix("okr-sync "), command, inner
        if isinstance(command, click.Group):
            yield from walk(command, inner)


def _one(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"```\n{usage}\n```\n"
    yield from _paragraphs(inspect.cleandoc(command.help or ""))
    yield from _options(command, context)


def _paragraphs(text: str) -> Iterator[str]:
    """The words as prose, what is indented or marked to be kept as it stands as code."""
    for block in text.replace("\r", "").split("\n\n"):
        kept = block.strip("\n")
        lines = kept.removeprefix("\b\n").splitlines()
        if kept.startswith("\b") or any(line.startswith("  ") for line in lines):
            yield "```\n" + "\n".join(lines) + "\n```\n"
        else:
            yield escape(" ".join(line.strip() for line in lines)) + "\n"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    rows = [each.get_help_record(context) for each in command.get_params(context) if isinstance(each, click.Option)]
    if rows:
        yield table(("option", "meaning"), [(f"`{row[0]}`", escape(row[1])) for row in rows if row])
