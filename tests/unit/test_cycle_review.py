"""The review of a cycle: grades, what was said, forecasts against results, on the last day and after it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from okr.calendar import Calendar, find_cycle
from okr.model import Status
from okr.problem import UnknownWord
from okr.teams import NO_TEAM
from sync.cycles import choose_cycle, parse_cycle, widen
from sync.run import RunWishes, apply_run, preview
from sync.sheet.layout import Tab
from sync.tell.document import Document, Section, Table, escape, render_markdown, render_text
from sync.tell.review import SAID_AT_MOST, make_review
from sync.tell.review_text import make_document, review_json
from tests.unit.cycle_sheets import A, C, check_in, live_through, make_company, put

Q4 = find_cycle("2026-Q4", Calendar())


def review_of(engine, cycle=Q4):
    return make_review(preview(widen(engine, cycle), RunWishes(fetch=False)), cycle, engine.project.config.scoring)


@pytest.fixture(params=[None, "2026-Q4"], ids=["empty-cycle-cells", "named-cycle"])
def lived(request):
    world, store, engine = make_company(cycle=request.param)
    live_through(world, engine)
    check_in(store, 1, date(2026, 10, 20), "A", comment="Trade fair helped", by="Ann")
    check_in(store, 2, date(2026, 11, 20), "B", comment="Hiring took long", blocker="No budget", by="Bo")
    check_in(store, 3, date(2026, 12, 20), "B", blocker="No budget")
    check_in(store, 4, date(2026, 12, 21), "X", comment="of no key result")
    world.pass_days(3)
    return world, store, engine


def grade(review, own_id):
    return next(grade for grade in review.grades if grade.kr.key.id == own_id)


def test_a_cycle_that_is_over_is_graded_by_its_last_numbers(lived):
    review = review_of(lived[2])
    assert grade(review, "A").result.status is Status.ACHIEVED
    assert grade(review, "A").result.score == 1
    assert grade(review, "B").result.score == Decimal("0.4")
    assert grade(review, "C").result.score is None
    assert (review.covered, len(review.grades)) == (2, 4)
    assert review.score == Decimal("0.7")
    assert [(each.team, each.score, each.achieved, each.count) for each in review.teams] == [
        ("Ops", None, 0, 2),
        ("Web", Decimal("0.7"), 1, 2),
    ]
    assert [each.coverage for each in review.objectives if each.objective.key.id == "O"] == ["2 of 2"]


def test_what_is_missed_now_and_wasn_t_called_so_is_newly_missed(lived):
    _, store, engine = lived
    assert [grade.kr.key.id for grade in review_of(engine).missed] == ["B"]
    put(store, Tab.KEY_RESULTS, 2, status="Missed")
    assert review_of(engine).missed == ()


def test_what_was_said_stands_where_it_belongs_each_text_once(lived):
    review = review_of(lived[2])
    assert [(item.key.id, item.text) for item in review.well] == [("A", "Trade fair helped")]
    assert [(item.key.id, item.text) for item in review.improve] == [("B", "Hiring took long")]
    assert [(item.key.id, item.text, item.day) for item in review.blockers] == [("B", "No budget", date(2026, 12, 20))]


def test_a_list_has_the_latest_check_ins_of_a_key_result_and_no_more(lived):
    _, store, engine = lived
    for number in range(6):
        check_in(store, 10 + number, date(2026, 12, 1 + number), "A", comment=f"word {number}")
    texts = [item.text for item in review_of(engine).well]
    assert texts == [f"word {number}" for number in (5, 4, 3)]
    assert len(texts) == SAID_AT_MOST


def test_the_forecast_of_halfway_stands_beside_the_result(lived):
    review = review_of(lived[2])
    found = grade(review, "B")
    assert found.halfway == date(2026, 11, 12)
    assert found.foreseen is not None
    assert abs(found.foreseen - Decimal("0.4")) < Decimal("0.02"), "B grew evenly"
    assert grade(review, "C").foreseen is None


def test_the_pack_says_all_of_it_in_text_markdown_and_json(lived):
    review = review_of(lived[2])
    text, found = render_text(make_document(review)), review_json(review)
    for word in ("1 of 4 key results achieved", "Trade fair helped (20 Oct, Ann)".replace("20 Oct", "20 Oct 2026"),
                 "Blockers", "Newly missed", "Undecided: C.", "Modify: B", "cycle close 2026-Q4"):  # fmt: skip
        assert word in text
    assert "| A Ten deals | 1.00 | 10 | 10 | Achieved | Ann | Keep |" in render_markdown(make_document(review))
    assert found["newly_missed"] == ["B"]
    assert [item["id"] for item in found["key_results"]] == ["A", "B", "C", "M"]
    assert found["cycle"]["closed"] is None


def test_a_running_cycle_says_that_it_is_not_over():
    world, _, engine = make_company()
    live_through(world, engine, days=40)
    text = render_text(make_document(review_of(engine)))
    assert "Not over yet: scores as of 10 Nov." in text


def test_while_a_cycle_runs_the_pack_says_where_each_key_result_is_heading():
    world, _, engine = make_company()
    live_through(world, engine, days=42)
    review = review_of(engine)
    text = render_text(make_document(review))
    assert "Key result      Trend    Score  In 14 days  Heading for  Value of" in text
    assert "A Ten deals     ▁▂▂▃▃▄▄   0.46       +0.15         1.00  12 Nov" in text
    assert review_json(review)["key_results"][0]["outlook"]["change"] == Decimal("0.1538")
    assert "C Ten rules     " not in text.partition("Where it is heading")[2].partition("\n\n")[0]


def test_once_it_is_over_there_is_a_result_and_no_outlook(lived):
    review = review_of(lived[2])
    assert "Where it is heading" not in render_text(make_document(review))
    assert review_json(review)["key_results"][0]["outlook"] is None


def test_moved_goalposts_stand_with_both_grades_side_by_side():
    world, store, engine = make_company()
    live_through(world, engine, days=42)
    assert "Goalposts moved" not in render_text(make_document(review_of(engine)))
    put(store, Tab.KEY_RESULTS, A, target=8)
    put(store, Tab.OBJECTIVES, 3, weight=2, owner="Ann")
    world.now = datetime(2026, 12, 30, 6, tzinfo=UTC)
    world.numbers |= {"a": Decimal(6), "b": Decimal(4)}
    apply_run(engine, RunWishes())
    review = review_of(engine)
    assert {item.row.key.id: tuple(item.grades) for item in review.moved} == {
        "CO": (Decimal("0.5"), Decimal("0.575")),
        "O": (Decimal("0.5"), Decimal("0.575")),
        "P": (None, None),
        "A": (Decimal("0.6"), Decimal("0.75")),
    }
    document = make_document(review)
    assert "A Ten deals | 30 Dec: Target 10 → 8 | 0.60 | 0.75 |" in render_markdown(document)
    assert "P Tidy up | 30 Dec: Weight 1 → 2; 30 Dec: Owner Bo → Ann | – | – |" in render_markdown(document)
    assert "O Grow | below it | 0.50 | 0.58 |" in render_markdown(document)
    assert [item["id"] for item in review_json(review)["goalposts_moved"]] == ["CO", "O", "P", "A"]


def test_without_a_name_the_last_cycle_that_is_over_is_meant_else_the_present_one(lived):
    engine = lived[2]
    assert choose_cycle(engine, None) == Q4
    assert choose_cycle(engine, "q3 2026").name == "2026-Q3"
    with pytest.raises(UnknownWord, match="is no cycle"):
        parse_cycle(engine, "soon")
    _, store, engine = make_company()
    assert choose_cycle(engine, None) == Q4
    put(store, Tab.OBJECTIVES, 4, objective_id="Y", objective="The year", cycle="2026")
    assert choose_cycle(engine, None) == Q4, "of several that run the shortest"


def test_rows_of_a_cycle_that_is_over_or_to_come_are_no_problem(lived):
    _, store, engine = lived
    put(store, Tab.KEY_RESULTS, C, cycle="2026-Q2")
    put(store, Tab.KEY_RESULTS, 5, kr_id="N", key_result="Next", objective_id="O", target=1, cycle="2027-Q2")
    problems = apply_run(engine, RunWishes()).plan.problems
    assert [problem.message for problem in problems if problem.code == "sheet.unknown-cycle"] == []
    put(store, Tab.KEY_RESULTS, 6, kr_id="Z", key_result="Some day", objective_id="O", target=1, cycle="some day")
    problems = apply_run(engine, RunWishes()).plan.problems
    assert [problem.subject for problem in problems if problem.code == "sheet.unknown-cycle"] == ["Z"]


def test_a_key_result_s_team_is_its_objective_s_else_its_owner_s(lived):
    _, store, engine = lived
    put(store, Tab.OBJECTIVES, 3, team=None)
    assert grade(review_of(engine), "C").team == NO_TEAM
    put(store, Tab.PEOPLE, 2, team="Back office")
    assert grade(review_of(engine), "C").team == "Back office"


def test_markdown_keeps_people_s_text_as_text():
    assert escape("a|b\n*c* <b>") == r"a\|b \*c\* \<b\>"
    document = Document("T", ("lead",), (Section("empty"), Section("S", ("x",), Table(("H",), (("|",),)))))
    assert render_markdown(document) == "# T\n\nlead\n\n## S\n\n- x\n\n| H |\n| --- |\n| \\| |"
    assert render_text(document) == "T\nlead\n\nS\n  x\n  H\n  |"
