"""``report``: what a span of days brought. Parse, call, render, exit code."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli.daily import Shared
from sync.cli.output import FINE, clean_lines, echo_text, private_file, render_json, wrap_lines

if TYPE_CHECKING:
    from sync.tell.period import Period


@click.command("report")
@click.option("--since", default="7d", show_default=True, metavar="SPAN|DAY", help="The last 7d, 2w; or 2026-10-01.")
@click.option(
    "--format", "form", type=click.Choice(["text", "md", "html", "json"]), help="text, or by the file's name."
)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.pass_context
def report_command(ctx: click.Context, *, since: str, form: str | None, json_: bool, out: Path | None) -> int:
    """Tell what the last days brought: achievements, challenges, what to improve, movers, forecasts.

    Reads the sheet once, with its History, Runs and Check-ins; asks no source and writes nothing into the sheet.
    The page of --format html is one file that loads nothing: for a mail, a phone, a printer.

    \b
    Examples:
      okr-sync report
      okr-sync report --since 2w --out week.html
      okr-sync report --since 2026-10-01 --format md
    """
    from sync.opening import open_engine
    from sync.run import find_open, preview_unasked
    from sync.sheet.layout import Tab
    from sync.tell.period_make import make_period

    form = "json" if json_ else form or (find_form(out) if out is not None else "text")
    engine = open_engine(Shared.of(ctx).config, read_only=True)
    first = parse_since(ctx, since, engine.now().date())
    plan, runs = preview_unasked(engine, Tab.HISTORY)
    cycles = find_open(engine, plan.snapshot, plan.now)
    content = render(make_period(plan, runs, cycles, first, engine.project.config), form)
    if out is not None:
        save(out, content)
    elif form == "text":
        echo_text(content)
    else:
        click.echo(content)  # no line of a page, a table or JSON may be wrapped
    return FINE


def find_form(path: Path) -> str:
    """The format that a file's name asks for; text where it asks for none."""
    return {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}.get(path.suffix.lower(), "text")


_SPAN = re.compile(r"([1-9]\d{0,3}) ?([dw])")


def parse_since(ctx: click.Context, text: str, today: date) -> date:
    """The first day of the span. "7d" are the last seven days, today among them.

    Raises:
        UsageError: it is neither a span nor a day that has been.
    """
    span = _SPAN.fullmatch(text.strip())
    if span is not None:
        return today - timedelta(days=int(span[1]) * (7 if span[2] == "w" else 1) - 1)
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError(f"--since {text}: write a span such as 7d or 2w, or a day as 2026-10-01.", ctx) from None
    if day > today:
        raise click.UsageError(f"--since {text}: that day is still to come.", ctx)
    return day


def render(period: Period, form: str) -> str:
    """The report in one of its formats, with no secret and no terminal's command in it."""
    from connectors.secret import redact
    from sync.tell.document import render_markdown, render_text
    from sync.tell.period_html import render_period
    from sync.tell.period_text import make_document, period_json

    if form == "json":
        return redact(render_json(period_json(period)))
    if form == "html":
        return redact(render_period(period))
    document = make_document(period)
    text = render_markdown(document) if form == "md" else wrap_lines(render_text(document), _COLUMNS)
    return clean_lines(redact(text))


_COLUMNS = 80
"""How wide the text is: it goes into mails, whose readers wrap at what they like."""


def save(path: Path, content: str) -> None:
    """Write the report as a file of its owner's. Raises OkrSyncError where that can't be."""
    from okr.problem import OkrSyncError

    try:
        with private_file(path) as file:
            file.write(content.rstrip("\n") + "\n")
    except OSError as error:
        message = f"The report can't be written to {path}: {error.strerror}."
        raise OkrSyncError(message, fix="Choose another place for --out.") from None
