"""Links of cells: to web pages through the sheet's relations, to places in the workbook by their address.

Source: ECMA-376 part 1, 18.3.1.47 (hyperlink).
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.sheet.workbook_package import Package
from sync.sheet.workbook_read import Sheet, render_address
from sync.sheet.workbook_xml import R_ID, WORKSHEET_ORDER, add, find, make, place, remove


def apply_links(package: Package, sheet: Sheet, links: Mapping[tuple[int, int], str]) -> None:
    """Set these links by row and column; an empty one takes a link away. Those of other cells stay.

    "#'Key Results'!A1" leads to a place in the workbook.
    """
    _take_away(package, sheet, {render_address(*at) for at in links})
    wanted = {render_address(*at): link for at, link in links.items() if link}
    if not wanted:
        return
    root = package.touch(sheet.part)
    holder = find(root, "hyperlinks")
    if holder is None:
        holder = place(root, make("hyperlinks"), WORKSHEET_ORDER)
    pages = package.relate_all(
        sheet.part, "hyperlink", [link for link in wanted.values() if not link.startswith("#")], external=True
    )
    for address, link in wanted.items():
        lead = {R_ID: pages[link]} if link in pages else {"location": link[1:]}
        add(holder, "hyperlink", {"ref": address, **lead})


def clear_links(package: Package, sheet: Sheet) -> None:
    """Take all links of a sheet away."""
    remove(package.touch(sheet.part), "hyperlinks")
    package.unrelate(sheet.part, *(line for line in package.relations(sheet.part) if line.kind == "hyperlink"))


def _take_away(package: Package, sheet: Sheet, addresses: set[str]) -> None:
    """Forget the links of single cells, and the relations that no other link needs."""
    holder = find(package.tree(sheet.part), "hyperlinks")
    gone = [each for each in holder if each.get("ref") in addresses] if holder is not None else []
    if holder is None or not gone:
        return
    package.touch(sheet.part)
    for each in gone:
        holder.remove(each)
    unneeded = {each.get(R_ID) for each in gone} - {each.get(R_ID) for each in holder}
    package.unrelate(sheet.part, *(line for line in package.relations(sheet.part) if line.id in unneeded))
    if not len(holder):
        remove(package.touch(sheet.part), "hyperlinks")
