"""The shop's connector, held to the contract against a stand-in of the shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from okr_sync_shop.connector import Orders, Shop
from werkzeug.wrappers import Request

from connectors.testing import TOKEN, Case, ConnectorContract, Spoil, StandIn
from mappings.model import Condition, Filter, Measure, Metric, Query
from sandbox.server import Server
from sandbox.wire import Answer, Fault, Service, json_response, route


class ShopService(Service):
    """The shop as its documentation has it: unknown states are refused, 100 orders a page."""

    name = "shop"

    @route("GET", "/v1/orders")
    def orders(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return json_response({"message": "Who are you?"}, 401)
        state, page = request.args["state"], int(request.args["page"])
        if state not in {"all", "paid"}:
            return json_response({"message": f"There is no state {state}."}, 400)
        listed = ORDERS if state == "all" else ORDERS[:50]
        start, last = 100 * (page - 1), 100 * page >= len(listed)
        return {"orders": listed[start : start + 100], "next_page": None if last else page + 1}


ORDERS = [
    {"id": number, "number": f"No. {number}", "amount": 0.1, "tags": ["größe", "漢字", "🚀"] if number < 2 else []}
    for number in range(250)
]


@dataclass
class ShopStandIn:
    """The stand-in as the contract wants it."""

    service: ShopService

    @property
    def url(self) -> str:
        return self.service.url

    def calls(self) -> list[str]:
        return [f"{logged.method} {logged.path}" for logged in self.service.requests]

    def spoil(self, spoil: Spoil) -> None:
        fault = Fault(kind=spoil.kind, status=spoil.status, retry_after=spoil.retry_after)  # type: ignore[arg-type]
        fault.times, fault.skip = spoil.times, spoil.skip
        self.service.faults.add(fault)


def metric(measure: str = "count", field: str | None = None, *only: Condition, state: str = "all") -> Metric:
    return Metric(Query("shop", Orders(state), Filter(only)), Measure(measure, field))


NOBODY = Condition("customer", "=", ("nobody",))
TAGGED = Condition("tags", "in", ("größe", "漢字", "🚀"))


class TestShop(ConnectorContract):
    factory = Shop()
    exact = Case(metric("sum", "amount"), Decimal("25.0"))
    paged = Case(metric(), Decimal(250))
    unicode = Case(metric("distinct", "tags", TAGGED), Decimal(3))
    none = metric("avg", "amount", NOBODY)
    no_records = Case(metric("count", None, NOBODY, state="paid"), Decimal(0))
    missing_field = (metric("sum", "amuont"), "amuont")
    broken = metric(state="lost")
    budget = ((metric(), metric("sum", "amount"), metric("max", "amount", TAGGED)), 3)
    bad_options = (({"url": "shop"}, "url"),)

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        with Server(service := ShopService()):
            yield ShopStandIn(service)
        assert service.failures == []

    def options(self, url: str) -> dict[str, Any]:
        return {"url": url, "token": "env:SOURCE_TOKEN"}
