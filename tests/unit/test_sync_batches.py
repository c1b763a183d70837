import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Gap, GapKind
from okr.problem import Problem, TextPlace
from sync.batches import make_batches, row_bytes, view_grids
from sync.heads import guard_ids, make_epoch, next_heartbeat
from sync.plan import make_plan
from sync.plan_task import PlanRules
from sync.problem_life import PROBLEMS_KEPT, render_identity
from sync.put_back import make_put_back_batch
from sync.run_rows import RunStamp
from sync.sheet.columns import HISTORY_COLUMNS, RUN_COLUMNS
from sync.sheet.layout import MERGED, Field, Tab
from sync.sheet.ledger import LedgerError, OpenProblem
from sync.sheet.ledger_text import parse_entry, parse_head
from sync.sheet.snapshot import SheetNames, make_snapshot
from sync.sheet.store import Drawing
from sync.sheet.store_error import LayoutError
from tests.support.memory_store import MemoryStore, MemoryTab
from tests.unit.sync_plans import asked_of
from tests.unit.sync_sheets import (
    CYCLES,
    HEAD,
    HEARTBEAT,
    NOW,
    Q4,
    TODAY,
    cell,
    entry_of,
    kpi_row,
    kr,
    ledger_tab,
    objective_row,
    raw_sheet,
    row_key,
    snapshot_of,
)

D = Decimal
KR, KPI, OBJECTIVE = Tab.KEY_RESULTS, Tab.KPIS, Tab.OBJECTIVES
RULES = PlanRules(cycles=frozenset({Q4.name}))
STAMP = RunStamp("20261122-093000-beef", NOW, NOW + timedelta(seconds=5), remark="1 moved")
SHEET = {KR: [kr("A"), kr("B")], OBJECTIVE: [objective_row()], KPI: [kpi_row(healthy_from=1)]}


def plan_of(rows=SHEET, asked=None, rules=RULES, *, problems=(), now=NOW, **rest):
    return make_plan(snapshot_of(rows, **rest), asked or asked_of(A=5, B=2, K=2), rules, now, problems)


def batches_of(plan, *, drawings=(), limit=None, told=frozenset(), stamp=STAMP):
    return make_batches(plan, stamp, drawings, limit, told)


def raw_after(rows=SHEET, asked=None, rules=RULES, **rest):
    """The sheet as a run left it: its cells, ledger and head."""
    raw = raw_sheet(rows, **rest)
    store = MemoryStore(sheet_id=raw.sheet_id)
    for tab in raw.tabs:
        grid = {
            (row, at): each
            for row, cells in enumerate(tab.cells)
            for at, each in enumerate(cells)
            if each != cell(None)
        }
        store.tabs.append(MemoryTab(tab.tab_id, tab.title, tab.hidden, grid))
    plan = make_plan(snapshot_from(raw), asked or asked_of(A=5, B=2, K=2), rules, NOW, ())
    for batch in batches_of(plan):
        store.apply_batch(batch)
    return store.fetch_sheet([tab.title for tab in store.tabs])


def snapshot_from(raw):
    return make_snapshot(raw, SheetNames(), CYCLES, (Q4.name,))


def quiet_plan(rules=RULES, *, asked=None, now=NOW, problems=()):
    return make_plan(snapshot_from(raw_after()), asked or asked_of(A=5, B=2, K=2), rules, now, problems)


# Quiet runs


def test_a_quiet_run_is_one_heartbeat_without_a_guard():
    plan = quiet_plan()
    assert plan.is_quiet
    (batch,) = batches_of(plan, drawings=[(50, Drawing((), ()))])
    assert batch.heartbeat == NOW
    assert (batch.guard, batch.head, batch.changes, batch.ledger, batch.appends, batch.drawings) == (
        None, None, (), (), (), (),
    )  # fmt: skip


def test_a_quiet_run_that_asked_nobody_writes_nothing():
    plan = quiet_plan(replace(RULES, confirms=False), asked=asked_of(A=None, B=None, K=None))
    assert plan.is_quiet
    assert batches_of(plan) == ()


def test_a_new_problem_or_a_moved_column_is_not_quiet():
    assert not quiet_plan(problems=[Problem("x", "new")]).is_quiet
    raw = raw_after()
    tabs = [
        replace(tab, cells=((*tab.cells[0], cell("Ours")), *tab.cells[1:])) if tab.title == "Key Results" else tab
        for tab in raw.tabs
    ]
    plan = make_plan(snapshot_from(replace(raw, tabs=tuple(tabs))), asked_of(A=5, B=2, K=2), RULES, NOW, ())
    assert not plan.is_quiet
    assert plan.rows == ()


# The heartbeat


@pytest.mark.parametrize(
    ("confirms", "heard", "known", "moment"),
    [
        (True, None, HEARTBEAT, NOW),
        (True, NOW + timedelta(minutes=3), HEARTBEAT, NOW + timedelta(minutes=3)),
        (False, None, HEARTBEAT, HEARTBEAT),  # nobody was asked, or only for some rows
        (True, None, NOW + timedelta(minutes=1), NOW + timedelta(minutes=1)),  # another run has asked later
        (True, None, NOW + timedelta(days=2), NOW),  # a clock was wrong
        (False, None, None, NOW),
    ],
)
def test_the_heartbeat_is_when_all_was_confirmed(confirms, heard, known, moment):
    plan = plan_of(rules=replace(RULES, confirms=confirms), ledger=ledger_tab(heartbeat=known))
    stamp = replace(STAMP, heard=heard)
    assert next_heartbeat(plan, stamp) == moment
    assert {batch.heartbeat for batch in batches_of(plan, stamp=stamp)} == {moment}


# Guards


@given(epoch=st.text(max_size=8), revision=st.integers(0, 10**6))
def test_guard_ids_are_what_google_takes(epoch, revision):
    epoch = epoch.encode("utf-8", "replace").decode()
    ids = guard_ids(epoch, revision)
    assert len(ids) == len(MERGED)
    assert all(0 <= number < 2**31 for number in ids)
    assert ids == guard_ids(epoch, revision)


@given(
    epochs=st.sets(st.text("0123456789abcdef", min_size=1, max_size=16), min_size=1, max_size=4),
    first=st.integers(0, 10**6),
)
def test_no_two_guards_share_an_id(epochs, first):
    found = [number for epoch in epochs for at in range(20) for number in guard_ids(epoch, first + at)]
    assert len(set(found)) == len(found)


def test_the_hash_is_of_epoch_revision_and_number():
    text = hashlib.sha256(b"abc:8:1").digest()[:4]
    assert guard_ids("abc", 8)[0] == int.from_bytes(text, "big") & 0x7FFFFFFF


@pytest.mark.parametrize("guard", [(901, 902, 903), (), (901,)])
def test_a_batch_swaps_the_guards_that_are_there(guard):
    (batch,) = batches_of(plan_of(guard=guard))
    assert batch.guard.old == guard
    assert batch.guard.new == guard_ids(HEAD.epoch, HEAD.revision + 1)
    assert parse_head(batch.head).revision == HEAD.revision + 1


def test_a_copied_sheet_gets_an_epoch_of_its_own():
    plan = plan_of(sheet_id="copy")
    (batch,) = batches_of(plan)
    head = parse_head(batch.head)
    assert head.sheet_id == "copy"
    assert head.epoch not in ("", HEAD.epoch)
    assert batch.guard.new == guard_ids(head.epoch, head.revision)
    assert set(batch.guard.new).isdisjoint(guard_ids(HEAD.epoch, HEAD.revision + 1))
    assert make_epoch(HEAD, "copy").epoch != make_epoch(HEAD, "another copy").epoch
    assert make_epoch(HEAD, HEAD.sheet_id) == HEAD
    assert make_epoch(replace(HEAD, sheet_id=""), "sheet-1") == HEAD  # the first write


# The head


def test_the_last_batch_says_what_the_next_run_has_to_know():
    problem = Problem("mapping.bad", "bad", subject="A")
    (batch,) = batches_of(plan_of(problems=[problem], ledger=ledger_tab(head=replace(HEAD, refreshed=None))))
    head = parse_head(batch.head)
    assert (head.run, head.refreshed) == (STAMP.run, TODAY)
    assert head.problems == {render_identity(problem): OpenProblem(TODAY, "bad")}
    assert head.columns["Key Results"]["kr_id"] == (0, "KR ID")
    assert head.tabs["Key Results"] == 3


def test_a_run_for_some_rows_is_no_refresh():
    before = TODAY - timedelta(days=1)
    rules = replace(RULES, only=frozenset({"A"}), confirms=False)
    (batch,) = batches_of(plan_of(rules=rules, ledger=ledger_tab(head=replace(HEAD, refreshed=before))))
    assert parse_head(batch.head).refreshed == before


def test_a_thousand_problems_fit_into_one_cell():
    """Google refuses a cell above 50,000 characters, Excel above 32,767."""
    problems = [
        Problem(
            f"mapping.unknown-field-{at % 7}",
            "The field Umsatz gewichtet isn't there. " * 4,
            TextPlace("mappings/sales-in-a-long-name.yaml", at, 3, f"key_results.SALES-{at}.metric.where.Stage"),
            subject=f"SALES-{at}",
        )
        for at in range(PROBLEMS_KEPT + 500)
    ]
    plan = plan_of(problems=problems)
    (batch,) = batches_of(plan)
    assert len(batch.head) < 32_000
    assert len(parse_head(batch.head).problems) == PROBLEMS_KEPT


def test_the_same_problems_are_not_new_in_the_next_run():
    problems = [Problem("mapping.bad", "bad", subject=f"A{at}") for at in range(3)]
    (batch,) = batches_of(plan_of(problems=problems))
    later = plan_of(
        problems=[*problems, Problem("mapping.bad", "bad", subject="B")], ledger=ledger_tab(head=batch.head)
    )
    assert [problem.subject for problem in later.new_problems] == ["B"]


def test_a_run_that_asks_nobody_keeps_the_sources_problems():
    names = ("source.unavailable|jira|", "config.secret|crm|", "12345678")
    kept = {name: OpenProblem(TODAY - timedelta(days=2), name) for name in names}
    plan = plan_of(rules=replace(RULES, confirms=False), ledger=ledger_tab(head=replace(HEAD, problems=kept)))
    assert plan.life.open == {name: kept[name] for name in names[:2]}
    assert plan.life.over == (kept["12345678"],)
    asked = plan_of(ledger=ledger_tab(head=replace(HEAD, problems=kept))).life
    assert (asked.open, len(asked.over)) == ({}, 3)


# Splitting


MANY = {KR: [kr(f"A{at}") for at in range(9)], OBJECTIVE: [objective_row()]}
READ = {f"A{at}": at for at in range(9)}


def test_without_a_limit_there_is_one_batch():
    plan = plan_of(MANY, asked_of(**READ))
    (batch,) = batches_of(plan)
    assert {line.key for line in batch.ledger} == {str(row.key) for row in plan.rows}


@pytest.mark.parametrize("rows_each", [1, 3, 4])
def test_a_large_plan_goes_out_in_whole_rows_under_revisions_of_their_own(rows_each):
    plan = plan_of(MANY, asked_of(**READ))
    limit = rows_each * max(row_bytes(row) for row in plan.rows)
    drawing = (50, Drawing((), ()))
    batches = batches_of(plan, limit=limit, drawings=[drawing])
    assert len(batches) > 1
    heads = [parse_head(batch.head) for batch in batches]
    assert [head.revision for head in heads] == [HEAD.revision + 1 + at for at in range(len(batches))]
    olds = [batch.guard.old for batch in batches]
    assert olds == [(901, 902, 903), *(batch.guard.new for batch in batches[:-1])]
    assert [batch.guard.new for batch in batches] == [guard_ids(HEAD.epoch, head.revision) for head in heads]
    for batch in batches:
        told = {line.key.split("|")[2] for line in batch.ledger}
        written = {write.row_id for change in batch.changes for write in change.cells}
        assert written <= told  # a row's cells go with its memory
        size = sum(row_bytes(row) for row in plan.rows if row.key.id in told)
        assert size <= limit
    lines = [line for batch in batches for line in batch.ledger]
    assert len({line.row for line in lines}) == len(lines) == len(plan.rows)
    assert [bool(batch.drawings) for batch in batches] == [False] * (len(batches) - 1) + [True]
    runs = plan.snapshot.runs.tab_id
    assert [any(append.tab_id == runs for append in batch.appends) for batch in batches] == [False] * (
        len(batches) - 1
    ) + [True]
    assert all(head.problems == HEAD.problems and head.columns == {} for head in heads[:-1])
    assert heads[-1].columns


def test_a_row_above_the_limit_is_a_batch_of_its_own():
    plan = plan_of(MANY, asked_of(**READ))
    assert len(batches_of(plan, limit=1)) == len(plan.rows)


def test_only_problems_moved_is_one_batch_with_a_head():
    plan = quiet_plan(problems=[Problem("x", "new")])
    (batch,) = batches_of(plan)
    assert batch.changes == batch.ledger == ()
    assert batch.guard is not None
    assert parse_head(batch.head).problems


# Cells and ledger lines


def test_cells_say_where_they_are_and_what_the_store_has_to_check():
    (batch,) = batches_of(plan_of())
    assert [change.tab for change in batch.changes] == [KR, OBJECTIVE, KPI]
    change = batch.changes[0]
    assert (change.tab_id, change.id_column, change.header_row) == (3, 0, 0)
    assert change.used[0] == 3
    assert change.used[1] > max(write.column for write in change.cells)
    assert {write.row_id for write in change.cells} == {"A", "B"}
    assert all(write.field is not None for write in change.cells)


def test_a_line_is_written_where_it_stands_and_new_ones_after_the_last():
    ledger = ledger_tab({row_key("gone"): entry_of(), row_key("B"): entry_of(score=D(0))})
    (batch,) = batches_of(plan_of(ledger=ledger))
    rows = {line.key.split("|")[2]: line.row for line in batch.ledger}
    assert rows["B"] == 2
    assert sorted(row for own_id, row in rows.items() if own_id != "B") == [3, 4, 5]


# History and Runs


def history_of(batch, title="History 2026-Q4", plan=None):
    tab_id = next(tab.tab_id for tab in plan.snapshot.raw.tabs if tab.title == title)
    return [row for append in batch.appends if append.tab_id == tab_id for row in append.rows]


def test_history_has_a_row_for_each_significant_change():
    plan = plan_of({KR: [kr("A", current=1)]}, asked_of(A=5), ledger=ledger_tab({row_key("A"): entry_of(current=D(1))}))
    (batch,) = batches_of(plan)
    rows = history_of(batch, plan=plan)
    assert all(len(row) == len(HISTORY_COLUMNS) for row in rows)
    named = {column.field: at for at, column in enumerate(HISTORY_COLUMNS)}
    (current,) = [row for row in rows if row[named[Field.CHANGED]] == "Current"]
    assert current[:8] == ("2026-11-22 09:30", STAMP.run, "Key Results", "2026-Q4", "A", "Current", D(1), D(5))
    assert current[named[Field.REASON]]
    assert {row[named[Field.CHANGED]] for row in rows} == {"Current", "Score", "Status"}


def test_what_only_time_moved_is_no_history():
    plan = quiet_plan(now=NOW + timedelta(days=1))
    assert plan.refreshes
    (batch,) = batches_of(plan)
    assert batch.changes
    assert history_of(batch, plan=plan) == []


def test_history_that_was_told_by_an_attempt_before_is_not_told_again():
    plan = plan_of({KR: [kr("A")]}, asked_of(A=5))
    (batch,) = batches_of(plan)
    told = frozenset(history_of(batch, plan=plan))
    assert told
    (again,) = batches_of(plan, told=told)
    assert history_of(again, plan=plan) == []
    assert again.changes == batch.changes


def test_a_kpis_history_stands_with_the_first_open_cycle():
    plan = plan_of({KPI: [kpi_row(healthy_from=1)]}, asked_of(K=2))
    (batch,) = batches_of(plan)
    assert {row[2] for row in history_of(batch, plan=plan)} == {"KPIs"}


@pytest.mark.parametrize("rows", [{KR: [kr("A")]}, {KPI: [kpi_row(healthy_from=1)]}])
def test_without_its_history_tab_nothing_is_written(rows):
    plan = plan_of(rows, asked_of(A=5, K=2), without=(Tab.HISTORY,))
    with pytest.raises(LayoutError, match="no tab “History") as error:
        batches_of(plan)
    assert "okr-sync layout" in error.value.fix


def test_runs_has_one_row_a_run_with_its_counts():
    gap = Gap(GapKind.UNAVAILABLE, "down", source="jira")
    plan = plan_of({KR: [kr("A"), kr("B")]}, asked_of(A=5, B=gap), problems=[Problem("x", "y")])
    (batch,) = batches_of(plan)
    (row,) = history_of(batch, "Runs", plan)
    assert len(row) == len(RUN_COLUMNS)
    said = dict(zip((column.field for column in RUN_COLUMNS), row, strict=True))
    assert (said[Field.RUN], said[Field.RESULT], said[Field.REMARK]) == (STAMP.run, "ok", "1 moved")
    assert said[Field.MOVED] == len(plan.moved)
    assert (said[Field.GAPS], said[Field.PROBLEMS], said[Field.HELD]) == (D(1), D(len(plan.problems)), D(0))
    assert (row[1], row[2]) == ("2026-11-22 09:30:00", "2026-11-22 09:30:05")


def test_a_sheet_without_runs_is_written_all_the_same():
    (batch,) = batches_of(plan_of(without=(Tab.RUNS,)))
    assert batch.changes


# Putting back


def test_what_is_put_back_is_forgotten_under_the_next_revision():
    before = entry_of(current=D(1), score=D("0.1"))
    plan = plan_of({KR: [kr("A", current=1, score=D("0.1"))]}, asked_of(A=5), ledger=ledger_tab({row_key("A"): before}))
    (batch,) = batches_of(plan)
    change = batch.changes[0]
    write = next(write for write in change.cells if write.field is Field.CURRENT)
    restored = {change.tab_id: (replace(write, value=D(77)),)}
    back = make_put_back_batch(plan, batch, restored, view_grids(plan.snapshot))
    head = parse_head(back.head)
    assert head.revision == parse_head(batch.head).revision + 1
    assert back.guard.old == batch.guard.new
    assert back.guard.new == guard_ids(head.epoch, head.revision)
    assert [each.cells for each in back.changes] == [restored[change.tab_id]]
    assert back.appends == ()
    (line,) = back.ledger
    assert line.row == next(each.row for each in batch.ledger if each.key == line.key)
    entry = parse_entry(line.text)
    assert entry.bases[Field.CURRENT] == D(1)  # as before the write
    assert entry.bases[Field.SCORE] == D("0.5")  # that cell stands as it was written


def test_a_new_rows_cell_that_is_put_back_was_never_written():
    plan = plan_of({KR: [kr("A"), kr("B")]}, asked_of(A=5, B=2))
    (batch,) = batches_of(plan)
    change = batch.changes[0]
    write = next(write for write in change.cells if write.field is Field.CURRENT and write.row_id == "A")
    back = make_put_back_batch(plan, batch, {change.tab_id: (replace(write, value=None),)}, {})
    (line,) = back.ledger
    assert line.key == str(row_key("A"))
    assert Field.CURRENT not in parse_entry(line.text).bases
    assert Field.SCORE in parse_entry(line.text).bases


def test_a_damaged_line_can_be_put_back_too():
    plan = plan_of({KR: [kr("A")]}, asked_of(A=5), ledger=ledger_tab({row_key("A"): "{damaged"}))
    (batch,) = batches_of(plan)
    change = batch.changes[0]
    back = make_put_back_batch(plan, batch, {change.tab_id: change.cells}, {})
    (line,) = back.ledger
    assert Field.CURRENT not in parse_entry(line.text).bases


def test_a_workbooks_batch_names_the_content_that_was_read():
    snapshot = snapshot_of({KR: [kr("A")]})
    snapshot = replace(snapshot, raw=replace(snapshot.raw, revision="hash"))
    plan = make_plan(snapshot, asked_of(A=5), RULES, NOW, ())
    assert {batch.sheet_revision for batch in batches_of(plan)} == {"hash"}


def test_the_head_is_plain_json_that_a_newer_engine_can_refuse():
    (batch,) = batches_of(plan_of())
    parts = json.loads(batch.head)
    with pytest.raises(LedgerError):
        parse_head(json.dumps(parts | {"v": parts["v"] + 1}))
