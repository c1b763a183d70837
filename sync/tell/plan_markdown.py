"""A plan as Markdown, for a comment on a pull request: what moves in a table, the rest folded away. Pure.

The dialect is GitHub's (tables, ``<details>``): https://github.github.com/gfm/. People's texts are escaped, so that a
title can neither break the table, nor mention anybody, nor bring HTML along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from okr.calendar import render_day
from okr.model import KeyResult
from okr.problem import Problem
from sync.guards import FIX, Alarm
from sync.plan import Plan
from sync.row_plan import RowPlan
from sync.sheet.columns import find_column
from sync.tell.render import (
    render_counts,
    render_gaps,
    render_holds,
    render_over,
    render_pair,
    render_waiting,
    sort_rows,
)

AT_MOST = 60_000
"""How many characters a comment may have at GitHub: 65,536."""

_MARKS = re.compile(r"[\\`*_\[\]~]")
_LINKS = re.compile(r"[@|]|#(?=\w)|:(?=//)|(?<=www)\.", re.IGNORECASE)  # mentions, cells, issues, bare addresses
_LEADS = re.compile(r"^(?=[-+#]|\d+[.)]\s)")


def md(text: str) -> str:
    """Text as Markdown that shows it and nothing else, on one line."""
    one = escape(_MARKS.sub(lambda match: f"\\{match[0]}", " ".join(text.split())), quote=False)
    return _LEADS.sub("&#8203;", _LINKS.sub(lambda match: f"&#{ord(match[0])};", one))


def render_plan_markdown(plan: Plan, alarms: tuple[Alarm, ...] = ()) -> str:
    """The whole plan."""
    title = md(plan.snapshot.raw.title or "The sheet")
    parts = [f"### OKR plan: {title}, {render_day(plan.day, plan.day)} {plan.day.year}", md(render_counts(plan))]
    if alarms:
        refused = [f"> - {md(str(alarm))}" for alarm in alarms]
        parts.append("\n".join(["> **A run would refuse this plan.**", ">", *refused, ">", f"> {md(FIX)}"]))
    if plan.is_quiet:
        parts.append("Nothing to change: everything in the sheet is as it should be.")
    parts += _moves(plan)
    parts += _folded("Problems", [_render_problem(item) for item in plan.problems])
    parts += _folded("Over since the last run", [render_over(item, plan.day) for item in plan.life.over])
    parts += _folded("Held by people", render_holds(plan))
    parts += _folded("Without a fresh reading", render_gaps(plan))
    parts += _folded("Waiting for you", render_waiting(plan))
    parts += _folded("Aged: only dates and pace", [row.key.id for row in plan.aged])
    return _cut("\n\n".join(parts)) + "\n"


def _cut(text: str) -> str:
    if len(text) <= AT_MOST:
        return text
    kept = text[: text.rindex("\n", 0, AT_MOST)]
    ends = "\n\n</details>" if kept.count("<details>") > kept.count("</details>") else ""
    return f"{kept}{ends}\n\n*Cut here: it is too long for a comment. `okr-sync plan` shows all of it.*"


def _moves(plan: Plan) -> Iterator[str]:
    definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    rows = [line for row in sort_rows(plan.moved) for line in _render_row(plan, row, definitions.get(row.key.key))]
    if rows:
        yield "\n".join(["| | What | From | To | Why |", "|---|---|---|---|---|", *rows])


def _render_row(plan: Plan, row: RowPlan, kr: KeyResult | None) -> Iterator[str]:
    for at, change in enumerate(row.changes):
        old, new = render_pair(change, kr, plan.day)
        head = f"**{md(change.key.id)}** {md(change.name)}" if at == 0 else ""
        why = md(change.reason) if at == 0 else ""
        yield f"| {head} | {find_column(change.key.tab, change.field).header} | {md(old)} | **{md(new)}** | {why} |"


def _render_problem(problem: Problem) -> str:
    head = f"{problem.place}: " if problem.place else ""
    return f"{head}{problem.message}" + (f" {problem.fix}" if problem.fix else "")


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = [f"- {md(line)}" for line in lines]
    if found:
        summary = f"<summary>{title} ({len(found)})</summary>"
        yield "\n".join(["<details>", summary, "", *found, "", "</details>"])
