"""What the doctor makes of those who are to be told: secrets that are missing, addresses that are none, the extra."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from connectors.secret import fetch_secret
from mappings.suggest import name_some
from okr.model import Okrs
from okr.problem import OkrSyncError
from okr.teams import fold, index_people
from sync.care.doctor_rules import Check, Level
from sync.config import Telling
from sync.mail_rules import EMAIL

_ABOUT = "messages"


def check_told(
    telling: Telling, environ: Mapping[str, str], folder: Path, okrs: Okrs, cycles: Collection[str]
) -> Iterator[Check]:
    """Whether alerts, messages and pings can go out. Nothing is sent; nothing is said where nobody is to be told."""
    references = dict.fromkeys((*telling.alerts, *(each for route in telling.routes for each in route.to)))
    watchers = dict.fromkeys(each for each in (telling.ping, telling.push) if each)
    if not references and not watchers:
        return
    found: list[Check] = []
    addresses = {each: _fetch(each, environ, folder, found) for each in (*references, *watchers)}
    mails = {each: addresses[each].split() for each in references if addresses[each]}
    found += _check_addresses(mails)
    if any(EMAIL in address for listed in mails.values() for address in listed):
        found += _check_owners(okrs, cycles)
    yield from found
    if not found:
        yield Check(_ABOUT, Level.FINE, f"{', '.join((*references, *watchers))} can be told; nothing was sent")


def _fetch(reference: str, environ: Mapping[str, str], folder: Path, found: list[Check]) -> str:
    try:
        return fetch_secret(reference, environ, folder).reveal()
    except OkrSyncError as error:
        found.append(Check(_ABOUT, Level.LOOK, f"nobody is told by {reference}: {error.message}", error.fix or ""))
        return ""


def _check_addresses(mails: Mapping[str, list[str]]) -> Iterator[Check]:
    """Whether apprise knows what to do with each; the addresses are secrets and aren't shown."""
    if not mails:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import apprise
    except ImportError:
        yield Check(_ABOUT, Level.LOOK, "nothing can be sent: that needs apprise", "pip install 'okr-sync[notify]'")
        return
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    for reference, listed in mails.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = [at for at, each in enumerate(listed, 1) if not apprise.Apprise().add(_fill(each))]
        for at in wrong:
            said = f"address {at} of {len(listed)} behind {reference} is none that apprise knows"
            yield Check(_ABOUT, Level.LOOK, said, "Compare it with https://github.com/caronc/apprise/wiki.")


def _fill(address: str) -> str:
    return address.replace(EMAIL, "somebody@example.com")


def _check_owners(okrs: Okrs, cycles: Collection[str]) -> Iterator[Check]:
    """Owners who can't be told about their own, because no address is known."""
    people = index_people(okrs)
    owners = {kr.owner.strip() for kr in okrs.key_results if kr.key.cycle in cycles and kr.owner.strip()}
    lost = sorted(name for name in owners if "@" not in name and not _has_mail(people.get(fold(name))))
    if lost:
        said = f"{len(lost)} owner{'' if len(lost) == 1 else 's'} can't be told about their own: {name_some(lost)}"
        yield Check(_ABOUT, Level.LOOK, said, "Write their addresses into the tab People.")


def _has_mail(who: object) -> bool:
    return bool(getattr(who, "email", "").strip())
