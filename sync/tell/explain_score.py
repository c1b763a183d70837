"""The second half of an explanation: value, score, pace, rule, status, what people hold, what is remembered. Pure.

Every function gives lines as (label, text).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from okr.calendar import elapsed_share, render_day
from okr.model import KeyResult, Kind, Kpi, Objective, Origin, StatusRule
from okr.number import render_bare, render_number, render_score
from okr.problem import CellPlace
from okr.result import KeyResultResult
from okr.score import BANDS, ONE
from okr.status import find_aim, is_early
from okr.why import render_limits
from sync.cell_words import render_canon
from sync.sheet.layout import Field
from sync.sheet.merge import Want, Wanted
from sync.tell.explain import CellFate, Explanation
from sync.tell.explain_source import Line, render_moment
from sync.tell.render import render_since

_ORIGINS = {
    Origin.READING: "read just now",
    Origin.LAST_GOOD: "the last good reading",
    Origin.PERSON: "typed by a person",
    Origin.HELD: "typed over by a person",
    Origin.NONE: "nothing is known",
}


def render_present(found: Explanation) -> Iterator[Line]:
    """The value that is scored, and whose it is."""
    standing, result = found.standing, found.result
    if standing is None or isinstance(found.definition, Objective):
        return
    value = getattr(result, "current", None)
    said = render_amount(found, value) if value is not None else "none"
    origin = standing.standing.origin
    as_of = standing.standing.as_of
    seen = origin in (Origin.READING, Origin.LAST_GOOD) and as_of is not None
    of = f", of {render_moment(as_of, found)}" if seen and as_of is not None and origin is Origin.LAST_GOOD else ""
    yield "value", f"{said}: {_ORIGINS[origin]}{of}"
    if standing.standing.gap and value is not None:
        yield "because", standing.standing.gap


def render_amount(found: Explanation, value: Decimal) -> str:
    """A value with the unit of its row."""
    definition = found.definition
    if isinstance(definition, KeyResult):
        return render_number(value, definition.unit, is_share=definition.is_share or definition.kind is Kind.MILESTONES)
    return render_number(value, definition.unit if isinstance(definition, Kpi) else "")


def render_scoring(found: Explanation) -> Iterator[Line]:
    """Score, pace, rule and status of a key result; the band of a KPI; the parts of an objective."""
    kr, result = found.definition, found.result
    if isinstance(kr, Objective):
        yield from _render_parts(found)
    elif isinstance(kr, KeyResult) and isinstance(result, KeyResultResult):
        yield from _render_score(kr, result, found)
        yield from _render_pace(kr, result, found)
        yield from _render_rule(kr, result, found)
    yield "status", result.word
    yield "why", result.why
    yield from _render_weight(found)


def _render_weight(found: Explanation) -> Iterator[Line]:
    """How much of its objective's score it is."""
    kr, objective = found.definition, found.objective
    if not isinstance(kr, KeyResult) or objective is None:
        return
    counted = sum((part.weight for part in found.siblings if part.score is not None), Decimal(0))
    weight, above = render_number(kr.weight), objective.key.id
    if kr.weight == 0:
        yield "weight", f"0: left out of {above}'s score"
    elif getattr(found.result, "score", None) is None or not counted:
        yield "weight", f"{weight}, but left out of {above}'s score while it has none"
    else:
        share = render_number(100 * kr.weight / counted)
        yield "weight", f"{weight} of {render_number(counted)} in {above}: {share} % of its score"


def _render_parts(found: Explanation) -> Iterator[Line]:
    for part in found.parts:
        score = render_score(part.score) if part.score is not None else "no score"
        weight = "left out: weight 0" if part.weight == 0 else f"weight {render_number(part.weight)}"
        yield part.id, f"{score}  {part.word}  ({weight})  {part.name}"
    counted = [(part.weight, part.score) for part in found.parts if part.score is not None and part.weight]
    total = getattr(found.result, "score", None)
    if any(cell.held and cell.field is Field.SCORE for cell in found.cells) and total is not None:
        yield "score", f"{render_score(total)}, typed over by a person"
    elif counted and total is not None:
        terms = " + ".join(f"{render_number(weight)} × {render_score(score)}" for weight, score in counted)
        weights = render_number(sum((weight for weight, _ in counted), Decimal(0)))
        yield "score", f"({terms}) / {weights} = {render_score(total)}"


def _render_score(kr: KeyResult, result: KeyResultResult, found: Explanation) -> Iterator[Line]:
    held = found.standing.standing.held_score if found.standing else None
    if held is not None:
        yield "score", f"{render_score(held)}, typed over by a person"
        return
    if result.score is None or result.progress is None or result.current is None:
        return
    clamp = ""
    if result.progress != result.score and not 0 <= result.progress <= found.rules.cap:
        clamp = f", kept between 0 and {render_number(found.rules.cap)}: {render_score(result.score)}"
    yield "score", f"{_render_progress(kr, result)}{clamp}"


def _render_progress(kr: KeyResult, result: KeyResultResult) -> str:
    """The arithmetic with its numbers."""
    assert result.current is not None
    assert result.progress is not None
    now, progress = render_bare(result.current, kr.unit, kr.is_share), render_score(result.progress)
    if kr.kind is Kind.BOOLEAN:
        return f"{'yes' if result.current >= ONE else 'no'} = {progress}"
    if kr.kind is Kind.MILESTONES:
        return f"the weights of the steps done = {progress}"
    if kr.kind in BANDS:
        if result.progress >= ONE:
            return f"{now} is {render_limits(kr)}: 1"
        start = f", measured from {render_bare(kr.baseline, kr.unit, kr.is_share)}" if kr.baseline is not None else ""
        return f"{now} is not {render_limits(kr)}{start}: {progress}"
    base = render_bare(kr.baseline or Decimal(0), kr.unit, kr.is_share)
    assert kr.target is not None
    target = render_bare(kr.target, kr.unit, kr.is_share)
    return f"({now} − {base}) / ({target} − {base}) = {progress}"


def _render_pace(kr: KeyResult, result: KeyResultResult, found: Explanation) -> Iterator[Line]:
    if result.pace is None or found.span is None:
        return
    start, due = found.span
    days, passed = (due - start).days + 1, max(0, min((found.day - start).days + 1, (due - start).days + 1))
    when = f"{passed} of {days} days, {render_day(start, found.day)} to {render_day(due, found.day)}"
    planned = any(step.expected is not None for step in kr.steps) or (kr.kind is Kind.MILESTONES and kr.steps)
    how = "by the dated plan in Steps" if planned else when
    aim = find_aim(kr.commitment, found.rules)
    towards = "" if aim == ONE or planned else f", towards {render_score(aim)} as it is aspirational"
    yield "pace", f"{render_score(result.pace)} expected by {render_day(found.day, found.day)}: {how}{towards}"


def _render_rule(kr: KeyResult, result: KeyResultResult, found: Explanation) -> Iterator[Line]:
    if result.score is None or result.pace is None or found.span is None:
        return
    rule = found.rules.status
    yield "rule", f"{rule.preset or rule.name}: {render_thresholds(rule, result, find_aim(kr.commitment, found.rules))}"
    start, due = found.span
    if is_early(rule, elapsed_share(start, due, found.day)):
        share = render_number(rule.grace * 100)
        yield "", f"nothing is off track in the first {share} % of the time"


def render_thresholds(rule: StatusRule, result: KeyResultResult, aim: Decimal) -> str:
    """The configured thresholds with this day's numbers."""
    assert result.score is not None
    assert result.pace is not None
    score, on_track, at_risk = render_score(result.score), render_number(rule.on_track), render_number(rule.at_risk)
    if rule.name == "absolute":
        return f"on track from {on_track}, at risk from {at_risk}; the score is {score}"
    if rule.name == "pace_gap":
        gap = render_score(result.pace - result.score)
        return f"on track up to {on_track} behind the pace, at risk up to {at_risk}; it is {gap} behind"
    base, of, now = result.pace, "of the pace", f"the score is {score}"
    if rule.name == "forecast" and result.forecast is not None:
        base, of, now = aim, "of the aim", f"the forecast is {render_score(result.forecast)}"
    first, second = render_score(base * rule.on_track), render_score(base * rule.at_risk)
    return f"on track from {first} ({on_track} {of}), at risk from {second} ({at_risk} {of}); {now}"


def render_holds(found: Explanation) -> Iterator[Line]:
    """What people typed over, since when, and what okr-sync would write; what waits to be accepted."""
    for cell in found.cells:
        want = render_cell(found, cell, cell.want)
        if cell.held is not None:
            since = render_since(cell.held, found.day)
            said = f"{render_cell(found, cell, cell.held.value)} stays ({since}); okr-sync would write {want}"
            yield cell.header, f"{said}. Hand it back: okr-sync release {found.key.id} {cell.header}"
        elif cell.waiting is not None:
            yield cell.header, f"{cell.shown} was there before okr-sync; accept {want}: okr-sync release --new"


def render_cell(found: Explanation, cell: CellFate, value: Want) -> str:
    """A cell's value as a person reads it."""
    if isinstance(value, Wanted):
        return "nothing yet"
    kr = found.definition if isinstance(found.definition, KeyResult) else None
    return render_canon(cell.field, value, kr, found.day)


def render_problems(found: Explanation) -> Iterator[Line]:
    """What a person should put right about this row."""
    for problem in found.problems:
        yield (problem.place.address if isinstance(problem.place, CellPlace) else ""), problem.message
        if problem.fix:
            yield "fix", problem.fix


def render_memory(found: Explanation) -> Iterator[Line]:
    """What the ledger knows: the last good value, the gap, doubts, the last weekly scores."""
    entry = found.entry
    if found.is_mapped and entry.good is not None:
        when = render_moment(entry.good.as_of, found) if entry.good.as_of else "confirmed by the last run"
        if entry.good.detail:
            when = f"{when}; {entry.good.detail}"
        yield "last good", f"{render_amount(found, entry.good.value)}, {when}"
    if entry.updated is not None:
        yield "changed", f"the value last changed on {render_day(entry.updated, found.day)}"
    if entry.gap:
        yield "gap", f"the last run had no reading: {entry.gap}"
    if entry.doubt_days:
        yield "doubted", f"on {entry.doubt_days} day{'' if entry.doubt_days == 1 else 's'}"
    for field, hold in entry.holds.items():
        yield "hold", f"{field.value} has been a person's since {render_day(hold.since, found.day)}"
    if found.last_run:
        when = f", {render_moment(found.heartbeat, found)}" if found.heartbeat else ""
        yield "last run", f"{found.last_run}{when}"
    if entry.points:
        points = [f"{render_score(point.score)} on {render_day(point.day, found.day)}" for point in entry.points[-4:]]
        yield "scores", ", ".join(points)


def render_fate(found: Explanation, cell: CellFate) -> str:
    """What happens to one cell now."""
    if cell.held is not None:
        return "stays: a person's"
    if cell.waiting is not None:
        return "waits for your word"
    return f"→ {render_cell(found, cell, cell.want)}" if cell.is_written else "stays"
