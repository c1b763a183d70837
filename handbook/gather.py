"""The pages of the site in one folder: those of ``docs/``, and the reference."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from handbook.commands import render_commands
from handbook.kinds import render_kinds
from handbook.settings import render_settings

CHANGES = "changes.md"
ELSEWHERE = {
    "(../config.example.yaml)": "(reference/settings.md)",
    "(../../config.example.yaml)": "(../reference/settings.md)",
}
"""Links that lead out of ``docs/`` in the repository, and where they lead in the site."""


def gather(root: Path, work: Path) -> None:
    """Make the folder anew: ``docs/`` with its pages and pictures, ``docs/reference/``, and the site's settings."""
    pages = work / "docs"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(root / "docs", pages)
    for page in pages.rglob("*.md"):
        text = page.read_text("utf-8")
        for link, there in ELSEWHERE.items():
            text = text.replace(link, there)
        page.write_text(text, "utf-8")
    shutil.copy(root / "handbook/handbook.css", pages)
    changes = (root / "CHANGELOG.md").read_text("utf-8")
    (pages / CHANGES).write_text(changes.replace("](docs/", "]("), "utf-8")
    reference = pages / "reference"
    reference.mkdir()
    for name, text in make_reference(root).items():
        (reference / f"{name}.md").write_text(text, "utf-8")
    settings = yaml.safe_load((root / "handbook/mkdocs.yml").read_text("utf-8"))
    settings["nav"] = [fill_menu(entry, pages) for entry in settings["nav"]]
    (work / "mkdocs.yml").write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), "utf-8")


def make_reference(root: Path) -> dict[str, str]:
    """The pages that are made from the code, by name."""
    return {
        "commands": render_commands(),
        "settings": render_settings((root / "config.example.yaml").read_text("utf-8")),
        "source-options": render_kinds(),
    }


def fill_menu(entry: Any, pages: Path) -> Any:
    """An entry of the menu in which each folder, written ``name/``, has become its pages."""
    if isinstance(entry, list):
        return [each for one in entry for each in _expand(one, pages)]
    return {title: fill_menu(inner, pages) for title, inner in entry.items()} if isinstance(entry, dict) else entry


def _expand(entry: Any, pages: Path) -> list[Any]:
    if isinstance(entry, str) and entry.endswith("/"):
        return [{_title(page): page.relative_to(pages).as_posix()} for page in sorted((pages / entry).glob("*.md"))]
    return [fill_menu(entry, pages)]


def _title(page: Path) -> str:
    """A page's first heading."""
    return next(line[2:] for line in page.read_text("utf-8").splitlines() if line.startswith("# "))
