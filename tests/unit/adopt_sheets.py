"""Sheets of OKRs as companies keep them, each another way: what adopting has to understand.

A sheet is lines of texts between bars. "45%" is a number formatted in percent, "31.12.2026"-like text stays text,
"2026-12-31" is a day, "=…" a formula with its value after "⇒". Text in quotes stays text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from sync.sheet.cell import EMPTY, Cell
from sync.sheet.store import CellRange, RawSheet, RawTab
from sync.sheet.workbook_read import parse_range


def read_cell(text: str) -> Cell:
    """A cell as a store would read what a person typed."""
    text = text.strip()
    if not text:
        return EMPTY
    if text.startswith("="):
        formula, _, value = text.partition("⇒")
        return Cell(read_cell(value).value, value.strip(), "%" in value, formula.strip())
    if text.startswith('"'):
        return Cell(text.strip('"'), text.strip('"'))
    if text[:2] == "20" and text[4:5] == "-" and len(text) == 10:
        return Cell(date.fromisoformat(text), text)
    try:
        is_percent = text.endswith("%")
        number = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        return Cell(text, text)
    return Cell(number / 100 if is_percent else number, text, is_percent)


def make_raw_tab(title: str, text: str, *merges: str, tab_id: int = 1, hidden: bool = False) -> RawTab:
    """A tab out of lines of cells between bars; an empty line is an empty row."""
    rows = [[read_cell(cell) for cell in line.split("|")] for line in text.strip("\n").splitlines()]
    for row in rows:
        while row and row[-1] is EMPTY:
            row.pop()
    areas = tuple(map(parse_range, merges))
    return RawTab(tab_id, title, hidden, tuple(map(tuple, rows)), 1000, 26, areas)


def make_raw(*tabs: RawTab) -> RawSheet:
    """A sheet of these tabs."""
    return RawSheet("sheet", "OKRs", "file:///okrs.xlsx", tabs)


@dataclass(frozen=True)
class Company:
    """One company's sheet, and what has to be understood of it. Rows and columns as people say them."""

    tabs: tuple[RawTab, ...]
    tab: str
    header_row: int
    columns: dict[str, str]
    ids: dict[int, str]
    objectives: dict[str, str]
    ours: set[str] = field(default_factory=set)
    offers: dict[str, str] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    config_tabs: dict[str, str] = field(default_factory=dict)


COMPANIES = {
    "a title above, objectives merged down": Company(
        (
            make_raw_tab(
                "OKRs",
                """
Acme OKRs FY2026
owner of this page: Maya

Objective                | Key Result                    | Owner | Target | Actual
Delight our customers    | Raise the NPS of hospitals    | Maya  | 45     | 32
                         | Answer tickets within a day   | Ben   | 95%    | 80%
Ship a site people like  | Fewer errors in production    | Ida   | 10     | 61
""",
                "A1:E1",
                "A5:A6",
            ),
        ),
        tab="OKRs",
        header_row=4,
        columns={"key_result": "B", "owner": "C", "target": "D", "current": "E"},
        ids={5: "O-1.1", 6: "O-1.2", 7: "O-2.1"},
        objectives={"O-1": "Delight our customers", "O-2": "Ship a site people like"},
        headers={"current": "Actual", "key_result": None, "target": None, "owner": None},
        offers={"kind 7": "Decrease"},
        config_tabs={"Key Results": "OKRs"},
    ),
    "objectives as rows between, own ids in one column, a total below": Company(
        (
            make_raw_tab(
                "Q4",
                """
#     | What                             | Who   | Target | Current | Progress
O1    | Become the site people trust     |       |        |         | =AVERAGE(F3:F4)⇒0.55
KR1.1 | Fewer errors in production       | Ida   | 10     | 61      | 50%
KR1.2 | Pages load in two seconds        | Ben   | 2      | 3.4     | 60%
O2    | Grow where we are strong         |       |        |         | =AVERAGE(F6:F6)⇒0.2
KR2.1 | Won deals with hospitals         | Maya  | 60     | 12      | 20%
Total |                                  |       |        |         | =AVERAGE(F2:F6)⇒0.4
""",
            ),
        ),
        tab="Q4",
        header_row=1,
        columns={"key_result": "B", "owner": "C", "target": "D", "current": "E", "score": "F"},
        ids={3: "KR1.1", 4: "KR1.2", 6: "KR2.1"},
        objectives={"O1": "Become the site people trust", "O2": "Grow where we are strong"},
        ours={"kr_id"},
        skipped={7: "a total"},
        offers={"kind 3": "Decrease"},
        config_tabs={"Key Results": "Q4"},
    ),
    "own ids, objectives as rows, nothing else": Company(
        (
            make_raw_tab(
                "Key Results",
                """
ID  | Key Results                      | Lead  | Goal | Now
O1  | Become the site people trust     |       |      |
K1  | Fewer errors in production       | Ida   | 10   | 61
K2  | Pages load in two seconds        | Ben   | 2    | 3.4
O2  | Grow where we are strong         |       |      |
K3  | Won deals with hospitals         | Maya  | 60   | 12
""",
            ),
        ),
        tab="Key Results",
        header_row=1,
        columns={"kr_id": "A", "key_result": "B", "owner": "C", "target": "D", "current": "E"},
        ids={3: "K1", 4: "K2", 6: "K3"},
        objectives={"O1": "Become the site people trust", "O2": "Grow where we are strong"},
        offers={"kind 3": "Decrease"},
    ),
    "section rows merged across, prose only": Company(
        (
            make_raw_tab(
                "Company",
                """
Key results                              | DRI  | Status
Objective 1: Customers love us           |      |
Increase NPS from 32 to 45               | Maya | green
Reduce churn from 5% to 3%               | Ben  | amber
Objective 2: A platform that never sleeps|      |
Uptime ≥ 99.9%                           | Ida  | red
Migrate the last cluster                 | Ida  | green

All of this is confidential.
""",
                "A2:C2",
                "A5:C5",
            ),
        ),
        tab="Company",
        header_row=1,
        columns={"key_result": "A", "owner": "B"},
        ids={3: "O1.1", 4: "O1.2", 6: "O2.1", 7: "O2.2"},
        objectives={"O1": "Customers love us", "O2": "A platform that never sleeps"},
        ours={"target", "baseline", "kind", "status"},
        offers={
            "target 3": "45",
            "baseline 3": "32",
            "target 4": "3%",
            "baseline 4": "5%",
            "kind 4": "Decrease",
            "target 6": "99.9%",
            "kind 6": "At least",
        },
        skipped={9: "a text with no key results below it"},
        config_tabs={"Key Results": "Company"},
    ),
    "two lines of headers, a pair of columns for each quarter": Company(
        (
            make_raw_tab(
                "Roadmap & OKRs",
                """
OKRs 2026
Objective        | Key result                 | Q3     |        | Q4     |        | Comment
                 |                            | Target | Actual | Target | Actual |
Win the market   | Deals won with hospitals   | 30     | 31     | 60     | 12     | late
                 | Days from lead to contract | 50     | 48     | 40     | 44     |
""",
                "A2:A3",
                "B2:B3",
                "C2:D2",
                "E2:F2",
                "G2:G3",
                "A4:A5",
            ),
        ),
        tab="Roadmap & OKRs",
        header_row=3,
        columns={"key_result": "B", "target": "E", "current": "F", "notes": "G"},
        ids={4: "O-1.1", 5: "O-1.2"},
        objectives={"O-1": "Win the market"},
        headers={"target": "Q4 / Target", "current": "Q4 / Actual", "notes": "Comment"},
        config_tabs={"Key Results": "Roadmap & OKRs"},
    ),
    "one tab for each team": Company(
        (
            make_raw_tab(
                "Website",
                """
Objective          | Key result               | Target | Actual | Owner
A site people like | Fewer errors             | 10     | 61     | Ida
A site people like | Faster pages             | 2      | 3.4    | Ben
""",
            ),
            make_raw_tab(
                "Customer Success",
                """
Objective          | Key result               | Target | Actual | Owner
Happy customers    | NPS                      | 45     | 32     | Maya
""",
                tab_id=2,
            ),
            make_raw_tab("Dashboard", "Our numbers\n\nRevenue | 12", tab_id=3),
        ),
        tab="Website",
        header_row=1,
        columns={"key_result": "B", "target": "C", "current": "D", "owner": "E"},
        ids={2: "WEB-1.1", 3: "WEB-1.2"},
        objectives={"WEB-1": "A site people like"},
        offers={"kind 2": "Decrease"},
        config_tabs={"Key Results": "Website", "Dashboard": "Dashboard (okr-sync)"},
    ),
    "percent as text, a column for the team": Company(
        (
            make_raw_tab(
                "Ziele",
                """
Team      | Ziel                      | Schlüsselergebnis             | Zielwert | Ist    | Verantwortlich | Ampel
Marketing | Bekannter werden          | Anteil gestützter Bekanntheit | "45 %"   | "31 %" | Maya           | gelb
Marketing | Bekannter werden          | Besuche auf der Website       | 12000    | 8000   | Ben            | grün
Vertrieb  | Mehr Neukunden            | Abschlüsse mit Kliniken       | 60       | 12     | Ida            | rot
""",
            ),
        ),
        tab="Ziele",
        header_row=1,
        columns={"key_result": "C", "target": "D", "current": "E", "owner": "F"},
        ids={2: "MAR-1.1", 3: "MAR-1.2", 4: "VER-1.1"},
        objectives={"MAR-1": "Bekannter werden", "VER-1": "Mehr Neukunden"},
        headers={"key_result": "Schlüsselergebnis", "target": "Zielwert", "current": "Ist", "owner": "Verantwortlich"},
        config_tabs={"Key Results": "Ziele"},
    ),
    "baseline and target in one cell": Company(
        (
            make_raw_tab(
                "OKR",
                """
Objectif               | Résultat clé                | De → à     | Actuel | Responsable | Échéance
Des clients fidèles    | Score de recommandation     | 32 → 45    | 38     | Maya        | 2026-12-31
                       | Taux de départ              | 5% → 3%    | 4%     | Ben         | 2026-12-31
                       | Chiffre d'affaires          | €1.2m → €1.5m | 1300000 | Ida      | 2026-12-31
""",
            ),
        ),
        tab="OKR",
        header_row=1,
        columns={"key_result": "B", "current": "D", "owner": "E", "due": "F"},
        ids={2: "O-1.1", 3: "O-1.2", 4: "O-1.3"},
        objectives={"O-1": "Des clients fidèles"},
        ours={"target", "baseline"},
        offers={
            "target 2": "45",
            "baseline 2": "32",
            "target 3": "3%",
            "baseline 3": "5%",
            "kind 3": "Decrease",
            "target 4": "1500000",
            "baseline 4": "1200000",
        },
        config_tabs={"Key Results": "OKR"},
    ),
    "targets with units in the text": Company(
        (
            make_raw_tab(
                "OKRs 2026",
                """
Metas de la empresa

Objetivo            | Resultado clave              | Línea base | Meta     | Valor actual | Responsable
Crecer en clínicas  | Ventas nuevas                | €0.8m      | €1.2m    | €0.9m        | Maya
                    | Disponibilidad               | "99.5%"    | ≥ 99.9%  | "99.7%"      | Ida
                    | Lanzar el portal             | No         | Yes      | No           | Ben
""",
            ),
        ),
        tab="OKRs 2026",
        header_row=3,
        columns={"key_result": "B", "owner": "F"},
        ids={4: "O-1.1", 5: "O-1.2", 6: "O-1.3"},
        objectives={"O-1": "Crecer en clínicas"},
        ours={"target", "baseline", "kind", "current"},
        offers={
            "target 4": "1200000",
            "baseline 4": "800000",
            "target 5": "99.9%",
            "baseline 5": "99.5%",
            "kind 5": "At least",
            "target 6": "1",
            "baseline 6": "0",
        },
        config_tabs={"Key Results": "OKRs 2026"},
    ),
    "the headers again above each objective": Company(
        (
            make_raw_tab(
                "Plan",
                """
Objective 1: A site people trust
Key Result             | Owner | Start value | Target | Actual | Confidence
Fewer errors           | Ida   | 80          | 10     | 61     | 7
Faster pages           | Ben   | 5           | 2      | 3.4    | 4

Objective 2: Grow where we are strong
Key Result             | Owner | Start value | Target | Actual | Confidence
Won deals              | Maya  | 0           | 60     | 12     | 5
""",
                "A1:F1",
                "A6:F6",
            ),
        ),
        tab="Plan",
        header_row=2,
        columns={"key_result": "A", "owner": "B", "baseline": "C", "target": "D", "current": "E", "confidence": "F"},
        ids={3: "O1.1", 4: "O1.2", 8: "O2.1"},
        objectives={"O1": "A site people trust", "O2": "Grow where we are strong"},
        skipped={7: "the headers again"},
        config_tabs={"Key Results": "Plan"},
    ),
    "our words already, with other contents": Company(
        (
            make_raw_tab(
                "Objectives",
                """
KR ID | Objective       | Key Result  | Target | Current            | Score       | Status | Progress | Weight | Cycle
A-1   | Happy customers | Raise NPS   | 45     | =IMPORTRANGE(x)⇒38 | =E2/D2⇒0.84 | Green  | 84%      | high   | Q4 26
A-2   | Happy customers | Lower churn | 3%     | 4%                 | =E3/D3⇒0.5  | Red    | 50%      | low    | Q4 26
""",
            ),
        ),
        tab="Objectives",
        header_row=1,
        columns={"kr_id": "A", "key_result": "C", "target": "D", "current": "E"},
        ids={2: "A-1", 3: "A-2"},
        objectives={"O-1": "Happy customers"},
        ours={"score", "status", "progress"},
        headers={
            "score": "Score (okr-sync)",
            "status": "Status (okr-sync)",
            "progress": "Progress (okr-sync)",
            "weight": "",
            "cycle": "",
        },
        offers={"kind 3": "Decrease"},
        config_tabs={"Key Results": "Objectives", "Objectives": "Objectives (okr-sync)"},
    ),
    "numbers as ids, notes below, dates as text": Company(
        (
            make_raw_tab(
                "2026",
                """
Nr | Objetivo          | Resultado-chave      | Meta | Realizado | Responsável | Prazo
1  | Crescer no sul    | Clientes novos       | 60   | 12        | Maya        | 31.12.2026
2  | Crescer no sul    | Tempo até o contrato | 40   | 44        | Ben         | 31.12.2026

Notas: revisar em dezembro
* valores sem IVA
""",
            ),
        ),
        tab="2026",
        header_row=1,
        columns={"key_result": "C", "target": "D", "current": "E", "owner": "F"},
        ids={2: "O-1.1", 3: "O-1.2"},
        objectives={"O-1": "Crescer no sul"},
        ours={"kr_id"},
        skipped={5: "no key result stands in it", 6: "no key result stands in it"},
        config_tabs={"Key Results": "2026"},
    ),
    "one column for objectives and key results, an objective's owner": Company(
        (
            make_raw_tab(
                "OKR Tracker",
                """
Last reviewed: 2026-11-20

Objectives & Key Results        | Responsible | From | To  | Today | Deadline   | Next steps
O1: Delight hospitals           | Maya        |      |     |       |            |
KR1: Raise NPS                  | Maya        | 32   | 45  | 38    | 2026-12-31 | survey
KR2: Halve answer time          | Ben         | 20   | 10  | 14    | 2026-12-31 |
O2: Run without waking anybody  | Ida         |      |     |       |            |
KR1: Pages at night             | Ida         | 9    | 1   | 4     | 2026-12-31 |
Average                         |             |      |     |       |            |
""",
            ),
        ),
        tab="OKR Tracker",
        header_row=3,
        columns={
            "key_result": "A",
            "owner": "B",
            "baseline": "C",
            "target": "D",
            "current": "E",
            "due": "F",
            "next_step": "G",
        },
        ids={5: "O1.1", 6: "O1.2", 8: "O2.1"},
        objectives={"O1": "Delight hospitals", "O2": "Run without waking anybody"},
        ours={"kr_id", "objective_id"},
        skipped={9: "a total"},
        config_tabs={"Key Results": "OKR Tracker"},
    ),
    "German headers merged down over two rows, values beneath one word, a subtotal": Company(
        (
            make_raw_tab(
                "OKRs Q4",
                """
🎯 Übersicht

Ziel                   | Schlüsselergebnis             | Werte        |          |         | Verantwortlich
                       |                               | Ausgangswert | Zielwert | Aktuell |
Kunden lieben uns      | NPS von 32 auf 45 steigern    | 32           | 45       | 38      | Anna
                       | Mehr zufriedene Kunden finden | 10           | 20       | 12      | Ben
                       | Zwischensumme                 |              |          | 46%     |
Umsatz wächst          | Neue Kunden: 40 gewinnen      | 0            | 40       | 12      | Dörte
Gesamt                 |                               |              |          | 33%     |
""",
                "A1:F1",
                "A3:A4",
                "B3:B4",
                "C3:E3",
                "F3:F4",
                "A5:A7",
            ),
        ),
        tab="OKRs Q4",
        header_row=4,
        columns={"key_result": "B", "baseline": "C", "target": "D", "current": "E", "owner": "F"},
        ids={5: "O-1.1", 6: "O-1.2", 8: "O-2.1"},
        objectives={"O-1": "Kunden lieben uns", "O-2": "Umsatz wächst"},
        skipped={7: "a total", 9: "a total"},
        config_tabs={"Key Results": "OKRs Q4"},
    ),
    "two teams' tables on one tab in French, each under its title, a legend below": Company(
        (
            make_raw_tab(
                "Équipes",
                """
Équipe Produit
Objectif            | Résultat clé                    | Départ | Cible | Actuel | Responsable
Ravir nos clients   | Augmenter la note des clients   | 32     | 45    | 38     | Zoé
                    | Réduire le délai de réponse     | 12     | 4     | 9      | Luc

Équipe Ventes
Objectif            | Résultat clé                    | Départ | Cible | Actuel | Responsable
Croître             | Signer des contrats             | 0      | 20    | 7      | Eva

Mieux recruter
                    | Embaucher des ingénieurs        | 0      | 3     | 1      | Eva

Légende
Vert = ok

Rouge = problème
""",
            ),
        ),
        tab="Équipes",
        header_row=2,
        columns={"key_result": "B", "baseline": "C", "target": "D", "current": "E", "owner": "F"},
        ids={3: "O-1.1", 4: "O-1.2", 8: "O-2.1", 11: "O-3.1"},
        objectives={"O-1": "Ravir nos clients", "O-2": "Croître", "O-3": "Mieux recruter"},
        skipped={
            6: "a title above the headers",
            7: "the headers again",
            13: "a note apart from the table",
            14: "a note apart from the table",
            16: "a note apart from the table",
        },
        config_tabs={"Key Results": "Équipes"},
    ),
}
"""By what is peculiar to each."""

__all__ = ["COMPANIES", "CellRange", "Company", "make_raw", "make_raw_tab", "read_cell"]
