"""Recipes: each passes the connectors' contract against its service's documented shapes; its facts name a source."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from connectors.http_grammar import HttpBody
from connectors.recipe import Recipe, load_recipe
from connectors.registry import load_factory, recipe_kinds
from connectors.testing import Case, ConnectorContract, FakeTime, StandIn
from mappings.model import Condition, Filter, GapKind, Measure, Metric, Query, Window
from mappings.resolve import resolve
from sandbox.server import Server
from sandbox.wire import Service
from tests.contract import recipe_services as services
from tests.contract.stand_in import SandboxStandIn

BERLIN = ZoneInfo("Europe/Berlin")


def body(kind: str, **written: Any) -> HttpBody:
    grammar = Recipe(kind).grammar
    made = grammar.make_body(grammar.form().model_validate(written))
    assert isinstance(made, HttpBody)
    return made


def is_(field: str, *values: str) -> Filter:
    return Filter((Condition(field, "in" if len(values) > 1 else "=", values),))


def metric(
    query: HttpBody, measure: str = "count", field: str | None = None, only: Filter | None = None, **more: Any
) -> Metric:
    return Metric(Query("it", query, only or Filter()), Measure(measure, field, **more))


class RecipeContract(ConnectorContract):
    """What is the same for all: a list of 230, by 100 a page."""

    vendor: ClassVar[type[Service]]
    path: ClassVar[str] = ""
    settings: ClassVar[dict[str, str]] = {}
    bad_options = (({"url": "ftp://x"}, "url"), ({"rate": -1}, "rate"))

    @contextmanager
    def stand_in(self) -> Iterator[StandIn]:
        service = self.vendor()
        with Server(service):
            yield SandboxStandIn(service)
        assert service.failures == []

    def options(self, url: str) -> dict[str, Any]:
        return {
            "url": f"{url}{self.path}",
            "token": "env:SOURCE_TOKEN",
            "allow_private": "true",
            "rate": "100",
            **self.settings,
        }


def contract(
    of: HttpBody,
    amount: str,
    stage: str,
    tag: str,
    *,
    nothing: HttpBody,
    broken: HttpBody,
    total: Decimal,
    won: str = "Won",
) -> dict[str, Any]:
    """The contract's cases over one service's words."""
    return {
        "exact": Case(metric(of, "sum", amount), total),
        "paged": Case(metric(of, only=Filter((Condition(amount, "!=", ("x",)),))), Decimal(services.COUNT)),
        "unicode": Case(metric(of, "count", None, is_(tag, "größe 🚀", "漢字")), Decimal(6)),
        "none": metric(nothing, "avg", amount),
        "no_records": Case(metric(nothing), Decimal(0)),
        "missing_field": (metric(of, "sum", "amuont"), "amuont"),
        "broken": metric(broken),
        "budget": (
            (metric(of), metric(of, "sum", amount), metric(of, "share", of=(Condition(stage, "=", (won,)),))),
            4,
        ),
        "reads": frozenset(
            {"GET", "POST /graphql", "POST /crm/v3/objects/deals/search", "POST /v1/data_sources/d1/query"}
        ),
    }


class TestLinear(RecipeContract):
    factory = load_factory("linear")
    vendor = services.Linear
    vars().update(
        contract(
            body("linear", list="issues"),
            "estimate", "status", "team name",
            nothing=body("linear", list="issues", filter={"state": {"name": {"eq": "Nothing"}}}),
            broken=body("linear", list="issues", filter={"stat": {"name": {"eq": "Won"}}}),
            total=Decimal("22.9"),
        )
    )  # fmt: skip


NO_DEAL = [{"filters": [{"propertyName": "dealstage", "operator": "EQ", "value": "Nothing"}]}]
NO_ROW = {"property": "Stage", "select": {"equals": "Nothing"}}


class TestHubspot(RecipeContract):
    factory = load_factory("hubspot")
    vendor = services.Hubspot
    vars().update(
        contract(
            body("hubspot", list="search", object="deals"),
            "amount", "dealstage", "tag",
            nothing=body("hubspot", list="search", object="deals", filterGroups=NO_DEAL),
            broken=body("hubspot", list="search", object="dealz"),
            total=Decimal("22.9"),
        )
    )  # fmt: skip

    def test_more_than_can_be_paged_is_counted_but_never_summed_in_part(self, time: FakeTime) -> None:
        every = body("hubspot", list="search", object="deals")
        with self.stand_in() as service:
            service.service.copies = 50  # type: ignore[attr-defined]
            assert self.value(service, time, metric(every)) == 50 * services.COUNT
            gap = self.gap(service, time, metric(every, "sum", "amount"))
        assert gap.kind is GapKind.MISREAD
        assert "10,000" in gap.reason


class TestNotion(RecipeContract):
    factory = load_factory("notion")
    vendor = services.Notion
    path = "/v1"
    vars().update(
        contract(
            body("notion", list="rows", data_source="d1"),
            "Amount", "Stage", "Tags",
            nothing=body("notion", list="rows", data_source="d1", filter=NO_ROW),
            broken=body("notion", list="rows", data_source="d2"),
            total=Decimal("22.9"),
        )
    )  # fmt: skip

    def test_properties_of_every_type(self, service: StandIn, time: FakeTime) -> None:
        rows = body("notion", list="rows", data_source="d1")
        window = Window("Closed", datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 10, 7, tzinfo=BERLIN))
        asked = {
            metric(rows, "sum", "Double"): 460,
            metric(rows, "sum", "Sum"): 690,
            metric(rows, "count", None, is_("Name", "Row 3")): 1,
            metric(rows, "count", None, Filter((), window)): sum(n % 28 + 1 in (5, 6) for n in range(230)),
        }
        found = self.ask(service, time, *asked)
        assert {one: outcome.value for one, outcome in found.items()} == asked  # type: ignore[union-attr]


class TestZendesk(RecipeContract):
    factory = load_factory("zendesk")
    vendor = services.Zendesk
    path = "/api/v2"
    settings: ClassVar[dict[str, str]] = {"subdomain": "acme", "email": "ops@acme.example"}
    bad_options = (
        ({"subdomain": "evil.example/"}, "subdomain"),
        ({"email": "nobody"}, "email"),
    )
    vars().update(
        contract(
            body("zendesk", list="tickets", query="type:ticket"),
            "id", "status", "tags",
            nothing=body("zendesk", list="tickets", query="status:nothing"),
            broken=body("zendesk", list="tickets", query="((("),
            total=Decimal(sum(range(230))),
        )
    )  # fmt: skip

    def test_a_count_needs_one_call(self, service: StandIn, time: FakeTime) -> None:
        assert self.value(service, time, metric(body("zendesk", list="count", query="type:ticket status:Won"))) == 23
        assert len(service.calls()) == 1

    def test_its_address_is_made_of_the_subdomain(self) -> None:
        from connectors.testing import make_options

        options = make_options(self.factory, {"token": "env:T", **self.settings}, {"T": "z3nd3sk-t0k3n-of-the-test"})
        assert self.factory.make("it", options, FakeTime().around())._options.url == "https://acme.zendesk.com/api/v2"  # type: ignore[attr-defined]


class TestStripe(RecipeContract):
    factory = load_factory("stripe")
    vendor = services.Stripe
    path = "/v1"
    vars().update(
        contract(
            body("stripe", list="invoices"),
            "amount_paid", "status", "number",
            nothing=body("stripe", list="invoices", status="void"),
            broken=body("stripe", list="invoices", status="payed"),
            total=Decimal(229 * 1001),
            won="paid",
        )
    )  # fmt: skip

    def test_moments_are_dates(self, service: StandIn, time: FakeTime) -> None:
        window = Window("created", datetime(2026, 10, 5, tzinfo=BERLIN), datetime(2026, 10, 8, tzinfo=BERLIN))
        assert self.value(service, time, metric(body("stripe", list="invoices"), only=Filter((), window))) == 3


class TestAsana(RecipeContract):
    factory = load_factory("asana")
    vendor = services.Asana
    path = "/api/1.0"
    vars().update(
        contract(
            body("asana", list="tasks", project="11"),
            "Amount", "Stage", "Tag",
            nothing=body("asana", list="tasks", project="12"),
            broken=body("asana", list="tasks", project="99"),
            total=Decimal("22.9"),
        )
    )  # fmt: skip


@pytest.mark.parametrize("kind", recipe_kinds())
class TestEvery:
    def test_its_facts_have_sources_and_a_date(self, kind: str) -> None:
        recipe = load_recipe(kind)
        assert all(url.startswith("https://") for url in recipe["sources"])
        assert len(recipe["sources"]) >= 3
        assert isinstance(recipe["checked"], date)
        assert recipe["rate"] > 0
        assert set(recipe["limits"]) == {"calls", "page"}
        assert any("limit" in url for url in recipe["sources"])
        assert recipe["url"].startswith("https://")

    def test_its_examples_are_right(self, kind: str) -> None:
        for name, found in load_recipe(kind)["lists"].items():
            text = f"key_results: {{A: {found['example']}}}"
            mappings, problems = resolve({"m.yaml": text}, {kind: load_factory(kind).grammar})
            assert problems == (), problems
            assert mappings.key_results["A"]
            assert name in found["example"]

    def test_a_missing_key_says_what_it_is(self, kind: str) -> None:
        for name, found in load_recipe(kind)["lists"].items():
            if found.get("needs"):
                text = f"key_results: {{A: {{{kind}: {name}, measure: count}}}}"
                _, problems = resolve({"m.yaml": text}, {kind: load_factory(kind).grammar})
                assert min(found["needs"]) in problems[0].message


def test_a_value_cannot_leave_its_piece_of_the_path() -> None:
    made = body("hubspot", list="search", object="../../evil?x=")
    assert made.path == "/crm/v3/objects/..%2F..%2Fevil%3Fx%3D/search"
