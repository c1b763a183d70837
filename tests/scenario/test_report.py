"""``okr-sync report`` as somebody at the command line meets it, and its page in a real browser."""

import io
import json
import re
from html import escape

import pytest

from sandbox.google import ROBOT
from tests.support.browser import browse, print_page
from tests.support.company import Company
from tests.support.tools import needs

HOSTILE = """<script>fetch("https://evil.example")</script><img src="https://evil.example/x.png"> 'Ada' & co"""


@pytest.fixture
def told(synced: Company) -> Company:
    """A company whose second week brought something, and one of whose titles is an attack."""
    synced.type("WEB-1.1", "Key result", HOSTILE)
    synced.type("WEB-1.1", "Target", "95%")
    synced.type("GRO-1.1", "Score", "0.1")
    assert synced.say("run").code == 0
    return synced


def test_one_read_no_write_and_no_source_is_asked(told: Company) -> None:
    asked = {"google": len(told.services.google.requests), "jira": len(told.services.jira.requests)}
    said = told.say("report", JIRA_TOKEN="not-a-token-of-ours")
    assert said.code == 0, said.text
    made = [each for each in told.services.google.requests[asked["google"] :] if each.path.startswith("/v4/")]
    assert [each.method for each in made] == ["GET"]
    assert len(told.services.jira.requests) == asked["jira"]
    assert said.out.startswith("Acme OKRs: 16 to 22 Nov 2026\n2026-Q4, day 63 of 91 (69 %). The average score is ")
    assert "What to improve" in said.out


def test_the_format_follows_the_files_name(told: Company) -> None:
    for name, begins in (("w.html", "<!DOCTYPE html>"), ("w.md", "# Acme OKRs"), ("w.json", "{"), ("w.txt", "Acme")):
        said = told.say("report", "--since", "2026-10-01", "--out", name)
        assert (said.code, said.out) == (0, "")
        path = told.folder / name
        assert path.read_text().startswith(begins)
        assert path.stat().st_mode & 0o077 == 0
    assert json.loads((told.folder / "w.json").read_text())["since"] == "2026-10-01"
    assert told.say("report", "--json").json["until"] == "2026-11-22"


class Screen(io.StringIO):
    """A terminal, as far as a command can tell."""

    def isatty(self) -> bool:
        return True


def test_text_is_80_columns_wide_and_nothing_else_is_wrapped(told: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    told.say("report", "--out", "week.txt")
    lines = (told.folder / "week.txt").read_text().splitlines()
    assert 60 < max(map(len, lines)) <= 80
    monkeypatch.setattr("io.StringIO", Screen)
    shown = told.say("report", COLUMNS="40").out.splitlines()
    assert max(map(len, shown)) <= 80
    page = told.say("report", "--format", "md", COLUMNS="40").out
    told.say("report", "--out", "week.md")
    assert page == (told.folder / "week.md").read_text()


@pytest.mark.parametrize(
    ("since", "says"),
    [("yesterday", "write a span such as 7d or 2w"), ("2026-12-01", "is still to come"), ("0d", "write a span")],
)
def test_a_span_that_is_none_is_said(synced: Company, since: str, says: str) -> None:
    said = synced.say("report", "--since", since)
    assert said.code == 2
    assert says in said.err


def test_a_place_that_cannot_be_written_is_said(synced: Company) -> None:
    said = synced.say("report", "--out", "nowhere/week.html")
    assert said.code == 1
    assert "Choose another place for --out" in said.err


def test_a_viewer_s_share_of_the_sheet_is_enough(told: Company) -> None:
    told.document.access[ROBOT] = "reader"
    assert told.say("report").code == 0


PHONE = """<!DOCTYPE html><body style="margin:0"><iframe srcdoc="{page}" style="width:390px;height:900px;border:0">
</iframe><script>
const frame = document.querySelector('iframe');
frame.onload = () => {{
  const page = frame.contentDocument, root = page.documentElement, told = {{}};
  told.wide = [root.scrollWidth, root.clientWidth];
  told.outside = [...page.querySelectorAll('main *')].filter(
    each => each.getBoundingClientRect().right > root.clientWidth + 1).map(each => each.outerHTML.slice(0, 60));
  told.scripts = page.scripts.length; told.images = page.images.length;
  told.charts = page.querySelectorAll('svg').length;
  told.loads = frame.contentWindow.performance.getEntriesByType('resource').length;
  document.body.dataset.told = JSON.stringify(told);
}};
</script>"""


@needs("chromium")
def test_the_page_fits_a_phone_loads_nothing_and_runs_nothing(told: Company) -> None:
    told.say("report", "--out", "week.html")
    page = (told.folder / "week.html").read_text()
    _, console = browse(told.folder, page)
    assert console == []
    html, console = browse(told.folder, PHONE.format(page=escape(page)))
    assert console == []
    found = re.search(r'data-told="([^"]*)"', html)
    assert found, "the page's script broke off"
    looked = json.loads(found[1].replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert looked["wide"][0] <= looked["wide"][1]
    assert looked["outside"] == []
    assert (looked["scripts"], looked["images"], looked["loads"]) == (0, 0, 0)


@needs("chromium")
def test_a_page_that_loads_something_would_be_noticed(told: Company) -> None:
    told.say("report", "--out", "week.html")
    page = (told.folder / "week.html").read_text()
    _, console = browse(told.folder, page.replace("</main>", '<img src="https://evil.example/x.png"></main>'))
    assert any("Content Security Policy" in line for line in console)


@needs("chromium")
def test_the_page_prints(told: Company) -> None:
    told.say("report", "--out", "week.html")
    assert print_page(told.folder, (told.folder / "week.html").read_text()).read_bytes().startswith(b"%PDF-")


@needs("chromium")
def test_the_page_of_a_run_obeys_the_same_policy(told: Company) -> None:
    told.say("run", "--report", "run.html")
    page = (told.folder / "run.html").read_text()
    assert "default-src 'none'" in page
    assert browse(told.folder, page)[1] == []
