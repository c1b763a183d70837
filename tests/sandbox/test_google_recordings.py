"""Recordings of the real Google, replayed against the sandbox."""

import tarfile
from collections import Counter
from pathlib import Path

import pytest

from sandbox.google import ROBOT, GoogleSheets
from sandbox.server import Server
from tests.support.oracles import ORACLES, load, make_validator, needs_oracles

pytestmark = [
    needs_oracles,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
EXACT, RECORDINGS = 80, 81
UNSERVED = "PUT /upload/drive/v2/files/{id}"
"""The one call of the recordings that the sandbox refuses: a CSV file uploaded through Drive's older interface."""


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
        for each in archive.getmembers():  # extractall's filter came with Python 3.11.4
            if each.isfile() and each.name.endswith(".json"):
                place = folder / Path(each.name).parent.name / Path(each.name).name
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(archive.extractfile(each).read())
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
