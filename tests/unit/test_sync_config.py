from datetime import date
from decimal import Decimal

import pytest

from mappings.guard import DEFAULT_GUARD, Guard
from okr.model import Cycle
from sync.config import parse_config
from sync.config_values import parse_span
from sync.hold_rules import HoldRules
from sync.sheet.layout import Field, Tab

D = Decimal
LEAST = "sheet: {workbook: okrs.xlsx}\nsources: {}\nmappings: mappings.yaml\n"


def config_of(more="", base=LEAST):
    config, problems = parse_config(base + more, "config.yaml")
    assert config is not None, problems
    return config


def test_the_least_config_and_its_defaults():
    config = config_of()
    assert (config.file, config.timezone, config.mappings) == ("config.yaml", "UTC", "mappings.yaml")
    assert (config.sheet.workbook, config.sheet.google, config.sheet.credentials) == ("okrs.xlsx", None, None)
    assert (config.sheet.takeover, config.sheet.heartbeat, config.sheet.refresh) == (False, True, "daily")
    assert (config.stale_days, config.budget, config.source_budget, config.partial_exit) == (3, 900, 300, "new")
    assert (config.calendar.year_starts, config.calendar.cycles, config.sources) == (1, (), {})
    assert (config.scoring.cap, config.scoring.aspirational_at, config.scoring.settle_days) == (D(1), D("0.7"), 0)
    assert (config.scoring.status.name, config.scoring.objective_status) == ("pace_ratio", "weakest")


def test_holds_last_for_ever_by_default_and_are_counted_in_days():
    assert config_of().holds == HoldRules(expire=None, warn=7, remind=None)
    found = config_of("holds: {expire: 4w, warn: 36h, remind: 2h}\n").holds
    assert found == HoldRules(expire=28, warn=1, remind=1)


FULL = """\
version: 1
calendar:
  timezone: Europe/Berlin
  year_starts: April
  cycles:
    Spring: {start: 2026-03-01, end: 2026-05-31, closed: yes}
sheet:
  google: https://docs.google.com/spreadsheets/d/1AbC-_9/edit#gid=0
  credentials: file:key.json
  tabs: {Key Results: Ergebnisse}
  columns: {Key Results: {KR ID: Nr, Current: Ist}}
  takeover: yes
  heartbeat: no
  refresh: weekly
sources:
  jira: {kind: jira, url: 'https://acme.example'}
mappings: mappings
scoring: {cap: 1.2, aspirational_at: 0.6, settle_days: 5}
status: {rule: pace_gap, on_track: 0.1, at_risk: 0.3, grace: 0.2}
objectives: {status: score}
freshness: {stale_after: 1w}
run: {budget: 90s, source_budget: 1min, partial_exit: any}
"""


def test_a_full_config():
    config = config_of(base=FULL)
    assert config.calendar.year_starts == 4
    assert config.calendar.cycles == (Cycle("Spring", date(2026, 3, 1), date(2026, 5, 31), closed=True),)
    assert (config.sheet.google, config.sheet.credentials) == ("1AbC-_9", "file:key.json")
    assert config.sheet.names.title(Tab.KEY_RESULTS) == "Ergebnisse"
    assert config.sheet.names.columns == {Tab.KEY_RESULTS: {Field.KR_ID: "Nr", Field.CURRENT: "Ist"}}
    assert (config.sheet.takeover, config.sheet.heartbeat, config.sheet.refresh) == (True, False, "weekly")
    assert (config.sources["jira"].kind, config.sources["jira"].name) == ("jira", "jira")
    assert config.sources["jira"].options.value("url").text == "https://acme.example"
    assert (config.scoring.cap, config.scoring.aspirational_at, config.scoring.settle_days) == (D("1.2"), D("0.6"), 5)
    status = config.scoring.status
    assert (status.name, status.on_track, status.at_risk, status.grace) == ("pace_gap", D("0.1"), D("0.3"), D("0.2"))
    assert config.scoring.objective_status == "score"
    assert (config.stale_days, config.budget, config.source_budget, config.partial_exit) == (7, 90, 60, "any")


def test_a_preset_is_a_whole_rule():
    status = config_of("status: {preset: oboard}\n").scoring.status
    assert (status.preset, status.name, status.on_track, status.grace) == ("oboard", "pace_ratio", D("0.7"), D(0))


def test_a_spreadsheets_id_may_stand_alone():
    config = config_of(base=FULL.replace("https://docs.google.com/spreadsheets/d/1AbC-_9/edit#gid=0", "1AbC-_9"))
    assert config.sheet.google == "1AbC-_9"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10min", 600), ("10 min", 600), ("2h", 7200), ("3d", 259200), (" 1w ", 604800)]
)
def test_spans(text, seconds):
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "min", "10 minutes", "1.5h", "-3d", "1h 30min", "3D"])
def test_no_spans(text):
    with pytest.raises(ValueError, match="a number and a unit"):
        parse_span(text)


@pytest.mark.parametrize(("span", "days"), [("2h", 1), ("1d", 1), ("36h", 1), ("3d", 3), ("2w", 14)])
def test_freshness_is_in_whole_days_and_one_at_least(span, days):
    assert config_of(f"freshness: {{stale_after: {span}}}\n").stale_days == days


@pytest.mark.parametrize(
    ("text", "month"), [("January", 1), ("apr", 4), ("SEPTEMBER", 9), ("Sep", 9), ("' oct '", 10), ("december", 12)]
)
def test_months(text, month):
    assert config_of(f"calendar: {{year_starts: {text}}}\n").calendar.year_starts == month


def of_sheet(text):
    return f"sheet:\n  {text}\nsources: {{}}\nmappings: m.yaml\n"


MISTAKES = [
    ("scorring: {cap: 1}\n", "config.yaml:4:1", "“scorring”", "did you mean “scoring”?"),
    ("run: {budgett: 1h}\n", "config.yaml:4:7", "“budgett”", "did you mean “budget”?"),
    ("calendar: {timezone: Europe/Berlino}\n", "config.yaml:4:22", "Europe/Berlin or UTC", None),
    ("calendar: {timezone: ../etc/passwd}\n", "config.yaml:4:22", "Europe/Berlin or UTC", None),
    ("run: {budget: 10 minutes}\n", "config.yaml:4:15", "10min, 2h or 3d", None),
    ("run: {source_budget: 0s}\n", "config.yaml:4:22", "more than nothing", None),
    ("freshness: {stale_after: soon}\n", "config.yaml:4:26", "10min, 2h or 3d", None),
    ("calendar: {year_starts: Apl}\n", "config.yaml:4:25", "month's name", None),
    ("calendar: {year_starts: 4}\n", "config.yaml:4:25", "month's name", None),
    ("calendar:\n  cycles:\n    Q: {start: 2026-05-01, end: 2026-04-01}\n", "config.yaml:6:8", "after start", None),
    ("calendar:\n  cycles:\n    Q: {start: 2026-05-01, end: 2026-05-01}\n", "config.yaml:6:8", "after start", None),
    ("calendar:\n  cycles:\n    Q: {start: soon, end: 2026-05-01}\n", "config.yaml:6:16", "soon", None),
    ("scoring: {cap: 0.5}\n", "config.yaml:4:16", "at least 1", None),
    ("scoring: {settle_days: -1}\n", "config.yaml:4:24", "at least 0", None),
    ("status: {rule: best}\n", "config.yaml:4:16", "pace_ratio", None),
    ("status: {on_track: 0.5}\n", "config.yaml:4:9", "on_track must lie above at_risk", "Swap"),
    ("status: {rule: pace_gap}\n", "config.yaml:4:9", "on_track must lie below at_risk", "pace_gap"),
    ("status: {preset: obord}\n", "config.yaml:4:18", "no preset is called “obord”", "Did you mean oboard?"),
    ("status: {preset: perdoo}\n", "config.yaml:4:18", "the thresholds are not", "on_track and at_risk"),
    ("status: {preset: viva, grace: 0.2}\n", "config.yaml:4:9", "a preset is a whole rule", None),
    ("objectives: {status: best}\n", "config.yaml:4:22", "weakest", None),
    ("run: {partial_exit: always}\n", "config.yaml:4:21", "never", None),
    ("version: 2\n", "config.yaml:4:10", "of version 2; this okr-sync knows versions up to 1", None),
    ("sources: {}\n", "config.yaml:4:1", "written twice", "Keep one"),
    ("run: {budget: 1h\n", "config.yaml:4:6", "never closed", "Close it"),
]
SHEETS = [
    ("{}", "config.yaml:2:3", "google:"),
    ("{workbook: a.xlsx, google: abc, credentials: 'env:X'}", "config.yaml:2:3", "either google:"),
    ("{google: abc}", "config.yaml:2:3", "needs credentials"),
    ("{google: abc, credentials: '{\"private_key\": 1}'}", "config.yaml:2:30", "where the key is"),
    ("{workbook: a.xlsx, tabs: {Goals: Ziele}}", "config.yaml:2:28", "“Goals” is no tab"),
    ("{workbook: a.xlsx, tabs: {_okr_sync: Memory}}", "config.yaml:2:28", "no tab of ours"),
    ("{workbook: a.xlsx, tabs: {Objectives: OKRs, Key Results: OKRs}}", "config.yaml:2:28", "another tab has that"),
    ("{workbook: a.xlsx, tabs: {Objectives: Key Results}}", "config.yaml:2:28", "another tab has that title"),
    ("{workbook: a.xlsx, columns: {Goals: {KR ID: Nr}}}", "config.yaml:2:31", "“Goals” is no tab"),
    ("{workbook: a.xlsx, columns: {Key Results: {Nr: KR ID}}}", "config.yaml:2:31", "no column “Nr”"),
    ("{workbook: a.xlsx, columns: {Key Results: {Target: ''}}}", "config.yaml:2:31", "can't do without Target"),
    ("{workbook: a.xlsx, columns: {Key Results: {Status: ' '}}}", "config.yaml:2:31", "can't do without Status"),
    ("{workbook: a.xlsx, refresh: hourly}", "config.yaml:2:31", "daily"),
    ("{workbook: a.xlsx, takeover: perhaps}", "config.yaml:2:32", "perhaps"),
]


@pytest.mark.parametrize(("more", "place", "message", "fix"), MISTAKES)
def test_mistakes_are_told_with_their_place(more, place, message, fix):
    config, problems = parse_config(LEAST + more, "config.yaml")
    assert config is None
    (problem,) = problems
    assert f"{problem.place.file}:{problem.place.line}:{problem.place.column}" == place
    assert message in problem.message
    assert fix is None or fix in problem.fix


@pytest.mark.parametrize(("text", "place", "message"), SHEETS)
def test_mistakes_about_the_sheet(text, place, message):
    config, problems = parse_config(of_sheet(text), "config.yaml")
    assert config is None
    (problem,) = problems
    assert f"{problem.place.file}:{problem.place.line}:{problem.place.column}" == place
    assert message in problem.message


def test_a_key_that_was_written_for_its_reference_is_not_repeated():
    _, problems = parse_config(of_sheet("{google: abc, credentials: 'secret-key-material'}"), "config.yaml")
    assert all("secret-key-material" not in f"{problem.message} {problem.fix}" for problem in problems)


def test_tabs_may_swap_their_titles():
    config = config_of(base=of_sheet("{workbook: a.xlsx, tabs: {Objectives: Key Results, Key Results: Objectives}}"))
    assert config.sheet.names.title(Tab.OBJECTIVES) == "Key Results"


def test_every_mistake_is_told_at_once():
    text = "sheet: {}\nsources: {a: {}}\nmappings: m.yaml\nrun: {budget: x}\nscoring: {cap: 0}\nnonsense: 1\n"
    config, problems = parse_config(text, "config.yaml")
    assert config is None
    assert {problem.place.line for problem in problems} == {1, 2, 4, 5, 6}


@pytest.mark.parametrize(
    ("text", "keys"), [("", ["sheet", "sources", "mappings"]), ("sources: {}\nmappings: m.yaml\n", ["sheet"])]
)
def test_what_is_missing_is_named(text, keys):
    config, problems = parse_config(text, "config.yaml")
    assert config is None
    assert [problem.fix for problem in problems] == [f"Add “{key}: …”." for key in keys]


def test_a_source_needs_its_kind():
    _, (problem,) = parse_config(LEAST.replace("{}", "{x: {url: y}}"), "config.yaml")
    assert (problem.place.line, problem.fix) == (2, "Add “kind: …”.")


@pytest.mark.parametrize(
    ("more", "limits"),
    [
        ("", (None, D("0.2"), D("0.2"))),
        ("guards: {moved: 50%, vanished: any, doubtful: 5 %}", (D("0.5"), None, D("0.05"))),
    ],
)
def test_guards_of_the_plan(more, limits):
    guards = config_of(more).guards
    assert (guards.moved, guards.vanished, guards.doubtful) == limits


@pytest.mark.parametrize(
    ("zero", "guard"),
    [
        ("3d", DEFAULT_GUARD),
        ("1d", Guard(zero=True, zero_confirm=1)),
        ("believe", Guard()),
        ("doubt", Guard(zero=True)),
    ],
)
def test_what_is_made_of_a_sudden_zero(zero, guard):
    assert config_of(f"guards: {{zero: {zero}}}").guards.reading == guard


@pytest.mark.parametrize("wrong", ["moved: 200%", "vanished: half", "zero: 0d", "zero: 3"])
def test_guards_that_can_not_be_read(wrong):
    config, problems = parse_config(f"{LEAST}guards: {{{wrong}}}", "config.yaml")
    assert config is None
    assert problems[0].place is not None
