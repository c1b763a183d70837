"""docs/cookbook and docs/mappings.md at Acme: every key result gives its true number, every example a reading."""

import re
from decimal import Decimal

import pytest

from mappings.model import Reading
from tests.docs.acme_answers import COOKBOOK, PAGE, ask, bind, goal
from tests.docs.cookbook_truth import TRUTH, Truth
from tests.docs.pages import read, rows

KEY_RESULTS = sorted(bind(COOKBOOK))
EXAMPLES = sorted(bind(PAGE))
_NOBODY_DOES_SO = {"TEAM-1"}  # Acme labels no issue with a key result's id: a true 0


@pytest.fixture(scope="module")
def asked():
    return ask(COOKBOOK | PAGE)


@pytest.mark.parametrize(("file", "id_"), KEY_RESULTS)
def test_a_key_result_gives_its_true_number(asked, file, id_):
    outcome = asked.outcomes[file, id_]
    assert isinstance(outcome, Reading), outcome
    assert outcome.value == TRUTH[id_](Truth(asked.world))


@pytest.mark.parametrize(("page", "id_"), EXAMPLES)
def test_an_example_of_jira_or_airtable_gives_a_reading(asked, page, id_):
    outcome = asked.outcomes[page, id_]
    assert isinstance(outcome, Reading), outcome
    assert (outcome.value != 0) is (id_ not in _NOBODY_DOES_SO)


def test_ids_are_one_key_results_own_so_that_the_folder_can_be_copied_whole():
    ids = [id_ for _, id_ in KEY_RESULTS]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(TRUTH)
    assert len(COOKBOOK) >= 30


@pytest.mark.parametrize(("file", "text"), COOKBOOK.items())
def test_a_file_says_what_for_from_where_to_where_why_so_and_what_to_mind(file, text):
    sentence, aim, empty, *rest = text.splitlines()
    assert re.fullmatch(r"# [A-Z].+\.", sentence)
    assert empty == "#"
    wanted = goal(text)
    assert aim.startswith("# Baseline ")
    assert wanted["baseline"] != wanted["target"]
    assert sum(line.startswith("# Why so: ") for line in rest) == sum(line.startswith("# Trap: ") for line in rest) == 1
    assert max(map(len, text.splitlines())) <= 120


def test_no_key_result_is_so_far_from_its_goal_that_the_example_looks_wrong(asked):
    """Between half the way back behind the baseline and half beyond the target."""
    far = {}
    for file, id_ in KEY_RESULTS:
        aim = goal(COOKBOOK[file])
        baseline, target = Decimal(str(aim["baseline"])), Decimal(str(aim["target"]))
        progress = (asked.outcomes[file, id_].value - baseline) / (target - baseline)
        if not Decimal("-0.5") <= progress <= Decimal("2.1"):
            far[id_] = progress
    assert far == {}


def test_the_index_lists_every_file_once_in_order():
    listed = [re.search(r"\]\((.+?)\)", row[1])[1] for row in rows(read("docs/cookbook/README.md"))]
    assert listed == list(COOKBOOK)


def test_the_pages_lead_to_each_other():
    assert "(cookbook/README.md)" in read("docs/mappings.md")
    assert "(../mappings.md)" in read("docs/cookbook/README.md")
    assert "(docs/cookbook/README.md)" in read("README.md")
