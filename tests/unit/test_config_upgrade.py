"""Configs of older versions. There has been one version, so the steps here are made up: what is tried is the way."""

from pathlib import Path
from typing import get_args

import pytest

from mappings.yaml_text import parse_yaml
from okr.problem import ConfigError
from sync.care.upgrade import apply_upgrade
from sync.config import parse_config
from sync.config_form import ConfigForm
from sync.config_upgrade import STEPS, Step, apply_edits, rename, rewrite, stamp, upgrade
from tests.support.company import say


def _rename_zone(root):
    """``calendar.zone`` → ``calendar.timezone``."""
    entry = root.value("calendar").entries.get("zone")
    return [rename(entry, "timezone")] if entry else []


def _rename_refresh(root):
    """``sheet.refresh: never`` → ``change``."""
    value = root.value("sheet").value("refresh")
    return [rewrite(value, "change")] if value and value.text == "never" else []


MADE_UP = (Step("calendar.zone is called timezone", _rename_zone), Step("refresh: never is change", _rename_refresh))
OLD = """\
# Ours. Ä 🎯
{version}calendar:
  "zone": Europe/Berlin   # where we sit
sheet: {{workbook: okrs.xlsx, refresh: 'never'}}  # quiet
sources: {{}}

mappings: mappings.yaml
"""
NEW = OLD.replace('"zone"', "timezone").replace("'never'", "change")
EMPTY = ""


@pytest.mark.parametrize(
    ("before", "after"), [("version: 1  # the form's\n", "version: 3  # the form's\n"), (EMPTY, "version: 3\n")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_old_file_is_written_with_its_comments(tmp_path: Path, before: str, after: str, end: str) -> None:
    file = tmp_path / "config.yaml"
    old = OLD.format(version=before).replace("\n", end).encode()
    file.write_bytes(old)
    file.chmod(0o640)
    done = apply_upgrade(file, MADE_UP)
    assert done.told == ("calendar.zone is called timezone", "refresh: never is change")
    assert file.read_bytes().decode() == NEW.format(version=after).replace("\n", end)
    assert file.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "config.yaml.prev").read_bytes() == old
    assert apply_upgrade(file, MADE_UP).told == ()
    assert {path.name for path in tmp_path.iterdir()} == {"config.yaml", "config.yaml.prev"}


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + OLD.format(version="").encode())
    apply_upgrade(file, MADE_UP)
    assert file.read_bytes() == b"\xef\xbb\xbf" + NEW.format(version="version: 3\n").encode()


@pytest.mark.parametrize("version", ["", "version: 1\n"])
def test_a_night_goes_on_with_an_old_file(version: str) -> None:
    config, problems = parse_config(OLD.format(version=version), "config.yaml", MADE_UP)
    assert config is not None, problems
    assert (config.timezone, config.sheet.refresh) == ("Europe/Berlin", "change")


def test_only_the_steps_that_are_missing_are_taken() -> None:
    text = OLD.format(version="version: 2\n").replace('"zone"', "timezone")
    tree = parse_yaml(text, "config.yaml")
    assert not isinstance(tree, tuple)
    done = upgrade(text, tree, MADE_UP)
    assert not isinstance(done, tuple)
    assert (done.told, stamp(done)) == (("refresh: never is change",), NEW.format(version="version: 3\n"))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("4", "this config is of version 4; this okr-sync knows versions up to 3"),
        ("0", "“0” is no version of a config"),
        ("latest", "“latest” is no version of a config"),
        ("'²'", "“²” is no version of a config"),
        ("[1]", "a list is no version of a config"),
    ],
)
def test_other_versions_are_refused_at_their_place_and_alone(written: str, message: str, tmp_path: Path) -> None:
    text = OLD.format(version=f"version: {written}\n") + "unknown: key\n"
    config, problems = parse_config(text, "config.yaml", MADE_UP)
    assert config is None
    assert [(item.message, item.place.line, item.place.column) for item in problems] == [(message, 2, 10)]
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ConfigError):
        apply_upgrade(tmp_path / "config.yaml", MADE_UP)
    assert (tmp_path / "config.yaml").read_text() == text


def test_what_is_wrong_in_an_old_file_leaves_it_as_it_is(tmp_path: Path) -> None:
    text = OLD.format(version="") + "unknown: key\n"
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ConfigError):
        apply_upgrade(tmp_path / "config.yaml", MADE_UP)
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
    assert (tmp_path / "config.yaml").read_text() == text


def test_edits_of_one_line_do_not_shift_each_other() -> None:
    text = "sheet: {a: 1, b: 2}\n"
    tree = parse_yaml(text, "config.yaml")
    assert not isinstance(tree, tuple)
    sheet = tree.root.value("sheet")
    assert sheet is not None
    edits = [rename(entry, "longer") for entry in sheet.entries.values()]
    assert apply_edits(text, edits) == "sheet: {longer: 1, longer: 2}\n"


def test_the_form_names_the_newest_version() -> None:
    assert get_args(ConfigForm.model_fields["version"].annotation) == (str(1 + len(STEPS)),)


def test_the_command_says_that_there_is_nothing_to_upgrade(tmp_path: Path) -> None:
    assert say("init", folder=tmp_path).code == 0
    before = (tmp_path / "config.yaml").read_bytes()
    said = say("check", "--upgrade", folder=tmp_path)
    assert (said.code, said.err) == (0, "config.yaml is of version 1, the newest; nothing to upgrade.\n")
    assert (tmp_path / "config.yaml").read_bytes() == before
    assert not (tmp_path / "config.yaml.prev").exists()
