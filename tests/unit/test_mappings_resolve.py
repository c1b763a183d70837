"""Mapping files as values: the four rules, templates, and every problem at once with its place."""

from datetime import date
from decimal import Decimal

import pytest

from mappings.guard import Guard
from mappings.mapping import FormulaOver, OneMetric, Pause, StepsOf
from mappings.measure import Measure
from mappings.model import Condition
from mappings.resolve import check_source_names, resolve
from mappings.window import Within
from tests.unit.mapping_grammar import GRAMMARS, resolve_one

DESIGN = """\
metrics:
  labelled: {jira: 'project = ${project} AND labels = q4', measure: percent_done}
  won:      {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: count}
  created:  {crm: {table: Deals}, within: {cycle: Created}, measure: count}
key_results:
  WEB-1.1: {metric: labelled, with: {project: WEB}}
  WEB-1.2: {jira: 'parent = WEB-120', measure: {percent_done: Story Points}, missing: 1}
  WEB-1.4: {jira: 'project = WEB AND "Found in" = Production', within: {cycle: created}, measure: count}
  GRO-1.1: {crm: {table: Deals, where: {Stage: Won}}, within: {cycle: Closed}, measure: {sum: Amount EUR}, scale: 0.001}
  GRO-1.2: {crm: {table: Deals}, within: {cycle: Created}, measure: {share: {Stage: Won}}}
  GRO-1.3: {formula: "100 * won / created"}
  CX-1.1:  {crm: {table: NPS}, within: {90d: Answered}, measure: {nps: Score}, guard: {min_records: 30}}
  OPS-1.1: {steps: {Site chosen: {jira: 'key = OPS-9'}, Cut over: {jira: 'key = OPS-31', weight: 3}}}
kpis:
  KPI-1: {crm: {table: Deals}, measure: count}
"""


def only(text: str):
    """The single problem of a file."""
    mappings, problems = resolve_one(text)
    assert len(problems) == 1, problems
    return mappings, problems[0]


def ready(mapping):
    assert isinstance(mapping.reads, OneMetric)
    return mapping.reads.draft.ready


def test_a_steps_measure_is_a_share_also_where_variables_are_open():
    """A count would be cut to 1 and call the step done."""
    text = "key_results: {A: {steps: {One: {jira: 'x ${kr.id}', measure: MEASURE}}}}"
    _, (problem,) = resolve_one(text.replace("MEASURE", "count"))
    assert "needs a share" in problem.message
    assert resolve_one(text.replace("MEASURE", "percent_done"))[1] == ()


def test_the_designs_example():
    mappings, problems = resolve_one(DESIGN)
    assert problems == ()
    assert mappings.broken == {}
    krs = mappings.key_results
    assert ready(krs["WEB-1.1"]).body == ("project = WEB AND labels = q4", None, None, None)
    assert ready(krs["WEB-1.2"]).missing == 1
    assert ready(krs["GRO-1.1"]).conditions == (Condition("Stage", "=", ("Won",)),)
    assert ready(krs["GRO-1.1"]).within == Within("Closed", "cycle")
    assert krs["GRO-1.1"].scale == Decimal("0.001")
    assert ready(krs["GRO-1.2"]).measure == Measure("share", of=(Condition("Stage", "=", ("Won",)),))
    assert isinstance(krs["GRO-1.3"].reads, FormulaOver)
    assert [draft.name for draft in krs["GRO-1.3"].drafts] == ["won", "created"]
    assert krs["CX-1.1"].guard == Guard(min_records=30)
    steps = krs["OPS-1.1"].reads
    assert isinstance(steps, StepsOf)
    assert [(step.name, step.weight, step.draft.measured) for step in steps.steps] == [
        ("Site chosen", None, False), ("Cut over", 3, False),
    ]  # fmt: skip
    assert mappings.kpis["KPI-1"].sources == {"crm"}
    assert (krs["WEB-1.1"].place.line, krs["WEB-1.1"].place.column) == (6, 3)


def test_options():
    text = """\
key_results:
  A-1:
    jira: x
    measure: count
    pause: {until: 2027-01-01, why: Partner programme}
    note: Ask Ann.
    guard: {min: 0, max: 90%, max_change: 20 %, zero: doubt, confirm: 3}
  A-2: {jira: x, measure: count, guard: {max_change: 500, zero: believe}}
"""
    mappings, problems = resolve({"m.yaml": text}, GRAMMARS, Guard(zero=True, confirm=2))
    assert problems == ()
    first, second = mappings.key_results["A-1"], mappings.key_results["A-2"]
    assert first.pause == Pause("Partner programme", date(2027, 1, 1))
    assert first.pause.covers(date(2026, 12, 31))
    assert not first.pause.covers(date(2027, 1, 1))
    assert first.note == "Ask Ann."
    assert first.guard == Guard(Decimal(0), Decimal("0.9"), None, Decimal("0.2"), True, None, 3)
    assert second.guard == Guard(max_change=Decimal(500), zero=False, confirm=2)


def test_equal_metrics_are_one_whatever_file_they_stand_in():
    entry = "{jira: x, within: {28d: d}, measure: count}"
    mappings, problems = resolve(
        {"a.yaml": f"key_results: {{A: {entry}}}", "b.yaml": f"key_results: {{B: {entry}}}"}, GRAMMARS
    )
    assert problems == ()
    assert ready(mappings.key_results["A"]) == ready(mappings.key_results["B"])


@pytest.mark.parametrize(
    ("entry", "code", "said", "fix", "at"),
    [
        ("{jra: x, measure: count}",
         "mapping.unknown-source", "no source is called “jra”", "did you mean “jira”?", "jra"),
        ("{zzz: x, measure: count}", "mapping.unknown-source", "“zzz”", "Known: crm, formula, jira", "zzz"),
        ("{measure: count}", "mapping.no-read", "nothing here says what to read", "Known: ", "{m"),
        ("{jira: x, crm: y, measure: count}", "mapping.two-reads", "“jira” and “crm”", "Keep one", "crm"),
        ("{jira: x, metric: won}", "mapping.two-reads", "“jira” and “metric”", "Keep one", "metric"),
        ("{jira: x}", "mapping.missing-key", "“measure” is missing", "measure: count", "{j"),
        ("{jira: x, measure: }", "mapping.measure", "no measure stands here", "measure: count", "measure"),
        ("{jira: x, measure: cuont}", "mapping.measure", "“cuont”", "did you mean “count”?", "cuont"),
        ("{jira: x, measure: count, withn: {28d: d}}",
         "mapping.unknown-key", "“withn”", "did you mean “within”?", "withn"),
        ("{jira: x, measure: count, within: {cylce: d}}",
         "mapping.within", "“cylce”", "did you mean “cycle”?", "cylce"),
        ("{jira: x, measure: count, scale: big}", "mapping.value", "expected a number, found “big”", None, "big"),
        ("{jira: x, measure: count, scale: 1e999}", "mapping.value", "too large", None, "1e999"),
        ("{jira: x, measure: count, guard: {mx: 1}}", "mapping.unknown-key", "“mx”", "did you mean “max”?", "mx"),
        ("{jira: x, measure: count, guard: {max_change: lots}}", "mapping.value", "a number", None, "lots"),
        ("{jira: x, measure: count, guard: {max_change: 1e999%}}", "mapping.value", "a percentage", None, "1e999"),
        ("{jira: x, measure: count, guard: {min: x %}}", "mapping.value", "expected a number", None, "x %"),
        ("{jra: '${cycle.start}', measure: cuont}", "mapping.unknown-source", "“jra”", None, "jra"),
        ("{steps: {One: {metric: won}}}", "mapping.steps", "needs a share", None, "won"),
        ("{jira: x, measure: count, guard: {zero: yes}}", "mapping.value", "doubt or believe", None, "yes"),
        ("{jira: x, measure: count, pause: {until: soon, why: w}}", "mapping.value", "a day as", None, "soon"),
        ("{jira: x, measure: count, pause: {until: 2027-01-01}}", "mapping.missing-key", "“why”", "Add", "pause"),
        ("{jira: [x], measure: count}", "mapping.query", "expected a query, found a list", "ask", "[x"),
        ("{jira: {aks: x}, measure: count}", "mapping.unknown-key", "“aks”", "did you mean “ask”?", "aks"),
        ("{jira: {ask: x, most: many}, measure: count}", "mapping.value", "whole number", None, "many"),
        ("{crm: {table: T, where: {A: {=>: 1}}}, measure: count}", "mapping.where", "“=>”", None, "=>"),
        ("{jira: 'a = 1 never; b', measure: count}", "mapping.query", "“;” ends nothing", "Drop it.", "; b"),
        ("{jira: 'crowd', measure: {nps: S}}", "mapping.use", "ask can't tell who promotes", None, "{nps"),
        ("{jira: x, measure: {latest: V}}", "mapping.measure", "“latest” needs “within”", "Add within", "{lat"),
        ("{jira: 'a = ${cycle.strat}', measure: count}",
         "mapping.unknown-variable", "${cycle.strat}", "“cycle.start”", "${"),
        ("{jira: 'a = ${x', measure: count}", "mapping.variable", "no variable", "$${", "${"),
        ("{metric: wno}", "mapping.unknown-metric", "no metric is named “wno”", "did you mean “won” (line 2)?", "wno"),
        ("{metric: won, measure: count}", "mapping.unknown-key", "“measure”", None, "measure"),
        ("{metric: labelled}",
         "mapping.missing-hole", "needs a value for ${project}", "with: {project: …}", "labelled"),
        ("{metric: labelled, with: {projct: W}}",
         "mapping.unknown-hole", "no hole|has a hole", "did you mean “project”?", "projct"),
        ("{metric: labelled, with: {project: [W]}}", "mapping.value", "expected text, found a list", None, "[W"),
        ("{metric: labelled, with: {project: '${nope}'}}", "mapping.unknown-variable", "${nope}", None, "${nope"),
        ("{metric: won, with: {project: W}}", "mapping.unknown-hole", "${project}", "Take it out.", "project"),
        ("{formula: '100 * wno'}", "mapping.formula", "no metric is named “wno”", "did you mean “won”?", "wno"),
        ("{formula: '1 + 1'}", "mapping.formula", "names no metric", None, "'1"),
        ("{formula: [won]}", "mapping.value", "expected text, found a list", None, "[won"),
        ("{formula: labelled}", "mapping.missing-hole", "needs a value for ${project}", "with", "labelled"),
        ("{steps: [a]}", "mapping.steps", "a map of each step's name", None, "steps"),
        ("{steps: {One: jira}}", "mapping.steps", "what the step “One” reads", None, "One"),
        ("{steps: {One: {jra: x}}}", "mapping.unknown-source", "“jra”", "did you mean “jira”?", "jra"),
        ("{steps: {One: {jira: x, weight: 0}}}", "mapping.value", "more than 0", None, "0}"),
        ("{steps: {One: {jira: x, measure: count}}}", "mapping.steps", "needs a share", "without|Without", "count"),
        ("{steps: {One: {formula: won}}}", "mapping.no-read", "“formula” can't be read here", "Add a query", "formula"),
        ("won", "mapping.entry", "found “won”", "{metric: won}", "won"),
        ("[won]", "mapping.entry", "found a list", "Write {crm", "[won"),
        ("", "mapping.entry", "found nothing", "Write {crm", "X-1"),
    ],
)  # fmt: skip
def test_a_broken_entry_says_where_and_what_to_do_and_never_stops_the_others(entry, code, said, fix, at):
    before = "metrics:\n  won: {crm: {table: Deals}, measure: count}\n"
    before += "  labelled: {jira: 'project = ${project}', measure: percent_done}\nkey_results:\n"
    line = f"  X-1: {entry}"
    mappings, problems = resolve_one(f"{before}{line}\n  GOOD-1: {{metric: won}}\n")
    (problem,) = [problem for problem in problems if problem.code == code]
    assert any(word in problem.message for word in said.split("|"))
    assert any(word in (problem.fix or "") for word in (fix or "").split("|"))
    assert (problem.place.line, problem.place.column) == (5, line.index(at) + 1)
    assert problem.line_text == line
    assert problem.subject == "X-1"
    assert len(problems) == 1
    assert set(mappings.key_results) == {"GOOD-1"}
    assert set(mappings.broken) == {"X-1"}


def test_every_problem_at_once_in_the_order_of_the_files():
    text = """\
key_results:
  A-1: {jra: x, measure: cuont, within: {cylce: d}, scale: big}
  A-2: {metric: nope}
metrcs: {}
metrics:
  bad: {jira: 'x never; y', measure: count}
"""
    _, problems = resolve({"b.yaml": text, "a.yaml": "- x"}, GRAMMARS)
    assert [(p.place.file, p.place.line) for p in problems] == [("a.yaml", 1)] + [
        ("b.yaml", n) for n in (2, 2, 2, 2, 3, 4, 6)
    ]
    assert [p.place.column for p in problems if p.place.line == 2] == [9, 26, 42, 60]


def test_duplicates_name_both_places_over_files_and_break_the_id():
    entry = "{jira: x, measure: count}"
    mappings, problems = resolve(
        {"a.yaml": f"key_results:\n  A-1: {entry}\n", "b.yaml": f"key_results:\n  A-2: {entry}\n  A-1: {entry}\n"},
        GRAMMARS,
    )
    (problem,) = problems
    assert "a.yaml, line 2" in problem.message
    assert (problem.place.file, problem.place.line) == ("b.yaml", 3)
    assert set(mappings.key_results) == {"A-2"}
    assert mappings.broken["A-1"] == (problem,)


def test_duplicates_in_one_file_break_the_id_only():
    lines = ["A-1: {jira: x, measure: count}", "A-1: {jira: y, measure: count}", "A-2: {jira: z, measure: count}"]
    text = "key_results:\n" + "".join(f"  {line}\n" for line in lines)
    mappings, problem = only(text)
    assert "line 2" in problem.message
    assert set(mappings.key_results) == {"A-2"}
    assert set(mappings.broken) == {"A-1"}


def test_a_key_written_twice_inside_an_entry_breaks_that_entry():
    mappings, _ = only("key_results:\n  A-1: {jira: x, jira: y, measure: count}\n  A-1.1: {jira: z, measure: count}\n")
    assert set(mappings.key_results) == {"A-1.1"}
    assert set(mappings.broken) == {"A-1"}


def test_a_broken_metric_gives_one_problem_and_breaks_its_users():
    text = """\
metrics: {won: {jira: x, measure: cuont}}
key_results: {A-1: {metric: won}, A-2: {formula: won * 2}, A-3: {jira: x, measure: count}}
"""
    mappings, problem = only(text)
    assert problem.place.line == 1
    assert problem.subject == "won"
    assert set(mappings.broken) == {"A-1", "A-2"}
    assert set(mappings.key_results) == {"A-3"}


@pytest.mark.parametrize(
    ("entry", "code", "column"),
    [
        ("{formula: x}", "mapping.no-read", 9),
        ("{jra: x, measure: count}", "mapping.unknown-source", 9),
        ("{jira: x, measure: count, scale: 2}", "mapping.unknown-key", 34),
        ("text", "mapping.entry", 8),
        ("", "mapping.entry", 3),
        ("{jira: 'a = ${kr.ownr}', measure: count}", "mapping.unknown-variable", 20),
        ("{jira: '${kr.owner} never; x', measure: count}", "mapping.query", 33),
    ],
)
def test_what_is_wrong_with_a_named_metric(entry, code, column):
    _, problem = only(f"metrics:\n  won: {entry}\n")
    assert (problem.code, problem.place.line, problem.place.column) == (code, 2, column)


def test_a_template_is_checked_with_the_values_of_its_users():
    text = """\
metrics: {t: {jira: 'p = 1 ${tail}', within: {'${span}': d}, measure: count}}
key_results:
  A-1: {metric: t, with: {tail: x, span: 28d}}
  A-2: {metric: t, with: {tail: x, span: 28 days}}
"""
    mappings, problem = only(text)
    assert "“28 days”" in problem.message
    assert problem.subject == "A-2"
    assert set(mappings.key_results) == {"A-1"}


def test_a_mistake_behind_a_filled_hole_is_placed_in_the_text_as_written():
    text = "metrics: {t: {jira: 'p = ${p} never; x', measure: count}}\n"
    text += "key_results: {A-1: {metric: t, with: {p: LONGER-NAME}}}\n"
    _, problem = only(text)
    assert text[problem.place.column - 1] == ";"


def test_ids_that_read_as_numbers():
    _, problem = only("key_results:\n  1.10: {jira: x, measure: count}\n")
    assert problem.code == "mapping.number-id"
    assert "'1.10'" in problem.fix
    assert resolve_one("key_results:\n  '1.10': {jira: x, measure: count}\n")[1] == ()


def test_kpis_have_no_cycle_and_no_key_result():
    text = """\
metrics: {won: {jira: x, within: {cycle: d}, measure: count}}
kpis:
  K-1: {jira: x, within: {cycle: d}, measure: count}
  K-2: {jira: 'a = ${kr.owner}', measure: count}
  K-3: {metric: won}
  K-4: {jira: 'a = ${kpi.owner}', within: {month: d}, measure: count}
"""
    mappings, problems = resolve_one(text)
    assert [problem.subject for problem in problems] == ["K-3", "K-1", "K-2"]
    assert set(mappings.kpis) == {"K-4"}
    assert set(mappings.broken_kpis) == {"K-1", "K-2", "K-3"}
    assert mappings.broken == {}


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on():
    mappings, problems = resolve(
        {"a.yaml": "key_results: {A: [", "b.yaml": "key_results: {B: {jira: x, measure: count}}", "c.yaml": ""},
        GRAMMARS,
    )
    assert mappings.unread == ("a.yaml",)
    assert set(mappings.key_results) == {"B"}
    assert [problem.place.file for problem in problems] == ["a.yaml"]


@pytest.mark.parametrize("name", ["metric", "within", "where", "steps", "kpis"])
def test_our_own_keys_name_no_source(name):
    (problem,) = check_source_names(["jira", name])
    assert name in problem.message
    assert resolve({}, {**GRAMMARS, name: GRAMMARS["jira"]})[1] == (problem,)


@pytest.mark.parametrize("text", ["", "# nothing\n", "key_results:\n", "metrics: {}\nkpis: {}\n"])
def test_nothing_is_no_problem(text):
    mappings, problems = resolve_one(text)
    assert problems == ()
    assert mappings.key_results == {}


@pytest.mark.parametrize(
    ("text", "said"), [("text", "found “text”"), ("key_results: [a]", "found a list"), ("kpi: {}", "“kpi”")]
)
def test_what_is_no_mapping_file(text, said):
    _, problem = only(text)
    assert said in problem.message


def test_aliases_and_merge_keys_serve_entries():
    text = """\
metrics:
  base: &base {jira: x, within: {cycle: d}, measure: count}
key_results:
  A-1: {<<: *base, scale: 2}
  A-2: *base
"""
    mappings, problems = resolve_one(text)
    assert problems == ()
    assert mappings.key_results["A-1"].scale == 2
    assert ready(mappings.key_results["A-1"]) == ready(mappings.key_results["A-2"])
