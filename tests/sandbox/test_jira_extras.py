"""Comments, logged work, votes, watches and links on issues: as the real client reads them, and as time passes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from jira import JIRA

from sandbox.clock import Clock
from sandbox.jira import Jira
from sandbox.jira_site import JiraSite
from sandbox.jql_lex import JqlError
from sandbox.jql_where import make_search
from sandbox.server import Server

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
THEN = NOW - timedelta(days=5)


@pytest.fixture
def site():
    site = JiraSite(Clock(NOW))
    ann = site.add_user("Ann Lee", "ann@acme.example", token="of-ann").account_id
    bo = site.add_user("Bo Berg", "bo@acme.example").account_id
    site.add_project("WEB", "Web shop", ann)
    bug = site.add_issue("WEB", "Bug", "Crash", THEN, ann, {"timeoriginalestimate": 8 * 3600})
    story = site.add_issue("WEB", "Story", "Pay", THEN, ann)
    site.comment(bug, THEN + timedelta(days=1), bo, "It crashed\nagain")
    site.comment(bug, NOW + timedelta(days=1), ann, "Fixed at last")
    site.vote(bug, THEN, bo)
    site.vote(bug, NOW + timedelta(days=2), ann)
    site.watch(story, THEN, ann)
    site.log_work(bug, THEN, bo, 5400, "Looked into it", day=date(2026, 11, 16))
    site.link(bug, "Blocks", story, THEN)
    return site


def find(site, jql):
    user = next(iter(site.users.values()))
    return [row.issue.key for row in make_search(site, user, jql).run()]


def test_the_real_client_reads_them_as_fields_of_an_issue(site):
    service = Jira(site)
    with Server(service):
        client = JIRA(service.url, basic_auth=("ann@acme.example", "of-ann"), max_retries=0, timeout=(5, 5))
        names = "comment,votes,watches,issuelinks,worklog,timespent,timeestimate,timeoriginalestimate,workratio"
        fields = client.issue("WEB-1", fields=names).fields
        other = client.issue("WEB-2", fields="issuelinks,watches,timespent,workratio").fields
        client.close()
    assert service.failures == []
    assert [each.author.displayName for each in fields.comment.comments] == ["Bo Berg"]
    assert fields.votes.votes == 1
    assert (fields.issuelinks[0].type.outward, fields.issuelinks[0].outwardIssue.key) == ("blocks", "WEB-2")
    assert fields.worklog.worklogs[0].timeSpent == "1h 30m"
    assert (fields.timespent, fields.timeestimate, fields.timeoriginalestimate) == (5400, 23_400, 28_800)
    assert fields.workratio == 18
    assert other.issuelinks[0].inwardIssue.key == "WEB-1"
    assert (other.watches.watchCount, other.timespent, other.workratio) == (1, None, -1)


def test_they_come_with_time_and_move_the_date_of_the_update(site):
    assert find(site, 'comment ~ "fixed"') == []
    assert find(site, "votes = 1") == ["WEB-1"]
    assert find(site, 'updated < "2026-11-19"') == ["WEB-2", "WEB-1"]
    site.clock.set(NOW + timedelta(days=3))
    assert find(site, 'comment ~ "fixed"') == ["WEB-1"]
    assert find(site, "votes = 2") == ["WEB-1"]
    assert find(site, 'updated >= "2026-11-23"') == ["WEB-1"]


def test_the_text_of_a_comment_is_text_of_the_issue(site):
    assert find(site, 'text ~ "crashed again"') == ["WEB-1"]


@pytest.mark.parametrize(
    ("jql", "keys"),
    [
        ("issue in linkedIssues(WEB-1)", ["WEB-2"]),
        ('issue in linkedIssues(WEB-1, "blocks")', ["WEB-2"]),
        ('issue in linkedIssues(WEB-1, "is blocked by")', []),
        ('issue in linkedIssues(WEB-1, "is blocked by", blocks)', ["WEB-2"]),
        ('issueLink["blocks"] = WEB-2', ["WEB-1"]),
        ('issueLink["is blocked by"] = WEB-2', []),
        ("timeSpent = 90", ["WEB-1"]),
        ("timeSpent = 1h30m", ["WEB-1"]),
        ("originalEstimate = 1d AND originalEstimate < 1w", ["WEB-1"]),
        ('originalEstimate < "4h 4h"', []),
    ],
)
def test_links_have_a_direction_and_times_have_units(site, jql, keys):
    assert find(site, jql) == keys


def test_a_week_of_work_has_five_days(site):
    site.issues["WEB-2"].first["timeoriginalestimate"] = 5 * 8 * 3600
    assert find(site, "originalEstimate = 1w") == ["WEB-2"]


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("issue in linkedIssues(WEB-9)", "Issue 'WEB-9' could not be found in function 'linkedIssues'."),
        ("issue in linkedIssues(WEB-1, x)", "Issue link type 'x' could not be found in function 'linkedIssues'."),
        ("issueLinkType = x", "The value 'x' does not exist for the field 'issueLinkType'."),
        ("votes ~ 1", "The operator '~' is not supported by the 'votes' field."),
        (
            "timeSpent > ages",
            "Invalid time duration format: 'ages' for field 'timeSpent'. Use the format '3w 4d 12h'.",
        ),
    ],
)
def test_what_the_site_lacks_is_refused(site, jql, message):
    with pytest.raises(JqlError) as refused:
        find(site, jql)
    assert refused.value.messages == [message]
