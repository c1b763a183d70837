"""Whose each key result is: its objective's team, else its owner's; and who leads an owner."""

from __future__ import annotations

from collections.abc import Mapping

from okr.model import Key, Okrs, Person

NO_TEAM = "(no team)"


def find_teams(okrs: Okrs) -> Mapping[Key, str]:
    """The team of each key result."""
    of_objective = {item.key: item.team.strip() for item in okrs.objectives}
    people = index_people(okrs)
    return {
        kr.key: of_objective.get(Key(kr.key.cycle, kr.objective or ""), "")
        or (who.team.strip() if (who := people.get(fold(kr.owner))) else "")
        or NO_TEAM
        for kr in okrs.key_results
    }


def index_people(okrs: Okrs) -> Mapping[str, Person]:
    """People by name and by e-mail, however they are capitalised."""
    return {fold(text): person for person in okrs.people for text in (person.name, person.email) if text.strip()}


def fold(text: str) -> str:
    """A name as it is compared: capitals and spaces don't count."""
    return " ".join(text.split()).casefold()
