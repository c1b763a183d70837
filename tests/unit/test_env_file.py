"""Variables out of a file: what is set already wins, nothing is expanded, and no line is ever repeated."""

from pathlib import Path

import pytest

from okr.problem import ConfigError
from sync.env_file import read_env_file


def test_what_is_set_already_wins(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("# tokens\nA=one\nexport B='two words'\n\nC=p$HOME${X}\nA_B=\"q#r\"\n")
    assert read_env_file(path, {"A": "mine"}) == {"B": "two words", "C": "p$HOME${X}", "A_B": "q#r"}


@pytest.mark.parametrize("text", ["A=1\nplanted-5ecret\n", "A=1\n='planted-5ecret'\n"])
def test_a_line_that_is_none_is_named_by_its_number(tmp_path: Path, text: str) -> None:
    path = tmp_path / "env"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_env_file(path, {})
    (problem,) = caught.value.problems
    assert str(problem.place).endswith("env:2:1")
    assert "5ecret" not in repr(caught.value.problems)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read_env_file(tmp_path / "none", {})
