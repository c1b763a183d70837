"""``cycle``: review, close, reopen a cycle and open the next one. Parse, call, render, exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync.cli.daily import Shared, as_json
from sync.cli.output import FINE, clean_lines, echo_json, echo_text
from sync.cli.practice import confirm, yes


@click.group("cycle")
def cycle_command() -> None:
    """Review a cycle, close it, and open the next one.

    \b
    Example:
      okr-sync cycle review 2026-Q3
      okr-sync cycle open 2026-Q4 --from 2026-Q3
      okr-sync cycle close 2026-Q3
    """


@cycle_command.command("review")
@click.argument("cycle", metavar="[CYCLE]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file instead.")
@click.pass_context
def review_command(ctx: click.Context, *, cycle: str | None, form: str, json_: bool, out: Path | None) -> int:
    """What a cycle came to: grades, what went well, what to improve, forecasts against results. Writes nothing.

    Without CYCLE: the last cycle of the sheet that is over and not closed yet, else the present one. Comments and
    blockers come from the check-ins.

    \b
    Examples:
      okr-sync cycle review
      okr-sync cycle review 2026-Q3 --format md --out review.md
    """
    from sync.cycles import choose_cycle, widen
    from sync.opening import open_engine
    from sync.run import RunWishes, preview
    from sync.tell.document import render_markdown, render_text
    from sync.tell.review import make_review
    from sync.tell.review_text import make_document, review_json

    engine = open_engine(Shared.of(ctx).config, read_only=True)
    chosen = choose_cycle(engine, cycle)
    plan = preview(widen(engine, chosen), RunWishes(fetch=False))
    review = make_review(plan, chosen, engine.project.config.scoring)
    form = "json" if json_ else form
    if form == "json":
        echo_json(review_json(review), out)
        return FINE
    document = make_document(review)
    text = clean_lines(render_markdown(document) if form == "md" else render_text(document))
    if out is None:
        echo_text(text)
    else:
        out.write_text(f"{text}\n", encoding="utf-8")
    return FINE


@cycle_command.command("open")
@click.argument("cycle", metavar="NEXT")
@click.option("--from", "origin", metavar="CYCLE", help="The cycle that is carried on; else the one before NEXT.")
@yes
@as_json
@click.pass_context
def open_command(ctx: click.Context, *, cycle: str, origin: str | None, yes: bool, json_: bool) -> int:
    """Carry key results over into the next cycle, as At close says. Shows what it would write first, and asks.

    Keep starts where the key result stands now, with the same target. Modify leaves the target empty, with a note
    that says what it was; so does Keep where the target is reached already. Drop carries nothing over. New rows
    stand below the last one, with the same ids, and nothing of the old rows changes, except that an empty Cycle gets
    its name. Run again, it adds only what is missing.

    \b
    Examples:
      okr-sync cycle open 2026-Q4
      okr-sync cycle open 2027 --from 2026 --yes
    """
    from sync.care.next_apply import choose_origin, find_opening, open_cycle
    from sync.cycles import parse_cycle
    from sync.opening import open_engine
    from sync.tell.opening_text import opening_json, render_opening

    engine = open_engine(Shared.of(ctx).config)
    new = parse_cycle(engine, cycle)
    old = parse_cycle(engine, origin) if origin else choose_origin(engine, new)
    plan, found = find_opening(engine, new, old)
    if not json_:
        said = render_opening(new.name, old.name, found.key_results, found.objectives, found.marked)
        if plan.day <= old.end and not found.is_nothing:
            said += f"\n  {old.name} isn't over: baselines are the values of today"
        echo_text(said)
    is_written = not found.is_nothing and confirm(ctx, "Write it?", yes=yes, json_=json_)
    if is_written:
        found = open_cycle(engine, new, old)
    if json_:
        echo_json({"applied": is_written, **opening_json(new.name, old.name, found.key_results, found.objectives)})
    elif found.is_nothing:
        click.echo("Nothing to write.")
    elif is_written:
        click.echo(f"Written. Targets that are asked for have a note; runs fill {new.name} in from its first day.")
    return FINE


@cycle_command.command("close")
@click.argument("cycle", metavar="CYCLE")
@yes
@as_json
@click.pass_context
def close_command(ctx: click.Context, *, cycle: str, yes: bool, json_: bool) -> int:
    """Make a cycle's grades final. Shows what it would write first, and asks.

    The cycle's rows are scored a last time from the values that stand in the sheet; no source is asked. A new tab
    ("2026-Q3 closed") keeps every grade as a value, another one ("2026-Q3 rows") the cycle's rows with all columns.
    From then on runs leave the cycle's rows alone. They stay where they are until somebody deletes them; their values,
    formulas and notes are kept there, and so is History. All of it is written at once, or nothing.

    \b
    Examples:
      okr-sync cycle close 2026-Q3
      okr-sync cycle close 2026-Q3 --yes --json
    """
    from sync.care.turn import close_cycle, find_closing, find_marked
    from sync.cycles import parse_cycle
    from sync.opening import open_engine
    from sync.tell.closing_text import closing_json, render_closing
    from sync.tell.review import make_review

    engine = open_engine(Shared.of(ctx).config)
    closing = find_closing(engine, parse_cycle(engine, cycle))
    plan, title = closing.plan, closing.title
    if plan is None:
        return _say(json_, f"{closing.cycle.name} is closed since {closing.since}.", {"applied": False, "closed": True})
    review = make_review(plan, closing.cycle, engine.project.config.scoring)
    if not json_:
        echo_text(render_closing(plan, review, title, find_marked(plan)))
    report = close_cycle(closing) if confirm(ctx, "Close it?", yes=yes, json_=json_) else None
    if json_:
        echo_json({"applied": report is not None, **closing_json(report.plan if report else plan, review, title)})
    elif report is not None:
        echo_text(f"Closed. Its grades stand in the tab “{title}”. To take it back: okr-sync cycle reopen {cycle}")
        echo_text(f"Its rows may be deleted now: values, formulas and notes stand in “{closing.rows_title}”.")
    return FINE


@cycle_command.command("reopen")
@click.argument("cycle", metavar="CYCLE")
@as_json
@click.pass_context
def reopen_command(ctx: click.Context, *, cycle: str, json_: bool) -> int:
    """Take a closing back: runs write the cycle's rows again, as long as it is open by its days.

    The frozen tab stays; closing the cycle anew makes another one.

    Example: okr-sync cycle reopen 2026-Q3
    """
    from sync.care.turn import reopen_cycle
    from sync.cycles import parse_cycle
    from sync.opening import open_engine

    engine = open_engine(Shared.of(ctx).config)
    chosen = parse_cycle(engine, cycle)
    report = reopen_cycle(engine, chosen)
    said = f"{chosen.name} isn't closed." if report is None else f"{chosen.name} is open again."
    return _say(json_, said, {"applied": report is not None, "cycle": chosen.name})


def _say(is_json: bool, text: str, content: dict[str, Any]) -> int:
    if is_json:
        echo_json(content)
    else:
        echo_text(text)
    return FINE
