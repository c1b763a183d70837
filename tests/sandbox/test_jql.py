"""JQL over a small site: what is a query, what it means, and how a wrong one is refused."""

import json
import os
import shutil
import subprocess
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.jira_fields import FOUND_IN, SPRINT, STORY_POINTS
from sandbox.jira_site import JiraSite
from sandbox.jql import parse_jql
from sandbox.jql_lex import JqlError, JqlUnserved
from sandbox.jql_time import call_moment, parse_moment
from sandbox.jql_where import UNBOUNDED, make_search

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # a Sunday; 10:30 in Berlin
OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."


def at(month, day, hour=12, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.fixture(scope="module")
def site():
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", "ann@acme.example", token="t").account_id
    bob = site.add_user("Bob Ray", "bob@acme.example", zone="America/New_York").account_id
    site.add_group("Developers", bob)
    site.add_group("Nobody")
    site.add_project("WEB", "Web shop", ann)
    site.add_project("OPS", "Operations", bob)
    board = site.add_board("WEB", "Web board")
    old = site.add_sprint(board.id, "Web 1", at(10, 1), at(10, 14), at(10, 14)).id
    open_ = site.add_sprint(board.id, "Web 2", at(11, 16), at(11, 30)).id
    v1 = site.add_version("WEB", "1.0", date(2026, 11, 1)).id
    v2 = site.add_version("WEB", "2.0", date(2026, 12, 1)).id

    epic = site.add_issue("WEB", "Epic", "Faster checkout", at(9, 1), ann)  # WEB-1
    story = site.add_issue(  # WEB-2: done on 10 Oct, reopened on 12 Oct, done again on 20 Oct
        "WEB", "Story", "Pay with one click", at(9, 20), ann,
        {"parent": epic.key, STORY_POINTS: 5, "labels": ("q4", "pay"), SPRINT: (old,), "assignee": ann},
    )  # fmt: skip
    site.change(story, at(10, 1), ann, {"status": "In Progress", "assignee": bob})
    site.change(story, at(10, 10), bob, {"status": "Done"})
    site.change(story, at(10, 12), ann, {"status": "In Progress"})
    site.change(story, at(10, 20), bob, {"status": "Done", "fixVersions": (v1,)})
    bug = site.add_issue(  # WEB-3: open
        "WEB", "Bug", "Button clicks are lost", at(10, 31, 23, 30), bob,
        {FOUND_IN: "Production", "priority": "Highest", SPRINT: (old, open_), "fixVersions": (v2,)},
    )  # fmt: skip
    site.change(bug, at(11, 20), bob, {"status": "In Progress", STORY_POINTS: 2})
    task = site.add_issue("WEB", "Task", "Buy a printer", at(11, 21), ann, {"duedate": date(2026, 11, 25)})  # WEB-4
    site.change(task, at(11, 21), ann, {"labels": ()})
    site.change(task, at(11, 22, 20), ann, {"status": "Done"})  # tonight: not yet
    site.add_issue("OPS", "Task", "Move to the new rack", at(11, 1), bob,  # OPS-1
                   {"description": "Unplug, carry, plug in.", "labels": ("ops",), "priority": "Low"})  # fmt: skip
    site.add_issue("OPS", "Task", "Tomorrow's work", at(11, 23), bob)  # OPS-2: does not exist yet
    return site


@pytest.fixture(scope="module")
def find(site):
    users = {user.name.split()[0].lower(): user for user in site.users.values()}

    def find(jql, asker="ann"):
        return [row.issue.key for row in make_search(site, users[asker], jql).run()]

    return find


MEANINGS = [
    ("project = WEB", "WEB-4 WEB-3 WEB-2 WEB-1"),
    ("project = 'web SHOP' order by key", "WEB-1 WEB-2 WEB-3 WEB-4"),
    ("project != web", "OPS-1"),
    ("PROJECT in (WEB, OPS) and TYPE = task", "OPS-1 WEB-4"),
    ("project = WEB && !(type = Epic || type = Bug)", "WEB-4 WEB-2"),
    ("type not in (Epic, Bug, Story)", "OPS-1 WEB-4"),
    ("project = WEB and type = Epic or project = OPS", "OPS-1 WEB-1"),
    ("project = WEB and (type = Epic or project = OPS)", "WEB-1"),
    ("key = web-3", "WEB-3"),
    ("key > WEB-2 order by key", "WEB-3 WEB-4"),
    ("issuekey in (WEB-1, OPS-1)", "OPS-1 WEB-1"),
    ("status = Done", "WEB-2"),
    ("status in ('to do', 10001)", "OPS-1 WEB-4 WEB-3 WEB-1"),
    ("statusCategory = Done", "WEB-2"),
    ("statusCategory != Done and project = WEB", "WEB-4 WEB-3 WEB-1"),
    ("statusCategory = 'In Progress'", "WEB-3"),
    ("resolution = Unresolved and type = Bug", "WEB-3"),
    ("resolution is not EMPTY", "WEB-2"),
    ("resolution = Done", "WEB-2"),
    ("labels = q4", "WEB-2"),
    ("labels in (pay, ops)", "OPS-1 WEB-2"),
    ("labels = PAY", ""),
    ("labels != q4", "OPS-1"),  # the ones without labels are left out
    ("labels is empty", "WEB-4 WEB-3 WEB-1"),
    ("labels = EMPTY or labels = q4", "WEB-4 WEB-3 WEB-2 WEB-1"),
    ("labels in (EMPTY, q4)", "WEB-4 WEB-3 WEB-2 WEB-1"),
    ("not labels = q4", "OPS-1"),  # NOT becomes !=
    ("not (labels = q4 or labels = ops)", ""),
    ("not not labels = q4", "WEB-2"),
    ("not key > WEB-2", "WEB-2 WEB-1"),
    ("assignee = currentUser()", ""),
    ("assignee in membersOf('developers')", "WEB-2"),
    ("reporter not in membersOf(Developers)", "WEB-4 WEB-2 WEB-1"),
    ("assignee in membersOf(nobody)", ""),
    ("assignee = 'bob@acme.example'", "WEB-2"),
    ("assignee is null", "OPS-1 WEB-4 WEB-3 WEB-1"),
    ("reporter = currentUser()", "WEB-4 WEB-2 WEB-1"),
    ("creator in ('Bob Ray')", "OPS-1 WEB-3"),
    ("parent = WEB-1", "WEB-2"),
    ('"Epic Link" = WEB-1', "WEB-2"),
    ('"epic link" is empty and project = WEB', "WEB-4 WEB-3 WEB-1"),
    ("sprint in openSprints()", "WEB-3"),
    ("sprint in closedSprints() order by key", "WEB-2 WEB-3"),
    ("sprint = 'Web 2'", "WEB-3"),
    ("sprint = 1", "WEB-3 WEB-2"),
    ("sprint not in openSprints()", "WEB-2"),
    ("fixVersion in releasedVersions()", "WEB-2"),
    ("fixVersion in unreleasedVersions(WEB)", "WEB-3"),
    ("fixVersion > 1.0", "WEB-3"),
    ('"Story Points" = 5', "WEB-2"),
    ('"Story Points" >= 2', "WEB-3 WEB-2"),
    ('"Story Points[Number]" < 5', "WEB-3"),
    ("cf[10026] in (2, 5.0)", "WEB-3 WEB-2"),
    ("cf[10026] != 5", "WEB-3"),
    ('"Found in" = production', "WEB-3"),
    ('"Found in[Dropdown]" is empty and project = WEB and type = Task', "WEB-4"),
    ("priority > Medium", "WEB-3"),
    ("priority <= Medium order by priority asc, key", "OPS-1 WEB-1 WEB-2 WEB-4"),
    ("summary ~ click", "WEB-3 WEB-2"),  # clicks, too
    ('summary ~ "one click"', "WEB-2"),
    ('summary ~ "\\"click one\\""', ""),
    ('summary ~ "pay OR printer"', "WEB-4 WEB-2"),
    ('summary ~ "click -pay"', "WEB-3"),
    ('summary ~ "check*"', "WEB-1"),
    ("summary !~ click and project = WEB", "WEB-4 WEB-1"),
    ("description ~ plug", "OPS-1"),
    ("description !~ nothing", "OPS-1"),  # the empty ones are left out
    ("text ~ 'rack carry'", "OPS-1"),
    ("due <= 2026-11-25", "WEB-4"),
    ("due < '2026-11-25'", ""),
    ("due > now()", "WEB-4"),
    ("duedate < 4d", "WEB-4"),
    ("project = WEB order by updated", "WEB-4 WEB-3 WEB-2 WEB-1"),  # dates: the latest first
    ("project = WEB order by created asc", "WEB-1 WEB-2 WEB-3 WEB-4"),
    ("project = WEB order by due asc, key desc", "WEB-4 WEB-3 WEB-2 WEB-1"),
]


@pytest.mark.parametrize(("jql", "keys"), MEANINGS)
def test_what_a_query_means(find, jql, keys):
    assert find(jql) == keys.split()


DATES = [
    # WEB-3 was created at 23:30 UTC on 31 October: 00:30 on 1 November in Berlin, still October in New York
    ("created >= 2026-11-01 and type = Bug", "ann", "WEB-3"),
    ("created >= 2026-11-01 and type = Bug", "bob", ""),
    ("created >= '2026/11/01 00:30' and type = Bug", "ann", "WEB-3"),
    ("created > '2026-11-01 00:30' and type = Bug", "ann", ""),
    ("created <= '2026-11-01 00:30' and type = Bug", "ann", "WEB-3"),
    ("created < '2026-11-01 00:30' and type = Bug", "ann", ""),
    ("created = '2026-11-01 00:30'", "ann", "WEB-3"),
    ("created = 2026-11-01", "ann", ""),  # midnight exactly
    ("created >= startOfMonth() and type = Bug", "ann", "WEB-3"),
    ("created >= startOfMonth(-1) and created < startOfMonth() and project = WEB", "bob", "WEB-3"),
    ("created >= -1d", "ann", "WEB-4"),
    ("created >= -22h", "ann", "WEB-4"),
    ("created >= -21h", "ann", ""),
    ("created >= '-3w 1d' and type = Task", "ann", "OPS-1 WEB-4"),
    ("created > 1793491200000 and type = Task", "ann", "OPS-1 WEB-4"),
    ("created >= startOfYear() and created <= endOfDay() and project = OPS", "ann", "OPS-1"),
    ("resolved >= 2026-10-20 and resolved < 2026-10-21", "ann", "WEB-2"),
    ("resolutiondate < 2026-10-20", "ann", ""),
    ("resolved is empty and type = Story", "ann", ""),
    ("updated >= 2026-11-20", "ann", "WEB-4 WEB-3"),
]


@pytest.mark.parametrize(("jql", "asker", "keys"), DATES)
def test_dates_are_read_in_the_askers_zone(find, jql, asker, keys):
    assert sorted(find(jql, asker)) == sorted(keys.split())


HISTORY = [
    ("status was Done", "WEB-2"),
    ("status was 'In Progress'", "WEB-3 WEB-2"),
    ("status was not 'In Progress' and project = WEB", "WEB-4 WEB-1"),
    ("status was in ('In Review', Done)", "WEB-2"),
    ("status was not in ('In Progress', Done)", "OPS-1 WEB-4 WEB-1"),
    ("status was Done on 2026-10-11", "WEB-2"),
    ("status was Done on 2026-10-15", ""),
    ("status was Done before 2026-10-09", ""),
    ("status was 'In Progress' after 2026-10-21", "WEB-3"),
    ("status was 'To Do' during (2026-09-01, 2026-09-21) and type = Story", "WEB-2"),
    ("status was Done by 'Bob Ray'", "WEB-2"),
    ("status was Done by currentUser()", ""),
    ("assignee was currentUser()", "WEB-2"),
    ("assignee was in membersOf(developers) before 2026-09-30", ""),
    ("assignee was in membersOf(developers)", "WEB-2"),
    ("assignee was empty and type = Story", ""),
    ("status changed", "WEB-3 WEB-2"),
    ("not status changed", "OPS-1 WEB-4 WEB-1"),
    ("status changed to Done", "WEB-2"),
    ("status changed from Done to 'In Progress'", "WEB-2"),
    ("status changed from 'In Review'", ""),
    ("status changed to Done after 2026-10-15", "WEB-2"),
    ("status changed to Done after 2026-10-21", ""),
    ("status changed to Done after '2026-10-20 13:59'", "WEB-2"),
    ("status changed to Done after '2026-10-20 14:00'", ""),  # 14:00 in Berlin is when it was done
    ("status changed to Done before '2026-10-10 14:00'", ""),
    ("status was 'In Progress' after '2026-10-20 13:59'", "WEB-3 WEB-2"),
    ("status was 'In Progress' after '2026-10-20 14:00'", "WEB-3"),
    ("status changed to (Done) during (2026-10-09, 2026-10-11)", "WEB-2"),
    ("status changed on 2026-10-12 by 'ann@acme.example'", "WEB-2"),
    ("status changed on 2026-10-12 by 'bob@acme.example'", ""),
    ("status changed before 2026-10-02", "WEB-2"),
    ("fixVersion changed to 1.0", "WEB-2"),
    ("fixVersion changed from empty", "WEB-2"),
    ("assignee changed from currentUser() to 'Bob Ray'", "WEB-2"),
    ("resolution changed to empty", "WEB-2"),
]


@pytest.mark.parametrize(("jql", "keys"), HISTORY)
def test_was_and_changed(find, jql, keys):
    assert find(jql) == keys.split()


ERROR, PLACE, SURROUND, MARKS = (
    "Error in the JQL Query:",
    "(line 1, character",
    "You must surround",
    "in quotation marks to use it as",
)
ENCLOSE = "You must enclose it in a string or use the escape"
FORMATS = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format "
    "e.g. '-5d', '4w 2d'."
)
REFUSALS = [
    ("universe = 42", "Field 'universe' does not exist or you do not have permission to view it."),
    ("customfield_10026 = 1", "Field 'customfield_10026' does not exist or you do not have permission to view it."),
    ("cf[99] = 1", "Field 'cf[99]' does not exist or you do not have permission to view it."),
    ("project = X", "The value 'X' does not exist for the field 'project'."),
    ("status = Shipped", "The value 'Shipped' does not exist for the field 'status'."),
    ("assignee = nobody", "The value 'nobody' does not exist for the field 'assignee'."),
    ("fixVersion = 9.9", "The value '9.9' does not exist for the field 'fixVersion'."),
    ("key = WEB-99", "An issue with key 'WEB-99' does not exist for field 'key'."),
    ("parent = OPS-2", "An issue with key 'OPS-2' does not exist for field 'parent'."),  # it does, from tomorrow
    ('"Found in" = Mars', "The option 'Mars' for field 'Found in' does not exist."),
    ("sprint = 'Web 9'", "Sprint with name 'Web 9' does not exist or you do not have permission to view it"),
    ("summary = test", "The operator '=' is not supported by the 'summary' field."),
    ("text !~ test", "The operator '!~' is not supported by the 'text' field."),
    ("status ~ Done", "The operator '~' is not supported by the 'status' field."),
    ("labels > a", "The operator '>' is not supported by the 'labels' field."),
    ('summary in "test"', "Operator 'in' does not support the non-list value '\"test\"' for field 'summary'."),
    ("summary ~ ''", "The field 'summary' does not support searching for an empty string."),
    ("summary ~ 'OR'", "Unable to parse the text 'OR' for field 'summary'."),
    ("labels was q4", "History searches do not support the 'labels' field."),
    ("assignee in membersOf(devs)",
     "Function 'membersOf' can not generate a list of usernames for group 'devs'; the group does not exist."),
    ("project in membersOf(developers)",
     "A value provided by the function 'membersOf' is invalid for the field 'project'."),
    ("assignee in membersOf()", "Function 'membersOf' expected '1' arguments but received '0'."),
    ("assignee = bogus()", "Unable to find JQL function 'bogus()'."),
    ("assignee changed by bogus()", "Unable to find JQL function 'bogus()'."),
    ("assignee = now()", "A value provided by the function 'now' is invalid for the field 'assignee'."),
    ("status changed after currentUser()",
     "A date for the predicate 'after' provided by the function 'currentUser' is not valid."),
    ("status changed before (11, 12)", "The BEFORE predicate must be supplied with only 1 date value."),
    ("status changed during 11", "The DURING predicate must be supplied with exactly 2 date values."),
    ("status changed from fred", "The value 'fred' does not exist for the field 'status'."),
    ("created > now('-1d')", "Function 'now' expected '0' arguments but received '1'."),
    ("created > startOfDay('soon')",
     "Duration for function 'startOfDay' should have the format (+/-)n(yMwdm), e.g -1M for 1 month earlier."),
    ("created > '20/12/10'",
     f"Date value '20/12/10' for field 'created' is invalid. {FORMATS}"),
    ("created > 2026-02-30",
     f"Date value '2026-02-30' for field 'created' is invalid. {FORMATS}"),
    ("project = WEB order by bogus", "Not able to sort using field 'bogus'."),
    ("", UNBOUNDED),
    ("order by created", UNBOUNDED),
    # what can't be read at all: the place is that of the word
    ("non-parsable query", f"{ERROR} Expecting operator but got 'query'. {OPERATORS} {PLACE} 14)"),
    ("invalid query", f"{ERROR} Expecting operator but got 'query'. {OPERATORS} {PLACE} 9)"),
    ("a", f"{ERROR} Expecting operator before the end of the query. {OPERATORS}"),
    ("a = b and", f"{ERROR} Expecting a field name at the end of the query."),
    ("a = b c = d", f"{ERROR} Expecting either 'OR' or 'AND' but got 'c'. {PLACE} 7)"),
    ("a = b)", f"{ERROR} Expecting either 'OR' or 'AND' but got ')'. {PLACE} 6)"),
    ("(a=b and c = d", f"{ERROR} Expecting ')' before the end of the query."),
    ("a=", f"{ERROR} Expecting either a value, list or function before the end of the query."),
    ("a = or",
     f"{ERROR} Expecting either a value, list or function but got 'or'. {SURROUND} 'or' {MARKS} a value. {PLACE} 5)"),
    ("status = end",
     f"{ERROR} 'end' is a reserved JQL word. {SURROUND} it in quotation marks to use it in a query. {PLACE} 10)"),
    ("a = a@b", f"{ERROR} The character '@' is a reserved JQL character. {ENCLOSE} '\\u0040' instead. {PLACE} 6)"),
    ("comment ~ 'test", f"{ERROR} The quoted string 'test' has not been completed. {PLACE} 11)"),
    ("a =b order summary", f"{ERROR} Expecting 'by' but got 'summary'. {PLACE} 12)"),
    ("a =b order by", f"{ERROR} Expecting a field name at the end of the query."),
    ("a =a and j not is empty", f"{ERROR} Expecting 'IN' but got 'is'. {PLACE} 16)"),
    ("cf", f"{ERROR} Expecting '[' before the end of the query."),
    ("cf[29829 = world", f"{ERROR} Expecting ']' but got '='. {PLACE} 10)"),
    ("[78] = q", f"{ERROR} Expecting a field name but got '['. Did you mean 'cf['? {PLACE} 1)"),
    ("a = b\nand c d", f"{ERROR} Expecting operator but got 'd'. {OPERATORS} (line 2, character 7)"),
]  # fmt: skip


@pytest.mark.parametrize(("jql", "message"), REFUSALS)
def test_a_wrong_query_is_refused_in_jiras_words(find, jql, message):
    with pytest.raises(JqlError) as refused:
        find(jql)
    assert refused.value.messages == [message]


def test_every_reason_is_told_at_once(find):
    with pytest.raises(JqlError) as refused:
        find("project = X and status in (Done, A, B) or universe is empty order by bogus")
    assert len(refused.value.messages) == 5


@pytest.mark.parametrize("jql", ["environment ~ x", "issue in issueHistory()", "issue.property[x].y = 3"])
def test_what_jira_knows_and_the_sandbox_does_not_is_no_refusal(find, jql):
    with pytest.raises(JqlUnserved):
        find(jql)


# Agreement with Atlassian's own grammar, as it answered once (see "source" in the file)

GRAMMAR = json.loads((Path(__file__).parent / "data" / "jql_accepts.json").read_text())
STRICTER = {"a = 9223372036854775808"}  # Jira itself refuses this number; its grammar for browsers doesn't count


def reads(jql):
    try:
        parse_jql(jql)
    except JqlUnserved:  # entity properties: read, not served
        return True
    except JqlError:
        return False
    return True


def test_what_atlassians_grammar_accepts_is_accepted():
    assert {jql for jql in GRAMMAR["accepted"] if not reads(jql)} == STRICTER


def test_the_page_says_where_we_are_stricter():
    page = " ".join((Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8").split())
    both = len(GRAMMAR["accepted"]) + len(GRAMMAR["refused"])
    assert f"agrees on {both - len(STRICTER)}" in page


def test_what_atlassians_grammar_refuses_is_refused():
    assert [jql for jql in GRAMMAR["refused"] if reads(jql)] == []


def test_the_recorded_answers_are_many_and_of_both_kinds():
    assert len({*GRAMMAR["accepted"], *GRAMMAR["refused"]}) >= 900
    assert min(len(GRAMMAR["accepted"]), len(GRAMMAR["refused"])) >= 400


def test_the_recorded_agreement_still_holds():
    """Asks the grammar itself: OKR_SYNC_ORACLES names the folder of jql_check.js, NODE_PATH has its packages."""
    oracles = os.environ.get("OKR_SYNC_ORACLES")
    if not oracles or not os.environ.get("NODE_PATH") or shutil.which("node") is None:
        pytest.skip("OKR_SYNC_ORACLES and NODE_PATH (with @atlaskit/jql-parser) are not set")
    lines = [*GRAMMAR["accepted"], *GRAMMAR["refused"]]
    script = Path(oracles) / "jql_check.js"
    told = subprocess.run(["node", str(script)], input="\n".join(lines), capture_output=True, text=True, check=True)
    verdicts = {each["jql"]: each["ok"] for each in map(json.loads, told.stdout.splitlines())}
    assert verdicts == dict.fromkeys(GRAMMAR["accepted"], True) | dict.fromkeys(GRAMMAR["refused"], False)


# Time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (("startOfDay",), "2026-11-22 00:00"),
        (("startOfDay", "+1"), "2026-11-23 00:00"),
        (("startOfDay", "-3h"), "2026-11-21 21:00"),
        (("startOfWeek",), "2026-11-22 00:00"),  # Sunday
        (("startOfWeek", "1d"), "2026-11-23 00:00"),
        (("startOfWeek", "-1w"), "2026-11-15 00:00"),
        (("startOfMonth",), "2026-11-01 00:00"),
        (("startOfMonth", "+14d"), "2026-11-15 00:00"),
        (("startOfMonth", "-1"), "2026-10-01 00:00"),
        (("startOfMonth", "-2M"), "2026-09-01 00:00"),
        (("startOfYear", "-1y"), "2025-01-01 00:00"),
        (("endOfDay",), "2026-11-22 23:59"),
        (("endOfWeek",), "2026-11-28 23:59"),
        (("endOfMonth", "-1"), "2026-10-31 23:59"),
        (("endOfMonth", "+3M"), "2027-02-28 23:59"),
        (("endOfMonth", "1d"), "2026-12-01 23:59"),
        (("endOfYear",), "2026-12-31 23:59"),
        (("NOW",), "2026-11-22 10:30"),
    ],
)
def test_time_functions(call, expected):
    moment = call_moment(call[0], call[1:], NOW, BERLIN)
    assert f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M}" == expected


def test_a_day_that_is_an_hour_longer_starts_and_ends_at_midnight():
    autumn = datetime(2026, 10, 25, 12, tzinfo=UTC)
    start, end = (call_moment(name, (), autumn, BERLIN) for name in ("startOfDay", "endOfDay"))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=25, milliseconds=-1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-7d", timedelta(days=-7)),
        ("4w 2d", timedelta(days=30)),
        ("-90m", timedelta(minutes=-90)),
        ("+1h", timedelta(hours=1)),
    ],
)
def test_periods_are_counted_from_now(text, expected):
    assert parse_moment(text, NOW, BERLIN) == NOW + expected


# Laws

FIELDS = ["labels", "assignee", "fixVersion", "sprint", "parent", "resolution", '"Story Points"', '"Found in"', "due"]
VALUES = {"labels": "q4", "assignee": "'Bob Ray'", "fixVersion": "1.0", "sprint": "'Web 1'", "parent": "WEB-1",
          "resolution": "Done", '"Story Points"': "5", '"Found in"': "Production", "due": "2026-11-25"}  # fmt: skip


@given(st.sampled_from(FIELDS))
def test_equal_unequal_and_empty_share_out_all_issues(site, field):
    user = next(iter(site.users.values()))
    parts = [f"{field} = {VALUES[field]}", f"{field} != {VALUES[field]}", f"{field} is empty"]
    found = [row.issue.key for part in parts for row in make_search(site, user, part).run()]
    assert sorted(found) == sorted(row.issue.key for row in site.rows())


@given(st.datetimes(datetime(2026, 8, 1), datetime(2026, 12, 1)))  # noqa: DTZ001 - a wall clock's
def test_a_moment_cuts_the_issues_in_two(site, moment):
    user = next(iter(site.users.values()))
    text = f"'{moment:%Y-%m-%d %H:%M}'"
    early, late = (make_search(site, user, f"created {sign} {text}").run() for sign in ("<", ">="))
    cut = moment.replace(second=0, microsecond=0, tzinfo=BERLIN)
    assert {row.issue.key for row in early} == {row.issue.key for row in site.rows() if row.issue.created < cut}
    assert len(early) + len(late) == len(site.rows())


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=8))
def test_any_text_survives_its_quotes(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    query = parse_jql(f'labels = "{escaped}"')
    assert query.where.operand.text == text


@given(st.text("ab =!<>~()[],'\"\\@ \nandorotinis", max_size=20))
def test_anything_is_read_or_refused(text):
    with suppress(JqlError, JqlUnserved):  # and nothing else
        parse_jql(text)
