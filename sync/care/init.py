"""``init``: a first config and mapping file, to be filled in by hand. They load as they are. Nothing is overwritten."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from okr.problem import OkrSyncError

FIRST_MAPPING = "mappings/first.yaml"
DEFAULT_WORKBOOK = "okrs.xlsx"
KEY_FILE = "service-account.json"


class InitRefused(OkrSyncError):
    """Nothing was written: the config is there already, or the words given can't be used."""


@dataclass(frozen=True, slots=True)
class Written:
    """What ``init`` wrote, and what it left alone because it was there."""

    written: tuple[str, ...]
    left: tuple[str, ...]
    steps: tuple[str, ...]


def parse_google(text: str) -> str:
    """The spreadsheet's address or id as it was given.

    Raises:
        InitRefused: it is neither.
    """
    text = text.strip()
    if re.search(r"/spreadsheets/d/[A-Za-z0-9_-]{20,}", text) or re.fullmatch(r"[A-Za-z0-9_-]{20,}", text):
        return text
    raise InitRefused(
        "That is no address of a Google spreadsheet.",
        fix="Open the sheet and copy the address bar: https://docs.google.com/spreadsheets/d/…",
    )


def check_absent(config: Path) -> None:
    """Raises InitRefused where the config is there already."""
    if config.exists():
        raise InitRefused(
            f"{config} is there already and was left as it is.",
            fix="Edit it, or name another file: okr-sync --config other.yaml init.",
        )


def render_config(sheet: str, sources: str | None = None) -> str:
    """The first config: what stands under ``sheet``, and under ``sources`` (examples, unless given)."""
    return Template(_CONFIG).substitute(sheet=sheet, sources=f"sources:\n{_SOURCES if sources is None else sources}")


def apply_init(
    config: Path,
    *,
    workbook: str | None = None,
    google: str | None = None,
    block: str | None = None,
    sources: str | None = None,
    mapping: str | None = None,
) -> Written:
    """Write the first files. Without a sheet it is to be a workbook beside the config. ``block`` is what stands under
    ``sheet`` in the place of either; ``sources`` what stands under that; ``mapping`` the mapping file's text.

    Raises:
        InitRefused: the config is there already, or can't be written.
    """
    sheet = block or (_google_lines(parse_google(google)) if google else _workbook_lines(workbook or DEFAULT_WORKBOOK))
    first = config.parent / FIRST_MAPPING
    files = {config: render_config(sheet, sources), first: _MAPPING if mapping is None else mapping}
    check_absent(config)
    left = tuple(path for path in files if path.exists())
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        first.parent.mkdir(exist_ok=True)
        for path, text in files.items():
            if path not in left:
                with path.open("x", encoding="utf-8") as file:
                    file.write(text)
    except OSError as error:
        raise InitRefused(
            f"{error.filename}: {error.strerror}.", fix="Choose a folder that you may write to."
        ) from None
    written = tuple(str(path) for path in files if path not in left)
    return Written(written, tuple(map(str, left)), _make_steps(google=google is not None))


_FILL_IN = "Fill in sources in config.yaml, set their tokens (export JIRA_TOKEN=…), tie key results to them in"


def _make_steps(*, google: bool) -> tuple[str, ...]:
    sheet = (
        f"Save the service account's key as {KEY_FILE}, share the spreadsheet with its e-mail as editor, then: "
        "okr-sync layout."
        if google
        else "Prepare the sheet: okr-sync layout. Then write objectives and key results into it."
    )
    return (
        sheet,
        f"{_FILL_IN} {FIRST_MAPPING}, then: okr-sync check --sheet.",
        "See what a run would write: okr-sync plan. Then: okr-sync run.",
    )


def _workbook_lines(path: str) -> str:
    return f"  workbook: {quoted(path)}  # from this file's folder; okr-sync layout makes it where it is missing"


def _google_lines(address: str) -> str:
    key = f"file:{KEY_FILE}  # the service account's key; or env:NAME, application-default, login"
    return f"  google: {quoted(address)}\n  credentials: {key}"


def quoted(text: str) -> str:
    """Text as YAML reads it back: plain where that is safe, else in quotes."""
    return (
        text
        if re.fullmatch(r"[A-Za-z][\w./:=#?&-]*", text) and "#" not in text
        else json.dumps(text, ensure_ascii=False)
    )


_CONFIG = """\
# okr-sync: where the sheet is and where its numbers come from. All settings: config.example.yaml.
version: 1

calendar:
  timezone: UTC  # the zone in which a day begins and ends, such as Europe/Berlin
  year_starts: January  # quarters follow from it

sheet:
$sheet

# Where numbers are read. The name is yours; mappings use it. Secrets never stand here, only where they are.
$sources
# A file, or a folder of files, that tie key results to what is read.
mappings: mappings/
"""

_SOURCES = """\
  jira:
    kind: jira
    url: https://your-company.atlassian.net
    email: you@your-company.example
    token: env:JIRA_TOKEN  # set the variable: export JIRA_TOKEN=…
#  crm:
#    kind: airtable
#    base: appXXXXXXXXXXXXXX  # from the base's address
#    token: env:AIRTABLE_TOKEN
"""

_MAPPING = """\
# Ties key results to where their numbers live. Take a line, take the # away, put your key result's id in front.
# Key results that are not named here stay people's own: nobody but them writes into Current.

metrics: {}
#  bugs_found: {jira: 'project = WEB AND type = Bug', within: {cycle: created}, measure: count}
#  bugs_fixed: {jira: 'project = WEB AND type = Bug', within: {cycle: resolved}, measure: count}

key_results: {}
#  WEB-1.1: {jira: 'project = WEB AND labels = q4', measure: percent_done}
#  WEB-1.2: {jira: 'parent = WEB-120', measure: {percent_done: Story Points}}
#  WEB-1.3: {formula: "100 * bugs_fixed / bugs_found"}
#  GRO-1.1: {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: {sum: Amount}}
"""
