"""REST and GraphQL services by what a config says of them: paging, authentication, where the records stand.

Only GET, POST to searches, and GraphQL queries are sent. What is asked for lies below the source's url; a next page
on another host is refused, as the token would go there.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from connectors.base import Limits, Scan, SourceMisread, SourceRefused, SourceUnavailable, Surroundings
from connectors.http_grammar import HttpBody, HttpGrammar, Paging, make_paging
from connectors.http_pages import URL, Pager
from connectors.http_records import RecordReader, make_reader
from connectors.json_path import find
from connectors.known_limit import KnownLimit
from connectors.reply import Asked, parse_json, trimmed
from connectors.secret import remember_secret
from connectors.seen import Seen
from connectors.web import Ask, WebLimits, fetch, is_same_host, make_session
from connectors.wire import Wire
from mappings.model import Metric, Outcome, Reading, Record

if TYPE_CHECKING:
    from pydantic import BaseModel
    from requests import PreparedRequest, Response, Session

    from connectors.http_forms import HttpOptions

_WAITS = ("ratelimit", "rate_limit", "throttle", "too_many")
_LOCKED_OUT = ("authentication", "unauthenticated", "unauthorized", "invalid_token")


class Http:
    """The kind ``http``: one service."""

    kind: ClassVar[str] = "http"
    grammar = HttpGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.http_forms import HttpOptions

        return HttpOptions

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Ours; the service's own stand in its documentation."""
        return (
            KnownLimit("calls", "rate a second, without a limit of ours by default; threads side by side: 4"),
            KnownLimit("penalty", "a 429 or 503 is waited out as long as the service says (Retry-After)"),
            KnownLimit("page", "paging.size, as the service allows; at most most_pages pages of a list: 1,000"),
            KnownLimit("size", "an answer is read up to most_bytes, decompressed: 50 MB, within timeout: 120 s"),
        )

    def make(self, name: str, options: HttpOptions, around: Surroundings) -> HttpConnector:
        """A connector; nothing is asked yet."""
        return HttpConnector(name, options, around)


class HttpConnector:
    """One service for one run."""

    kind: ClassVar[str] = "http"
    shares_scans: ClassVar[bool] = True

    def __init__(self, name: str, options: HttpOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=options.threads, per_second=options.rate)
        self._options, self._around = options, around
        self._web = WebLimits(options.most_bytes, options.timeout, options.allow_private)
        credential = str(options.token.reference) if options.token else ""
        self._asked = Asked(name, urlsplit(options.url).netloc, credential)
        self._wire: Wire[Session] = Wire(
            self._asked,
            around,
            lambda: make_session(around, self._web, options.headers),
            per_second=options.rate,
            close_client=lambda session: session.close(),
        )

    def scan(self, scan: Scan) -> Iterator[Record]:
        """Every record of the list, page by page."""
        assert isinstance(scan.body, HttpBody)
        reader = make_reader(scan.body, scan.fields)
        seen = Seen()
        for found in self._records(scan.body, scan.fields):
            record = reader.read(found)
            if record.id.startswith("#") or seen.is_new(record.id):  # one may move while we are paging
                yield record
        self._check_fields(reader)

    def answer(self, metric: Metric) -> Outcome | None:
        """A count, where the service says in its first answer how many there are."""
        body, query = metric.query.body, metric.query
        assert isinstance(body, HttpBody)
        if metric.measure.name != "count" or not query.filter.is_empty or body.total is None:
            return None
        as_of = self._around.now()
        answer = self._fetch(body, Pager(self._paging(body)).start(), frozenset())[0]
        total = find(body.total, answer)
        if isinstance(total, bool) or not isinstance(total, int | Decimal):
            raise SourceMisread(
                f"{self._asked.place} says nothing of how many there are at “{body.total}”.",
                fix="Correct total, or leave it out: then the records are counted.",
            )
        return Reading(Decimal(total), as_of, counted=int(total))

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._wire.close()

    # Asking

    def _records(self, body: HttpBody, fields: frozenset[str]) -> Iterator[Any]:
        pager = Pager(self._paging(body))
        change: dict[str, Any] | None = pager.start()
        seen: set[str] = set()
        for _ in range(self._options.most_pages):
            assert change is not None
            answer, response = self._fetch(body, change, fields)
            found = self._list(body, answer)
            yield from found
            change = pager.turn(answer, len(found), response.links)
            if change is None:
                return
            place = json.dumps(change, sort_keys=True, default=str)
            if place in seen:
                raise SourceMisread(f"{self._asked.place} gave the same page twice; nothing was counted.")
            seen.add(place)
        raise SourceMisread(
            f"{self._asked.place} has more than {self._options.most_pages:,} pages of this.",
            fix="Narrow the query, or raise most_pages.",
        )

    def _list(self, body: HttpBody, answer: Any) -> list[Any]:
        found = find(body.records, answer) if body.records else answer
        if isinstance(found, list):
            return found
        if isinstance(found, dict | int | Decimal | str) and not isinstance(found, bool):
            return [found]
        where = f"at “{body.records}”" if body.records else "in its answer"
        raise SourceMisread(
            f"{self._asked.place} has no list of records {where}.",
            fix="Correct records: where in the answer does the list stand?",
        )

    def _fetch(self, body: HttpBody, change: dict[str, Any], fields: frozenset[str]) -> tuple[Any, Response]:
        ask = self._make_ask(body, change, fields)

        look = self._look if body.graphql is not None else None

        def call(session: Session) -> tuple[Any, Response]:
            response = fetch(session, ask, self._asked, self._around, self._web, self._authorize, look)
            return parse_json(response, self._asked), response

        return self._wire.ask(call)

    def _make_ask(self, body: HttpBody, change: dict[str, Any], fields: frozenset[str]) -> Ask:
        url = self._url(body, change)
        whole = URL in change
        paging, rest = self._paging(body), {name: value for name, value in change.items() if name != URL}
        sent: Any = json.loads(_with_fields(body.json, fields)) if body.json is not None else None
        params = () if whole else body.params
        if paging.into == "params":
            params = (*(pair for pair in params if pair[0] not in rest), *((n, str(v)) for n, v in rest.items()))
        else:
            sent = {**(sent or {}), **rest}
        if body.graphql is not None:
            sent = {"query": body.graphql, "variables": sent or {}}
        return Ask(url, body.method, params, sent)

    def _url(self, body: HttpBody, change: dict[str, Any]) -> str:
        base = self._options.url
        if URL not in change:
            return f"{base}/{body.path.lstrip('/')}" if body.path else base
        url = urljoin(f"{base}/", str(change[URL]))
        if not is_same_host(base, url):
            raise SourceMisread(
                f"The next page of {self._asked.place} is on another host ({urlsplit(url).hostname}); it is not asked."
            )
        return url

    def _paging(self, body: HttpBody) -> Paging:
        return body.paging or (make_paging(self._options.paging) if self._options.paging else Paging())

    def _authorize(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token where the service wants it; called for every request, so that it lies in no session."""
        from requests.auth import HTTPBasicAuth

        options = self._options
        if options.token is None or options.auth == "none":
            return request
        token = options.token.reveal()
        if options.auth == "basic":
            HTTPBasicAuth(options.user or "", token)(request)
            remember_secret(str(request.headers["Authorization"]).removeprefix("Basic "))
        elif options.auth in {None, "bearer"}:
            request.headers["Authorization"] = f"Bearer {token}"
        elif options.auth.header:  # type: ignore[union-attr]
            request.headers[options.auth.header] = f"{options.auth.prefix}{token}"  # type: ignore[union-attr]
        else:
            request.prepare_url(request.url, {options.auth.query: token})  # type: ignore[union-attr]
        return request

    def _look(self, response: Response) -> None:
        """GraphQL answers 200 to errors too ("Response", spec.graphql.org), some 400: half an answer is none."""
        if response.status_code in {200, 400}:
            try:
                answer = json.loads(response.content)
            except ValueError:
                return
            self._check_graphql(answer)

    def _check_graphql(self, answer: Any) -> None:
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if not errors:
            return
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
        said = trimmed(str(first.get("message", "an error without a message")))
        sign = json.dumps(first.get("extensions", {}), default=str).lower()
        if any(word in sign for word in _WAITS):
            raise SourceUnavailable(f"{self._asked.place} asks to be left alone for a while: {said}")
        if any(word in sign for word in _LOCKED_OUT):
            fix = f"Check {self._asked.credential or 'the credential'}: it may be wrong, expired or revoked."
            raise SourceRefused(f"{self._asked.place}: {said}", fix=fix, everything=True)
        raise SourceMisread(f"{self._asked.place}: {said}", fix="Correct the query.")

    def _check_fields(self, reader: RecordReader) -> None:
        missing = sorted(reader.missing)
        if not missing:
            return
        names = list(reader.keys)
        close = [match for name in missing for match in difflib.get_close_matches(name, names, n=1, cutoff=0.5)]
        hint = f"Did you mean “{close[0]}”?" if close else f"Its fields: {', '.join(names[:12])}."
        shown = " or ".join(f"“{name}”" for name in missing)
        raise SourceMisread(
            f"None of the {reader.count:,} records of {self.name} has a field {shown}.",
            fix=hint,
            fields=frozenset(missing),
        )


def _with_fields(text: str, fields: frozenset[str]) -> str:
    """A body in which a service has to be told which fields to send."""
    return text.replace('"{fields}"', json.dumps(sorted(fields)))
