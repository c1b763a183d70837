"""Orders of a web shop: ``GET /v1/orders``, 100 a page, with the number of the next page until there is none."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.base import Limits, Scan, SourceMisread, Surroundings
from connectors.reply import Asked, classify, parse_answer
from connectors.value import parse_plain
from connectors.wire import Wire
from mappings.model import Filter, Measure, Metric, Outcome, Record

if TYPE_CHECKING:
    from pydantic import BaseModel
    from requests import Session

    from okr_sync_shop.forms import ShopOptions, ShopQuery

FIELDS = frozenset({"number", "customer", "amount", "tags", "placed"})


@dataclass(frozen=True, slots=True)
class Orders:
    """The body of a query: whatever is hashable, and equal for queries that one pass can serve."""

    state: str


class ShopGrammar:
    """What a query may say. Sends nothing."""

    kind = "shop"
    main = "orders"
    own_language: frozenset[str] = frozenset()

    def form(self) -> type[BaseModel]:
        from okr_sync_shop.forms import ShopQuery

        return ShopQuery

    def quote(self, text: str) -> str:
        return text

    def escape(self, text: str, quote: str) -> str:
        return text

    def make_body(self, query: ShopQuery) -> Hashable:
        return Orders(query.orders.strip())

    def check_use(self, body: Hashable, filter: Filter, measure: Measure) -> str | None:  # noqa: A002
        if measure.name == "percent_done" or measure.reads_timeline:
            return "The shop doesn't know what done means; write share: {…} with a field of its own."
        return None

    def render_query(self, body: Hashable, filter: Filter) -> str:  # noqa: A002
        assert isinstance(body, Orders)
        return " and ".join([f"{body.state} orders", *(f"{each.field} {each.op} …" for each in filter.conditions)])


class Shop:
    """The factory: what the entry point names."""

    kind = "shop"
    grammar = ShopGrammar()

    def options_form(self) -> type[BaseModel]:
        from okr_sync_shop.forms import ShopOptions

        return ShopOptions

    def make(self, name: str, options: ShopOptions, around: Surroundings) -> ShopConnector:
        return ShopConnector(name, options, around)


class ShopConnector:
    """One shop for one run. Several filters share one pass: okr-sync judges them itself."""

    kind = "shop"
    shares_scans = True

    def __init__(self, name: str, options: ShopOptions, around: Surroundings) -> None:
        self.name, self.limits = name, Limits(threads=2)
        self._options, self._around = options, around
        self._asked = Asked(name, urlsplit(options.url).netloc, str(options.token.reference))
        self._wire: Wire[Session] = Wire(self._asked, around, self._make_client, close_client=lambda one: one.close())

    def scan(self, scan: Scan) -> Iterator[Record]:
        assert isinstance(scan.body, Orders)
        if missing := scan.fields - FIELDS:
            names = ", ".join(sorted(missing))
            raise SourceMisread(f"An order has no field {names}.", fix=f"It has {sorted(FIELDS)}.", fields=missing)
        page: int | None = 1
        while page is not None:
            found = self._fetch_page(scan.body.state, page)
            try:
                yield from map(self._make_record, found["orders"])
                page = found["next_page"]
            except (KeyError, TypeError):
                raise SourceMisread(f"{self._asked.place} gave orders in an unknown shape.") from None

    def answer(self, metric: Metric) -> Outcome | None:
        return None

    def close(self) -> None:
        self._wire.close()

    def _fetch_page(self, state: str, page: int) -> dict[str, Any]:
        params = {"state": state, "page": str(page)}
        timeout = self._around.extra.get("timeout", (5, 30))

        def fetch(client: Session) -> dict[str, Any]:
            response = client.get(f"{self._options.url}/v1/orders", params=params, timeout=timeout)
            classify(response, self._asked, self._around.now())
            return parse_answer(response, self._asked)

        return self._wire.ask(fetch)

    def _make_record(self, order: dict[str, Any]) -> Record:
        values = {name: _parse(order.get(name)) for name in FIELDS}
        fields = {name: value for name, value in values.items() if value is not None}
        return Record(str(order["id"]), fields, link=f"{self._options.url}/orders/{order['id']}")

    def _make_client(self) -> Session:
        import requests

        session = requests.Session()
        session.headers["User-Agent"] = self._around.user_agent
        session.headers["Authorization"] = f"Bearer {self._options.token.reveal()}"
        return session


def _parse(found: Any) -> Any:
    return tuple(map(parse_plain, found)) or None if isinstance(found, list) else parse_plain(found)
