"""Whatever happens to a file, there are placed problems or none: never a traceback, never a long wait."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.problem_text import render_problem
from mappings.resolve import resolve
from okr.problem import ConfigError, TextPlace
from sync.care.lint import check_files
from sync.config import parse_config
from sync.load import load_project
from tests.docs.pages import blocks, read
from tests.unit.mapping_grammar import GRAMMARS

ROOT = Path(__file__).resolve().parents[2]
CONFIG = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
FILES = [*blocks(read("docs/mappings.md"), "yaml"), CONFIG]
PIECES = st.sampled_from(
    ["\t", "\0", "\ufeff", "\r", "\r\n", "\x85", "\u2028", "\ud800", "😀", "\n", "  ", "{", "}", "[", "]", ":", "- ",
     "&a ", "*a", "<<: *a", "!!python/object:x ", "'", '"', "|", ">", "#", "---\n", "...\n", "%YAML 9", "? ", "@", "`",
     "${", "$${", "${x}", "\\", "key: "]
)  # fmt: skip
most_seconds = 5.0


@st.composite
def damaged_bytes(draw):
    """A file that somebody's editor, merge or disk has spoilt."""
    data = bytearray(draw(st.sampled_from(FILES)).encode())
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 6)):
            case 0:
                data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
            case 1:
                del data[at:]
            case 2:
                lines = data.split(b"\n")
                del lines[draw(st.integers(0, len(lines) - 1))]
                data = bytearray(b"\n".join(lines))
            case 3:
                lines = data.split(b"\n")
                number = draw(st.integers(0, len(lines) - 1))
                lines[number:number] = [lines[number]] * draw(st.integers(1, 3))
                data = bytearray(b"\n".join(lines))
            case 4:
                data[at:at] = draw(PIECES).encode("utf-8", "surrogatepass")
            case 5:
                data = data.replace(b"\n", b"\r\n")
            case _:
                del data[at : at + draw(st.integers(1, 40))]
    return bytes(data)


def check_problems(problems, text):
    """Every problem has a place in the text, and can be shown."""
    lines = text.splitlines() or [""]
    for problem in problems:
        assert problem.message
        assert isinstance(problem.place, TextPlace), problem
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.place.line <= max(len(lines), text.count("\n") + text.count("\r") + 2)
        shown = render_problem(problem)
        assert not set(shown) & {"\0", "\x1b", "\r"}
        assert "Traceback" not in shown
        assert len(shown) < 5000


@given(damaged_bytes())
@settings(max_examples=300, deadline=most_seconds * 1000)
def test_a_damaged_mapping_file_gives_placed_problems(data):
    text = data.decode("utf-8", "surrogateescape")
    mappings, problems = resolve({"m.yaml": text}, GRAMMARS)
    check_problems(problems, text)
    assert bool(mappings.unread) <= bool(problems)
    assert [(problem.place.line, problem.place.column) for problem in problems] == sorted(
        (problem.place.line, problem.place.column) for problem in problems
    )


@given(damaged_bytes())
@settings(max_examples=200, deadline=most_seconds * 1000)
def test_a_damaged_config_gives_placed_problems(data):
    text = data.decode("utf-8", "replace")
    config, problems = parse_config(text, "config.yaml")
    assert (config is None) is bool(problems)
    check_problems(problems, text)


@given(st.lists(PIECES, max_size=30).map("".join) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
@settings(max_examples=300, deadline=most_seconds * 1000)
def test_any_text_gives_placed_problems(text):
    check_problems(resolve({"m.yaml": text}, GRAMMARS)[1], text)
    check_problems(parse_config(text, "config.yaml")[1], text)


@given(data=damaged_bytes())
@settings(max_examples=60, deadline=most_seconds * 1000)
def test_files_on_the_disk_that_are_no_text(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "config.yaml").write_bytes(data)
    found = check_files(folder / "config.yaml")
    assert found.project is not None or found.errors
    assert all(isinstance(problem.place, TextPlace) for problem in found.problems)


@pytest.mark.parametrize(
    ("data", "line", "column"), [(b"a: 1\nb: \xff\n", 2, 4), (b"\xfe\xff", 1, 1), ("ä: ".encode() + b"\xe4", 1, 4)]
)
def test_bytes_that_are_no_text_have_their_place(data, line, column, tmp_path):
    (tmp_path / "config.yaml").write_bytes(data)
    with pytest.raises(ConfigError) as raised:
        load_project(tmp_path / "config.yaml")
    (problem,) = raised.value.problems
    assert (problem.place.line, problem.place.column) == (line, column)
    assert problem.fix == "Save it as UTF-8."


@pytest.mark.parametrize(
    "text",
    [
        "key_results: {A: {jira: x, measure: " + "{sum: " * 30 + "F" + "}" * 30 + "}}",
        "key_results: {A: {jira: " + "x" * 500_000 + ", measure: count}}",
        "key_results:\n" + "".join(f"  K{number}: {{jira: x, mesure: count}}\n" for number in range(2000)),
        "key_results: {A: {jira: '" + "${" * 20_000 + "', measure: count}}",
        "key_results: {A: {jira: '" + "${cycle.start} " * 10_000 + "', measure: count}}",
        "metrics: {m: &m {jira: x, measure: count}}\nkey_results: {"
        + ", ".join(f"A{n}: *m" for n in range(2000))
        + "}",
        "key_results: {A: {formula: " + "(" * 400 + "}}",
    ],
    ids=["nested", "long", "2,000 mistakes", "open variables", "variables", "aliases", "brackets"],
)
def test_large_mistakes_are_told_in_time(text):
    started = time.process_time()
    check_problems(resolve({"m.yaml": text}, GRAMMARS)[1], text)
    assert time.process_time() - started < 10 * most_seconds
