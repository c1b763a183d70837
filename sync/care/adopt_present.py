"""Gives ids to the rows of a table, by what the sheet has of ours already. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sync.care.adopt_ground import Ground, find_ours
from sync.care.adopt_ids import IdMaker, is_usable_id
from sync.care.adopt_model import Choice, FoundKeyResult, FoundObjective, Offer
from sync.care.adopt_offers import OFFERED
from sync.care.adopt_rows import KeyResultRow, ObjectiveRow, Rows
from sync.care.adopt_table import Table, cell_text
from sync.care.adopt_words import plain
from sync.sheet.layout import Field, Tab
from sync.sheet.locate import find_columns, find_header_row, locate_tab
from sync.sheet.snapshot import SheetNames
from sync.sheet.store import RawSheet


class Present:
    """What the sheet already has of ours: ids, objectives, values that people confirmed."""

    def __init__(self, ground: Ground, choices: Iterable[Choice], headings: Collection[int]) -> None:
        self.ground = ground
        self.headings = headings
        names = ground.wishes.names
        columns = {choice.field: choice.at for choice in choices if choice.at is not None}
        tab = ground.tab
        if ground.is_prepared:
            row = find_header_row(Tab.KEY_RESULTS, tab, ground.configured)
            columns = dict(find_columns(Tab.KEY_RESULTS, tab, row, ground.configured, {})[0])
            self.ours = frozenset(find_ours(tab, row, columns))
        else:
            self.ours = frozenset(choice.field for choice in choices if choice.at is None and choice.header)
        self.columns = columns
        self.objectives = _read_objectives(ground.raw, names) if ground.is_prepared else {}
        self._ids = IdMaker([*ground.wishes.taken, *self.objectives.values(), *self._standing()])

    def _standing(self) -> Iterable[str]:
        headings = set(self.headings) if Field.KR_ID not in self.ours else set()
        for row in range(self.ground.table.header_row + 1, len(self.ground.tab.cells)):
            if row in headings:  # the objective's own number, which it is to keep
                continue
            yield from filter(None, (self.text(row, Field.KR_ID), self.text(row, Field.OBJECTIVE_ID)))

    def text(self, row: int, field: Field) -> str:
        """What stands in a column of the sheet, ours or theirs."""
        at = self.columns.get(field)
        cells = self.ground.tab.cells[row]
        return cell_text(cells[at]) if at is not None and at < len(cells) else ""

    def name_objectives(self, rows: Rows, own_team: str) -> dict[int, FoundObjective]:
        """The objectives by their first row."""
        standing: dict[int, str] = {}
        for kr in rows.key_results:
            if kr.objective is not None and (text := self.text(kr.row, Field.OBJECTIVE_ID)):
                standing.setdefault(kr.objective.row, text)
        return {each.row: self._name_objective(each, standing.get(each.row, ""), own_team) for each in rows.objectives}

    def _name_objective(self, each: ObjectiveRow, standing: str, own_team: str) -> FoundObjective:
        known = standing or self.objectives.get(plain(each.name), "")
        id_ = known or self._ids.objective(each.own_id, each.team or own_team)
        is_new = id_.casefold() not in {value.casefold() for value in self.objectives.values()}
        return FoundObjective(each.row, each.name, id_, each.team or own_team, is_new)

    def name_key_results(
        self, rows: Rows, objectives: Mapping[int, FoundObjective], read: Mapping[int, Mapping[Field, Offer]]
    ) -> Iterable[FoundKeyResult]:
        """The key results with their ids, and the values that wait for a person."""
        unique = _unique_ids(self.ground.table, rows)
        for kr in rows.key_results:
            objective = objectives[kr.objective.row].id if kr.objective is not None else ""
            standing = self.text(kr.row, Field.KR_ID)
            id_ = standing or self._ids.key_result(unique.get(kr.row, ""), objective)
            offers = tuple(read[kr.row][field] for field in OFFERED if self._is_open(kr, field, read))
            yield FoundKeyResult(kr.row, kr.name, id_, not standing, objective, offers)

    def _is_open(self, kr: KeyResultRow, field: Field, read: Mapping[int, Mapping[Field, Offer]]) -> bool:
        return field in read[kr.row] and field in self.ours and not self.text(kr.row, field)


def _read_objectives(raw: RawSheet, names: SheetNames) -> dict[str, str]:
    """The ids in the Objectives tab by the objectives' names."""
    tab = raw.find_tab(names.title(Tab.OBJECTIVES))
    if tab is None:
        return {}
    headers = names.columns.get(Tab.OBJECTIVES, {})
    view = locate_tab(Tab.OBJECTIVES, tab, headers=headers, remembered={}, open_cycle="")
    return {plain(cell_text(view.cell(row, Field.OBJECTIVE))): row.key.id for row in view.rows}


def _unique_ids(table: Table, rows: Rows) -> dict[int, str]:
    """The ids that key results bear: in a column, those that no two have; in their texts, all of them or none."""
    column = {kr.row: text for kr in rows.key_results if (text := cell_text(table.cell(kr.row, Field.KR_ID)))}
    if column:
        counts = Counter(text.casefold() for text in column.values())
        return {row: text for row, text in column.items() if is_usable_id(text) and counts[text.casefold()] == 1}
    texts = {kr.row: kr.own_id for kr in rows.key_results if kr.own_id}
    is_unique = len({text.casefold() for text in texts.values()}) == len(texts)
    return texts if is_unique else {}
