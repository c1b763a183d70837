"""Requests on what hangs on a sheet: rules, bands, names, charts, developer metadata."""

from __future__ import annotations

import copy

from sandbox.google_batch import Edit, request
from sandbox.google_document import Tab
from sandbox.google_error import invalid
from sandbox.google_mask import merge, parse_update_mask
from sandbox.google_metadata import check_location, find_metadata
from sandbox.google_range import read_area
from sandbox.google_schema import Json


def _rules_tab(edit: Edit, rule: Json) -> Tab:
    areas = [read_area(each) for each in rule.get("ranges", [])]
    if not areas:
        raise invalid("rule.ranges must contain at least one range.")
    if len({area.tab for area in areas}) > 1:
        raise invalid("All ranges must be on the same sheet.")
    tab = edit.tab(areas[0].tab)
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise invalid("Must specify either booleanRule or gradientRule.")
    return tab


@request("addConditionalFormatRule")
def add_rule(edit: Edit, body: Json) -> None:
    """Add a conditional rule at an index; the rules below move down."""
    rule = body.get("rule", {})
    rules = _rules_tab(edit, rule).lists["conditionalFormats"]
    index = body.get("index", 0)
    if index > len(rules):
        raise invalid(f"No conditional format on sheet at index: {index}")
    rules.insert(index, copy.deepcopy(rule))


def _at(edit: Edit, body: Json) -> tuple[list[Json], int]:
    tab = edit.tab(body.get("sheetId", 0))
    rules, index = tab.lists["conditionalFormats"], body.get("index", 0)
    if index >= len(rules):
        raise invalid(f"No conditional format on sheet: {tab.id} at index: {index}")
    return rules, index


@request("updateConditionalFormatRule")
def update_rule(edit: Edit, body: Json) -> Json:
    """Replace the rule at an index, or move it."""
    if "rule" in body:
        body = {**body, "sheetId": body.get("sheetId") or read_area(body["rule"].get("ranges", [{}])[0]).tab}
    rules, index = _at(edit, body)
    old = rules[index]
    if "rule" in body:
        _rules_tab(edit, body["rule"])
        rules[index] = copy.deepcopy(body["rule"])
        result = {"oldRule": old, "newRule": body["rule"], "newIndex": index}
    else:
        new = body.get("newIndex", 0)
        rules.insert(new, rules.pop(index))
        result = {"newRule": old, "oldIndex": index, "newIndex": new}
    return {name: value for name, value in result.items() if value != 0}


@request("deleteConditionalFormatRule")
def delete_rule(edit: Edit, body: Json) -> Json:
    """Delete the rule at an index; those below move up."""
    rules, index = _at(edit, body)
    return {"rule": rules.pop(index)}


@request("addBanding")
def add_banding(edit: Edit, body: Json) -> Json:
    """Colour the rows or columns of a range by turns; bands don't overlap."""
    band = copy.deepcopy(body.get("bandedRange", {}))
    if "range" not in band or not ("rowProperties" in band or "columnProperties" in band):
        raise invalid("Must specify a range and either rowProperties or columnProperties.")
    area = read_area(band["range"])
    tab = edit.tab(area.tab)
    bands = tab.lists["bandedRanges"]
    number = band.get("bandedRangeId") or edit.document.new_id()
    if any(each["bandedRangeId"] == number for other in edit.document.tabs for each in other.lists["bandedRanges"]):
        raise invalid(f"Banded range with id {number} already exists.")
    if any(read_area(each["range"]).meets(area) for each in bands):
        raise invalid(
            "You cannot add alternating background colors to a range that already has alternating background colors."
        )
    band = {"bandedRangeId": number, **band}
    bands.append(band)
    return {"bandedRange": copy.deepcopy(band)}


def _band(edit: Edit, number: int) -> tuple[Tab, int]:
    for tab in edit.document.tabs:
        for place, each in enumerate(tab.lists["bandedRanges"]):
            if each["bandedRangeId"] == number:
                return tab, place
    raise invalid(f"No banded range with id: {number}")


@request("updateBanding")
def update_banding(edit: Edit, body: Json) -> None:
    """Change a band."""
    asked = body.get("bandedRange", {})
    tab, place = _band(edit, asked.get("bandedRangeId", 0))
    bands = tab.lists["bandedRanges"]
    bands[place] = merge(bands[place], asked, parse_update_mask(body.get("fields"), "BandedRange"))


@request("deleteBanding")
def delete_banding(edit: Edit, body: Json) -> None:
    """Take a band away."""
    tab, place = _band(edit, body.get("bandedRangeId", 0))
    del tab.lists["bandedRanges"][place]


@request("addNamedRange")
def add_named_range(edit: Edit, body: Json) -> Json:
    """Name a range; id and name must be new."""
    named = copy.deepcopy(body.get("namedRange", {}))
    edit.area(named.get("range"))
    number = named.get("namedRangeId") or str(edit.document.new_id())
    if number in edit.document.named:
        raise invalid(f"Named range with id {number} already exists.")
    _check_name(edit, named.get("name", ""))
    named = {"namedRangeId": number, **named}
    edit.document.named[number] = named
    return {"namedRange": copy.deepcopy(named)}


def _check_name(edit: Edit, name: str, but: str = "") -> None:
    if not name or not (name[0].isalpha() or name[0] == "_") or not name.replace("_", "a").isalnum():
        raise invalid(f'The name "{name}" is not valid for a named range.')
    if any(each["name"].lower() == name.lower() and key != but for key, each in edit.document.named.items()):
        raise invalid(f'A named range with the name "{name}" already exists.')


@request("updateNamedRange")
def update_named_range(edit: Edit, body: Json) -> None:
    """Rename or move a named range."""
    asked = body.get("namedRange", {})
    mask = parse_update_mask(body.get("fields"), "NamedRange")
    number = asked.get("namedRangeId", "")
    if number not in edit.document.named:
        raise invalid(f"No named range with id: {number}")
    new = merge(edit.document.named[number], asked, mask) | {"namedRangeId": number}
    _check_name(edit, new.get("name", ""), number)
    edit.document.named[number] = new


@request("deleteNamedRange")
def delete_named_range(edit: Edit, body: Json) -> None:
    """Forget a name."""
    number = body.get("namedRangeId", "")
    if edit.document.named.pop(number, None) is None:
        raise invalid(f"No named range with id: {number}")


@request("addChart")
def add_chart(edit: Edit, body: Json) -> Json:
    """Keep a chart's specification as it is; the page draws columns, bars and lines."""
    chart = copy.deepcopy(body.get("chart", {}))
    anchor = chart.get("position", {}).get("overlayPosition", {}).get("anchorCell", {})
    tab = edit.tab(anchor.get("sheetId", 0))
    number = chart.get("chartId") or edit.document.new_id()
    if any(each["chartId"] == number for other in edit.document.tabs for each in other.lists["charts"]):
        raise invalid(f"Chart with id {number} already exists.")
    chart = {"chartId": number, **chart}
    tab.lists["charts"].append(chart)
    return {"chart": copy.deepcopy(chart)}


def _chart(edit: Edit, number: int) -> tuple[Tab, int]:
    for tab in edit.document.tabs:
        for place, each in enumerate(tab.lists["charts"]):
            if each["chartId"] == number:
                return tab, place
    raise invalid(f"No embedded object with id: {number}")


@request("updateChartSpec")
def update_chart_spec(edit: Edit, body: Json) -> None:
    """Let a chart show something else, where it is; nothing of what it showed stays."""
    tab, place = _chart(edit, body.get("chartId", 0))
    tab.lists["charts"][place]["spec"] = copy.deepcopy(body.get("spec", {}))


@request("deleteEmbeddedObject")
def delete_embedded_object(edit: Edit, body: Json) -> None:
    """Take a chart away."""
    tab, place = _chart(edit, body.get("objectId", 0))
    del tab.lists["charts"][place]


@request("updateEmbeddedObjectPosition")
def update_embedded_object_position(edit: Edit, body: Json) -> Json:
    """Move a chart."""
    tab, place = _chart(edit, body.get("objectId", 0))
    mask = parse_update_mask(body.get("fields"), "OverlayPosition")
    chart = tab.lists["charts"][place]
    old = chart.get("position", {}).get("overlayPosition", {})
    asked = body.get("newPosition", {}).get("overlayPosition", {})
    chart["position"] = {"overlayPosition": merge(old, asked, mask)}
    return {"position": copy.deepcopy(chart["position"])}


@request("createDeveloperMetadata")
def create_developer_metadata(edit: Edit, body: Json) -> Json:
    """Tag the spreadsheet, a tab, one row or one column."""
    tag = copy.deepcopy(body.get("developerMetadata", {}))
    if not tag.get("metadataKey"):
        raise invalid("Must specify a metadataKey.")
    if tag.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise invalid("Must specify a visibility.")
    tag["location"] = check_location(edit.document, tag.get("location", {}))
    number = tag.get("metadataId") or edit.document.new_id()
    if number in edit.document.metadata:
        raise invalid(f"Developer metadata with id {number} already exists.")
    tag["metadataId"] = number
    edit.document.metadata[number] = tag
    if sum(len(t["metadataKey"]) + len(t.get("metadataValue", "")) for t in edit.document.metadata.values()) > 30_000:
        raise invalid("The developer metadata of this spreadsheet exceeds 30,000 characters.")
    return {"developerMetadata": copy.deepcopy(tag)}


@request("updateDeveloperMetadata")
def update_developer_metadata(edit: Edit, body: Json) -> Json:
    """Change every tag that the filters match."""
    mask = parse_update_mask(body.get("fields"), "DeveloperMetadata")
    changed = []
    for tag in find_metadata(edit.document, body.get("dataFilters", [])):
        new = merge(tag, body.get("developerMetadata", {}), mask) | {"metadataId": tag["metadataId"]}
        new["location"] = check_location(edit.document, new.get("location", {}))
        edit.document.metadata[tag["metadataId"]] = new
        changed.append(copy.deepcopy(new))
    return {"developerMetadata": changed} if changed else {}


@request("deleteDeveloperMetadata")
def delete_developer_metadata(edit: Edit, body: Json) -> Json:
    """Take away every tag that the filter matches."""
    found = find_metadata(edit.document, [body.get("dataFilter", {})])
    for tag in found:
        del edit.document.metadata[tag["metadataId"]]
    return {"deletedDeveloperMetadata": found} if found else {}
