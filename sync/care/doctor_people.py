"""What the doctor makes of people who have left or leave: what they own, whom they lead, what asks as them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta

from okr.model import KeyResult, Okrs, Person
from okr.teams import fold
from sync.care.doctor_rules import Check, Level
from sync.questions import Questions

ACCOUNTS = ("email", "user")
"""The options of sources that say as whom they ask."""

_ABOUT = "people"
_SOON = timedelta(days=30)
_NAMED = 6


def check_people(okrs: Okrs, cycles: Collection[str], today: date) -> Iterator[Check]:
    """Who has left or leaves within the month and what hangs on them; key results that nobody owns."""
    running = [kr for kr in okrs.key_results if kr.key.cycle in cycles and (kr.due is None or kr.due >= today)]
    found = [check for who in find_leavers(okrs.people, today) for check in _say_leaver(okrs, running, who, today)]
    nobody = [kr.key.id for kr in running if not kr.owner.strip()]
    if nobody:
        found.append(Check(_ABOUT, Level.LOOK, f"nobody owns {_ids(nobody)}", "Type a name in Owner."))
    yield from found or [Check(_ABOUT, Level.FINE, "every running key result has an owner who is here")]


def find_leavers(people: Iterable[Person], today: date) -> Iterator[Person]:
    """Those who have left or leave within the month."""
    return (who for who in people if who.left is not None and who.left <= today + _SOON)


def _say_leaver(okrs: Okrs, running: Iterable[KeyResult], who: Person, today: date) -> Iterator[Check]:
    objectives = {(kr.key.cycle, kr.objective) for kr in running}
    owned = [kr.key.id for kr in running if _is(who, kr.owner)]
    owned += [each.key.id for each in okrs.objectives if tuple(each.key) in objectives and _is(who, each.owner)]
    owned += [each.id for each in okrs.kpis if _is(who, each.owner)]
    if owned:
        said = f"{_left(who, today)} and owns {_ids(owned)}"
        yield Check(
            _ABOUT, Level.LOOK, said, "Type another name in Owner, and look whether their tokens feed a source."
        )
    here = (each for each in okrs.people if each.left is None or each.left > today)
    owners = {fold(kr.owner) for kr in running}
    led = [each.name for each in here if _is(who, each.manager) and {fold(each.name), fold(each.email)} & owners]
    if led:
        said = f"{_left(who, today)} and leads {_ids(led)}: nobody hears then of what these owe"
        yield Check(_ABOUT, Level.LOOK, said, "Type another name in Manager of People.")


def check_accounts(sources: Mapping[str, object], questions: Questions, okrs: Okrs, today: date) -> Iterator[Check]:
    """Sources that ask as somebody who has left or leaves: their numbers end with that account.

    ``sources`` are options by the source's name.
    """
    leavers = list(find_leavers(okrs.people, today))
    for name, options in sources.items():
        account = next((str(found) for field in ACCOUNTS if (found := getattr(options, field, None))), "")
        who = next((each for each in leavers if _is(each, account)), None)
        if who is not None:
            fed = [key.id for key, bound in questions.bounds.items() if name in {m.query.source for m in bound.metrics}]
            said = f"it asks as {account}, and {_left(who, today)}: with that account {_count(fed)}"
            yield Check(name, Level.LOOK, said, "Give it an account of its own, which belongs to no one person.")


def _count(fed: list[str]) -> str:
    number = "1 key result loses its number" if len(fed) == 1 else f"{len(fed)} key results lose their numbers"
    return f"{number} ({_ids(fed)})" if fed else "it can't ask any more"


def _left(who: Person, today: date) -> str:
    assert who.left is not None
    return f"{who.name or who.email} " + ("has left" if who.left <= today else f"leaves on {who.left:%d %b}")


def _is(who: Person, text: str) -> bool:
    return bool(text.strip()) and fold(text) in {fold(who.name), fold(who.email)}


def _ids(ids: list[str]) -> str:
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{', '.join(ids[:_NAMED])}{more}"
