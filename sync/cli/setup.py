"""The set-up commands: init, layout, check, schema. Parse, call, render, exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from okr.problem import Severity
from sync.cli.daily import Shared, as_json
from sync.cli.many import many_configs, over_many
from sync.cli.output import (
    FINE,
    USAGE,
    Progress,
    clean,
    echo_json,
    echo_text,
    problem_json,
    render_problems,
    shorten,
    sort_problems,
    width,
)

if TYPE_CHECKING:
    from sync.care.lint import Findings, Manual
    from sync.sheet.wish import Prepared


@click.command("init")
@click.option("--workbook", metavar="FILE", help="The sheet is this .xlsx file; it need not exist yet.")
@click.option("--google", metavar="URL", help="The sheet is this Google spreadsheet.")
@as_json
@click.pass_context
def init_command(ctx: click.Context, *, workbook: str | None, google: str | None, json_: bool) -> int:
    """Write a first config.yaml and mappings/first.yaml. Never overwrites a file.

    On a terminal it asks for the sheet and one source, tries each answer at once, prepares the sheet and ends with the
    plan. With an option, or where nobody can be asked, it writes files to be filled in by hand.

    \b
    Examples:
      okr-sync init
      okr-sync init --google https://docs.google.com/spreadsheets/d/…
    """
    from sync.care.init import apply_init

    if workbook and google:
        raise click.UsageError("Say either --workbook or --google: there is one sheet.", ctx)
    if not (workbook or google or json_) and sys.stdin.isatty() and sys.stdout.isatty():
        from sync.cli.first_hour import ask_first_hour

        return ask_first_hour(Shared.of(ctx).config)
    done = apply_init(Shared.of(ctx).config, workbook=workbook, google=google)
    if json_:
        echo_json({"written": done.written, "left": done.left, "next": done.steps})
        return FINE
    click.echo("\n".join(f"Wrote {path}" for path in done.written))
    for path in done.left:
        click.echo(f"Left {path} as it is: it was there already")
    click.echo("\nNext:")
    for number, step in enumerate(done.steps, 1):
        click.echo(click.wrap_text(step, width(), f"  {number}. ", "     "))
    return FINE


@click.command("layout")
@as_json
@click.pass_context
def layout_command(ctx: click.Context, *, json_: bool) -> int:
    """Prepare the sheet: add the tabs, columns and formats that are missing. What is there stays as it is.

    Safe to repeat. Columns of yours are found by their headers; nothing of yours is moved or renamed.
    At the end it proves on the sheet itself that two runs at once can't write over each other.

    Example: okr-sync layout
    """
    from sync.opening import open_engine
    from sync.prepare import prepare_and_prove

    engine = open_engine(Shared.of(ctx).config)
    made = prepare_and_prove(engine)
    if json_:
        found = {"tabs": made.tabs, "columns": made.columns, "repairs": made.repairs, "proven": made.proofs}
        echo_json({"sheet": engine.store.place, "changed": not made.is_nothing, **found})
    else:
        echo_text(render_prepared(made, engine.store.place))
    return FINE


def render_prepared(made: Prepared, place: str) -> str:
    """What layout did, in plain words."""
    if made.is_nothing:
        return "\n".join([f"Nothing was missing in {place}.", *_render_proofs(made)])
    shown = [title for title in made.tabs if not title.startswith("_")]
    parts = [
        ("Tabs made", ", ".join(shown)),
        ("Hidden tabs made", ", ".join(title for title in made.tabs if title.startswith("_"))),
        ("Columns added", ", ".join(made.columns)),
        ("Put right", "; ".join(made.repairs)),
    ]
    lines = [click.wrap_text(f"{label}: {text}", width(), "", "  ") for label, text in parts if text]
    return "\n".join([f"Prepared {place}", *lines, "What was there before stayed as it was.", *_render_proofs(made)])


def _render_proofs(made: Prepared) -> Iterator[str]:
    if made.proofs:
        yield click.wrap_text(f"Proven on this sheet: {'; '.join(made.proofs)}.", width(), "", "  ")


@click.command("check")
@click.option("--sheet", "sheet", is_flag=True, help="Read the sheet too: targets, ids, key results without a mapping.")
@click.option("--live", "live", is_flag=True, help="Ask the sources too: every query once, within the run's budgets.")
@click.option(
    "--upgrade", "upgrade", is_flag=True, help="First write a config of an older version in the form of today."
)
@many_configs
@as_json
@click.pass_context
@over_many
def check_command(ctx: click.Context, *, sheet: bool, live: bool, upgrade: bool, json_: bool) -> int:
    """Check config and mappings, and show everything that is wrong at once. Writes nothing but with --upgrade.

    Alone it asks nobody. --sheet reads the sheet too, --live sheet and sources: refused queries, missing and empty
    fields, queries without a record or a time bound, units and scales that disagree, records counted twice.

    \b
    Examples:
      okr-sync check
      okr-sync check --sheet
      okr-sync check --live
    """
    from sync.care.lint import check_files

    path, quiet = Shared.of(ctx).config, Shared.of(ctx).quiet
    if upgrade:
        _upgrade(path)
    found = check_files(path)
    if (sheet or live) and found.project is not None:
        found = _check_read(path, live=live, quiet=quiet)
    if json_:
        echo_json(_check_json(found))
    else:
        echo_text(render_check(found))
    return USAGE if found.errors else FINE


def _upgrade(path: Path) -> None:
    """What was changed goes to stderr: the result is what check finds."""
    from sync.care.upgrade import BEFORE, apply_upgrade

    done = apply_upgrade(path)
    for text in done.told:
        click.echo(f"{path}: {text}", err=True)
    kept = f"the old file is {path.name}{BEFORE}" if done.told else "nothing to upgrade"
    click.echo(f"{path} is of version {done.version}, the newest; {kept}.", err=True)


def _check_read(path: Path, *, live: bool, quiet: bool) -> Findings:
    from sync.care.lint import check_sheet
    from sync.care.live import check_live
    from sync.opening import open_engine

    with Progress(quiet=quiet) as tell:
        engine = open_engine(path, on_progress=tell, read_only=True)
        return check_live(engine) if live else check_sheet(engine)


@click.command("schema")
@click.option(
    "--out", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False),
    help="Where the schemas go; by default the folder schemas beside the config.",
)  # fmt: skip
@as_json
@click.pass_context
def schema_command(ctx: click.Context, *, out: Path | None, json_: bool) -> int:
    """Write JSON Schemas of config.yaml and of mapping files with your own sources, for editors.

    Editors that use yaml-language-server (VS Code's YAML extension, Neovim, Emacs, Helix and others) then complete
    keys, show what they mean and underline mistakes. Repeat it when sources are added.

    Example: okr-sync schema
    """
    from sync.care.schema import apply_schemas

    path = Shared.of(ctx).config
    made = apply_schemas(path, out or path.parent / "schemas")
    if json_:
        echo_json({"written": made.written, "modelines": made.modelines, "settings": made.settings})
        return FINE
    lines = [f"Wrote {name}" for name in made.written]
    lines += ["", f"First line of {path.name}:", f"  {made.modelines['config']}"]
    lines += ["First line of a mapping file:", f"  {made.modelines['mappings']}"]
    settings = json.dumps(made.settings, indent=2, ensure_ascii=False)
    click.echo("\n".join([*lines, "", "Or once for all in VS Code, .vscode/settings.json:", settings]))
    return FINE


def render_check(found: Findings) -> str:
    """Every problem, key results without a mapping, and one line that sums up."""
    parts = [render_problems(found.problems)] if found.problems else []
    parts += [_render_manual(found.manual)] if found.manual else []
    return "\n\n".join([*parts, _render_summary(found)])


def _render_manual(manual: tuple[Manual, ...]) -> str:
    """One list that can be copied into a mapping file as it stands."""
    head = f"{_count(len(manual), 'key result')} without a mapping, so people type Current themselves. "
    head += "To have one read, put its line under key_results in a mapping file and correct the query:"
    rows = [line for item in manual for line in (shorten(clean(f"  # {item.name}"), width()), clean(f"  {item.stub}"))]
    return "\n".join([click.wrap_text(head, width()), "", *rows])


def _render_summary(found: Findings) -> str:
    count = len(found.problems)
    kept = "Nothing was written." if found.place else "Nothing was read or written."
    if found.errors or found.project is None:
        return f"{_count(count, 'problem')}. {kept}"
    mapped = found.project.mappings
    by_hand = f", {len(mapped.by_hand)} left to people" if mapped.by_hand else ""
    text = f"{_count(len(mapped.key_results), 'key result')} and {_count(len(mapped.kpis), 'KPI')} mapped{by_hand}; "
    hints = sum(problem.severity is Severity.HINT for problem in found.problems)
    parts = [_count(count - hints, "warning")] if count > hints else []
    parts += [_count(hints, "hint")] if hints else []
    return text + (f"{', '.join(parts)}. {kept}" if parts else "no problems.")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _check_json(found: Findings) -> dict[str, object]:
    project = found.project
    return {
        "ok": not found.errors,
        "sheet": found.place or None,
        "mapped": {
            "key_results": sorted(project.mappings.key_results) if project else [],
            "kpis": sorted(project.mappings.kpis) if project else [],
        },
        "by_hand": sorted(project.mappings.by_hand) if project else [],
        "manual": [{"id": item.id, "name": item.name, "stub": item.stub} for item in found.manual],
        "problems": [problem_json(item) for item in sort_problems(found.problems)],
    }
