"""How a spreadsheet's locale writes numbers and dates: what differs between the countries a sheet may be kept in."""

from __future__ import annotations

from typing import NamedTuple


class Locale(NamedTuple):
    """Separators, the order of day and month, and the currency. ``date`` is the pattern of a plain date."""

    decimal: str
    group: str
    day_first: bool
    date: str
    currency: str
    currency_after: bool


_ENGLISH_US = Locale(".", ",", False, "m/d/yyyy", "$", False)
_ENGLISH_GB = Locale(".", ",", True, "dd/mm/yyyy", "£", False)
_GERMAN = Locale(",", ".", True, "dd.mm.yyyy", "€", True)
_FRENCH = Locale(",", "\u202f", True, "dd/mm/yyyy", "€", True)
_SPANISH = Locale(",", ".", True, "d/m/yyyy", "€", True)
LOCALES = {
    "en_US": _ENGLISH_US,
    "en_GB": _ENGLISH_GB,
    "en_IE": _ENGLISH_GB._replace(currency="€"),
    "en_CA": _ENGLISH_US._replace(date="yyyy-mm-dd"),
    "en_AU": _ENGLISH_GB._replace(currency="$"),
    "de_DE": _GERMAN,
    "de_AT": _GERMAN,
    "de_CH": _GERMAN._replace(decimal=".", group="’", currency="CHF"),
    "fr_FR": _FRENCH,
    "es_ES": _SPANISH,
    "it_IT": _SPANISH._replace(date="dd/mm/yyyy"),
    "nl_NL": _SPANISH._replace(date="d-m-yyyy"),
    "pt_BR": _SPANISH._replace(date="dd/mm/yyyy", currency="R$", currency_after=False),
    "sv_SE": _FRENCH._replace(date="yyyy-mm-dd", currency="kr"),
}


def locale_of(name: str) -> Locale:
    """Return a locale by its name; one that isn't known here writes as the United States do."""
    return LOCALES.get(name, _ENGLISH_US)
