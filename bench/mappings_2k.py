"""How long 2,000 mappings in 40 files take to be loaded and checked: what an admin waits for after each change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from sync.care.lint import check_files

SECONDS = 1.0
"""What is promised, of CPU."""

FILES, EACH = 40, 50
ROUNDS = 3
_CONFIG = """\
sheet: {workbook: okrs.xlsx}
sources:
  jira: {kind: jira, url: https://acme.atlassian.net, email: okr@acme.example, token: env:JIRA_TOKEN}
  crm: {kind: airtable, base: appAAAAAAAAAAAAAA, token: env:AIRTABLE_TOKEN}
mappings: mappings
"""
_METRICS = """\
metrics:
  labelled_{n}: {{jira: 'project = ${{project}} AND labels = q4', measure: percent_done}}
  won_{n}: {{crm: {{table: Deals, where: {{Stage: Won}}}}, within: {{cycle: Closed}}, measure: count}}
  created_{n}: {{crm: {{table: Deals}}, within: {{cycle: Created}}, measure: count}}
key_results:
"""
_KINDS = (
    "{{metric: labelled_{n}, with: {{project: WEB}}}}",
    "{{jira: 'project = WEB AND labels = l{i}', measure: {{percent_done: Story Points}}, missing: 1}}",
    (
        "\n    jira: 'project = WEB AND type = Bug AND \"Found in\" = Production'\n    within: {{28d: created}}\n"
        "    measure: count\n    guard: {{max_change: 20 %, zero: doubt, confirm: 3}}\n    note: Counted by the team"
    ),
    (
        "{{crm: {{table: Deals, where: {{Stage: [Won, Lost], Owner: '${{kr.owner}}'}}}}, within: {{cycle: Closed}}, "
        "measure: {{sum: Amount EUR}}, scale: 0.001}}"
    ),
    '{{formula: "100 * won_{n} / created_{n}"}}',
)


def make_files() -> dict[str, str]:
    """The mapping files by name: metrics of their own, and key results of five kinds."""
    return {f"team_{number:02}.yaml": _make_file(number) for number in range(FILES)}


def _make_file(number: int) -> str:
    rows = (f"  T{number}-{row}.1: {_KINDS[row % len(_KINDS)].format(n=number, i=row)}\n" for row in range(EACH))
    return _METRICS.format(n=number) + "".join(rows)


def measure_mappings() -> float:
    """Seconds of CPU for ``okr-sync check`` of all files, without Python's start; the best of some rounds."""
    with TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        _write(Path(folder), {"config.yaml": _CONFIG})
        (Path(folder) / "mappings").mkdir()
        _write(Path(folder) / "mappings", make_files())
        return min(_time(config) for _ in range(ROUNDS))


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _time(config: Path) -> float:
    started = time.process_time()
    found = check_files(config)
    assert found.project is not None
    assert len(found.project.mappings.key_results) == FILES * EACH, found.problems[:1]
    return time.process_time() - started


def render_mappings(seconds: float) -> str:
    """The cost beside what is promised."""
    verdict = "kept" if seconds <= SECONDS else "MISSED"
    what = f"Check of {FILES * EACH:,} mappings in {FILES} files"
    return f"{what}: {seconds:.2f} s of CPU (promised: {SECONDS:.0f}): {verdict}"
