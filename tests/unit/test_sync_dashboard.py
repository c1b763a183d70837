from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from okr.model import Key, Level, Status
from okr.problem import CellPlace
from sync.sheet.dashboard import draw_dashboard, draw_empty_dashboard
from sync.sheet.dashboard_head import ENGINE_NOTE, GLANCE_ROWS
from sync.sheet.dashboard_rows import COLUMNS, SECTION_AT_MOST
from sync.sheet.dashboard_tree import KEY_RESULTS_AT_MOST
from sync.sheet.rules import SYNC_ROW
from sync.sheet.style import BAR_STYLE, STATUS_STYLE, Style
from tests.unit.dashboards import facts_of, result

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


def lines(drawing):
    """Every row's texts."""
    return [[draw.value for draw in row if draw is not None and draw.value is not None] for row in drawing.rows]


def headings(drawing):
    """The sections' headings, without that of the numbers behind the charts, which is always there."""
    return [row[0].value for row in drawing.rows if row and row[0] and row[0].style is Style.HEADING][:-1]


def rows_of(drawing, own_id):
    return [row for row in drawing.rows if len(row) == COLUMNS and row[0] and row[0].value == own_id]


def ids_of(drawing, title):
    """The ids of a section's rows, in order."""
    at = next(at for at, row in enumerate(drawing.rows) if row and row[0] and str(row[0].value).startswith(title))
    found = []
    for row in drawing.rows[at + 1 :]:
        if not row:
            break
        if row[0] is not None:
            found.append(row[0].value)
    return found


def test_head_says_which_cycle_how_far_and_when():
    drawing = draw_dashboard(facts_of())
    (title, *_, label, tick), (about,) = drawing.rows[0], drawing.rows[1]
    assert (label.value, tick.value, tick.keeps) == ("Sync now", False, True)
    assert (title.value, title.note, title.span) == ("Acme", ENGINE_NOTE, COLUMNS - 2)
    assert about.value == "2026-Q4: 1 Oct to 31 Dec 2026  ·  day 53 of 92 (57 %)"


@pytest.mark.parametrize(
    ("gaps", "trouble", "style"),
    [
        ({}, "every source answered", Style.GOOD),
        ({"jira could not be reached": ["A", "B"], "no records": ["C"]}, "3 without a fresh reading", Style.WARN),
    ],
)
def test_the_last_sync_is_the_heartbeat_itself_with_its_trouble(gaps, trouble, style):
    drawing = draw_dashboard(facts_of(gaps=gaps, how="2 moved, 5 aged"))
    label, moment, found, _, how = drawing.rows[SYNC_ROW]
    assert (label.value, moment.formula) == ("Last sync", '=INDIRECT("_okr_sync!$C$1")')
    assert (found.value, found.style) == (trouble, style)
    assert how.value == "last change written 20 Nov at 07:05: 2 moved, 5 aged"
    assert how.is_passing


@pytest.mark.parametrize(
    ("day", "passed"), [(date(2026, 9, 1), "day 0 of 92 (0 %)"), (date(2027, 2, 1), "day 92 of 92 (100 %)")]
)
def test_days_outside_the_cycle(day, passed):
    facts = facts_of()
    drawing = draw_dashboard(replace(facts, card=replace(facts.card, day=day)))
    assert passed in drawing.rows[1][0].value


def test_counts_by_status():
    results = [result(f"O.{at}") for at in range(3)] + [result("O.4", status=Status.OFF_TRACK)]
    counts = {row[1].value.split("  ")[0]: row for row in draw_dashboard(facts_of(*results)).rows if is_count(row)}
    assert {word: row[0].value for word, row in counts.items()} == {"On track": 3, "Off track": 1}
    assert counts["Off track"][0].style is Style.BAD
    assert counts["On track"][1].value.count("█") > counts["Off track"][1].value.count("█") > 0
    assert "At a glance: 4 key results" in headings(draw_dashboard(facts_of(*results)))


def is_count(row):
    return len(row) == 2 and row[0] and "█" in str(row[1].value)


def test_the_one_number_is_the_average_beside_what_is_expected():
    facts = facts_of(result("O.1", "0.2"), result("O.2", "0.7"), result("O.3", None, Status.NO_DATA))
    card = replace(facts.card, key_results={k: replace(r, pace=D("0.6")) for k, r in facts.card.key_results.items()})
    row = draw_dashboard(replace(facts, card=card)).rows[4]
    assert (row[0].value, row[1].value) == (D("0.45"), "average score; 0.60 expected by now")


def test_nothing_known_is_no_zero():
    drawing = draw_dashboard(facts_of(result("O.1", None, Status.NO_DATA)))
    assert not any(draw and draw.style is Style.LEAD for row in drawing.rows for draw in row)


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
    below = least.rows[GLANCE_ROWS + 3 :]
    assert not any(one == two == () for one, two in pairwise(below))
    one, two = Key("2026-Q4", "O.1"), Key("2026-Q4", "O.2")
    full = facts_of(
        result("O.1", status=Status.OFF_TRACK),
        result("O.2", status=Status.ACHIEVED),
        objectives=("O",),
        held=["held one"],
        waiting=["waiting one"],
        gaps={"jira could not be reached": ["O.1"]},
        week={one: D("0.2")},
        won=frozenset({two}),
    )
    assert headings(draw_dashboard(full)) == [
        "At a glance: 2 key results",
        "Needs attention",
        "Waiting for you",
        "Won this week; 1 achieved so far",
        "Moved most this week",
        "Objectives and key results",
        "Without a fresh reading: the last good value stays, with its date",
        "Typed over by people, and kept",
    ]
    said = [text for line in lines(draw_dashboard(full)) for text in line]
    assert {"held one", "waiting one", "jira could not be reached"} <= set(said)
    assert any("okr-sync release --new" in str(text) for text in said)


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
    named = ids_of(drawing, "Needs attention")
    assert named[:4] == ["O.4", "O.3", "O.2", "O.1"]
    assert len(named) == SECTION_AT_MOST


def test_attention_says_why_beside_the_status_and_how_many_of_each():
    keys = [Key("2026-Q4", f"O.{at}") for at in range(4)]
    reasons = {
        keys[0]: ("stale since 3 Nov", "no owner"),
        keys[1]: ("doubtful: 9 is twice the last", "typed over by hand"),
        keys[2]: ("no check-in since 1 Nov",),
    }
    results = [result(f"O.{at}") for at in range(3)] + [result("O.3", status=Status.OFF_TRACK)]
    drawing = draw_dashboard(facts_of(*results, reasons=reasons))
    assert ids_of(drawing, "Needs attention") == ["O.3", "O.0", "O.1", "O.2"]
    why = {own: rows_of(drawing, own)[0][-1].value for own in ("O.0", "O.1", "O.2", "O.3")}
    assert why == {
        "O.0": "Stale since 3 Nov. No owner. why O.0",
        "O.1": "Doubtful: 9 is twice the last. Typed over by hand. why O.1",
        "O.2": "No check-in since 1 Nov. why O.2",
        "O.3": "why O.3",
    }
    summary = next(str(line[0]) for line in lines(drawing) if line and "  ·  1 stale" in str(line[0]))
    assert summary == "1 off track  ·  1 stale  ·  1 no owner  ·  1 doubtful  ·  1 typed over by hand  ·  1 no check-in"


def test_what_why_says_itself_is_not_said_twice():
    item = replace(result("O.1"), why="0.2 of 0.5. Last good value of 3 Nov: jira could not be reached.")
    drawing = draw_dashboard(facts_of(item, reasons={item.key: ("stale since 3 Nov", "no owner")}))
    assert rows_of(drawing, "O.1")[0][-1].value == f"No owner. {item.why}"


def test_movers_of_the_week_by_how_far_whichever_way():
    keys = [Key("2026-Q4", f"O.{at}") for at in range(1, 4)]
    results = [result("O.1", change="0.9"), result("O.2"), result("O.3"), result("O.4", change="0.8")]
    week = dict(zip(keys, (D("0.1"), D("-0.3"), D(0)), strict=True))
    drawing = draw_dashboard(facts_of(*results, week=week))
    assert ids_of(drawing, "Moved most this week") == ["O.2", "O.1"]
    assert [rows_of(drawing, own)[0][6].value for own in ("O.2", "O.1")] == [D("-0.3"), D("0.1")]


def test_wins_are_this_weeks_objectives_first():
    one, two = result("O.1", "1", Status.ACHIEVED), result("O.2", "1", Status.ACHIEVED)
    facts = facts_of(
        one, two, objectives=("O",), won=frozenset({two.key}), won_objectives=frozenset({Key("2026-Q4", "O")})
    )
    assert ids_of(draw_dashboard(facts), "Won this week") == ["O", "O.2"]
    assert "Won this week; 2 achieved so far" in headings(draw_dashboard(facts))
    assert not any(
        "Won" in title
        for title in headings(draw_dashboard(replace(facts, won=frozenset(), won_objectives=frozenset())))
    )


@pytest.mark.parametrize("status", [status for status in Status if status in BAR_STYLE])
def test_stale_is_never_green(status):
    item = result("O.1", status=status, change="0.2")
    fresh = rows_of(draw_dashboard(facts_of(item, objectives=("O",))), "O.1")
    assert fresh
    assert all(row[5].style is STATUS_STYLE[status] and row[3].style is BAR_STYLE[status] for row in fresh)
    stale = rows_of(draw_dashboard(facts_of(item, objectives=("O",), stale=frozenset({item.key}))), "O.1")
    assert len(stale) == len(fresh)
    for row in stale:
        assert row[5].value == status.value  # the word stays
        assert not {draw.style for draw in row if draw} & COLOURED


def test_without_a_score_there_is_no_bar():
    item = result("O.1", None, Status.OFF_TRACK)
    (row,) = rows_of(draw_dashboard(facts_of(item)), "O.1")
    assert (row[3], row[4], row[5].value) == (None, None, "Off track")


def test_an_owner_who_is_missing_is_said():
    facts = facts_of(result("O.1", status=Status.OFF_TRACK))
    nobody = replace(facts.okrs, key_results=(replace(facts.okrs.key_results[0], owner=""),))
    (row,) = rows_of(draw_dashboard(replace(facts, okrs=nobody)), "O.1")
    assert row[2].value == "no owner"


# The tree


def tree(drawing):
    """The ids of the tree with their depth; teams are named without one."""
    at = next(
        at for at, row in enumerate(drawing.rows) if row and str(row[0] and row[0].value).startswith("Objectives")
    )
    found = []
    for row in drawing.rows[at + 1 :]:
        if not row:
            break
        text = row[1].value
        found.append(((len(text) - len(text.lstrip())) // 4, row[0].value if row[0] else text))
    return found


def test_objectives_that_serve_none_stand_under_their_teams_after_the_companys():
    facts = facts_of(result("W.1"), result("C.1"), objectives=("W", "C", "X", "P"), parents={"P": "C"})
    levels = {"C": (Level.COMPANY, ""), "W": (Level.TEAM, "Web"), "X": (Level.TEAM, "App"), "P": (Level.TEAM, "Web")}
    named = tuple(
        replace(item, level=levels[item.key.id][0], team=levels[item.key.id][1]) for item in facts.okrs.objectives
    )
    drawing = draw_dashboard(replace(facts, okrs=replace(facts.okrs, objectives=named)))
    assert tree(drawing) == [(0, "C"), (1, "C.1"), (1, "P"), (0, "Web"), (0, "W"), (1, "W.1"), (0, "App"), (0, "X")]


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
    assert ("Objectives" in headings(draw_dashboard(facts))) is (drawn == 0)


def test_objectives_say_whose_they_are_and_why():
    facts = facts_of(objectives=("O",))
    named = replace(facts.okrs.objectives[0], team="Web", level=Level.COMPANY)
    (row,) = rows_of(draw_dashboard(replace(facts, okrs=replace(facts.okrs, objectives=(named,)))), "O")

    assert (row[2].value, row[-1].value) == ("Web", "Company. It moves.")
    team = replace(named, level=Level.TEAM, owner="Mira")
    (row,) = rows_of(draw_dashboard(replace(facts, okrs=replace(facts.okrs, objectives=(team,)))), "O")
    assert (row[2].value, row[-1].value) == ("Mira", "Web. It moves.")


def test_gaps_name_eight_and_count_the_rest():
    gaps = {"jira could not be reached": [f"A.{at}" for at in range(10)]}
    (line,) = [line for line in lines(draw_dashboard(facts_of(gaps=gaps))) if line and line[1:2] == [*gaps]]
    assert line == [D(10), *gaps, "A.0, A.1, A.2, A.3, A.4, A.5, A.6, A.7 and 2 more"]


def test_every_row_fits_the_columns():
    facts = facts_of(
        result("O.1", status=Status.OFF_TRACK, change="0.1"), objectives=("O",), held=["x"], gaps={"y": ["z"]}
    )
    for row in draw_dashboard(facts).rows:
        assert max([at + (draw.span if draw else 1) for at, draw in enumerate(row)], default=0) <= COLUMNS


def test_the_dashboard_before_the_first_run():
    drawing = draw_empty_dashboard("Acme")
    assert drawing.rows[0][0].value == "Acme"
    assert drawing.rows[0][0].note == ENGINE_NOTE
    assert "okr-sync" in drawing.rows[1][0].value


def test_ids_lead_to_their_rows():
    facts = facts_of(result("O.1", status=Status.OFF_TRACK), objectives=("O",))
    placed = replace(facts.okrs.key_results[0], place=CellPlace("Maya's results", "A7"))
    top = replace(facts.okrs.objectives[0], place=CellPlace("Objectives", "A2"))
    okrs = replace(facts.okrs, key_results=(placed,), objectives=(top,))
    drawing = draw_dashboard(replace(facts, okrs=okrs))
    assert {row[0].link for row in rows_of(drawing, "O.1")} == {"#'Maya''s results'!A7"}
    assert {row[0].link for row in rows_of(drawing, "O")} == {"#'Objectives'!A2"}
    assert {row[0].link for row in rows_of(draw_dashboard(facts), "O.1")} == {None}
