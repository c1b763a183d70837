"""Kinds of sources: ours by name, others by entry point, loaded only when used, with errors that help."""

import sys
from importlib.metadata import EntryPoint

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
        ("no_such_vendor:Thing", r"needs the library no_such_vendor.*pip install 'okr-sync\[thing\]'"),
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
