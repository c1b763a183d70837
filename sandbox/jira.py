"""Jira on loopback, for the real ``jira`` client and plain requests: Cloud here, Data Center beside it.

Shapes by Atlassian's OpenAPI documents, refusals by recorded bodies where there are any. On Cloud the old
``/search`` is gone; what is not served is a loud 501.
"""

from __future__ import annotations

from sandbox.jira_data_center import JiraDataCenter, rate_limit
from sandbox.jira_epics import JiraEpics
from sandbox.jira_gate import burst_limit
from sandbox.jira_lists import JiraLists
from sandbox.jira_search import JiraSearch
from sandbox.jira_site import JiraSite

__all__ = ["Jira", "JiraDataCenter", "JiraSite", "burst_limit", "rate_limit"]


class Jira(JiraSearch, JiraLists, JiraEpics):
    """A Jira Cloud site: ``Jira(site, latency=…, quotas=[burst_limit(10, 1)], unknown=…, wait=…, timer=…)``."""

    name = "Jira"
