"""Whom a key result concerns by mail: its owner, and the owner's lead. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from okr.model import Okrs, Person
from okr.teams import fold, index_people


@dataclass(frozen=True, slots=True)
class Addresses:
    """The tab People as an address book. Who has left by ``today`` gets nothing."""

    people: Mapping[str, Person]
    today: date

    def find(self, owner: str) -> frozenset[str]:
        """The addresses of an owner and of their lead. An owner may be written as an address."""
        who = self.people.get(fold(owner))
        own = self._mail(who) or (owner.strip() if who is None and "@" in owner else "")
        lead = self._mail(self.people.get(fold(who.manager))) if who is not None and who.manager.strip() else ""
        return frozenset(mail for mail in (own, lead) if mail)

    def _mail(self, who: Person | None) -> str:
        is_here = who is not None and (who.left is None or who.left > self.today)
        return who.email.strip() if who is not None and is_here else ""


def make_addresses(okrs: Okrs, today: date) -> Addresses:
    """The address book of a sheet."""
    return Addresses(index_people(okrs), today)
