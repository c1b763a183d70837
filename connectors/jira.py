"""Jira, Cloud and Data Center: exact counts and issues by JQL.

Counts and shares of counts are asked for as such; sums, points and days read the issues, with the fields they need.
How a site is entered is in ``jira_door``, how it is searched in ``jira_search``.
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote as url_quote
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors import jql
from connectors.base import Limits, Scan, SourceMisread, Surroundings
from connectors.jira_door import JiraDoor
from connectors.jira_field import DAYS, MOMENTS, SYSTEM, Field, find_field, parse_fields
from connectors.jira_grammar import JiraGrammar, JqlBody, compiled
from connectors.jira_history import ADDRESS as CHANGELOGS
from connectors.jira_history import FIELDS as TIMELINE_FIELDS
from connectors.jira_history import parse_timeline, with_timelines
from connectors.jira_record import make_record
from connectors.jira_search import LIMITS, Issue, fetch_count, fetch_issues, fetch_verdicts
from connectors.known_limit import KnownLimit
from connectors.once import Once
from connectors.seen import Seen
from mappings.accumulate import make_accumulator
from mappings.model import Condition, Filter, Measure, Metric, Outcome, Query, Reading, Record, StatusChange, Window

if TYPE_CHECKING:
    from pydantic import BaseModel

    from connectors.findings import Findings
    from connectors.jira_forms import JiraOptions

_API = "api.atlassian.com"
_DONE = Condition("statusCategory", "=", ("Done",))


class Jira:
    """The kind ``jira``: a Jira site, Cloud or Data Center."""

    kind: ClassVar[str] = "jira"
    grammar = JiraGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.jira_forms import JiraOptions

        return JiraOptions

    def make(self, name: str, options: JiraOptions, around: Surroundings) -> JiraConnector:
        """A connector; nothing is asked yet."""
        return JiraConnector(name, options, around)

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Atlassian's limits, and how many calls things take."""
        return LIMITS

    def make_link(self, options: JiraOptions, query: Query) -> str | None:
        """The search in Jira. Its moments are those of the company's zone, and read in that of whoever looks.

        At the API's own address (``api.atlassian.com/ex/jira/…``) nobody can look; ``browse_url`` says where.
        """
        site = options.browse_url or options.url
        if urlsplit(site).netloc == _API:
            return None
        only = query.filter
        named = tuple(replace(each, field=_jql_name(each.field, options)) for each in only.conditions)
        window = only.window and replace(only.window, field=_jql_name(only.window.field, options))
        text = self.grammar.render_query(query.body, Filter(named, window))
        return f"{site}/issues/?jql={url_quote(text, safe='')}"


@dataclass(frozen=True, slots=True)
class _Count:
    count: int
    as_of: datetime
    notes: tuple[str, ...]


class JiraConnector:
    """One site for one run: what was asked once is remembered until it is closed."""

    kind: ClassVar[str] = "jira"
    shares_scans: ClassVar[bool] = False

    def __init__(self, name: str, options: JiraOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=4, per_second=options.rate)
        self._options, self._around = options, around
        self._door = JiraDoor(name, options, around)
        self._asked = self._door.asked
        self._once = Once()

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The issues of one query, with only the fields that are needed."""
        [only] = scan.filters or {Filter()}
        ids = {name: self._field_id(name) for name in scan.fields}
        wanted = {*ids.values()} | ({"status"} if scan.done else set()) | ({"summary"} if scan.titles else set())
        wanted |= set(TIMELINE_FIELDS) if scan.timelines else set()
        wanted |= {"updated"} if scan.moments else set()
        wanted = {"status" if id_ == "statusCategory" else id_ for id_ in wanted} - {"issuekey"}
        text = self._compile(scan.body, only)
        seen = Seen()
        for issue, timeline in self._issues(text, sorted(wanted) or ["key"], scan):
            record = self._make_record(issue, ids)
            if seen.is_new(record.id):
                yield replace(record, timeline=timeline)

    def answer(self, metric: Metric) -> Outcome | None:
        """Counts, and shares of counts, without reading an issue."""
        query, measure = metric.query, metric.measure
        if measure.name not in {"count", "percent_done", "share"}:
            return None
        if measure.field:
            self._check_statuses(measure)
            return None
        every = self._count(query, ())
        if measure.name == "count":
            return Reading(Decimal(every.count), every.as_of, counted=every.count, notes=every.notes)
        if not every.count:
            return make_accumulator(metric, every.as_of).outcome()
        some = self._count(query, measure.of or (_DONE,))
        # Issues may change between the two counts; a share never exceeds the whole.
        part, whole = Decimal(min(some.count, every.count)), Decimal(every.count)
        notes = tuple(dict.fromkeys((*every.notes, *some.notes)))
        as_of = min(every.as_of, some.as_of)
        return Reading(part / whole, as_of, part, whole, counted=every.count, notes=notes)

    def discover(self) -> Findings:
        """Projects, fields, boards and whatever else a mapping can name."""
        from connectors.jira_discover import discover

        return discover(self._door.list, self.name, self._options.story_points)

    def refused_queries(self, queries: Iterable[Query]) -> dict[Query, str]:
        """What Jira says against which queries, looking up every name: on Cloud all in one call."""
        from connectors.jira_check import with_suggestions

        texts: dict[Query, str] = {}
        wrong: dict[Query, str] = {}
        for query in queries:
            try:
                texts[query] = self._compile(query.body, query.filter)
            except SourceMisread as error:  # a field in its ``where`` or ``within``, which we look up ourselves
                wrong[query] = str(error)
        if not texts:
            return wrong
        said = fetch_verdicts(self._door, tuple(dict.fromkeys(texts.values())))
        said = with_suggestions(said, lambda: self._once.get("fields", self._fetch_fields))
        return {**wrong, **{query: said[text] for query, text in texts.items() if text in said}}

    def sent(self, query: Query) -> str:
        """The JQL, whose moments are in the account's zone and whose fields are Jira's own."""
        return self._compile(query.body, query.filter)

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._door.close()

    # Asking

    def _count(self, query: Query, more: tuple[Condition, ...]) -> _Count:
        assert isinstance(query.body, JqlBody)
        text = self._compile(query.body, replace(query.filter, conditions=(*query.filter.conditions, *more)))
        approximate = query.body.approximate

        def fetch() -> _Count:
            notes: list[str] = []
            as_of = self._around.now()
            count = fetch_count(self._door, text, notes.append, approximate=approximate)
            return _Count(count, as_of, tuple(dict.fromkeys(notes)))

        return self._once.get(("count", text, approximate), fetch)

    def _issues(
        self, text: str, fields: list[str], scan: Scan
    ) -> Iterator[tuple[Issue, tuple[StatusChange, ...] | None]]:
        """Issues, with when they came to which status where that is wanted."""
        from_server = scan.timelines and not self._door.is_cloud
        issues = fetch_issues(self._door, text, fields, scan.note, changelogs=from_server)
        if not scan.timelines:
            yield from ((issue, None) for issue in issues)
            return
        timed: Iterator[Any] = (
            ((issue, parse_timeline(issue)) for issue in issues)
            if from_server
            else with_timelines(issues, lambda body: self._door.post(CHANGELOGS, body))
        )
        while True:
            try:
                found = next(timed, None)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise SourceMisread(f"{self._asked.place} gave changelogs in an unknown shape.") from None
            if found is None:
                return
            yield found

    def _check_statuses(self, measure: Measure) -> None:
        """Statuses that are compared here, not in JQL, where Jira itself would refuse unknown ones."""
        wanted = [name for condition in measure.of if condition.field == "status" for name in condition.values]
        known = self._once.get("statuses", self._fetch_statuses) if wanted else ()
        for name in wanted:
            if name not in known:
                close = difflib.get_close_matches(name.lower(), {each.lower(): each for each in known}, 1, 0.5)
                meant = [each for each in known if each.lower() in close]
                fix = f"Did you mean “{meant[0]}”?" if meant else f"Jira knows {', '.join(known)}."
                raise SourceMisread(f"{self._asked.place} has no status “{name}”.", fix=fix)

    def _fetch_statuses(self) -> tuple[str, ...]:
        found = self._door.get("status")
        try:
            return tuple(dict.fromkeys(str(each["name"]) for each in found))
        except (KeyError, TypeError):
            raise SourceMisread(f"{self._asked.place} listed its statuses in an unknown shape.") from None

    def _fetch_fields(self) -> tuple[Field, ...]:
        found = self._door.get("field")
        try:
            return parse_fields(found)
        except (KeyError, TypeError, AttributeError):
            raise SourceMisread(f"{self._asked.place} listed its fields in an unknown shape.") from None

    def _fetch_zone(self) -> ZoneInfo:
        """The zone of the account: Jira reads the dates of a JQL in it."""
        if self._options.timezone:
            return ZoneInfo(self._options.timezone)
        found = self._door.get("myself")
        try:
            return ZoneInfo(found["timeZone"])
        except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError):
            raise SourceMisread(
                f"{self._asked.place} didn't say in which zone the account is.",
                fix=f"Set sources.{self.name}.timezone to the zone in the account's profile.",
            ) from None

    # From our words to Jira's, and back

    def _field(self, name: str) -> Field:
        if self._options.story_points and name.lower() == "story points":
            name = self._options.story_points
        if id_ := SYSTEM.get(name.lower()):
            kind = "datetime" if id_ in MOMENTS else "date" if id_ in DAYS else ""
            return Field(id_, name, frozenset(), kind)
        return find_field(self._once.get("fields", self._fetch_fields), name)

    def _field_id(self, name: str) -> str:
        return self._field(name).id

    def _compile(self, body: Hashable, only: Filter) -> str:
        assert isinstance(body, JqlBody)
        conditions = tuple(replace(each, field=_jql_name(each.field, self._options)) for each in only.conditions)
        window = self._compile_window(only.window) if only.window else ""
        return compiled(body, Filter(conditions), window)

    def _compile_window(self, window: Window) -> str:
        named = replace(window, field=_jql_name(window.field, self._options))
        if self._field(window.field).type == "date":
            return jql.render_days(named)
        return jql.render_moments(named, self._once.get("zone", self._fetch_zone))

    def _make_record(self, issue: Issue, ids: dict[str, str]) -> Record:
        return make_record(issue, ids, self._options.browse_url or self._options.url, self._asked.place)


def _jql_name(name: str, options: JiraOptions) -> str:
    return (options.story_points or name) if name.lower() == "story points" else name
