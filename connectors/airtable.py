"""Airtable: one pass over a table for everything that is asked of it.

Airtable counts and sums nothing for us, gives 100 records a page, and refuses a base for 30 seconds after more
than 5 calls in a second. pyairtable's own retries give up after three of those seconds; they are off.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from connectors import airtable_formula as formula
from connectors.airtable_field import Naming, check_links, is_field_id, make_naming
from connectors.airtable_grammar import AirtableGrammar, TableBody
from connectors.base import Limits, Scan, ScanExpired, SourceError, SourceMisread, SourceRefused, Surroundings
from connectors.known_limit import KnownLimit
from connectors.once import Once
from connectors.reply import Asked, classify, parse_json, service_message
from connectors.seen import Seen
from connectors.value import parse_plain
from connectors.wire import Wire
from mappings.model import Outcome, Query, Record, Value

if TYPE_CHECKING:
    from pyairtable import Api
    from pydantic import BaseModel
    from requests import Response

    from connectors.airtable_forms import AirtableOptions
    from connectors.findings import Findings
    from mappings.model import Metric

_PAGE = 100
_TIMEOUT = (5, 30)
_BAN = 30.0  # seconds that a base is refused after too many calls (support.airtable.com, API call limits)
_DOCS = "https://airtable.com/developers/web/api"
_CALL_LIMITS = "https://support.airtable.com/docs/managing-api-call-limits-in-airtable"
_UNKNOWN = re.compile(r"unknown field names?:\s*(.+)", re.IGNORECASE | re.DOTALL)
_MOST_NAMED = 8
_SITE = "https://airtable.com"
_TABLE_ID, _VIEW_ID = re.compile(r"tbl[A-Za-z0-9]{14}"), re.compile(r"viw[A-Za-z0-9]{14}")


class Airtable:
    """The kind ``airtable``: one base."""

    kind: ClassVar[str] = "airtable"
    grammar = AirtableGrammar()

    def options_form(self) -> type[BaseModel]:
        """The form of ``sources.NAME``."""
        from connectors.airtable_forms import AirtableOptions

        return AirtableOptions

    def make(self, name: str, options: AirtableOptions, around: Surroundings) -> AirtableConnector:
        """A connector; nothing is asked yet. The library takes its time to load: before anybody waits for a slot."""
        import pyairtable  # noqa: F401

        return AirtableConnector(name, options, around)

    def known_limits(self) -> tuple[KnownLimit, ...]:
        """Airtable's limits."""
        return (
            KnownLimit("calls", "5 a second for a base, 50 for all of an account; see rate", f"{_DOCS}/rate-limits"),
            KnownLimit("penalty", f"a base that is asked more often answers nobody for {_BAN:.0f} s", _CALL_LIMITS),
            KnownLimit("a month", "on the plans Free and Team calls are counted by the month too", _CALL_LIMITS),
            KnownLimit("page", f"{_PAGE} records: a table of 5,000 is 50 calls, once for all its key results",
                       f"{_DOCS}/list-records"),
        )  # fmt: skip

    def make_link(self, options: AirtableOptions, query: Query) -> str | None:
        """The table or view where the mapping names them by id, as addresses do; else the base.

        Finding the id of a name takes a call and a right of its own (airtable.com/developers/web/api/get-base-schema).
        """
        assert isinstance(query.body, TableBody)
        ids = [options.base]
        if _TABLE_ID.fullmatch(query.body.table):
            ids.append(query.body.table)
            ids += [query.body.view] if query.body.view and _VIEW_ID.fullmatch(query.body.view) else []
        return "/".join([_SITE, *ids])


class AirtableConnector:
    """One base for one run."""

    kind: ClassVar[str] = "airtable"
    shares_scans: ClassVar[bool] = True

    def __init__(self, name: str, options: AirtableOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=5, per_second=options.rate)
        self._options, self._around = options, around
        self._asked = Asked(name, urlsplit(options.url).netloc, str(options.token.reference), quota_wait=_BAN)
        self._wire = Wire(
            self._asked,
            around,
            self._make_client,
            per_second=options.rate,
            close_client=lambda client: client.session.close(),
        )

        self._once = Once()

    def scan(self, scan: Scan) -> Iterator[Record]:
        """Every record that the table, view and formula hold; filters only make it shorter where they can."""
        assert isinstance(scan.body, TableBody)
        primary = self._primary_field(scan.body.table) if scan.titles else ""
        naming = self._name_fields(scan, primary)
        options: dict[str, Any] = {"page_size": _PAGE}
        if scan.fields:
            options["fields"] = list(naming.asked)
        if naming.by_id:
            options["use_field_ids"] = True
        if scan.body.view:
            options["view"] = scan.body.view
        if test := formula.all_of([scan.body.formula, formula.make_sieve(scan.filters)]):
            options["formula"] = test
        try:
            for record in self._records(scan.body.table, options, naming):
                check_links(record.fields, scan.filters)
                yield replace(record, title=_title(record.fields.get(primary))) if primary else record
        except SourceMisread as error:
            if not error.fields or error.fix:
                raise
            raise self._explain(scan, error) from None
        except SourceRefused as error:
            raise error if error.everything else self._name_table(scan.body.table, error) from None

    def answer(self, metric: Metric) -> Outcome | None:
        """Airtable computes nothing over a table."""
        return None

    def discover(self) -> Findings:
        """The base's tables, fields and views."""
        from connectors.airtable_discover import discover

        def fetch(*parts: str, **params: Any) -> Any:
            return self._wire.ask(lambda client: client.get(client.build_url(*parts), params=params))

        return discover(fetch, self.name, self._options.base, self._asked.credential)

    def close(self) -> None:
        """Give back the connections of all threads."""
        self._wire.close()

    # Asking

    def _name_fields(self, scan: Scan, primary: str) -> Naming:
        assert isinstance(scan.body, TableBody)
        names = {*scan.fields, primary} if primary and scan.fields else scan.fields
        mixed = len({is_field_id(name) for name in names}) > 1
        its = self._fields_of(scan.body.table) if mixed else []
        return make_naming(names, {str(each.get("name")): str(each.get("id")) for each in its})

    def _records(self, table: str, options: dict[str, Any], naming: Naming) -> Iterator[Record]:
        seen = Seen()
        offsets: set[str] = set()
        while True:
            page = self._fetch_page(table, options)
            for found in page["records"]:
                record = self._make_record(found, naming)
                if seen.is_new(record.id):  # a record may move while we are paging
                    yield record
            offset = page.get("offset")
            if not offset:
                return
            if offset in offsets:
                raise SourceMisread(f"{self._asked.place} gave the same page of {table} twice; nothing was counted.")
            offsets.add(offset)
            options = {**options, "offset": offset}

    def _fetch_page(self, table: str, options: dict[str, Any]) -> dict[str, Any]:
        def fetch(client: Api) -> Any:
            urls = client.table(self._options.base, table).urls
            return client.request("GET", urls.records, fallback=("POST", urls.records_post), options=options)

        page = self._wire.ask(fetch)
        if not isinstance(page, dict) or not isinstance(page.get("records"), list):
            raise SourceMisread(f"{self._asked.place} answered without the records of {table}.")
        return page

    def _fetch_tables(self) -> list[dict[str, Any]]:
        """The base's tables; none where the token may not see its schema."""

        def fetch(client: Api) -> Any:
            return client.get(client.build_url("meta", "bases", self._options.base, "tables"))

        try:
            return list(self._wire.ask(fetch)["tables"])
        except (SourceError, KeyError, TypeError):
            return []

    def _fields_of(self, table: str) -> list[dict[str, Any]]:
        """A table's fields, the primary one first."""
        tables = self._once.get("tables", self._fetch_tables)
        found = next((each for each in tables if table in (each.get("name"), each.get("id"))), {})
        return sorted(found.get("fields") or (), key=lambda each: each.get("id") != found.get("primaryFieldId"))

    def _primary_field(self, table: str) -> str:
        """The field by which people know a record; empty where that can't be seen."""
        return next((str(each.get("name", "")) for each in self._fields_of(table)), "")

    def _explain(self, scan: Scan, error: SourceMisread) -> SourceMisread:
        """The unknown fields by the names that the mapping uses, and what may have been meant."""
        assert isinstance(scan.body, TableBody)
        lower = {name.lower() for name in error.fields}
        asked = scan.fields | {condition.field for only in scan.filters for condition in only.conditions}
        missing = sorted(name for name in asked if name.lower() in lower)
        if not missing:  # the query's own formula names it: nothing that can be left out
            return SourceMisread(error.message, fix="Correct the formula.")
        known = [str(each.get("name", "")) for each in self._fields_of(scan.body.table)]
        close = [match for name in missing for match in difflib.get_close_matches(name, known, n=1, cutoff=0.5)]
        hint = (
            f"Did you mean {' and '.join(f'“{name}”' for name in close)}?" if close else "Check its name in Airtable."
        )
        names = " or ".join(f"“{name}”" for name in missing)
        return SourceMisread(f"The table {scan.body.table} has no field {names}.", fix=hint, fields=frozenset(missing))

    def _name_table(self, table: str, error: SourceRefused) -> SourceError:
        """Airtable says the same of a table that isn't there and of one that is kept from us; the schema knows."""
        tables = self._once.get("tables", self._fetch_tables)
        if not tables or any(table in (each.get("name"), each.get("id")) for each in tables):
            return error
        known = [str(each.get("name", "")) for each in tables]
        close = difflib.get_close_matches(table, known, n=1, cutoff=0.5)
        listed = ", ".join(f"“{name}”" for name in known[:_MOST_NAMED])
        fix = f"Did you mean “{close[0]}”?" if close else f"Tables here: {listed}."
        return SourceMisread(f"{self._asked.source} has no table “{table}”.", fix=fix)

    def _make_record(self, found: Any, naming: Naming) -> Record:
        try:
            id_, fields = str(found["id"]), naming.fields(found["fields"])
        except (KeyError, TypeError, AttributeError):
            raise SourceMisread(f"{self._asked.place} answered with a record without id or fields.") from None
        made = parse_plain(found.get("createdTime"))
        link = f"{_SITE}/{self._options.base}/{id_}"
        return Record(id=id_, fields=fields, link=link, at=made if isinstance(made, datetime) else None)

    def _make_client(self) -> Api:
        """The library's client for one thread; its answers are checked and parsed by us."""
        from pyairtable import Api

        client = Api(
            self._options.token.reveal(),
            timeout=self._around.extra.get("timeout", _TIMEOUT),
            retry_strategy=None,
            endpoint_url=self._options.url,
        )
        client.session.headers["User-Agent"] = self._around.user_agent
        client.session.hooks["response"].append(self._check)
        return client

    def _check(self, response: Response, *_: Any, **__: Any) -> None:
        response.content  # noqa: B018 - read to its end, so that the connection can be used again
        if response.status_code in {403, 404, 422}:
            self._check_model(response)
        classify(response, self._asked, self._around.now())
        response.json = partial(parse_json, response, self._asked)  # type: ignore[method-assign]

    def _check_model(self, response: Response) -> None:
        kind, said = _error_type(response), service_message(response)
        if kind == "LIST_RECORDS_ITERATOR_NOT_AVAILABLE":
            raise ScanExpired(f"{self._asked.place} lost its place in the list of records.")
        if match := _UNKNOWN.search(said):
            raise SourceMisread(f"{self._asked.place}: {said}", fields=_names(match[1]))
        if kind in {"INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", "TABLE_NOT_FOUND", "NOT_FOUND", "MODEL_ID_NOT_FOUND"}:
            raise SourceRefused(
                f"{self._asked.place} knows no such base or table, or doesn't let us see it ({kind}).",
                fix=f"Check the names, and that {self._asked.credential} may read base {self._options.base}.",
            )


def _title(value: Value) -> str:
    """A primary field's value as a title."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def _error_type(response: Response) -> str:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    return str(error.get("type", "")) if isinstance(error, dict) else str(error)


def _names(text: str) -> frozenset[str]:
    """The fields that Airtable lists in its message, quoted or not."""
    quoted = re.findall(r'"([^"]+)"', text)
    return frozenset(quoted or (name.strip(" .") for name in text.split(",")))
