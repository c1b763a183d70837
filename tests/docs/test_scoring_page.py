"""The tables of docs/scoring.md are what the rules say."""

import pytest

from tests.docs.pages import read, rows, section
from tests.docs.scoring_tables import answer_rows, kind_rows, missing_rows, preset_rows


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Score", kind_rows),
        ("Presets", preset_rows),
        ("One key result, eleven answers", answer_rows),
        ("What is not there", missing_rows),
    ],
)
def test_a_table_says_what_the_rules_say(heading, expected):
    assert rows(section(read("docs/scoring.md"), heading)) == expected()
