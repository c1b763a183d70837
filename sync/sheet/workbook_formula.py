"""Formulas of people's that a change touches: those that share one text, arrays, and the order of calculation."""

from __future__ import annotations

from sync.sheet.store import CellRange
from sync.sheet.workbook_package import Package
from sync.sheet.workbook_read import parse_range, translate_formula
from sync.sheet.workbook_xml import WORKBOOK_ORDER, Element, find_or_place, forget, name

_F, _C = name("f"), name("c")


def release_formula(root: Element, cell: Element, formula: Element) -> None:
    """Prepare a formula cell for being overwritten.

    Cells that share this cell's formula only refer to it: each gets the formula in its own words first.
    """
    number, text = formula.get("si"), formula.text
    if formula.get("t") != "shared" or number is None or not text:
        return
    for other in list(root.iter(_F)):
        if other is formula or other.get("t") != "shared" or other.get("si") != number:
            continue
        holder = other.getparent()
        if holder is not None:
            other.text = translate_formula(text, cell.get("r", "A1"), holder.get("r", "A1")).removeprefix("=")
            forget(other, "t", "si", "ref")


def find_array(root: Element) -> list[CellRange]:
    """The areas of formulas that fill more than one cell, which can't be changed in part."""
    areas = []
    for formula in root.iter(_F):
        reference = formula.get("ref")
        if formula.get("t") in ("array", "dataTable") and reference:
            area = parse_range(reference)
            if (area.top, area.left) != (area.bottom, area.right):
                areas.append(area)
    return areas


def forget_order(package: Package, workbook_part: str) -> None:
    """Drop the order of calculation, which names cells that hold no formula any more. Excel makes it anew."""
    for line in package.relations(workbook_part):
        if line.kind == "calcChain":
            package.unrelate(workbook_part, line)
            if package.has(line.target):
                package.drop(line.target)


def ask_for_calculation(package: Package, workbook_part: str) -> None:
    """Have every formula computed anew when the workbook is opened, as the numbers it uses have changed."""
    found = package.tree(workbook_part).find(name("calcPr"))
    if found is None or found.get("fullCalcOnLoad") != "1":
        find_or_place(package.touch(workbook_part), "calcPr", WORKBOOK_ORDER).set("fullCalcOnLoad", "1")
