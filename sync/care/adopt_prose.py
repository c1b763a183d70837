"""Baseline and target out of prose such as "Increase NPS from 32 to 45". Pure. Only ever a proposal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from okr.model import Kind
from sync.care.adopt_amount import AMOUNT, Amount, parse_amount, read_amount

_FROM = r"(?:from|von|de|du|des|desde)\s+"
_TO = r"\s*(?:[a-zäöüé]{1,12}\s+)?(?:to|auf|à|a|para|até|hasta|bis)\s+"
_ARROW = r"\s*(?:->|=>|→|⇒|➔|➜|–>)\s*"
_RANGE = re.compile(
    rf"(?<![\w.,])(?:{_FROM}(?P<a>{AMOUNT}){_TO}(?P<b>{AMOUNT})|(?P<c>{AMOUNT}){_ARROW}(?P<d>{AMOUNT}))"
)
_LIMIT = re.compile(
    rf"(?P<floor>≥|>=|\bat least|\bno less than|\bmindestens|\bau moins|\bal menos|\bpelo menos)\s*(?P<least>{AMOUNT})"
    rf"|(?P<ceiling>≤|<=|<|\bat most|\bbelow|\bunder|\bless than|\bno more than|\bhöchstens|\bunter|\bau plus"
    rf"|\bmoins de|\bmenos de|\bno máximo)\s*(?P<most>{AMOUNT})"
)
_REACH = re.compile(
    rf"\b(?:to|reach|hit|achieve|auf|erreichen|atteindre|alcanzar|alcançar|para|hasta|até)\s+(?P<to>{AMOUNT})"
)


_FALLS = re.compile(
    r"\b(?:reduc\w*|decreas\w*|lower(?:ing)?|cut(?:ting)?|fewer|less|shorten\w*|halv\w*|drop\w*|minimi[sz]\w*|eliminat\w*|"
    r"senk\w*|reduzier\w*|verringer\w*|verkürz\w*|weniger|rédui\w*|diminu\w*|baisser|moins|reduci\w*|reduzi\w*|"
    r"disminui\w*|bajar|baixar|menos)\b"
)
_RISES = re.compile(
    r"\b(?:increas\w*|rais\w*|grow\w*|more|improv\w*|boost\w*|steiger\w*|erhöh\w*|mehr|augment\w*|aument\w*|crec\w*|"
    r"cresc\w*|plus|más|mais)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was understood to say; never more than it says."""

    baseline: Amount | None
    target: Amount
    kind: Kind | None = None


def read_prose(text: str) -> Reading | None:
    """Baseline and target as a text says them: both ends, a limit, or where it is to arrive; ``None`` where the text is
    open to doubt, as with two ranges in it.
    """
    try:
        return _read(" ".join(text.split()).casefold())
    except ValueError:
        return None


def says_less(text: str) -> bool:
    """Whether a text wants something to become less: "Fewer errors"; not where it wants something to grow as well."""
    text = text.casefold()
    return bool(_FALLS.search(text)) and not _RISES.search(text)


def _read(text: str) -> Reading | None:
    ranges = list(_RANGE.finditer(text))
    if len(ranges) > 1:
        return None
    if ranges:
        return _read_range(ranges[0])
    limits = list(_LIMIT.finditer(text))
    if len(limits) == 1:
        found = limits[0]
        kind = Kind.AT_LEAST if found["floor"] else Kind.AT_MOST
        return Reading(None, read_amount(found["least"] or found["most"]), kind)
    reached = [] if limits else list(_REACH.finditer(text))
    return Reading(None, read_amount(reached[0]["to"])) if len(reached) == 1 else None


def _read_range(found: re.Match[str]) -> Reading | None:
    first, last = read_amount(found["a"] or found["c"]), read_amount(found["b"] or found["d"])
    if last.is_percent and not first.is_percent:  # "from 32 to 45%": the sign stands once, for both
        first = Amount(first.value / 100, is_percent=True)
    return None if first.value == last.value or first.is_percent != last.is_percent else Reading(first, last)


def read_target(text: str) -> Reading | None:
    """What a text in a target's own cell says: an amount alone, with its sign, or prose."""
    try:
        amount = parse_amount(text)
    except ValueError:
        return None
    return Reading(None, amount, amount.kind) if amount is not None else read_prose(text)
