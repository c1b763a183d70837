"""The review of a cycle as a document, and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from mappings.suggest import name_some
from okr.calendar import render_day
from okr.model import Key
from okr.number import render_number, render_score
from sync.tell.document import Document, Section, Table
from sync.tell.moved import moved_json, render_moves
from sync.tell.outlook import NO_OUTLOOK, Outlook, outlook_json, render_change
from sync.tell.review import Grade, ObjectiveGrade, Review, Said

_NUMBERS = frozenset({1, 2, 3})


def make_document(review: Review) -> Document:
    """The review as people read it."""
    return Document(
        f"{review.cycle.name}: review",
        tuple(_lead(review)),
        (
            Section("Grades by team", table=_team_table(review)),
            *(_objective_section(each, review) for each in review.objectives),
            Section("Without an objective", table=_grade_table(review.loose)),
            Section("Went well", tuple(_say(review.well, review))),
            Section("To improve", tuple(_say(review.improve, review))),
            Section("Blockers", tuple(_say(review.blockers, review))),
            Section("Where it is heading", table=_outlook_table(review)),
            Section("Forecast against result", table=_forecast_table(review)),
            Section("Goalposts moved", table=_moved_table(review)),
            Section("Newly missed", tuple(f"{_name(grade)}: the sheet says {grade.was}" for grade in review.missed)),
            Section("What happens to it next", tuple(_next(review))),
        ),
    )


def _lead(review: Review) -> Iterator[str]:
    cycle, total = review.cycle, len(review.grades)
    first, last = (render_day(day, cycle.end) for day in (cycle.start, cycle.end))
    yield f"{first} to {last} {cycle.end.year}. {_state(review)}"
    average = "no score" if review.score is None else f"an average score of {_score(review.score)}"
    achieved = sum(each.achieved for each in review.teams)
    yield f"{achieved} of {total} key results achieved, {average}; {review.covered} of {total} have data."


def _state(review: Review) -> str:
    if review.closed is not None:
        return f"Closed on {render_day(review.closed, review.day)}: grades are final."
    if review.day <= review.cycle.end:
        return f"Not over yet: scores as of {render_day(review.day, review.day)}."
    return f"Over, and not closed yet: okr-sync cycle close {review.cycle.name} makes the grades final."


def _team_table(review: Review) -> Table:
    rows = [(each.team, _score(each.score), f"{each.achieved} of {each.count}") for each in review.teams]
    return Table(("Team", "Score", "Achieved"), tuple(rows), frozenset({1, 2}))


def _objective_section(each: ObjectiveGrade, review: Review) -> Section:
    owner = each.objective.owner.strip()
    score = f"{_score(each.score)} {each.word}" if each.score is not None else each.word
    facts = [score, *([f"{each.coverage} with data"] if each.coverage else []), *([owner] if owner else [])]
    title = f"{each.objective.key.id}  {each.objective.name}"
    return Section(title, (" · ".join(facts),), _grade_table(each.grades))


def _grade_table(grades: Iterable[Grade]) -> Table:
    rows = tuple(_grade_row(grade) for grade in grades)
    return Table(("Key result", "Score", "Reached", "Target", "Status", "Owner", "At close"), rows, _NUMBERS)


def _grade_row(grade: Grade) -> tuple[str, ...]:
    kr, result = grade.kr, grade.result
    reached, target = (_value(grade, number) for number in (result.current, kr.target))
    return _name(grade), _score(result.score), reached, target, result.word, kr.owner, grade.at_close


def _value(grade: Grade, number: Decimal | None) -> str:
    return "–" if number is None else render_number(number, grade.kr.unit, is_share=grade.kr.is_share)


def _name(grade: Grade) -> str:
    return f"{grade.kr.key.id} {grade.kr.name}".strip()


def _score(score: Decimal | None) -> str:
    return "–" if score is None else render_score(score)


def _say(said: Iterable[Said], review: Review) -> Iterator[str]:
    for item in said:
        by = f", {item.by}" if item.by.strip() else ""
        yield f"{item.key.id} {item.name}: {item.text} ({render_day(item.day, review.day)}{by})"


def _forecast_table(review: Review) -> Table:
    rows = []
    for grade in review.grades:
        if grade.foreseen is not None and grade.halfway is not None and grade.result.score is not None:
            off = grade.result.score - grade.foreseen
            halfway = render_day(grade.halfway, review.day)
            rows.append((_name(grade), halfway, _score(grade.foreseen), _score(grade.result.score), f"{off:+.2f}"))
    return Table(("Key result", "Halfway", "Forecast then", "Result", "Off by"), tuple(rows), frozenset({1, 2, 3, 4}))


def _outlook_table(review: Review) -> Table:
    """While the cycle runs: what has a past, and where that leads."""
    rows = []
    for grade in review.grades:
        own = review.outlooks.get(grade.kr.key, NO_OUTLOOK)
        if own.forecast is not None or own.change is not None or own.is_stale:
            change = "–" if own.change is None else render_change(own.change)
            as_of = "–" if own.as_of is None else render_day(own.as_of, review.day)
            said = f"{as_of}, old" if own.is_stale else as_of
            rows.append((_name(grade), own.trend, _score(grade.result.score), change, _score(own.forecast), said))
    header = ("Key result", "Trend", "Score", "In 14 days", "Heading for", "Value of")
    return Table(header, tuple(rows), frozenset({2, 3, 4}))


def _moved_table(review: Review) -> Table:
    """What was moved after its time began, and what the result is worth by the old goalposts and by the new ones."""
    rows = [
        (
            f"{item.row.key.id} {item.row.name}".strip(),
            "; ".join(render_moves(item, review.day)) or "below it",
            _score(item.grades.committed),
            _score(item.grades.revised),
        )
        for item in review.moved
    ]
    return Table(("Goalpost", "Moved", "As committed", "As revised"), tuple(rows), frozenset({2, 3}))


def _next(review: Review) -> Iterator[str]:
    for word in ("Keep", "Modify", "Drop"):
        ids = [grade.kr.key.id for grade in review.grades if grade.at_close == word]
        if ids:
            yield f"{word}: {', '.join(ids)}"
    if review.undecided:
        ids = [grade.kr.key.id for grade in review.undecided]
        yield f"Undecided: {name_some(ids)}. Write Keep, Modify or Drop into At close."


def review_json(review: Review) -> dict[str, Any]:
    """The same for programs. Scores and shares are fractions, days ISO dates."""
    cycle = review.cycle
    return {
        "cycle": {"name": cycle.name, "start": cycle.start, "end": cycle.end, "closed": review.closed},
        "day": review.day,
        "score": review.score,
        "covered": review.covered,
        "count": len(review.grades),
        "teams": [
            {"team": each.team, "score": each.score, "achieved": each.achieved, "count": each.count}
            for each in review.teams
        ],
        "objectives": [_objective_json(each) for each in review.objectives],
        "key_results": [_grade_json(grade, review.outlooks) for grade in review.grades],
        "went_well": [_said_json(item) for item in review.well],
        "to_improve": [_said_json(item) for item in review.improve],
        "blockers": [_said_json(item) for item in review.blockers],
        "goalposts_moved": [moved_json(item) for item in review.moved],
        "newly_missed": [grade.kr.key.id for grade in review.missed],
    }


def _objective_json(each: ObjectiveGrade) -> dict[str, Any]:
    found = {"id": each.objective.key.id, "name": each.objective.name, "team": each.objective.team}
    return found | {"score": each.score, "status": each.word, "coverage": each.coverage}


def _grade_json(grade: Grade, outlooks: Mapping[Key, Outlook]) -> dict[str, Any]:
    kr, result, outlook = grade.kr, grade.result, outlooks.get(grade.kr.key)
    return {
        "id": kr.key.id,
        "name": kr.name,
        "objective": kr.objective,
        "team": grade.team,
        "owner": kr.owner,
        "current": result.current,
        "target": kr.target,
        "score": result.score,
        "status": result.word,
        "at_close": grade.at_close or None,
        "forecast": None if grade.foreseen is None else {"score": grade.foreseen, "by": grade.halfway},
        "outlook": None if outlook is None else outlook_json(outlook),
    }


def _said_json(item: Said) -> dict[str, Any]:
    return {"id": item.key.id, "text": item.text, "day": item.day, "by": item.by or None}
