"""The http connector: the contract, every way of paging and signing in, GraphQL, and what it refuses."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.address import is_public
from connectors.http import Http
from connectors.http_forms import HttpQuery
from connectors.http_grammar import HttpBody, HttpGrammar
from connectors.testing import TOKEN, Case, ConnectorContract, FakeTime, StandIn
from mappings.grammar import QueryMistake
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Reading, Window
from sandbox.body import json_response
from sandbox.server import Server
from sandbox.wire import Fault, Service, route
from tests.contract.stand_in import SandboxStandIn

DEALS = 230
ROWS = [
    {
        "id": f"d{number}",
        "amount": None if number == 7 else Decimal("0.1"),
        "stage": "Won" if number % 10 == 0 else "Open",
        "tags": ["größe", "🚀"] if number < 4 else ["漢字"] if number < 6 else [],
        "closed": f"2026-10-{number + 1:02}" if number < 30 else None,
        "created": 1790000000 + number,
        "owner": {"name": "Ana", "team": {"name": "漢"}},
    }
    for number in range(DEALS)
]


class Deals(Service):
    """A service with every way of paging over the same deals; knows one token, in every place it may stand."""

    name = "deals"

    def _check(self, request: Request) -> Response | None:
        basic = request.authorization
        known = (
            request.headers.get("Authorization") == f"Bearer {TOKEN}"
            or request.headers.get("X-Key") == f"Key {TOKEN}"
            or request.args.get("key") == TOKEN
            or (basic is not None and (basic.username, basic.password) == ("me", TOKEN))
        )
        return None if known else json_response({"message": "Who are you?"}, 401)

    def _rows(self, request: Request) -> list[dict[str, Any]]:
        stage = request.args.get("stage")
        return [row for row in ROWS if stage is None or row["stage"] == stage]

    @route("GET", "/v1/page", "/v1/Größe 漢字")
    def page(self, request: Request) -> Any:
        if (no := self._check(request)) is not None:
            return no
        size, page, rows = int(request.args["size"]), int(request.args["page"]), self._rows(request)
        return {"data": rows[(page - 1) * size : page * size], "total": len(rows)}

    @route("GET", "/v1/offset")
    def offset(self, request: Request) -> Any:
        start, size = int(request.args.get("offset", 0)), int(request.args["limit"])
        return self._check(request) or self._rows(request)[start : start + size]

    @route("POST", "/v1/search")
    def search(self, request: Request) -> Any:
        asked = request.get_json()
        start = int(asked.get("after") or 0)
        more = start + 100 < DEALS
        found = {"results": ROWS[start : start + 100], "next": {"after": str(start + 100)} if more else None}
        return self._check(request) or found

    @route("GET", "/v1/link")
    def link(self, request: Request) -> Any:
        if (no := self._check(request)) is not None:
            return no
        start = int(request.args.get("from", 0))
        response = json_response(ROWS[start : start + 100])
        if start + 100 < DEALS:
            response.headers["Link"] = f'<{self.url}/v1/link?from={start + 100}>; rel="next"'
        return response

    @route("GET", "/v1/elsewhere")
    def elsewhere(self, request: Request) -> Any:
        response = json_response(ROWS[:1])
        response.headers["Link"] = '<https://evil.example/v1/link?from=1>; rel="next"'
        return response

    @route("GET", "/v1/same")
    def same(self, request: Request) -> Any:
        response = json_response(ROWS[:1])
        response.headers["Link"] = f'<{self.url}/v1/same>; rel="next"'
        return response

    @route("GET", "/v1/moved")
    def moved(self, request: Request) -> Any:
        return Response(status=302, headers={"Location": request.args["to"]})

    @route("GET", "/v1/bomb")
    def bomb(self, request: Request) -> Any:
        body = gzip.compress(b"[" + b" " * 60_000_000 + b"]")
        return Response(body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    @route("GET", "/v1/number")
    def number(self, request: Request) -> Any:
        return Response('{"stats": {"mrr": 1234.10}}', content_type="application/json")

    @route("POST", "/v1/graphql")
    def graphql(self, request: Request) -> Any:
        asked = request.get_json()
        variables = asked["variables"]
        if "broken" in asked["query"]:
            return {"data": None, "errors": [{"message": "Cannot query field “broken”"}]}
        start = int(variables.get("after") or 0)
        info = {"hasNextPage": start + 100 < DEALS, "endCursor": str(start + 100)}
        return self._check(request) or {"data": {"deals": {"nodes": ROWS[start : start + 100], "pageInfo": info}}}


def body(path: str = "/page", **written: Any) -> HttpBody:
    query = {"path": path, "records": "data", **written}
    made = HttpGrammar().make_body(HttpQuery.model_validate({k: v for k, v in query.items() if v is not None}))
    assert isinstance(made, HttpBody)
    return made


def is_(field: str, *values: str) -> Condition:
    return Condition(field, "in" if len(values) > 1 else "=", values)


def where(*conditions: Condition, window: Window | None = None) -> Filter:
    return Filter(conditions, window)


PAGE = {"kind": "page", "param": "page", "size_param": "size", "size": "100"}
BODY = body()


def metric(
    measure: str = "count",
    field: str | None = None,
    only: Filter | None = None,
    of_body: HttpBody = BODY,
    **more: Any,
) -> Metric:
    return Metric(Query("deals", of_body, only or Filter()), Measure(measure, field, **more))


@contextmanager
def serving() -> Iterator[Deals]:
    service = Deals()
    with Server(service):
        yield service
    assert service.failures == []


class TestHttpContract(ConnectorContract):
    factory = Http()
    exact = Case(metric("sum", "amount"), Decimal("22.9"))
    paged = Case(metric(), Decimal(DEALS))
    unicode = Case(metric("distinct", "tags", where(is_("tags", "größe", "漢字")), body("/Größe 漢字")), Decimal(3))
    none = metric("avg", "amount", of_body=body(params={"stage": "Nothing"}))
    no_records = Case(metric(of_body=body(params={"stage": "Nothing"})), Decimal(0))
    missing_field = (metric("sum", "amuont"), "amuont")
    broken = metric(of_body=body("/nothing-here"))
    budget = (
        (
            metric(),
            metric("sum", "amount"),
            metric("avg", "amount", where(is_("stage", "Won"))),
            metric("share", of=(is_("stage", "Won"),)),
            metric(of_body=body(total="total")),
        ),
        4,
    )
    bad_options = (
        ({"url": "ftp://x"}, "url"),
        ({"url": "https://me:secret@x"}, "url"),
        ({"rate": -1}, "rate"),
        ({"paging": {"kind": "cursor"}}, "paging"),
        ({"headers": {"Authorization": "Bearer x"}}, "headers"),
        ({"auth": {"header": "X", "query": "y"}}, "auth"),
    )

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with serving() as service:
            yield SandboxStandIn(service)

    def options(self, url: str) -> dict[str, Any]:
        return {"url": f"{url}/v1", "token": "env:SOURCE_TOKEN", "paging": PAGE, "allow_private": "true"}


def ask(service: Deals, *metrics: Metric, time: FakeTime | None = None, extra: Any = None, **written: Any) -> list[Any]:
    contract = TestHttpContract()
    contract.options = lambda url: {**TestHttpContract.options(contract, url), **written}  # type: ignore[method-assign]
    return list(contract.ask(SandboxStandIn(service), time or FakeTime(), *metrics, **(extra or {})).values())


class TestPaging:
    @pytest.mark.parametrize(
        ("path", "paging", "more", "calls"),
        [
            ("/page", PAGE, {}, 3),
            (
                "/offset",
                {"kind": "offset", "param": "offset", "size_param": "limit", "size": "100"},
                {"records": None},
                3,
            ),
            ("/link", {"kind": "link"}, {"records": None}, 3),
            (
                "/search",
                {"kind": "cursor", "param": "after", "next": "next.after", "into": "body"},
                {"records": "results", "method": "POST", "body": {"query": "x"}},
                3,
            ),
        ],
    )
    def test_every_page_is_read_once(self, path: str, paging: Any, more: Any, calls: int) -> None:
        with serving() as service:
            asked = metric("sum", "amount", of_body=body(path, **more))
            [one] = ask(service, asked, paging=paging)
            assert one.value == Decimal("22.9")
            assert len(service.requests) == calls

    def test_graphql_by_cursor(self) -> None:
        text = "query Deals($after: String) { deals(after: $after) { nodes { id amount } pageInfo { endCursor } } }"
        paging = {"kind": "cursor", "param": "after", "next": "data.deals.pageInfo.endCursor", "into": "variables",
                  "more": "data.deals.pageInfo.hasNextPage"}  # fmt: skip
        asked = body(None, graphql=text, records="data.deals.nodes", variables={"team": "5", "n": "x"})
        broken = body(None, graphql="query { broken }", records="data")
        with serving() as service:
            one, gap = ask(service, metric("sum", "amount", of_body=asked), metric(of_body=broken),
                           paging=paging, url=f"{service.url}/v1/graphql")  # fmt: skip
            assert one.value == Decimal("22.9")
            assert gap.kind is GapKind.MISREAD
            assert "Cannot query field" in gap.reason
            first = next(each for each in service.requests if "Deals" in each.body["query"])  # the two run side by side
            assert first.body["variables"] == {"n": "x", "team": 5}

    def test_a_total_needs_one_call(self) -> None:
        with serving() as service:
            [one] = ask(service, metric(of_body=body(total="total", params={"stage": "Won"})))
            assert one.value == 23
            assert len(service.requests) == 1

    def test_a_page_that_comes_again_and_a_list_without_end_are_gaps(self) -> None:
        with serving() as service:
            [same] = ask(service, metric(of_body=body("/same", records=None)), paging={"kind": "link"})
            assert "same page twice" in same.reason
            [long] = ask(service, metric(), most_pages="2")
            assert "more than 2 pages" in long.reason

    def test_the_next_page_stays_on_its_host(self) -> None:
        with serving() as service:
            [gap] = ask(service, metric(of_body=body("/elsewhere", records=None)), paging={"kind": "link"})
            assert "another host (evil.example)" in gap.reason


class TestRecords:
    def test_fields_by_key_path_expression_and_unit(self) -> None:
        fields = {"team": "owner.team.name", "at": {"path": "created", "unit": "unix"}}
        within = Window("at", datetime.fromtimestamp(1790000010, UTC), datetime.fromtimestamp(1790000020, UTC))
        with serving() as service:
            found = ask(
                service,
                metric("count", None, where(is_("owner.team.name", "漢"))),
                metric("count", None, where(is_("team", "漢"), window=within), body(fields=fields)),
            )
            assert [one.value for one in found] == [DEALS, 10]

    def test_a_bare_number_is_called_value(self) -> None:
        with serving() as service:
            [one] = ask(service, metric("sum", "value", of_body=body("/number", records="stats.mrr")))
            assert str(one.value) == "1234.10"

    def test_a_missing_field_is_named_with_what_may_be_meant(self) -> None:
        with serving() as service:
            [gap] = ask(service, metric("sum", "amuont"))
            assert gap.reason == "None of the 230 records of deals has a field “amuont”."
            assert gap.fix == "Did you mean “amount”?"

    def test_an_answer_without_the_list_is_no_zero(self) -> None:
        with serving() as service:
            [gap] = ask(service, metric(of_body=body(records="items")))
            assert "no list of records at “items”" in gap.reason


class TestSigningIn:
    @pytest.mark.parametrize(
        "auth", ["bearer", "basic", {"header": "X-Key", "prefix": "Key "}, {"query": "key"}], ids=str
    )
    def test_every_way(self, auth: Any) -> None:
        with serving() as service:
            [one] = ask(service, metric(), auth=auth, user="me")
            assert isinstance(one, Reading), one
            [gap] = ask(service, metric(), auth="none")
            assert gap.kind is GapKind.REFUSED


class TestRefusals:
    def test_a_private_address_is_not_asked_unless_allowed(self) -> None:
        with serving() as service:
            [gap] = ask(service, metric(), allow_private="false")
            assert gap.kind is GapKind.REFUSED
            assert "127.0.0.1" in gap.reason
            assert "allow_private" in gap.fix
            assert service.requests == []

    @pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.1.1"])
    def test_nor_is_a_public_name_that_leads_to_one(self, address: str) -> None:
        with serving() as service:
            extra = {"resolve": lambda host, port: ["93.184.216.34", address]}
            [gap] = ask(service, metric(), allow_private="false", url="https://deals.example", extra=extra)
            assert f"deals.example leads to the private address {address}" in gap.reason

    def test_the_connection_goes_to_the_address_that_was_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A second look-up, which might give another answer, doesn't happen."""
        went: list[str] = []

        def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
            went.append(address[0])
            raise OSError("unreachable")

        monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
        looked: list[str] = []

        def look_up(host: str, port: int) -> list[str]:
            looked.append(host)
            return ["93.184.216.34"]

        with serving() as service:
            [gap] = ask(
                service, metric(), allow_private="false", url="https://deals.example", extra={"resolve": look_up}
            )
        assert gap.kind is GapKind.UNAVAILABLE
        assert set(went) == {"93.184.216.34"}
        assert looked == ["deals.example"] * len(went)

    def test_an_unknown_name_is_unavailable(self) -> None:
        def look_up(host: str, port: int) -> list[str]:
            raise OSError("unknown")

        with serving() as service:
            [gap] = ask(service, metric(), allow_private="false", url="https://x.example", extra={"resolve": look_up})
            assert "unknown host name" in gap.reason

    def test_a_redirect_is_followed_on_the_same_host_only(self) -> None:
        with serving() as service:
            home = body("/moved", records="stats.mrr", params={"to": "/v1/number"})
            away = body("/moved", params={"to": "http://127.0.0.1:9/v1/number"})
            one, gap = ask(service, metric("sum", "value", of_body=home), metric(of_body=away), paging={"kind": "none"})
            assert one.value == Decimal("1234.1")
            assert "redirects to 127.0.0.1" in gap.reason

    def test_an_answer_that_unfolds_to_gigabytes_is_not_read(self) -> None:
        with serving() as service:
            [gap] = ask(service, metric(of_body=body("/bomb", records=None)), most_bytes="1000000")
            assert "more than 1 MB" in gap.reason

    def test_too_many_calls_said_in_graphql_are_waited_out(self) -> None:
        error = {"errors": [{"message": "Slow down", "extensions": {"code": "RATELIMITED"}}]}
        time = FakeTime()
        with serving() as service:
            service.faults.add(Fault(status=400, body=error, times=1))
            asked = body(None, graphql="query { deals }", records="data.deals.nodes")
            [one] = ask(
                service, metric(of_body=asked), url=f"{service.url}/v1/graphql", paging={"kind": "none"}, time=time
            )
            assert one.value == 100
            assert time.slept

    def test_a_token_that_is_wrong_said_in_graphql_is_not_tried_again(self) -> None:
        error = {"errors": [{"message": "Not you", "extensions": {"code": "AUTHENTICATION_ERROR"}}]}
        with serving() as service:
            service.faults.add(Fault(status=400, body=error, times=None))
            asked = body(None, graphql="query { deals }", records="data.deals.nodes")
            [gap] = ask(service, metric(of_body=asked), url=f"{service.url}/v1/graphql", paging={"kind": "none"})
            assert gap.kind is GapKind.REFUSED
            assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ({"path": "https://evil.example/x"}, "path"),
        ({"path": "//evil.example/x"}, "path"),
        ({"path": "/a/../../admin"}, "path"),
        ({"path": "/a/%2e%2e/admin"}, "path"),
        ({"path": "/a?x=1"}, "path"),
        ({"path": "/deals", "method": "POST"}, "path"),
        ({"path": "/deals", "body": {"a": "1"}}, "body"),
        ({"graphql": "mutation { drop }"}, "graphql"),
        ({"graphql": "query A { a } mutation B { b }"}, "graphql"),
        ({"graphql": "query { a "}, "graphql"),
    ],
)
def test_what_could_write_or_leave_the_url_is_refused_with_a_place(written: dict[str, Any], key: str) -> None:
    with pytest.raises(QueryMistake) as caught:
        HttpGrammar().make_body(HttpQuery.model_validate(written))
    assert caught.value.key == key


def test_words_in_texts_and_fields_are_no_operations() -> None:
    text = 'query { a(name: "mutation { b }") { mutation } } # subscription'
    assert HttpGrammar().make_body(HttpQuery(graphql=text))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("0.0.0.0", False),
        ("192.168.0.9", False), ("172.16.0.1", False), ("100.64.0.1", False), ("169.254.169.254", False),
        ("224.0.0.1", False), ("::", False), ("fe80::1%eth0", False), ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False), ("::ffff:10.0.0.1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_value_cannot_leave_its_piece_of_the_path() -> None:
    assert HttpGrammar().quote("../a b/ü?x#y") == "..%2Fa%20b%2F%C3%BC%3Fx%23y"
    for path in ("/a/..", "/a/.%2E/b", "/%2e%2E"):
        with pytest.raises(QueryMistake):
            HttpGrammar().make_body(HttpQuery(path=path))


def test_types_of_a_body_are_yaml_s() -> None:
    from mappings.resolve import resolve

    text = """key_results: {A: {api: {path: /search, method: POST, body: {n: 5, t: "5", b: true, o: "${kr.owner}"},
      records: results}, measure: count}}"""
    mappings, problems = resolve({"m.yaml": text}, {"api": HttpGrammar()})
    assert problems == ()
    from mappings.evaluate import expand
    from tests.unit.okr_rows import CYCLE, key_result

    bound = expand(
        mappings.key_results["A"], key_result("A", owner="7"), CYCLE, datetime(2026, 11, 22, tzinfo=UTC), UTC
    )
    sent = json.loads(bound.metrics[0].query.body.json)
    assert sent == {"n": 5, "t": "5", "b": True, "o": "7"}


def test_a_variable_cannot_change_an_expression() -> None:
    from mappings.resolve import resolve

    text = "key_results: {A: {api: {path: /x, records: 'data[?a == `${kr.id}`]'}, measure: count}}"
    _, [problem] = resolve({"m.yaml": text}, {"api": HttpGrammar()})
    assert "no variable may stand here" in problem.message
