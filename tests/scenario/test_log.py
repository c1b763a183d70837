"""What -v and -vv say on stderr beside a run's line."""

import pytest

from tests.support.company import Company
from tests.support.receiver import receiving


@pytest.mark.parametrize("words", [(), ("-v",)])
def test_requests_are_not_logged_unless_asked_for(company: Company, words: tuple[str, ...]) -> None:
    assert "answered" not in company.say(*words, "run").err


def test_every_request_is_logged_without_its_path(company: Company) -> None:
    google = len(company.services.google.requests)
    said = company.say("-vv", "run")
    lines = [line for line in said.err.splitlines() if " answered " in line]
    assert all(line.endswith(" answered 200") for line in lines)
    assert len(lines) >= len(company.services.google.requests) - google + 4  # and Jira's and Airtable's
    assert "spreadsheets/" not in said.err
    assert "/rest/api" not in said.err


def test_an_address_that_is_a_secret_stays_one(company: Company) -> None:
    with receiving() as receiver:
        hook = f"{receiver.url}/hook/7h1s-1s-4-s3cr3t"
        config = (company.folder / "config.yaml").read_text()
        (company.folder / "config.yaml").write_text(config + "alerts: {ping: 'env:PING'}\n")
        said = company.say("-vv", "run", PING=hook)
        assert receiver.got
    assert " answered " in said.err
    assert "7h1s" not in said.text
