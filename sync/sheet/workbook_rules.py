"""Our conditional formats on a workbook's tab: made, and found again among people's own.

Ours are known by a factor in their formula that is always true, ``("okr-sync"<>"")``. What doesn't carry it is
people's: it is never touched and keeps its precedence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sync.sheet.cell import Form, column_letters
from sync.sheet.columns import COLUMNS
from sync.sheet.dashboard_rows import COLUMNS as BOARD_COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.number_format import WHOLE, money_code
from sync.sheet.rules import Rule, Words, make_board_rules, make_rules
from sync.sheet.style import LOOKS, Style
from sync.sheet.workbook_read import Book, Sheet
from sync.sheet.workbook_xml import WORKSHEET_ORDER, Element, add, find, make, name, place

LAST_ROW = 2000
"""Down to which row (counted from 1) rules and dropdowns reach."""

MARKER = '("okr-sync"<>"")'
MONEY = "€$£"
_IN_UNIT = frozenset({Field.CURRENT, Field.TARGET, Field.TARGET_TO, Field.BASELINE})


class _Wanted(NamedTuple):
    """One conditional format: where, when, and how it looks; without a style it gives numbers this format."""

    area: str
    formula: str
    style: Style | None
    code: str = WHOLE


def mend_rules(
    book: Book,
    sheet: Sheet,
    tab: Tab,
    header_row: int,
    columns: Mapping[Field, int],
    days: int,
    words: Words,
    ledger: str = Tab.LEDGER.value,
) -> bool:
    """Leave exactly the wanted rules of ours on a tab; returns whether anything had to change."""
    states = _state_rules(tab, header_row, columns, make_rules(days, words, ledger))
    return _mend(book, sheet, [*states, *_number_rules(tab, header_row, columns)])


def mend_board_rules(book: Book, sheet: Sheet, days: int, ledger: str = Tab.LEDGER.value) -> bool:
    """The same for the Dashboard, whose rules are over whole rows."""
    last = column_letters(BOARD_COLUMNS - 1)
    wanted = []
    for rule in make_board_rules(days, ledger):
        end = rule.first_row + 1 if rule.is_one_row else LAST_ROW
        area, formula = f"A{rule.first_row + 1}:{last}{end}", rule.formula.removeprefix("=")
        wanted.append(_Wanted(area, f"(({formula})*{MARKER})>0", rule.style))
    return _mend(book, sheet, wanted)


def _mend(book: Book, sheet: Sheet, wanted: Sequence[_Wanted]) -> bool:
    root = book.package.tree(sheet.part)
    found = [_sketch(block.get("sqref", ""), rule) for block, rule in _find_ours(root)]
    if sorted(found) == sorted((each.area, _fold(each.formula)) for each in wanted):
        return False
    root = book.package.touch(sheet.part)
    _drop(root)
    top = max((int(rule.get("priority", "0")) for rule in root.iter(name("cfRule"))), default=0)
    for priority, each in enumerate(wanted, start=top + 1):
        _add_rule(book, root, each, priority)
    return True


def drop_rules(book: Book, sheet: Sheet) -> int:
    """Take all rules of ours off a tab; returns how many there were."""
    if not any(True for _ in _find_ours(book.package.tree(sheet.part))):
        return 0
    return _drop(book.package.touch(sheet.part))


def _drop(root: Element) -> int:
    found = list(_find_ours(root))
    for block, rule in found:
        block.remove(rule)
        if not block.findall(name("cfRule")):
            root.remove(block)
    return len(found)


def _state_rules(tab: Tab, header_row: int, columns: Mapping[Field, int], rules: Sequence[Rule]) -> Iterator[_Wanted]:
    addresses = {field: f"${column_letters(at)}{header_row + 2}" for field, at in columns.items()}
    for rule in rules:
        places = sorted(columns[field] for field in rule.fields if field in columns)
        formula = _render(rule, addresses) if rule.tab is tab and places else None
        if formula:
            marked = f"(({formula.removeprefix('=')})*{MARKER})>0"
            yield _Wanted(_area(places, header_row), marked, rule.style)


def _render(rule: Rule, addresses: dict[Field, str]) -> str | None:
    try:
        return rule.render(addresses)
    except KeyError:
        return None


def _number_rules(tab: Tab, header_row: int, columns: Mapping[Field, int]) -> Iterator[_Wanted]:
    """Group the digits of large numbers, and show money beside its sign, in cells without a number format.

    Their columns are formatted as General, so that "60%" stays a share; a format that somebody chose wins. General
    is "G" to Excel and "F0" to LibreOffice, as is the format "0", which can't be told from it there.
    """
    for column in COLUMNS[tab]:
        at = columns.get(column.field)
        if at is not None and column.form is Form.NUMBER and column.style is Style.NUMBER:
            cell = f"{column_letters(at)}{header_row + 2}"
            is_free = f'((CELL("format",{cell})="G")+(CELL("format",{cell})="F0"))*{MARKER}'
            if column.field in _IN_UNIT and Field.UNIT in columns:
                unit = f"${column_letters(columns[Field.UNIT])}{header_row + 2}"
                for sign in MONEY:
                    amount = f'({unit}="{sign}")*ISNUMBER({cell})*{is_free}'
                    yield _Wanted(
                        _area([at], header_row), f"({amount}*(MOD(N({cell}),1)=0))>0", None, money_code(sign, 0)
                    )
                    yield _Wanted(
                        _area([at], header_row), f"({amount}*(MOD(N({cell}),1)>0))>0", None, money_code(sign, 2)
                    )
            yield _Wanted(_area([at], header_row), f"((ABS(N({cell}))>=1000)*{is_free})>0", None)


def _area(places: Sequence[int], header_row: int) -> str:
    """The data rows of some columns; neighbours together, as Excel writes them."""
    runs: list[list[int]] = []
    for at in places:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    first = header_row + 2
    return " ".join(f"{column_letters(run[0])}{first}:{column_letters(run[-1])}{LAST_ROW}" for run in runs)


def _find_ours(root: Element) -> Iterator[tuple[Element, Element]]:
    for block in root.findall(name("conditionalFormatting")):
        for rule in block.findall(name("cfRule")):
            if MARKER in _fold(_formula(rule)):
                yield block, rule


def _formula(rule: Element) -> str:
    formula = find(rule, "formula")
    return (formula.text or "") if formula is not None else ""


def _fold(formula: str) -> str:
    return formula.casefold().replace(" ", "").replace("&quot;", '"')


def _sketch(area: str, rule: Element) -> tuple[str, str]:
    return area, _fold(_formula(rule))


def _add_rule(book: Book, root: Element, wanted: _Wanted, priority: int) -> None:
    styles = book.styles
    number = styles.number_difference(wanted.code) if wanted.style is None else styles.difference(wanted.style)
    block = place(root, make("conditionalFormatting", {"sqref": wanted.area}), WORKSHEET_ORDER)
    attributes = {"type": "expression", "dxfId": str(number), "priority": str(priority)}
    if wanted.style is not None and LOOKS[wanted.style].italic:
        attributes["stopIfTrue"] = "1"  # grey for what is old: nothing green or bold may shine through
    rule = add(block, "cfRule", attributes)
    add(rule, "formula", None, wanted.formula)
