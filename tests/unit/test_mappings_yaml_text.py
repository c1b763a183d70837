"""YAML as text with places; whatever is wrong is said in our words, and nothing ever raises."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import mappings.yaml_text
from mappings.form import make_plain
from mappings.node import NodeKind, Tree, place_within
from mappings.problem_text import render_problem
from mappings.yaml_text import parse_yaml
from okr.problem import Problem, TextPlace
from tests.unit.mapping_grammar import GRAMMARS, resolve_one

VALID = """\
# A comment
metrics:
  labelled: {jira: 'project = ${project} AND labels = q4', measure: percent_done}
  won: &won {crm: {table: Deals, where: {Stage: [Won, "Lo\\u0073t"]}}, within: {cycle: Closed}, measure: count}
key_results:
  WEB-1.1: {metric: labelled, with: {project: WEB}}
  WEB-1.2:
    jira: >-
      project = WEB
      AND x = 1
    measure: {sum: Größe 😀}
    guard: {min: 0, max_change: 20%}
  GRO-1.3: {formula: "100 * won / won"}
  OPS-1.1: {steps: {Site chosen: {jira: 'key = OPS-9'}, Cut over: {jira: 'x', weight: 3}}}
kpis:
  K-1: *won
"""


def tree(text: str) -> Tree:
    parsed = parse_yaml(text, "m.yaml")
    assert isinstance(parsed, Tree), parsed
    return parsed


def problems(text: str) -> tuple[Problem, ...]:
    parsed = parse_yaml(text, "m.yaml")
    return parsed.problems if isinstance(parsed, Tree) else parsed


def test_scalars_stay_text():
    parsed = tree("a: yes\nb: 1e3\nc: 2024-01-01\nd: '07'\ne: 0x10\nf: no\ng: 1_000")
    assert make_plain(parsed.root) == {
        "a": "yes", "b": "1e3", "c": "2024-01-01", "d": "07", "e": "0x10", "f": "no", "g": "1_000",
    }  # fmt: skip


def test_nothing_is_not_text():
    parsed = tree("a:\nb: ~\nc: null\nd: ''\ne: 'null'")
    assert make_plain(parsed.root) == {"a": None, "b": None, "c": None, "d": "", "e": "null"}
    assert tree("").root.kind is NodeKind.NOTHING
    assert tree("# only a comment\n").root.kind is NodeKind.NOTHING


def test_places_of_keys_and_values():
    root = tree("key_results:\n  WEB-1.1: {jira: 'x = 1', measure: count}\n").root
    entry = root.entries["key_results"].value.entries["WEB-1.1"]
    assert entry.key.place == TextPlace("m.yaml", 2, 3, "key_results.WEB-1.1", 7)
    jira = entry.value.entries["jira"]
    assert jira.value.place == TextPlace("m.yaml", 2, 19, "key_results.WEB-1.1.jira", 7)
    assert entry.value.entries["measure"].value.place.column == 37
    assert jira.value.line_text == "  WEB-1.1: {jira: 'x = 1', measure: count}"


def test_places_after_wide_characters_and_in_lists():
    root = tree("a: [x, 'ü😀', yy]\n").root
    third = root.entries["a"].value.items[2]
    assert (third.column, third.path, third.length) == (14, "a[2]", 2)


@pytest.mark.parametrize(
    ("text", "offset", "line", "column"),
    [
        ("a: abc def", 4, 1, 8),
        ("a: 'abc def'", 4, 1, 9),
        ("a: 'it''s def'", 5, 1, 11),
        ('a: "x\\ty def"', 4, 1, 10),
        ("a: |\n  first\n  def\n", 6, 2 + 1, 3),
        ("a: >-\n  first\n  def\n", 6, 3, 3),
        ("a: def one\n  def two", 8, 2, 3),
    ],
)
def test_a_place_within_a_text(text, offset, line, column):
    node = tree(text).root.entries["a"].value
    assert node.text[offset : offset + 3] == "def"
    place = place_within(node, offset, 3)
    assert (place.line, place.column, place.length) == (line, column, 3)


def test_a_key_written_twice_names_both_lines():
    parsed = tree("a: 1\nb: 2\na: 3\n")
    assert make_plain(parsed.root) == {"a": "1", "b": "2"}
    (problem,) = parsed.problems
    assert problem.code == "yaml.duplicate-key"
    assert problem.place == TextPlace("m.yaml", 3, 1, "a", 1)
    assert "line 1" in problem.message


def test_aliases_and_merge_keys():
    parsed = tree("base: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}\nboth:\n  <<: [{y: 4}, *b]\nsame: *b\n")
    assert parsed.problems == ()
    plain = make_plain(parsed.root)
    assert plain["mine"] == {"x": "1", "y": "3"}
    assert plain["both"] == {"x": "1", "y": "4"}
    assert plain["same"] == plain["base"]
    assert parsed.root.entries["same"].value.entries["x"].value.path == "same.x"


def test_a_quoted_merge_key_is_a_key():
    assert make_plain(tree("'<<': 1").root) == {"<<": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)),
        "a: &a {k: 1}\n" + "".join(f"m{n}: &m{n} {{<<: [{', '.join(['*a'] * 300)}]}}\n" for n in range(300)),
        "[" * 200_000,
        "{a: " * 50_000,
        "- " * 50_000 + "x",
        "a: &a [*a]",
        "a: &a {<<: *a}",
        "".join(f"a{n}: &a{n} {{x: *a{n - 1}}}\n" if n else "a0: &a0 {x: 1}\n" for n in range(100)),
    ],
    ids=["laughs", "merges", "brackets", "braces", "dashes", "circle", "merge-circle", "tower"],
)
@pytest.mark.timeout(20)
def test_bombs_are_refused(text):
    (problem, *_) = problems(text)
    if "*a]" in text[:12] or "*a}" in text[:16]:
        assert "contains itself" in problem.message
    assert problem.code in ("yaml.too-deep", "yaml.too-many-aliases", "yaml.circle")
    assert problem.place.line >= 1


@pytest.mark.parametrize(
    ("text", "said", "line", "column"),
    [
        ("k: {x: ${p}}", "text that holds { has to stand in quotes", 1, 9),
        ('jira: "Found in" = Production', "text goes on after its closing quote", 1, 18),
        ("jira: project = WEB: x", "a second “: ”", 1, 20),
        ("a:\n  b: 'x\n", "never closed", 2, 6),
        ("a:\n\tb: 1", "a tab stands here", 2, 1),
        ("a:\n  b: 1\n \tc: 1", "a tab stands here", 3, 2),
        ("a: @x", "can't begin with @", 1, 4),
        ("a: `x`", "can't begin with `", 1, 4),
        ("a: %x", "can't begin with %", 1, 4),
        ("a: *x", "marked &x", 1, 4),
        ("a: [1\nb: 2", "never closed", 1, 4),
        ("a: {b: 1}}", "closes nothing", 1, 10),
        ("a:\n  b: 1\n c: 2", "doesn't line up", 3, 2),
        ("a: 1\n b: 2", "doesn't fit under the line above", 2, 3),
        ("a: 1\nb\n", "no “key: value”", 2, 1),
        ("a: 1\n---\nb: 2", "one YAML document", 2, 1),
        ("a: {{x}}", "a key has to be text", 1, 5),
        ("a: !!python/object:os.system x", "tags are not used", 1, 4),
        ("a: !!int 5", "tags are not used", 1, 4),
        ('a: "\\q"', "backslash begins an escape", 1, 5),
        ("key: - a", "middle of a line", 1, 6),
        ("a: \x07", "U+0007", 1, 4),
        ("ok: 1\nb: \ud800", "U+D800", 2, 4),
        ("größe: 漢\nb: ä \x0b", "U+000B", 2, 6),
        ("größe: 漢\rb: ä \x0b", "U+000B", 2, 6),
        ("a: 1\n- b", "doesn't line up", 2, 1),
        ("a: &", "& and *", 1, 5),
        ("%YAML 3.0\n---\na", "no YAML", 1, 1),
        ("a: 1\n<<: 5", "takes in another map", 2, 5),
    ],
)
def test_parser_errors_in_our_words(text, said, line, column):
    (problem, *_) = problems(text)
    assert said in problem.message
    assert (problem.place.line, problem.place.column) == (line, column)
    assert problem.fix


@pytest.mark.parametrize("text", ["a: @x", "a: [1", "a:\n  b: 1\n c: 2", 'a: "x" y', "a: b: c", "a: 'x"])
def test_the_slow_parser_says_the_same(text, monkeypatch):
    fast = problems(text)
    monkeypatch.setattr(mappings.yaml_text, "_LOADER", yaml.BaseLoader)
    assert [problem.message for problem in problems(text)] == [problem.message for problem in fast]


def test_a_byte_order_mark_and_windows_line_ends():
    parsed = tree("\ufeffa: 1\r\nb: x\r\n")
    assert make_plain(parsed.root) == {"a": "1", "b": "x"}
    assert parsed.root.entries["b"].value.line_text == "b: x"


def test_the_valid_file_is_valid():
    assert resolve_one(VALID.replace("within: {cycle: Closed}", "within: {28d: Closed}"))[1] == ()


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(VALID)),
        st.integers(0, 6),
        st.text(alphabet="{}[]:,'\"|>-&*!%@`# \t\n\\$<.aW0é😀\x00\u2028", max_size=4) | st.just("<<: *won"),
    ),
    min_size=1,
    max_size=5,
)


def damage(edits) -> str:
    text = VALID
    for start, length, inserted in edits:
        text = text[:start] + inserted + text[start + length :]
    return text


@given(EDITS)
def test_any_damaged_file_gives_placed_problems_never_a_traceback(edits):
    text = damage(edits)
    mappings_found, found = resolve_one(text)
    for problem in found:
        assert isinstance(problem.place, TextPlace)
        assert 1 <= problem.place.line <= text.count("\n") + text.count("\u2028") + text.count("\x85") + 2
        assert problem.place.column >= 1
        assert render_problem(problem).startswith("m.yaml:")
    if not found:
        assert mappings_found.unread == ()


@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_problems(text):
    parsed = parse_yaml(text, "m.yaml")
    assert isinstance(parsed, Tree) or parsed


def test_grammars_of_the_tests_are_what_they_say():
    assert set(GRAMMARS) == {"jira", "crm"}
