"""The rhythm of each key result that check-ins are due for, and the ones nobody has said anything of for long. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from okr.calendar import render_day
from okr.checkin import Rhythm, days_by_key, find_cadence, make_rhythm
from okr.definition import find_span
from okr.model import Cycle, KeyResult, Okrs, Status
from okr.problem import Problem, Severity
from okr.result import Scorecard
from okr.teams import find_teams

CADENCES = 2
"""After how many cadences without a check-in a key result is silent: one may be missed."""

NAMED = 8
"""How many ids a hint about all of them names."""

_OVER = frozenset({Status.CLOSED, Status.PAUSED})
_BETTER = "Say in a line how confident you are: “7: two hospitals signed; the third waits for legal”."


class Kept(NamedTuple):
    """A key result that check-ins are due for, and how they come. ``cadence`` is in days."""

    kr: KeyResult
    team: str
    cadence: int
    rhythm: Rhythm


def find_kept(
    okrs: Okrs, card: Scorecard, cycles: Mapping[str, Cycle], cadence: Mapping[str, int], today: date
) -> Iterator[Kept]:
    """The key results that check-ins are due for: approved, running, neither closed nor paused.

    ``cycles`` are the open ones; ``cadence`` is in days by team.
    """
    teams, days, seen = find_teams(okrs), days_by_key(okrs.check_ins), set()
    for kr in okrs.key_results:
        cycle, result = cycles.get(kr.key.cycle), card.key_results.get(kr.key)
        span = find_span(kr, cycle)
        if kr.key in seen or cycle is None or result is None or span is None or not kr.approved:
            continue
        seen.add(kr.key)
        if result.status not in _OVER and span[0] <= today <= span[1]:
            own = find_cadence(teams[kr.key], cadence)
            yield Kept(kr, teams[kr.key], own, make_rhythm(days.get(kr.key, ()), span[0], own, today))


def check_silence(kept: Iterable[Kept], today: date) -> tuple[Problem, ...]:
    """Hints for key results without a check-in in two cadences.

    A habit that broke off is told row by row; where there never was one, that is said once for all rows of a cycle.
    """
    silent = [each for each in kept if _is_silent(each, today)]
    never: dict[str, list[str]] = {}
    for each in silent:
        if each.rhythm.last is None:
            never.setdefault(each.kr.key.cycle, []).append(each.kr.key.id)
    return (
        *(_say_never(cycle, ids) for cycle, ids in never.items()),
        *(_say_silent(each, each.rhythm.last, today) for each in silent if each.rhythm.last is not None),
    )


def _is_silent(each: Kept, today: date) -> bool:
    """Whether two whole cadences went by since the last check-in, or since its time began."""
    since = each.rhythm.due - timedelta(days=each.cadence)
    return (today - since).days > CADENCES * each.cadence


def _say_never(cycle: str, ids: list[str]) -> Problem:
    named = ", ".join(ids[:NAMED]) + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")
    said = f"Nobody has checked in yet in {cycle} on {named}: numbers don't say how confident people are."
    fix = "Begin with those at risk, once a week; okr-sync remind says who."
    return Problem("okr.no-check-ins", said, None, fix, cycle, Severity.HINT)


def _say_silent(each: Kept, last: date, today: date) -> Problem:
    said = (
        f"{each.kr.key.id} has had no check-in since {render_day(last, today)}; one is due every {each.cadence} days."
    )
    return Problem("okr.silent", said, each.kr.place, _BETTER, each.kr.key.id, Severity.HINT)
