import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.goalposts import FIELDS as GOALPOSTS
from okr.goalposts import OBJECTIVE_FIELDS, Move
from okr.model import Point
from sync.sheet.layout import LAYOUT_VERSION, Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, Good, Head, Hold, LedgerError, OpenProblem, Part, RowKey
from sync.sheet.ledger_tab import parse_ledger
from sync.sheet.ledger_text import (
    LEDGER_VERSION,
    parse_entry,
    parse_head,
    parse_row_key,
    parse_value,
    render_entry,
    render_head,
    render_value,
)
from sync.sheet.store import RawTab
from tests.unit.sync_sheets import HEAD, HEARTBEAT, cell, entry_of, ledger_tab, row_key

D = Decimal
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
CANON = st.none() | TEXTS | NUMBERS | DAYS
MOMENTS = st.builds(datetime.combine, DAYS, st.times(), st.just(UTC))
FIELDS = st.sampled_from(Field)
GOODS = st.builds(
    Good,
    NUMBERS,
    st.none() | MOMENTS,
    TEXTS,
    st.dictionaries(TEXTS, NUMBERS, max_size=2).map(lambda d: (*d.items(),)),
    st.none() | st.tuples(NUMBERS, NUMBERS),
)
ENTRIES = st.builds(
    Entry,
    bases=st.dictionaries(FIELDS, CANON, max_size=3),
    previous=st.dictionaries(FIELDS, CANON, max_size=3),
    holds=st.dictionaries(FIELDS, st.builds(Hold, DAYS, CANON), max_size=3),
    good=st.none() | GOODS,
    gap=TEXTS,
    definition=TEXTS,
    rule=TEXTS,
    doubt_days=st.just(0),
    updated=st.none() | DAYS,
    points=st.lists(st.builds(Point, DAYS, NUMBERS), max_size=3).map(tuple),
    link=st.sampled_from(["", "00000000", "9ac3e1f0"]),
    doubled=st.booleans(),
    moves=st.lists(
        st.builds(Move, DAYS, st.sampled_from((*GOALPOSTS, *OBJECTIVE_FIELDS)), TEXTS, TEXTS), max_size=2
    ).map(tuple),
) | st.builds(Entry, doubt_days=st.integers(1, 30), doubted=DAYS)
HEADS = st.builds(
    Head,
    sheet_id=TEXTS,
    epoch=TEXTS,
    revision=st.integers(0, 10**6),
    config=TEXTS,
    run=TEXTS,
    refreshed=st.none() | DAYS,
    layout=st.integers(1, LAYOUT_VERSION),
    columns=st.dictionaries(
        TEXTS, st.dictionaries(TEXTS, st.tuples(st.integers(0, 99), TEXTS), max_size=2), max_size=2
    ),
    tabs=st.dictionaries(TEXTS, st.integers(0, 2**31), max_size=2),
    adopted=st.frozensets(TEXTS, max_size=3),
    problems=st.dictionaries(TEXTS, st.builds(OpenProblem, st.none() | st.dates(), TEXTS), max_size=3),
)


@given(value=CANON)
def test_values_come_back(value):
    found = parse_value(render_value(value))
    assert found == value
    assert type(found) is type(value)


@given(entry=ENTRIES)
def test_entries_come_back_and_encode_to_the_same_text(entry):
    text = render_entry(entry)
    assert parse_entry(text) == entry
    assert render_entry(parse_entry(text)) == text  # else an unchanged line would be written by every run


@given(head=HEADS)
def test_heads_come_back(head):
    text = render_head(head)
    assert parse_head(text) == head
    assert render_head(parse_head(text)) == text


def test_an_empty_entry_says_nothing():
    assert render_entry(NO_ENTRY) == "{}"
    assert parse_entry("{}") == NO_ENTRY


def test_an_empty_base_is_not_the_same_as_none():
    """The machine wrote an empty cell: what a person types there later is a hold, no takeover."""
    entry = entry_of(forecast=None)
    assert Field.FORECAST in parse_entry(render_entry(entry)).bases


def test_fields_of_other_versions_are_passed_over():
    text = '{"b":{"score":"n0.5","mood":"tgood"},"h":{"mood":["2026-11-01","tbad"]},"z":1}'
    assert parse_entry(text) == entry_of(score=D("0.5"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"v":"one"}',
        '{"v":null}',
        "null",
        '{"v":1,"rev":"x"}',
        '{"v":1,"columns":[1]}',
        '{"v":1,"refreshed":"soon"}',
        '{"v":1,"adopted":1}',
    ],
)
def test_a_damaged_head_is_refused_with_the_way_out(text):
    with pytest.raises(LedgerError, match="can't be read") as error:
        parse_head(text)
    assert "okr-sync layout" in error.value.fix


def test_a_newer_head_is_refused():
    parts = json.loads(render_head(HEAD)) | {"v": LEDGER_VERSION + 1}
    with pytest.raises(LedgerError, match="newer okr-sync") as error:
        parse_head(json.dumps(parts))
    assert "Upgrade" in error.value.fix
    assert "Nothing was written" in error.value.fix


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (RowKey(Tab.KEY_RESULTS, "2026-Q4", "WEB-1.1"), "Key Results|2026-Q4|WEB-1.1"),
        (RowKey(Tab.KPIS, "", "K|1"), "KPIs||K|1"),
    ],
)
def test_keys_come_back(key, text):
    assert str(key) == text
    assert parse_row_key(text) == key


@pytest.mark.parametrize("text", ["", "Key Results", "Key Results|Q4", "Tasks|Q4|A"])
def test_other_lines_are_no_keys(text):
    assert parse_row_key(text) is None


# The tab


def test_the_tab_is_read_with_its_lines():
    entries = {row_key("A"): entry_of(score=D("0.5")), row_key("K", Tab.KPIS): entry_of(status="On track")}
    ledger, problems = parse_ledger(ledger_tab(entries))
    assert (ledger.head, ledger.heartbeat, problems) == (HEAD, HEARTBEAT, ())
    assert ledger.entries == entries
    assert ledger.lines == {row_key("A"): 1, row_key("K", Tab.KPIS): 2}
    assert ledger.next_row == 3
    assert ledger.texts[row_key("A")] == '{"b":{"score":"n0.5"}}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '"{}"',
        "null",
        '{"b":{"score":"nfive"}}',
        '{"b":{"score":5}}',
        '{"b":[1]}',
        '{"u":"soon"}',
        '{"u":7}',
        '{"w":[["2026-11-01"]]}',
        '{"w":7}',
        '{"h":{"score":[]}}',
        '{"g":["n1"]}',
        '{"g":["n5",null,"",{}]}',
        "[" * 10_000,
        '{"q":[1]}',
        '{"q":7}',
        '{"b":{"score":"d2026-99-01"}}',
        '{"x":7}',
        '{"d":["a"]}',
        '{"b":{"current":"nNaN"}}',
        '{"b":{"current":""}}',
    ],
)
def test_a_damaged_line_is_a_problem_and_counts_as_unknown(text):
    ledger, problems = parse_ledger(ledger_tab({row_key("A"): text, row_key("B"): entry_of(score=D(1))}))
    assert ledger.damaged == {row_key("A")}
    assert set(ledger.entries) == {row_key("B")}
    assert ledger.lines[row_key("A")] == 1  # the line is written again where it stands
    assert ledger.texts[row_key("A")] == text
    (problem,) = problems
    assert (problem.code, problem.subject, str(problem.place)) == ("sheet.ledger-line", "A", "_okr_sync!B2")
    assert "release" in problem.fix


@given(text=st.text(max_size=20) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("bphgxdrquw"), inner, max_size=3),
).map(json.dumps))  # fmt: skip
def test_no_line_however_damaged_stops_the_rest(text):
    ledger, _ = parse_ledger(ledger_tab({row_key("A"): text, row_key("B"): entry_of(score=D(1))}))
    assert row_key("B") in ledger.entries
    if row_key("A") in ledger.entries:
        entry = ledger.entries[row_key("A")]
        assert parse_entry(render_entry(entry)) == entry


def test_lines_that_are_not_ours_and_second_lines_are_passed_over():
    tab = ledger_tab({row_key("A"): entry_of(score=D(1))})
    more = ((cell("a remark"),), (), (cell(str(row_key("A"))), cell("{}")))
    ledger, problems = parse_ledger(RawTab(99, tab.title, cells=(*tab.cells, *more)))
    assert ledger.entries == {row_key("A"): entry_of(score=D(1))}
    assert ledger.next_row == 5
    assert problems == ()


def test_without_a_heartbeat_there_is_none():
    assert parse_ledger(ledger_tab(heartbeat=None))[0].heartbeat is None


@pytest.mark.parametrize("count", [1, 3, 12])
def test_the_head_fits_into_a_cell_however_many_configs_have_problems(count):
    """A workbook's cell holds 32,767 characters; each config keeps the problems that it has had for longest."""
    day = date(2026, 11, 1)
    problems = {f"{number:08x}": OpenProblem(day + timedelta(days=number // 50), "w" * 90) for number in range(1000)}
    parts = {f"team {number}": Part((f"T{number}-*",), problems, day) for number in range(count)}
    columns = {"Key Results": {f"field {at}": (at, "A header of some length") for at in range(31)}}
    head = Head("s" * 44, "e", parts=parts, columns=columns)
    text = render_head(head)
    assert len(text) < 32_767
    found = parse_head(text).parts
    assert set(found) == set(parts)
    for part in found.values():
        kept = sorted(part.problems)
        assert kept == sorted(problems)[: len(kept)]
        assert len(kept) >= 60


def test_what_fits_is_kept_with_its_words():
    problems = {f"{number:08x}": OpenProblem(date(2026, 11, 1), "w" * 90) for number in range(60)}
    head = Head("s", "e", parts={"a": Part(("A",), problems), "b": Part(("B",), problems)})
    assert parse_head(render_head(head)).parts == head.parts


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22", "2026-11-22T06:30:00", None])
def test_a_heartbeat_that_somebody_damaged_is_none(text):
    """One without a zone is nobody's moment either."""
    tab = ledger_tab()
    damaged = replace(tab, cells=((*tab.cells[0][:3], cell(text)), *tab.cells[1:]))
    assert parse_ledger(damaged)[0].heartbeat is None
    assert parse_ledger(tab)[0].heartbeat == HEARTBEAT
