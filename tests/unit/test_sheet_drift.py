"""What people left on a tab of the engine's: rows that aren't as they were drawn."""

from datetime import date
from decimal import Decimal

import pytest

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.drift import find_drift, fingerprint
from sync.sheet.store import Draw, Drawing, RawTab

DRAWING = Drawing(
    (100, 100),
    (
        (Draw("OKRs of ACME", span=2),),
        (),
        (Draw("  WEB-1  Fewer drop-offs "), None, Draw(Decimal("0.3333333333333333")), Draw("On track")),
        (Draw(date(2026, 11, 22)), Draw(True), Draw("")),
    ),
)
AS_DRAWN: list[list[Cell]] = [
    [Cell("OKRs of ACME")],
    [],
    [Cell("WEB-1  Fewer drop-offs"), EMPTY, Cell(Decimal("0.33333333333333331")), Cell("On track")],
    [Cell(date(2026, 11, 22)), Cell(True, formula="=TRUE()")],
]


def find(*rows: list[Cell]) -> tuple[tuple[str, str], ...]:
    return find_drift(RawTab(1, "Dashboard", cells=rows), fingerprint(DRAWING))


def changed(row: int, column: int, cell: Cell) -> list[list[Cell]]:
    rows = [list(line) for line in AS_DRAWN]
    rows += [[] for _ in range(row + 1 - len(rows))]
    rows[row] += [EMPTY] * (column + 1 - len(rows[row]))
    rows[row][column] = cell
    return rows


def test_a_tab_as_it_was_drawn_has_none() -> None:
    assert find(*AS_DRAWN) == ()


@pytest.mark.parametrize(
    ("row", "column", "cell", "found"),
    [
        (1, 3, Cell(" call Maya\nat ten "), ("D2", "call Maya\nat ten")),
        (9, 0, Cell(Decimal("1E+3")), ("A10", "1000")),
        (2, 1, Cell("late"), ("A3", "WEB-1  Fewer drop-offs · late · 0.333333333333 · On track")),
        (2, 3, Cell("Off track"), ("A3", "WEB-1  Fewer drop-offs · 0.333333333333 · Off track")),
        (2, 0, EMPTY, ("C3", "0.333333333333 · On track")),
        (0, 0, Cell("OKRs of ACME", formula='=A9&"S"'), ("A1", '=A9&"S"')),
        (1, 0, Cell(error="#REF!"), ("A2", "#REF!")),
        (4, 0, Cell(Decimal("NaN")), ("A5", "NaN")),
        (4, 0, Cell("half a \ud800 pair\x00"), ("A5", "half a \ufffd pair ")),
    ],
)
def test_a_row_that_somebody_changed_is_found_with_all_that_stands_in_it(
    row: int, column: int, cell: Cell, found: tuple[str, str]
) -> None:
    assert find(*changed(row, column, cell)) == (found,)


def test_inserted_rows_and_columns_and_sorting_leave_our_rows_ours() -> None:
    assert find([], *AS_DRAWN[::-1], AS_DRAWN[2]) == ()
    assert find(*([EMPTY, *row] for row in AS_DRAWN)) == ()


def test_what_was_cleared_is_no_drift() -> None:
    assert find([], [], [], []) == ()


def test_nothing_is_claimed_where_nothing_is_known() -> None:
    assert find_drift(RawTab(1, "Dashboard", cells=[[Cell("theirs")]]), "") == ()


def test_two_fingerprints_know_the_rows_of_both() -> None:
    other = fingerprint(Drawing((80,), ((Draw("other"),),)))
    tab = RawTab(1, "Dashboard", cells=[*AS_DRAWN, [Cell("other")]])
    assert find_drift(tab, fingerprint(DRAWING) + other) == ()
    assert find_drift(tab, other) != ()


def test_a_fingerprint_stays_small() -> None:
    rows = tuple((Draw(f"KR-{number}  some name"), Draw(Decimal(number))) for number in range(500))
    assert len(fingerprint(Drawing((80,), rows))) < 3_000
    assert fingerprint(Drawing((80,), rows * 20)) == "", "too large to be remembered"
