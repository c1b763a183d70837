"""Number formats as both Sheets and Excel read them, in any locale: digits in groups, decimals that suit, the unit.

A format of ours is told from a person's by its spaces: a hair space after a currency sign, one that doesn't break
before any other unit. Nobody types those, and no program offers them.
"""

from __future__ import annotations

import re
from decimal import Decimal

from okr.number import SIGNS

GENERAL, WHOLE = "General", "#,##0"
HAIR, NO_BREAK = "\u200a", "\u00a0"
LONGEST_UNIT = 6
"""Characters of a unit that is shown with its number: longer ones would fill the column."""

_MOST_PLACES = 4
_OURS = re.compile(
    rf'General|("[^"]{HAIR}")?#,##0(\.0{{1,{_MOST_PLACES}}})?("{NO_BREAK}[^"]{{1,{LONGEST_UNIT}}}")?|0(\.0{{1,2}})?%'
)


def is_ours(code: str) -> bool:
    """Whether a run may have written this format, or nobody chose any.

    Sheets itself gives 0.00% to a share that somebody types: no choice of theirs.
    """
    return _OURS.fullmatch(code) is not None


def share_code(value: Decimal) -> str:
    """The format of a share: as many decimals as it has, one at most."""
    return "0%" if (value * 100) % 1 == 0 else "0.0%"


def plain_code(value: Decimal, unit: str = "", aim: Decimal | None = None) -> str:
    """The format of a number beside its ``aim``, with its unit: "€1,240", "12.5 days", "38.2 %".

    The larger the aim, the fewer decimals, four at most; money has two or none. What isn't zero never shows as zero,
    nor does what isn't the aim show as the aim, as far as four decimals tell.
    """
    places = _places(value, aim)
    if unit in SIGNS and places:
        places = max(places, 2)
    if unit in SIGNS:
        return money_code(unit, places)
    digits = _digits(places)
    fits = 0 < len(unit) <= LONGEST_UNIT and unit.isprintable() and not set(unit) & set('"\\')
    return f'{digits}"{NO_BREAK}{unit}"' if fits else digits


def money_code(sign: str, places: int) -> str:
    """The format of an amount of money."""
    return f'"{sign}{HAIR}"{_digits(places)}'


def _digits(places: int) -> str:
    return f"{WHOLE}.{'0' * places}" if places else WHOLE


def _places(value: Decimal, aim: Decimal | None) -> int:
    """How many decimals are shown, of those that the value has."""
    own = min(max(-int(value.normalize().as_tuple().exponent), 0), _MOST_PLACES)
    size = abs(value if aim is None else aim)
    few = _MOST_PLACES if size < 1 else 2 if size < 10 or aim is None else 1 if size < 1000 else 0
    misleading = {Decimal(0)} if aim is None else {Decimal(0), aim}
    enough = (at for at in range(few, own) if value in misleading or round(value, at) not in misleading)
    return next(enough, own) if own > few else own
