"""Acme in the sandbox, once for all scenarios; a new sheet and folder for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.sheet import google_layout
from tests.support.company import Company, Services, make_company, serving
from tests.support.teams import make_teams


@pytest.fixture(scope="session")
def acme() -> Iterator[Services]:
    """The services. New tabs are shorter than in life, because every read has every formatted cell."""
    with serving() as services, pytest.MonkeyPatch.context() as patch:
        patch.setattr(google_layout, "ROWS", 60)
        yield services


@pytest.fixture
def company(acme: Services, tmp_path: Path) -> Iterator[Company]:
    """A company whose sheet is prepared and filled, and was never synced."""
    found = make_company(acme, tmp_path)
    found.fill()
    yield found
    acme.reset()
    assert [service.failures for service in (acme.jira, acme.airtable, acme.google)] == [[], [], []]


@pytest.fixture
def synced(company: Company) -> Company:
    """The same after a first run."""
    said = company.say("run")
    assert said.code == 0, said.text
    return company


@pytest.fixture
def teams(company: Company) -> Company:
    """Two teams, each with a workbook of its own, beside Acme's Google sheet."""
    return make_teams(company)
