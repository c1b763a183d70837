"""How a spreadsheet's locale writes numbers and dates: what differs between the countries a sheet may be kept in."""

from __future__ import annotations

from typing import NamedTuple

_ENGLISH_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
_ENGLISH_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_GERMAN_MONTHS = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
]  # fmt: skip
_GERMAN_DAYS = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
_FRENCH_MONTHS = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
]  # fmt: skip
_FRENCH_DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
# Short names as the Unicode locale data (CLDR) gives them; in English, the first three letters.
_GERMAN_SHORT = ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."]
_FRENCH_SHORT = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


def _first_three(names: list[str]) -> tuple[str, ...]:
    return tuple(name[:3] for name in names)


class Locale(NamedTuple):
    """Separators, the order of day and month, names, and the currency. ``date`` is the pattern of a plain date."""

    decimal: str
    group: str
    day_first: bool
    date: str
    currency: str
    currency_after: bool
    months: tuple[str, ...] = tuple(_ENGLISH_MONTHS)
    short_months: tuple[str, ...] = _first_three(_ENGLISH_MONTHS)
    days: tuple[str, ...] = tuple(_ENGLISH_DAYS)
    short_days: tuple[str, ...] = _first_three(_ENGLISH_DAYS)


_ENGLISH_US = Locale(".", ",", False, "m/d/yyyy", "$", False)
_ENGLISH_GB = Locale(".", ",", True, "dd/mm/yyyy", "£", False)
_GERMAN = Locale(
    ",",
    ".",
    True,
    "dd.mm.yyyy",
    "€",
    True,
    tuple(_GERMAN_MONTHS),
    tuple(_GERMAN_SHORT),
    tuple(_GERMAN_DAYS),
    tuple(f"{each[:2]}." for each in _GERMAN_DAYS),
)
_FRENCH = Locale(
    ",",
    "\u202f",
    True,
    "dd/mm/yyyy",
    "€",
    True,
    tuple(_FRENCH_MONTHS),
    tuple(_FRENCH_SHORT),
    tuple(_FRENCH_DAYS),
    tuple(f"{each[:3]}." for each in _FRENCH_DAYS),
)
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
    "sv_SE": Locale(",", "\u202f", True, "yyyy-mm-dd", "kr", True),
}


def locale_of(name: str) -> Locale:
    """Return a locale by its name; one that isn't known here writes as the United States do."""
    return LOCALES.get(name, _ENGLISH_US)


def month_of(word: str, locale: Locale) -> int | None:
    """Number a month by its name, whole or shortened, in the locale's language or in English."""
    for long, short in ((locale.months, locale.short_months), (_ENGLISH_MONTHS, ())):
        for number, name in enumerate(long, 1):
            known = {name.lower(), name[:3].lower()} | {each.rstrip(".").lower() for each in short[number - 1 : number]}
            if word.lower().rstrip(".") in known:
                return number
    return None
