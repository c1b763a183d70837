from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from okr.model import Key, KeyResultResult, Level, ObjectiveResult, Okrs, Scorecard, Status
from sync.sheet.dashboard import (
    COLUMNS,
    ENGINE_NOTE,
    KEY_RESULTS_AT_MOST,
    SECTION_AT_MOST,
    DashboardFacts,
    draw_dashboard,
    draw_empty_dashboard,
)
from sync.sheet.style import BAR_STYLE, STATUS_STYLE, Style
from tests.unit.okr_rows import CYCLE, TODAY, key_result, objective

D = Decimal
COLOURED = {
    Style.GOOD,
    Style.WARN,
    Style.BAD,
    Style.DONE,
    Style.BAR_GOOD,
    Style.BAR_WARN,
    Style.BAR_BAD,
    Style.BAR_DONE,
}


def result(own_id, score="0.5", status=Status.ON_TRACK, change=None):
    number = None if score is None else D(score)
    change = None if change is None else D(change)
    return KeyResultResult(Key("2026-Q4", own_id), number, number, number, status, f"why {own_id}", change=change)


def facts_of(*results, objectives=(), parents=None, **rest):
    """Facts of these key results; each belongs to the objective before its dot."""
    key_results = tuple(key_result(item.key.id, objective=item.key.id.split(".")[0], owner="Mira") for item in results)
    known = [objective(own_id, parent=(parents or {}).get(own_id)) for own_id in objectives]
    shown = {item.key: ObjectiveResult(item.key, D("0.5"), Status.ON_TRACK, "It moves.", "1 of 1") for item in known}
    okrs = Okrs({CYCLE.name: CYCLE}, tuple(known), key_results, (), (), ())
    card = Scorecard(TODAY, {item.key: item for item in results}, shown, {})
    return DashboardFacts("Acme", CYCLE, datetime(2026, 11, 20, 7, 5, tzinfo=UTC), okrs, card, **rest)


def lines(drawing):
    """Every row's texts."""
    return [[draw.value for draw in row if draw is not None and draw.value is not None] for row in drawing.rows]


def headings(drawing):
    return [row[0].value for row in drawing.rows if row and row[0] and row[0].style is Style.HEADING]


def rows_of(drawing, own_id):
    return [
        row
        for row in drawing.rows
        if row and row[0] and str(row[0].value).strip().startswith(f"{own_id}  ") and len(row) == COLUMNS
    ]


def test_head_says_which_cycle_how_far_and_when():
    drawing = draw_dashboard(facts_of())
    (title,), (about,) = drawing.rows[0], drawing.rows[1]
    assert (title.value, title.note, title.span) == ("Acme", ENGINE_NOTE, COLUMNS)
    assert about.value == (
        "2026-Q4: 1 Oct to 31 Dec 2026  ·  day 53 of 92 (57 %)  ·  last change written 20 Nov 2026 at 07:05"
    )


@pytest.mark.parametrize(
    ("day", "passed"), [(date(2026, 9, 1), "day 0 of 92 (0 %)"), (date(2027, 2, 1), "day 92 of 92 (100 %)")]
)
def test_days_outside_the_cycle(day, passed):
    facts = facts_of()
    drawing = draw_dashboard(replace(facts, card=replace(facts.card, day=day)))
    assert passed in drawing.rows[1][0].value


def test_counts_by_status():
    results = [result(f"O.{at}") for at in range(3)] + [result("O.4", status=Status.OFF_TRACK)]
    said = [text for line in lines(draw_dashboard(facts_of(*results))) for text in line if "█  " in str(text)]
    assert [text.split("  ")[1] for text in said] == ["3 On track", "1 Off track"]
    assert said[0].count("█") > said[1].count("█") > 0
    assert "At a glance: 4 key results" in headings(draw_dashboard(facts_of(*results)))


def test_key_results_of_other_cycles_and_second_rows_are_not_counted():
    facts = facts_of(result("O.1"))
    other = replace(facts.okrs.key_results[0], key=Key("2026-Q3", "O.9"))
    okrs = replace(facts.okrs, key_results=(*facts.okrs.key_results * 2, other))
    card = replace(facts.card, key_results={**facts.card.key_results, other.key: replace(result("O.9"), key=other.key)})
    drawing = draw_dashboard(replace(facts, okrs=okrs, card=card))
    assert "At a glance: 1 key results" in headings(drawing)
    assert not rows_of(drawing, "O.9")


def test_sections_stand_there_only_with_content():
    least = draw_dashboard(facts_of(result("O.1")))
    assert headings(least) == ["At a glance: 1 key results"]
    assert not any(one == two == () for one, two in pairwise(least.rows))
    full = facts_of(
        result("O.1", status=Status.OFF_TRACK, change="0.2"),
        result("O.2", status=Status.ACHIEVED),
        objectives=("O",),
        held=["held one"],
        waiting=["waiting one"],
        gaps={"jira could not be reached": ["O.1"]},
    )
    assert headings(draw_dashboard(full)) == [
        "At a glance: 2 key results",
        "Needs attention",
        "Without a fresh reading: the last good value stays, with its date",
        "Objectives and key results",
        "Moved most in 14 days",
        "Achieved",
        "Waiting for somebody to accept",
        "Typed over by people, and kept",
    ]
    said = [text for line in lines(draw_dashboard(full)) for text in line]
    assert {"held one", "waiting one", "jira could not be reached"} <= set(said)


def test_attention_begins_with_the_worst_and_says_how_many_there_are():
    results = [
        result("O.1", "0.3", Status.AT_RISK),
        result("O.2", "0.2", Status.OFF_TRACK),
        result("O.3", "0.1", Status.OFF_TRACK),
        result("O.4", "0.0", Status.MISSED),
        result("O.5", None, Status.NO_DATA),
        *(result(f"P.{at}", "0.5", Status.AT_RISK) for at in range(6)),
    ]
    drawing = draw_dashboard(facts_of(*results))
    assert headings(drawing)[1] == f"Needs attention: {SECTION_AT_MOST} of 10"
    named = [str(line[0]).split()[0] for line in lines(drawing) if line and str(line[0]).startswith(("O.", "P."))]
    assert named[:4] == ["O.3", "O.2", "O.4", "O.1"]
    assert len(named) == SECTION_AT_MOST


def test_movers_by_how_far_whichever_way():
    results = [result("O.1", change="0.1"), result("O.2", change="-0.3"), result("O.3", change="0"), result("O.4")]
    drawing = draw_dashboard(facts_of(*results))
    assert [str(line[0]).split()[0] for line in lines(drawing) if line and str(line[0]).startswith("O.")] == [
        "O.2",
        "O.1",
    ]


@pytest.mark.parametrize("status", [status for status in Status if status in BAR_STYLE])
def test_stale_is_never_green(status):
    item = result("O.1", status=status, change="0.2")
    fresh = rows_of(draw_dashboard(facts_of(item, objectives=("O",))), "O.1")
    assert fresh
    assert all(row[4].style is STATUS_STYLE[status] and row[2].style is BAR_STYLE[status] for row in fresh)
    stale = rows_of(draw_dashboard(facts_of(item, objectives=("O",), stale=frozenset({item.key}))), "O.1")
    assert len(stale) == len(fresh)
    for row in stale:
        assert row[4].value == status.value  # the word stays
        assert not {draw.style for draw in row if draw} & COLOURED


def test_without_a_score_there_is_no_bar():
    item = result("O.1", None, Status.OFF_TRACK)
    (row,) = rows_of(draw_dashboard(facts_of(item)), "O.1")
    assert (row[2], row[3], row[4].value) == (None, None, "Off track")


def test_an_owner_who_is_missing_is_said():
    facts = facts_of(result("O.1", status=Status.OFF_TRACK))
    nobody = replace(facts.okrs, key_results=(replace(facts.okrs.key_results[0], owner=""),))
    (row,) = rows_of(draw_dashboard(replace(facts, okrs=nobody)), "O.1")
    assert row[1].value == "no owner"


# The tree


def tree(drawing):
    """The ids of the tree with their depth."""
    at = next(at for at, row in enumerate(drawing.rows) if row and row[0].value == "Objectives and key results")
    texts = [str(row[0].value) for row in drawing.rows[at + 1 :] if row and len(row) == COLUMNS]
    return [((len(text) - len(text.lstrip())) // 6, text.split()[0]) for text in texts if "  " in text]


def test_the_tree_goes_from_parents_to_children_with_their_key_results():
    facts = facts_of(result("W.1"), result("C.1"), objectives=("W", "C", "X"), parents={"W": "C", "X": "nowhere"})
    assert tree(draw_dashboard(facts)) == [(0, "C"), (1, "C.1"), (1, "W"), (2, "W.1"), (0, "X")]


def test_below_an_objective_whose_parent_is_gone_the_tree_goes_on():
    facts = facts_of(objectives=("Y", "X"), parents={"Y": "X", "X": "nowhere"})
    assert tree(draw_dashboard(facts)) == [(0, "X"), (1, "Y")]


@pytest.mark.parametrize("parents", [{"A": "B", "B": "A"}, {"A": "A"}, {"A": "B", "B": "C", "C": "B"}])
def test_circles_of_parents_are_drawn_all_the_same(parents):
    facts = facts_of(result("A.1"), objectives=tuple(parents), parents=parents)
    ids = [own_id for _, own_id in tree(draw_dashboard(facts))]
    assert sorted(ids) == sorted([*parents, "A.1"])


@pytest.mark.parametrize(("count", "drawn"), [(KEY_RESULTS_AT_MOST, KEY_RESULTS_AT_MOST), (KEY_RESULTS_AT_MOST + 1, 0)])
def test_a_large_company_sees_its_objectives(count, drawn):
    facts = facts_of(*(result(f"O.{at}") for at in range(count)), objectives=("O",))
    ids = [own_id for _, own_id in tree(draw_dashboard(facts))]
    assert ids[0] == "O"
    assert len(ids) - 1 == drawn


def test_objectives_say_whose_they_are_and_why():
    facts = facts_of(objectives=("O",))
    named = replace(facts.okrs.objectives[0], team="Web", level=Level.COMPANY)
    (row,) = rows_of(draw_dashboard(replace(facts, okrs=replace(facts.okrs, objectives=(named,)))), "O")

    assert (row[1].value, row[-1].value) == ("Web", "Company. It moves.")


def test_gaps_name_eight_and_count_the_rest():
    gaps = {"jira could not be reached": [f"A.{at}" for at in range(10)]}
    (line,) = [line for line in lines(draw_dashboard(facts_of(gaps=gaps))) if line and line[0] in gaps]
    assert line[1:] == [D(10), "A.0, A.1, A.2, A.3, A.4, A.5, A.6, A.7 and 2 more"]


def test_every_row_fits_the_columns():
    facts = facts_of(
        result("O.1", status=Status.OFF_TRACK, change="0.1"), objectives=("O",), held=["x"], gaps={"y": ["z"]}
    )
    for row in draw_dashboard(facts).rows:
        assert sum(draw.span if draw else 1 for draw in row) <= COLUMNS


def test_the_dashboard_before_the_first_run():
    drawing = draw_empty_dashboard("Acme")
    assert drawing.rows[0][0].value == "Acme"
    assert drawing.rows[0][0].note == ENGINE_NOTE
    assert "okr-sync" in drawing.rows[1][0].value
