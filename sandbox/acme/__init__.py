"""Acme as its people wrote it: the OKR sheet, the mappings, the configuration.

Acme sells shift planning to hospitals, hotels and care homes: a planner for the web, an app for staff, and a
cost view for managers. About 140 people in Berlin, Lisbon and Graz. Its quarters are 13 weeks long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from string import Template

CRM_BASE = "appAcmeCrm0Deals1"
SURVEYS_BASE = "appAcmeSurveysNp5"
JIRA_EMAIL = "okr-sync@acme.example"
JIRA_TOKEN = "ATATT-acme-sandbox"  # noqa: S105 - the sandbox's own
AIRTABLE_TOKEN = "patAcmeSandbox.0000"  # noqa: S105 - the sandbox's own
TIMEZONE = "Europe/Berlin"

_WEEKS = 13
_WEEKS_BEFORE_TODAY = 8
_DAY_HEADERS = frozenset({"Date", "Due", "Start", "Left"})

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class AcmeCycle:
    """Acme's running cycle: its name, its first day, and its last day, which still counts."""

    name: str
    start: date
    end: date

    def day(self, number: int) -> date:
        """Day ``number`` of the cycle, counted from 0."""
        return self.start + timedelta(days=number)


def acme_cycle(today: date) -> AcmeCycle:
    """The cycle in which ``today`` lies about two thirds through: 13 weeks from a Monday."""
    then = today - timedelta(weeks=_WEEKS_BEFORE_TODAY)
    start = then - timedelta(days=then.weekday())
    end = start + timedelta(weeks=_WEEKS, days=-1)
    middle = start + (end - start) / 2
    return AcmeCycle(f"{middle.year}-Q{(middle.month + 2) // 3}", start, end)


def acme_sheet(today: date) -> Mapping[str, Rows]:
    """What people typed into the sheet: tab title → rows, each header text → cell text."""
    cycle = acme_cycle(today)
    return {tab: [dict(_typed_cells(tab, row, cycle)) for row in rows] for tab, rows in _read_tabs().items()}


@cache
def _read_tabs() -> Mapping[str, Rows]:
    import yaml

    tabs: dict[str, Rows] = yaml.load(_text("sheet.yaml"), yaml.BaseLoader)  # noqa: S506 - text only, and ours
    return tabs


def _typed_cells(tab: str, row: Mapping[str, str], cycle: AcmeCycle) -> Iterator[tuple[str, str]]:
    for header, text in row.items():
        if header in _DAY_HEADERS and text.startswith("+"):
            yield header, cycle.day(int(text)).isoformat()
        elif text:
            yield header, text
    if tab in ("Objectives", "Key Results"):
        yield "Cycle", cycle.name
    if tab == "Key Results":
        yield "Approved", "TRUE"


def acme_mappings(today: date) -> dict[str, str]:
    """The mapping files: name in the folder ``mappings/`` → text."""
    until = acme_cycle(today).end.isoformat()
    folder = files(__package__).joinpath("mappings")
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yaml"))
    return {name: _text(f"mappings/{name}").replace("@pause_until@", until) for name in names}


def acme_config(
    today: date,
    *,
    sheet: Mapping[str, str],
    jira_url: str,
    airtable_url: str,
) -> str:
    """The text of ``config.yaml``.

    ``sheet`` is the section of that name: ``{"workbook": "okrs.xlsx"}``, or ``{"google": ID, "credentials":
    "file:key.json", "endpoint": URL}``. Tokens are read from JIRA_TOKEN and AIRTABLE_TOKEN.
    """
    cycle = acme_cycle(today)
    return Template(_text("config.yaml")).substitute(
        cycle=cycle.name,
        start=cycle.start.isoformat(),
        end=cycle.end.isoformat(),
        sheet="\n".join(f"  {key}: {value}" for key, value in sheet.items()),
        jira_url=jira_url,
        airtable_url=airtable_url,
        email=JIRA_EMAIL,
        crm_base=CRM_BASE,
        surveys_base=SURVEYS_BASE,
    )


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
