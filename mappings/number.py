"""Text and field values as exact numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from mappings.model import Value

LARGEST_EXPONENT = 60
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)


def parse_number(text: str) -> Decimal | None:
    """A finite number of a plausible size, written with a point: "12.50", "-3", "1e3". Else ``None``."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if is_plausible(number) else None


def is_plausible(number: Decimal) -> bool:
    """Finite, and of a size that arithmetic can keep exact."""
    return number.is_finite() and abs(number.adjusted()) <= LARGEST_EXPONENT


def as_number(value: Value) -> Decimal | None:
    """A field's value as a number, if it is one: a number, text that reads as one, or a list of one such."""
    if isinstance(value, Decimal):
        return value if is_plausible(value) else None
    if isinstance(value, str):
        return parse_number(value)
    if isinstance(value, tuple) and len(value) == 1:
        return as_number(value[0])
    return None


def is_empty(value: Value) -> bool:
    """Whether a field counts as not filled in: absent, empty text, or a list of nothing."""
    return value is None or value in ("", ())


def render_number(number: Decimal, places: int = 2) -> str:
    """A number for a sentence: at most ``places`` decimals, none that say nothing, thousands apart; halves go up."""
    if abs(number) >= Decimal(10) ** 15:
        return f"{number:.3e}"
    text = f"{number.quantize(Decimal(1).scaleb(-places), context=_HALF_UP):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
