"""What stands on a Google sheet after ``leave``, and after it is prepared anew."""

from tests.support.company import Company

BOARD = "Dashboard"


def test_the_day_of_the_last_sync_stays_and_no_formula_reads_a_tab_that_is_gone(synced: Company) -> None:
    day = synced.person.text(BOARD, "B3")
    assert day.startswith("22 Nov 2026")
    assert synced.say("leave", "--yes").code == 0
    assert synced.person.text(BOARD, "B3") == day
    assert "_okr_sync" not in str(synced.person.rows(BOARD))


def test_a_sheet_that_is_prepared_anew_shows_no_day_before_its_first_run(synced: Company) -> None:
    synced.say("leave", "--yes")
    assert synced.say("layout").code == 0
    assert "1899" not in synced.person.text(BOARD, "B3")
