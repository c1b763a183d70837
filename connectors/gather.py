"""Many metrics into outcomes: each asked once, tables passed over once, every failure kept to itself as a gap.

Sources are asked side by side, each by as many threads as it likes. A source that is dead costs its own time
only, and not all of it: after a few queries in a row without an answer the rest are gaps at once.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.base import (
    Connector,
    SourceDoubted,
    SourceEmpty,
    SourceError,
    SourceMisread,
    SourceRefused,
    SourceUnavailable,
    Surroundings,
)
from connectors.passes import Pass, ask_pass, make_passes
from connectors.wire import time_limit
from mappings.model import Gap, GapKind, Metric, Outcome

log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]
_KINDS: Mapping[type[Exception], GapKind] = {
    SourceUnavailable: GapKind.UNAVAILABLE,
    SourceRefused: GapKind.REFUSED,
    SourceMisread: GapKind.MISREAD,
    SourceEmpty: GapKind.EMPTY,
    SourceDoubted: GapKind.DOUBT,
}
_FIXES = {
    GapKind.UNAVAILABLE: "The next run tries again.",
    GapKind.REFUSED: "Check its credential under sources.",
    GapKind.MISREAD: "Run again; if it stays, report it.",
    GapKind.EMPTY: "Check the query.",
    GapKind.DOUBT: "The next run asks again.",
}
_GLANCE = 0.2  # seconds of real time between two looks at the clock while nothing arrives


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds for each source and in all, and after how many queries in a row without an answer we stop asking."""

    source: float = 300.0
    total: float = 900.0
    give_up_after: int = 3
    grace: float = 40.0  # what a call under way may still take (its own time-out) before it is left behind


def gather(
    metrics: Iterable[Metric],
    connectors: Mapping[str, Connector],
    *,
    budget: Budget,
    around: Surroundings,
    on_progress: Progress | None = None,
    titles: bool = False,
) -> dict[Metric, Outcome]:
    """Every metric's reading, or the gap that says why there is none; in the order in which they were given.

    Equal metrics are asked once. ``titles``: samples should carry titles, which costs more to read.
    ``on_progress(done, total, source)`` is called in this thread. Only a KeyboardInterrupt and its like pass.
    """
    wanted = list(dict.fromkeys(metrics))
    by_source: dict[str, list[Metric]] = {}
    for metric in wanted:
        by_source.setdefault(metric.query.source, []).append(metric)
    found: dict[Metric, Outcome] = {}
    desks = []
    for name, its in by_source.items():
        if name in connectors:
            desks.append(_Desk(connectors[name], make_passes(its, connectors[name]), budget, around, titles))
        else:
            gap = Gap(GapKind.DEFINITION, f"there is no source “{name}” to ask", "Name one under sources.", name)
            found.update(dict.fromkeys(its, gap))
    _collect(desks, found, len(wanted), budget, around, on_progress or (lambda *_: None))
    return {metric: found[metric] for metric in wanted}


_Results = queue.SimpleQueue["tuple[_Desk, Mapping[Metric, Outcome] | BaseException]"]


def _collect(
    desks: list[_Desk],
    found: dict[Metric, Outcome],
    total: int,
    budget: Budget,
    around: Surroundings,
    tell: Progress,
) -> None:
    results: _Results = queue.SimpleQueue()
    started = around.monotonic()
    for desk in desks:
        desk.open(results, started)
    try:
        while any(desk.missing for desk in desks):
            try:
                desk, outcomes = results.get(timeout=_GLANCE)
            except queue.Empty:
                for desk in desks:
                    desk.leave_behind(found, started + min(budget.source, budget.total) + budget.grace)
                continue
            if isinstance(outcomes, BaseException):
                raise outcomes
            found.update({metric: one for metric, one in outcomes.items() if metric in desk.missing})
            desk.missing.difference_update(outcomes)
            tell(len(found), total, desk.connector.name)
    finally:
        for desk in desks:
            desk.closed.set()


@dataclass(eq=False)
class _Desk:
    """One source's work: passes that wait, the threads at work on them, and whether asking on makes sense."""

    connector: Connector
    passes: Iterable[Pass]
    budget: Budget
    around: Surroundings
    titles: bool
    closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._waiting = deque(self.passes)
        self._lock = threading.Lock()
        self._silent = 0  # queries in a row without an answer
        self._verdict: Gap | None = None
        self.missing = {metric for one in self._waiting for metric in one.metrics}

    def open(self, results: _Results, started: float) -> None:
        """Start the threads. They are daemons: one that hangs must not keep the command from ending."""
        deadline = started + min(self.budget.source, self.budget.total)
        for number in range(min(self.connector.limits.threads, len(self._waiting))):
            name = f"{self.connector.name}-{number}"
            threading.Thread(target=self._work, args=(results, deadline), name=name, daemon=True).start()

    def leave_behind(self, found: dict[Metric, Outcome], at: float) -> None:
        """Give up on calls that outlast the time and their own time-outs."""
        if self.missing and self.around.monotonic() >= at:
            self.closed.set()
            found.update(dict.fromkeys(self.missing, self._out_of_time()))
            self.missing.clear()

    def _work(self, results: _Results, deadline: float) -> None:
        with time_limit(deadline):
            while not self.closed.is_set():
                with self._lock:
                    if not self._waiting:
                        return
                    one = self._waiting.popleft()
                try:
                    results.put((self, self._ask(one, deadline)))
                except BaseException as error:  # noqa: BLE001 - raised again in the thread that gathers
                    results.put((self, error))
                    return

    def _ask(self, one: Pass, deadline: float) -> Mapping[Metric, Outcome]:
        if self._verdict is not None:
            return dict.fromkeys(one.metrics, self._verdict)
        if self.around.monotonic() >= deadline:
            return dict.fromkeys(one.metrics, self._out_of_time())
        return ask_pass(one, self.connector, self.around, self.titles, self._take_failure, self._take_answer)

    def _take_answer(self) -> None:
        with self._lock:
            self._silent = 0

    def _take_failure(self, error: Exception) -> Gap:
        """The gap that a failure becomes; a failure that others will share ends the asking."""
        name = self.connector.name
        gap = make_gap(error, name)
        with self._lock:
            if isinstance(error, SourceRefused) and error.everything:
                self._verdict = gap
            elif not isinstance(error, SourceUnavailable):
                self._silent = 0
            else:
                self._silent += 1
                if self._silent >= self.budget.give_up_after and self._verdict is None:
                    reason = (
                        f"{name} was not asked any more after {self._silent} queries without an answer: {gap.reason}"
                    )
                    self._verdict = Gap(GapKind.UNAVAILABLE, reason, gap.fix, name)
                    log.warning("%s is given up for this run: %s", name, gap.reason)
        return gap

    def _out_of_time(self) -> Gap:
        reason = f"the time for {self.connector.name} ({self.budget.source:.0f} s) was used up before this was answered"
        return Gap(GapKind.UNAVAILABLE, reason, "Raise run.source_budget, or ask for less.", self.connector.name)


def make_gap(error: Exception, source: str) -> Gap:
    """Why there is no reading, in words, with what to do."""
    if isinstance(error, SourceError):
        kind = next((kind for known, kind in _KINDS.items() if isinstance(error, known)), GapKind.MISREAD)
        doubted = error.value if isinstance(error, SourceDoubted) else None
        return Gap(kind, error.message, error.fix or _FIXES[kind], source, doubted=doubted)
    log.debug("A query to %s failed unexpectedly.", source, exc_info=error)
    reason = f"reading {source} failed unexpectedly ({type(error).__name__})"
    return Gap(GapKind.MISREAD, reason, "Run again with --debug and report it.", source)
