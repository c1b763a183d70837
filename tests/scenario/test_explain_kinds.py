"""``explain`` for every kind of mapping: each line of the way from the query to the cell, and none that is made up."""

import re

import pytest

from sandbox.acme import CRM_BASE, SURVEYS_BASE
from tests.support.company import Company

METRICS = """\
metrics:
  bugs: {jira: 'project = WEB AND type = Bug', measure: count}
  all_web: {jira: 'project = WEB', within: {cycle: created}, measure: count}
  holed: {crm: {table: Deals, where: {Stage: "${stage}"}}, within: {cycle: Closed}, measure: count}
key_results:
"""
STEPS = """
    steps:
      Site chosen: {jira: 'key = OPS-5 AND statusCategory = Done'}
      Data is copied: {jira: 'parent = OPS-3', measure: percent_done, weight: 2}
      Later: {jira: 'key = OPS-7 AND statusCategory = Done'}"""
KINDS = {
    "jira count": (
        "WEB-2.1: {jira: 'project = WEB AND type = Bug', within: {cycle: created}, measure: count}",
        [r"jira +\(project = WEB AND type = Bug\) AND \(created >= \"2026-09-21 00:00\" AND created < \"2026-12-21 ",
         r"within +created from 21 Sep to 20 Dec", r"measure +count", r"answer +(\d+); \1 records counted; asked "],
        3,
    ),
    "jira aggregate": (
        ("WEB-2.1: {jira: {jql: 'project = WEB', where: {Type: Story}}, within: {90d: resolved}, "
         "measure: {median: Story Points}}"),
        [r"jira +\(project = WEB\) AND \(Type = \"Story\"\) AND \(resolved >= ", r"measure +median of Story Points",
         r"answer +\d+; \d+ records counted"],
        3,
    ),
    "jira workdays": (
        ("WEB-2.1: {jira: 'project = WEB AND type = Story', within: {28d: resolved}, "
         "measure: {p85: {workdays: [In Progress, Done]}}}"),
        [r"measure +p85 of workdays from In Progress to Done", r"answer +[\d.]+; \d+ records counted"],
        3,
    ),
    "percent done by points": (
        "WEB-1.1: {jira: 'parent = WEB-4', measure: {percent_done: Story Points}, missing: 1}",
        [r"measure +percent done by Story Points; a record without it counts as 1",
         r"answer +0\.\d+ = [\d.]+ of [\d.]+; \d+ records counted"],
        3,
    ),
    "share": (
        "C-1.3: {crm: Deals, within: {cycle: Created}, measure: {share: {Stage: Won}}}",
        [r"crm +Deals, Created from 2026-09-21 until before 2026-12-21", r"sent +IF\(ISERROR\(.*IS_AFTER\(\{Created\}",
         r"measure +share with Stage = Won", r"answer +0\.\d+ = \d+ of (\d+); \1 records counted"],
        3,
    ),
    "airtable sum": (
        ("GRO-1.1: {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: {sum: Amount EUR}, "
         "scale: 0.001}"),
        [r"crm +Deals, where Stage = Won, Closed from", r"answer +[\d,]+; \d+ records counted",
         r"scale +[\d,]+ × 0\.001 = ([\d.,]+)\n", r"value +[\d.,]+ k EUR: read just now"],
        3,
    ),
    "records left out": (
        ("GRO-1.2: {crm: Deals, within: {90d: Created}, measure: {median: Days to close}, "
         "guard: {min_records: 5, max: 400}, note: Ask Ann}"),
        [r"note +Ask Ann", r"left out +\d+ records: they lack Days to close; missing: 0 would count them as 0",
         r"guard +at least 5 records, not above 400, no sudden 0, unless it stands on day 3: nothing to doubt"],
        3,
    ),
    "nps": (
        "GRO-1.2: {surveys: NPS, within: {90d: Answered}, measure: {nps: Score}}",
        [r"surveys +NPS, Answered from", r"measure +NPS of Score",
         r"answer +-?[\d.]+ = -?\d+ of (\d+); \1 records counted",
         r"left out +\d+ records?: (they|it) lacks? Score"],
        3,
    ),
    "formula": (
        "GRO-1.2: {formula: 'round(100 * bugs / all_web, 1)'}",
        [r"bugs:\n  metric +bugs at mappings.yaml:2:9\n  jira +project = WEB AND type = Bug\n",
         r"all_web:\n  metric +all_web at mappings.yaml:3:12\n",
         r"formula +round\(100 \* bugs / all_web, 1\) = round\(100 \* (\d+) / (\d+), 1\) = [\d.]+",
         r"score +\([\d.]+ − "],
        6,
    ),
    "template": (
        "GRO-1.2: {metric: holed, with: {stage: Won}}",
        [r"metric +holed at mappings.yaml:4:10, with stage = Won", r"crm +Deals, where Stage = Won, Closed"],
        3,
    ),
    "steps": (
        f"C-1.3: {STEPS}",
        [r"Site chosen:\n  jira +key = OPS-5", r"measure +done when a record is there",
         r"Data is copied:\n  jira +parent = OPS-3\n  measure +percent done\n  answer +0\.\d+ = \d+ of \d+",
         r"steps +Site chosen: done; Data is copied \(weight 2\): [\d.]+ %; Later: open; weights done [\d.]+ of 4"],
        4,
    ),
    "another zone": (
        "WEB-2.1: {jira: 'project = WEB AND type = Bug', within: {cycle: created}, measure: {share: {Type: Bug}}}",
        [r"created >= \"2026-09-21 00:00\"",
         r"sent +\(project = WEB AND type = Bug\) AND \(created >= \"2026-09-20 18:00\""],
        3,
    ),
    "manual": ("WEB-1.1: {jira: 'project = WEB', measure: percent_done}",
               [r"No mapping: people type Current into the sheet", r"value +99\.93 %: typed by a person"], 0),
}  # fmt: skip
ALWAYS = (
    r"\n  (pace|paused) ",
    r"\n  rule +pace_ratio: on track from",
    r"\n  status +\w",
    r"\n  why +\w",
    r"\n  weight +\d",
    r"Cells in Key Results, row \d+",
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_way_of_every_kind_of_mapping(company: Company, kind: str) -> None:
    entry, patterns, samples = KINDS[kind]
    company.write(config=make_config(company, zone="America/New_York" if kind == "another zone" else "Europe/Berlin"))
    (company.folder / "mappings.yaml").write_text(METRICS + f"  {entry}\n")
    said = company.say("explain", "C-1.3" if kind == "manual" else entry.partition(":")[0], "--live", COLUMNS="400")
    assert said.code == 0, said.text
    text = re.sub(r"\n {12}(?=\S)", " ", said.out)  # wrapped lines
    for pattern in (*patterns, *ALWAYS):
        assert re.search(pattern, text), f"{pattern}\n{said.out}"
    links = re.findall(r"^ +https?://\S+$", said.out, re.MULTILINE)
    assert len(links) == samples, said.out
    assert ("now  " in said.out) is (kind != "manual")


def make_config(company: Company, zone: str) -> str:
    """The company's own, with its surveys; Jira's account may live elsewhere."""
    company.write()
    written = (company.folder / "config.yaml").read_text()
    crm = next(line for line in written.splitlines() if line.startswith("  crm:"))
    surveys = crm.replace("crm:", "surveys:").replace(CRM_BASE, SURVEYS_BASE)
    return written.replace(crm, f"{crm}\n{surveys}").replace("email:", f"timezone: {zone}, email:")


def test_a_mapping_that_cannot_be_used_tells_where_why_and_what_to_do(synced: Company) -> None:
    synced.write(mappings="key_results:\n  WEB-1.1: {jira: 'project = WEB', measure: percent_doen}\n")
    said = synced.say("explain", "WEB-1.1", "--live").out
    assert "mapping   mappings.yaml:2:45  key_results.WEB-1.1.measure\n" in said
    assert (
        "its mapping can't be used: no measure is called “percent_doen”\n  fix       Did you mean “percent_done”?"
        in said
    )
    assert re.search(r"value +52\.5 %: the last good reading", said)


def test_a_program_gets_formula_and_guard_and_the_query_as_sent(company: Company) -> None:
    company.write(mappings=METRICS + "  GRO-1.2: {formula: 'bugs / all_web', guard: {max: 3}}\n")
    found = company.say("explain", "GRO-1.2", "--json").json["explained"][0]
    assert (found["formula"], found["scale"]) == ("bugs / all_web", 1)
    assert "not above 3" in found["guard"]
    assert [part["name"] for part in found["asked"]] == ["bugs", "all_web"]
    assert [part["sent"] for part in found["asked"]] == [part["query"] for part in found["asked"]]
