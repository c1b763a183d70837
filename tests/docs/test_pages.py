"""Links lead somewhere, named files exist, decisions have their parts, the sandbox's figures are its code's."""

import json
import re
from datetime import date

import pytest

from sandbox.acme import acme_sheet
from sandbox.google_batch import REQUESTS, _load
from sandbox.google_locale import LOCALES
from sandbox.google_schema import messages
from tests.docs.pages import PAGES, ROOT, read, slug

LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:okr|mappings|connectors|sync|sandbox|tests|docs)/[\w./-]*(?:/|\.py|\.md))`")
PARTS = ("Context", "Decision", "Consequences", "Sources")
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))


def links():
    for page in PAGES:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                yield page, target


@pytest.mark.parametrize(("page", "target"), list(links()))
def test_a_link_leads_to_a_file_and_a_heading(page, target):
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    assert there.is_relative_to(ROOT)
    if anchor:
        headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in map(slug, headings)


@pytest.mark.parametrize(
    ("page", "path"), sorted({(page, path) for page in PAGES for path in NAMED.findall(page.read_text("utf-8"))})
)
def test_a_named_file_exists(page, path):
    assert (ROOT / path).exists()


def test_the_readme_shows_pictures_and_reaches_every_page():
    readme = read("README.md")
    assert len(re.findall(r"^!\[.{20,}\]\(docs/images/.+\.png\)$", readme, re.MULTILINE)) >= 2
    for page in (ROOT / "docs").glob("*.md"):
        assert f"docs/{page.name}" in readme


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_parts_and_fits_on_a_page(page):
    text = page.read_text(encoding="utf-8")
    assert re.match(rf"# {page.name[:3]}: ", text)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [each for each in headings if each in PARTS] == list(PARTS)
    assert len(text.splitlines()) <= 60


def test_decisions_have_numbers_of_their_own():
    numbers = [page.name[:3] for page in DECISIONS]
    assert len(set(numbers)) == len(numbers) >= 8


def test_the_sandboxs_figures_are_those_of_its_code():
    _load()
    page = read("docs/sandbox.md")
    assert f"({len(REQUESTS)} of the {len(messages()['Request'])} kinds of request)" in page
    assert f"{len(LOCALES)} locales" in page
    assert f"{len(acme_sheet(date(2026, 11, 22))['Key Results'])} key\nresults" in page
    jql = json.loads(read("tests/sandbox/data/jql_accepts.json"))
    accepted, refused = len(jql["accepted"]), len(jql["refused"])
    assert f"On {accepted + refused} queries" in page
    assert f"({accepted} accepted, {refused} refused)" in page
