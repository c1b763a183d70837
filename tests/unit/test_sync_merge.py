"""The merge law, row by row, as it stands in the design; pastes, shuffles, and what the ledger learns of a verdict."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sheet.layout import Field
from sync.sheet.ledger import NO_ENTRY, Entry, Hold
from sync.sheet.merge import (
    PASTE_AT,
    PASTE_HOLDS,
    ShuffleError,
    Verdict,
    Wanted,
    find_shuffle,
    is_foreign,
    judge,
    learn,
    soften_paste,
    unlearn,
)
from tests.unit.sync_sheets import row_key

DAY, SINCE = date(2026, 11, 22), date(2026, 11, 2)
CURRENT, SCORE, WHY = Field.CURRENT, Field.SCORE, Field.WHY
NOTHING = Wanted.NOTHING_KNOWN
NEW = NO_ENTRY
FREE = Entry(bases={CURRENT: Decimal(1)})
EMPTY_BASE = Entry(bases={CURRENT: None})
HELD = Entry(bases={CURRENT: Decimal(1)}, holds={CURRENT: Hold(SINCE, Decimal(7))})
HELD_UNKNOWN = Entry(holds={CURRENT: Hold(SINCE, Decimal(7))})


def number(value):
    return Decimal(value) if isinstance(value, int) else value


@pytest.mark.parametrize(
    ("entry", "live", "want", "verdict"),
    [
        # no entry
        (NEW, None, 2, Verdict.CHANGE),
        (NEW, 2, 2, Verdict.AGREEMENT),
        (NEW, None, None, Verdict.AGREEMENT),
        (NEW, 3, 2, Verdict.TAKEOVER),
        (NEW, 3, None, Verdict.TAKEOVER),
        # held
        (HELD, None, 2, Verdict.HANDED_BACK),
        (HELD, 7, 2, Verdict.HELD),
        (HELD, 2, 2, Verdict.HELD),  # whatever it equals
        (HELD, 1, 2, Verdict.HELD),
        (HELD, 9, 2, Verdict.HELD),
        (HELD_UNKNOWN, 9, 2, Verdict.HELD),
        # free, and the machine's
        (FREE, 1, 1, Verdict.QUIET),
        (FREE, 1, 2, Verdict.CHANGE),
        (FREE, None, 1, Verdict.CHANGE),
        (FREE, None, 2, Verdict.CHANGE),
        (FREE, 1, None, Verdict.CHANGE),
        (EMPTY_BASE, None, None, Verdict.QUIET),
        (EMPTY_BASE, None, 2, Verdict.CHANGE),
        # free, and somebody typed what is wanted
        (FREE, 2, 2, Verdict.AGREEMENT),
        (FREE, None, None, Verdict.AGREEMENT),
        # free, and somebody knows better
        (FREE, 3, 2, Verdict.NEW_HOLD),
        (FREE, 3, None, Verdict.NEW_HOLD),
        (EMPTY_BASE, 3, 2, Verdict.NEW_HOLD),
        # nothing is known yet
        (NEW, None, NOTHING, Verdict.GAP),
        (NEW, 3, NOTHING, Verdict.GAP),
        (FREE, 3, NOTHING, Verdict.GAP),
        (HELD, 7, NOTHING, Verdict.HELD),
        (HELD, None, NOTHING, Verdict.GAP),
    ],
)
def test_the_table(entry, live, want, verdict):
    assert judge(entry, CURRENT, number(live), number(want)) is verdict


@pytest.mark.parametrize(
    ("entry", "live", "want", "verdict"),
    [
        (FREE, 1, 1, Verdict.NEW_HOLD),
        (FREE, 1, 2, Verdict.NEW_HOLD),
        (FREE, 2, 2, Verdict.NEW_HOLD),
        (NEW, 2, 2, Verdict.TAKEOVER),
        (HELD, 1, 1, Verdict.HELD),
        (HELD, None, 2, Verdict.HELD),
        (FREE, None, 2, Verdict.NEW_HOLD),
        (NEW, None, 2, Verdict.TAKEOVER),
    ],
)
def test_a_formula_is_a_persons_whatever_it_gives(entry, live, want, verdict):
    assert judge(entry, CURRENT, number(live), number(want), is_formula=True) is verdict


@pytest.mark.parametrize(
    ("entry", "live", "foreign"),
    [(NEW, 3, False), (FREE, 1, False), (FREE, 3, True), (FREE, None, False), (HELD, 1, True), (HELD, None, False)],
)
def test_foreign_is_what_the_ledger_knows_otherwise(entry, live, foreign):
    assert is_foreign(entry, CURRENT, number(live)) is foreign


@pytest.mark.parametrize("live", [1, None])
def test_a_formula_is_foreign_also_where_it_gives_the_base_or_nothing(live):
    assert is_foreign(FREE, CURRENT, number(live), is_formula=True)


# Pastes

FIELDS = (CURRENT, SCORE, Field.STATUS, WHY, Field.PACE, Field.TREND, Field.CONFIDENCE)


@pytest.mark.parametrize("count", range(1, len(FIELDS) + 1))
def test_four_foreign_cells_in_a_row_are_a_paste(count):
    verdicts = dict.fromkeys(FIELDS, Verdict.QUIET) | dict.fromkeys(FIELDS[:count], Verdict.NEW_HOLD)
    softened = soften_paste(verdicts)
    if count < PASTE_AT:
        assert softened == verdicts
        return
    assert {name for name, verdict in softened.items() if verdict is Verdict.NEW_HOLD} == PASTE_HOLDS
    assert {name for name, verdict in softened.items() if verdict is Verdict.TAKEOVER} == set(FIELDS[3:count])


def test_old_holds_make_no_paste():
    verdicts = dict.fromkeys(FIELDS, Verdict.HELD) | dict.fromkeys(FIELDS[:3], Verdict.NEW_HOLD)
    assert soften_paste(verdicts) == verdicts


# Shuffles

ROWS = [row_key(own_id) for own_id in "ABCDE"]


def typed(bases, lives):
    """New holds of one field: base and live value by row; rows whose live value is the base are none."""
    return {row: (base, live) for row, base, live in zip(ROWS, bases, lives, strict=False) if base != live}


def test_a_permutation_over_two_fields_and_three_rows_is_a_shuffle():
    columns = {CURRENT: typed("123", "231"), WHY: typed("xyz", "yzx")}
    assert find_shuffle(columns) == tuple(ROWS[:3])


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {CURRENT: typed("123", "231")},  # one field
        {CURRENT: typed("12", "21"), WHY: typed("xy", "yx")},  # two rows: a swap by hand
        {CURRENT: typed("123", "239"), WHY: typed("xyz", "yzq")},  # a value from nowhere
        {CURRENT: typed("112", "211"), WHY: typed("xxy", "yxx")},  # bases that can't be told apart
        {CURRENT: typed("1", "2"), WHY: typed("x", "y"), SCORE: typed("4", "5")},  # one row that was typed over
    ],
)
def test_other_edits_are_none(columns):
    assert find_shuffle(columns) == ()


def test_somebody_who_typed_beside_a_shuffle_does_not_hide_it():
    columns = {CURRENT: typed("1234", "2319"), WHY: typed("wxyz", "xywq")}
    assert find_shuffle(columns) == tuple(ROWS[:3])


@given(
    order=st.permutations(range(5)).filter(lambda order: sum(at != to for at, to in enumerate(order)) >= 3),
    fields=st.sets(st.sampled_from((CURRENT, SCORE, WHY, Field.PACE)), min_size=2),
)
def test_every_permutation_of_three_rows_or_more_is_found(order, fields):
    columns = {name: typed(range(5), order) for name in fields}
    assert set(find_shuffle(columns)) == {ROWS[at] for at in range(5) if order[at] != at}


@given(lives=st.lists(st.integers(0, 4), min_size=5, max_size=5), edited=st.integers(0, 4))
def test_one_edit_never_is(lives, edited):
    columns = {name: typed(range(5), [*range(edited), lives[edited], *range(edited + 1, 5)]) for name in (CURRENT, WHY)}
    assert find_shuffle(columns) == ()


def test_a_shuffle_says_what_to_do():
    error = ShuffleError([row_key(f"KR{number}") for number in range(12)])
    assert "12 rows" in str(error)
    assert "KR7" in str(error)
    assert "KR8" not in str(error)
    assert "Nothing was written" in str(error)


# What the ledger learns


@pytest.mark.parametrize("verdict", [Verdict.CHANGE, Verdict.AGREEMENT, Verdict.HANDED_BACK])
def test_what_is_written_or_agreed_is_the_new_base(verdict):
    bases, previous, holds = learn(HELD, {CURRENT: verdict}, {CURRENT: Decimal(2)}, {CURRENT: None}, DAY)
    assert bases == {CURRENT: Decimal(2)}
    assert previous == {CURRENT: Decimal(1)}
    assert holds == {}


@pytest.mark.parametrize("verdict", [Verdict.QUIET, Verdict.HELD, Verdict.GAP, Verdict.TAKEOVER])
def test_what_is_left_alone_teaches_nothing(verdict):
    found = learn(HELD, {CURRENT: verdict}, {CURRENT: Decimal(2)}, {CURRENT: Decimal(9)}, DAY)
    assert found == (HELD.bases, HELD.previous, HELD.holds)


def test_a_new_hold_is_kept_with_its_day_and_value_and_the_base_stays():
    found = learn(FREE, {CURRENT: Verdict.NEW_HOLD}, {CURRENT: Decimal(2)}, {CURRENT: Decimal(9)}, DAY)
    assert found == (FREE.bases, {}, {CURRENT: Hold(DAY, Decimal(9))})


def test_the_same_base_again_is_no_previous_one():
    assert learn(FREE, {CURRENT: Verdict.CHANGE}, {CURRENT: Decimal(1)}, {CURRENT: None}, DAY)[1] == {}


def test_a_write_that_is_put_back_is_unlearned_alone():
    before = Entry(bases={CURRENT: Decimal(1), SCORE: Decimal(1)}, previous={CURRENT: Decimal(0)})
    after = Entry(
        bases={CURRENT: Decimal(2), SCORE: Decimal(2), WHY: "new"},
        previous={CURRENT: Decimal(1), SCORE: Decimal(1)},
        holds={WHY: Hold(DAY, "x")},
        gap="kept",
    )
    found = unlearn(after, before, (CURRENT, WHY))
    assert found.bases == {CURRENT: Decimal(1), SCORE: Decimal(2)}
    assert found.previous == {CURRENT: Decimal(0), SCORE: Decimal(1)}
    assert found.holds == {}
    assert found.gap == "kept"


# The law as a whole, on one cell

VALUES = st.sampled_from((None, Decimal(0), Decimal(1), Decimal(2)))
ENTRIES = st.builds(
    lambda base, hold: Entry(
        bases={} if base == "none" else {CURRENT: base}, holds={CURRENT: Hold(SINCE, hold)} if hold is not None else {}
    ),
    VALUES | st.just("none"),
    VALUES,
)


@given(entry=ENTRIES, live=VALUES, want=VALUES)
def test_after_a_verdict_is_carried_out_nothing_more_is_to_do(entry, live, want):
    verdict = judge(entry, CURRENT, live, want)
    if verdict is Verdict.TAKEOVER:
        return
    bases, previous, holds = learn(entry, {CURRENT: verdict}, {CURRENT: want}, {CURRENT: live}, DAY)
    now = want if verdict in (Verdict.CHANGE, Verdict.HANDED_BACK) else live
    again = judge(Entry(bases=bases, previous=previous, holds=holds), CURRENT, now, want)
    assert again in (Verdict.QUIET, Verdict.HELD)


@given(entry=ENTRIES, live=VALUES.filter(lambda value: value is not None), want=VALUES)
def test_only_the_machines_own_value_is_ever_written_over(entry, live, want):
    if judge(entry, CURRENT, live, want) is Verdict.CHANGE:
        assert entry.bases[CURRENT] == live
        assert CURRENT not in entry.holds
