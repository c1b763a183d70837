"""A sheet whose people also merge, hide, filter, protect and paint, rename tabs and delete those that are ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sync.sheet.columns import COLUMNS, MACHINE_FIELDS
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.store import CellRange
from tests.support.peopled_sheet import ID_FIELDS, SHARED, Look, PeopledSheet

REPLACED = (Tab.DASHBOARD, Tab.GUIDE, Tab.RUNS, Tab.HISTORY)
"""The engine's own tabs: they may be deleted, and a run or ``layout`` makes do."""


@dataclass
class ShapedSheet(PeopledSheet):
    """``left_texts`` is what people have left on the Dashboard: it stands there, or Runs has it."""

    left_texts: list[str] = field(default_factory=list)
    is_closed: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether a run has all that it needs: what it writes isn't protected, and what it tells has its tabs."""
        return not self.is_closed and all(self.look_for(self.titles[tab]) for tab in (Tab.HISTORY, Tab.RUNS))

    def merge(self, tab: Tab, row: int, name: Field, size: tuple[int, int]) -> None:
        """Merge cells below the headers; all but the first lose what they hold, ids too."""
        look = self.look()
        if name not in self.columns[tab] or not 1 <= row < len(look.rows(tab)):
            return
        top, left = row, self.at(tab, name)
        bottom = min(top + size[0], len(look.rows(tab)) - 1)
        right = min(left + size[1], len(self.columns[tab]) - 1)
        area = CellRange(top, left, bottom, right)
        if (top, left) == (bottom, right) or any(_cuts(each, area) for each in self.merges(look, tab)):
            return
        for each in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (each, column) != (top, left):
                    self._clear(look, tab, each, column)
        self.people.merge(self.titles[tab], area)

    def _clear(self, look: Look, tab: Tab, row: int, column: int) -> None:
        name = self.columns[tab][column]
        if tab in MERGED and name is ID_FIELDS[tab]:
            self._forget(look, tab, row)
        elif tab in MERGED and name is not None and (key := self.row_key(look, tab, row)):
            self.seen.get(key, {}).pop(name, None)
        self.people.put(self.titles[tab], row, column, None)

    def unmerge(self, tab: Tab) -> None:
        """Part all that is merged on a tab."""
        self.people.unmerge(self.titles[tab])

    def hide(self, tab: Tab, rows: Collection[int], columns: Collection[int]) -> None:
        """Hide these rows and columns, and no others."""
        width = len(self.columns[tab])
        self.people.hide(self.titles[tab], [row for row in rows if row > 0], [column % width for column in columns])

    def filter(self, tab: Tab, rows: Collection[int], *, skips: bool) -> None:
        """Let a filter hide these rows; none: take the filter away."""
        last = self.last_row(tab)
        self.people.filter(self.titles[tab], [row for row in rows if 1 <= row <= last], skips=skips)

    def sort_visible(self, tab: Tab, order: Sequence[int], hidden: Collection[int]) -> None:
        """Sort by a filter: what it hides stays where it is."""
        if self.is_stuck(tab) or any(area.top != area.bottom for area in self.merges(self.look(), tab)):
            return
        rows = list(range(1, self.last_row(tab) + 1))
        seen = [row for row in rows if row not in hidden]
        sorted_rows = iter(sorted(seen, key=lambda row: order[row % len(order)]))
        self.people.permute_rows(self.titles[tab], [row if row in hidden else next(sorted_rows) for row in rows])

    def protect(self, tab: Tab, name: Field | None) -> None:
        """Keep the account out of a column, or of the whole tab."""
        if name is None or name in self.columns.get(tab, ()):
            self.people.protect(self.titles[tab], [] if name is None else [self.at(tab, name)])
            self.is_closed = True

    def unprotect(self) -> None:
        """Let the account in again."""
        self.people.unprotect()
        self.is_closed = False

    def restore_version(self) -> None:
        """Go back to the version; the account is let in, and what was left on the Dashboard since then is gone."""
        super().restore_version()
        self.unprotect()
        look = self.look()
        stands = " ".join(
            str(cell.value) for tab in (Tab.DASHBOARD, Tab.RUNS) for row in look.rows(tab) for cell in row
        )
        self.left_texts = [text for text in self.left_texts if text in stands]

    def paint(self, tab: Tab, row: int, column: int) -> None:
        """Colour a cell."""
        if row <= self.last_row(tab):
            self.people.paint(self.titles[tab], row, column % len(self.columns[tab]))

    def rename_tab(self, tab: Tab, title: str) -> None:
        """Give a tab another title; not before the engine has seen it, which nobody could follow."""
        known = self.look().ledger.head.tabs
        if self.titles[tab] in known and title not in self.titles.values() and self.look_for(self.titles[tab]):
            self.people.rename_tab(self.titles[tab], title)
            self.titles[tab] = title
            self.renamed = True

    @property
    def lacks_columns(self) -> bool:
        """Whether people have deleted a column: ``layout`` makes it again at the right edge, and a run doesn't."""
        return any(column.field not in self.columns[tab] for tab in SHARED for column in COLUMNS[tab])

    def delete_ours(self, tab: Tab) -> None:
        """Delete a tab that is the engine's own."""
        self.delete_tab(self.titles[tab])
        if tab in (Tab.DASHBOARD, Tab.RUNS):
            self.left_texts.clear()

    def leave_text(self, row: int, column: int, text: str) -> None:
        """Type something onto the Dashboard."""
        look = self.look()
        is_there = self.look_for(self.titles[Tab.DASHBOARD]) and self.look_for(self.titles[Tab.RUNS])
        if is_there and not self.is_hidden(look, Tab.DASHBOARD, row, column):
            over = look.cell(Tab.DASHBOARD, row, column).value
            self.people.put(self.titles[Tab.DASHBOARD], row, column, text)
            self.left_texts = [*(old for old in self.left_texts if old != over), text]

    def hidden_machine_cells(self, look: Look, tab: Tab) -> bool:
        """Whether a merge hides a machine's cell of a row that has an id."""
        fields = [name for name in MACHINE_FIELDS.get(tab, ()) if name in self.columns[tab]]
        rows = [row for row in range(1, len(look.rows(tab))) if self.row_key(look, tab, row)]
        return any(self.is_hidden(look, tab, row, self.at(tab, name)) for row in rows for name in fields)

    @property
    def skips_rows(self) -> bool:
        """Whether a copy of some tab would leave rows out: what is typed into its cells then can't be seen in time."""
        return any(getattr(self.people.shape(self.titles[tab]), "skips", False) for tab in SHARED)


def _cuts(one: CellRange, other: CellRange) -> bool:
    """Whether two rectangles meet without the second holding the first."""
    meets = max(one.top, other.top) <= min(one.bottom, other.bottom)
    meets = meets and max(one.left, other.left) <= min(one.right, other.right)
    holds = other.top <= one.top and one.bottom <= other.bottom and other.left <= one.left and one.right <= other.right
    return meets and not holds
