"""The command discover. Parse, call, render, exit code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from sync.cli.completion import complete_source
from sync.cli.daily import Shared, as_json
from sync.cli.output import FINE, clean_lines, echo_json, width

if TYPE_CHECKING:
    from sync.care.discover import Kind, Option


@click.command("discover")
@click.argument("source", metavar="[SOURCE]", required=False, shell_complete=complete_source)
@click.option("--filter", "only", metavar="TEXT", help="Only what has this text in its name, id, type or note.")
@as_json
@click.pass_context
def discover_command(ctx: click.Context, *, source: str | None, only: str | None, json_: bool) -> int:
    """List what a source has that a mapping can use, and print a mapping to begin with. Writes nothing.

    Jira: projects, issue types, statuses, fields with ids, the story-point field, boards, sprints, versions, filters,
    labels. Airtable: bases, tables, fields with types, views. GitHub: labels, milestones, workflows.
    Prometheus: metrics, labels. Files and Google sheets: columns with types. Databases: tables, columns.
    Without SOURCE: the kinds of sources, their options and limits, and what is installed.

    \b
    Examples:
      okr-sync discover
      okr-sync discover jira --filter point
    """
    if source is None:
        return _list_kinds(only or "", json_=json_)
    from sync.care.discover import discover
    from sync.load import load_project
    from sync.opening import make_around
    from sync.tell.discovered import findings_json, render_findings

    project = load_project(Shared.of(ctx).config)
    found = discover(project, source, os.environ, make_around())
    findings = found.findings.only(only) if only else found.findings
    if json_:
        echo_json({"source": source, "kind": found.kind, **findings_json(findings), "file": found.file})
    else:
        click.echo(clean_lines(render_findings(findings, source, found.file, width())))
    return FINE


def _list_kinds(only: str, *, json_: bool) -> int:
    from sync.care.discover import list_kinds

    known = [kind for kind in list_kinds() if only.casefold() in kind.name.casefold()]
    if json_:
        echo_json({"kinds": [_kind_json(kind) for kind in known]})
    else:
        click.echo(clean_lines("\n\n".join("\n".join(_render_kind(kind)) for kind in known)))
    return FINE


def _render_kind(kind: Kind) -> Iterator[str]:
    yield f"{kind.name}" + ("" if kind.missing else "  (installed)")
    if kind.missing:
        yield f"  {kind.missing}"
        return
    yield "  under sources.NAME:"
    yield from _render_options(kind.options)
    yield f"  in a query; a bare text is its {kind.main}:"
    yield from _render_options(kind.query)
    if kind.limits:
        yield "  limits:"
    size = max((len(limit.about) for limit in kind.limits), default=0)
    for limit in kind.limits:
        head, below = f"    {limit.about:<{size}}  ", " " * (size + 6)
        yield from click.wrap_text(limit.text, width(), head, below).split("\n")
        if limit.source:
            yield f"{below}{limit.source}"


def _render_options(options: tuple[Option, ...]) -> Iterator[str]:
    size = max((len(option.name) for option in options), default=0)
    for option in options:
        extra = " (required)" if option.is_required else f" ({option.default} by default)" if option.default else ""
        yield from click.wrap_text(
            f"{option.about}{extra}", width(), f"    {option.name:<{size}}  ", " " * (size + 6)
        ).split("\n")


def _kind_json(kind: Kind) -> dict[str, object]:
    return {
        "kind": kind.name,
        "installed": not kind.missing,
        "missing": kind.missing or None,
        "options": [_option_json(option) for option in kind.options],
        "query": [_option_json(option) for option in kind.query],
        "limits": [{"about": limit.about, "text": limit.text, "source": limit.source or None} for limit in kind.limits],
    }


def _option_json(option: Option) -> dict[str, object]:
    return {
        "name": option.name,
        "about": option.about,
        "required": option.is_required,
        "default": option.default or None,
    }
