"""What each key result of the cookbook truly is, counted in plain Python from the world's objects.

It knows nothing of queries, measures and mappings: it looks at issues with their dated changes, and at cells.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.jira_fields import FOUND_IN, SPRINT, STORY_POINTS
from sandbox.jira_site import Row
from sandbox.world import World

PROJECTS = ("WEB", "APP", "OPS", "DATA")


class Truth:
    """The world at the clock's moment."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, world.clock.now()
        self.today = self.now.astimezone(world.zone).date()
        self.cells = {
            name: table.cells(self.now) for base in world.bases.values() for name, table in base.tables.items()
        }

    def issues(self, *projects: str, **wanted: Any) -> list[Row]:
        """Issues of some projects (of all) whose fields are as wanted."""
        return [
            row
            for row in self.world.jira.rows()
            if row.issue.project in (projects or PROJECTS)
            and all(row.values.get(name) == value for name, value in wanted.items())
        ]

    def labelled(self, label: str, *projects: str, **wanted: Any) -> list[Row]:
        return [row for row in self.issues(*projects, **wanted) if label in row.values.get("labels", ())]

    def is_done(self, row: Row) -> bool:
        return bool(row.values["status"] == "Done")

    def day(self, when: datetime | date | None) -> date | None:
        return when.astimezone(self.world.zone).date() if isinstance(when, datetime) else when

    def in_cycle(self, when: datetime | date | None) -> bool:
        day = self.day(when)
        return day is not None and self.world.cycle.start <= day <= self.world.cycle.end

    def lately(self, when: datetime | date | None, days: int) -> bool:
        day = self.day(when)
        return day is not None and self.today - timedelta(days=days) < day <= self.today

    def created(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if self.in_cycle(row.issue.created)]

    def resolved(self, rows: Iterable[Row], days: int) -> list[Row]:
        return [row for row in rows if self.lately(row.values.get("resolutiondate"), days)]

    def rows_in_cycle(self, table: str, field: str, **wanted: Any) -> list[dict[str, Any]]:
        return [
            cells
            for cells in self.cells[table]
            if self.in_cycle(cells.get(field)) and all(cells.get(name) == value for name, value in wanted.items())
        ]

    def recent_rows(self, table: str, field: str, days: int, **wanted: Any) -> list[dict[str, Any]]:
        return [
            cells
            for cells in self.cells[table]
            if self.lately(cells.get(field), days) and all(cells.get(name) == value for name, value in wanted.items())
        ]

    def days_open(self, row: Row) -> int:
        first, last = self.day(row.issue.created), self.day(row.values["resolutiondate"])
        assert first is not None
        assert last is not None
        return (last - first).days

    def workdays(self, row: Row) -> int | None:
        """Mondays to Fridays from the first day in progress to the last day done."""
        moves = [(change.at, item.new) for change in row.changes for item in change.items if item.field == "status"]
        begun = [at for at, status in moves if status == "In Progress"]
        done = [at for at, status in moves if status == "Done"]
        if not begun or not done:
            return None
        day, last, count = self.day(begun[0]), self.day(done[-1]), 0
        assert day is not None
        assert last is not None
        while day <= last:
            count += day.weekday() < 5
            day += timedelta(days=1)
        return count


def amount(values: Iterable[float]) -> Decimal:
    return sum((Decimal(str(each)) for each in values), Decimal(0))


def share(records: Iterable[Any], holds: Callable[[Any], bool]) -> Decimal:
    truths = [bool(holds(each)) for each in records]
    return Decimal(sum(truths)) / len(truths)


def mean(values: Iterable[float]) -> Decimal:
    values = list(values)
    return amount(values) / len(values)


def middle(values: Iterable[int]) -> Decimal:
    ordered = sorted(values)
    half = len(ordered) // 2
    return Decimal(ordered[half] if len(ordered) % 2 else ordered[half - 1] + ordered[half]) / (
        1 + (len(ordered) + 1) % 2
    )


def p85(values: Iterable[int]) -> Decimal:
    """As PERCENTILE in a spreadsheet: linear between the two neighbours."""
    ordered = sorted(values)
    whole, rest = divmod(85 * (len(ordered) - 1), 100)
    low, high = ordered[whole], ordered[min(whole + 1, len(ordered) - 1)]
    return low + Decimal(rest) * (high - low) / 100


def _cycle_time(t: Truth) -> Decimal:
    stories = t.resolved(t.issues("WEB", issuetype="Story"), 28)
    return p85(days for row in stories if (days := t.workdays(row)) is not None)


def _lead_time(t: Truth) -> Decimal:
    bugs = t.resolved(t.issues("APP", issuetype="Bug", **{FOUND_IN: "Production"}), 28)
    return middle(t.days_open(row) for row in bugs)


def _epic(t: Truth) -> Decimal:
    points = [(t.is_done(row), row.values.get(STORY_POINTS) or 1) for row in t.issues(parent="WEB-4")]
    return Decimal(sum(each for done, each in points if done)) / sum(each for _, each in points)


def _velocity(t: Truth) -> Decimal:
    stories = t.resolved(t.issues("WEB", issuetype="Story"), 56)
    return amount(row.values.get(STORY_POINTS) or 0 for row in stories if row.values.get(SPRINT)) / 4


def _sprints(t: Truth) -> Decimal:
    closed = {sprint.id for sprint in t.world.jira.sprints.values() if sprint.completed and sprint.completed <= t.now}
    return share((row for row in t.created(t.issues("OPS")) if closed & set(row.values.get(SPRINT, ()))), t.is_done)


def _reopened(t: Truth) -> int:
    start = datetime.combine(t.world.cycle.start, time(0), t.world.zone)
    return sum(
        any(item.field == "status" and item.old == "Done" for change in row.changes if change.at >= start
            for item in change.items)
        for row in t.issues("WEB", "APP")
    )  # fmt: skip


def _old_bugs(t: Truth) -> int:
    bugs = t.issues(issuetype="Bug", **{FOUND_IN: "Production"})
    return sum(not t.is_done(row) and row.issue.created <= t.now - timedelta(days=30) for row in bugs)


def _releases(t: Truth) -> int:
    versions = t.world.jira.versions
    shipped = {id_ for id_, each in versions.items() if each.released and each.released <= t.today}
    finished = [row for row in t.issues("WEB") if t.in_cycle(row.values.get("resolutiondate"))]
    return len({id_ for row in finished for id_ in row.values.get("fixVersions", ())} & shipped)


def _work(t: Truth, project: str) -> list[Row]:
    return [row for row in t.resolved(t.issues(project), 28) if row.values["issuetype"] != "Epic"]


def _win_rate(t: Truth) -> Decimal:
    decided = [deal for deal in t.rows_in_cycle("Deals", "Closed") if deal["Stage"] in ("Won", "Lost")]
    return share(decided, lambda deal: deal["Stage"] == "Won")


def _nps(t: Truth) -> Decimal:
    scores = [each["Score"] for each in t.recent_rows("NPS", "Answered", 90) if "Score" in each]
    return Decimal(100 * (sum(each >= 9 for each in scores) - sum(each <= 6 for each in scores))) / len(scores)


def _milestones(t: Truth) -> Decimal:
    done = {row.issue.key for row in t.issues("OPS") if t.is_done(row)}
    copied = share(t.issues(parent="OPS-3"), t.is_done)
    return (("OPS-5" in done) + 2 * copied + 2 * ("OPS-6" in done) + 3 * ("OPS-7" in done)) / 8


def _bugs_per_hundred(t: Truth) -> Decimal:
    bugs = t.issues("WEB", issuetype="Bug", **{FOUND_IN: "Production"})
    escaped = sum(t.lately(row.issue.created, 28) for row in bugs)
    finished = sum(row.values["issuetype"] in ("Story", "Task") for row in t.resolved(t.issues("WEB"), 28))
    return round(Decimal(100 * escaped) / finished, 1)


def _latest_cash(t: Truth) -> Decimal:
    return Decimal(str(max(t.cells["Balance"], key=lambda line: line["Day"])["Cash"])) / 1000


TRUTH: dict[str, Callable[[Truth], Decimal | int]] = {
    "FLOW-1": _cycle_time,
    "FLOW-2": _lead_time,
    "FLOW-3": _velocity,
    "FLOW-4": _sprints,
    "FLOW-5": lambda t: Decimal(len(_work(t, "OPS"))) / 4,
    "QUAL-1": lambda t: len(t.created(t.issues("WEB", issuetype="Bug", **{FOUND_IN: "Production"}))),
    "QUAL-2": lambda t: share(t.created(t.issues("APP", issuetype="Bug")), t.is_done),
    "QUAL-3": _reopened,
    "QUAL-4": _old_bugs,
    "QUAL-5": _bugs_per_hundred,
    "EPIC-1": _epic,
    "WISH-1": lambda t: share(t.labelled("top-request", "WEB"), t.is_done),
    "OPS-10": lambda t: len(t.created(t.labelled("incident", issuetype="Bug", priority="Highest"))),
    "OPS-11": lambda t: mean(t.days_open(row) for row in t.resolved(t.labelled("incident", issuetype="Bug"), 90)),
    "OPS-12": lambda t: share(_work(t, "OPS"), lambda row: "toil" in row.values.get("labels", ())),
    "OPS-13": _milestones,
    "REL-10": _releases,
    "GRO-10": lambda t: amount(deal["Amount EUR"] for deal in t.rows_in_cycle("Deals", "Closed", Stage="Won")) / 1000,
    "GRO-11": _win_rate,
    "GRO-12": lambda t: (
        mean(deal["Amount EUR"] for deal in t.recent_rows("Deals", "Closed", 90, Stage="Won", Type="New")) / 1000
    ),
    "GRO-13": lambda t: middle(
        (deal["Closed"] - deal["Created"]).days for deal in t.recent_rows("Deals", "Closed", 90, Stage="Won")
    ),
    "GRO-14": lambda t: amount(deal["Amount EUR"] for deal in t.rows_in_cycle("Deals", "Created")) / 1000,
    "GRO-15": lambda t: len(t.rows_in_cycle("Deals", "Closed", Stage="Won", Type="New", Segment="Hospital")),
    "CX-12": lambda t: share(t.recent_rows("Accounts", "Live on", 90), lambda each: each["Days to live"] <= 30),
    "CX-13": lambda t: len(t.rows_in_cycle("Accounts", "Left")),
    "CX-14": _nps,
    "CX-15": lambda t: mean(each["Effort"] for each in t.recent_rows("NPS", "Answered", 60)),
    "CX-16": lambda t: share(t.recent_rows("NPS", "Asked", 90), lambda each: "Answered" in each),
    "FIN-10": lambda t: share(t.rows_in_cycle("Invoices", "Paid"), lambda each: each["Paid"] <= each["Due"]),
    "FIN-11": lambda t: (
        amount(each["Amount EUR"] for each in t.cells["Invoices"] if each["Status"] == "Overdue") / 1000
    ),
    "FIN-12": lambda t: len({id_ for each in t.rows_in_cycle("Invoices", "Issued") for id_ in each["Account"]}),
    "FIN-13": _latest_cash,
    "WEB-20": lambda t: share(t.labelled("flaky-test", "WEB"), t.is_done),
    "APP-20": lambda t: share(t.labelled("flaky-test", "APP"), t.is_done),
    "OPS-20": lambda t: share(t.labelled("flaky-test", "OPS"), t.is_done),
}
