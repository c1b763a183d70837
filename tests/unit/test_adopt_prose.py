"""What is read out of prose, and what is left to people because it is open to doubt."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okr.model import Kind
from sync.care.adopt_amount import parse_amount
from sync.care.adopt_prose import read_prose, read_target, says_less


def said(text, read=read_target):
    """A reading as plain numbers: (baseline, target), shares as "5%"."""
    found = read(text)
    if found is None:
        return None
    return tuple(
        each and f"{each.value * (100 if each.is_percent else 1):f}" for each in (found.baseline, found.target)
    )


def tidy(pair):
    return pair and tuple(text and f"{Decimal(text).normalize():f}" for text in pair)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Increase NPS from 32 to 45", ("32", "45")),
        ("Reduce churn from 5% to 3%", ("5", "3")),
        ("32 → 45", ("32", "45")),
        ("20 -> 10", ("20", "10")),
        ("from 3 days to 1 day", ("3", "1")),
        ("Conversion from 2 to 3.5%", ("2", "3.5")),
        ("Increase ARR from $1.2M to $2M", ("1200000", "2000000")),
        ("from €1.2m to €1.5m", ("1200000", "1500000")),
        ("Von 10 auf 20 steigern", ("10", "20")),
        ("Passer de 3 à 5 jours", ("3", "5")),
        ("Pasar de 3 a 5 días", ("3", "5")),
        ("Reduzir churn de 5% para 3%", ("5", "3")),
        ("Reach 1,000 customers", (None, "1000")),
        ("€1.2m", (None, "1200000")),
        ("45 %", (None, "45")),
        ("1.200,50 €", (None, "1200.5")),
        ("1 200", (None, "1200")),
        ("60 deals", (None, "60")),
        ("< 2 hours", (None, "2")),
    ],
)
def test_what_a_text_says(text, pair):
    assert tidy(said(text)) == pair


@pytest.mark.parametrize(
    "text",
    [
        "Launch the portal",
        "Launch by Q3 2026",
        "Grow by 20%",
        "Ship on 31 December",
        "12.000",
        "from 3 to 3",
        "from 5 to 20 in the north and from 4 to 8 in the south",
        "between 3 and 5, never below 2 and at most 9",
        "",
    ],
)
def test_what_is_left_to_people(text):
    assert read_target(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("≥ 99.9%", Kind.AT_LEAST),
        ("Uptime at least 99.9 %", Kind.AT_LEAST),
        ("mindestens 3", Kind.AT_LEAST),
        ("≤ 2", Kind.AT_MOST),
        ("Answer time below 2 hours", Kind.AT_MOST),
        ("from 3 to 5", None),
    ],
)
def test_limits(text, kind):
    assert read_target(text).kind is kind


@pytest.mark.parametrize(
    ("text", "less"),
    [
        ("Fewer errors in production", True),
        ("Reduce churn", True),
        ("Weniger Ausfälle", True),
        ("Réduire le délai", True),
        ("Increase revenue with fewer people", False),
        ("Win deals", False),
        ("Recruit bloggers", False),
    ],
)
def test_what_asks_for_less(text, less):
    assert says_less(text) is less


numbers = st.decimals(min_value=0, max_value=9_999, places=2).map(lambda number: number.normalize())


def written(number):
    return f"{number:f}"


@given(numbers, numbers, st.sampled_from(("from {} to {}", "{} → {}", "NPS from {} to {} by March", "von {} auf {}")))
def test_both_ends_come_back_as_written(first, last, pattern):
    found = read_prose(pattern.format(written(first), written(last)))
    if first == last:
        assert found is None
    else:
        assert (found.baseline.value, found.target.value) == (first, last)


@given(numbers, st.sampled_from(("", " ", "\u00a0")))
def test_a_percentage_is_a_share(number, space):
    amount = parse_amount(f"{written(number)}{space}%")
    assert (amount.value, amount.is_percent) == (number / 100, True)


@given(st.integers(1_000_000, 999_999_999), st.sampled_from(",. '\u00a0\u202f"))
def test_thousands_are_grouped_by_any_sign(number, sign):
    assert parse_amount(f"{number:,}".replace(",", sign)).value == number


@given(st.text(max_size=60))
def test_no_text_is_too_odd(text):
    found = read_target(text)
    assert found is None or found.target.value.is_finite()


@given(st.text(alphabet="fromto0123456789%→., kmbn€-", max_size=40))
def test_what_is_read_is_never_more_than_the_text_has_digits_for(text):
    found = read_target(text)
    if found is not None and found.baseline is not None:
        assert sum(letter.isdigit() for letter in text) >= 2
