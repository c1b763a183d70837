"""Amounts as people write them in text: "45 %", "€1.2m", "1.200,50", "≥ 99.9%". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from okr.model import Kind

NUMBER = r"[-+\u2212]?\d+(?:[.,\u00a0\u202f' ]\d{3})*(?:[.,]\d+)?"
CURRENCY = r"[€$£¥]|eur|usd|gbp|chf|brl|r\$"
SUFFIX = r"(?:k|m|mn|mio|mio\.|mm|bn|mrd|mrd\.|million(?:s|en)?|thousand|tsd)\b\.?"
AMOUNT = rf"(?:(?:{CURRENCY})\s?)?{NUMBER}\s?(?:%|{SUFFIX})?(?:\s?(?:{CURRENCY})(?![a-z]))?"
"""One amount; matches text in small letters."""

_PARTS = re.compile(rf"(?:(?:{CURRENCY})\s?)?(?P<number>{NUMBER})\s?(?:(?P<percent>%)|(?P<suffix>{SUFFIX}))?")
_MONTHS = (
    "jan|feb|fév|fev|mar|mär|apr|avr|abr|mai|may|jun|jui|jul|aug|aoû|ago|sep|set|oct|okt|out|nov|dec|dez|déc|dic|ene"
)
_UNIT = rf"(?:\s+(?!(?:{_MONTHS})[a-zé]*\b)[^\W\d_]+){{0,2}}"
_WHOLE = re.compile(
    rf"(?P<sign>[≥≤><]=?|at least|at most|min\.?|max\.?)?\s*(?P<amount>{AMOUNT})\s*\+?{_UNIT}", re.IGNORECASE
)
_SCALES = {"k": 3, "t": 3, "m": 6, "b": 9}
_FLOORS, _CEILINGS = ("≥", ">", "at least", "min"), ("≤", "<", "at most", "max")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number out of a text. A share is a fraction (0.45), and ``is_percent``."""

    value: Decimal
    is_percent: bool = False
    kind: Kind | None = None  # what a sign in front of it says: ≥ at least, ≤ at most


def parse_amount(text: str) -> Amount | None:
    """The amount that a whole text is; ``None`` where it says anything else. Raises ValueError where it is unclear."""
    found = _WHOLE.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    amount = read_amount(found["amount"])
    sign = (found["sign"] or "").casefold()
    kind = Kind.AT_LEAST if sign.startswith(_FLOORS) else Kind.AT_MOST if sign.startswith(_CEILINGS) else None
    return Amount(amount.value, amount.is_percent, kind)


def read_amount(text: str) -> Amount:
    """The amount in a text that ``AMOUNT`` matches. Raises ValueError for any other."""
    found = _PARTS.search(text.casefold())
    if found is None:
        raise ValueError(f"{text!r} is no amount")
    number = _read_number(found["number"])
    if found["percent"]:
        return Amount(number / 100, is_percent=True)
    suffix = found["suffix"] or ""
    power = 9 if suffix.startswith(("mrd", "bn")) else _SCALES.get(suffix[:1], 0)
    return Amount(number.scaleb(power)) if power else Amount(number)


def _read_number(text: str) -> Decimal:
    """A number with the separators of any country.

    Of two different separators the last is the decimal point. A single one before exactly three digits groups
    thousands where it can't be anything else ("1.200.000", "1 200", "1'200") and with a comma ("12,000").

    Raises:
        ValueError: "1.200" may be 1200 or 1.2.
    """
    text = re.sub(r"[\u00a0\u202f' ]", "", text.replace("\u2212", "-"))
    dot, comma = text.rfind("."), text.rfind(",")
    if dot >= 0 and comma >= 0:
        group = "." if comma > dot else ","
        return Decimal(text.replace(group, "").replace(",", "."))
    if text.count(".") > 1:
        return Decimal(text.replace(".", ""))
    if text.count(",") > 1 or re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text):
        return Decimal(text.replace(",", ""))
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", text):
        raise ValueError(f"{text} may be a thousand times as much")
    return Decimal(text.replace(",", "."))
