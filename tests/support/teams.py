"""Many sheets: Acme's Google sheet, and teams with a workbook of their own."""

import shutil

from sandbox.person_workbook import WorkbookPerson
from tests.support.company import Company, Said, say

TEAMS = "teams/*/config.yaml"


def make_teams(company: Company) -> Company:
    """Two teams, each with a workbook of its own, beside Acme's Google sheet."""
    acme = company.folder / "teams" / "acme"
    acme.mkdir(parents=True)
    for name in ("config.yaml", "mappings.yaml", "key.json"):
        shutil.move(company.folder / name, acme / name)
    for name in ("desk", "shop"):
        folder = company.folder / "teams" / name
        folder.mkdir()
        assert say("init", "--workbook", "okrs.xlsx", folder=folder).code == 0
        assert say("layout", folder=folder).code == 0
    return company


def call(company: Company, *words: str, **environ: str) -> Said:
    """Do it for all of them."""
    return company.say(*words, "--config", TEAMS, **environ)


def add_to_config(company: Company, name: str, text: str) -> None:
    """More lines at the end of a team's config."""
    path = company.folder / "teams" / name / "config.yaml"
    path.write_text(path.read_text() + text)


def give_rows(teams: Company, name: str, *ids: str) -> None:
    """Key results that people fill in, in a team's workbook."""
    person = WorkbookPerson(teams.folder / "teams" / name / "okrs.xlsx")
    person.fill("Objectives", [{"Objective ID": name.upper(), "Objective": f"A better {name}"}])
    person.fill(
        "Key Results",
        [
            {"KR ID": each, "Key result": f"Half of {each}", "Objective ID": name.upper(), "Baseline": "0",
             "Target": "10", "Current": "5"} for each in ids
        ],
    )  # fmt: skip
