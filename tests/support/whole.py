"""A company's whole sheet, and that it heals once trouble is over."""

import copy
from typing import Any

from tests.support.company import ROWS, Company


def whole(company: Company) -> list[Any]:
    """Every cell of every tab."""
    return copy.deepcopy([(tab.title, tab.rows) for tab in company.document.tabs])


def heals(company: Company) -> None:
    """All is well again: the next run writes everything, the one after that nothing, and History is exact."""
    company.services.reset()
    said = company.say("run")
    assert said.code == 0, said.text
    heals_at_once(company)


def heals_at_once(company: Company) -> None:
    """The run wrote everything: the next one has nothing to do, and History is exact."""
    assert "Nothing to change" in company.say("run").out
    history = [tuple(row[:6]) for row in company.person.rows("History 2026-Q4")[1:] if any(row)]
    assert len(history) == len(set(history))
    for row in ROWS["Key Results"]:
        assert company.shows(row, "Status") not in ("", "No data"), row
