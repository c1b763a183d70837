"""The command ``repair``: parse, call, render, exit code."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from sync.cli.daily import Shared, as_json
from sync.cli.output import FINE, clean, echo_json, echo_text
from sync.cli.practice import confirm, yes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.plan_repair import Repair
    from sync.sheet.snapshot import Snapshot


@click.command("repair")
@yes
@as_json
@click.pass_context
def repair_command(ctx: click.Context, *, yes: bool, json_: bool) -> int:
    """Undo a partial sort: put okr-sync's cells back into their rows.

    Somebody sorted some columns and left the ids where they were; runs refuse (exit 6) until that is undone. Each
    cell that holds another row's value goes back; what people typed since stays where it is.

    \b
    Examples:
      okr-sync repair         shows what would go back, and asks
      okr-sync repair --yes
    """
    from sync.care.repair import apply_repair, find_repair
    from sync.opening import open_engine

    engine = open_engine(Shared.of(ctx).config)
    found = find_repair(engine)
    if found is None:
        if json_:
            echo_json({"applied": False, "run": None, "cells": [], "typed": []})
        else:
            click.echo("Nothing was sorted apart: every cell of okr-sync's stands in its row.")
        return FINE
    snapshot, repair = found
    if not json_:
        echo_text("\n".join(render_repair(snapshot, repair)))
    question = f"Put {_count(len(repair.cells))} back?"
    run = apply_repair(engine, snapshot, repair) if confirm(ctx, question, yes=yes, json_=json_) else None
    if json_:
        echo_json({"applied": run is not None, "run": run, **repair_json(repair)})
    elif run is not None:
        click.echo(f"{_count(len(repair.cells))} put back. Next: okr-sync run")
    return FINE


def render_repair(snapshot: Snapshot, repair: Repair) -> Iterator[str]:
    """What goes back, row by row, and what stays because somebody typed it."""
    from sync.cell_words import render_canon
    from sync.sheet.columns import find_column

    results = {kr.key: kr for kr in snapshot.okrs.key_results}
    day = snapshot.ledger.heartbeat.date() if snapshot.ledger.heartbeat else date.min

    def show(key: Any, field: Any, value: Any) -> str:
        return clean(render_canon(field, value, results.get(key.key), day))

    yield f"okr-sync's columns of {len(repair.rows)} rows were sorted apart from their ids."
    for row in repair.rows:
        mine = [cell for cell in repair.cells if cell.key == row]
        if mine:
            yield f"  {clean(row.id)}"
        for cell in mine:
            head = find_column(row.tab, cell.field).header
            was = f"  (stands in {clean(cell.source.id)})" if cell.source else ""
            yield f"    {head}: {show(row, cell.field, cell.now)} → {show(row, cell.field, cell.own)}{was}"
    for key, field, value in repair.typed:
        yield f"  {clean(key.id)} {find_column(key.tab, field).header}: {show(key, field, value)} was typed; it stays"


def repair_json(repair: Repair) -> dict[str, Any]:
    """The same for programs."""
    cells = [
        {"id": cell.key.id, "field": cell.field.value, "now": cell.now, "own": cell.own}
        | {"from": cell.source.id if cell.source else None}
        for cell in repair.cells
    ]
    typed = [{"id": key.id, "field": field.value, "value": value} for key, field, value in repair.typed]
    return {"cells": cells, "typed": typed}


def _count(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"
