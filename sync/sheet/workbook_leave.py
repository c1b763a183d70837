"""What ``leave`` does to a workbook: everything of ours goes; every part that isn't ours stays byte for byte."""

from __future__ import annotations

from sync.sheet.rules import find_heartbeat
from sync.sheet.wish import LeaveWish, Removed
from sync.sheet.workbook_formula import forget_order
from sync.sheet.workbook_notes import apply_notes, read_notes
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_read import Book, Sheet
from sync.sheet.workbook_rules import drop_rules
from sync.sheet.workbook_xml import R_ID, WORKBOOK_ORDER, Element, add, find, find_or_place, name


def leave_workbook(package: Package, wish: LeaveWish) -> Removed:
    """Take out what is ours; says what that was."""
    book = Book(package)
    kept = [sheet for sheet in book.sheets if sheet.title not in wish.drop]
    dropped = [sheet for sheet in book.sheets if sheet.title in wish.drop]
    rules = sum(drop_rules(book, sheet) for sheet in kept if wish.takes(sheet.title))
    notes = sum(_drop_notes(package, sheet, wish.notes) for sheet in kept if sheet.title in wish.tables)
    for gone in dropped:
        for sheet in kept:
            _keep_heartbeat(package, book.part, gone, sheet)
        drop_sheet(book, gone)
    return Removed(tuple(sheet.title for sheet in dropped), rules=rules, notes=notes)


def _keep_heartbeat(package: Package, workbook: str, gone: Sheet, sheet: Sheet) -> None:
    """Where our formula shows the last sync out of a ledger that goes, its value stays."""
    ours = find_heartbeat(gone.title)
    showing = [cell for cell in package.tree(sheet.part).iter(name("c")) if cell.findtext(name("f")) == ours]
    if not showing:
        return
    source = next((cell for cell in package.tree(gone.part).iter(name("c")) if cell.get("r") == "C1"), None)
    value = source.findtext(name("v")) if source is not None else None
    addresses = {cell.get("r") for cell in showing}
    for cell in package.touch(sheet.part).iter(name("c")):
        if cell.get("r") in addresses:
            for child in list(cell):
                cell.remove(child)
            if value is not None:
                cell.attrib.pop("t", "")
                add(cell, "v").text = value
    forget_order(package, workbook)


def _drop_notes(package: Package, sheet: Sheet, texts: frozenset[str]) -> int:
    ours = {at: "" for at, text in read_notes(package, sheet.part).items() if text in texts}
    apply_notes(package, sheet.part, ours)
    return len(ours)


def drop_sheet(book: Book, sheet: Sheet) -> None:
    """Take a sheet out of the list, with its part, what belongs to it alone, and the names that are local to it."""
    package = book.package
    root = package.touch(book.part)
    sheets = find_or_place(root, "sheets", WORKBOOK_ORDER)
    index = next(at for at, line in enumerate(sheets) if line.get("name") == sheet.title)
    relation = next(line for line in package.relations(book.part) if line.id == sheets[index].get(R_ID))
    if next(package.tree(sheet.part).iter(name("f")), None) is not None:
        forget_order(package, book.part)
    sheets.remove(sheets[index])
    _shift_names(root, index)
    _shift_views(root, index)
    package.unrelate(book.part, relation)
    _drop_part(package, sheet.part)


def _drop_part(package: Package, part: str) -> None:
    """A sheet's part with its notes: what we make for a sheet belongs to it alone."""
    for line in package.relations(part):
        if line.kind in ("comments", "vmlDrawing") and package.has(line.target):
            package.drop(line.target)
    folder, _, file = part.rpartition("/")
    package.drop(part)
    if package.has(f"{folder}/_rels/{file}.rels"):
        package.drop(f"{folder}/_rels/{file}.rels")


def _shift_names(root: Element, index: int) -> None:
    """Names that are local to a sheet know it by its position."""
    names = find(root, "definedNames")
    if names is None:
        return
    for line in list(names):
        local = line.get("localSheetId")
        if local is not None and int(local) == index:
            names.remove(line)
        elif local is not None and int(local) > index:
            line.set("localSheetId", str(int(local) - 1))
    if not len(names):
        root.remove(names)


def _shift_views(root: Element, index: int) -> None:
    """The window goes on showing the tab it showed, or the one that takes its place."""
    for view in root.iter(name("workbookView")):
        for attribute in ("activeTab", "firstSheet"):
            at = int(view.get(attribute, "0"))
            if at > index:
                view.set(attribute, str(at - 1))
