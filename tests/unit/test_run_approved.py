"""Approved: where the column is used, only approved rows are synced; where nobody uses it, all are."""

from decimal import Decimal

from sync.run import RunWishes, apply_run
from sync.sheet.layout import Field, Tab
from tests.unit.cycle_sheets import A, B, make_company, put, shows

KR = Tab.KEY_RESULTS


def test_only_approved_rows_are_synced_where_the_column_is_used():
    world, store, engine = make_company()
    world.numbers |= {"a": Decimal(5), "b": Decimal(6)}
    put(store, KR, A, approved=True)
    apply_run(engine, RunWishes())
    assert (shows(store, A, Field.CURRENT), shows(store, A, Field.SCORE)) == (5, Decimal("0.5"))
    assert (shows(store, B, Field.CURRENT), shows(store, B, Field.SCORE)) == (None, None)
    assert "not approved yet" in str(shows(store, B, Field.WHY)).lower()
    assert shows(store, 2, Field.COVERAGE, Tab.OBJECTIVES) == "1 of 1", "it doesn't count in the roll-up"
    assert world.asked == ["a"], "no source is asked for what nobody has approved"
    put(store, KR, B, approved="yes")
    apply_run(engine, RunWishes())
    assert (shows(store, B, Field.CURRENT), shows(store, B, Field.SCORE)) == (6, Decimal("0.6"))


def test_an_approval_taken_back_keeps_what_was_read():
    world, store, engine = make_company()
    world.numbers |= {"a": Decimal(5), "b": Decimal(6)}
    put(store, KR, A, approved=True)
    put(store, KR, B, approved=True)
    apply_run(engine, RunWishes())
    put(store, KR, B, approved=None)
    world.numbers["b"] = Decimal(9)
    apply_run(engine, RunWishes())
    assert shows(store, B, Field.CURRENT) == 6


def test_without_a_word_in_the_column_every_row_is_synced():
    world, store, engine = make_company()
    world.numbers |= {"a": Decimal(5), "b": Decimal(6)}
    apply_run(engine, RunWishes())
    assert [shows(store, row, Field.SCORE) for row in (A, B)] == [Decimal("0.5"), Decimal("0.6")]
