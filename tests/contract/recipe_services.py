"""Stand-ins of the services that recipes ask: the documented shapes, and what each documents that it refuses.

The pages are those that the recipes name under ``sources``.
"""

from base64 import b64decode
from decimal import Decimal
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from connectors.testing import TOKEN
from sandbox.body import json_response
from sandbox.wire import Service, route

COUNT = 230
STAGES = ["Won" if number % 10 == 0 else "Open" for number in range(COUNT)]
TAGS = ["größe 🚀" if number < 3 else "漢字" if number < 6 else None for number in range(COUNT)]
AMOUNTS = [None if number == 7 else Decimal("0.1") for number in range(COUNT)]
DAYS = [f"2026-10-{number % 28 + 1:02}T08:00:00.000Z" for number in range(COUNT)]


class Guarded(Service):
    """Knows one token; checks it before anything else."""

    scheme: ClassVar[str] = "Bearer "
    said: ClassVar[Any] = {"message": "Not authorized"}

    def refuses(self, request: Request) -> Response | None:
        if request.headers.get("Authorization") == f"{self.scheme}{TOKEN}":
            return None
        return json_response(self.said, 401)


def _slice(start: int, size: int) -> range:
    return range(start, min(start + size, COUNT))


class Linear(Guarded):
    """GraphQL. A personal key is sent without Bearer; errors come as a list."""

    name = "linear"
    scheme = ""
    said: ClassVar[Any] = {"errors": [{"message": "It is not you", "extensions": {"code": "AUTHENTICATION_ERROR"}}]}

    @route("POST", "/graphql")
    def graphql(self, request: Request) -> Any:
        if (no := self.refuses(request)) is not None:
            return no
        asked = request.get_json()
        variables = asked["variables"]
        only = variables.get("filter") or {}
        if set(only) - {"state", "team"}:
            return {"data": None, "errors": [{"message": f"Field “{min(only)}” is not defined by type IssueFilter."}]}
        if "first: 100" not in asked["query"] or "mutation" in asked["query"]:
            return json_response({"errors": [{"message": "Argument error"}]}, 400)
        wanted = only.get("state", {}).get("name", {}).get("eq")
        every = [n for n in range(COUNT) if wanted in (None, STAGES[n])]
        start = int(variables.get("after") or 0)
        nodes = [
            {
                "id": f"uuid-{n}", "identifier": f"WEB-{n}", "title": f"Issue {n}", "createdAt": DAYS[n],
                "completedAt": None, "canceledAt": None, "dueDate": None, "estimate": AMOUNTS[n],
                "state": {"name": STAGES[n], "type": "completed"}, "team": {"key": "WEB", "name": TAGS[n] or "Web"},
                "project": None, "assignee": None,
            }
            for n in every[start : start + 100]
        ]  # fmt: skip
        info = {"hasNextPage": start + 100 < len(every), "endCursor": str(start + 100)}
        return {"data": {"issues": {"nodes": nodes, "pageInfo": info}}}


class Hubspot(Guarded):
    """The CRM's search: only the properties that were asked for come, as text; no page goes beyond the 10,000th."""

    name = "hubspot"
    copies = 1
    said: ClassVar[Any] = {
        "status": "error",
        "message": "Authentication credentials not found",
        "category": "INVALID_AUTHENTICATION",
    }

    @route("POST", "/crm/v3/objects/<thing>/search")
    def search(self, request: Request, thing: str) -> Any:
        if (no := self.refuses(request)) is not None:
            return no
        asked = request.get_json()
        if thing not in {"deals", "contacts"}:
            return json_response({"status": "error", "message": f"Unable to infer object type from: {thing}"}, 400)
        if asked.get("limit", 10) > 200 or set(asked) - {
            "limit",
            "after",
            "properties",
            "filterGroups",
            "sorts",
            "query",
        }:
            return json_response({"status": "error", "message": "Invalid input JSON"}, 400)
        wanted = [f["value"] for group in asked.get("filterGroups", []) for f in group["filters"]]
        every = [n for n in range(COUNT * self.copies) if not wanted or STAGES[n % COUNT] in wanted]
        start, size = int(asked.get("after") or 0), asked.get("limit", 10)
        if start + size > 10_000:
            return json_response({"status": "error", "message": "Paging ends at 10,000 results."}, 400)
        results = []
        for at in every[start : start + size]:
            n = at % COUNT
            has = {
                "amount": AMOUNTS[n] and str(AMOUNTS[n]),
                "dealstage": STAGES[n],
                "tag": TAGS[n],
                "closedate": DAYS[n],
            }
            mine = {name: has[name] for name in asked.get("properties", []) if name in has}
            results.append({"id": str(at), "properties": {"hs_object_id": str(at), **mine}, "archived": False})
        found: dict[str, Any] = {"total": len(every), "results": results}
        if start + size < len(every):
            found["paging"] = {"next": {"after": str(start + size), "link": "?after"}}
        return found


class Notion(Guarded):
    """A data source's rows: every property is an object that names its type. A version has to be sent."""

    name = "notion"
    said: ClassVar[Any] = {"object": "error", "status": 401, "code": "unauthorized", "message": "API token is invalid."}

    @route("POST", "/v1/data_sources/<source>/query")
    def query(self, request: Request, source: str) -> Any:
        if (no := self.refuses(request)) is not None:
            return no
        asked = request.get_json()
        if request.headers.get("Notion-Version") != "2025-09-03":
            return json_response(
                {"object": "error", "code": "missing_version", "message": "Notion-Version is missing"}, 400
            )
        if source != "d1":
            return json_response({"object": "error", "code": "object_not_found", "message": "Could not find it."}, 404)
        if asked.get("page_size", 100) > 100 or set(asked) - {"page_size", "start_cursor", "filter", "sorts"}:
            return json_response({"object": "error", "code": "validation_error", "message": "body failed"}, 400)
        stage = (asked.get("filter") or {}).get("select", {}).get("equals")
        every = [n for n in range(COUNT) if stage in (None, STAGES[n])]
        start = int(asked.get("start_cursor") or 0)
        more = start + 100 < len(every)
        return {
            "object": "list",
            "results": [self._page(n) for n in every[start : start + 100]],
            "has_more": more,
            "next_cursor": str(start + 100) if more else None,
        }

    def _page(self, n: int) -> dict[str, Any]:
        tag = TAGS[n]
        properties = {
            "Name": {"id": "title", "type": "title", "title": [{"type": "text", "plain_text": f"Row {n}"}]},
            "Amount": {"id": "a", "type": "number", "number": AMOUNTS[n]},
            "Stage": {"id": "s", "type": "select", "select": {"id": "1", "name": STAGES[n], "color": "red"}},
            "Tags": {"id": "t", "type": "multi_select", "multi_select": [{"id": "2", "name": tag}] if tag else []},
            "Closed": {"id": "c", "type": "date", "date": {"start": DAYS[n][:10], "end": None, "time_zone": None}},
            "Double": {"id": "f", "type": "formula", "formula": {"type": "number", "number": 2}},
            "Sum": {"id": "r", "type": "rollup", "rollup": {"type": "number", "number": 3, "function": "sum"}},
        }
        return {"object": "page", "id": f"page-{n}", "created_time": DAYS[n], "properties": properties}


class Zendesk(Guarded):
    """Its search: a count, and the export that pages by links. Sign-in: the agent's address and /token."""

    name = "zendesk"
    said: ClassVar[Any] = {"error": "Couldn't authenticate you"}

    def refuses(self, request: Request) -> Response | None:
        kind, _, code = request.headers.get("Authorization", "").partition(" ")
        known = kind == "Basic" and b64decode(code).decode() == f"ops@acme.example/token:{TOKEN}"
        return None if known else json_response(self.said, 401)

    def _found(self, request: Request) -> list[int]:
        words = request.args["query"].split()
        return [n for n in range(COUNT) if all(word in (f"status:{STAGES[n]}", "type:ticket") for word in words)]

    @route("GET", "/api/v2/search/count")
    def count(self, request: Request) -> Any:
        return self.refuses(request) or {"count": len(self._found(request))}

    @route("GET", "/api/v2/search/export")
    def export(self, request: Request) -> Any:
        if (no := self.refuses(request)) is not None:
            return no
        size = int(request.args.get("page[size]", 100))
        if size > 1000 or "filter[type]" not in request.args or "(" in request.args["query"]:
            return json_response({"error": "invalid", "description": "Invalid search"}, 422)
        every = self._found(request)
        start = int(request.args.get("page[after]", 0))
        more = start + size < len(every)
        rest = f"query={request.args['query']}&filter[type]=ticket&page[size]={size}&page[after]={start + size}"
        results = [
            {"id": n, "subject": f"Ticket {n}", "status": STAGES[n], "tags": [TAGS[n]] if TAGS[n] else [],
             "created_at": DAYS[n][:19] + "Z", "result_type": "ticket", "priority": None}
            for n in every[start : start + size]
        ]  # fmt: skip
        links = {"prev": None, "next": f"{self.url}/api/v2/search/export?{rest}" if more else None}
        return {"results": results, "meta": {"has_more": more, "after_cursor": "x" if more else None}, "links": links}


class Stripe(Guarded):
    """Lists by the last object's id."""

    name = "stripe"
    said: ClassVar[Any] = {"error": {"message": "Invalid API Key provided", "type": "invalid_request_error"}}

    @route("GET", "/v1/invoices")
    def invoices(self, request: Request) -> Any:
        if (no := self.refuses(request)) is not None:
            return no
        status = request.args.get("status")
        if status not in {None, "draft", "open", "paid", "uncollectible", "void"}:
            return json_response({"error": {"type": "invalid_request_error", "message": "Invalid status"}}, 400)
        if set(request.args) - {"status", "limit", "starting_after"} or not 1 <= int(request.args["limit"]) <= 100:
            return json_response({"error": {"type": "invalid_request_error", "message": "Invalid limit"}}, 400)
        every = [n for n in range(COUNT) if status is None or (status == "paid") == (STAGES[n] == "Won")]
        every = [] if status == "void" else every
        after = request.args.get("starting_after")
        start = 1 + every.index(int(after.removeprefix("in_"))) if after else 0
        page = every[start : start + int(request.args["limit"])]
        data = [
            {"id": f"in_{n}", "object": "invoice", "amount_paid": None if n == 7 else 1001, "currency": "eur",
             "created": 1790841600 + n * 86400, "status": "paid" if STAGES[n] == "Won" else "open", "number": TAGS[n],
             "due_date": None, "period_start": 1790841600, "period_end": 1790841600}
            for n in page
        ]  # fmt: skip
        return {"object": "list", "url": "/v1/invoices", "has_more": bool(page) and page[-1] != every[-1], "data": data}


class Asana(Guarded):
    """A project's tasks: only the fields that were asked for come. Errors are a list under errors."""

    name = "asana"
    said: ClassVar[Any] = {"errors": [{"message": "Not Authorized"}]}

    @route("GET", "/api/1.0/tasks")
    def tasks(self, request: Request) -> Any:
        if (no := self.refuses(request)) is not None:
            return no
        if "project" not in request.args or not 1 <= int(request.args.get("limit", 0)) <= 100:
            return json_response({"errors": [{"message": "project: Missing input"}]}, 400)
        if request.args["project"] not in {"11", "12"}:
            return json_response({"errors": [{"message": "project: Unknown object"}]}, 404)
        count = COUNT if request.args["project"] == "11" else 0
        wanted = request.args["opt_fields"].split(",")
        assert "custom_fields.number_value" in wanted
        start = int(request.args.get("offset", 0))
        data = [
            {
                "gid": str(n), "name": f"Task {n}", "completed": STAGES[n] == "Won", "completed_at": None,
                "created_at": DAYS[n], "due_on": None, "assignee": None,
                "custom_fields": [
                    {"gid": "1", "name": "Amount", "number_value": AMOUNTS[n], "display_value": "0.1"},
                    {"gid": "2", "name": "Stage", "enum_value": {"gid": "3", "name": STAGES[n]}, "display_value": "x"},
                    {"gid": "4", "name": "Tag", "display_value": TAGS[n]},
                ],
            }
            for n in _slice(start, 100) if n < count
        ]  # fmt: skip
        data = [each if each["gid"] != "7" else {**each, "custom_fields": each["custom_fields"][1:]} for each in data]
        more = start + 100 < count
        return {
            "data": data,
            "next_page": {"offset": str(start + 100), "path": "/x", "uri": "https://x"} if more else None,
        }
