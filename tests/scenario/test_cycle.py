"""A quarter's end on the command line, against the sandbox's Google Sheets: review, open, close, reopen."""

from pathlib import Path

from tests.support.company import Company


def decide(company: Company) -> None:
    for own_id, word in {"WEB-1.1": "Keep", "WEB-2.1": "Modify", "GRO-1.1": "Drop", "GRO-1.2": "Drop"}.items():
        company.type(own_id, "At close", word)


def filled(company: Company, title: str) -> list[list[str]]:
    return [row for row in company.person.rows(title) if any(row)]


def cycle_of(company: Company) -> str:
    return company.shows("WEB-1.1", "Cycle")


def test_a_review_is_printed_and_written_into_a_file(synced: Company, tmp_path: Path) -> None:
    said = synced.say("cycle", "review", "--format", "md", "--out", str(tmp_path / "review.md"))
    assert (said.code, said.out) == (0, "")
    assert "## Grades by team" in (tmp_path / "review.md").read_text()
    found = synced.say("cycle", "review", cycle_of(synced), "--json").json
    assert len(found["key_results"]) == 5
    assert synced.say("cycle", "review", "soon").code == 2


def test_opening_asks_first_writes_once_and_then_nothing(synced: Company) -> None:
    decide(synced)
    title = "Key Results"
    before = filled(synced, title)
    assert synced.say("cycle", "open", "2027-Q1", "--json").json["applied"] is False
    refused = synced.say("cycle", "open", "2027-Q1")
    assert refused.code == 2, "nobody can be asked here"
    assert filled(synced, title) == before
    said = synced.say("cycle", "open", "2027-Q1", "--yes")
    assert said.code == 0, said.text
    assert "Undecided, left out: C-1.3" in said.out
    rows = filled(synced, title)
    assert [row[:2] for row in rows[: len(before)]] == [row[:2] for row in before]
    added = rows[len(before) :]
    assert [row[0] for row in added] == ["WEB-1.1", "WEB-2.1"]
    assert all("2027-Q1" in row for row in added)
    again = synced.say("cycle", "open", "2027-Q1", "--yes")
    assert "Nothing to write." in again.out
    assert filled(synced, title) == rows


def test_closing_freezes_the_grades_and_reopening_takes_it_back(synced: Company) -> None:
    cycle = cycle_of(synced)
    said = synced.say("cycle", "close", cycle, "--yes")
    assert said.code == 0, said.text
    frozen = synced.person.rows(f"{cycle} closed")
    assert {row[0] for row in frozen if row} >= {"WEB-1.1", "C-1.3", "WEB-1"}
    before = synced.machine_cells()
    synced.type("C-1.3", "Current", "10%")
    assert synced.say("run").code == 0
    assert synced.machine_cells() == {**before, ("C-1.3", "Current"): synced.shows("C-1.3", "Current")}
    assert "is closed since" in synced.say("cycle", "close", cycle, "--yes").out
    assert synced.say("cycle", "reopen", cycle, "--json").json["applied"] is True
    synced.say("run")
    assert synced.shows("C-1.3", "Score") != before["C-1.3", "Score"]
    assert synced.say("cycle", "close", "2019-Q1", "--yes").code == 2
