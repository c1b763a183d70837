"""Plans that are saved, looked at in a pull request, and applied; with an account that may only read."""

import json
import re

from sandbox.google import ROBOT
from tests.support.company import Company


def test_a_plan_is_saved_and_applied_and_then_it_is_stale(company: Company) -> None:
    said = company.say("plan", "--out", "plan.json")
    assert said.code == 0
    file = company.folder / "plan.json"
    assert file.stat().st_mode & 0o777 == 0o600
    saved = json.loads(file.read_text())
    assert (saved["version"], saved["kind"]) == (1, "okr-sync plan")
    assert saved["world"]["sheet"] == company.document.id
    assert "WEB-1.1" in [row["id"] for row in saved["plan"]["moved"]]
    applied = company.say("run", "--plan", "plan.json")
    assert applied.code == 0, applied.text
    assert company.shows("WEB-1.1", "Current") == "52.5%"
    again = company.say("run", "--plan", "plan.json")
    assert again.code == 6
    assert "okr-sync has written the sheet since" in again.err
    assert "Nothing to change" in company.say("run").out


def test_other_mappings_make_it_stale(company: Company) -> None:
    company.say("plan", "--out", "plan.json")
    mappings = company.folder / "mappings.yaml"
    mappings.write_text(f"# looked at\n{mappings.read_text()}")
    said = company.say("run", "--plan", "plan.json")
    assert (said.code, "the config or the mappings have changed" in said.err) == (6, True)


def test_what_is_no_plan_is_a_usage_error(company: Company) -> None:
    for name, words in (("none.json", "can't be read"), ("config.yaml", "is no plan")):
        said = company.say("run", "--plan", name)
        assert (said.code, words in said.err) == (2, True), said.err
    assert company.say("run", "--plan", "x", "--only", "WEB-1.1").code == 2


def test_a_plan_needs_only_to_read(company: Company) -> None:
    company.document.share(ROBOT, role="reader")
    before = len(company.services.google.requests)
    assert company.say("plan", "--out", "plan.json").code == 0
    made = company.services.google.requests[before:]
    assert {request.method for request in made if request.path.startswith("/v4/")} == {"GET"}
    said = company.say("run")
    assert said.code == 1
    assert "Nothing was written" in said.err


def test_a_plan_as_markdown_shows_texts_and_nothing_else(company: Company) -> None:
    name = "<img src=x> | *bold* @everyone [link](http://x) `code`"
    company.type("WEB-1.1", "Key result", name)
    said = company.say("plan", "--format", "md", AIRTABLE_TOKEN="")
    assert said.code == 0
    assert said.out.startswith("### OKR plan: Acme OKRs, 22 Nov 2026\n\n")
    rows = [line for line in said.out.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {6}
    (line,) = (line for line in rows if "WEB-1.1" in line)
    assert "<img" not in said.out
    assert "@everyone" not in line
    assert "\\*bold\\*" in line
    assert line.count("| Score | nothing | **0.66** |") == 1
    assert said.out.count("<details>") == said.out.count("</details>") > 0
