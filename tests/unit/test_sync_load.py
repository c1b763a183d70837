import sys
from datetime import UTC, datetime
from types import ModuleType

import pytest

from okr.problem import ConfigError
from sync.load import load_project, open_connectors, read_mappings
from sync.opening import make_around, make_run_id, open_engine, open_store
from tests.support.fake_source import World

CONFIG = """\
sheet: {workbook: okrs.xlsx}
sources:
  crm: {kind: airtable, base: app00000000000000, token: 'env:AIRTABLE_TOKEN'}
  jira: {kind: jira, url: 'https://acme.example', email: a@acme.example, token: 'env:JIRA_TOKEN'}
mappings: mappings.yaml
"""
MAPPINGS = "key_results: {A: {jira: 'project = WEB', measure: count}}\n"
SECRETS = {"AIRTABLE_TOKEN": "patSecretSecret", "JIRA_TOKEN": "jiraSecretSecret"}


def write(folder, config=CONFIG, mappings=MAPPINGS):
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    if mappings is not None:
        (folder / "mappings.yaml").write_text(mappings, encoding="utf-8")
    return folder / "config.yaml"


def problems_of(path):
    with pytest.raises(ConfigError) as error:
        load_project(path)
    return error.value.problems


def test_a_project(tmp_path):
    project = load_project(write(tmp_path))
    assert project.folder == tmp_path
    assert set(project.sources) == {"crm", "jira"}
    assert set(project.mappings.key_results) == {"A"}
    assert project.problems == ()


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = write(tmp_path)
    path.write_text("\ufeff" + CONFIG, encoding="utf-8")
    assert load_project(path).config.file == "config.yaml"


def test_a_missing_config_says_how_to_get_one(tmp_path):
    (problem,) = problems_of(tmp_path / "config.yaml")
    assert problem.code == "config.file"
    assert problem.place.file == str(tmp_path / "config.yaml")
    assert "no such file" in problem.message
    assert "okr-sync init" in problem.fix
    assert "--config" in problem.fix


def test_a_folder_in_its_place(tmp_path):
    (problem,) = problems_of(tmp_path)
    assert "can't be read" in problem.message


def test_a_config_that_is_not_utf_8(tmp_path):
    (tmp_path / "config.yaml").write_bytes("sheet: größe".encode("latin-1"))
    (problem,) = problems_of(tmp_path / "config.yaml")
    assert "not UTF-8" in problem.message
    assert problem.fix == "Save it as UTF-8."


def test_problems_of_the_config_come_back_with_their_places(tmp_path):
    (problem,) = problems_of(write(tmp_path, CONFIG + "scorring: {}\n"))
    assert (problem.place.file, problem.place.line) == ("config.yaml", 6)


# Sources


def test_an_unknown_kind_has_its_place_and_what_may_have_been_meant(tmp_path):
    (problem, *_) = problems_of(write(tmp_path, CONFIG.replace("kind: jira", "kind: jria")))
    assert (problem.code, problem.place.line, problem.place.column) == ("config.kind", 4, 16)
    assert "jria" in problem.message
    assert "jira" in f"{problem.message} {problem.fix}"


def test_a_sources_own_mistakes_have_their_places(tmp_path):
    problems = problems_of(write(tmp_path, CONFIG.replace("email:", "emial:")))
    assert ("config.unknown-key", 4) in {(problem.code, problem.place.line) for problem in problems}
    assert any("email" in (problem.fix or "") for problem in problems)


def test_the_mappings_problems_are_told_with_those_of_the_sources(tmp_path):
    problems = problems_of(write(tmp_path, CONFIG.replace("kind: jira", "kind: jria"), "key_results: {A: {"))
    assert {problem.place.file for problem in problems} >= {"config.yaml", "mappings.yaml"}


# Mappings


def test_missing_mappings(tmp_path):
    (problem,) = problems_of(write(tmp_path, mappings=None))
    assert problem.code == "config.mappings"
    assert "“mappings.yaml”" in problem.message
    assert (problem.place.file, problem.place.path) == ("config.yaml", "mappings")
    assert "okr-sync init" in problem.fix


@pytest.fixture
def folder_of_mappings(tmp_path):
    path = write(tmp_path, CONFIG.replace("mappings.yaml", "maps"), None)
    (tmp_path / "maps" / "teams").mkdir(parents=True)
    (tmp_path / "maps" / "b.yaml").write_text("key_results: {B: {jira: 'project = B', measure: count}}")
    (tmp_path / "maps" / "teams" / "a.yml").write_text("key_results: {A: {jira: 'project = A', measure: count}}")
    (tmp_path / "maps" / "notes.txt").write_text("key_results: {")
    return path


def test_a_folder_is_read_with_all_its_yaml(folder_of_mappings):
    project = load_project(folder_of_mappings)
    assert set(project.mappings.key_results) == {"A", "B"}
    texts, problems = read_mappings(folder_of_mappings.parent, project.config)
    assert list(texts) == ["maps/b.yaml", "maps/teams/a.yml"]
    assert problems == ()


@pytest.mark.parametrize("text", ["key_results: {A: {", "key_results: [\n", "key_results:\n\tA: 1\n"])
def test_one_file_that_cannot_be_read_refuses_with_its_place(folder_of_mappings, text):
    """Its key results would count as manual, and their values as people's."""
    (folder_of_mappings.parent / "maps" / "b.yaml").write_text(text)
    problems = problems_of(folder_of_mappings)
    assert {problem.place.file for problem in problems} == {"maps/b.yaml"}
    assert all(problem.place.line >= 1 for problem in problems)


def test_a_mapping_file_that_is_not_utf_8_refuses(folder_of_mappings):
    (folder_of_mappings.parent / "maps" / "b.yaml").write_bytes("a: größe".encode("latin-1"))
    (problem,) = problems_of(folder_of_mappings)
    assert "not UTF-8" in problem.message
    assert problem.place.file.endswith("maps/b.yaml")


def test_one_broken_entry_stops_only_its_key_result(tmp_path):
    text = "key_results:\n  A: {jira: 'project = A', measure: guess}\n  B: {jira: 'project = B', measure: count}\n"
    project = load_project(write(tmp_path, mappings=text))
    assert set(project.mappings.key_results) == {"B"}
    (problem,) = project.problems
    assert (problem.place.file, problem.place.line) == ("mappings.yaml", 2)


# Secrets


def open_all(project, environ, needed=("crm", "jira")):
    return open_connectors(project, environ, World().around(), frozenset(needed))


def test_a_missing_secret_stops_only_its_own_source(tmp_path):
    project = load_project(write(tmp_path))
    found, (problem,) = open_all(project, {"AIRTABLE_TOKEN": SECRETS["AIRTABLE_TOKEN"]})
    assert set(found) == {"crm"}
    assert (problem.code, problem.subject, problem.place.line) == ("config.secret", "jira", 4)
    assert "JIRA_TOKEN" in problem.message
    for connector in found.values():
        connector.close()


def test_only_the_sources_that_a_run_needs_are_opened(tmp_path):
    project = load_project(write(tmp_path))
    assert open_all(project, {}, needed=()) == ({}, ())
    found, problems = open_all(project, SECRETS, needed=("jira", "unknown"))
    assert (set(found), problems) == ({"jira"}, ())
    found["jira"].close()


def test_a_secret_never_prints(tmp_path):
    project = load_project(write(tmp_path))
    assert "Secret" not in str(project.sources).replace("Secret(env", "")
    assert all(value not in repr(project) for value in SECRETS.values())


# Opening


def test_an_engine_has_the_companys_zone_and_reads_only_files(tmp_path):
    path = write(tmp_path, "calendar: {timezone: Asia/Tokyo}\n" + CONFIG)
    engine = open_engine(path, environ={}, around=World().around())
    assert engine.around.timezone == "Asia/Tokyo"
    assert engine.now().isoformat() == "2026-11-16T15:30:00+09:00"
    assert engine.environ == {}
    assert engine.store.place.endswith("okrs.xlsx")
    assert str(tmp_path) in engine.store.place


def test_the_real_clock_is_aware():
    around = make_around()
    assert around.now().tzinfo is UTC
    assert around.monotonic() <= around.monotonic()


def test_runs_are_named_by_their_second_and_never_twice():
    started = datetime(2026, 11, 22, 9, 30, 5, tzinfo=UTC)
    names = {make_run_id(started) for _ in range(20)}
    assert len(names) > 15
    assert all(name.startswith("20261122-093005-") and len(name) == 20 for name in names)


@pytest.mark.parametrize(("read_only", "scope"), [(True, "READ_ONLY"), (False, "READ_AND_WRITE")])
def test_a_google_sheet_is_opened_with_its_key_and_no_more_rights_than_needed(tmp_path, monkeypatch, read_only, scope):
    asked = {}
    google, store = ModuleType("connectors.google"), ModuleType("sync.sheet.google")
    google.READ_ONLY, google.READ_AND_WRITE = "READ_ONLY", "READ_AND_WRITE"
    google.open_session = lambda key, around, **rest: asked.update(key=key, **rest) or "session"
    store.GoogleStore = lambda session, sheet, *_, **__: (session, sheet)
    monkeypatch.setitem(sys.modules, "connectors.google", google)
    monkeypatch.setitem(sys.modules, "sync.sheet.google", store)
    config = CONFIG.replace(
        "{workbook: okrs.xlsx}", "{google: abc, credentials: 'env:KEY', endpoint: 'http://localhost'}"
    )
    project = load_project(write(tmp_path, config))
    opened = open_store(project, {"KEY": "the key's text"}, World().around(), read_only=read_only)
    assert opened == ("session", "abc")
    assert asked["scopes"] == (scope,)
    assert asked["endpoint"] == "http://localhost"
