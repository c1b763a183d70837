"""``check --live`` and ``discover`` as they are typed, against Acme."""

from connectors.registry import recipe_kinds
from sandbox.wire import Fault
from tests.support.company import Company

WRONG = """\
metrics:
  bugs: {jira: 'project = WEB AND type = Bug', measure: count}
key_results:
  WEB-1.1: {jira: 'project = WEB AND labels = top-request', measure: count}
  WEB-2.1: {metric: bugs}
  GRO-1.1:
    crm: {table: Deals, where: {Stage: Won, Segment: Hospital}}
    within: {cycle: Closed}
    measure: {sum: Amount EURO}
  GRO-1.2: {crm: {table: Deals}, within: {90d: Created}, measure: {median: Days to close}}
  C-1.3: {jira: 'project = WBE AND type = Bug', measure: count}
"""


def test_the_companys_own_mappings_are_fine(company: Company) -> None:
    said = company.say("check", "--live")
    assert (said.code, said.text.count("warning")) == (0, 0), said.text


def test_says_what_the_sources_refuse_and_what_looks_wrong_each_at_its_place(company: Company) -> None:
    company.write(mappings=WRONG)
    before = len(company.services.jira.requests)
    said = company.say("check", "--live")
    assert said.code == 2
    asked = [each.path for each in company.services.jira.requests[before:]]
    assert asked.count("/rest/api/3/jql/parse") == 1
    for lines in (
        "mappings.yaml:9:20  key_results.GRO-1.1.measure.sum: The table Deals has no field “Amount EURO”\n",
        "    9 |     measure: {sum: Amount EURO}\n",
        "      |                    ^^^^^^^^^^^  Did you mean “Amount EUR”?\n",
        "mappings.yaml:11:28  key_results.C-1.3.jira: jira refuses this query: The value 'WBE' does not exist",
        "warning: mappings.yaml:4:70  key_results.WEB-1.1.measure: WEB-1.1 is in percent, and this is a count",
        "warning: mappings.yaml:10:76  key_results.GRO-1.2.measure.median: Days to close is empty in",
    ):
        assert lines in said.out
    assert "Nothing was written." in said.out


def test_a_formula_far_from_its_target_is_told_at_its_own_line(company: Company) -> None:
    company.write(
        mappings="metrics:\n"
        "  won: {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: count}\n"
        "  made: {crm: {table: Deals}, within: {cycle: Created}, measure: count}\n"
        "key_results:\n"
        "  C-1.3: {formula: 100 * won ** 1 / made}\n"
        "  NEW-1: {jira: 'project = WEB', measure: percent_done}\n"
    )
    said = company.say("check", "--live")
    assert said.code == 0
    for lines in (
        "key_results.C-1.3: C-1.3: the source gives 37.4, and the target is 99.9 %\n    5 |   C-1.3: {formula:",
        "^^^^^  Is scale: 0.01 missing, or the unit another?",
        "key_results.NEW-1: NEW-1 is mapped but isn't in the sheet\n    6 |   NEW-1: {jira:",
    ):
        assert lines in said.out


def test_writes_nothing(company: Company) -> None:
    before = company.machine_cells()
    company.say("check", "--live")
    assert company.machine_cells() == before


def test_two_key_results_over_the_same_issues(company: Company) -> None:
    query = "{jira: 'project = WEB AND labels = top-request', measure: percent_done}"
    company.write(mappings=f"key_results:\n  WEB-1.1: {query}\n  C-1.3: {query}\n")
    found = company.say("check", "--live", "--json").json
    assert [item["code"] for item in found["problems"]] == ["live.same-records"]
    message = found["problems"][0]["message"]
    assert message.startswith(("WEB-1.1 and C-1.3 count the same", "C-1.3 and WEB-1.1 count the same"))


def test_a_source_that_is_down_is_one_warning_and_the_others_are_checked(company: Company) -> None:
    company.write(mappings=WRONG)
    company.services.jira.faults.add(Fault(status=401, times=None))
    found = company.say("check", "--live", "--json").json
    codes = [item["code"] for item in found["problems"]]
    assert codes.count("live.source") == 1
    assert "live.field" in codes
    place = next(item["place"] for item in found["problems"] if item["code"] == "live.source")
    assert place["file"] == "config.yaml"


def test_a_key_result_without_owner(company: Company) -> None:
    company.type("WEB-1.1", "Owner", "")
    said = company.say("check", "--live")
    assert said.code == 0
    assert "WEB-1.1: it has no owner" in said.out


def test_offers_a_line_for_what_has_no_mapping_by_unit_and_name(company: Company) -> None:
    company.type("C-1.3", "Key result", "Revenue from hotels")
    company.type("C-1.3", "Unit", "€")
    company.type("C-1.3", "Target", "5000")
    said = company.say("check", "--live")
    stub = next(line for line in said.out.splitlines() if line.startswith("  C-1.3: "))
    assert "{crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: {sum: Amount}}" in stub


def test_discover_lists_and_its_mapping_passes_check(company: Company) -> None:
    said = company.say("discover", "crm")
    assert said.code == 0
    lines = [line for line in said.out.splitlines() if line.startswith("  KR-")]
    company.write(mappings="key_results:\n" + "\n".join(lines) + "\n")
    assert company.say("check").code == 0


def test_discover_in_json_only_what_has_a_text(company: Company) -> None:
    found = company.say("discover", "jira", "--filter", "story point", "--json").json
    assert [listing["title"] for listing in found["listings"]] == ["Story points", "Fields", "Boards"][:2]
    assert (found["kind"], found["file"]) == ("jira", "mappings.yaml")


def test_discover_of_an_unknown_source_says_which_was_meant(company: Company) -> None:
    said = company.say("discover", "jria")
    assert (said.code, "Did you mean “jira”?" in said.err) == (2, True)


def test_discover_places_a_refusal_in_the_config(company: Company) -> None:
    said = company.say("discover", "crm", AIRTABLE_TOKEN="wrong-token")
    assert said.code == 1
    assert said.err.startswith("Error: config.yaml:8:")
    assert "AIRTABLE_TOKEN" in said.err
    assert "wrong-token" not in said.text


def test_discover_alone_lists_kinds_without_a_config(company: Company) -> None:
    (company.folder / "config.yaml").unlink()
    said = company.say("discover")
    assert said.code == 0
    assert "jira  (installed)" in said.out
    assert "token  A personal access token" in said.out
    assert "PydanticUndefined" not in said.out


def test_discover_alone_tells_every_kinds_limits_and_where_they_are_documented(company: Company) -> None:
    kinds = {kind["kind"]: kind for kind in company.say("discover", "--json").json["kinds"]}
    told = {name: {limit["about"]: limit for limit in kind["limits"]} for name, kind in kinds.items()}
    assert all({"calls", "page"} <= set(limits) or name == "file" for name, limits in told.items())
    assert all(kind["installed"] for kind in kinds.values())
    for name in ("airtable", "github", "google_sheet", "jira", *recipe_kinds()):
        assert told[name]["calls"]["source"].startswith("https://")
    assert told["airtable"]["penalty"]["text"] == "a base that is asked more often answers nobody for 30 s"
    said = company.say("discover", "--filter", "airtable").out
    assert "    page     100 records: a table of 5,000 is 50 calls" in said
    assert "             https://airtable.com/developers/web/api/list-records\n" in said
    assert "asana" not in said


FORMULAS = """\
metrics:
  won: {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: count}
  made: {crm: {table: Deals}, within: {cycle: Created}, measure: count}
  ever: {crm: {table: Deals}, measure: count}
  closed: {crm: {table: Deals, where: {Stage: [Won]}}, within: {cycle: Closed}, measure: count}
key_results:
  C-1.3: {formula: 100 * won / made}
  GRO-1.1: {formula: won + made}
  GRO-1.2: {formula: won / ever}
  WEB-1.1: {formula: won / made}
  WEB-2.1: {formula: closed / made}
"""


def test_formulas_over_named_metrics_are_looked_at_like_single_measures(company: Company) -> None:
    company.write(mappings=FORMULAS)
    said = company.say("check", "--live")
    assert said.code == 0
    for lines in (
        "mappings.yaml:7:20  key_results.C-1.3.formula: C-1.3's target 99.9 % is the fraction 0.999, and this gives",
        "      |                    ^^^^^^^^^^^^^^^^  Leave the 100 out.",
        "mappings.yaml:8:22  key_results.GRO-1.1.formula: GRO-1.1 is in k EUR, and this formula gives a count",
        "metrics.ever.crm.table: ever counts everything there ever was, and won only what lies within its dates",
        "C-1.3 and WEB-1.1 and WEB-2.1 count the same",
    ):
        assert lines in said.out, lines
    assert said.out.count("count the same") == 1


TRIGGERS = """\
key_results:
  WEB-1.1: {jira: 'project = WEB AND labels = last-quarter', measure: percent_done}
  WEB-2.1: {jira: 'project = WEB AND "Fund in" = Production', within: {cycle: created}, measure: count}
  GRO-1.1: {crm: {table: Deals}, measure: {sum: Amount EUR}}
  GRO-1.2: {jira: 'project = WEB', measure: percent_done}
  C-1.3: {jira: 'project = WEB', measure: {percent_done: Stroy Points}}
"""
NEAR_MISSES = """\
key_results:
  WEB-1.1: {jira: 'project = WEB AND labels = top-request', measure: percent_done}
  WEB-2.1: {jira: 'project = WEB AND "Found in" = Production', within: {cycle: created}, measure: count}
  GRO-1.1: {crm: {table: Deals}, within: {cycle: Closed}, measure: {sum: Amount EUR}, scale: 0.001}
  GRO-1.2: {crm: {table: Deals, where: {Stage: Won}}, within: {90d: Closed}, measure: {median: Days to close}}
  C-1.3: {jira: 'parent = WEB-4', measure: {percent_done: Story Points}, missing: 1}
"""


def test_every_finding_has_its_cause_and_goes_when_the_cause_goes(company: Company) -> None:
    company.write(mappings=TRIGGERS)
    before = len(company.services.jira.requests)
    found = company.say("check", "--live", "--json").json["problems"]
    told = {(item["subject"], item["code"]) for item in found}
    assert told == {
        ("WEB-1.1", "live.quiet"),
        ("WEB-2.1", "live.refused"),
        ("GRO-1.1", "live.no-time-bound"),
        ("GRO-1.2", "live.unit"),
        ("GRO-1.2", "live.direction"),
        ("GRO-1.2", "live.same-records"),
        ("C-1.3", "live.field"),
    }
    asked = [each.path for each in company.services.jira.requests[before:]]
    assert asked.count("/rest/api/3/jql/parse") == 1
    said = {item["subject"]: f"{item['message']} {item['fix']}" for item in found}
    assert "Did you mean “Found in”?" in said["WEB-2.1"]
    assert "Did you mean “Story Points” or" in said["C-1.3"]
    company.write(mappings=NEAR_MISSES)
    assert company.say("check", "--live", "--json").json["problems"] == []
