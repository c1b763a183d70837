from dataclasses import replace

from okr.problem import CellPlace, ConfigError, OkrSyncError, Problem, TextPlace


def test_places_read_as_people_write_them():
    assert str(TextPlace("config.yaml", 41, 14)) == "config.yaml:41:14"
    assert str(TextPlace("config.yaml", 41, 14, "key_results.K.metric")) == "config.yaml:41:14  key_results.K.metric"
    assert str(CellPlace("Key Results", "D7")) == "Key Results!D7"
    assert str(CellPlace("Key Results", "")) == "Key Results"


def test_a_problem_is_the_same_one_when_its_line_or_cell_moves():
    text = Problem("code", "message", TextPlace("a.yaml", 3, 1, "key_results.K"), subject="K")
    assert text.identity == replace(text, place=TextPlace("a.yaml", 9, 1, "key_results.K"), message="other").identity
    assert text.identity != replace(text, place=TextPlace("a.yaml", 3, 1, "key_results.L")).identity
    assert replace(text, place=TextPlace("a.yaml")).identity == ("code", "K", "a.yaml")
    cell = replace(text, place=CellPlace("Key Results", "D7"), subject=None)
    assert cell.identity == replace(cell, place=CellPlace("Key Results", "D9")).identity == ("code", "", "Key Results")
    assert replace(cell, place=None).identity == ("code", "", "")


def test_errors_say_where_what_and_what_next():
    assert str(OkrSyncError("it broke")) == "it broke"
    assert str(OkrSyncError("it broke", place=CellPlace("KPIs", "A2"), fix="Mend it.")) == "KPIs!A2: it broke Mend it."
    one, two = ConfigError((Problem("a", "b"),)), ConfigError((Problem("a", "b"), Problem("c", "d")))
    assert str(one) == "1 problem. Nothing was read or written."
    assert str(two).startswith("2 problems.")
    assert [problem.code for problem in two.problems] == ["a", "c"]
