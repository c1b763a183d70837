"""What undoing a run means, for a terminal and as JSON: what is put back, what is left and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from okr.model import KeyResult
from sync.plan import Plan
from sync.row_plan import Change
from sync.sheet.columns import find_column
from sync.sheet.layout import Field
from sync.sheet.ledger import RowKey
from sync.sheet.merge import Verdict
from sync.tell.render import render_pair


class LeftCell(Protocol):
    """A cell that stays as it is, and why."""

    @property
    def key(self) -> RowKey:
        """Its row."""
        ...

    @property
    def field(self) -> Field:
        """Its column."""
        ...

    @property
    def why(self) -> str:
        """The reason."""
        ...


def find_put_back(plan: Plan | None) -> tuple[Change, ...]:
    """What a plan puts back, in the order of the sheet."""
    rows = plan.rows if plan is not None else ()
    return tuple(change for row in rows for change in row.changes if change.verdict is Verdict.UNDONE)


def render_undoing(run: str, plan: Plan | None, left: Iterable[LeftCell]) -> str:
    """The whole for a person. ``plan`` is ``None`` where nothing can be put back."""
    lines: list[str] = []
    changes = find_put_back(plan)
    if plan is None or not changes:
        lines += [f"Nothing of run {run} can be put back: it changed nothing, or all of it has changed since.", ""]
    else:
        definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
        lines += [f"Put back and hold what stood there before run {run}:"]
        for key, own in _by_row(changes).items():
            lines += [f"  {key.id:<9} {own[0].name}", f"            {_render_moves(own, definitions, plan)}"]
        lines.append("")
    kept = list(_render_left(left))
    lines += ["Left as it is", *kept] if kept else []
    return "\n".join(lines).rstrip("\n")


def _render_left(left: Iterable[LeftCell]) -> Iterator[str]:
    """The cells that are left for one reason together: a later run concerns many."""
    by_why: dict[str, dict[str, list[str]]] = {}
    for item in left:
        by_why.setdefault(item.why, {}).setdefault(item.key.id, []).append(_header(item.key, item.field))
    for why, cells in by_why.items():
        yield f"  {why}: " + ", ".join(f"{own_id} {' and '.join(fields)}" for own_id, fields in cells.items())


def _by_row(changes: Iterable[Change]) -> dict[RowKey, list[Change]]:
    rows: dict[RowKey, list[Change]] = {}
    for change in changes:
        rows.setdefault(change.key, []).append(change)
    return rows


def _render_moves(changes: Iterable[Change], definitions: Mapping[Any, KeyResult], plan: Plan) -> str:
    return "   ".join(_moves(changes, definitions, plan))


def _moves(changes: Iterable[Change], definitions: Mapping[Any, KeyResult], plan: Plan) -> Iterator[str]:
    for change in changes:
        old, new = render_pair(change, definitions.get(change.key.key), plan.day)
        yield f"{_header(change.key, change.field)} {old} → {new}"


def _header(key: RowKey, field: Field) -> str:
    return find_column(key.tab, field).header


def undoing_json(run: str, plan: Plan | None, left: Iterable[LeftCell]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "undone": run,
        "put_back": [
            {**_cell_json(each.key, each.field), "old": each.old, "new": each.new} for each in find_put_back(plan)
        ],
        "left": [{**_cell_json(each.key, each.field), "why": each.why} for each in left],
    }


def _cell_json(key: RowKey, field: Field) -> dict[str, str]:
    return {"tab": key.tab.value, "cycle": key.cycle, "id": key.id, "field": field.value}
