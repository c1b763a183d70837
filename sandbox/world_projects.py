"""What happens in Acme's four Jira projects: the story behind each key result, told as levels over days.

The first tickets of a project are the ones that mappings name by key, so their order is fixed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import chain

from sandbox.world_issues import NEVER, Ticket, Work, found
from sandbox.world_time import CYCLE_DAY, FIRST_DAY, Points

SIZES = {"WEB": 800, "APP": 620, "OPS": 640, "DATA": 440}  # tickets until today; 2,500 in all
NAMES = {"WEB": "Planner", "APP": "Staff app", "OPS": "Platform", "DATA": "Data and cost view"}
EPICS = {
    "WEB": ("Copy last month", "A faster month view", "Holidays and wishes", "Auto-fill keeps the law",
            "Pay-run export", "Fewer clicks to publish"),
    "APP": ("Swap shifts", "Roster without network", "Messages that matter", "Usable without seeing",
            "First day with the app"),
    "OPS": ("See before customers do", "Backups that restore", "Second region: copy within a minute",
            "Nothing by hand"),
    "DATA": ("Cost view", "Forecast the pay run", "Pay rules of collective agreements", "One source of figures"),
}  # fmt: skip
_EPICS_OF_THE_DAY = {  # those whose children nothing counts
    "WEB": EPICS["WEB"][:3],
    "APP": EPICS["APP"][1:3],
    "OPS": (EPICS["OPS"][0], EPICS["OPS"][1], EPICS["OPS"][3]),
    "DATA": (EPICS["DATA"][0], EPICS["DATA"][1], EPICS["DATA"][3]),
}
_LABEL_KINDS = {"page": "Task", "rollback": "Task", "toil": "Task", "escalation": "Task"}

Streams = Iterator[Ticket]


def make_tickets(rng: random.Random) -> dict[str, list[Ticket]]:
    """Make every ticket of every project, the named ones first, the others by day of creation."""
    tell: dict[str, Callable[[Work], Streams]] = {"WEB": _web, "APP": _app, "OPS": _ops, "DATA": _data}
    return {project: _make_project(project, tell[project], rng) for project in SIZES}


def _make_project(project: str, tell: Callable[[Work], Streams], rng: random.Random) -> list[Ticket]:
    work = Work(random.Random(rng.random()))  # noqa: S311 - a made-up world, and repeatable
    named = list(_named(project))
    told = list(tell(work))
    missing = SIZES[project] - sum(each.created < 1 for each in (*named, *told))
    others = chain(told, work.background(project, missing, _EPICS_OF_THE_DAY[project]))
    return named + sorted(others, key=lambda ticket: ticket.created)


def _named(project: str) -> Streams:
    for number, epic in enumerate(EPICS[project]):
        yield Ticket(project, "Epic", epic, FIRST_DAY - 95 + number, NEVER)
    tasks: dict[str, tuple[tuple[str, str, float], ...]] = {
        "APP": (("Task", "Works councils agree to swaps in the app", -16),),
        "OPS": (
            ("Task", "Second region: choose the site", -49),
            ("Task", "Second region: rehearsal with a hospital", 5),
            ("Task", "Second region: cut over", 26),
            ("Task", "Second region: data protection officers accept it", 12),
            ("Story", "Sessions survive a release", -9),
        ),
    }
    for number, (kind, text, done) in enumerate(tasks.get(project, ())):
        yield Ticket(project, kind, text, FIRST_DAY - 88 + number, done, priority="High")


def _falling(then: float, now: float, later: float, before: float | None = None) -> Points:
    """A level that stood at ``then`` when the cycle began, is at ``now`` today and gets to ``later``."""
    first = then if before is None else before
    return ((FIRST_DAY, first), (CYCLE_DAY, then), (CYCLE_DAY * 0.6, then + (now - then) * 0.33),
            (CYCLE_DAY * 0.25, then + (now - then) * 0.8), (0, now), (35, later))  # fmt: skip


def _rising(now: float, later: float) -> Points:
    """A share that begins at 0 with the cycle, slowly at first."""
    return ((CYCLE_DAY, 0), (CYCLE_DAY * 0.55, now * 0.3), (CYCLE_DAY * 0.2, now * 0.85), (0, now), (30, later))


def _labelled(project: str, label: str, **more: str) -> Ticket:
    return Ticket(project, _LABEL_KINDS.get(label, "Bug"), "", 0, labels=(label,), **more)  # type: ignore[arg-type]


def _web(work: Work) -> Streams:
    production: Points = ((FIRST_DAY, 0.55), (CYCLE_DAY, 0.52), (-28, 0.4), (0, 0.36), (35, 0.28))
    urgent = work.backlog(Ticket("WEB", "Bug", "", 0, priority="High"), "Bug", _falling(26, 14, 8), ((0, 2.2),))
    other = work.backlog(Ticket("WEB", "Bug", "", 0), "Bug", _falling(46, 44, 40, 30), ((0, 3.6),))
    yield from found(chain(urgent, other), production, work.rng)
    request = Ticket("WEB", "Story", "", 0, labels=("top-request",), parent="Fewer clicks to publish")
    yield from work.campaign(request, "Story", 40, _rising(0.53, 0.8))
    rule = Ticket("WEB", "Story", "", 0, parent="Auto-fill keeps the law", labels=("labour-law",))
    yield from work.campaign(rule, "rule", 30, _rising(0.68, 0.97))
    yield from work.campaign(_labelled("WEB", "flaky-test"), "flaky-test", 24, _rising(0.76, 1))
    yield from work.backlog(_labelled("WEB", "escalation"), "escalation", _falling(14, 6, 2), ((0, 2.0),))
    yield from work.stream(_labelled("WEB", "rollback"), "rollback", ((0, 0.22),), 1)


def _app(work: Work) -> Streams:
    crash = work.stream(_labelled("APP", "crash", priority="High"), "crash", _falling(6, 2.6, 1.6, 2.5), 9)
    other = work.backlog(Ticket("APP", "Bug", "", 0), "Bug", _falling(38, 36, 30, 25), ((0, 2.6),))
    yield from found(chain(crash, other), ((0, 0.5),), work.rng)
    council = Ticket("APP", "Story", "", 0, labels=("swap-council",), parent="Swap shifts")
    yield from work.campaign(council, "Story", 36, _rising(0.48, 0.8))
    yield from work.backlog(_labelled("APP", "screen-reader"), "screen-reader", _falling(44, 17, 4, 10), ((0, 1.5),))
    yield from work.campaign(_labelled("APP", "flaky-test"), "flaky-test", 14, _rising(0.72, 1))
    yield from work.backlog(_labelled("APP", "escalation"), "escalation", _falling(9, 5, 3), ((0, 1.5),))
    yield from work.stream(_labelled("APP", "rollback"), "rollback", ((0, 0.15),), 1)


def _ops(work: Work) -> Streams:
    yield from found(
        work.backlog(Ticket("OPS", "Bug", "", 0), "Bug", _falling(24, 22, 20), ((0, 1.8),)), ((0, 0.6),), work.rng
    )
    page = Ticket("OPS", "Task", "", 0, labels=("page",), any_hour=True)
    yield from work.stream(page, "page", _falling(5.2, 2.4, 1.4), 0.4)
    incident = Ticket("OPS", "Bug", "", 0, priority="Highest", labels=("incident",), any_hour=True)
    yield from found(work.stream(incident, "incident", _falling(1.0, 0.35, 0.3), 0.5), ((0, 1.0),), work.rng)
    yield from work.stream(_labelled("OPS", "toil"), "toil", _falling(5, 2.6, 2.2, 3), 4)
    copy = Ticket("OPS", "Story", "", 0, parent="Second region: copy within a minute", labels=("second-region",))
    yield from work.campaign(copy, "Task", 16, _rising(0.94, 1))
    yield from work.campaign(_labelled("OPS", "flaky-test"), "flaky-test", 10, _rising(0.6, 1))
    yield from work.backlog(_labelled("OPS", "escalation"), "escalation", _falling(7, 4, 2), ((0, 1.2),))
    yield from work.stream(_labelled("OPS", "rollback"), "rollback", ((0, 0.1),), 1)


def _data(work: Work) -> Streams:
    wrong = work.backlog(_labelled("DATA", "wrong-figure"), "wrong-figure", _falling(31, 26, 24, 14), ((0, 1.8),))
    other = work.backlog(Ticket("DATA", "Bug", "", 0), "Bug", _falling(20, 19, 17), ((0, 1.5),))
    yield from found(chain(wrong, other), ((0, 0.55),), work.rng)
    rule = Ticket("DATA", "Story", "", 0, parent="Pay rules of collective agreements", labels=("pay-rule",))
    yield from work.campaign(rule, "rule", 34, _rising(0.36, 0.6))
