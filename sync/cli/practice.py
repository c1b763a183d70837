"""The commands of the practice of OKRs: release, undo, leave. Parse, call, render, exit code."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click

from sync.cli.completion import complete_id
from sync.cli.daily import Shared, as_json, exit_code_of_run, only
from sync.cli.output import FINE, Progress, echo_json, echo_text

if TYPE_CHECKING:
    from sync.care.leave_part import PartLeaving
    from sync.care.release import Kept
    from sync.engine import Engine
    from sync.plan import Plan
    from sync.row_plan import Change

summary = logging.getLogger("sync.summary")
yes = click.option("--yes", is_flag=True, help="Don't ask.")


@click.command("release")
@click.argument("words", metavar="[KR]… [FIELD]…", nargs=-1, shell_complete=complete_id)
@click.option("--all", "all_", is_flag=True, help="End every hold.")
@click.option("--new", "new", is_flag=True, help="Accept cells that wait: values from before okr-sync.")
@click.option("--tab", default="", metavar="TAB", help="Only cells of this tab.")
@as_json
@click.pass_context
def release_command(ctx: click.Context, *, words: tuple[str, ...], all_: bool, new: bool, tab: str, json_: bool) -> int:
    """End holds: hand people's cells back to okr-sync.

    A value that somebody typed over the machine's stays until then. It goes to History, and the machine's value is
    written at once. "okr-sync plan" shows all holds, and what the machine would write.

    \b
    Examples:
      okr-sync release WEB-1.1               every held cell of this key result
      okr-sync release WEB-1.1 Score Status  only these
      okr-sync release --all
      okr-sync release --new                 cells that wait for your word
      okr-sync release --new --tab KPIs      only those of this tab
    """
    from sync.care.release import cells_of, find_kept, find_released, make_wish
    from sync.opening import open_engine
    from sync.run import RunWishes, apply_run, preview
    from sync.tell.render import plan_json, render_counts

    if not (words or all_ or new or tab):
        raise click.UsageError("Name key results, or say --all or --new.", ctx)
    shared = Shared.of(ctx)
    with Progress(quiet=shared.quiet) as tell:
        engine = open_engine(shared.config, on_progress=tell)
        seen = preview(engine, RunWishes(fetch=False))
        titles = {view.tab: view.raw.title for view in seen.snapshot.views.values()}
        wish = make_wish(words, find_ids(seen), waiting=new, tab=tab, titles=titles)
        kept = find_kept(seen, wish)
        if not kept:
            return _say_nothing(json_=json_, new=new)
        wishes = RunWishes(only=frozenset(item.key.id for item in kept), release=cells_of(kept))
        report = apply_run(engine, wishes)
    summary.info("run %s: %s released; %s", report.stamp.run, _count(len(kept)), render_counts(report.plan))
    released = list(find_released(report.plan, kept))
    if json_:
        echo_json(
            {"run": report.stamp.run, "released": [_cell_json(*pair) for pair in released]} | plan_json(report.plan)
        )
    else:
        click.echo(f"Released {_count(len(kept))}:")
        for item, change in released:
            echo_text(f"  {render_released(item, change, report.plan)}")
    return exit_code_of_run(engine.project.config.partial_exit, report.plan)


def find_ids(plan: Plan) -> frozenset[str]:
    """Every id that stands in the sheet."""
    return frozenset(row.key.id for view in plan.snapshot.views.values() for row in view.rows)


def _count(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"


def _say_nothing(*, json_: bool, new: bool) -> int:
    if json_:
        echo_json({"released": []})
    else:
        click.echo("Nothing waits to be accepted." if new else "Nothing is held there: okr-sync writes these cells.")
    return FINE


def render_released(item: Kept, change: Change | None, plan: Plan) -> str:
    """One released cell: "WEB-1.1 Score: 0.9 → 0.54"."""
    from sync.cell_words import render_canon
    from sync.sheet.columns import find_column

    kr = next((kr for kr in plan.snapshot.okrs.key_results if kr.key == item.key.key), None)
    head = f"{item.key.id} {find_column(item.key.tab, item.field).header}"
    old = render_canon(item.field, item.value, kr, plan.day)
    if change is None:
        return f"{head}: {old} stays until okr-sync knows another value"
    return f"{head}: {old} → {render_canon(item.field, change.new, kr, plan.day)}"


def _cell_json(item: Kept, change: Change | None) -> dict[str, Any]:
    found = {"tab": item.key.tab.value, "cycle": item.key.cycle, "id": item.key.id, "field": item.field.value}
    return found | {"old": change.old if change else item.value, "new": change.new if change else item.value}


@click.command("undo")
@click.argument("run", metavar="RUN")
@only
@yes
@as_json
@click.pass_context
def undo_command(ctx: click.Context, *, run: str, only: frozenset[str], yes: bool, json_: bool) -> int:
    """Put back what a run changed, where nobody has changed it since, and hold it.

    The old values stay until "okr-sync release" ends the holds. What a person or a later run has changed since is
    listed and left, and so is a cell that was empty before: an empty cell is okr-sync's to fill. History gets a line
    for each value that is put back. The tab Runs has the names of all runs.

    \b
    Examples:
      okr-sync undo 20261122-063000-1a2b
      okr-sync undo 20261122-063000-1a2b --only WEB-1.1 --yes
    """
    from sync.care.undo import find_undoing
    from sync.opening import open_engine
    from sync.run import RunWishes, apply_run, preview
    from sync.tell.render import render_counts
    from sync.tell.undo_text import render_undoing, undoing_json

    shared = Shared.of(ctx)
    engine = open_engine(shared.config)
    undoing = find_undoing(engine, run, only)
    ids = frozenset(key.id for key, _ in undoing.cells)
    wishes = RunWishes(fetch=False, only=ids, undo=undoing.cells)
    plan = preview(engine, wishes) if undoing.cells else None
    report = None
    if plan is not None:
        if not json_:
            echo_text(render_undoing(run, plan, undoing.left))
        if confirm(ctx, "Put this back?", yes=yes, json_=json_):
            report = apply_run(engine, wishes)
            plan = report.plan
            summary.info("run %s: run %s undone; %s", report.stamp.run, run, render_counts(plan))
    if json_:
        echo_json({"applied": report is not None, **undoing_json(run, plan, undoing.left)})
    elif plan is None:
        echo_text(render_undoing(run, None, undoing.left))
    elif report is not None:
        echo_text(f"Put back and held until released: okr-sync release {' '.join(sorted(ids))}")
    return FINE


def confirm(ctx: click.Context, question: str, *, yes: bool, json_: bool) -> bool:
    """Whether to go on: said on the command line, or asked on a terminal."""
    if yes:
        return True
    if json_:
        return False
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked here: say --yes. Nothing was written.", ctx)
    if not click.confirm(question):
        click.echo("Nothing was written.")
        return False
    return True


@click.command("leave")
@click.option("--with-tabs", "with_tabs", is_flag=True, help="Delete Dashboard, History, Runs and Guide too.")
@yes
@as_json
@click.pass_context
def leave_command(ctx: click.Context, *, with_tabs: bool, yes: bool, json_: bool) -> int:
    """Take okr-sync out of the sheet; all values stay.

    Its hidden tabs, colours, warnings, markers and notes go. Every number and text stays in its cell, as do the
    dropdowns, and Dashboard, History, Runs and Guide unless --with-tabs says otherwise. Nothing of a person's is
    touched. "okr-sync layout" prepares the sheet anew; the values that stand there then wait for somebody's word.
    Where several configs keep the sheet, only what is this one's goes; the last one takes everything.

    \b
    Examples:
      okr-sync leave
      okr-sync leave --with-tabs --yes
    """
    from sync.care.leave import leave_sheet
    from sync.care.leave_part import PartLeaving, find_leaving
    from sync.opening import open_engine

    engine = open_engine(Shared.of(ctx).config)
    wish = find_leaving(engine, with_tabs=with_tabs)
    if isinstance(wish, PartLeaving):
        return _leave_part(ctx, engine, wish, yes=yes, json_=json_)
    if not (json_ or yes) and wish.drop:
        echo_text(f"okr-sync leaves {engine.store.place}. Values stay; these tabs go: {', '.join(wish.drop)}.")
    if not confirm(ctx, "Go on?", yes=yes, json_=json_):
        if json_:
            echo_json({"applied": False, "tabs": list(wish.drop)})
        return FINE
    removed = leave_sheet(engine, wish)
    counts = {name: getattr(removed, name) for name in ("rules", "warnings", "markers", "notes")}
    if json_:
        echo_json({"applied": True, "tabs": list(removed.tabs), **counts})
    elif removed.is_nothing:
        click.echo("There is nothing of okr-sync in the sheet.")
    else:
        said = [f"  {count} {_LEFT[name]}" for name, count in counts.items() if count]
        echo_text("\n".join(["Taken out:", *(f"  tab {title}" for title in removed.tabs), *said]))
        click.echo("All values stay. Stop the schedule, too; okr-sync layout would begin anew.")
    return FINE


def _leave_part(ctx: click.Context, engine: Engine, leaving: PartLeaving, *, yes: bool, json_: bool) -> int:
    from sync.care.leave_part import leave_part
    from sync.tell.leave_text import render_leaving_part, render_left_part

    told = {"config": leaving.name, "others": list(leaving.others), "rows": list(leaving.rows), "notes": leaving.notes}
    if not (json_ or yes):
        echo_text(render_leaving_part(engine.store.place, leaving.name, leaving.others, leaving.rows))
    if not confirm(ctx, "Go on?", yes=yes, json_=json_):
        if json_:
            echo_json({"applied": False, **told})
        return FINE
    leave_part(engine)
    if json_:
        echo_json({"applied": True, **told})
    else:
        echo_text(render_left_part(leaving.name, leaving.others, leaving.rows, leaving.notes))
    return FINE


_LEFT = {
    "rules": "conditional colours",
    "warnings": "warnings before typing",
    "markers": "hidden markers of columns",
    "notes": "notes",
}
