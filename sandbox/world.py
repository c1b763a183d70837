"""Acme's world: Jira and Airtable filled with nine months of work and some weeks of what is still to come.

Only the clock decides what of it has happened, so moving the clock moves the world.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sandbox.acme import CRM_BASE, JIRA_EMAIL, JIRA_TOKEN, SURVEYS_BASE, TIMEZONE, AcmeCycle, acme_cycle, acme_sheet
from sandbox.airtable_base import Base
from sandbox.clock import Clock
from sandbox.jira_site import JiraSite
from sandbox.world_crm import make_crm
from sandbox.world_jira import make_jira
from sandbox.world_surveys import make_surveys
from sandbox.world_time import Season


@dataclass(frozen=True, slots=True)
class World:
    """What Acme's sources hold. ``today`` is the day around which the story was written."""

    clock: Clock
    today: date
    zone: ZoneInfo
    cycle: AcmeCycle
    jira: JiraSite
    bases: Mapping[str, Base]

    @property
    def crm(self) -> Base:
        """The base with Deals, Accounts and Invoices."""
        return self.bases[CRM_BASE]

    @property
    def surveys(self) -> Base:
        """The base with NPS."""
        return self.bases[SURVEYS_BASE]


def make_acme(clock: Clock, today: date, *, seed: int = 1) -> World:
    """Make Acme's world around ``today``. The same seed and day give the same world."""
    zone = ZoneInfo(TIMEZONE)
    season = Season(today, zone, random.Random(seed))  # noqa: S311 - a made-up world, and repeatable
    people = acme_sheet(today)["People"]
    jira = make_jira(clock, season, people, JIRA_EMAIL, JIRA_TOKEN)
    crm, surveys = make_crm(season, CRM_BASE), make_surveys(season, SURVEYS_BASE)
    return World(clock, today, zone, acme_cycle(today), jira, {crm.id: crm, surveys.id: surveys})
