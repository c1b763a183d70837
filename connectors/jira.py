"""Jira Cloud: exact counts and issues by JQL, with the traps of the library and of the service walked around.

The jira library is used for its session and addresses only. Its searches ask for the site's fields and version
unbidden, cut long lists off silently, and answer ``None`` where they don't know the site (jira 3.10.5).
Counts list ids, 5,000 a page: Jira's own count is an estimate.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote as url_quote
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors import jql
from connectors.base import Limits, Scan, SourceMisread, SourceRefused, Surroundings
from connectors.jira_field import DAYS, MOMENTS, SYSTEM, Field, find_field, parse_fields
from connectors.jira_grammar import JiraGrammar, JqlBody, compiled
from connectors.jira_history import ADDRESS as CHANGELOGS
from connectors.jira_history import FIELDS as TIMELINE_FIELDS
from connectors.jira_history import with_timelines
from connectors.jira_record import make_record, parse_issues, parse_warnings
from connectors.once import Once
from connectors.reply import Asked, classify, parse_answer, parse_json
from connectors.secret import remember_secret
from connectors.wire import Wire
from mappings.accumulate import make_accumulator
from mappings.model import Condition, Filter, Metric, Outcome, Query, Reading, Record, Window

if TYPE_CHECKING:
    from jira import JIRA
    from pydantic import BaseModel
    from requests import Response

    from connectors.findings import Findings
    from connectors.jira_forms import JiraOptions

_IDS_A_PAGE = 5000
_ISSUES_A_PAGE = 1000
_TIMEOUT = (5, 30)
_API = "api.atlassian.com"
_DONE = Condition("statusCategory", "=", ("Done",))


class Jira:
    """The kind ``jira``: a Jira Cloud site."""

    kind: ClassVar[str] = "jira"
    grammar = JiraGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.jira_forms import JiraOptions

        return JiraOptions

    def make(self, name: str, options: JiraOptions, around: Surroundings) -> JiraConnector:
        """A connector; nothing is asked yet."""
        return JiraConnector(name, options, around)

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
        self._asked = Asked(name, urlsplit(options.url).netloc, str(options.token.reference))
        self._wire = Wire(
            self._asked,
            around,
            self._make_client,
            per_second=options.rate,
            close_client=lambda client: client.close(),
        )
        self._once = Once()

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The issues of one query, with only the fields that are needed."""
        [only] = scan.filters or {Filter()}
        ids = {name: self._field_id(name) for name in scan.fields}
        wanted = {*ids.values()} | ({"status"} if scan.done else set()) | ({"summary"} if scan.titles else set())
        wanted |= set(TIMELINE_FIELDS) if scan.timelines else set()
        wanted |= {"updated"} if scan.moments else set()
        wanted = {"status" if id_ == "statusCategory" else id_ for id_ in wanted} - {"issuekey"}
        seen: set[str] = set()
        issues = self._issues(self._compile(scan.body, only), sorted(wanted) or ["key"], scan.note)
        records = (self._make_record(issue, ids) for issue in issues)
        for record in self._timed_records(issues, ids) if scan.timelines else records:
            if record.id not in seen:
                seen.add(record.id)
                yield record

    def answer(self, metric: Metric) -> Outcome | None:
        """Counts, and shares of counts, without reading an issue."""
        query, measure = metric.query, metric.measure
        if measure.name not in {"count", "percent_done", "share"} or measure.field:
            return None
        every = self._count(query, ())
        if measure.name == "count":
            return Reading(Decimal(every.count), every.as_of, counted=every.count, notes=every.notes)
        if not every.count:
            return make_accumulator(metric, every.as_of).outcome()
        some = self._count(query, (_DONE,) if measure.name == "percent_done" else measure.of)
        # Issues may change between the two counts; a share never exceeds the whole.
        part, whole = Decimal(min(some.count, every.count)), Decimal(every.count)
        notes = tuple(dict.fromkeys((*every.notes, *some.notes)))
        as_of = min(every.as_of, some.as_of)
        return Reading(part / whole, as_of, part, whole, counted=every.count, notes=notes)

    def discover(self) -> Findings:
        """Projects, fields, boards and whatever else a mapping can name."""
        from connectors.jira_discover import discover

        return discover(self._fetch_json, self.name, self._options.story_points)

    def refused_queries(self, queries: Iterable[Query]) -> dict[Query, str]:
        """What Jira says against which queries, all in one call; in strict mode it looks up every name."""
        from connectors.jira_check import parse_verdicts, with_suggestions

        texts: dict[Query, str] = {}
        wrong: dict[Query, str] = {}
        for query in queries:
            try:
                texts[query] = self._compile(query.body, query.filter)
            except SourceMisread as error:  # a field in its ``where`` or ``within``, which we look up ourselves
                wrong[query] = str(error)
        if not texts:
            return wrong
        body = {"queries": list(dict.fromkeys(texts.values()))}
        found = self._wire.ask(
            lambda client: parse_answer(
                client._session.post(client._get_url("jql/parse"), params={"validation": "strict"}, json=body),
                self._asked,
            )
        )
        said = parse_verdicts(found, self._asked.place)
        said = with_suggestions(said, lambda: self._once.get("fields", self._fetch_fields))
        return {**wrong, **{query: said[text] for query, text in texts.items() if text in said}}

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._wire.close()

    # Asking

    def _fetch_json(self, path: str, *, agile: bool = False, **params: Any) -> Any:
        def fetch(client: JIRA) -> Any:
            url = client._get_url(path, client.AGILE_BASE_URL) if agile else client._get_url(path)
            return parse_json(client._session.get(url, params=params), self._asked)

        return self._wire.ask(fetch)

    def _count(self, query: Query, more: tuple[Condition, ...]) -> _Count:
        text = self._compile(query.body, replace(query.filter, conditions=(*query.filter.conditions, *more)))

        def fetch() -> _Count:
            notes: list[str] = []
            as_of = self._around.now()
            ids = {str(issue["id"]) for issue in self._issues(text, ["id"], notes.append)}
            return _Count(len(ids), as_of, tuple(notes))

        return self._once.get(("count", text), fetch)

    def _issues(self, text: str, fields: list[str], note: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """Every issue of a search, page after page until Jira gives no further token."""
        token: str | None = None
        tokens: set[str] = set()
        while True:
            page = self._fetch_page(text, fields, token)
            for text in parse_warnings(page, self._asked.place):
                note(f"Jira says: {text}")
            yield from parse_issues(page, self._asked.place)
            token = page.get("nextPageToken")
            if not token:
                if page.get("isLast") is False:
                    raise SourceMisread(
                        f"{self._asked.place} said that more issues follow but not how to ask for them."
                    )
                return
            if token in tokens:
                raise SourceMisread(f"{self._asked.place} gave the same page of issues twice; nothing was counted.")
            tokens.add(token)

    def _timed_records(self, issues: Iterator[dict[str, Any]], ids: dict[str, str]) -> Iterator[Record]:
        """Records that know when they came to which status."""

        def fetch(body: dict[str, Any]) -> Any:
            return self._wire.ask(
                lambda client: parse_answer(client._session.post(client._get_url(CHANGELOGS), json=body), self._asked)
            )

        timed = with_timelines(issues, fetch)
        while True:
            try:
                issue, timeline = next(timed)
            except StopIteration:
                return
            except (KeyError, TypeError, ValueError, AttributeError):
                raise SourceMisread(f"{self._asked.place} gave changelogs in an unknown shape.") from None
            yield replace(self._make_record(dict(issue), ids), timeline=timeline)

    def _fetch_page(self, text: str, fields: list[str], token: str | None) -> dict[str, Any]:
        size = _IDS_A_PAGE if fields in (["id"], ["key"]) else _ISSUES_A_PAGE
        body: dict[str, Any] = {"jql": text, "maxResults": size, "fields": fields}
        if token:
            body["nextPageToken"] = token
        return self._wire.ask(
            lambda client: parse_answer(client._session.post(client._get_url("search/jql"), json=body), self._asked)
        )

    def _fetch_fields(self) -> tuple[Field, ...]:
        try:
            return parse_fields(self._fetch_json("field"))
        except (KeyError, TypeError, AttributeError):
            raise SourceMisread(f"{self._asked.place} listed its fields in an unknown shape.") from None

    def _fetch_zone(self) -> ZoneInfo:
        """The zone of the account: Jira reads the dates of a JQL in it."""
        if self._options.timezone:
            return ZoneInfo(self._options.timezone)
        found = self._fetch_json("myself")
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

    def _make_record(self, issue: dict[str, Any], ids: dict[str, str]) -> Record:
        return make_record(issue, ids, self._options.browse_url or self._options.url, self._asked.place)

    def _make_client(self) -> JIRA:
        """The library's client for one thread, made without a request."""
        from jira import JIRA

        email, token = self._options.email, self._options.token.reveal()
        remember_secret(base64.b64encode(f"{email}:{token}".encode()).decode())
        client = JIRA(
            options={
                "server": self._options.url,
                "rest_api_version": "3",
                "headers": {"User-Agent": self._around.user_agent},
            },
            basic_auth=(email, token),
            get_server_info=False,
            max_retries=0,
            timeout=self._around.extra.get("timeout", _TIMEOUT),
            logging=False,
        )
        client.deploymentType = "Cloud"  # without it the library's calls answer None or use a dead address
        client._session.hooks["response"].append(self._check)
        return client

    def _check(self, response: Response, *_: Any, **__: Any) -> None:
        response.content  # noqa: B018 - read to its end, so that the connection can be used again
        if "AUTHENTICAT" in (reason := response.headers.get("X-Seraph-LoginReason", "")) and "OK" not in reason:
            raise SourceRefused(  # it may come with status 200 and only what anybody may see
                f"{self._asked.place} didn't accept the login of {self._options.email}.",
                fix=f"Check {self._asked.credential}; after many failed logins, log in once in a browser.",
                everything=True,
            )
        classify(response, self._asked, self._around.now())


def _jql_name(name: str, options: JiraOptions) -> str:
    return (options.story_points or name) if name.lower() == "story points" else name
