"""A plan in OKR terms, for a terminal and as JSON: what moves, from where to where, and because of what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from okr.calendar import render_day
from okr.model import Key, KeyResult
from sync.cell_words import render_canon
from sync.plan import Plan
from sync.row_plan import Change, Held, RowPlan, Takeover
from sync.sheet.cell import Canon
from sync.sheet.columns import find_column
from sync.sheet.layout import Tab
from sync.sheet.ledger import OpenProblem, RowKey
from sync.sheet.merge import Verdict, Wanted

_ORDER = {Tab.OBJECTIVES: 0, Tab.KEY_RESULTS: 1, Tab.KPIS: 2}


def render_counts(plan: Plan) -> str:
    """The plan in one line."""
    held = sum(len(row.holds) for row in plan.rows)
    waiting = sum(len(row.takeovers) for row in plan.rows)
    parts = [f"{len(plan.moved)} moved", f"{len(plan.aged)} aged"]
    parts += [f"{held} held by people"] if held else []
    parts += [f"{len(plan.gaps)} without a fresh reading"] if plan.gaps else []
    parts += [f"{waiting} waiting for you"] if waiting else []
    life = plan.life
    new = f" ({len(life.new)} new)" if life.new else ""
    parts += [f"{_count(len(plan.problems), 'problem')}{new}"] if plan.problems else []
    parts += [f"{len(life.over)} over"] if life.over else []
    return ", ".join(parts)


def render_over(item: OpenProblem, today: date) -> str:
    """A problem that is over, in one line."""
    since = f" (since {render_day(item.since, today)})" if item.since else ""
    return f"{item.words or 'a problem that is no longer known by name'}{since}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def render_plan(plan: Plan) -> str:
    """The whole plan for a person."""
    definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    lines = [f"{plan.snapshot.raw.title or 'The sheet'} on {render_day(plan.day, plan.day)} {plan.day.year}", ""]
    if plan.is_quiet:
        lines += ["Nothing to change: everything in the sheet is as it should be.", ""]
    for row in sort_rows(plan.moved):
        lines += _render_row(row, definitions.get(row.key.key), plan.day)
    lines += _section("Held by people", render_holds(plan))
    lines += _section("Without a fresh reading", render_gaps(plan))
    lines += _section("Waiting for you (accept with: okr-sync release --new)", render_waiting(plan))
    lines += _section("Over since the last run", (render_over(item, plan.day) for item in plan.life.over))
    return "\n".join([*lines, render_counts(plan)] if not plan.is_quiet else lines).rstrip("\n")


def sort_rows(rows: Iterable[RowPlan]) -> list[RowPlan]:
    """Objectives first, then key results and KPIs, in the order of the sheet."""
    return sorted(rows, key=lambda item: (_ORDER[item.key.tab], item.row.index))


def _section(title: str, items: Iterable[str]) -> list[str]:
    found = [f"  {item}" for item in items]
    return [title, *found, ""] if found else []


def _render_row(row: RowPlan, kr: KeyResult | None, today: date) -> list[str]:
    name = next((change.name for change in row.changes), "")
    head = f"{row.key.id:<9} {name}"
    moves = "   ".join(_render_change(change, kr, today) for change in row.changes)
    why = next((change.reason for change in row.changes if change.reason), "")
    return [head, f"          {moves}", *([f"          {why}"] if why else []), ""]


def _render_change(change: Change, kr: KeyResult | None, today: date) -> str:
    header = find_column(change.key.tab, change.field).header
    old, new = render_pair(change, kr, today)
    if change.old is None:
        return f"{header} {new}"
    back = " (handed back)" if change.verdict is Verdict.HANDED_BACK else ""
    return f"{header} {old} → {new}{back}"


def render_pair(change: Change, kr: KeyResult | None, today: date) -> tuple[str, str]:
    """Old and new as people read them; numbers that look alike when rounded with all their places."""
    old, new = render_canon(change.field, change.old, kr, today), render_canon(change.field, change.new, kr, today)
    if old == new and isinstance(change.old, Decimal) and isinstance(change.new, Decimal):
        return f"{change.old:f}", f"{change.new:f}"
    return old, new


def render_holds(plan: Plan) -> list[str]:
    """What people hold, a line each."""
    known = _definitions(plan)
    return [_render_hold(hold, known.get(hold.key.key), plan.day) for row in plan.rows for hold in row.holds]


def _definitions(plan: Plan) -> dict[Key, KeyResult]:
    return {kr.key: kr for kr in plan.snapshot.okrs.key_results}


def _render_hold(hold: Held, kr: KeyResult | None, today: date) -> str:
    header = find_column(hold.key.tab, hold.field).header
    value = render_canon(hold.field, hold.value, kr, today)
    want = render_canon(hold.field, hold.want, kr, today)
    return f"{hold.key.id} {header}: {value} stays ({render_since(hold, today)}); okr-sync would write {want}"


def render_since(hold: Held, today: date) -> str:
    """Since when a value is held, and where it came from when nobody typed it: "since 22 Nov, run … undone"."""
    since = "new" if hold.is_new else f"since {render_day(hold.since, today)}"
    return f"{since}, {hold.why}" if hold.why else since


def render_gaps(plan: Plan) -> Iterator[str]:
    """Rows with the same reason together: a source that is down concerns many."""
    by_reason: dict[str, list[str]] = {}
    for key, gap in plan.gaps.items():
        by_reason.setdefault(gap.reason, []).append(key.id)
    for reason, ids in by_reason.items():
        shown = ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")
        yield f"{shown}: {reason}"


def render_waiting(plan: Plan) -> list[str]:
    """What waits until somebody accepts it, a line each."""
    known = _definitions(plan)
    return [_render_takeover(item, known.get(item.key.key), plan.day) for row in plan.rows for item in row.takeovers]


def _render_takeover(item: Takeover, kr: KeyResult | None, today: date) -> str:
    value = render_canon(item.field, item.value, kr, today)
    want = render_canon(item.field, item.want, kr, today)
    return f"{item.key.id} {find_column(item.key.tab, item.field).header} ({item.place}): {value}; wanted: {want}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan for programs. Scores and shares are fractions, days ISO dates."""
    return {
        "day": plan.day,
        "sheet": plan.snapshot.raw.url,
        "quiet": plan.is_quiet,
        "moved": [_row_json(row) for row in plan.moved],
        "aged": [_key_json(row.key) for row in plan.aged],
        "held": [_hold_json(hold) for row in plan.rows for hold in row.holds],
        "waiting": [_takeover_json(item) for row in plan.rows for item in row.takeovers],
        "over": [{"message": item.words or None, "since": item.since} for item in plan.life.over],
        "gaps": [{**_key_json(key), "kind": gap.kind.value, "reason": gap.reason} for key, gap in plan.gaps.items()],
    }


def _key_json(key: RowKey) -> dict[str, str]:
    return {"tab": key.tab.value, "cycle": key.cycle, "id": key.id}


def _row_json(row: RowPlan) -> dict[str, Any]:
    changes = [
        {"field": change.field.value, "old": change.old, "new": change.new, "reason": change.reason}
        for change in row.changes
    ]
    return {**_key_json(row.key), "changes": changes}


def _hold_json(hold: Held) -> dict[str, Any]:
    want: Canon | None = None if isinstance(hold.want, Wanted) else hold.want
    found = {"field": hold.field.value, "value": hold.value, "wanted": want, "since": hold.since, "new": hold.is_new}
    found |= {"why": hold.why} if hold.why else {}
    return {**_key_json(hold.key), **found}


def _takeover_json(item: Takeover) -> dict[str, Any]:
    want: Canon | None = None if isinstance(item.want, Wanted) else item.want
    return {**_key_json(item.key), "field": item.field.value, "value": item.value, "wanted": want, "place": item.place}
