"""Kinds of sources: ours by name, others by entry point, loaded only when used, with errors that help."""

import re
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors import registry
from connectors.registry import KindUnusable, UnknownKind, extra, kinds, load_factory


@pytest.fixture(autouse=True)
def _fresh() -> None:
    load_factory.cache_clear()


def plug(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    found = tuple(EntryPoint(name, value, registry.GROUP) for name, value in points)
    monkeypatch.setattr(registry, "_plugged_in", lambda: found)


def test_every_kind_of_ours_loads_without_its_vendor_library() -> None:
    for kind in registry.BUILT_IN:
        factory = load_factory(kind)
        assert factory.kind == factory.grammar.kind == kind
        assert factory.options_form().model_fields


def test_an_unknown_kind_gets_a_suggestion() -> None:
    with pytest.raises(UnknownKind, match=r"“jria”.*Did you mean “jira”"):
        load_factory("jria")
    with pytest.raises(
        UnknownKind, match="Known kinds: airtable, asana, file, github, google_sheet, http, hubspot, jira"
    ):
        load_factory("zzz")


def test_other_packages_add_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, ("tracker", "connectors.jira:Jira"), ("jira", "nowhere:Evil"))
    assert "tracker" in kinds()
    assert load_factory("tracker").kind == "jira"
    assert type(load_factory("jira")).__module__ == "connectors.jira"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("no_such_vendor:Thing", r"needs the library no_such_vendor.*pip install no_such_vendor"),
        ("connectors.jira:Nope", "can't be loaded from connectors.jira:Nope"),
        ("connectors.jira:Jira.make", "can't be loaded"),
    ],
)
def test_a_kind_that_can_not_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch, where: str, said: str) -> None:
    plug(monkeypatch, ("thing", where))
    with pytest.raises(KindUnusable, match=said):
        load_factory("thing")


def test_a_missing_library_names_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(KindUnusable, match=r"pip install 'okr-sync\[sql\]'"), extra("sql"):
        import sqlalchemy  # noqa: F401


def test_another_package_s_library_is_named_itself() -> None:
    with pytest.raises(KindUnusable, match=r"pip install no_such_vendor$"), extra("shop"):
        import no_such_vendor.client  # type: ignore[import-not-found]  # noqa: F401


def test_every_extra_that_is_named_exists() -> None:
    """A line that installs nothing helps nobody."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    named = {
        match for path in Path("connectors").glob("*.py") for match in re.findall(r'extra\("(\w+)"\)', path.read_text())
    }
    assert named | set(registry._LIBRARIES) <= set(project["optional-dependencies"])
    assert set(project["optional-dependencies"]) <= registry._extras()


def test_discover_says_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sync.care.discover import list_kinds

    assert all(kind.missing == "" for kind in list_kinds())
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    missing = {kind.name: kind.missing for kind in list_kinds() if kind.missing}
    assert missing.keys() == {"sql"}
    assert missing["sql"].endswith("pip install 'okr-sync[sql]'")


def test_what_is_empty_by_default_shows_no_default() -> None:
    from sync.care.discover import list_kinds

    defaults = [option.default for kind in list_kinds() for option in (*kind.options, *kind.query)]
    assert not any("Undefined" in default or default in ("{}", "[]", "None") for default in defaults)
