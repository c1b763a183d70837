"""Columns of a prepared tab as requests: headers, formats, dropdowns, widths, folded groups, markers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from sync.sheet.cell import Form
from sync.sheet.google_cell import Json
from sync.sheet.google_draw import make_sizes
from sync.sheet.google_read import MARKER_KEY
from sync.sheet.google_style import FORMAT_MASK, TEXT_FORMAT, make_format, make_header_format
from sync.sheet.layout import Column, Field, Role
from sync.sheet.style import Style

HEADER_HEIGHT = 36


class Placed(NamedTuple):
    """A column of ours in a tab: where it stands, and what its header says."""

    at: int
    header: str
    column: Column


class Span(NamedTuple):
    """The rows of a tab that belong to a table: its header row, and the end of the grid."""

    tab_id: int
    header_row: int
    end_row: int

    def area(self, first: int, end: int) -> Json:
        """Google's range of the data rows of some columns; the end isn't part of it."""
        return {
            "sheetId": self.tab_id,
            "startRowIndex": self.header_row + 1,
            "endRowIndex": self.end_row,
            "startColumnIndex": first,
            "endColumnIndex": end,
        }


def make_columns(span: Span, placed: Sequence[Placed]) -> Iterator[Json]:
    """Everything that makes these columns ours, in a tab whose grid is large enough."""
    yield from _headers(span, placed)
    for each in placed:
        yield make_body_format(span, each)
        yield from make_list(span, each)
    yield from make_sizes(span.tab_id, "COLUMNS", {each.at: each.column.width for each in placed})
    yield from _groups(span.tab_id, placed)


def _headers(span: Span, placed: Sequence[Placed]) -> Iterator[Json]:
    for run in _stretches(placed):
        start = {"sheetId": span.tab_id, "rowIndex": span.header_row, "columnIndex": run[0].at}
        rows = [{"values": [_header(each) for each in run]}]
        yield {"updateCells": {"start": start, "rows": rows, "fields": f"userEnteredValue,note,{FORMAT_MASK}"}}


def _header(placed: Placed) -> Json:
    is_ours = placed.column.role is not Role.PERSON
    made: Json = {
        "userEnteredValue": {"stringValue": placed.header},
        "userEnteredFormat": make_header_format(Style.HEADER_MACHINE if is_ours else Style.HEADER, placed.column.style),
    }
    if placed.column.note:
        made["note"] = placed.column.note
    return made


def make_body_format(span: Span, placed: Placed) -> Json:
    """The format of the cells below a header."""
    made = make_format(placed.column.style)
    if placed.column.form is Form.ID:
        made["numberFormat"] = TEXT_FORMAT
    area = span.area(placed.at, placed.at + 1)
    return {"repeatCell": {"range": area, "cell": {"userEnteredFormat": made}, "fields": FORMAT_MASK}}


def make_status_list(span: Span, placed: Iterable[Placed]) -> Iterator[Json]:
    """The list under Status anew, where a rule has other words."""
    return (rule for each in placed if each.column.field is Field.STATUS for rule in make_list(span, each))


def make_list(span: Span, placed: Placed) -> Iterator[Json]:
    """What a column takes, if that is declared."""
    if rule := _rule(placed.column):
        yield _validation(span, placed, rule)


def _rule(column: Column) -> Json | None:
    """What a column takes. Where the machine writes as well, other words are let in: they become holds.

    A number outside its range is marked and let in: what people write is theirs.
    """
    if column.choices:
        rule = _condition("ONE_OF_LIST", column.choices)
        return rule | {"showCustomUi": True, "strict": column.role is Role.PERSON and column.form is Form.CHOICE}
    if column.between:
        first, last = column.between
        rule = _condition("NUMBER_BETWEEN", (str(first), str(last)))
        return rule | {"inputMessage": f"A number from {first} to {last}.", "strict": False}
    return None


def _condition(kind: str, values: Iterable[str]) -> Json:
    return {"condition": {"type": kind, "values": [{"userEnteredValue": value} for value in values]}}


def _validation(span: Span, placed: Placed, rule: Json) -> Json:
    return {"setDataValidation": {"range": span.area(placed.at, placed.at + 1), "rule": rule}}


def make_name_lists(span: Span, placed: Iterable[Placed], names: str) -> Iterator[Json]:
    """Names to choose from: those in this range ("='People'!$A$2:$A"). Somebody who isn't listed may be written too."""
    rule = _condition("ONE_OF_RANGE", (names,)) | {"showCustomUi": True, "strict": False}
    return (_validation(span, each, rule) for each in placed if each.column.is_person)


def _groups(tab_id: int, placed: Sequence[Placed]) -> Iterator[Json]:
    """Folded groups of columns.

    Whether Sheets keeps two groups of one depth apart that touch isn't documented. So a group that begins where
    another ends is nested in it: the first reaches to the end of both, and a group within a group is one deeper
    (discovery document, addDimensionGroup).
    """
    runs = [list(run) for _, run in groupby(placed, lambda each: each.column.group)]
    grouped = [(run[0].at, run[-1].at + 1) for run in runs if run[0].column.group]
    depth = 0
    for position, (first, _) in enumerate(grouped):
        touches = position > 0 and grouped[position - 1][1] == first
        depth = depth + 1 if touches else 1
        area = {"sheetId": tab_id, "dimension": "COLUMNS", "startIndex": first, "endIndex": _reach(grouped, position)}
        yield {"addDimensionGroup": {"range": area}}
        group = {"range": area, "depth": depth, "collapsed": True}
        yield {"updateDimensionGroup": {"dimensionGroup": group, "fields": "collapsed"}}


def _reach(grouped: Sequence[tuple[int, int]], position: int) -> int:
    """The end of a group and of all that follow it without a gap."""
    end = grouped[position][1]
    for first, last in grouped[position + 1 :]:
        if first == end:
            end = last
    return end


def make_markers(tab_id: int, placed: Iterable[Placed], markers: Mapping[int, str]) -> Iterator[Json]:
    """The developer metadata of columns that have none of ours yet; it stays with a column that is moved or renamed."""
    for each in placed:
        if each.at not in markers:
            yield {
                "createDeveloperMetadata": {
                    "developerMetadata": {
                        "metadataKey": MARKER_KEY,
                        "metadataValue": each.column.field.value,
                        "visibility": "DOCUMENT",
                        "location": {
                            "dimensionRange": {
                                "sheetId": tab_id,
                                "dimension": "COLUMNS",
                                "startIndex": each.at,
                                "endIndex": each.at + 1,
                            }
                        },
                    }
                }
            }


def _stretches(placed: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Columns that stand beside each other."""
    for _, group in groupby(enumerate(placed), lambda pair: pair[1].at - pair[0]):
        yield [each for _, each in group]
