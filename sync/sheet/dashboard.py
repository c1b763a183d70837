"""The Dashboard: the company's OKRs on one page, drawn anew whenever something in the sheet has changed. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from okr.calendar import elapsed_share, render_day
from okr.model import Cycle, Key, KeyResult, KeyResultResult, Objective, ObjectiveResult, Okrs, Scorecard, Status
from sync.sheet.store import Draw, Drawing
from sync.sheet.style import BAR_STYLE, STATUS_STYLE, Style

WIDTHS = (480, 130, 146, 62, 96, 72, 470)
COLUMNS = len(WIDTHS)
KEY_RESULTS_AT_MOST = 300
"""Above so many key results the tree stops at objectives: nobody reads more (and Sheets would get slow)."""

SECTION_AT_MOST = 8
ENGINE_NOTE = "This tab is drawn by okr-sync. What is typed here is replaced at the next change."

_Row = tuple[Draw | None, ...]
_EMPTY: _Row = ()


@dataclass(frozen=True, slots=True)
class DashboardFacts:
    """What the Dashboard says beside the scorecard.

    ``held`` and ``waiting`` are sentences; ``gaps`` maps a reason to the ids that it concerns. ``stale`` are key
    results with an old value: they are never shown green.
    """

    title: str
    cycle: Cycle
    synced: datetime
    okrs: Okrs
    card: Scorecard
    held: Sequence[str] = ()
    waiting: Sequence[str] = ()
    gaps: Mapping[str, Sequence[str]] | None = None
    stale: frozenset[Key] = frozenset()


def draw_dashboard(facts: DashboardFacts) -> Drawing:
    """The whole tab: head, counts, what needs attention, the tree, movers, wins, what people hold."""
    rows: list[_Row] = [*_head(facts), _EMPTY, *_glance(facts), _EMPTY]
    for section in (_attention(facts), _gaps(facts), _tree(facts), _movers(facts), _wins(facts), _people(facts)):
        found = list(section)
        rows += [*found, _EMPTY] if found else []
    return Drawing(WIDTHS, tuple(rows), heights={0: 34})


def draw_empty_dashboard(title: str) -> Drawing:
    """The Dashboard before the first run."""
    rows: tuple[_Row, ...] = (
        (Draw(title, Style.TITLE, span=COLUMNS, note=ENGINE_NOTE),),
        (Draw("Nothing has been synced yet. Fill in Objectives and Key Results; then run okr-sync.", Style.SUBTITLE,
              span=COLUMNS),),
    )  # fmt: skip
    return Drawing(WIDTHS, rows, heights={0: 34})


def _head(facts: DashboardFacts) -> Iterator[_Row]:
    day, cycle = facts.card.day, facts.cycle
    passed = max(0, min((day - cycle.start).days + 1, (cycle.end - cycle.start).days + 1))
    days = (cycle.end - cycle.start).days + 1
    percent = int(elapsed_share(cycle.start, cycle.end, day) * 100)
    yield (Draw(facts.title, Style.TITLE, span=COLUMNS, note=ENGINE_NOTE),)
    text = (
        f"{cycle.name}: {render_day(cycle.start, day)} to {render_day(cycle.end, day)} {cycle.end.year}"
        f"  ·  day {passed} of {days} ({percent} %)"
        f"  ·  last change written {render_day(facts.synced.date(), day)} {facts.synced.year} at {facts.synced:%H:%M}"
    )
    yield (Draw(text, Style.SUBTITLE, span=COLUMNS),)


def _glance(facts: DashboardFacts) -> Iterator[_Row]:
    results = list(_shown(facts))
    counts = Counter(result.status for _, result in results)
    yield _heading(f"At a glance: {len(results)} key results")
    total = max(1, len(results))
    for status in Status:
        if counts[status]:
            blocks = max(1, int((Decimal(counts[status]) / total * 30).to_integral_value()))
            text = f"{'█' * blocks}  {counts[status]} {status.value}"
            yield (Draw(text, BAR_STYLE.get(status, Style.BAR_IDLE), span=3),)


def _heading(text: str, labels: tuple[str, ...] = ()) -> _Row:
    """A section's heading; ``labels`` stand over the columns after the first."""
    rest = (*labels, *("" for _ in range(COLUMNS - 1 - len(labels))))
    return (Draw(text, Style.HEADING), *(Draw(label or None, Style.LABEL) for label in rest))


LABELS = ("Owner", "Progress", "Score", "Status", "14 days", "Why")


def _shown(facts: DashboardFacts) -> Iterator[tuple[KeyResult, KeyResultResult]]:
    """The key results of the cycle, with their results, in the sheet's order, each once."""
    seen: set[Key] = set()
    for kr in facts.okrs.key_results:
        result = facts.card.key_results.get(kr.key)
        if result is not None and kr.key.cycle == facts.cycle.name and kr.key not in seen:
            seen.add(kr.key)
            yield kr, result


_URGENT = {Status.OFF_TRACK: 0, Status.MISSED: 1, Status.AT_RISK: 2}


def _attention(facts: DashboardFacts) -> Iterator[_Row]:
    found = [(kr, result) for kr, result in _shown(facts) if result.status in _URGENT]
    found.sort(key=lambda item: (_URGENT[item[1].status], item[1].score or Decimal(0), item[0].key))
    if found:
        yield _heading(f"Needs attention{_more(len(found))}", LABELS)
        yield from (_line(facts, kr, result) for kr, result in found[:SECTION_AT_MOST])


def _more(count: int) -> str:
    return f": {SECTION_AT_MOST} of {count}" if count > SECTION_AT_MOST else ""


def _line(facts: DashboardFacts, kr: KeyResult, result: KeyResultResult, indent: int = 0) -> _Row:
    """One key result as a row of the Dashboard."""
    return (
        Draw(f"{'      ' * indent}{kr.key.id}  {kr.name}", Style.WRAPPED),
        Draw(kr.owner or "no owner", Style.TEXT if kr.owner else Style.MUTED),
        *_marks(result.score, result.status, is_stale=kr.key in facts.stale),
        Draw(result.change, Style.SIGNED) if result.change else None,
        Draw(result.why, Style.MUTED),
    )


def _marks(
    score: Decimal | None, status: Status, *, is_stale: bool = False
) -> tuple[Draw | None, Draw | None, Draw | None]:
    """Bar, score and status; grey where the value is old."""
    bar = Style.BAR_IDLE if is_stale else BAR_STYLE.get(status, Style.BAR_IDLE)
    word = Draw(status.value, Style.STALE if is_stale else STATUS_STYLE[status])
    if score is None:
        return None, None, word
    filled = max(0, min(10, int((score * 10).to_integral_value())))
    picture = f"{'█' * filled}{'░' * (10 - filled)} {int((score * 100).to_integral_value())} %"
    return Draw(picture, bar), Draw(score, Style.SCORE), word


def _gaps(facts: DashboardFacts) -> Iterator[_Row]:
    gaps = facts.gaps or {}
    if gaps:
        yield _heading("Without a fresh reading: the last good value stays, with its date")
        for reason, ids in gaps.items():
            shown = ", ".join(ids[:8]) + (f" and {len(ids) - 8} more" if len(ids) > 8 else "")
            yield (Draw(reason, Style.WRAPPED), Draw(Decimal(len(ids)), Style.NUMBER), Draw(shown, Style.MUTED, span=5))


def _tree(facts: DashboardFacts) -> Iterator[_Row]:
    """Company → team → person, each objective followed by its key results."""
    objectives = [item for item in facts.okrs.objectives if item.key.cycle == facts.cycle.name]
    if not objectives:
        return
    yield _heading("Objectives and key results", LABELS)
    known = {item.key.id for item in objectives}
    children: dict[str | None, list[Objective]] = {}
    for item in objectives:
        children.setdefault(item.parent if item.parent in known else None, []).append(item)
    results: dict[str | None, list[tuple[KeyResult, KeyResultResult]]] = {}
    shown = list(_shown(facts))
    if len(shown) <= KEY_RESULTS_AT_MOST:
        for kr, result in shown:
            results.setdefault(kr.objective, []).append((kr, result))
    drawn: set[str] = set()
    yield from _branch(facts, children, results, None, 0, drawn)
    for item in objectives:  # a circle of parents hangs on nothing
        if item.key.id not in drawn:
            drawn.add(item.key.id)
            yield from _objective_rows(facts, item, results, 0)


def _branch(
    facts: DashboardFacts,
    children: Mapping[str | None, Sequence[Objective]],
    results: Mapping[str | None, Sequence[tuple[KeyResult, KeyResultResult]]],
    parent: str | None,
    depth: int,
    drawn: set[str],
) -> Iterator[_Row]:
    for item in children.get(parent, ()):
        if item.key.id in drawn:
            continue
        drawn.add(item.key.id)
        yield from _objective_rows(facts, item, results, depth)
        yield from _branch(facts, children, results, item.key.id, depth + 1, drawn)


def _objective_rows(
    facts: DashboardFacts,
    item: Objective,
    results: Mapping[str | None, Sequence[tuple[KeyResult, KeyResultResult]]],
    depth: int,
) -> Iterator[_Row]:
    result = facts.card.objectives.get(item.key)
    own = results.get(item.key.id, ())
    if result is not None:
        is_stale = bool(own) and all(kr.key in facts.stale for kr, _ in own)
        yield _objective_line(item, result, depth, is_stale=is_stale)
    yield from (_line(facts, kr, kr_result, depth + 1) for kr, kr_result in own)


def _objective_line(item: Objective, result: ObjectiveResult, depth: int, *, is_stale: bool) -> _Row:
    """One objective as a row; grey where all of its key results are old."""
    whose = item.owner or item.team
    return (
        Draw(f"{'      ' * depth}{item.key.id}  {item.name}", Style.STRONG),
        Draw(whose or "no owner", Style.STRONG if whose else Style.MUTED),
        *_marks(result.score, result.status, is_stale=is_stale),
        None,
        Draw(f"{item.level.value}. {result.why}", Style.MUTED),
    )


def _movers(facts: DashboardFacts) -> Iterator[_Row]:
    found = [(kr, result) for kr, result in _shown(facts) if result.change]
    found.sort(key=lambda item: (-abs(item[1].change or Decimal(0)), item[0].key))
    if found:
        yield _heading(f"Moved most in 14 days{_more(len(found))}", LABELS)
        yield from (_line(facts, kr, result) for kr, result in found[:SECTION_AT_MOST])


def _wins(facts: DashboardFacts) -> Iterator[_Row]:
    found = [(kr, result) for kr, result in _shown(facts) if result.status is Status.ACHIEVED]
    if found:
        yield _heading(f"Achieved{_more(len(found))}", LABELS)
        yield from (_line(facts, kr, result) for kr, result in found[:SECTION_AT_MOST])


def _people(facts: DashboardFacts) -> Iterator[_Row]:
    yield from _sentences("Waiting for somebody to accept", facts.waiting)
    yield from _sentences("Typed over by people, and kept", facts.held)


def _sentences(title: str, items: Iterable[str]) -> Iterator[_Row]:
    found = list(items)
    if found:
        yield _heading(f"{title}{_more(len(found))}")
        yield from ((Draw(text, Style.TEXT, span=COLUMNS),) for text in found[:SECTION_AT_MOST])
