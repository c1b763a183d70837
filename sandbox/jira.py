"""Jira Cloud on loopback, for the real ``jira`` client and plain requests.

Shapes by Atlassian's OpenAPI documents, refusals by recorded bodies where there are any. The old ``/search``
is gone, as on Cloud; what is not served is a loud 501.
"""

from __future__ import annotations

from sandbox.jira_agile import JiraAgile
from sandbox.jira_gate import burst_limit
from sandbox.jira_read import JiraRead
from sandbox.jira_search import JiraSearch
from sandbox.jira_site import JiraSite

__all__ = ["Jira", "JiraSite", "burst_limit"]


class Jira(JiraSearch, JiraRead, JiraAgile):
    """A Jira Cloud site: ``Jira(site, latency=…, quotas=[burst_limit(10, 1)], wait=…, timer=…, port=…)``."""

    name = "Jira"
