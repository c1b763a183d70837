"""The life of problems over the runs: new, still, over. What is remembered stands in the ledger's head. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from connectors.secret import redact
from okr.problem import Problem
from sync.plan_gaps import LOCKED, PREFIX
from sync.sheet.ledger import OpenProblem
from sync.sheet.plain import clean_line
from sync.sheet.snapshot import COPIED

PROBLEMS_KEPT = 1000
"""How many problems the head remembers: they have to fit into one cell."""

WORDS_KEPT = 60
"""How many of them with their words; the others are known again, but can't be named when they are over."""

_WORDS_LENGTH = 90


class ProblemLife(NamedTuple):
    """What a run makes of the problems of the run before: which are new, all that are open, which are over."""

    new: tuple[Problem, ...]
    open: Mapping[str, OpenProblem]
    over: tuple[OpenProblem, ...]

    def since(self, problem: Problem) -> date | None:
        """The local day of the first run that had this problem; ``None`` where that isn't known."""
        found = self.open.get(render_identity(problem))
        return found.since if found is not None else None


def render_identity(problem: Problem) -> str:
    """A problem's identity as the ledger's head keeps it: short, because a sheet may have a thousand of them.

    Those of sources stay readable: a run that doesn't ask a source keeps its problems open.
    """
    text = "|".join(problem.identity)
    if text.startswith((PREFIX, LOCKED)):
        return text
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def make_life(
    known: Mapping[str, OpenProblem], problems: Iterable[Problem], today: date, *, asked_all: bool
) -> ProblemLife:
    """The problems of a run beside those of the last one.

    A run that didn't ask every source (``asked_all`` off) can't tell that a source's problem is over. That the sheet is
    a copy is said once, by the run that gives it an epoch of its own.
    """
    problems = tuple(problems)
    found = {render_identity(problem): problem for problem in problems}
    fresh = {name: OpenProblem(today, _words(problem)) for name, problem in found.items() if name not in known}
    still = {name: item for name, item in known.items() if name in found}
    passing = {name for name, problem in found.items() if problem.code == COPIED}
    unasked = {name: item for name, item in known.items() if not asked_all and name.startswith((PREFIX, LOCKED))}
    ended = tuple(item for name, item in known.items() if name not in found and name not in unasked)
    return ProblemLife(
        new=tuple(problem for problem in problems if render_identity(problem) in fresh),
        open=_trim({name: item for name, item in {**unasked, **still, **fresh}.items() if name not in passing}),
        over=ended,
    )


def _words(problem: Problem) -> str:
    message = problem.message.partition(". ")[0]  # whom it concerns follows: that may be another night's
    text = message if problem.place is None else f"{problem.place}: {message}"
    return clean_line(redact(text), _WORDS_LENGTH)


def _trim(open_: Mapping[str, OpenProblem]) -> dict[str, OpenProblem]:
    """As many as the head has room for, the oldest first, in one order."""
    ordered = sorted(open_.items(), key=lambda pair: (pair[1].since or date.min, pair[0]))[:PROBLEMS_KEPT]
    return {
        name: item if at < WORDS_KEPT else OpenProblem(item.since) for at, (name, item) in enumerate(sorted(ordered))
    }
