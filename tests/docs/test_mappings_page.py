"""docs/mappings.md: every example loads, by the real grammars, and every word of the mapping layer is named."""

import re
from datetime import UTC, datetime

import pytest

from connectors.airtable_grammar import AirtableGrammar
from connectors.file_grammar import FileGrammar
from connectors.github_grammar import GithubGrammar
from connectors.google_sheet_grammar import GoogleSheetGrammar
from connectors.http_grammar import HttpGrammar
from connectors.jira_grammar import JiraGrammar
from connectors.prometheus_grammar import PrometheusGrammar
from connectors.registry import BUILT_IN, load_factory
from connectors.singer_grammar import SingerGrammar
from connectors.sql_grammar import SqlGrammar
from mappings.evaluate import expand, render_source
from mappings.forms import Common, GuardForm, PauseForm, QueryEntry
from mappings.mapping import FormulaOver, OneMetric, StepsOf
from mappings.measure import BARE, SHARES, WITH_FIELD
from mappings.resolve import resolve
from mappings.variables import CYCLE as CYCLE_NAMES
from mappings.variables import KEY_RESULT, KPI
from mappings.window import CALENDAR_PERIODS, LAST_PERIODS
from tests.docs.pages import ROOT, blocks, read, rows, section
from tests.unit.okr_rows import CYCLE, key_result

GRAMMARS = {
    "jira": JiraGrammar(),
    "crm": AirtableGrammar(),
    "surveys": AirtableGrammar(),
    "numbers": GoogleSheetGrammar(),
    "github": GithubGrammar(),
    "prometheus": PrometheusGrammar(),
    "db": SqlGrammar(),
    "desk": HttpGrammar(),
    "sales": FileGrammar(),
    "shop": SingerGrammar(),
}
PAGE = read("docs/mappings.md")
EXAMPLES = [*blocks(PAGE, "yaml"), *blocks(read("README.md"), "yaml")]


def load(text):
    return resolve({"page.yaml": text}, GRAMMARS)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_loads_without_a_problem(text):
    mappings, problems = load(text)
    assert problems == ()
    assert mappings.key_results or mappings.kpis
    assert mappings.broken == mappings.broken_kpis == {}


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_with_a_mistake_would_be_found(text):
    _, problems = load(text.replace("measure:", "mesure:").replace("metric:", "mtric:").replace("formula:", "frmula:"))
    assert problems


def measures_used():
    """The names of all measures in the page's examples."""
    for text in EXAMPLES:
        mappings, _ = load(text)
        for mapping in (*mappings.key_results.values(), *mappings.kpis.values()):
            for draft in mapping.drafts:
                measure = draft.node.value("measure")
                yield from [measure.text] if measure and measure.text else measure.entries if measure else ()


def test_every_measure_has_an_example_and_is_named():
    known = BARE | WITH_FIELD | SHARES | {"p85"}
    assert known <= set(measures_used())
    named = [row[0] for row in rows(section(PAGE, "Measures: records become a number"))]
    assert [
        word for word in sorted(known) if not any(f"`{word}`" in cell or f"{{{word}:" in cell for cell in named)
    ] == []


def test_every_way_to_read_has_an_example():
    ways = {type(mapping.reads) for text in EXAMPLES for mapping in load(text)[0].key_results.values()}
    assert ways == {OneMetric, FormulaOver, StepsOf}
    assert any(load(text)[0].kpis for text in EXAMPLES)


@pytest.mark.parametrize("kind", sorted(BUILT_IN))
def test_every_kind_of_source_is_named_with_its_keys(kind):
    told = section(PAGE, kind)
    for key in load_factory(kind).grammar.form().model_fields:
        assert f"| `{key}` |" in told
    assert kind in read("README.md").lower()


def test_every_option_variable_and_period_is_named():
    options = {*QueryEntry.model_fields, *Common.model_fields, *PauseForm.model_fields}
    assert [name for name in sorted(options) if f"{name}:" not in PAGE] == []
    assert [name for name in GuardForm.model_fields if f"`{name}" not in section(PAGE, "Guards, pauses, notes")] == []
    assert [name for name in (*CYCLE_NAMES, *KEY_RESULT, *KPI, "date") if f"`${{{name}}}`" not in PAGE] == []
    periods = section(PAGE, "within: which days count")
    assert [
        name
        for name in ("cycle", *CALENDAR_PERIODS, *LAST_PERIODS, "28d", "4w", "3m", "1y")
        if f"`{{{name}: F}}`" not in periods
    ] == []


def test_a_value_cannot_break_out_of_a_query():
    """The page's promise of the owner called O'Neil" OR 1."""
    mappings, _ = load("key_results: {A: {jira: 'assignee = ${kr.owner}', measure: count}}")
    owner = """O'Neil" OR 1"""
    bound = expand(
        mappings.key_results["A"], key_result("A", owner=owner), CYCLE, datetime(2026, 11, 22, tzinfo=UTC), UTC
    )
    assert render_source(bound) == r"""jira: assignee = "O'Neil\" OR 1" → count"""


def test_every_code_of_the_live_check_stands_in_the_table_and_no_other():
    names = [*(ROOT / "sync" / "care").glob("live*.py"), *(ROOT / "mappings").glob("suits*.py")]
    files = [path.read_text(encoding="utf-8") for path in names]
    used = {code for text in files for code in re.findall(r'"live\.([a-z-]+)"', text)}
    used |= {kind for text in files for kind in re.findall(r'_warn\((?:draft|reads|reads\.draft), "([a-z-]+)"', text)}
    listed = {
        row[0].strip("`").removeprefix("live.") for row in rows(section(PAGE, "Does it fit what the source has today?"))
    }
    assert listed == used


def test_every_line_of_an_explanation_is_told():
    text = "".join(read(f"sync/tell/explain_{part}.py") for part in ("source", "score"))
    labels = set(re.findall(r'yield "([a-z ]+)", ', text)) - {" "}
    told = " ".join(row[0] for row in rows(section(PAGE, "Where does a number come from?")))
    assert [label for label in sorted(labels) if label not in told] == []
