"""Our connectors for Acme's three sources, made for stand-ins that are running."""

from collections.abc import Mapping
from typing import Any

from connectors.airtable import Airtable
from connectors.base import Connector
from connectors.jira import Jira
from connectors.testing import FakeTime, make_options
from sandbox.acme import AIRTABLE_TOKEN, CRM_BASE, JIRA_EMAIL, JIRA_TOKEN, SURVEYS_BASE
from sandbox.airtable import Airtable as AirtableService
from sandbox.jira import Jira as JiraService

GRAMMARS = {"jira": Jira.grammar, "crm": Airtable.grammar, "surveys": Airtable.grammar}
_ENVIRON = {"JIRA_TOKEN": JIRA_TOKEN, "AIRTABLE_TOKEN": AIRTABLE_TOKEN}


def make_connectors(jira: JiraService, airtable: AirtableService, time: FakeTime) -> dict[str, Connector]:
    base = {"token": "env:AIRTABLE_TOKEN", "url": airtable.url}
    written: Mapping[str, Any] = {
        "jira": (Jira(), {"url": jira.url, "email": JIRA_EMAIL, "token": "env:JIRA_TOKEN"}),
        "crm": (Airtable(), {**base, "base": CRM_BASE}),
        "surveys": (Airtable(), {**base, "base": SURVEYS_BASE}),
    }
    return {
        name: factory.make(name, make_options(factory, options, _ENVIRON), time.around())
        for name, (factory, options) in written.items()
    }
