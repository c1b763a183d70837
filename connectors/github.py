"""GitHub: issues, pull requests, releases, runs of Actions, milestones.

Issues and pull requests are searched: the search counts exactly in one call and lists a thousand records at the most
("REST API endpoints for search", docs.github.com). Each repository is searched by itself, so that no number depends on
what several ``repo:`` qualifiers mean beside each other. Search has a limit of its own, 30 calls a minute. PyGithub is
not used: its retries sleep until a limit ends, past any time budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from connectors.base import Limits, Scan, SourceDoubted, SourceMisread, Surroundings
from connectors.github_grammar import GithubBody, GithubGrammar
from connectors.github_link import make_page
from connectors.github_lists import SEARCHED, make_record, say_unknown
from connectors.github_reply import LIMITS, make_look, parse_token_end
from connectors.github_search import Compiled, compile_search, keeps, render_range
from connectors.known_limit import KnownLimit
from connectors.once import Once
from connectors.reply import Asked, parse_json
from connectors.web import Ask, WebLimits, fetch, is_same_host, make_session
from connectors.wire import Wire
from mappings.accumulate import make_accumulator
from mappings.model import Condition, Filter, Metric, Outcome, Query, Reading, Record

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel
    from requests import PreparedRequest, Response, Session

    from connectors.findings import Findings
    from connectors.github_forms import GithubOptions

_PAGE = "100"
_MOST = 1000
_MOST_RUNS = 10_000  # a hundred calls
_WEB = WebLimits(allow_private=True)
_VERSION = "2022-11-28"
_PUSHED = {"branch": "branch", "event": "event", "status": "status", "conclusion": "status"}
_COUNTED = ("count", "percent_done", "share")


class Github:
    """The kind ``github``: repositories on GitHub or a GitHub Enterprise Server."""

    kind: ClassVar[str] = "github"
    grammar = GithubGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.github_forms import GithubOptions

        return GithubOptions

    def make(self, name: str, options: GithubOptions, around: Surroundings) -> GithubConnector:
        """A connector; nothing is asked yet."""
        return GithubConnector(name, options, around)

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """GitHub's limits."""
        return LIMITS

    def make_link(self, options: GithubOptions, query: Query) -> str | None:
        """The page that lists the records; of several repositories GitHub's search, and none of their other lists."""
        body = query.body
        assert isinstance(body, GithubBody)
        return make_page(options.url, body.repos or options.repo or (), body, query.filter)


class GithubConnector:
    """One account for one run: what was counted once is remembered until it is closed."""

    kind: ClassVar[str] = "github"
    shares_scans: ClassVar[bool] = False
    lists_at_most: ClassVar[int] = _MOST

    def __init__(self, name: str, options: GithubOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=4, per_second=options.rate)
        self._options, self._around = options, around
        self._asked = Asked(name, urlsplit(options.url).netloc, str(options.token.reference))
        self._look = make_look(self._asked, around.now)
        self._lists = self._make_wire(per_second=options.rate)
        self._searches = self._make_wire(per_minute=options.searches)
        self._once = Once()
        self.token_ends: datetime | None = None

    def scan(self, scan: Scan) -> Iterator[Record]:
        """The records of one query, judged once more where GitHub didn't do it all."""
        body = scan.body
        assert isinstance(body, GithubBody)
        [only] = scan.filters or {Filter()}
        if said := say_unknown(body.list, scan.fields | {condition.field for condition in only.conditions}):
            missing = frozenset(name for name in scan.fields if f"“{name}”" in said[0])
            raise SourceMisread(f"{said[0]}.", fix=said[1], fields=missing)
        zone, seen = ZoneInfo(self._around.timezone), set[str]()
        for found in self._found(body, only):
            try:
                record = make_record(body.list, found, zone)
            except (KeyError, TypeError, AttributeError, AssertionError):
                raise SourceMisread(f"{self._asked.place} gave {body.list} in an unknown shape.") from None
            if record.id not in seen and keeps(record, only):
                seen.add(record.id)
                yield record

    def answer(self, metric: Metric) -> Outcome | None:
        """Counts and shares of issues and pull requests, where GitHub can judge every condition itself."""
        body, measure, query = metric.query.body, metric.measure, metric.query
        assert isinstance(body, GithubBody)
        if body.list not in SEARCHED or measure.name not in _COUNTED or measure.field:
            return None
        done = (Condition("state", "=", ("merged" if body.list == "pulls" else "closed",)),)
        of = () if measure.name == "count" else measure.of or done
        every, some = self._compile(query, ()), self._compile(query, of)
        if not (every.is_exact and some.is_exact):
            return None
        as_of = self._around.now()
        whole = self._count(body, every)
        if measure.name == "count":
            return Reading(Decimal(whole), as_of, counted=whole)
        if not whole:
            return make_accumulator(metric, as_of).outcome()
        part = min(self._count(body, some), whole)  # issues may change between the two counts
        return Reading(Decimal(part) / whole, as_of, Decimal(part), Decimal(whole), counted=whole)

    def discover(self) -> Findings:
        """Labels, milestones and workflows of the source's repositories."""
        from connectors.github_discover import discover

        return discover(self.list_all, self.name, tuple(self._options.repo or ()))

    def list_all(self, path: str, key: str = "") -> list[dict[str, Any]]:
        """Every record of a list below the source's url; ``key`` is where in the answer it stands."""
        return [each for page, _ in self._pages(self._lists, path, {}) for each in self._records(page, key)]

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._lists.close()
        self._searches.close()

    # Asking

    def _found(self, body: GithubBody, only: Filter) -> Iterator[dict[str, Any]]:
        for repo in self._repos(body):
            if body.list in SEARCHED:
                yield from self._search(f"repo:{repo} {compile_search(body.list, body.search, only).text}")
            elif body.list == "runs":
                yield from self._runs(repo, body, only)
            else:
                params = {"state": "all"} if body.list == "milestones" else {}
                for page, _ in self._pages(self._lists, f"repos/{repo}/{body.list}", params):
                    # A draft is no release yet, and only those who may publish see it.
                    yield from (each for each in self._records(page) if not each.get("draft"))

    def _search(self, text: str) -> Iterator[dict[str, Any]]:
        params = {"q": text, "sort": "created", "order": "asc"}
        for page, _ in self._pages(self._searches, "search/issues", params):
            total = self._total(page)
            if total > _MOST:
                raise SourceMisread(
                    f"{self._asked.place} finds {total:,} records and lists no more than the first {_MOST:,}.",
                    fix="Narrow the query (a shorter within, a label, one repository), or measure count, which has "
                    "no such limit.",
                )
            yield from self._records(page, "items")

    def _runs(self, repo: str, body: GithubBody, only: Filter) -> Iterator[dict[str, Any]]:
        """Runs, newest first. With these parameters GitHub lists a thousand ("List workflow runs for a repository")."""
        path = f"actions/workflows/{body.workflow}/runs" if body.workflow else "actions/runs"
        params = _run_params(body, only)
        for page, _ in self._pages(self._lists, f"repos/{repo}/{path}", params):
            total = self._total(page)
            if total >= (_MOST if params else _MOST_RUNS):  # with parameters it may stop counting there
                most = (
                    f"GitHub lists no more than the first {_MOST:,}"
                    if params
                    else f"more than {_MOST_RUNS:,} aren't read"
                )
                raise SourceMisread(
                    f"{self._asked.place} has {total:,} such runs, and {most}.",
                    fix="Narrow the query: a shorter within, one workflow, one branch.",
                )
            yield from self._records(page, "workflow_runs")

    def _count(self, body: GithubBody, search: Compiled) -> int:
        texts = [f"repo:{repo} {search.text}" for repo in self._repos(body)]
        return sum(self._once.get(text, partial(self._count_one, text)) for text in texts)

    def _count_one(self, text: str) -> int:
        params = {"q": text, "per_page": "1"}
        return self._total(self._fetch(self._searches, f"{self._options.url}/search/issues", params)[0])

    def _compile(self, query: Query, more: tuple[Condition, ...]) -> Compiled:
        assert isinstance(query.body, GithubBody)
        only = replace(query.filter, conditions=(*query.filter.conditions, *more))
        return compile_search(query.body.list, query.body.search, only)

    def _total(self, page: Any) -> int:
        total = page.get("total_count") if isinstance(page, dict) else None
        if not isinstance(total, int) or isinstance(total, bool):
            raise SourceMisread(f"{self._asked.place} answered without saying how many there are.")
        if page.get("incomplete_results"):
            raise SourceDoubted(
                f"{self._asked.place} ran out of time while it searched; what it found ({total:,}) may not be all.",
                value=Decimal(total),
                fix="The next run asks again; a narrower query is quicker.",
            )
        return total

    def _repos(self, body: GithubBody) -> tuple[str, ...]:
        repos = body.repos or tuple(dict.fromkeys(self._options.repo or ()))
        if not repos:
            fix = f"Write repo: owner/name under sources.{self.name}, or in the query."
            raise SourceMisread(f"{self.name} doesn't say of which repository.", fix=fix)
        return repos

    def _pages(self, wire: Wire[Session], path: str, params: dict[str, str]) -> Iterator[tuple[Any, Response]]:
        """Page after page, by the Link header, which leads to the same host only: the token goes with it."""
        url: str | None = f"{self._options.url}/{quote(path)}"
        change, asked = {**params, "per_page": _PAGE}, set[str]()
        while url is not None:
            if url in asked:
                raise SourceMisread(f"{self._asked.place} gave the same page twice; nothing was counted.")
            asked.add(url)
            page, response = self._fetch(wire, url, change)
            yield page, response
            url, change = response.links.get("next", {}).get("url"), {}
            if url is not None and not is_same_host(self._options.url, url):
                host = urlsplit(url).hostname
                raise SourceMisread(
                    f"The next page of {self._asked.place} is on another host ({host}); it is not asked."
                )

    def _fetch(self, wire: Wire[Session], url: str, params: dict[str, str]) -> tuple[Any, Response]:
        ask = Ask(url, params=tuple(params.items()))

        def call(session: Session) -> tuple[Any, Response]:
            response = fetch(session, ask, self._asked, self._around, _WEB, self._authorize, self._look)
            self.token_ends = parse_token_end(response.headers) or self.token_ends
            return parse_json(response, self._asked), response

        return wire.ask(call)

    def _records(self, page: Any, key: str = "") -> list[dict[str, Any]]:
        found = page.get(key) if key and isinstance(page, dict) else page
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise SourceMisread(f"{self._asked.place} answered without a list of records.")
        return found

    def _authorize(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token in, for every request by itself, so that it lies in no session."""
        request.headers["Authorization"] = f"Bearer {self._options.token.reveal()}"
        return request

    def _make_wire(self, **rate: Any) -> Wire[Session]:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": _VERSION}
        return Wire(
            self._asked,
            self._around,
            lambda: make_session(self._around, _WEB, headers),
            close_client=lambda session: session.close(),
            **rate,
        )


def _run_params(body: GithubBody, only: Filter) -> dict[str, str]:
    """What GitHub leaves out itself; each run is judged here as well."""
    params = {"branch": body.branch} if body.branch else {}
    for condition in only.conditions:
        if condition.op == "=" and condition.field in _PUSHED:
            params.setdefault(_PUSHED[condition.field], condition.values[0])
    if only.window and only.window.field == "created":
        params["created"] = render_range(only.window)
    return params
