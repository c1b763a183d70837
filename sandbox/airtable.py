"""Airtable's Web API for the stand-in's bases: list, get, create, update and delete records; the meta API.

After airtable.com/developers/web/api. Error bodies are in Airtable's words as public clients have met them.
The limit of 5 requests a second per base, with its 30 seconds of refusal, is on when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.exceptions import abort
from werkzeug.wrappers import Request, Response

from sandbox.airtable_base import COMPUTED, Base, Record, Table, make_id
from sandbox.airtable_cells import CellMistake, parse_cell, see
from sandbox.airtable_limits import make_quotas, refuse_long
from sandbox.airtable_pages import Pages
from sandbox.airtable_query import (
    Listing,
    Refused,
    find_records,
    invalid_request,
    parse_body,
    parse_url,
    render_record,
    wanted_fields,
)
from sandbox.airtable_schema import render_schema
from sandbox.airtable_upsert import find_match, read_keys
from sandbox.airtable_words import WORDS
from sandbox.wire import Quota, Service, json_response, parse_json, route

_BATCH = 10


class Airtable(Service):
    """The service. ``tokens`` maps a token to the base ids it may see, or to None for all of them."""

    name = "Airtable"

    def __init__(
        self,
        bases: Iterable[Base],
        tokens: Mapping[str, Iterable[str] | None],
        *,
        limited: bool = False,
        iterator_seconds: float = 300.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.bases = {each.id: each for each in bases}
        self.tokens = {token: None if seen is None else frozenset(seen) for token, seen in tokens.items()}
        self.pages = Pages(iterator_seconds, self.timer)
        if limited:
            self.quotas += make_quotas()

    def expire_offsets(self) -> None:
        """Forget every listing that is under way: its next page is refused."""
        with self.lock:
            self.pages.forget()

    # What Airtable says

    def refusal(self, status: int, request: Request) -> Response:
        """Word an error as Airtable does."""
        if status == 404:
            return json_response({"error": "NOT_FOUND"}, 404)
        if status == 429:
            said = {"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}
            return json_response({"errors": [said]}, 429)
        kind, message = WORDS.get(status, WORDS[500])
        return json_response({"error": {"type": kind, "message": message}}, status)

    def over_quota(self, request: Request, quota: Quota, wait: float) -> Response:
        """Word the refusal of too many requests; Airtable names no time to wait."""
        return self.refusal(429, request)

    def _dispatch(self, request: Request) -> Response:
        return refuse_long(request) or super()._dispatch(request)

    # Records

    @route("GET", "/v0/<base_id>/<table_name>")
    def list_by_url(self, request: Request, base_id: str, table_name: str) -> Response:
        """List records with parameters in the URL."""
        base, table = self._find(request, base_id, table_name)
        return self._answer(lambda: self._list(base, table, parse_url(request.args)))

    @route("POST", "/v0/<base_id>/<table_name>/listRecords")
    def list_by_body(self, request: Request, base_id: str, table_name: str) -> Response:
        """List records with parameters in a body; zone and locale stay in the URL."""
        base, table = self._find(request, base_id, table_name)
        sent = {**_json_body(request), **request.args.to_dict()}
        return self._answer(lambda: self._list(base, table, parse_body(sent)))

    @route("GET", "/v0/<base_id>/<table_name>/<record_id>")
    def fetch_record(self, request: Request, base_id: str, table_name: str, record_id: str) -> Response:
        """Give one record."""
        base, table = self._find(request, base_id, table_name)
        record = self._record(request, table, record_id)
        return self._answer(lambda: self._render(base, table, record, parse_url(request.args)))

    @route("POST", "/v0/<base_id>/<table_name>")
    def create(self, request: Request, base_id: str, table_name: str) -> Response:
        """Create one record, or up to ten."""
        base, table = self._find(request, base_id, table_name)
        body = _json_body(request)
        return self._answer(lambda: self._write(base, table, body, lambda each: self._create(table, each, body)))

    @route("PATCH", "/v0/<base_id>/<table_name>", "/v0/<base_id>/<table_name>/<record_id>")
    @route("PUT", "/v0/<base_id>/<table_name>", "/v0/<base_id>/<table_name>/<record_id>")
    def update(self, request: Request, base_id: str, table_name: str, record_id: str = "") -> Response:
        """Change one record, or up to ten; PUT empties what isn't sent."""
        base, table = self._find(request, base_id, table_name)
        body = _json_body(request)
        if "performUpsert" in body and not record_id:
            return self._answer(lambda: self._upsert(request, base, table, body))

        def change(each: Mapping[str, Any]) -> Record:
            record = self._record(request, table, record_id or str(each.get("id", "")))
            return self._change(request, table, record, self._parse(table, each, body))

        return self._answer(lambda: self._write(base, table, body, change))

    def _change(self, request: Request, table: Table, record: Record, values: Mapping[str, Any]) -> Record:
        if request.method == "PUT":
            kept = {field.name: None for field in table.fields if field.type not in COMPUTED}
            values = kept | dict(values)
        table.change(record, self.clock.now(), values)
        return record

    def _upsert(self, request: Request, base: Base, table: Table, body: Mapping[str, Any]) -> dict[str, Any]:
        """Update the records that the fields to merge on find, and create the others; all or none."""
        keys, made, changed = read_keys(table, body), [], []
        now = self.clock.now()
        meant: list[tuple[Record | None, dict[str, Any]]] = []
        for each in _batch(body):
            values = self._parse(table, each, body)
            named = each.get("id")
            record = self._record(request, table, str(named)) if named else find_match(table, keys, values, now)
            meant.append((record, values))
        for record, values in meant:
            if record is None:
                made.append(table.add(now, values))
            else:
                changed.append(self._change(request, table, record, values))
        by_id = Listing(by_id=bool(body.get("returnFieldsByFieldId")))
        new = iter(made)
        written = [record or next(new) for record, _ in meant]
        return {
            "records": [self._render(base, table, each, by_id) for each in written],
            "createdRecords": [each.id for each in made],
            "updatedRecords": [each.id for each in changed],
        }

    @route("DELETE", "/v0/<base_id>/<table_name>", "/v0/<base_id>/<table_name>/<record_id>")
    def delete(self, request: Request, base_id: str, table_name: str, record_id: str = "") -> Response:
        """Delete one record, or up to ten."""
        _, table = self._find(request, base_id, table_name)
        ids = [record_id] if record_id else request.args.getlist("records[]") or request.args.getlist("records")
        if not 0 < len(ids) <= _BATCH:
            return self.refusal(422, request)
        records = [self._record(request, table, each) for each in ids]
        for record in records:
            table.delete(record, self.clock.now())
        gone = [{"id": record.id, "deleted": True} for record in records]
        return json_response(gone[0] if record_id else {"records": gone})

    # The meta API

    @route("GET", "/v0/meta/whoami")
    def whoami(self, request: Request) -> dict[str, Any]:
        """Say whose token it is."""
        self._authorise(request)
        return {"id": make_id("usr", "okr-sync")}

    @route("GET", "/v0/meta/bases")
    def list_bases(self, request: Request) -> dict[str, Any]:
        """List the bases that the token may see."""
        seen = self._authorise(request)
        return {
            "bases": [
                {"id": base.id, "name": base.name, "permissionLevel": "read"}
                for base in self.bases.values()
                if seen is None or base.id in seen
            ]
        }

    @route("GET", "/v0/meta/bases/<base_id>/tables")
    def list_tables(self, request: Request, base_id: str) -> dict[str, Any]:
        """Describe a base's tables."""
        return {"tables": [render_schema(table) for table in self._find_base(request, base_id).tables.values()]}

    # How it is done

    def _authorise(self, request: Request) -> frozenset[str] | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            abort(self.refusal(401, request))
        return self.tokens[token]

    def _find_base(self, request: Request, base_id: str) -> Base:
        seen = self._authorise(request)
        if not (base_id.startswith("app") and len(base_id) == 17):
            abort(self.refusal(404, request))
        if base_id not in self.bases or (seen is not None and base_id not in seen):
            abort(self.refusal(403, request))
        return self.bases[base_id]

    def _find(self, request: Request, base_id: str, table_name: str) -> tuple[Base, Table]:
        base = self._find_base(request, base_id)
        table = base.table(table_name)
        if table is None:
            abort(self.refusal(403, request))
        return base, table

    def _record(self, request: Request, table: Table, record_id: str) -> Record:
        record = table.records.get(record_id)
        if record is None or not record.exists(self.clock.now()):
            abort(self.refusal(404, request))
        return record

    def _answer(self, make: Any) -> Response:
        try:
            return json_response(make())
        except Refused as refused:
            error = {"type": refused.kind} | ({"message": refused.message} if refused.message else {})
        except CellMistake as mistake:
            option = str(mistake).startswith("Insufficient")
            kind = "INVALID_MULTIPLE_CHOICE_OPTIONS" if option else "INVALID_VALUE_FOR_COLUMN"
            error = {"type": kind, "message": str(mistake)}
        return json_response({"error": error}, 422)

    def _list(self, base: Base, table: Table, listing: Listing) -> dict[str, Any]:
        now = self.clock.now()
        fields = wanted_fields(table, listing)
        ids = self.pages.resume(table, listing) if listing.offset else find_records(base, table, listing, now)
        page, rest = ids[: listing.page_size], ids[listing.page_size :]
        present = [table.records[each] for each in page if table.records[each].exists(now)]
        body: dict[str, Any] = {
            "records": [render_record(see(base, table, each, now), fields, listing) for each in present]
        }
        if rest:
            body["offset"] = self.pages.keep(table, listing, rest, page[-1])
        return body

    def _render(self, base: Base, table: Table, record: Record, listing: Listing) -> dict[str, Any]:
        return render_record(see(base, table, record, self.clock.now()), wanted_fields(table, listing), listing)

    def _write(self, base: Base, table: Table, body: Mapping[str, Any], write: Any) -> dict[str, Any]:
        by_id = Listing(by_id=bool(body.get("returnFieldsByFieldId")))
        if "records" not in body:
            return self._render(base, table, write(body), by_id)
        sent = _batch(body)
        for each in sent:
            self._parse(table, each, body)  # nothing is written when one of them is wrong
        return {"records": [self._render(base, table, write(each), by_id) for each in sent]}

    def _create(self, table: Table, sent: Mapping[str, Any], body: Mapping[str, Any]) -> Record:
        return table.add(self.clock.now(), self._parse(table, sent, body))

    def _parse(self, table: Table, sent: Any, body: Mapping[str, Any]) -> dict[str, Any]:
        cells = sent.get("fields") if isinstance(sent, Mapping) else None
        if not isinstance(cells, Mapping):
            raise invalid_request()
        values: dict[str, Any] = {}
        for name, value in cells.items():
            field = table.field(name)
            if field is None:
                raise Refused("UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')
            if field.type in COMPUTED:
                raise CellMistake(f'Field "{name}" cannot accept a value because the field is computed')
            values[field.name] = parse_cell(field, value, typecast=bool(body.get("typecast")))
        return values


def _batch(body: Mapping[str, Any]) -> list[Any]:
    """Return the records of a request: one to ten. Raises Refused."""
    sent = body.get("records")
    if not isinstance(sent, list) or not 0 < len(sent) <= _BATCH:
        raise invalid_request()
    return sent


def _json_body(request: Request) -> dict[str, Any]:
    try:
        body = parse_json(request)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        kind, message = WORDS[422]
        abort(json_response({"error": {"type": kind, "message": message}}, 422))
    return body
