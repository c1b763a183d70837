"""Numbers as people read them: thousands separators, percent for shares, units, no needless zeros.

Halves are rounded away from zero, as spreadsheets show them: a text beside a cell never differs from it by a digit.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

SIGNS = frozenset("€$£¥₹₽₩₺₪฿")
"""Currency signs: they stand before the number."""

_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)
BLOCKS = 10
BARS = ("█", "░")
"""How a drawn bar begins."""

_LONGEST = 20  # digits before the point, or zeros behind it, that a person still reads
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(_LONGEST + 3))


def render_number(value: Decimal, unit: str = "", is_share: bool = False) -> str:
    """A value for people: "1,234.5 h", "€1,200", "38.2 %". A share is a fraction, shown times 100.

    At most two decimals; below 1 up to three digits that mean something ("0.0123").
    """
    if is_share:
        return f"{_render_plain(value * 100)} %"
    text = _render_plain(value)
    if not unit:
        return text
    if unit in SIGNS:
        return f"-{unit}{text[1:]}" if text.startswith("-") else unit + text
    return f"{text} {unit}"


def render_bare(value: Decimal, unit: str = "", is_share: bool = False) -> str:
    """A value without its unit, where the number beside it shows that: the "5" of "5 of 12 days"."""
    return render_number(value, unit if unit in SIGNS or unit == "%" else "", is_share)


def render_score(score: Decimal) -> str:
    """A score or pace, always with two decimals, so that scores compare at a glance: "0.40"."""
    return f"{_round(score, 2):f}"


def render_bar(score: Decimal) -> str:
    """A score as a bar of ten blocks with the percentage: "██████░░░░ 62 %"."""
    filled = max(0, min(BLOCKS, int(_round(score * BLOCKS, 0))))
    return f"{BARS[0] * filled}{BARS[1] * (BLOCKS - filled)} {_round(score * 100, 0):f} %"


def _round(value: Decimal, places: int) -> Decimal:
    """To so many places; what is rounded to nothing has no sign."""
    return _HALF_UP.plus(value.quantize(_UNITS[places], context=_HALF_UP))


def _render_plain(value: Decimal) -> str:
    if not value:
        return "0"
    exponent = value.adjusted()
    if abs(exponent) > _LONGEST:
        return f"{value:.2e}"
    places = 2 if exponent >= 0 else 2 - exponent
    text = f"{_round(value, places):,f}"
    return text.rstrip("0").rstrip(".")
