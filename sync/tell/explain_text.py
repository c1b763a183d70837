"""An explanation for a terminal: sections of labelled lines, wrapped to its width; and the same for programs. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from mappings.mapping import FormulaOver
from mappings.measure import render_measure
from mappings.model import Gap, Outcome, Reading
from okr.model import KeyResult, Kpi, Objective
from okr.number import render_number
from okr.score import BANDS
from okr.why import render_limits
from sync.sheet.layout import Field
from sync.sheet.merge import Wanted
from sync.tell.explain import CellFate, Explanation
from sync.tell.explain_live import comparison_json, render_comparison
from sync.tell.explain_practice import practice_json, render_contributions, render_goalposts, render_hints
from sync.tell.explain_score import (
    render_fate,
    render_holds,
    render_memory,
    render_present,
    render_problems,
    render_scoring,
)
from sync.tell.explain_source import Line, find_sent, render_asked, render_guard, render_mapping, render_value

_LABEL = 12


def render_explanation(found: Explanation, width: int = 100, *, live: bool = False) -> str:
    """One row's whole way from the query to the cell. ``live``: compared with what stands in the sheet."""
    sections = (
        ("Where it is read", [*render_mapping(found), *render_asked(found)] if not _is_objective(found) else []),
        ("Now, and in the sheet", list(render_comparison(found)) if live else []),
        ("What is made of it", [*render_value(found), *render_present(found), *render_scoring(found)]),
        ("What it moves", list(render_contributions(found.contributions))),
        ("Moved goalposts", list(render_goalposts(found.moved, found.day))),
        ("To put right", list(render_problems(found))),
        ("Could be better", list(render_hints(found.hints))),
        ("What people hold", list(render_holds(found))),
        ("What okr-sync remembers", list(render_memory(found))),
    )
    blocks = ["\n".join(_render_head(found, width))]
    blocks += ["\n".join([title, *_wrap(lines, width)]) for title, lines in sections if lines]
    blocks.append("\n".join(_render_cells(found, width)))
    return "\n\n".join(blocks)


def _is_objective(found: Explanation) -> bool:
    return isinstance(found.definition, Objective)


def _wrap(lines: Iterable[Line], width: int) -> Iterator[str]:
    """Labels in a column, texts wrapped beside them. A label without a text is a small heading."""
    for label, text in lines:
        if label and not text:
            yield f"  {label}"
            continue
        yield from textwrap.wrap(
            text,
            max(width, _LABEL + 24),
            initial_indent=f"  {label:<{_LABEL - 3}} " if len(label) < _LABEL - 2 else f"  {label} ",
            subsequent_indent=" " * _LABEL,
            break_on_hyphens=False,
            break_long_words="://" not in text,
        )


def _render_head(found: Explanation, width: int) -> Iterator[str]:
    yield from textwrap.wrap(f"{found.key.id}  {found.name}", width, subsequent_indent=" " * (len(found.key.id) + 2))
    facts = [getattr(found.definition, "owner", "") or "no owner", found.key.cycle, render_goal(found)]
    if found.objective is not None:
        facts.append(f"for {found.objective.key.id} {found.objective.name}")
    yield from textwrap.wrap(" · ".join(fact for fact in facts if fact), width, break_on_hyphens=False)


def render_goal(found: Explanation) -> str:
    """What it should become: "Decrease from 31 to 12 bugs"."""
    item = found.definition
    if isinstance(item, Kpi):
        ends = (("from", item.healthy_from), ("to", item.healthy_to))
        said = [f"{word} {render_number(value, item.unit)}" for word, value in ends if value is not None]
        return f"healthy {' '.join(said)}" if said else ""
    if not isinstance(item, KeyResult) or item.target is None:
        return item.kind.value if isinstance(item, KeyResult) else ""
    if item.kind in BANDS:
        return render_limits(item) if item.target_to is not None or item.kind.value != "Between" else item.kind.value
    start = f" from {render_number(item.baseline, item.unit, item.is_share)}" if item.baseline is not None else ""
    return f"{item.kind.value}{start} to {render_number(item.target, item.unit, item.is_share)}"


_ALWAYS = frozenset({Field.CURRENT, Field.SCORE, Field.STATUS})


def _render_cells(found: Explanation, width: int) -> Iterator[str]:
    """The cells that matter or that something happens to; how many others stay."""
    yield f"Cells in {found.tab}, row {found.row}"
    shown = [cell for cell in found.cells if cell.field in _ALWAYS or cell.is_written or cell.held or cell.waiting]
    for cell in shown:
        yield from _render_cell(found, cell, width)
    rest = len(found.cells) - len(shown)
    if rest:
        said = "One more stays as it is." if rest == 1 else f"{rest} more stay as they are."
        yield f"  {said}"


def _render_cell(found: Explanation, cell: CellFate, width: int) -> Iterator[str]:
    head, fate = f"  {cell.address:<5} {cell.header:<10} ", render_fate(found, cell)
    room = max(24, width - len(head))
    text = cell.shown or "(empty)"
    if len(text) + len(fate) + 2 <= room:
        yield f"{head}{text}  {fate}"
    else:
        yield head + _shorten(text, room)
        yield " " * len(head) + _shorten(fate, room)


def _shorten(text: str, room: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= room else flat[: max(1, room - 1)] + "…"


def explanation_json(found: Explanation) -> dict[str, Any]:
    """The same for programs. Scores and shares are fractions, days ISO dates."""
    result = found.result
    names = ("current", "progress", "score", "pace", "change", "forecast", "confidence", "coverage")
    standing = found.standing.standing if found.standing else None
    return {
        "tab": found.key.tab.value,
        "cycle": found.key.cycle,
        "id": found.key.id,
        "name": found.name,
        "mapping": {"place": str(found.place) if found.place else None, "paused": found.paused or None}
        if found.is_mapped
        else None,
        "asked": list(_asked_json(found)),
        "outcome": _outcome_json(found.outcome),
        "live": comparison_json(found),
        "formula": found.bound.mapping.reads.formula.text
        if found.bound and isinstance(found.bound.mapping.reads, FormulaOver)
        else None,
        "scale": found.bound.factor if found.bound else None,
        "guard": list(render_guard(found.bound.mapping.guard)) if found.bound else [],
        "value": {"origin": standing.origin.value, "as_of": standing.as_of, "gap": standing.gap} if standing else None,
        "result": {name: getattr(result, name) for name in names if hasattr(result, name)}
        | {"status": result.status.value, "label": result.word, "why": result.why},
        "rule": found.rules.status.name,
        "weight": getattr(found.definition, "weight", None),
        "last_run": {"run": found.last_run, "at": found.heartbeat} if found.last_run else None,
        "preset": found.rules.status.preset or None,
        "parts": [
            {"id": part.id, "weight": part.weight, "score": part.score, "status": part.status.value}
            for part in found.parts
        ],
        "last_good": {"value": found.entry.good.value, "as_of": found.entry.good.as_of} if found.entry.good else None,
        **practice_json(found),
        "cells": [_cell_json(cell, found.tab) for cell in found.cells],
    }


def _asked_json(found: Explanation) -> Iterator[dict[str, Any]]:
    for draft, part in zip(found.bound.mapping.drafts, found.bound.parts, strict=True) if found.bound else ():
        query, window = part.metric.query, part.metric.query.filter.window
        yield {
            "name": part.name,
            "place": str(draft.node.place),
            "with": dict(draft.holes),
            "source": query.source,
            "query": part.grammar.render_query(query.body, query.filter),
            "sent": find_sent(part, found) or None,
            "within": {"field": window.field, "start": window.start, "end": window.end} if window else None,
            "measure": render_measure(part.metric.measure) if part.measured else None,
            "outcome": _outcome_json(found.outcomes.get(part.metric)),
        }


def _outcome_json(outcome: Outcome | None) -> dict[str, Any] | None:
    if isinstance(outcome, Gap):
        return {"gap": outcome.kind.value, "reason": outcome.reason, "fix": outcome.fix, "doubted": outcome.doubted}
    if isinstance(outcome, Reading):
        names = ("value", "as_of", "numerator", "denominator", "counted", "left_out", "detail")
        samples = [{"id": item.id, "title": item.title, "link": item.link} for item in outcome.samples]
        return {**{name: getattr(outcome, name) for name in names}, "samples": samples}
    return None


def _cell_json(cell: CellFate, tab: str) -> dict[str, Any]:
    want = None if isinstance(cell.want, Wanted) else cell.want
    since = cell.held.since if cell.held else None
    return {
        "field": cell.field.value,
        "cell": f"{tab}!{cell.address}",
        "shown": cell.shown,
        "wanted": want,
        "written": cell.is_written,
        "held_since": since,
        "waiting": cell.waiting is not None,
    }
