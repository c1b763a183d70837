"""docs/connectors/prometheus.md and the cookbook: every example gives its true number on a real Prometheus."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.prometheus import Prometheus
from mappings.evaluate import expand
from mappings.model import Reading
from mappings.resolve import resolve
from okr.model import Cycle
from tests.contract.test_prometheus import ask
from tests.docs.pages import blocks, read
from tests.support.prometheus_server import NOW, moments, needs_prometheus, serving_prometheus, success
from tests.unit.okr_rows import key_result

pytestmark = needs_prometheus
PAGE = blocks(read("docs/connectors/prometheus.md"), "yaml")[1]
COOKBOOK = read("docs/cookbook/36-availability.yaml")
CYCLE = Cycle("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
WEEK = datetime(2026, 2, 14, tzinfo=UTC)


def numbers(instance, since=None):
    return [success(number, instance) for number, at in enumerate(moments()) if since is None or at >= since]


def both(since=None):
    return list(zip(numbers("a", since), numbers("b", since), strict=True))


def mean(found):
    found = list(found)
    return sum(found) / len(found)


def quarters():
    """The cycle has a step of 15 minutes, from the first of January."""
    return [both()[number] for number, at in enumerate(moments()) if at.minute % 15 == 0]


TRUE = {
    "SLO-1": 0.99,
    "SLO-2": mean(map(mean, both())),
    "SLO-3": mean(at.hour >= 6 for at in moments() if at >= WEEK),
    "SLO-4": mean(map(mean, quarters())),
    "SLO-5": min(mean(pair) for pair, at in zip(both(), moments(), strict=True) if at >= WEEK and at.minute == 0),
    "SLO-6": numbers("a")[-1],
    "OUT-1": sum(0 in pair for pair in both(WEEK)),
    "ERR-1": 0,
}


@pytest.fixture(scope="module")
def outcomes():
    found = {}
    with serving_prometheus() as url:
        for text in (PAGE, COOKBOOK):
            mappings, problems = resolve({"prometheus.md": text}, {"prometheus": Prometheus.grammar})
            assert problems == ()
            for id_, each in mappings.key_results.items():
                [metric] = expand(each, key_result(id_), CYCLE, NOW, UTC).metrics
                asked = replace(metric, query=replace(metric.query, source="prom"))
                found[id_ if text is PAGE else "cookbook"] = ask(url, asked)[0]
    return found


def test_every_example_gives_a_reading(outcomes):
    assert set(outcomes) == {*TRUE, "cookbook"}
    assert [id_ for id_, found in outcomes.items() if not isinstance(found, Reading)] == []


@pytest.mark.parametrize(("id_", "number"), [*TRUE.items(), ("cookbook", 0.99)])
def test_the_value_is_right(outcomes, id_, number):
    assert float(outcomes[id_].value) == pytest.approx(number, abs=0.0005)
