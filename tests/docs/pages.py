"""The pages that are written for people, and the pieces of them that tests look at."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/connectors").glob("*.md")),
    *sorted((ROOT / "docs/cookbook").glob("*.md")),
    *sorted((ROOT / "docs/decisions").glob("*.md")),
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert start, f"no heading {heading}"
    rest = text[start.end() :]
    following = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def blocks(text: str, language: str = "") -> list[str]:
    """The fenced pieces in a language; indented ones with their indent taken off."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", body, flags=re.MULTILINE) for indent, named, body in found if named == language]


def rows(text: str) -> list[list[str]]:
    """The tables' rows, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    is_rule = [set(line) <= set("|- ") for line in lines] + [False]
    kept = [line for at, line in enumerate(lines) if not is_rule[at] and not is_rule[at + 1]]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in kept]


def slug(heading: str) -> str:
    """The anchor that a heading has on a page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
