"""The statistics behind measures, each with its source. Exact as far as Decimal's 28 digits go."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal

_EXACT = Context(prec=200)


def average(numbers: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean; the order of the numbers makes no difference."""
    total = Decimal(0)
    for number in numbers:
        total = _EXACT.add(total, number)
    return total / len(numbers)


def percentile(numbers: Sequence[Decimal], rank: Decimal) -> Decimal:
    """The value below which ``rank`` percent lie, with linear interpolation between neighbours.

    Definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician
    50 (1996): position 1 + (n - 1) · rank / 100. It is what PERCENTILE and MEDIAN of spreadsheets compute, so
    that people can check it in the sheet.
    """
    ordered = sorted(numbers)
    position = (len(ordered) - 1) * rank / 100
    below = int(position)
    if below + 1 >= len(ordered):
        return ordered[-1]
    low, high = ordered[below], ordered[below + 1]
    return +_EXACT.add(low, _EXACT.multiply(position - below, _EXACT.subtract(high, low)))


def net_promoters(scores: Sequence[Decimal]) -> int:
    """Promoters (9, 10) minus detractors (0 to 6); by the number of answers it is the Net Promoter Score.

    Frederick F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003.
    """
    return sum(1 for score in scores if score >= 9) - sum(1 for score in scores if score <= 6)
