"""One odd answer of a source costs its own row the reading, and never the run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Gap, GapKind, Outcome, Reading, Sample
from sync.engine import Engine
from sync.gate import gate_outcome, gate_sources
from sync.prepare import prepare_sheet
from sync.row_plan import Change
from sync.run import RunWishes, apply_run
from sync.run_rows import history_row
from sync.sheet.columns import COLUMNS
from sync.sheet.layout import Field, Tab
from sync.sheet.ledger import RowKey
from sync.sheet.merge import Verdict
from sync.sheet.plain import clean_line, clean_text
from tests.support import fake_source
from tests.support.fake_source import World, make_engine, make_mapping_text
from tests.support.memory_store import MemoryStore

NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
ODD = "red \x1b[31m\x0b\x00 \ud800 end\r\nnext"
KR = Tab.KEY_RESULTS.value
AT = {column.field: at for at, column in enumerate(COLUMNS[Tab.KEY_RESULTS])}


def read(number: str, **more: object) -> Reading:
    return Reading(Decimal(number), NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("1E+400", "1E+400"),
        ("-1000000000000001", "-1.00000E+15"),
    ],
)
def test_a_number_that_can_t_be_right_is_a_gap(number: str, said: str) -> None:
    gap = gate_outcome(read(number), "crm")
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.source) == (GapKind.MISREAD, "crm")
    assert gap.reason == f"the source gave a number that can't be right: {said}"


def test_so_is_a_step_s() -> None:
    assert isinstance(gate_outcome(read("1", steps={"Cut over": Decimal("NaN")}), "crm"), Gap)


@pytest.mark.parametrize(
    ("number", "kept"),
    [("1E+15", "1E+15"), ("1E-12", "1E-12"), ("-1E-13", "0"), ("1E-400", "0"), ("0", "0"), ("-42.5", "-42.5")],
)
def test_other_numbers_pass_and_almost_nothing_is_nothing(number: str, kept: str) -> None:
    found = gate_outcome(read(number), "crm")
    assert isinstance(found, Reading)
    assert str(found.value) == kept


def test_texts_of_a_source_are_cleaned_and_cut() -> None:
    found = gate_outcome(
        read(
            "1",
            numerator=Decimal("NaN"),
            detail=ODD + "x" * 60_000,
            notes=(ODD,),
            samples=(Sample(ODD, ODD, None),),
            steps={ODD: Decimal(1)},
        ),
        "crm",
    )
    assert isinstance(found, Reading)
    clean = "red  [31m   \ufffd end next"
    assert found.detail.startswith(clean)
    assert len(found.detail) == 300
    assert (found.notes, found.samples) == ((clean,), (Sample(clean, clean, None),))
    assert (dict(found.steps), found.numerator) == ({clean: Decimal(1)}, None)


def test_reasons_and_sources_are_cleaned_and_cut() -> None:
    gap = gate_outcome(Gap(GapKind.MISREAD, ODD * 100, ODD * 100), None)
    assert isinstance(gap, Gap)
    assert len(gap.reason) == len(gap.fix or "") == 300
    key = RowKey(Tab.KEY_RESULTS, "2026-Q4", "A")
    assert len(gate_sources({key: ODD * 1000})[key]) == 500


@given(st.text(st.characters(), max_size=50))
def test_cleaned_text_can_be_encoded_and_cleaning_again_changes_nothing(text: str) -> None:
    clean = clean_text(text, 40)
    assert len(clean) <= 40
    clean.encode()
    assert clean_text(clean, 40) == clean
    assert "\n" not in clean_line(text, 40)


def test_plain_text_stays_as_it_is() -> None:
    assert clean_text("Größe: 5\u00a0€\n\t🙂", 40) == "Größe: 5\u00a0€\n\t🙂"


def test_history_takes_people_s_text_cleaned_and_cut() -> None:
    key = RowKey(Tab.KEY_RESULTS, "2026-Q4", "A\x00")
    change = Change(key, "A", Field.STATUS, "\ud800" + "x" * 40_000, Decimal(1), Verdict.CHANGE, "why")
    row = history_row(change, NOW, "run")
    assert row[4] == "A "
    assert isinstance(row[6], str)
    assert (row[6][:2], len(row[6]), row[7]) == ("\ufffdx", 2_000, 1)


# Whole runs


class Odd:
    """A sheet with two key results: A's source says odd things, B's never does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.says: Outcome | None = None
        self.world = World(now=NOW, numbers={"a": Decimal(1), "b": Decimal(1)})
        self.store = MemoryStore()
        self.engine: Engine = self.make("A: {desk: {number: a}, measure: count}")
        plain = fake_source.NumberDesk.answer

        def answer(desk: fake_source.NumberDesk, metric: object) -> Outcome | None:
            is_odd = str(metric.query.body) == "a" and self.says is not None  # type: ignore[attr-defined]
            return self.says if is_odd else plain(desk, metric)  # type: ignore[arg-type]

        monkeypatch.setattr(fake_source.NumberDesk, "answer", answer)
        prepare_sheet(self.engine)
        for row, id_ in enumerate("AB", start=1):
            for field, value in ((Field.KR_ID, id_), (Field.KEY_RESULT, id_), (Field.TARGET, Decimal(10))):
                self.store.type(KR, row, AT[field], value)

    def make(self, line: str) -> Engine:
        text = make_mapping_text({"B": "b"}) + f"  {line}\n"
        return make_engine(self.world, self.store, text, more="calendar: {timezone: Europe/Berlin}")

    def cells(self, row: int) -> tuple[object, ...]:
        return tuple(self.store.cell(KR, row, AT[name]).value for name in (Field.CURRENT, Field.STATUS, Field.WHY))


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Odd:
    return Odd(monkeypatch)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "1E+400", "-1E+17"])
def test_an_odd_number_costs_its_row_the_reading_and_nothing_else(odd: Odd, number: str) -> None:
    odd.says = read("3")
    apply_run(odd.engine, RunWishes())
    odd.says, odd.world.numbers["b"] = read(number), Decimal(2)
    report = apply_run(odd.engine, RunWishes())
    current, _, why = odd.cells(1)
    assert current == 3, "the last good value stays"
    assert "can't be right" in str(why)
    assert odd.cells(2)[0] == 2
    assert [problem.code for problem in report.plan.problems] == ["source.misread"]
    assert apply_run(odd.engine, RunWishes()).plan.is_quiet


def test_a_number_that_is_almost_nothing_is_no_hold(odd: Odd) -> None:
    odd.says = read("1E-400")
    apply_run(odd.engine, RunWishes())
    assert odd.cells(1)[0] == 0
    assert apply_run(odd.engine, RunWishes()).plan.is_quiet


def test_a_scale_may_bring_a_number_into_range(odd: Odd) -> None:
    odd.says = read("2E+18")
    odd.engine = odd.make("A: {desk: {number: a}, measure: count, scale: 0.000000000000000001}")
    apply_run(odd.engine, RunWishes())
    assert odd.cells(1)[0] == 2
    odd.engine = odd.make("A: {desk: {number: a}, measure: count, scale: 1000}")
    apply_run(odd.engine, RunWishes())
    assert odd.cells(1)[0] == 2
    assert "can't be right: 2E+21" in str(odd.cells(1)[2])


@pytest.mark.parametrize(
    "says",
    [
        read("3", detail=ODD),
        read("3", detail="x" * 60_000),
        Gap(GapKind.MISREAD, ODD),
        Gap(GapKind.MISREAD, "x" * 60_000),
    ],
)
def test_an_odd_text_breaks_no_write(odd: Odd, says: Outcome) -> None:
    odd.says = says
    apply_run(odd.engine, RunWishes())
    for tab in odd.store.tabs:
        for cell in tab.grid.values():
            str(cell.value).encode()
            assert len(str(cell.value)) < 5_000
    assert odd.cells(2)[0] == 1
    odd.world.now += timedelta(minutes=5)
    assert apply_run(odd.engine, RunWishes()).plan.is_quiet


def test_people_s_long_texts_break_no_write(odd: Odd) -> None:
    apply_run(odd.engine, RunWishes())
    odd.store.type(KR, 1, AT[Field.STATUS], "s" * 32_000)
    odd.store.type(KR, 1, AT[Field.CURRENT], "c" * 32_000)
    odd.store.type(KR, 2, AT[Field.KEY_RESULT], "n" * 32_000)
    odd.store.type(KR, 2, AT[Field.OWNER], "o" * 32_000)
    apply_run(odd.engine, RunWishes())
    theirs = {(1, AT[Field.STATUS]), (1, AT[Field.CURRENT]), (2, AT[Field.KEY_RESULT]), (2, AT[Field.OWNER])}
    for tab in odd.store.tabs:
        if "before" not in tab.title:  # the pre-image is a copy that the store itself makes
            long = {at for at, cell in tab.grid.items() if len(str(cell.value)) > 15_000}
            assert long <= (theirs if tab.title == KR else set()), tab.title
