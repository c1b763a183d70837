"""config.example.yaml: it loads, with every setting also turned on; it names every setting, with its default."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from connectors.airtable_forms import AirtableOptions
from connectors.file_forms import FileOptions
from connectors.github_forms import GithubOptions
from connectors.google_sheet_forms import GoogleSheetOptions
from connectors.http_forms import HttpOptions
from connectors.jira_forms import JiraOptions
from connectors.prometheus_forms import PrometheusOptions
from connectors.registry import BUILT_IN
from connectors.singer_forms import SingerOptions
from connectors.sql_forms import SqlOptions
from mappings.mapping import Mappings
from sync.config_calendar import CycleForm
from sync.config_form import ConfigForm
from sync.load import load_project

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
OPTIONS: dict[str, type[BaseModel]] = {
    "jira": JiraOptions,
    "airtable": AirtableOptions,
    "github": GithubOptions,
    "google_sheet": GoogleSheetOptions,
    "prometheus": PrometheusOptions,
    "sql": SqlOptions,
    "http": HttpOptions,
    "file": FileOptions,
    "singer": SingerOptions,
}
NAMES = {
    "crm": "airtable",
    "numbers": "google_sheet",
    "db": "sql",
    "desk": "http",
    "reports": "file",
    "shop": "singer",
    "payments": "stripe",
}
SET = re.compile(r"^(?P<indent> *)(?P<off>#?)(?P<key>[A-Za-z0-9_-]+):(?: (?P<value>[^#]*))?(?P<comment>#.*)?$")


def load(folder: Path, text: str) -> Mappings:
    (folder / "mappings").mkdir()
    (folder / "config.yaml").write_text(text)
    return load_project(folder / "config.yaml").mappings


def turned_on(text: str) -> str:
    """Every setting that is off turned on, but for what would be a second sheet or a second rule."""
    return re.sub(r"^( *)#(?=\w+:)(?!workbook|preset)", r"\1", text, flags=re.MULTILINE)


def test_it_loads(tmp_path: Path) -> None:
    assert load(tmp_path, EXAMPLE.read_text()) == Mappings()


def test_it_loads_with_everything_on(tmp_path: Path) -> None:
    text = turned_on(EXAMPLE.read_text())
    assert text != EXAMPLE.read_text()
    load(tmp_path, text)


def test_there_are_options_for_every_kind() -> None:
    assert OPTIONS.keys() == BUILT_IN.keys()


def keys_of(form: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all settings; ``*`` for the names that people give."""
    for name, field in form.model_fields.items():
        inner = field.annotation
        if name == "sources":
            for kind, options in OPTIONS.items():
                yield (*path, name, kind, "kind")
                yield from ((*path, name, kind, option) for option in options.model_fields)
        elif name == "cycles":
            yield from ((*path, name, "*", key) for key in CycleForm.model_fields)
        elif isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys_of(inner, (*path, name))
        else:
            yield (*path, name)


def written() -> dict[tuple[str, ...], tuple[str, str]]:
    """Every setting that stands in the example, on or off: path → (value, comment)."""
    found: dict[tuple[str, ...], tuple[str, str]] = {}
    above: list[tuple[int, str]] = []
    for line in EXAMPLE.read_text().splitlines():
        match = SET.match(line)
        if match is None:
            continue
        indent = len(match["indent"])
        above = [item for item in above if item[0] < indent]
        path = (*(key for _, key in above), match["key"])
        found[named(path)] = ((match["value"] or "").strip(), match["comment"] or "")
        above.append((indent, match["key"]))
    return found


def named(path: tuple[str, ...]) -> tuple[str, ...]:
    """Sources by their kind, cycles by a star."""
    if path[0] == "sources" and len(path) > 1:
        return ("sources", NAMES.get(path[1], path[1]), *path[2:])
    return ("calendar", "cycles", "*", *path[3:]) if path[:2] == ("calendar", "cycles") and len(path) > 3 else path


@pytest.mark.parametrize("path", sorted(keys_of(ConfigForm)), ids=".".join)
def test_it_names_every_setting_and_says_what_it_does(path: tuple[str, ...]) -> None:
    assert path in written()
    if path[-1] != "kind":
        assert len(written()[path][1]) > 5


def default_of(path: tuple[str, ...]) -> object:
    form: type[BaseModel] = ConfigForm
    if path[0] == "sources":
        return OPTIONS[path[1]].model_fields[path[2]].default
    for key in path[:-1]:
        inner = form.model_fields[key].annotation if key in form.model_fields else None
        form = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else form
    field = (CycleForm if "*" in path else form).model_fields[path[-1]]
    return field.default


@pytest.mark.parametrize(
    "path",
    sorted(path for path in keys_of(ConfigForm) if path[-1] not in ("kind", "tabs", "columns", "cycles", "sources")),
    ids=".".join,
)
def test_what_it_shows_is_the_default_or_called_an_example(path: tuple[str, ...]) -> None:
    value, comment = written()[path]
    default = default_of(path)
    if default is PydanticUndefined:
        assert "example" in comment
    elif default is not None and f"#{path[-1]}" not in EXAMPLE.read_text():
        shown = yaml.safe_load(value)
        assert str(shown).lower() == str(default).lower() or float(shown) == float(default)  # type: ignore[arg-type]
