"""What each of Acme's numbers truly is at the clock's moment, counted in plain Python from the world's objects.

It knows nothing of queries, measures or mappings: it serves to tune the story, and tests to check the engine.
``within n days`` begins with the first moment of the day n - 1 days ago, so that today is the n-th day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from statistics import fmean, median
from typing import Any

from sandbox.jira_fields import FOUND_IN, STORY_POINTS
from sandbox.jira_site import Row
from sandbox.world import World

Cells = Mapping[str, Any]


def true_values(world: World) -> dict[str, float | None]:
    """Return the present value of every mapped key result and KPI; None where there is nothing to measure."""
    facts = _Facts(world)
    return {name: tell(facts) for name, tell in (_JIRA | _CRM | _SURVEYS).items()}


class _Facts:
    """The world as it is now, with the questions that several numbers ask."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = world.clock.now()
        self.today = self.now.astimezone(world.zone).date()
        self.rows = world.jira.rows()
        self.deals, self.accounts, self.invoices = (
            world.crm.tables[name].cells(self.now) for name in ("Deals", "Accounts", "Invoices")
        )
        self.answers = world.surveys.tables["NPS"].cells(self.now)

    # Jira

    def issues(self, project: str = "", **wanted: Any) -> list[Row]:
        """Return issues of a project (of all) whose fields are as wanted; ``label`` is among the labels."""
        return [row for row in self.rows if project in ("", row.issue.project) and self._fits(row, wanted)]

    def _fits(self, row: Row, wanted: Mapping[str, Any]) -> bool:
        for name, value in wanted.items():
            if name == "label":
                if value not in row.values.get("labels", ()):
                    return False
            elif name == "done":
                if self.is_done(row) != value:
                    return False
            elif row.values.get(name) != value:
                return False
        return True

    def is_done(self, row: Row) -> bool:
        """Whether the issue's status counts as done."""
        return self.world.jira.category(row.values["status"]) == "done"

    def share_done(self, rows: Iterable[Row], points: bool = False) -> float | None:
        """Return the share that is done, by number or by story points (1 where nobody estimated)."""
        weighed = [(self.is_done(row), (row.values.get(STORY_POINTS) or 1) if points else 1) for row in rows]
        whole = sum(weight for _, weight in weighed)
        return sum(weight for done, weight in weighed if done) / whole if whole else None

    # Time

    def in_cycle(self, moment: datetime | date | None) -> bool:
        """Whether it lies in the cycle."""
        day = self._day(moment)
        return day is not None and self.world.cycle.start <= day <= self.world.cycle.end

    def in_days(self, moment: datetime | date | None, days: int) -> bool:
        """Whether it lies in the last ``days`` days, today included."""
        day = self._day(moment)
        return day is not None and self.today - timedelta(days=days - 1) <= day <= self.today

    def _day(self, moment: datetime | date | None) -> date | None:
        return moment.astimezone(self.world.zone).date() if isinstance(moment, datetime) else moment

    def midnight(self, days_ago: int) -> datetime:
        """Return the same time of day some days ago."""
        return self.now - timedelta(days=days_ago)


def _share(records: Iterable[Any], holds: Callable[[Any], bool]) -> float | None:
    truths = [holds(each) for each in records]
    return sum(truths) / len(truths) if truths else None


def _mean(values: Iterable[float | None]) -> float | None:
    present = [float(each) for each in values if each is not None]
    return fmean(present) if present else None


def _percentile(values: list[float], share: float) -> float | None:
    """Interpolate linearly between the ranks, as spreadsheets' PERCENTILE does."""
    if not values:
        return None
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def _is_done(facts: _Facts, key: str) -> float:
    row = facts.world.jira.row(key)
    return float(row is not None and facts.is_done(row))


def _children(facts: _Facts, epic: str) -> list[Row]:
    return [row for row in facts.rows if row.values.get("parent") == epic]


def _old_bugs(facts: _Facts) -> float:
    found = facts.issues(issuetype="Bug", done=False, **{FOUND_IN: "Production"})
    return sum(row.issue.created <= facts.midnight(30) for row in found)


def _found_early(facts: _Facts) -> float | None:
    known = [row for row in facts.issues("WEB", issuetype="Bug") if row.values.get(FOUND_IN)
             and facts.in_days(row.issue.created, 28)]  # fmt: skip
    return _share(known, lambda row: row.values[FOUND_IN] != "Production")


def _resolved(facts: _Facts, rows: Iterable[Row], days: int) -> int:
    return sum(facts.in_days(row.values.get("resolutiondate"), days) for row in rows)


def _toil(facts: _Facts) -> float | None:
    kinds = ("Story", "Task", "Bug")
    work = [row for row in facts.issues("OPS") if row.values["issuetype"] in kinds]
    whole = _resolved(facts, work, 28)
    return 100 * _resolved(facts, facts.issues("OPS", label="toil"), 28) / whole if whole else None


def _second_region(facts: _Facts) -> float:
    """Return the weighed share of the steps that are done."""
    copied = facts.share_done(_children(facts, "OPS-3")) or 0.0
    return (_is_done(facts, "OPS-5") + 2 * copied + 2 * _is_done(facts, "OPS-6") + 3 * _is_done(facts, "OPS-7")) / 8


_Tell = Callable[[_Facts], float | None]

_JIRA: dict[str, _Tell] = {
    "C-1.1": lambda f: sum(
        f.in_cycle(row.issue.created) for row in f.issues(issuetype="Bug", label="incident", priority="Highest")
    ),
    "C-1.2": _old_bugs,
    "WEB-1.1": lambda f: f.share_done(f.issues("WEB", label="top-request")),
    "WEB-1.3": lambda f: f.share_done(_children(f, "WEB-4"), points=True),
    "WEB-2.1": lambda f: sum(
        f.in_cycle(row.issue.created) for row in f.issues("WEB", issuetype="Bug", **{FOUND_IN: "Production"})
    ),
    "WEB-2.2": _found_early,
    "WEB-2.3": lambda f: sum(
        row.values["priority"] in ("Highest", "High") for row in f.issues("WEB", issuetype="Bug", done=False)
    ),
    "APP-1.1": lambda f: f.share_done(f.issues("APP", label="swap-council")),
    "APP-1.3": lambda f: _is_done(f, "APP-6"),
    "APP-2.1": lambda f: sum(
        f.in_days(row.issue.created, 28) for row in f.issues("APP", issuetype="Bug", label="crash")
    ),
    "APP-2.3": lambda f: len(f.issues("APP", label="screen-reader", done=False)),
    "OPS-1.1": lambda f: sum(f.in_days(row.issue.created, 28) for row in f.issues("OPS", label="page")),
    "OPS-1.2": _toil,
    "OPS-1.3": lambda f: sum(f.in_cycle(row.issue.created) for row in f.issues(label="rollback")),
    "OPS-2.1": _second_region,
    "OPS-2.3": lambda f: _is_done(f, "OPS-8"),
    "DATA-1.1": lambda f: f.share_done(_children(f, "DATA-3"), points=True),
    "DATA-1.2": lambda f: len(f.issues("DATA", issuetype="Bug", label="wrong-figure", done=False)),
    "REL-1.1": lambda f: f.share_done(f.issues(label="flaky-test")),
    "REL-1.2": lambda f: _is_done(f, "OPS-9"),
    "CX-2.3": lambda f: len(f.issues(label="escalation", done=False)),
    "KPI-3": lambda f: len(f.issues(issuetype="Bug", done=False)),
}


def _won(facts: _Facts, **wanted: str) -> list[Cells]:
    wanted = {"Stage": "Won"} | wanted
    return [deal for deal in facts.deals if all(deal.get(name) == value for name, value in wanted.items())]


def _closed(facts: _Facts, deals: Iterable[Cells]) -> list[Cells]:
    return [deal for deal in deals if facts.in_cycle(deal.get("Closed"))]


def _thousands(deals: Iterable[Cells]) -> float:
    return float(sum(deal["Amount EUR"] for deal in deals)) / 1000


def _decided(facts: _Facts) -> list[Cells]:
    return _closed(facts, (deal for deal in facts.deals if deal["Stage"] in ("Won", "Lost")))


def _is_won(deal: Cells) -> bool:
    return bool(deal["Stage"] == "Won")


def _recent(facts: _Facts, deals: Iterable[Cells], days: int) -> list[Cells]:
    return [deal for deal in deals if facts.in_days(deal.get("Closed"), days)]


def _live(facts: _Facts) -> list[Cells]:
    return [each for each in facts.accounts if facts.in_days(each.get("Live on"), 90)]


def _paid(facts: _Facts, days: int | None) -> list[Cells]:
    return [
        each
        for each in facts.invoices
        if (facts.in_cycle(each.get("Paid")) if days is None else facts.in_days(each.get("Paid"), days))
    ]


def _new(facts: _Facts) -> list[Cells]:
    return [deal for deal in facts.deals if facts.in_cycle(deal.get("Created"))]


_CRM: dict[str, _Tell] = {
    "C-2.1": lambda f: _thousands(_closed(f, _won(f))),
    "C-2.2": lambda f: _share(_decided(f), _is_won),
    "C-2.3": lambda f: _mean(deal["Amount EUR"] / 1000 for deal in _recent(f, _won(f), 90)),
    "C-3.2": lambda f: sum(f.in_cycle(each.get("Left")) for each in f.accounts),
    "C-3.3": lambda f: _thousands(_closed(f, _won(f, Type="Expansion"))),
    "DATA-1.3": lambda f: _mean(each.get("Forecast error") for each in f.accounts if each.get("Cost view")),
    "DATA-1.4": lambda f: sum("Cost view" in each for each in f.accounts),
    "GRO-1.1": lambda f: _thousands(_closed(f, _won(f, Segment="Hospital"))),
    "GRO-1.2": lambda f: median(each["Days to close"] for each in _recent(f, _won(f), 90)),
    "GRO-1.3": lambda f: round(
        100 * (_share(_closed(f, (deal for deal in f.deals if deal.get("Pilot"))), _is_won) or 0), 1
    ),
    "GRO-2.1": lambda f: sum(deal.get("Source") in ("Web", "Referral") for deal in _new(f)),
    "GRO-2.2": lambda f: _thousands(_new(f)),
    "GRO-2.3": lambda f: _share(_new(f), lambda deal: deal.get("Source") == "Partner"),
    "IBE-1.1": lambda f: len(_closed(f, _won(f, Region="Iberia"))),
    "IBE-1.2": lambda f: max(
        (deal["Amount EUR"] / 1000 for deal in _closed(f, _won(f, Region="Iberia"))), default=None
    ),
    "CX-1.1": lambda f: _percentile([each["Days to live"] for each in _live(f)], 0.85),
    "CX-1.2": lambda f: _share(_live(f), lambda each: each["Days to live"] <= 30),
    "CX-1.3": lambda f: _mean(each.get("Planners trained", 0) for each in _live(f)),
    "FIN-1.1": lambda f: _thousands(each for each in f.invoices if each["Status"] == "Overdue"),
    "FIN-1.2": lambda f: _mean(each.get("Days late") for each in _paid(f, 60)),
    "FIN-1.3": lambda f: _share(_paid(f, None), lambda each: each["Days late"] <= 0),
    "KPI-1": lambda f: float(sum(each.get("MRR EUR", 0) for each in f.accounts if each["Status"] == "Customer")) / 1000,
    "KPI-2": lambda f: sum(each["Status"] == "Customer" for each in f.accounts),
}


def _answered(facts: _Facts, days: int) -> list[Cells]:
    return [each for each in facts.answers if facts.in_days(each.get("Answered"), days)]


def _nps(facts: _Facts) -> float | None:
    scores = [each["Score"] for each in _answered(facts, 90) if "Score" in each]
    return (
        100 * (sum(each >= 9 for each in scores) - sum(each <= 6 for each in scores)) / len(scores) if scores else None
    )


def _called_back(facts: _Facts) -> float | None:
    unhappy = [each for each in facts.answers if each.get("Score", 10) <= 6 and facts.in_cycle(each.get("Answered"))]
    return _share(unhappy, lambda each: each.get("Follow-up") == "Called")


def _minutes(facts: _Facts) -> float | None:
    said = [each["Minutes to publish"] for each in _answered(facts, 60)
            if each.get("Role") == "Planner" and "Minutes to publish" in each]  # fmt: skip
    return float(median(said)) if said else None


_SURVEYS: dict[str, _Tell] = {
    "C-3.1": _nps,
    "WEB-1.2": _minutes,
    "CX-2.1": lambda f: _mean(each.get("Effort") for each in _answered(f, 60)),
    "CX-2.2": _called_back,
    "KPI-4": lambda f: len(_answered(f, 28)),
}
