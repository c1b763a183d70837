"""The report of a run as one self-contained page: what moved and why, what needs a person, how everything stands.

Reads on a phone and on paper; loads nothing and runs nothing. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from okr.calendar import render_day
from okr.model import Cycle, Key, KeyResult, Status, StatusRule
from okr.problem import Problem, Severity
from okr.words import list_words, read_status
from sync.cell_words import render_canon
from sync.plan import Plan
from sync.row_plan import Change, Held, RowPlan, Takeover
from sync.run_rows import RunStamp
from sync.sheet.cell import Canon
from sync.sheet.columns import find_column
from sync.sheet.layout import Field, Tab
from sync.standings import say_gap
from sync.tell.ladder import rank
from sync.tell.render import render_pair, render_since
from sync.tell.report_html import items, render_page, render_pill, section, tag, text
from sync.tell.report_practice import render_blockers, render_moved_goalposts, render_movers, render_wins
from sync.tell.report_style import render_css, slug
from sync.tell.report_tree import find_results, render_tree

Definitions = dict[Key, KeyResult]


def render_report(plan: Plan, stamp: RunStamp | None = None) -> str:
    """The whole page. ``stamp`` is that of the run; without one it is a plan of which nothing was written."""
    title, cycle = plan.snapshot.raw.title or "OKRs", find_cycle(plan)
    known: Definitions = {kr.key: kr for kr in plan.snapshot.okrs.key_results}
    body = [
        _render_header(plan, stamp, title, cycle),
        _render_spread(plan, cycle) if cycle else "",
        _render_counts(plan),
        render_wins(plan, cycle) if cycle else "",
        render_movers(plan, cycle) if cycle else "",
        *_render_moves(plan, known),
        *_render_attention(plan, known),
        render_blockers(plan, cycle) if cycle else "",
        render_moved_goalposts(plan, cycle) if cycle else "",
        section("Objectives and key results", "the tick shows what is expected by now", render_tree(plan, cycle))
        if cycle
        else "",
        *(section(item.name, _until(item, plan), render_tree(plan, item)) for item in find_beside(plan, cycle)),
        _render_footer(plan, stamp),
    ]
    return render_page(f"{title}, {_day(plan)}", render_css(), body)


def find_cycle(plan: Plan) -> Cycle | None:
    """The cycle that the page shows: the shortest one that is running."""
    cycles = [cycle for cycle in plan.snapshot.okrs.cycles.values() if cycle.start <= plan.day <= cycle.end]
    used = {kr.key.cycle for kr in plan.snapshot.okrs.key_results}
    return min(cycles, key=lambda cycle: (cycle.name not in used, cycle.end - cycle.start), default=None)


def find_beside(plan: Plan, shown: Cycle | None) -> list[Cycle]:
    """The other cycles that run, such as the year around a quarter."""
    cycles = plan.snapshot.okrs.cycles.values()
    return [item for item in cycles if item != shown and not item.closed and item.start <= plan.day <= item.end]


def _until(cycle: Cycle, plan: Plan) -> str:
    return f"until {render_day(cycle.end, plan.day)} {cycle.end.year}"


def _day(plan: Plan) -> str:
    return f"{render_day(plan.day, plan.day)} {plan.day.year}"


def _render_header(plan: Plan, stamp: RunStamp | None, title: str, cycle: Cycle | None) -> str:
    facts = [_day(plan) if stamp is None else f"{_day(plan)}, {stamp.started:%H:%M}"]
    if cycle is not None:
        days, passed = (cycle.end - cycle.start).days + 1, (plan.day - cycle.start).days + 1
        facts.append(f"{cycle.name}, day {passed} of {days}")
    if stamp is None:
        facts.append("a plan: nothing was written")
    line = text(" · ".join(facts))
    if plan.snapshot.raw.url.startswith("https://"):
        line += " · " + tag("a", "Open the sheet", href=plan.snapshot.raw.url)
    return tag("header", tag("h1", text(title)), tag("p", line))


def _render_spread(plan: Plan, cycle: Cycle) -> str:
    """All key results by status: a divided bar and its legend."""
    counts = Counter(result.status for _, result in find_results(plan, cycle))
    words = list_words(plan.rule)
    order = (Status.ACHIEVED, Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK, Status.MISSED)
    shown = [status for status in (*order, *(status for status in Status if status not in order)) if counts[status]]
    if not shown:
        return ""
    bars = [tag("span", cls=f"ink {slug(status)}", style=f"flex:{counts[status]}") for status in shown]
    legend = (
        tag("i", cls=f"ink {slug(status)}") + tag("b", str(counts[status])) + " " + text(words[status])
        for status in shown
    )
    return tag("div", *bars, cls="spread", role="presentation") + items(legend, "legend")


def _render_counts(plan: Plan) -> str:
    facts = (
        (len(plan.moved), "moved"),
        (len(plan.aged), "aged"),
        (sum(len(row.holds) for row in plan.rows), "held by people"),
        (len(plan.gaps), "without a fresh reading"),
        (sum(len(row.takeovers) for row in plan.rows), "waiting for you"),
        (len(plan.problems), "problem" if len(plan.problems) == 1 else "problems"),
    )
    return items((tag("b", str(count)) + text(word) for count, word in facts), "counts")


def _render_moves(plan: Plan, known: Definitions) -> Iterator[str]:
    """Changed statuses first, the worse ones before the better ones; then what else moved; then first values."""
    turned = [row for row in plan.moved if _turn(row, plan.rule) is not None]
    first = [row for row in plan.moved if all(change.old is None for change in row.changes)]
    other = [row for row in plan.moved if row not in turned and row not in first]
    turned.sort(key=lambda row: _turn(row, plan.rule) or 0)
    yield section("Status changed", str(len(turned)), items((_render_row(row, known, plan) for row in turned), "moves"))
    yield section("Moved", str(len(other)), items((_render_row(row, known, plan) for row in other), "moves"))
    named = tag("p", text(", ".join(row.key.id for row in first)), cls="quiet") if first else ""
    yield section("First values", str(len(first)), named)


def _read(word: Canon, rule: StatusRule) -> Status | None:
    return read_status(word, rule) if isinstance(word, str) else None


def _turn(row: RowPlan, rule: StatusRule) -> int | None:
    """By how much a status got better; negative where it got worse; ``None`` where it stayed."""
    for change in row.changes:
        old, new = _read(change.old, rule), _read(change.new, rule)
        if change.field is Field.STATUS and old is not None and new is not None:
            return rank(new) - rank(old)
    return None


def _render_row(row: RowPlan, known: Definitions, plan: Plan) -> str:
    name = next((change.name for change in row.changes), "")
    why = next((change.reason for change in row.changes if change.reason), "")
    kr = known.get(row.key.key) if row.key.tab is Tab.KEY_RESULTS else None
    moves = "".join(_render_change(change, kr, plan) for change in row.changes)
    head = tag("span", text(row.key.id), cls="id") + tag("span", text(name), cls="name")
    return head + tag("div", moves) + (tag("p", text(why)) if why else "")


def _render_change(change: Change, kr: KeyResult | None, plan: Plan) -> str:
    header = find_column(change.key.tab, change.field).header
    old, new = (_mark(change, side, plan.rule) for side in render_pair(change, kr, plan.day))
    before = tag("s", old) + tag("em", "→") if change.old is not None else ""
    return tag("span", tag("small", text(header)), before, tag("b", new), cls="move")


def _mark(change: Change, side: str, rule: StatusRule) -> str:
    status = _read(side, rule) if change.field is Field.STATUS else None
    return text(side) if status is None else render_pill(status, side)


def _render_attention(plan: Plan, known: Definitions) -> Iterator[str]:
    """What needs a person, the most pressing first."""
    problems = sorted(plan.problems, key=lambda item: (item.severity is Severity.WARNING, str(item.place or "")))
    yield section("Problems", str(len(problems)), items(map(_render_problem, problems), "notes"))
    gaps: dict[str, list[str]] = {}
    for key, gap in plan.gaps.items():
        gaps.setdefault(say_gap(gap), []).append(key.id)
    lines = (text(", ".join(ids)) + tag("span", text(f"{reason}. The last good value stays."), cls="fix")
             for reason, ids in gaps.items())  # fmt: skip
    yield section("Without a fresh reading", str(len(plan.gaps)), items(lines, "notes"))
    waiting = [item for row in plan.rows for item in row.takeovers]
    said = (_render_takeover(item, known, plan) for item in waiting)
    yield section("Waiting for you", f"{len(waiting)}, accept with: okr-sync release --new", items(said, "notes"))
    holds = [item for row in plan.rows for item in row.holds]
    kept = (_render_hold(item, known, plan) for item in holds)
    yield section("Held by people", f"{len(holds)}, these values stay", items(kept, "notes"))


def _render_problem(problem: Problem) -> str:
    place = tag("code", text(str(problem.place))) if problem.place else ""
    word = "Warning: " if problem.severity is Severity.WARNING else ""
    fix = tag("span", text(problem.fix), cls="fix") if problem.fix else ""
    return place + text(f"{word}{problem.message}") + fix


def _render_takeover(item: Takeover, known: Definitions, plan: Plan) -> str:
    kr = known.get(item.key.key)
    value, want = (render_canon(item.field, side, kr, plan.day) for side in (item.value, item.want))
    header = find_column(item.key.tab, item.field).header
    return tag("code", text(item.place)) + text(f"{item.key.id} {header}: {value}") + _wanted(want)


def _render_hold(item: Held, known: Definitions, plan: Plan) -> str:
    kr = known.get(item.key.key)
    value, want = (render_canon(item.field, side, kr, plan.day) for side in (item.value, item.want))
    since = render_since(item, plan.day)
    header = find_column(item.key.tab, item.field).header
    return tag("span", text(item.key.id), cls="id") + text(f"{header} {value}, {since}") + _wanted(want)


def _wanted(want: str) -> str:
    return tag("span", text(f"okr-sync would write {want}"), cls="fix")


def _render_footer(plan: Plan, stamp: RunStamp | None) -> str:
    run = f"Run {stamp.run}. " if stamp is not None else ""
    rule = f"Status by the rule {plan.rule.preset or plan.rule.name}. "
    return tag("footer", text(f"{run}{rule}Scores run from 0 (baseline) to 1 (target). Made by okr-sync."))
