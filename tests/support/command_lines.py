"""A line for every command that okr-sync has, in the order of a company's life, and what each of them asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from sync.cli.main import cli


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody types; ``{run}`` is the name of a run that changed something.

    ``asks`` are the services that it has to reach, google, jira, airtable, desk by their letters, and "w" where the
    sheet is written. ``says`` stands in what it prints or logs. ``follows``: it writes only after the lines before it.
    """

    typed: str
    asks: str = ""
    says: str = ""
    code: int = 0
    follows: bool = False

    @property
    def words(self) -> list[str]:
        return self.typed.split()


LINES = (
    Line("--config first/config.yaml init --workbook okrs.xlsx", says="Wrote first/config.yaml"),
    Line("--config second/config.yaml init --json", says='"written"'),
    Line("undo {run} --yes", "gw", "Put back"),
    Line("layout", "gw", "Nothing was missing"),
    Line("layout --json", "gw", '"proven"'),
    Line("schema", says="schemas/"),
    Line("check", says="no problems"),
    Line("check --json", says='"problems"'),
    Line("check --sheet", "g", "mapped"),
    Line("check --live", "gjad", "mapped"),
    Line("check --live --json", "gjad", '"problems"'),
    Line("check --upgrade", says="mapped"),
    Line("discover", says="jira"),
    Line("discover jira", "j", "Projects"),
    Line("discover jira --json", "j", '"mapping"'),
    Line("discover crm", "a", "Deals"),
    Line("doctor", "gjadw", "ready: 5 key results"),
    Line("doctor --json", "gjadw", '"ready"'),
    Line("status", "g", "all is well"),
    Line("status --json", "g", '"level"'),
    Line("plan", "gjad", "moved"),
    Line("plan --json", "gjad", '"moved"'),
    Line("plan --format md", "gjad", "### OKR plan"),
    Line("plan --messages", "gjad", "moved"),
    Line("plan --out tonight.json --exit-code", "gjad", "moved", 3),
    Line("run --plan tonight.json", "gw", "moved", follows=True),
    Line("run --report page.html", "gjadw", "Nothing to change"),
    Line("run --json", "gjadw", '"run"'),
    Line("run --notify print", "gjadw", "Nothing to change"),
    Line("run --no-fetch", "g", "Nothing to change"),
    Line("run --if-asked", "g", "is not ticked"),
    Line("--config config.yaml --config also.yaml run", "gjadw", "config"),
    Line("explain WEB-1.1", "gj", "WEB-1.1"),
    Line("explain WEB-2.1 --live", "gd", "WEB-2.1"),
    Line("explain GRO-1.1 --json", "ga", '"explained"'),
    Line("history WEB-1.1", "g", "Current"),
    Line("history WEB-1.1 --json", "g", '"changes"'),
    Line("report", "g", "sheet"),
    Line("report --out week.html", "g"),
    Line("report --format md", "g", "#"),
    Line("report --json", "g", '"movers"'),
    Line("remind", "g", "check-in"),
    Line("remind --stats --format md", "g", "|"),
    Line("remind --send", "gw", "are reminded"),
    Line("release GRO-1.1", "gaw", "Released 1 cell"),
    Line("release --all --json", "gjdw", '"version"'),
    Line("repair --yes", "g", "stands in its row"),
    Line("cycle review", "g", "2026-Q4"),
    Line("cycle open 2027-Q1", "g", "2027-Q1"),
    Line("cycle close 2026-Q4 --yes", "gw", "2026-Q4"),
    Line("cycle reopen 2026-Q4", "gw", "open again", follows=True),
    Line("adopt theirs.xlsx", says="theirs.xlsx"),
    Line("leave --yes", "gw", "okr-sync layout would begin anew"),
    Line("adopt", "g", "okr-sync adopt --apply"),
    Line("schedule cron", says="okr-sync"),
    Line("schedule systemd --out units", says="units"),
    Line("schedule kubernetes --image registry.acme.example/okr-sync:0.1.0", says="CronJob"),
    Line("schedule github-actions --package okr-sync==0.1.0", says="secrets."),
    Line("completion bash", says="complete"),
    Line("completion zsh", says="compdef"),
    Line("completion fish", says="complete"),
)


def walk_commands() -> Iterator[tuple[str, ...]]:
    """Every command that click knows, by its words; where its first word has to be one of a few, once for each."""
    yield from _walk(cli, click.Context(cli), ())


def _walk(command: click.Command, ctx: click.Context, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from _walk(found, click.Context(found, parent=ctx), (*before, name))
        return
    first = next((each for each in command.params if isinstance(each, click.Argument)), None)
    if first is not None and isinstance(first.type, click.Choice):
        yield from ((*before, str(choice)) for choice in first.type.choices)
    else:
        yield before


def is_of(line: Line, command: tuple[str, ...]) -> bool:
    """Whether a line is typed for this command."""
    words = line.words
    while words[0].startswith("-"):
        words = words[2:]
    return tuple(words[: len(command)]) == command
