"""``explain`` as it is typed: the whole way from the query to the cell."""

import re

import pytest

from tests.support.company import Company


class TestExplain:
    def test_goes_the_whole_way_from_the_query_to_the_cell(self, synced: Company) -> None:
        synced.services.jira.requests.clear()
        said = synced.say("explain", "GRO-1.1")
        assert said.code == 0
        text = " ".join(said.out.split())  # where lines break depends on the stand-ins' ports
        for part in (
            "mappings.yaml:4:3 key_results.GRO-1.1",
            "Deals, where Stage = Won and Segment = Hospital, Closed from ",
            "sum of Amount EUR",
            "records counted",
            " × 0.001 = ",
            "k EUR: read just now",
            " − 0) / (500 − 0) = ",
            "expected by ",
            "pace_ratio: on track from ",
            "confirmed by the last run",
            "stays",
        ):
            assert part in text, part
        assert synced.services.jira.requests == []

    def test_says_what_would_be_written(self, company: Company) -> None:
        said = company.say("explain", "WEB-1.1")
        assert re.search(r"Current +\(empty\)  → 52.5 %", said.out)
        assert company.shows("WEB-1.1", "Current") == ""

    def test_knows_manual_ones_and_objectives(self, synced: Company) -> None:
        assert "No mapping: people type Current" in synced.say("explain", "C-1.3").out
        said = synced.say("explain", "GRO-1").out
        assert "GRO-1.1" in said
        assert "GRO-1.2" in said
        assert re.search(r"score +\(.* × .*\) / \d+ = 0\.\d\d", said)

    def test_says_how_people_find_what_is_left_to_them(self, synced: Company) -> None:
        text = (synced.folder / "mappings.yaml").read_text()
        synced.write(mappings=f"{text}  C-1.3: {{manual: Ask the board, note: Since May}}\n")
        said = synced.say("explain", "C-1.3")
        assert said.code == 0
        assert re.search(r"by hand +People type Current", said.out)
        assert re.search(r"how +Ask the board", said.out)
        assert re.search(r"note +Since May", said.out)
        synced.type("C-1.3", "Current", "70%")
        assert synced.say("run").code == 0
        assert synced.shows("C-1.3", "Current") == "70.00%"
        checked = synced.say("check", "--sheet").out
        assert "without a mapping" not in checked
        assert "1 left to people" in checked

    def test_shows_a_hold_and_how_to_end_it(self, synced: Company) -> None:
        synced.type("WEB-1.1", "Current", "0.9")
        said = synced.say("explain", "WEB-1.1").out
        assert "90 % stays (new); okr-sync would write 52.5 %" in " ".join(said.split())
        assert "okr-sync release WEB-1.1 Current" in " ".join(said.split())

    def test_an_unknown_id_is_asked_about(self, synced: Company) -> None:
        said = synced.say("explain", "WEB-11")
        assert said.code == 2
        assert "“WEB-11” is not in the sheet." in said.err
        assert "Did you mean “WEB-1.1”?" in said.err

    def test_an_id_that_is_mapped_but_has_no_row_says_where(self, synced: Company) -> None:
        synced.write(mappings="key_results:\n  NEW-1: {jira: 'project = WEB', measure: percent_done}\n")
        said = synced.say("explain", "NEW-1")
        assert said.code == 2
        assert said.err.startswith(
            "Error: mappings.yaml:2:3  key_results.NEW-1: “NEW-1” is mapped but not in the sheet."
        )

    def test_as_json(self, synced: Company) -> None:
        found = synced.say("explain", "WEB-1.1", "--json").json["explained"][0]
        assert found["outcome"]["value"] == 0.525
        assert (found["outcome"]["numerator"], found["outcome"]["denominator"]) == (21, 40)
        assert found["asked"][0]["query"] == "project = WEB AND labels = top-request"
        assert [cell["field"] for cell in found["cells"]][:3] == ["current", "score", "status"]

    def test_shows_records_with_their_addresses_where_a_count_needs_none(self, synced: Company) -> None:
        said = synced.say("explain", "WEB-2.1").out
        links = re.findall(r"^ {12}(http://127\.0\.0\.1:\d+/browse/WEB-\d+)$", said, re.MULTILINE)
        assert len(links) == 3
        assert re.search(r"^  such as   WEB-\d+  \w+", said, re.MULTILINE)

    def test_shows_the_formula_that_airtable_is_sent_and_the_deals_by_name(self, synced: Company) -> None:
        said = " ".join(synced.say("explain", "GRO-1.1").out.split())
        assert "sent IF(ISERROR(AND(FIND('Won', {Stage}&''), FIND('Hospital', {Segment}&'')" in said
        assert re.search(r"such as rec\w{14} \w+ \w+", said)

    def test_counts_what_is_left_out_and_says_why(self, synced: Company) -> None:
        synced.write(mappings="key_results:\n  GRO-1.2: {crm: {table: Deals}, within: {90d: Created}, "
                     "measure: {median: Days to close}}\n")  # fmt: skip
        said = synced.say("explain", "GRO-1.2").out
        assert re.search(r"left out  \d+ records: they lack Days to close; missing: 0 would count them as 0", said)
        assert "note" not in said

    def test_names_the_template_and_what_fills_its_holes(self, synced: Company) -> None:
        synced.write(mappings="metrics:\n"
                     "  done: {jira: 'project = ${p} AND labels = top-request', measure: percent_done}\n"
                     "key_results:\n  WEB-1.1: {metric: done, with: {p: WEB}}\n")  # fmt: skip
        said = synced.say("explain", "WEB-1.1").out
        assert "done at mappings.yaml:2:9, with p = WEB" in said
        assert "project = WEB AND labels = top-request" in said

    def test_says_what_it_weighs_and_which_run_was_the_last(self, synced: Company) -> None:
        said = synced.say("explain", "GRO-1.1").out
        assert "2 of 3 in GRO-1: 66.67 % of its score" in said
        assert re.search(r"last run +20261122-\d{6}-\w{4}, 22 Nov", said)

    def test_live_compares_with_the_last_run_and_the_sheet(self, synced: Company) -> None:
        said = synced.say("explain", "WEB-1.1", "--live").out
        assert "sheet     52.5%; the source says the same" in said
        assert "mapping   as the last run read it" in said
        assert "Now, and in the sheet" not in synced.say("explain", "WEB-1.1").out

    def test_digits_that_no_cell_holds_are_no_move(self, company: Company) -> None:
        """The last good value is kept with as many digits as a cell can hold; a third has more."""
        company.write(mappings="metrics:\n  bugs: {jira: 'project = WEB AND type = Bug', measure: count}\n"
                      "key_results:\n  GRO-1.2: {formula: bugs / 7}\n")  # fmt: skip
        assert company.say("run").code == 0
        live = company.say("explain", "GRO-1.2", "--live", "--json").json["explained"][0]["live"]
        assert len(str(live["now"])) > 13
        assert live["moved"] == 0
        assert "; the source says the same" in company.say("explain", "GRO-1.2", "--live").out

    def test_live_reads_the_mapping_as_it_is_edited_now(self, synced: Company) -> None:
        synced.write(mappings="key_results:\n  WEB-1.1: {jira: 'project = WEB', measure: percent_done}\n")
        said = synced.say("explain", "WEB-1.1", "--live").out
        assert re.search(r"the source has moved (up|down) by [\d.]+ points", said)
        assert "edited since; the last run read jira: project = WEB AND labels = top-request" in said
        live = synced.say("explain", "WEB-1.1", "--live", "--json").json["explained"][0]["live"]
        assert (live["last_good"], live["sheet"], live["mapping_edited"]) == (0.525, "52.5%", True)
        assert live["moved"] == pytest.approx(live["now"] - 0.525)
        assert synced.shows("WEB-1.1", "Current") == "52.5%"

    def test_live_asks_what_is_paused_too(self, synced: Company) -> None:
        text = (synced.folder / "mappings.yaml").read_text()
        synced.write(mappings=text.replace("measure: percent_done}", "measure: percent_done, pause: {why: the move}}"))
        before = len(synced.services.jira.requests)
        assert "not asked in this run" in synced.say("explain", "WEB-1.1").out
        assert len(synced.services.jira.requests) == before
        assert "now       52.5 %" in synced.say("explain", "WEB-1.1", "--live").out

    def test_without_asking_it_tells_what_is_remembered(self, synced: Company) -> None:
        before = len(synced.services.jira.requests)
        said = synced.say("explain", "WEB-1.1", "--no-fetch").out
        assert len(synced.services.jira.requests) == before
        assert "52.5 %, confirmed by the last run; 21 of 40 done" in said
        assert synced.say("explain", "WEB-1.1", "--no-fetch", "--live").code == 2

    def test_an_edited_mapping_that_the_source_refuses_tells_why_and_what_stays(self, synced: Company) -> None:
        synced.write(mappings="key_results:\n  WEB-1.1: {jira: 'project = WBE', measure: percent_done}\n")
        said = " ".join(synced.say("explain", "WEB-1.1", "--live").out.split())
        assert "no reading: jira" in said
        assert "WBE" in said
        assert "52.5 %: the last good reading" in said

    def test_fits_into_a_narrow_terminal(self, synced: Company) -> None:
        said = synced.say("explain", "GRO-1.1", COLUMNS="60").out
        assert max(len(line) for line in said.splitlines() if "://" not in line) <= 60  # an address stays whole
