"""What is known of a key result before it is scored: readings, gaps, people's values, and which of them counts."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from mappings.model import Gap, GapKind, Reading
from okr.model import Kind, Origin, Status
from okr.presets import PRESETS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import NO_ENTRY, Entry, Good, Hold
from sync.standings import Asked, make_standings, say_gap
from tests.unit.sync_sheets import (
    HEARTBEAT,
    NOW,
    cell,
    entry_of,
    formula,
    kpi_row,
    kr,
    ledger_tab,
    percent,
    row_key,
    snapshot_of,
)

A = row_key("A")
GAP = Gap(GapKind.UNAVAILABLE, "Jira doesn't answer", source="jira")
GOOD = Good(Decimal(3), None, "3 of 10")
KNOWN = replace(entry_of(current=Decimal(3)), good=GOOD)


def reading(value, as_of=NOW, **rest):
    return Reading(Decimal(value), as_of, **rest)


def stand(row=None, entry: Entry | None = None, outcome=None, *, is_mapped=True, takeover=False, key=A):
    """The standing of key result A."""
    tab = {Tab.KEY_RESULTS: [row or kr()]} if key.tab is Tab.KEY_RESULTS else {Tab.KPIS: [row or kpi_row()]}
    ledger = ledger_tab({key: entry} if entry else {})
    snapshot = snapshot_of(tab, ledger=ledger)
    asked = Asked({key: "jira"} if is_mapped else {}, {key: outcome} if outcome is not None else {})
    return make_standings(snapshot, asked, NOW, takeover=takeover)[key]


# Readings and gaps


def test_a_reading_counts_from_when_the_source_was_asked():
    found = stand(outcome=reading(4, detail="4 of 10"))
    assert found.good == Good(Decimal(4), None, "4 of 10")
    assert (found.standing.value, found.standing.as_of, found.standing.origin) == (4, NOW, Origin.READING)
    assert (found.gap, found.is_held, found.is_mapped, found.was_asked) == (None, False, True, True)


def test_before_the_first_reading_a_typed_value_is_scored_on_the_first_night_as_on_later_ones():
    """It was "no data" on the first night and scored on the second, with nothing changed in between."""
    first = stand(kr(current=2), None, GAP).standing
    later = stand(kr(current=2), entry_of(status="On track", score=Decimal("0.2")), GAP).standing
    assert (first.value, first.origin) == (later.value, later.origin) == (2, Origin.HELD)


def test_a_gap_leaves_the_last_good_reading_with_the_moment_of_its_last_confirmation():
    found = stand(kr(current=3), KNOWN, GAP)
    assert found.standing.value == 3
    assert (found.standing.origin, found.standing.as_of) == (Origin.LAST_GOOD, HEARTBEAT)
    assert found.standing.gap == "jira could not be reached"
    assert found.good == replace_as_of(GOOD, HEARTBEAT)


def replace_as_of(good: Good, as_of: datetime | None) -> Good:
    return good._replace(as_of=as_of)


def test_a_second_gap_does_not_make_the_reading_younger():
    earlier = HEARTBEAT - timedelta(days=3)
    found = stand(kr(current=3), replace(KNOWN, good=replace_as_of(GOOD, earlier)), GAP)
    assert found.good is not None
    assert found.good.as_of == found.standing.as_of == earlier


def test_a_gap_without_any_reading_before_is_nothing_not_zero():
    found = stand(outcome=GAP)
    assert (found.standing.value, found.standing.origin, found.good, found.gap) == (None, Origin.NONE, None, GAP)


def test_the_same_number_again_takes_a_gaps_moment_away():
    found = stand(kr(current=3), replace(KNOWN, good=replace_as_of(GOOD, HEARTBEAT)), reading(3))
    assert found.good is not None
    assert found.good.as_of is None


@pytest.mark.parametrize(
    ("as_of", "value"),
    [
        (HEARTBEAT + timedelta(seconds=1), 4),
        (HEARTBEAT, 4),
        (HEARTBEAT - timedelta(seconds=1), 3),  # another run asked later and wrote before us
        (HEARTBEAT - timedelta(hours=23), 3),
        (HEARTBEAT - timedelta(days=2), 4),  # no overtaking but a wrong clock
    ],
)
def test_an_older_reading_never_replaces_a_newer_one(as_of, value):
    assert stand(kr(current=3), KNOWN, reading(4, as_of)).standing.value == value


def test_the_first_reading_can_not_be_older():
    assert stand(kr(), None, reading(4, HEARTBEAT - timedelta(hours=1))).standing.value == 4


# Not asked


def test_who_was_not_asked_keeps_reading_reason_and_doubt():
    entry = replace(KNOWN, gap="jira could not be reached", good=replace_as_of(GOOD, HEARTBEAT))
    found = stand(kr(current=3), entry, None)
    assert (found.standing.value, found.standing.gap) == (3, "jira could not be reached")
    assert (found.gap, found.was_asked, found.good) == (None, False, entry.good)


def test_who_was_not_asked_and_has_no_reading_says_so():
    assert stand().standing.gap == "not read yet"


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (GAP, "jira could not be reached"),
        (replace(GAP, source=None), "the source could not be reached"),
        (Gap(GapKind.REFUSED, "401", source="crm"), "crm refused to answer"),
        (Gap(GapKind.EMPTY, "there are no deals.", source="crm"), "there are no deals"),
    ],
)
def test_reasons_for_managers(gap, said):
    assert say_gap(gap) == said


# People's values in a mapped Current


def test_a_held_value_is_scored_and_the_reading_kept_in_the_shadow():
    entry = replace(KNOWN, holds={Field.CURRENT: Hold(date(2026, 11, 2), Decimal(7))})
    found = stand(kr(current=7), entry, reading(4))
    assert (found.standing.value, found.standing.origin) == (7, Origin.HELD)
    assert found.standing.as_of is not None
    assert found.standing.as_of.date() == date(2026, 11, 2)
    assert (found.is_held, found.good) == (True, Good(Decimal(4), None))


def test_a_hold_that_equals_the_reading_is_still_a_hold():
    entry = replace(KNOWN, holds={Field.CURRENT: Hold(date(2026, 11, 2), Decimal(4))})
    assert stand(kr(current=4), entry, reading(4)).standing.origin is Origin.HELD


def test_a_value_typed_since_the_last_run_is_scored_at_once():
    assert stand(kr(current=7), KNOWN, reading(4)).standing.value == 7


def test_a_value_typed_that_the_source_says_too_is_the_sources():
    assert stand(kr(current=4), KNOWN, reading(4)).standing.origin is Origin.READING


def test_a_formula_is_a_persons_also_where_it_gives_the_same():
    assert stand(kr(current=formula("=1+2", Decimal(3))), KNOWN, reading(4)).standing.origin is Origin.HELD


def test_a_cleared_cell_is_the_machines_again():
    entry = replace(KNOWN, holds={Field.CURRENT: Hold(date(2026, 11, 2), Decimal(7))})
    assert stand(kr(), entry, reading(4)).standing.origin is Origin.READING


def test_words_over_a_number_are_a_problem_and_a_gap():
    found = stand(kr(current="about half"), KNOWN, reading(4))
    assert (found.standing.value, found.standing.origin) == (None, Origin.HELD)
    assert "about half" in (found.standing.gap or "")
    assert [(problem.code, str(problem.place)) for problem in found.problems] == [
        ("sheet.not-a-number", "Key Results!D2")
    ]


def test_a_value_from_before_the_machine_is_scored_until_somebody_accepts():
    entry = entry_of(status="No data")
    assert stand(kr(current=7), entry, reading(4)).standing.value == 7
    assert stand(kr(current=7), entry, reading(4), takeover=True).standing.value == 4


# Manual key results


def test_a_manual_value_is_the_persons():
    found = stand(kr(current=7), is_mapped=False)
    assert (found.standing.value, found.standing.origin, found.is_mapped) == (7, Origin.PERSON, False)


def test_a_manual_value_is_as_old_as_its_last_change():
    entry = Entry(good=Good(Decimal(7), None), updated=date(2026, 11, 1))
    same, changed = (stand(kr(current=value), entry, is_mapped=False).standing.as_of for value in (7, 8))
    assert same is not None
    assert changed is not None
    assert (same.date(), changed.date()) == (date(2026, 11, 1), NOW.date())


def test_an_empty_manual_current_is_no_zero_and_no_problem():
    found = stand(kr(), is_mapped=False)
    assert (found.standing.value, found.standing.origin, found.problems) == (None, Origin.NONE, ())


def test_milestones_need_no_current():
    assert stand(kr(kind=Kind.MILESTONES.value), is_mapped=False).standing.origin is Origin.PERSON


def test_words_in_a_manual_current_are_a_problem():
    assert [item.code for item in stand(kr(current="half"), is_mapped=False).problems] == ["sheet.not-a-number"]


# Scales


@pytest.mark.parametrize("is_mapped", [True, False])
@pytest.mark.parametrize(
    ("current", "target", "value"),
    [
        (percent(45), percent(60), Decimal("0.45")),
        ("45%", percent(60), Decimal("0.45")),
        (45, percent(60), None),
        (percent(45), 60, None),
        (45, 60, 45),
        (0, percent(60), 0),  # nothing is nothing in every scale
    ],
)
def test_a_persons_current_stands_in_the_targets_scale(current, target, value, is_mapped):
    found = stand(kr(current=current, target=target, baseline=None), KNOWN, reading(4), is_mapped=is_mapped)
    assert found.standing.value == value
    assert [problem.code for problem in found.problems] == ([] if value is not None else ["sheet.mixed-scales"])


@pytest.mark.parametrize("kind", [Kind.BOOLEAN, Kind.MILESTONES])
def test_kinds_without_a_scale_have_none(kind):
    assert stand(kr(current=1, target=percent(100), kind=kind.value), is_mapped=False).problems == ()


# Beside the value


def test_held_scores_and_statuses_of_people_count():
    entry = entry_of(score=Decimal("0.3"), status="On track", current=Decimal(3))
    standing = stand(kr(score=Decimal("0.8"), status="at risk"), entry, reading(3)).standing
    assert (standing.held_score, standing.held_status) == (Decimal("0.8"), Status.AT_RISK)
    assert standing.before is not None
    assert standing.before.status is Status.ON_TRACK
    held = replace(entry, holds={Field.STATUS: Hold(date(2026, 11, 1), "At risk")})
    assert stand(kr(score=Decimal("0.3"), status="at risk"), held, reading(3)).standing.before is None


def test_what_the_last_status_followed_from_is_remembered():
    good = Good(Decimal("0.42"), None, "31 of 74", (), (Decimal(31), Decimal(74)))
    entry = replace(entry_of(score=Decimal("0.42"), status="Behind"), good=good, definition="d", rule="oboard")
    before = stand(kr(score=Decimal("0.42"), status="Behind"), entry, reading(3)).standing.before
    assert before is not None
    assert (before.day, before.status, before.definition) == (date(2026, 11, 21), Status.AT_RISK, "d")
    assert (before.value, before.parts) == (Decimal("0.42"), (Decimal(31), Decimal(74)))
    assert before.rule == PRESETS["oboard"].rule

    held = replace(entry, holds={Field.CURRENT: Hold(date(2026, 11, 1), Decimal(7))})
    before = stand(kr(current=7, score=Decimal("0.42"), status="Behind"), held, reading(3)).standing.before
    assert before is not None
    assert (before.value, before.parts) == (Decimal(7), None)

    steps = stand(kr(kind="Milestones", score=Decimal("0.42")), entry, reading(3)).standing.before
    assert steps is not None
    assert (steps.value, steps.parts) == (Decimal("0.42"), None)
    assert stand(kr(), replace(entry, bases={}), reading(3)).standing.before is None


def test_a_share_keeps_what_was_done_and_the_whole():
    outcome = Reading(Decimal("0.42"), NOW, Decimal(31), Decimal(74))
    found = stand(kr(), NO_ENTRY, outcome)
    assert found.standing.parts == (Decimal(31), Decimal(74))
    assert found.good is not None
    assert found.good.parts == found.standing.parts


def test_what_the_machine_wrote_is_no_hold():
    entry = entry_of(score=Decimal("0.3"), status="On track")
    standing = stand(kr(score=Decimal("0.3"), status="On track"), entry, reading(3)).standing
    assert (standing.held_score, standing.held_status) == (None, None)


def test_words_in_score_roll_nothing_up():
    assert stand(kr(score="good"), entry_of(score=Decimal("0.3")), reading(3)).standing.held_score is None


def test_confidence_is_that_of_the_latest_check_in():
    check_ins = [
        {Field.DATE: date(2026, 11, day), Field.KR_ID: "A", Field.CONFIDENCE: confidence}
        for day, confidence in ((10, 4), (18, 7), (12, 9), (20, None))
    ]
    snapshot = snapshot_of({Tab.KEY_RESULTS: [kr()], Tab.CHECK_INS: check_ins})
    assert make_standings(snapshot, Asked({A: "jira"}, {}), NOW, takeover=False)[A].standing.confidence == 7


def test_kpis_stand_like_key_results():
    key = row_key("K", Tab.KPIS)
    found = stand(kpi_row(current=2), replace(KNOWN, bases={Field.CURRENT: Decimal(2)}), reading(5), key=key)
    assert (found.standing.value, found.is_mapped) == (5, True)


def test_the_first_of_two_rows_with_one_id_stands_for_both():
    snapshot = snapshot_of({Tab.KEY_RESULTS: [kr(current=1), kr(current=2)]})
    assert make_standings(snapshot, Asked({}, {}), NOW, takeover=False)[A].standing.value == 1


def test_a_paused_mapping_has_no_gap():
    snapshot = snapshot_of({Tab.KEY_RESULTS: [kr()]})
    asked = replace(Asked({A: "jira"}, {A: GAP}), paused={A: "until the move"})
    assert make_standings(snapshot, asked, NOW, takeover=False)[A].gap is None


@pytest.mark.parametrize(("confirms", "as_of"), [(True, HEARTBEAT), (False, None)])
def test_a_row_that_nobody_asked_for_is_not_confirmed_by_the_heartbeat_of_the_others(confirms, as_of):
    """Paused, not approved, or come while others were asked: its value was read when it was read."""
    snapshot = snapshot_of({Tab.KEY_RESULTS: [kr()]}, ledger=ledger_tab({A: KNOWN}))
    found = make_standings(snapshot, Asked({A: "jira"}, {}), NOW, confirms=confirms)[A]
    assert found.good == replace_as_of(GOOD, as_of)
    assert found.standing.as_of == HEARTBEAT


def test_an_error_in_a_formula_is_said():
    broken = replace(cell(None), formula="=1/0", error="#DIV/0!", shown="#DIV/0!")
    found = stand(kr(current=broken), is_mapped=False)
    assert "#DIV/0!" in found.problems[0].message
