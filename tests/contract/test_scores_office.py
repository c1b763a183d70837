"""Scores, paces, statuses and roll-ups, worked out once more by a spreadsheet with formulas of its own."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl
import pytest

from okr.model import Commitment, Cycle, Key, KeyResult, Kind, Level, Objective, Okrs, ScoringRules, Standing
from okr.number import render_bar, render_score
from okr.scorecard import make_scorecard
from tests.support.office import save_in_libreoffice
from tests.support.tools import needs

pytestmark = [pytest.mark.slow, needs("soffice")]

CYCLE = Cycle("2026-Q4", date(2026, 10, 1), date(2026, 12, 31))
TODAY = date(2026, 11, 22)
COUNT = 400
HALF = Decimal("0.00005")
"""Half of the last place of a score: what rounding to four places may change."""

SCORE = (
    '=IF(F{r}="","",IF(A{r}="Yes/No",IF((F{r}>=1)=(C{r}>=1),1,0),'
    'IF(A{r}="At least",IF(F{r}>=C{r},1,IF(B{r}="",0,IF(B{r}>=C{r},0,MAX(0,(F{r}-B{r})/(C{r}-B{r}))))),'
    'IF(A{r}="At most",IF(F{r}<=C{r},1,IF(B{r}="",0,IF(B{r}<=C{r},0,MAX(0,(B{r}-F{r})/(B{r}-C{r}))))),'
    'IF(A{r}="Between",IF(AND(F{r}>=C{r},F{r}<=D{r}),1,'
    'IF(OR(B{r}="",AND(B{r}>=C{r},B{r}<=D{r})),0,'
    "MAX(0,1-IF(F{r}<C{r},C{r}-F{r},F{r}-D{r})/IF(B{r}<C{r},C{r}-B{r},B{r}-D{r})))),"
    "MAX(0,MIN(1,(F{r}-B{r})/(C{r}-B{r}))))))))"
)
AIM = '=IF(G{r}="Aspirational",0.7,1)'
PACE = (
    '=IF(F{r}="","",IF(DATE(2026,11,22)<H{r},0,'
    'IF(AND(OR(A{r}="At least",A{r}="At most",A{r}="Between"),OR(B{r}="",'
    'AND(A{r}="At least",B{r}>=C{r}),AND(A{r}="At most",B{r}<=C{r}),AND(A{r}="Between",B{r}>=C{r},B{r}<=D{r}))),L{r},'
    "MIN(1,(DATE(2026,11,22)-H{r}+1)/(I{r}-H{r}+1))*L{r})))"
)
STATUS = (
    '=IF(F{r}="",IF(DATE(2026,11,22)<H{r},"Not started","No data"),IF(DATE(2026,11,22)<H{r},"Not started",'
    'IF(DATE(2026,11,22)>I{r},IF(K{r}>=L{r},"Achieved","Missed"),'
    "IF(K{r}>=IF(DATE(2026,11,22)=I{r},L{r},1),"
    'IF(OR(A{r}="At least",A{r}="At most",A{r}="Between",AND(A{r}="Yes/No",C{r}=0)),"On track","Achieved"),'
    'IF(K{r}>=0.9*M{r},"On track",IF(OR(K{r}>=0.7*M{r},(DATE(2026,11,22)-H{r}+1)/(I{r}-H{r}+1)<=0.1),'
    '"At risk","Off track"))))))'
)
ROLLUP = (
    '=IF(SUMIFS(Rows!E:E,Rows!J:J,A{r},Rows!F:F,"<>")=0,"",'
    'SUMPRODUCT((Rows!J$2:J${last}=A{r})*(Rows!F$2:F${last}<>"")*Rows!E$2:E${last}*N(+Rows!N$2:N${last}))'
    '/SUMIFS(Rows!E:E,Rows!J:J,A{r},Rows!F:F,"<>"))'
)


def draw(random: Random, number: int) -> tuple[KeyResult, Standing]:
    kind = random.choice([kind for kind in Kind if kind is not Kind.MILESTONES])
    one, two, three, value = (Decimal(random.randrange(-5000, 5000)) / random.choice((1, 10, 100)) for _ in range(4))
    low, high = sorted((two, three))
    target = {Kind.BOOLEAN: Decimal(random.randrange(2)), Kind.BETWEEN: low}.get(kind, two)
    baseline: Decimal | None = one if one != two else one + 1
    if kind in (Kind.AT_LEAST, Kind.AT_MOST, Kind.BETWEEN) and random.random() < 0.3:
        baseline = None
    if random.random() < 0.5 and baseline is not None and kind is not Kind.BOOLEAN:
        value = baseline + (target - baseline) * random.randrange(-2, 13) / 10
    if kind is Kind.BOOLEAN:
        baseline, value = None, Decimal(random.randrange(2))
    start = CYCLE.start + timedelta(days=random.randrange(60)) if random.random() < 0.3 else None
    due = TODAY + timedelta(days=random.randrange(-2, 39)) if random.random() < 0.3 else None
    row = KeyResult(
        Key(CYCLE.name, f"K{number}"),
        f"Key result {number}",
        objective=f"T{random.randrange(20)}",
        kind=kind,
        baseline=baseline,
        target=target,
        target_to=high if kind is Kind.BETWEEN else None,
        weight=Decimal(random.randrange(1, 6)),
        commitment=random.choice(list(Commitment)),
        start=start,
        due=due if due is None or start is None or due >= start else None,
    )
    return row, Standing(value if random.random() < 0.9 else None)


def write_workbook(path: Path, drawn: list[tuple[KeyResult, Standing]], objectives: list[Objective]) -> None:
    book = openpyxl.Workbook()
    rows = book.active
    assert rows is not None
    rows.title = "Rows"
    rows.append([*"ABCDEFGHIJ", "score", "aim", "pace", "number", "status"])
    for r, (kr, standing) in enumerate(drawn, 2):
        rows.append(
            [
                kr.kind.value,
                kr.baseline,
                kr.target,
                kr.target_to,
                kr.weight,
                standing.value,
                kr.commitment.value,
                kr.start or CYCLE.start,
                kr.due or CYCLE.end,
                kr.objective,
                SCORE.format(r=r),
                AIM.format(r=r),
                PACE.format(r=r),
                f'=IF(K{r}="",0,K{r})',
                STATUS.format(r=r),
            ]
        )
    tops = book.create_sheet("Objectives")
    tops.append(["id", "parent", "weight", "score"])
    for r, item in enumerate(objectives, 2):
        tops.append([item.key.id, item.parent, item.weight, ROLLUP.format(r=r, last=len(drawn) + 1)])
    last = len(objectives) + 1
    tops["F1"] = "company"
    tops["F2"] = (
        f'=SUMPRODUCT((B2:B{last}="C")*(D2:D{last}<>"")*C2:C{last}*N(+D2:D{last}))/SUMIFS(C2:C{last},D2:D{last},"<>")'
    )
    book.save(path)


def test_what_we_write_in_words_is_what_the_cell_beside_it_shows(tmp_path: Path) -> None:
    """Every score there is, as the format of its cell shows it."""
    scores = [Decimal(number) / 10_000 for number in range(-500, 10_501)]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for r, score in enumerate(scores, 1):
        sheet.append([score, f'=TEXT(A{r},"0.00")'])
    path = tmp_path / "shown.xlsx"
    book.save(path)
    save_in_libreoffice(path, tmp_path)
    shown = openpyxl.load_workbook(path, data_only=True).active
    assert shown is not None
    for score, (_, text) in zip(scores, shown.iter_rows(values_only=True), strict=True):
        assert render_score(score) == str(text).replace("-0.00", "0.00"), score
        assert int(render_bar(score).split()[1]) == Decimal(str(text)) * 100, score


def test_a_spreadsheet_of_its_own_comes_to_the_same_numbers(tmp_path: Path) -> None:
    random = Random(20261122)
    drawn = [draw(random, number) for number in range(COUNT)]
    teams = [
        Objective(Key(CYCLE.name, f"T{n}"), f"Team {n}", parent="C", weight=Decimal(random.randrange(1, 4)))
        for n in range(20)
    ]
    company = Objective(Key(CYCLE.name, "C"), "Company", level=Level.COMPANY)
    path = tmp_path / "scores.xlsx"
    write_workbook(path, drawn, teams)
    save_in_libreoffice(path, tmp_path)
    okrs = Okrs({CYCLE.name: CYCLE}, (company, *teams), tuple(kr for kr, _ in drawn))
    card = make_scorecard(okrs, {kr.key: standing for kr, standing in drawn}, ScoringRules(), TODAY)

    book = openpyxl.load_workbook(path, data_only=True)
    rows, tops = book["Rows"], book["Objectives"]
    statuses: set[str] = set()
    for r, (kr, _) in enumerate(drawn, 2):
        result = card.key_results[kr.key]
        score, pace, status = (rows.cell(r, column).value for column in (11, 13, 15))
        assert result.status.value == status, (kr, result)
        statuses.add(str(status))
        if result.score is None or result.pace is None:
            assert score in (None, "")
            continue
        assert abs(result.score - Decimal(str(score))) <= HALF + Decimal("1E-12"), kr
        assert abs(result.pace - Decimal(str(pace))) <= HALF + Decimal("1E-12"), kr
    assert statuses == {"No data", "Not started", "On track", "At risk", "Off track", "Achieved", "Missed"}
    for r, item in enumerate(teams, 2):
        found = card.objectives[item.key].score
        assert found is not None
        assert abs(found - Decimal(str(tops.cell(r, 4).value))) <= 2 * HALF, item
    total = card.objectives[company.key].score
    assert total is not None
    assert abs(total - Decimal(str(tops["F2"].value))) <= 3 * HALF
