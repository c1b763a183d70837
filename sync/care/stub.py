"""A first line for a key result that has no mapping: a guess by its unit and name, to be corrected by hand."""

from __future__ import annotations

import re

from okr.model import KeyResult, Kind
from sync.care.adopt_config import quote
from sync.load import Project, Source

_ISSUES = re.compile(r"\b(bugs?|issues?|tickets?|stor(y|ies)|epics?|incidents?|sprints?|releases?|defects?)\b", re.I)
_ROWS = re.compile(r"\b(deals?|revenue|customers?|leads?|nps|survey|churn|win rate|sales|pipeline|invoices?)\b", re.I)
_MONEY = frozenset({"€", "$", "£", "eur", "usd", "gbp", "chf", "k€", "k eur"})
_DAYS = frozenset({"d", "day", "days", "workday", "workdays"})
_TIMES = {"min": "Minutes", "minute": "Minutes", "minutes": "Minutes", "h": "Hours", "hour": "Hours", "hours": "Hours"}

_LINES = {
    "jira": {
        "count": "{NAME: 'project = ABC AND issuetype = Bug', within: {cycle: created}, measure: count}",
        "share": "{NAME: 'project = ABC AND labels = top', measure: percent_done}",
        "days": "{NAME: 'project = ABC', within: {28d: resolved}, measure: {median: {workdays: [In Progress, Done]}}}",
        "time": "{NAME: 'project = ABC', within: {28d: resolved}, measure: {avg: FIELD}}",
        "steps": "{steps: {First step: {NAME: 'key = ABC-1'}, Second step: {NAME: 'key = ABC-2'}}}",
    },
    "github": {
        "count": "{NAME: {list: issues, where: {labels: bug}}, within: {cycle: created}, measure: count}",
        "share": "{NAME: {list: issues, where: {milestone: '1.0'}}, measure: percent_done}",
        "days": "{NAME: pulls, within: {28d: merged}, measure: {median: {workdays: [Opened, Merged]}}}",
    },
    "prometheus": {
        "count": "{NAME: 'sum(increase(NAME_total[28d]))', measure: {max: value}}",
        "share": "{NAME: 'avg(avg_over_time(probe_success[28d]))', measure: {max: value}}",
    },
    "airtable": {
        "count": "{NAME: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: count}",
        "share": "{NAME: {table: Deals}, within: {cycle: Closed}, measure: {share: {Stage: Won}}}",
        "sum": "{NAME: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: {sum: Amount}}",
        "days": "{NAME: {table: Deals}, within: {90d: Closed}, measure: {median: {days: [Created, Closed]}}}",
        "time": "{NAME: {table: Deals}, within: {90d: Closed}, measure: {median: FIELD}}",
        "nps": "{NAME: {table: Answers}, within: {90d: Answered}, measure: {nps: Score}}",
    },
}


def make_stub(project: Project, kr: KeyResult) -> str:
    """A line for ``key_results:`` that reads this key result from the likeliest source."""
    source = _find_source(project, kr)
    lines = _LINES.get(source.factory.kind, {"count": "{NAME: '…', measure: count}"})
    pattern = lines.get(guess_measure(kr)) or lines["count"]
    filled = pattern.replace("NAME", source.name).replace("FIELD", _TIMES.get(_unit(kr), "Minutes"))
    return f"{quote(kr.key.id)}: {filled}"


def _find_source(project: Project, kr: KeyResult) -> Source:
    """Issues lie in Jira, deals and answers in a table; else the first source."""
    text = f"{kr.name} {kr.unit}"
    kind = "jira" if _ISSUES.search(text) else "airtable" if _ROWS.search(text) or _is_money(kr) else ""
    every = list(project.sources.values())
    return next((source for source in every if source.factory.kind == kind), every[0])


def _is_money(kr: KeyResult) -> bool:
    return _unit(kr) in _MONEY


def _unit(kr: KeyResult) -> str:
    return kr.unit.strip().casefold()


def guess_measure(kr: KeyResult) -> str:
    """What kind of number it is, by kind, unit and name: count, share, sum, days, time, nps, steps."""
    unit = _unit(kr)
    if kr.kind is Kind.MILESTONES:
        return "steps"
    if re.search(r"\bnps\b", f"{kr.name} {unit}", re.I):
        return "nps"
    if _is_money(kr):
        return "sum"
    share = kr.is_share or unit in {"%", "percent"}
    return "share" if share else "days" if unit in _DAYS else "time" if unit in _TIMES else "count"
