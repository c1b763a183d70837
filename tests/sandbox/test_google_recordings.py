"""Recordings of the real Google, replayed against the sandbox; and our own requests, by Google's own description.

OKR_SYNC_ORACLES names the folder with gspread's recordings and the programs that replay and validate them; they are
no part of this repository.
"""

import importlib.util
import os
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from sandbox.google import ROBOT, GoogleSheets
from sandbox.server import Server
from tests.support.company import make_company, serving

ORACLES = os.environ.get("OKR_SYNC_ORACLES")
pytestmark = [
    pytest.mark.skipif(not ORACLES, reason="OKR_SYNC_ORACLES is not set"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
EXACT, RECORDINGS = 80, 81
UNSERVED = "PUT /upload/drive/v2/files/{id}"
"""The one call of the recordings that the sandbox refuses: a CSV file uploaded through Drive's older interface."""


def load(name):
    """Import a program of the folder."""
    found = importlib.util.spec_from_file_location(name, Path(ORACLES) / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def make_validator():
    program = load("discovery_validate")
    return program.Validator(program.docs())


class Watch:
    """Sees each recorded answer and ours; remembers where ours is empty and the recorded one is not."""

    def __init__(self, validator, read):
        self._validator, self._read = validator, read
        self._recorded = None
        self.empty = []

    def hear(self, status, text, _headers):
        self._recorded = (status, self._read(text))

    def check(self, method, url, sent, status, answer):
        recorded = self._recorded[1]
        if status < 400 and isinstance(recorded, dict | list):
            self.empty += [f"{method} {url}: {name}" for name in emptied(recorded, answer)]
        return self._validator.check(method, url, sent, status, answer)


def emptied(recorded, answer, at="$"):
    """Where a list, object or text has something in it in the recording, and nothing in the answer."""
    if recorded and isinstance(recorded, dict | list | str) and answer in (None, "", [], {}):
        return [at]
    if isinstance(recorded, dict) and isinstance(answer, dict):
        return [found for name, each in recorded.items() for found in emptied(each, answer.get(name), f"{at}.{name}")]
    return []


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    with tarfile.open(Path(ORACLES) / "gspread-cassettes-dev.tgz") as archive:
        archive.extractall(folder, filter="data")
    program, service = load("cassette_replay"), GoogleSheets()
    service.tokens.accept("replay", ROBOT)
    watch = Watch(make_validator(), program.jload)
    with Server(service):
        rows = program.replay(
            sorted(folder.glob("*/*.json")), service.url, service.url, "replay", hook=watch.hear, schema=watch
        )
    assert service.failures == []
    return rows, watch.empty


def test_of_the_recordings_all_but_one_replay_exactly(replayed):
    rows, _ = replayed
    wrong = {row["cassette"] for row in rows if not row.get("exact", True)}
    names = {row["cassette"] for row in rows}
    assert len(names) == RECORDINGS
    assert len(names - wrong) >= EXACT, wrong
    assert {each.rpartition(".")[2] for each in wrong} <= {"test_import_csv"}


def test_steps_are_left_out_only_where_they_need_the_recorders_own_files(replayed):
    rows, _ = replayed
    assert Counter(row.get("skip", "") for row in rows) == {"": 1284, "needs the recorder's own Drive": 95}


def test_the_page_has_the_figures_of_the_replay(replayed):
    page = (Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8")
    rows = [row for row in replayed[0] if not row.get("skip")]
    for name, words in {"status": "status", "shape": "JSON paths and types", "exact": "values too"}.items():
        assert f"| same {words} | {sum(row[name] for row in rows) / len(rows):.1%} |".replace("%", " %") in page
    assert f"| of {len(rows):,} steps" in page
    assert f"**{EXACT} of {RECORDINGS}**" in page


def test_no_answer_breaks_googles_description(replayed):
    rows, _ = replayed
    assert [row for row in rows if row.get("schema") and row["endpoint"] != UNSERVED] == []


def test_no_answer_is_empty_where_the_recorded_one_is_not(replayed):
    assert [each for each in replayed[1] if "picture" not in each] == []


def test_an_empty_answer_would_be_noticed():
    assert emptied({"a": {"b": [1]}, "c": 0}, {"a": {"b": []}, "c": 0}) == ["$.a.b"]
    assert emptied({"a": 1}, {}) == ["$"]
    assert emptied({"a": {"b": "x"}}, {"a": {"b": "y"}}) == []


# What our own code sends


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Every request that the commands send to Google: layout, run, plan, explain, release."""
    with serving() as services:
        company = make_company(services, tmp_path_factory.mktemp("company"))
        company.fill()
        assert company.say("run").code == 0, company.say("run").text
        company.type("WEB-1.1", "Score", "0.5")
        assert company.say("run").code in (0, 4)
        assert company.say("plan").code == 0
        assert company.say("explain", "WEB-1.1").code == 0
        assert "Released 1 cell" in company.say("release", "WEB-1.1").text
        yield [each for each in services.google.requests if each.path != "/token"]


def test_every_request_of_ours_is_valid_by_googles_description(sent):
    validator = make_validator()
    wrong = {
        (each.method, each.path, problem)
        for each in sent
        for problem in validator.check(
            each.method, each.path + "?" + "&".join(f"{name}=x" for name in each.query), each.body, 204, None
        )
    }
    assert wrong == set()
    assert {each.method for each in sent} == {"GET", "POST"}
    assert sum(each.path.endswith(":batchUpdate") for each in sent) >= 3


def test_every_kind_of_request_that_we_send_is_served(sent):
    refused = [each for each in sent if each.status != 200]
    proofs = [each for each in refused if each.method == "POST"]
    assert {each.status for each in refused} <= {400}  # reads of tabs that aren't there yet, and what layout proves
    assert len(proofs) == 2
    assert all("_okr_sync_proof" in repr(each.body) for each in proofs)
    kinds = {
        kind for each in sent if each.path.endswith(":batchUpdate") for one in each.body["requests"] for kind in one
    }
    assert {"addSheet", "deleteSheet", "copyPaste", "updateCells", "addConditionalFormatRule"} <= kinds


def test_a_wrong_request_would_be_noticed():
    validator = make_validator()
    body = {"requests": [{"updateCells": {"rowz": []}}]}
    assert validator.check("POST", "/v4/spreadsheets/x:batchUpdate", body, 204, None) != []
    assert validator.check("GET", "/v4/spreadsheets/x?field=x", None, 204, None) != []
