"""One command over many sheets: one after the other, each line with its sheet's name, one exit code.

Each config is a call of its own: what goes wrong with one is said and the next one is done. Limits of a service are
shared by all that ask it with the same credential; nothing else is. Ids that are named are done in the sheets that have
them; the others are left as they are.
"""

from __future__ import annotations

import functools
import glob
import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from sync.cli.many_ids import Homes, find_homes
from sync.cli.output import BUSY, FAILED, FINE, PARTIAL, PENDING, REFUSED, USAGE, clean, echo_json

WORST = (FINE, PENDING, PARTIAL, BUSY, REFUSED, USAGE, FAILED)
"""The exit codes from the best to the worst: that of many sheets is the worst of theirs."""

HOLE = "{sheet}"


@dataclass(frozen=True, slots=True)
class Told:
    """What a command printed for one sheet, its error where there was one, and its exit code.

    ``is_left``: nothing was done with it, as it has none of the ids that were named.
    """

    sheet: str
    code: int
    text: str
    error: str = ""
    is_left: bool = False


def find_configs(patterns: Iterable[str]) -> tuple[Path, ...]:
    """The configs that paths and patterns name, each once, in the order given; a pattern's own in that of their names.

    Raises:
        UsageError: a pattern finds none.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        paths = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else [pattern]  # noqa: PTH207
        if not paths:
            raise click.UsageError(f"--config {pattern}: no file is found by this pattern.")
        known = {path.resolve() for path in found}
        found |= {path: None for each in paths if (path := Path(each)).resolve() not in known}
    return tuple(found)


def name_sheets(paths: tuple[Path, ...]) -> dict[str, Path]:
    """Short names that tell configs apart: ``web`` of ``teams/web/config.yaml``; with their endings where nothing else
    does, as of ``web.yaml`` and ``web.yml``.
    """
    parts = {path: path.with_suffix("").parts for path in paths}
    if len({*parts.values()}) < len(parts):
        parts = {path: path.parts for path in paths}
    rows = list(parts.values())
    shortest = min(map(len, rows))
    start = next((at for at in range(shortest) if len({row[at] for row in rows}) > 1), 0)
    end = next((at for at in range(shortest - start) if len({row[-1 - at] for row in rows}) > 1), 0)
    return {"/".join(row[start : len(row) - end]) or str(path): path for path, row in parts.items()}


def over_many(command: Callable[..., int]) -> Callable[..., int]:
    """A command's function that also serves several configs. Goes below ``pass_context``."""

    @functools.wraps(command)
    def call(ctx: click.Context, **options: Any) -> int:
        paths: tuple[Path, ...] = ctx.obj["configs"]
        if len(paths) == 1:
            return command(ctx, **options)
        from sync.interrupt import catching_signals

        with catching_signals():  # between two runs, too: what was not begun is said
            return _call_each(ctx, command, options, name_sheets(paths))

    return call


def add_configs(ctx: click.Context, _param: click.Parameter, patterns: tuple[str, ...]) -> None:
    """``--config`` after the command's name, in place of the one before it."""
    if patterns:
        ctx.obj = {**ctx.obj, "configs": find_configs(patterns)}


many_configs = click.option(
    "--config", "configs", multiple=True, metavar="PATTERN", expose_value=False, callback=add_configs,
    help="Configs of several sheets, done one after the other; repeatable: 'teams/*/config.yaml'.",
)  # fmt: skip


def _call_each(
    ctx: click.Context, command: Callable[..., int], options: dict[str, Any], sheets: dict[str, Path]
) -> int:
    from sync.opening import sharing_limits
    from sync.tell.telemetry import sharing_pings

    _check_files(options)
    as_json = bool(options.get("json_")) or options.get("format_") == "json"
    before, told = ctx.obj, []
    with sharing_limits(), sharing_pings():
        homes = find_homes(sheets, options)
        try:
            for each in _call_all(ctx, command, options, sheets, homes):
                told.append(each)
                _say(each, as_json=as_json)
        finally:
            ctx.obj = before
            if as_json:
                echo_json({"sheets": list(map(_as_json, told))})
            else:
                click.echo(_sum_up(told, len(sheets)))
    return max((each.code for each in told), key=WORST.index)


def _call_all(
    ctx: click.Context, command: Callable[..., int], options: dict[str, Any], sheets: dict[str, Path], homes: Homes
) -> Iterator[Told]:
    from sync.run_log import sheet_named

    for name, path in sheets.items():
        ctx.obj = {**ctx.obj, "configs": (path,)}
        own = homes.narrow(name, options)
        if own is None:
            yield Told(name, FINE, "", is_left=True)
            continue
        with sheet_named(name):
            yield _call_one(ctx, command, _fill(own, name), name)


def _call_one(ctx: click.Context, command: Callable[..., int], options: dict[str, Any], name: str) -> Told:
    """One sheet's call. Whatever goes wrong with it stays with it; who stops the process stops all."""
    from sync.cli.output import exit_code_of, render_error

    out = io.StringIO()
    try:
        with redirect_stdout(out):
            code = command(ctx, **options)
    except click.ClickException:
        raise
    except Exception as error:
        if ctx.obj["debug"]:
            raise
        return Told(name, exit_code_of(error), out.getvalue(), render_error(error))
    return Told(name, code, out.getvalue())


def _check_files(options: dict[str, Any]) -> None:
    """Raises UsageError where all sheets would write, or be written from, one and the same file."""
    for name, value in options.items():
        if isinstance(value, Path) and HOLE not in str(value):
            option = {"plan_file": "plan", "page": "report"}.get(name, name)
            raise click.UsageError(f"--{option} with several configs needs {HOLE} in its name: {HOLE}-{value.name}")


def _fill(options: dict[str, Any], sheet: str) -> dict[str, Any]:
    """Options for one sheet: its name in the place of ``{sheet}``."""
    word = sheet.replace("/", "-")
    return {
        name: Path(str(value).replace(HOLE, word)) if isinstance(value, Path) else value
        for name, value in options.items()
    }


def _say(told: Told, *, as_json: bool) -> None:
    if not as_json:
        for line in told.text.rstrip("\n").split("\n") if told.text else ():
            click.echo(f"{told.sheet} | {line}".rstrip())
    if told.error:
        _say_error(told)


def _say_error(told: Told) -> None:
    from sync.cli.main import is_for_machines, say_error

    if is_for_machines():
        say_error(told.error)
        return
    for line in told.error.split("\n"):
        click.echo(f"{told.sheet} | {clean(line)}", err=True)


def _as_json(told: Told) -> dict[str, Any]:
    found: Any = json.loads(told.text) if told.text.strip() else {}
    found = {name: value for name, value in found.items() if name != "version"}
    left = {"left": True} if told.is_left else {}
    return {"name": told.sheet, "code": told.code, "error": told.error or None, **left, **found}


def _sum_up(told: list[Told], wanted: int) -> str:
    """The end, in one line: how many sheets went well, and the code of each other one."""
    rest = [f"{each.sheet} ({each.code})" for each in told if each.code != FINE]
    left = [each.sheet for each in told if each.is_left]
    well = len(told) - len(rest) - len(left)
    parts = [f"{well} of {wanted} sheets: fine"]
    parts += [f"without these ids and left as they are: {', '.join(left)}"] if left else []
    parts += [f"not so: {', '.join(rest)}"] if rest else []
    parts += [f"{wanted - len(told)} not begun"] if len(told) < wanted else []
    return "\n" + "; ".join(parts)
