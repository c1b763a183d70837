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
     "${", "$${", "${x}", "\\", "key: ", "9" * 400, "1e999999999", "-1e-999999999", "0x" + "f" * 300, "NaN", "Infinity",
     "9" * 400 + "d", "99999999999-12-31", "99999d", ".inf", "１２", "1_000_000_000_000"]
)  # fmt: skip
most_seconds = 5.0


@st.composite
def damaged_bytes(draw):
    """A file that somebody's editor, merge or disk has spoilt."""
    data = bytearray(draw(st.sampled_from(FILES)).encode())
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 9)):
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
            case 6:
                data[at : at + 1] = bytes([(data[at] if at < len(data) else 0) ^ (1 << draw(st.integers(0, 7)))])
            case 7:
                data = bytearray(swap_indentation(bytes(data), draw(st.integers(0, 50)), draw(st.integers(0, 50))))
            case 8:
                data = bytearray(bytes(data).replace(b"\n  ", b"\n\t"))
            case _:
                del data[at : at + draw(st.integers(1, 40))]
    return bytes(data)


def swap_indentation(data, first, second):
    """Two lines with each other's indentation."""
    lines = data.split(b"\n")
    first, second = first % len(lines), second % len(lines)
    lead, other = (lines[number][: len(lines[number]) - len(lines[number].lstrip())] for number in (first, second))
    one, two = lines[first].lstrip(), lines[second].lstrip()
    lines[first], lines[second] = other + one, lead + two
    return b"\n".join(lines)


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
        "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}, *{old}]\n" for old, new in zip("abcdefghijk",
                                                                                           "bcdefghijkl", strict=True)),
        "key_results:\n" + "".join(f"  A{n}: &a{n} {{<<: *a{max(n - 1, 0)}, jira: x}}\n" for n in range(500)),
        "&a [*a, *a]",
        "key_results: {A: {jira: x, measure: count, scale: " + "9" * 100_000 + "}}",
        "key_results: {A: {jira: x, measure: count, guard: {confirm: " + "9" * 5_000 + ", max: 1e999999999}}}",
        "key_results: {A: {jira: x, within: {" + "9" * 50_000 + "d: created}, measure: {p" + "9" * 50_000 + ": F}}}",
        "key_results: {A: {jira: x, measure: count, pause: {why: x, until: " + "9" * 50_000 + "-01-01}}}",
        "\ufeff\ufeff\0" * 10_000,
        "\t" * 100_000 + "key_results:",
        "- " * 50_000,
        "? " * 20_000,
        "key_results: " + "!" * 100_000 + " x",
        "key_results: {A: {jira: x, measure: count, " + "k" * 100_000 + ": 1}}",
        '"' + "\\" * 200_001,
        "# " + "x" * 1_000_000 + "\nkey_results: 3",
    ],
    ids=["nested", "long", "2,000 mistakes", "open variables", "variables", "aliases", "brackets", "bomb",
         "chain of merges", "itself", "scale", "confirm", "days", "until", "marks", "tabs", "lists", "keys", "tags",
         "key", "backslashes", "comment"],
)  # fmt: skip
def test_large_mistakes_are_told_in_time(text):
    started = time.process_time()
    problems = resolve({"m.yaml": text}, GRAMMARS)[1]
    check_problems(problems, text)
    told = parse_config(text, "config.yaml")[1]
    check_problems(told, text)
    assert time.process_time() - started < 3 * most_seconds
    assert told
    assert (
        problems or "created" in text or "${cycle" in text or text.startswith(("metrics", "key_results: {A: {jira: xx"))
    )


@given(st.integers(0, 30), st.sampled_from(["# a remark\n", "\n", "---\n", "  \n# ä\n"]), damaged_bytes())
@settings(max_examples=100, deadline=most_seconds * 1000)
def test_a_problem_stays_the_same_one_when_its_line_moves(count, line, data):
    """Remarks and empty lines above it, also a document's beginning once, change its place and nothing else."""
    text = data.decode("utf-8", "replace").replace("---", "").replace("...", "").replace("%", "").removeprefix("\ufeff")
    above = line if line.startswith("---") else line * count
    before, after = (resolve({"m.yaml": each}, GRAMMARS)[1] for each in (text, above + text))
    assert [problem.identity for problem in before] == [problem.identity for problem in after]
    lines = above.count("\n")
    moved = [(problem.place.line + lines, problem.place.column) for problem in before]
    assert moved == [(problem.place.line, problem.place.column) for problem in after]


def test_the_config_s_problems_too():
    text = CONFIG.replace("timezone:", "timezoen:", 1)
    before, after = (parse_config(each, "config.yaml")[1] for each in (text, "# a remark\n\n" + text))
    assert [problem.identity for problem in before] == [problem.identity for problem in after]
    assert [problem.place.line + 2 for problem in before] == [problem.place.line for problem in after]
    assert before


def test_a_file_of_a_folder_that_is_no_text_hides_no_other_s_problems(tmp_path):
    (tmp_path / "config.yaml").write_text(
        "sheet: {workbook: x.xlsx}\nmappings: m\n"
        "sources: {jira: {kind: jira, url: 'https://a.example', email: a@b.example, token: env:T}}\n"
    )
    (tmp_path / "m").mkdir()
    (tmp_path / "m/bad.yaml").write_bytes(b"key_results:\n  \xff: 3\n")
    (tmp_path / "m/good.yaml").write_text("key_results: {A: {jira: x = 1, measure: cuont}}\n")
    found = check_files(tmp_path / "config.yaml")
    told = [(str(problem.place).split("  ")[0], problem.code) for problem in found.errors]
    assert told == [("m/bad.yaml:2:3", "config.file"), ("m/good.yaml:1:41", "mapping.measure")]
