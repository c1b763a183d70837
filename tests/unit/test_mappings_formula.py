"""Formulas: arithmetic in Decimal, checked when read, and never more than a gap at night."""

import ast
import tracemalloc
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.formula import LONGEST, evaluate_formula, parse_formula
from mappings.formula_shape import formula_shape
from mappings.model import Gap, GapKind, Measure

KNOWN = {"won": Decimal(5), "created": Decimal(2), "nothing": Decimal(0), "größe": Decimal("1.5")}


def value(text: str):
    formula, mistakes = parse_formula(text, KNOWN)
    assert mistakes == (), mistakes
    return evaluate_formula(formula, KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100 * won / created", "250"),
        ("0.1 + 0.2", "0.3"),
        ("  won\n  + 1 ", "6"),
        ("-won ** 2", "-25"),
        ("(won - 1) * -2", "-8"),
        ("+won", "5"),
        ("min(won, created, 7)", "2"),
        ("max(won, created)", "5"),
        ("abs(created - won)", "3"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(won / 3, 2)", "1.67"),
        ("round(1234, 0 - 2)", "1200"),
        ("clamp(won, 0, 1)", "1"),
        ("clamp(0 - 1, 0, 1)", "0"),
        ("größe * 2", "3.0"),
        ("4 ** 0.5", "2"),
        ("1.e1 + .5", "10.5"),
        ("12345678901234567890 + 1", "12345678901234567891"),
    ],
)
def test_arithmetic(text, expected):
    assert value(text) == Decimal(expected)


def test_the_metrics_that_a_formula_names():
    formula, _ = parse_formula("max(won, 1) / created", KNOWN)
    assert formula.names == {"won", "created"}
    assert formula.in_order == ("won", "created")
    assert parse_formula("max(größe, 1) + größe / (won - created)", KNOWN)[0].in_order == ("größe", "won", "created")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("won / nothing", "divides by zero (nothing = 0, won = 5)"),
        ("nothing / nothing", "divides by zero"),
        ("9 ** 9 ** 9", "no number"),
        ("(0 - 2) ** 0.5", "no number"),
        ("nothing ** nothing", "no number"),
        ("10 ** 61", "too large"),
        ("10 ** 900 * 10 ** 900", "no number"),
        ("round(won, 999999999)", "no number"),
        ("round(won, 10 ** 50)", "no number"),
        ("1 / 10 ** 61", "too large or too small"),
    ],
)
def test_what_fails_at_night_is_a_gap_with_a_reason(text, said):
    gap = value(text)
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.FORMULA
    assert said in gap.reason


@pytest.mark.parametrize(
    ("text", "said", "offset", "length", "fix"),
    [
        ("100 * wno / created", "no metric is named “wno”", 6, 3, "did you mean “won”?"),
        ("größe + wno", "no metric is named “wno”", 8, 3, "did you mean “won”?"),
        ("  rnd(won)", "no function is called “rnd”", 2, 8, "did you mean “round”?"),
        ("won(2)", "no function is called “won”", 0, 6, "Known: abs, clamp"),
        ("min()", "min takes 1 to 20 values, here are 0", 0, 5, None),
        ("clamp(1, 2)", "clamp takes 3 values, here are 2", 0, 11, None),
        ("won % 2", "“%” has no meaning", 4, 1, "0.5 for 50 %"),
        ("${kr.target}", "“$” has no meaning", 0, 1, "Variables are for queries"),
        ("won.real", "“.” has no meaning", 3, 1, None),
        ("won == 2", "“=” has no meaning", 4, 1, None),
        ("'x'", "“'” has no meaning", 0, 1, None),
        ("[1]", "“[” has no meaning", 0, 1, None),
        ("won or 1", "only arithmetic", 0, 8, None),
        ("not won", "only arithmetic", 0, 7, None),
        ("1 if won else 2", "only arithmetic", 0, 15, None),
        ("won // 2", "only arithmetic", 0, 8, None),
        ("won, 2", "only arithmetic", 0, 6, None),
        ("min(*won)", "only arithmetic", 4, 4, None),
        ("None", "only numbers and names", 0, 4, None),
        ("2 won", "can't be read from here", None, 1, None),
        ("2won", "an operator is missing", 1, 3, None),
        ("won +", "can't be read from here", 4, 1, None),
        ("(won", "can't be read from here", 0, 1, None),
        ("lambda", "can't be read from here", 5, 1, None),
        ("1e99", "too large or too small", 0, 4, None),
        ("", "empty", 0, 1, None),
        ("1 +" * LONGEST, "at most 500 characters", 0, 1, None),
        ("-" * 400 + "1", "nested too deeply", 0, 1, None),
        ("(" * 240 + "1" + ")" * 240, "can't be read", None, 1, None),
    ],
)
def test_mistakes_are_found_when_the_mapping_is_read(text, said, offset, length, fix):
    formula, (mistake, *_) = parse_formula(text, KNOWN)
    assert formula is None
    assert said in mistake.message
    assert offset is None or (mistake.offset, mistake.length) == (offset, length)
    assert fix is None or fix in mistake.fix


@pytest.mark.parametrize("text", ["min(won)", "max(won)", "-min(won) + 10", "max(min(won), 1)"])
def test_the_least_of_one_is_itself(text):
    assert value(text) == 5


def test_every_mistake_at_once():
    _, mistakes = parse_formula("a + b + rnd(c)", KNOWN)
    assert [mistake.offset for mistake in mistakes] == [0, 4, 8, 12]


PIECES = st.sampled_from(
    ["won", "created", "nothing", "x", "1", "0.5", "9e9", "+", "-", "*", "/", "**", "(", ")", ",", "min(", "round(",
     "abs(", "clamp(", "__import__", "'", ".", "lambda", "if", "in", "[", "%", " ", "é", "\n", "and", "await", "yield"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30))
@settings(max_examples=300)
def test_any_text_gives_a_number_a_gap_or_mistakes(text):
    formula, mistakes = parse_formula(text, KNOWN)
    assert (formula is None) is bool(mistakes)
    for mistake in mistakes:
        assert 0 <= mistake.offset <= max(len(text), 1)
    if formula is not None:
        result = evaluate_formula(formula, KNOWN)
        assert isinstance(result, Gap) or result.is_finite()


@pytest.mark.timeout(10)
@pytest.mark.parametrize("text", ["9**" * 13 + "9", "0.9**" * 13 + "0.9", "(1+1/9**9)**(9**20)", "2**0.5**9**9"])
def test_a_tower_of_powers_ends(text):
    formula, _ = parse_formula(text, KNOWN)
    result = evaluate_formula(formula, KNOWN)
    assert isinstance(result, Gap) or result.is_finite()


ARITHMETIC = st.recursive(
    st.sampled_from(["won", "created", "nothing", "0", "1", "2.5", "9e9", "1e-9"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from([" + ", " - ", " * ", " / ", " ** "]), inner).map("".join)
        | inner.map(lambda text: f"({text})")
        | inner.map(lambda text: f"-{text}")
        | st.tuples(
            st.sampled_from(["min", "max", "round", "abs", "clamp"]), st.lists(inner, min_size=1, max_size=3)
        ).map(lambda call: f"{call[0]}({', '.join(call[1])})")
    ),
    max_leaves=12,
)
ESCAPES = (
    "__import__('os')", "won.__class__", "().__class__.__bases__[0]", "[x for x in (1, 2)]", "(lambda: won)()",
    "lambda x: x", "f'{won}'", "(x := 3)", "won[0]", "{won}", "{won: 1}", "won if created else 1", "won == created",
    "not won", "won and created", "won @ created", "~won", "won << 3", "won // 2", "won % 2", "*won", "min(*won)",
    "min(**won)", "min(won, key=abs)", "open(won)", "eval(won)", "print(won)", "min.__call__(won)", "True", "None",
    "...", "Ellipsis", "1j", "0x10", "0b1", "0o7", "1_000", "'a' * 9", "b'a'", "won; created", "won\nimport os",
    "await won", "yield won", "won\\\n+ 1", "ⅯⅭ", "ｗｏｎ", "ﬁ", "१", "²", "won\u200b", "\ud800", "won\0", "#",
    "won # x", "abs(abs)", "min", "round(won)(won)",
)  # fmt: skip


@given(ARITHMETIC)
@settings(max_examples=300, deadline=2000)
def test_arithmetic_stays_arithmetic(text):
    """Only the five functions are ever called, and whatever comes out is a Decimal or a gap."""
    formula, mistakes = parse_formula(text, KNOWN)
    if formula is None:
        assert mistakes
        return
    assert formula.names <= set(KNOWN)
    allowed = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call, ast.operator, ast.unaryop, ast.expr_context)
    assert all(isinstance(node, allowed) for node in ast.walk(formula.tree))
    result = evaluate_formula(formula, KNOWN)
    assert isinstance(result, Gap) or type(result) is Decimal


@given(ARITHMETIC | st.lists(st.sampled_from(["9e59", "1e-59", "won", "0"]), min_size=20, max_size=60).map("*".join))
@settings(max_examples=200, deadline=2000)
def test_what_kind_of_number_it_is_can_be_asked_of_every_formula(text):
    formula, _ = parse_formula(text, KNOWN)
    if formula is not None:
        shape = formula_shape(formula, {name: Measure("count") for name in formula.names})
        assert shape.kind in {"number", "count", "share", "ratio", "amount", ""}


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_else_is_a_formula(text):
    """Every other form of the language is refused when the mapping is read, wherever it stands."""
    for written in (text, f"won + {text}", f"max({text}, 1)", f"({text})"):
        formula, mistakes = parse_formula(written, KNOWN)
        assert formula is None, written
        assert mistakes


@given(st.text(max_size=40).filter(lambda text: text not in KNOWN))
@settings(max_examples=200)
def test_no_other_name_is_reached(name):
    """A name that was not handed in is no name, whatever Python knows by it or makes of its letters."""
    formula, _ = parse_formula(f"{name} + 1", KNOWN)
    assert formula is None or formula.names <= set(KNOWN)


@given(st.decimals(-(10**9), 10**9, places=6), st.decimals(-(10**9), 10**9, places=6))
def test_sums_and_products_are_exact(first, second):
    values = {"a": first, "b": second}
    for text, expected in (
        ("a + b", Fraction(first) + Fraction(second)),
        ("a - b", Fraction(first) - Fraction(second)),
    ):
        assert Fraction(evaluate_formula(parse_formula(text, values)[0], values)) == expected


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    ["9 ** 9 ** 9 ** 9", "(" * 100_000, "-" * 100_000 + "1", "+".join(["won"] * 100_000), "1" * 100_000, "e" * 100_000,
     "min(" * 90 + "1" + ")" * 90, "**".join(["won"] * 100), "1e999999999 * 2", "round(1, 1e60)", "round(1e60, 60)"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_formula_takes_long_or_much(text):
    tracemalloc.start()
    formula, mistakes = parse_formula(text, KNOWN)
    result = evaluate_formula(formula, KNOWN) if formula else None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mistakes or isinstance(result, Gap) or result.is_finite()
    assert peak < 20_000_000
