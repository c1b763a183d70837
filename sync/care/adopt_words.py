"""The words by which companies head the columns of their OKRs, in five languages. Data, and how it is compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from sync.sheet.layout import Field

HEADERS: Mapping[Field, tuple[str, ...]] = {
    Field.KR_ID: (
        "kr id", "id", "#", "kr no", "kr nr", "kr", "nr", "no", "number", "code", "ref", "key", "nummer",
        "kennung", "numero", "identifiant", "identificador",
    ),
    Field.KEY_RESULT: (
        "key result", "key results", "kr", "krs", "kr description", "key result description", "result",
        "results", "schlusselergebnis", "schlusselergebnisse", "ergebnis", "resultat cle", "resultats cles",
        "resultado clave", "resultados clave", "resultado chave", "resultados chave", "metric", "measure", "kpi",
        "kennzahl", "okr", "okrs", "objectives and key results", "objective and key results",
        "objective key results", "objective key result", "objectives key results", "objective kr", "description",
        "what",
    ),
    Field.OBJECTIVE: (
        "objective", "objectives", "o", "objektiv", "ziel", "ziele", "objectif", "objectifs", "objetivo",
        "objetivos", "goal", "goals", "mission",
    ),
    Field.TARGET: (
        "target", "target value", "goal", "goal value", "aim", "to", "end value", "zielwert", "ziel", "soll",
        "sollwert", "cible", "valeur cible", "objectif", "meta", "valor objetivo", "objetivo", "alvo", "from to",
        "baseline target",
    ),
    Field.CURRENT: (
        "current", "current value", "actual", "actuals", "now", "latest", "today", "ist", "istwert", "aktuell",
        "aktueller wert", "stand", "actuel", "valeur actuelle", "realise", "reel", "valor actual", "atual",
        "valor atual", "realizado",
    ),
    Field.BASELINE: (
        "baseline", "start value", "starting value", "initial", "initial value", "from", "base", "basis", "start",
        "ausgangswert", "startwert", "depart", "valeur initiale", "valeur de depart", "valor inicial",
        "linea base", "linha de base",
    ),
    Field.SCORE: (
        "score", "grade", "progress", "complete", "completion", "done", "fortschritt", "zielerreichung",
        "erreichungsgrad", "avancement", "progression", "progreso", "avance", "progresso", "puntuacion",
        "pontuacao",
    ),
    Field.STATUS: ("status", "state", "rag", "health", "ampel", "statut", "etat", "estado", "situacion", "situacao"),
    Field.OWNER: (
        "owner", "responsible", "accountable", "dri", "lead", "who", "champion", "verantwortlich",
        "verantwortliche", "verantwortlicher", "responsable", "porteur", "pilote", "dueno", "responsavel",
        "dono",
    ),
    Field.CONFIDENCE: ("confidence", "zuversicht", "konfidenz", "confiance", "confianza", "confianca"),
    Field.DUE: (
        "due", "due date", "deadline", "end date", "by when", "fallig", "fallig am", "frist", "termin",
        "echeance", "date limite", "fecha limite", "vencimiento", "plazo", "prazo", "data limite",
    ),
    Field.START: (
        "start", "start date", "startdatum", "beginn", "date de debut", "fecha de inicio", "data de inicio",
    ),
    Field.UNIT: ("unit", "uom", "einheit", "unite", "unidad", "unidade"),
    Field.WEIGHT: ("weight", "weighting", "gewicht", "gewichtung", "poids", "peso"),
    Field.TEAM: (
        "team", "department", "squad", "area", "abteilung", "bereich", "equipe", "departement", "equipo",
        "departamento",
    ),
    Field.CYCLE: ("cycle", "quarter", "period", "zyklus", "quartal", "trimestre", "periode", "periodo", "ciclo"),
    Field.NEXT_STEP: (
        "next step", "next steps", "next actions", "nachste schritte", "prochaines etapes", "proximos pasos",
        "proximos passos",
    ),
    Field.NOTES: (
        "notes", "comment", "comments", "remarks", "notizen", "kommentar", "kommentare", "bemerkung",
        "bemerkungen", "commentaires", "notas", "comentarios", "observacoes",
    ),
}  # fmt: skip
"""Folded by ``fold``: small, without accents, signs and digits of a quarter."""

TOTALS = frozenset(
    ("total", "totals", "sum", "average", "avg", "overall", "mean", "summe", "gesamt", "durchschnitt", "mittelwert",
     "somme", "moyenne", "suma", "promedio", "media", "soma", "grand total", "subtotal",
     "sub-total", "zwischensumme", "gesamtsumme", "insgesamt", "sous-total", "total general", "ensemble")
)  # fmt: skip

BOUNDS = frozenset(
    ("from", "least", "most", "than", "less", "more", "under", "over", "below", "above", "between", "and", "von", "auf",
     "bis", "mindestens", "hochstens", "unter", "uber", "zwischen", "und", "moins", "plus", "entre", "desde", "hasta",
     "menos", "mas", "per", "pro", "par", "por")
)  # fmt: skip
"""Words that stand around a number and say nothing of what it counts."""

_QUARTER = re.compile(r"\b[qt]\s?([1-4])\b|\b([1-4])\s?(?:q|quarter|quartal|trimestre)\b")
_YEAR = re.compile(r"\b(?:fy\s?)?(?:20)?2\d(?:\s?[-/]\s?\d{2,4})?\b")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_SIGNS = re.compile(r"[^a-z0-9]+")


def plain(text: str) -> str:
    """Text in small letters without accents."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def fold(text: str) -> str:
    """A header's words alone: without accents, signs, brackets, quarters and years."""
    bare = _YEAR.sub(" ", _QUARTER.sub(" ", _BRACKETS.sub(" ", plain(text).replace("&", " and "))))
    words = " ".join(_SIGNS.sub(" ", bare).split())
    return words or " ".join(_SIGNS.sub(" ", plain(text)).split()) or plain(text).strip()


def quarter_of(text: str) -> int | None:
    """The quarter that a header is about: "Q4 Target", "T3", "4. Quartal"."""
    found = _QUARTER.search(plain(text).replace(".", ""))
    return int(found[1] or found[2]) if found else None


def match_strength(header: str, field: Field) -> float:
    """How well a header fits a field by its words: 1 for the very word, less where it is one of several, else 0.

    The words that come first in the list are the clearer ones.
    """
    words = HEADERS[field]
    text = fold(header)
    if text in words:
        return 1.0 - 0.01 * words.index(text)
    padded = f" {text} "
    inside = [word for word in words if len(word) > 2 and f" {word} " in padded]
    return 0.5 if inside and len(text.split()) <= 5 else 0.0
