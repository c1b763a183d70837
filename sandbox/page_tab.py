"""One tab as an HTML table."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from sandbox.google_cell import Cell, Formula
from sandbox.google_condition import Painter, hidden_rows
from sandbox.google_document import COLUMNS, ROWS, Document, Tab
from sandbox.google_range import Area, letters, read_area
from sandbox.google_render import COLUMN_PIXELS, ROW_PIXELS, overlay, shown
from sandbox.google_schema import Json
from sandbox.google_width import text_width
from sandbox.page_chart import charts_of, render_chart
from sandbox.page_style import Styles, cell_css, text_css

SPARE_ROWS, SPARE_COLUMNS = 20, 3
LEAST_ROWS, LEAST_PIXELS = 40, 1700
HEAD_PIXELS, SIDE_PIXELS = 22, 44


class TabView:
    """Renders a tab: the used part of its grid and a little more."""

    def __init__(self, document: Document, tab: Tab, styles: Styles) -> None:
        self._document = document
        self._tab = tab
        self._styles = styles
        self._sheet = document.calculator()
        self._painter = Painter(document, tab)
        used = tab.used()
        filled = tab.used(lambda cell: cell.value is not None or cell.note is not None)[0]
        rows = min(tab.row_count, max(filled + SPARE_ROWS, LEAST_ROWS))
        columns = self._wide_enough(min(tab.column_count, used[1] + SPARE_COLUMNS))
        hidden = hidden_rows(document, tab)
        self._folds, self._row_folds = self._folded(COLUMNS, columns), self._folded(ROWS, rows)
        self._rows = [
            at
            for at in range(rows)
            if at not in hidden and (at in self._row_folds or not self._line(ROWS, at).get("hiddenByUser"))
        ]
        self._columns = [
            at for at in range(columns) if at in self._folds or not self._line(COLUMNS, at).get("hiddenByUser")
        ]
        self._frozen = (tab.grid.get("frozenRowCount", 0), tab.grid.get("frozenColumnCount", 0))
        self._bands = [(read_area(each["range"]), each) for each in tab.lists["bandedRanges"]]
        self._anchors = {(each.top, each.left): each for each in tab.merges}
        self._covered = {
            (row, column)
            for each in tab.merges
            for row in range(each.top, each.bottom)
            for column in range(each.left, each.right)
            if (row, column) != (each.top, each.left)
        }

    def _wide_enough(self, columns: int) -> int:
        """Return so many columns that they fill a screen, if the grid has them."""
        pixels = sum(self._width(at) for at in range(columns) if not self._line(COLUMNS, at).get("hiddenByUser"))
        while columns < self._tab.column_count and pixels < LEAST_PIXELS:
            pixels += self._width(columns)
            columns += 1
        return columns

    def _line(self, dimension: str, at: int) -> Json:
        return self._tab.lines[dimension].get(at, {})

    def _folded(self, dimension: str, end: int) -> dict[int, int]:
        """Return the lines of groups, each with the number of its outermost group on the page."""
        first = 0 if dimension == COLUMNS else len(self._tab.groups[COLUMNS])
        folds: dict[int, int] = {}
        for number, group in enumerate(self._tab.groups[dimension], first):
            for at in range(group["range"]["startIndex"], min(group["range"]["endIndex"], end)):
                folds.setdefault(at, number)
        return folds

    def _collapsed(self) -> list[int]:
        """Return the numbers of the groups that are folded now."""
        groups = self._tab.groups[COLUMNS] + self._tab.groups[ROWS]
        return [number for number, group in enumerate(groups) if group.get("collapsed")]

    def _width(self, column: int) -> int:
        return int(self._line(COLUMNS, column).get("pixelSize", COLUMN_PIXELS))

    def render(self) -> str:
        """Return the table."""
        folds = " ".join(f"fold{number}" for number in self._collapsed())
        bare = " bare" if self._tab.grid.get("hideGridlines") else ""
        numbers = sorted({*self._folds.values(), *self._row_folds.values()})
        rules = "".join(
            f'.fold{number} .k{number}{{display:none}}.fold{number} [data-fold="{number}"]::before{{content:"+"}}'
            for number in numbers
        )
        body, top = [], HEAD_PIXELS
        for row in self._rows:
            body.append(self._row(row, top))
            top += int(self._line(ROWS, row).get("pixelSize", ROW_PIXELS))
        return (
            f'<style>{rules}</style><table class="{folds}{bare}"><thead><tr><th class="row"></th>{self._heads()}</tr>'
            f"</thead><tbody>{''.join(body)}</tbody></table>{''.join(self._charts())}"
        )

    def _charts(self) -> Iterator[str]:
        """Draw the tab's charts over its cells."""
        folded = set(self._collapsed())
        for chart, row, column in charts_of(self._tab):
            wide = [self._width(at) for at in self._columns if at < column and self._folds.get(at) not in folded]
            high = [
                int(self._line(ROWS, at).get("pixelSize", ROW_PIXELS))
                for at in self._rows
                if at < row and self._row_folds.get(at) not in folded
            ]
            yield render_chart(self._document, chart, SIDE_PIXELS + sum(wide), HEAD_PIXELS + sum(high))

    def _heads(self) -> str:
        cells, left = [], SIDE_PIXELS
        for place, column in enumerate(self._columns):
            fold = self._folds.get(column)
            before = self._folds.get(self._columns[place - 1]) if place else None
            button, classes = "", [f"k{fold}"] if fold is not None else []
            if before is not None and before != fold:
                button = self._button(COLUMNS, before)
                classes.append("after")
            style = f"width:{self._width(column)}px"
            if column < self._frozen[1]:
                style += f";left:{left}px;z-index:8"
            left += self._width(column)
            cells.append(f'<th class="{" ".join(classes)}" style="{style}">{letters(column)}{button}</th>')
        if self._columns and (last := self._folds.get(self._columns[-1])) is not None:
            cells.append(f'<th class="after" style="width:26px">{self._button(COLUMNS, last)}</th>')
        return "".join(cells)

    def _button(self, dimension: str, number: int) -> str:
        """Return what opens and folds a group."""
        folds = self._folds if dimension == COLUMNS else self._row_folds
        lines = [at for at, each in folds.items() if each == number]
        first, last = min(lines), max(lines)
        what = f"Columns {letters(first)}–{letters(last)}" if dimension == COLUMNS else f"Rows {first + 1}–{last + 1}"
        state = "folded" if number in self._collapsed() else "open"
        return f'<span class="fold" data-fold="{number}" title="{what}, {state}"></span>'

    def _row(self, row: int, top: int) -> str:
        frozen = row < self._frozen[0]
        height = self._line(ROWS, row).get("pixelSize")
        style = f' style="height:{height}px"' if height else ""
        stick = f"top:{top}px" if frozen else ""
        cells, left = [], SIDE_PIXELS
        for place, column in enumerate(self._columns):
            if (row, column) not in self._covered:
                cells.append(self._cell(row, column, place, stick, left))
            left += self._width(column)
        fold, before = self._row_folds.get(row), self._row_folds.get(row - 1)
        button = self._button(ROWS, before) if before is not None and before != fold else ""
        head = f'<th class="row{" fixed" if frozen else ""}"{_styled(stick)}>{row + 1}{button}</th>'
        names = (["fixed"] if frozen else []) + ([f"k{fold}"] if fold is not None else [])
        marked = f' class="{" ".join(names)}"' if names else ""
        return f"<tr{marked}{style}>{head}{''.join(cells)}</tr>"

    def _cell(self, row: int, column: int, place: int, stick: str, left: int) -> str:
        cell = self._tab.cell(row, column)
        form = self._form(row, column, cell)
        text = shown(self._document, self._tab, row, column, cell) or ""
        classes = self._classes(row, column, place, cell, form, text)
        attributes = f' data-a="{letters(column)}{row + 1}"'
        if isinstance(cell.value, Formula):
            attributes += f' data-f="{escape(cell.value.text)}"'
        if cell.note:
            attributes += f' data-note="{escape(cell.note)}"'
        attributes += self._spans(row, column)
        sticks = [stick] if stick else []
        if column < self._frozen[1]:
            sticks.append(f"left:{left}px")
        attributes += _styled(";".join(sticks))
        names = " ".join(each for each in classes if each)
        return f'<td class="{names}"{attributes}>{self._content(row, column, cell, text)}</td>'

    def _spans(self, row: int, column: int) -> str:
        merged = self._anchors.get((row, column))
        if merged is None:
            return ""
        wide = sum(1 for at in self._columns if merged.left <= at < merged.right)
        high = sum(1 for at in self._rows if merged.top <= at < merged.bottom)
        return (f' colspan="{wide}"' if wide > 1 else "") + (f' rowspan="{high}"' if high > 1 else "")

    def _form(self, row: int, column: int, cell: Cell) -> Json:
        form = overlay(self._band(row, column), cell.form or {})
        value = self._sheet.value(self._tab.id, row, column)
        return overlay(form, self._painter.paint(row, column, value))

    def _band(self, row: int, column: int) -> Json:
        for area, band in self._bands:
            if area.holds(row, column):
                colour = _band_colour(area, band.get("rowProperties", {}), row)
                return {} if colour is None else {"backgroundColor": colour}
        return {}

    def _classes(self, row: int, column: int, place: int, cell: Cell, form: Json, text: str) -> list[str]:
        value = self._sheet.value(self._tab.id, row, column)
        kind = "b" if isinstance(value, bool) else "n" if isinstance(value, int | float) else ""
        classes = [kind, self._styles.name(cell_css(form))]
        if "backgroundColor" in form:
            classes.append("painted")
        if form.get("wrapStrategy") == "WRAP":
            classes.append("wrap")
        elif text and self._is_clipped(row, column, place, form, text):
            classes.append("clip")
        if cell.note:
            classes.append("note")
        classes += ["last"] if row == self._frozen[0] - 1 else []
        classes += ["edge"] if column == self._frozen[1] - 1 else []
        classes += ["fixed", "left"] if column < self._frozen[1] else []
        if column in self._folds:
            classes.append(f"k{self._folds[column]}")
        return classes

    def _is_clipped(self, row: int, column: int, place: int, form: Json, text: str) -> bool:
        """Tell whether a text must end at its cell: by its format, or because the next cell isn't empty."""
        if form.get("wrapStrategy") == "CLIP" or column < self._frozen[1]:
            return True
        size = form.get("textFormat", {}).get("fontSize", 10) * 4 / 3
        if text_width(text, size) <= self._width(column) - 6:
            return False
        after = self._columns[place + 1 : place + 2]
        return not after or self._tab.cell(row, after[0]).value is not None

    def _content(self, row: int, column: int, cell: Cell, text: str) -> str:
        kind = (cell.rule or {}).get("condition", {}).get("type")
        if kind == "BOOLEAN":
            checked = self._sheet.value(self._tab.id, row, column) is True
            return '<span class="box yes">☑</span>' if checked else '<span class="box">☐</span>'
        inner = _runs(text, cell) if cell.runs else escape(text)
        if kind in ("ONE_OF_LIST", "ONE_OF_RANGE") and (cell.rule or {}).get("showCustomUi"):
            return f'<span class="chip">{inner}</span>' if text else '<span class="chip empty"></span>'
        return inner + self._sift(row, column)

    def _sift(self, row: int, column: int) -> str:
        if not self._tab.filter or "range" not in self._tab.filter:
            return ""
        area = read_area(self._tab.filter["range"])
        active = str(column) in self._tab.filter.get("criteria", {})
        mark = "▼" if active else "▽"
        return f'<span class="sift">{mark}</span>' if row == area.top and area.holds(row, column) else ""


def _styled(rule: str) -> str:
    return f' style="{rule}"' if rule else ""


def _band_colour(area: Area, properties: Json, row: int) -> Json | None:
    if "headerColor" in properties and row == area.top:
        return properties["headerColor"]  # type: ignore[no-any-return]
    if "footerColor" in properties and row == area.bottom - 1:
        return properties["footerColor"]  # type: ignore[no-any-return]
    turn = (row - area.top - ("headerColor" in properties)) % 2
    return properties.get("secondBandColor" if turn else "firstBandColor")


def _runs(text: str, cell: Cell) -> str:
    """Write a text whose parts look different."""
    starts = [(run.get("startIndex", 0), run.get("format", {})) for run in cell.runs or []]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    head = escape(text[: starts[0][0]]) if starts else escape(text)
    parts = [
        f'<span style="{escape(";".join(text_css(form)))}">{escape(text[start:end])}</span>'
        for (start, form), end in zip(starts, ends, strict=True)
    ]
    return head + "".join(parts)
