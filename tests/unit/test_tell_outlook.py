"""How a key result moves, as reports say it: trend, change, forecast, and how old its value is."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind
from okr.model import Key, Point
from sync.sheet.layout import Tab
from sync.sheet.ledger import NO_ENTRY, Good
from sync.tell.outlook import NO_OUTLOOK, Outlook, find_outlooks, outlook_json, render_outlook
from tests.unit.sync_plans import asked_of, plan_of
from tests.unit.sync_sheets import HEAD, NOW, Q4, TODAY, kr, ledger_tab, row_key

D = Decimal
A = row_key("A")
POINTS = tuple(
    Point(TODAY - timedelta(days=7 * weeks), D(score)) for weeks, score in ((3, "0.2"), (2, "0.3"), (1, "0.4"))
)


def outlook_of(row, asked=None, entry=NO_ENTRY):
    plan = plan_of({Tab.KEY_RESULTS: [row]}, asked or asked_of(), ledger=ledger_tab({A: entry}, HEAD))
    return find_outlooks(plan)[Key(Q4.name, "A")]


def test_all_of_it_comes_from_the_weekly_points_and_the_reading():
    found = outlook_of(kr("A"), asked_of(A=5), replace(NO_ENTRY, points=POINTS))
    assert (found.trend, found.change, found.as_of) == ("▂▃▄▅", D("0.2"), TODAY)
    assert found.forecast == D("1")
    assert list(render_outlook(found, TODAY)) == ["▂▃▄▅", "+0.20 in 14 days", "heading for 1.00"]


def test_an_old_value_says_so_and_why():
    down = Gap(GapKind.UNAVAILABLE, "503", source="jira")
    entry = replace(NO_ENTRY, good=Good(D(5), NOW - timedelta(days=9)))
    found = outlook_of(kr("A", current=5), asked_of(A=down), entry)
    assert found.is_stale
    assert list(render_outlook(found, TODAY)) == ["old value of 13 Nov", "jira could not be reached"]
    assert list(render_outlook(found, TODAY, "Last good value of 13 Nov: jira could not be reached.")) == []
    assert outlook_json(found) == {
        "trend": "▅",
        "change": None,
        "forecast": None,
        "as_of": date(2026, 11, 13),
        "gap": "jira could not be reached",
        "is_stale": True,
    }


def test_of_what_nothing_is_known_nothing_is_said():
    found = outlook_of(kr("A", current=None))
    assert (found.as_of, found.is_stale) == (None, False)
    assert list(render_outlook(found, TODAY)) == list(render_outlook(NO_OUTLOOK, TODAY)) == []


@pytest.mark.parametrize(
    ("change", "said"), [("-0.05", "−0.05 in 14 days"), ("0", "unchanged in 14 days"), ("0.3", "+0.30 in 14 days")]
)
def test_a_change_has_its_sign(change, said):
    assert list(render_outlook(Outlook(change=D(change)), TODAY)) == [said]


def test_a_value_of_some_days_ago_is_not_old_yet():
    found = Outlook(as_of=TODAY - timedelta(days=2))
    assert list(render_outlook(found, TODAY)) == ["value of 20 Nov"]
