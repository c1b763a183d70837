"""How Airtable writes a moment by a format such as "YYYY-MM-DD", and reads a text by one.

After "Supported format specifiers for DATETIME_FORMAT" (support.airtable.com), which names Moment.js's tokens, and
Moment's own table of them (momentjs.com/docs/#/displaying/format). Names of months and days are English, and
Spanish where a date was told so by SET_LOCALE, as in the reference's example.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

DEFAULT_FORMAT = "M/D/YYYY h:mma"
_LOCAL = {
    "en": {"l": "M/D/YYYY", "L": "MM/DD/YYYY", "LL": "MMMM D, YYYY", "LT": "h:mm A"},
    "en-gb": {"l": "D/M/YYYY", "L": "DD/MM/YYYY", "LL": "D MMMM YYYY", "LT": "HH:mm"},
    "de": {"l": "D.M.YYYY", "L": "DD.MM.YYYY", "LL": "D. MMMM YYYY", "LT": "HH:mm"},
    "es": {"l": "D/M/YYYY", "L": "DD/MM/YYYY", "LL": "D [de] MMMM [de] YYYY", "LT": "H:mm"},
    "fr": {"l": "D/M/YYYY", "L": "DD/MM/YYYY", "LL": "D MMMM YYYY", "LT": "HH:mm"},
}
_LONG = {
    "LLL": "{LL} {LT}", "LLLL": "dddd, {LL} {LT}", "ll": "{LL}", "lll": "{LL} {LT}", "llll": "ddd, {LL} {LT}",
}  # fmt: skip
_NAMES = {
    "en": (tuple(calendar.day_name), tuple(calendar.month_name)),
    "es": (
        ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        ("", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
         "noviembre", "diciembre"),
    ),
}  # fmt: skip
_LOCAL_TOKEN = re.compile(r"\[[^\]]*\]|\b(?:LLLL|LLL|LL|LTS|LT|L|llll|lll|ll|l)\b")
_TOKEN = re.compile(
    r"\[[^\]]*\]|YYYY|YY|GGGG|GG|gggg|gg|Qo|Q|MMMM|MMM|MM|Mo|M|DDDD|DDDo|DDD|DD|Do|D|dddd|ddd|dd|do|d|E|e|ww|wo|w|WW|Wo|W"
    r"|HH|H|hh|h|kk|k|mm|m|ss|s|SSS|SS|S|A|a|ZZ|Z|X|x"
)


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def week_of(at: datetime, first: int = 6) -> int:
    """Number the week of the year: week 1 holds 1 January, weeks begin on ``first`` (0 is Monday, 6 Sunday)."""
    start = at.replace(month=1, day=1)
    offset = (start.weekday() - first) % 7
    return (at.timetuple().tm_yday - 1 + offset) // 7 + 1


def _week_year(at: datetime) -> int:
    """Return the year to which the week that begins on Sunday belongs: the year of its Saturday."""
    return (at + timedelta(days=(5 - at.weekday()) % 7)).year


def _zone(at: datetime, colon: str) -> str:
    text = at.strftime("%z")
    return text[:3] + colon + text[3:5]


def _day_of_year(at: datetime) -> int:
    return at.timetuple().tm_yday


_FORMATS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04}", "YY": lambda at: f"{at.year % 100:02}",
    "GGGG": lambda at: str(at.isocalendar().year), "GG": lambda at: f"{at.isocalendar().year % 100:02}",
    "gggg": lambda at: str(_week_year(at)), "gg": lambda at: f"{_week_year(at) % 100:02}",
    "Q": lambda at: str((at.month + 2) // 3), "Qo": lambda at: ordinal((at.month + 2) // 3),
    "MMMM": lambda at: calendar.month_name[at.month], "MMM": lambda at: calendar.month_abbr[at.month],
    "MM": lambda at: f"{at.month:02}", "M": lambda at: str(at.month), "Mo": lambda at: ordinal(at.month),
    "DDDD": lambda at: f"{_day_of_year(at):03}", "DDD": lambda at: str(_day_of_year(at)),
    "DDDo": lambda at: ordinal(_day_of_year(at)),
    "DD": lambda at: f"{at.day:02}", "D": lambda at: str(at.day), "Do": lambda at: ordinal(at.day),
    "dddd": lambda at: calendar.day_name[at.weekday()], "ddd": lambda at: calendar.day_abbr[at.weekday()],
    "dd": lambda at: calendar.day_abbr[at.weekday()][:2], "d": lambda at: str(at.isoweekday() % 7),
    "do": lambda at: ordinal(at.isoweekday() % 7), "e": lambda at: str(at.isoweekday() % 7),
    "E": lambda at: str(at.isoweekday()),
    "w": lambda at: str(week_of(at)), "ww": lambda at: f"{week_of(at):02}", "wo": lambda at: ordinal(week_of(at)),
    "W": lambda at: str(at.isocalendar().week), "WW": lambda at: f"{at.isocalendar().week:02}",
    "Wo": lambda at: ordinal(at.isocalendar().week),
    "HH": lambda at: f"{at.hour:02}", "H": lambda at: str(at.hour),
    "hh": lambda at: f"{at.hour % 12 or 12:02}", "h": lambda at: str(at.hour % 12 or 12),
    "kk": lambda at: f"{at.hour or 24:02}", "k": lambda at: str(at.hour or 24),
    "mm": lambda at: f"{at.minute:02}", "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}", "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03}", "SS": lambda at: f"{at.microsecond // 10_000:02}",
    "S": lambda at: str(at.microsecond // 100_000),
    "A": lambda at: "AM" if at.hour < 12 else "PM", "a": lambda at: "am" if at.hour < 12 else "pm",
    "X": lambda at: str(int(at.timestamp())), "x": lambda at: str(int(at.timestamp() * 1000)),
    "Z": lambda at: _zone(at, ":"), "ZZ": lambda at: _zone(at, ""),
}  # fmt: skip
_PARSERS = {
    "YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d", "HH": "%H",
    "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S", "A": "%p", "a": "%p",
}  # fmt: skip


class ToldMoment(datetime):
    """A moment to which SET_LOCALE gave a language; it says nothing until the moment is written."""

    locale = "en"


def told_in(at: datetime, locale: str) -> datetime:
    """Give a moment the language in which it is to be written."""
    told = ToldMoment.fromisoformat(at.isoformat()).replace(tzinfo=at.tzinfo)
    told.locale = locale
    return told


def format_moment(at: datetime, form: str = DEFAULT_FORMAT, locale: str = "en") -> str:
    """Write a moment; ``l``, ``LL`` and the like are what the locale's country writes."""
    known = _LOCAL.get(locale.lower()) or _LOCAL.get(locale.lower()[:2], _LOCAL["en"])
    days, months = _NAMES.get(locale.lower()[:2], _NAMES["en"])
    named = {"dddd": days[at.weekday()], "MMMM": months[at.month]}

    def expand(match: re.Match[str]) -> str:
        form = match.group()
        if form.startswith("["):
            return form
        if form == "LTS":
            return known["LT"].replace("mm", "mm:ss")
        whole = known.get(form) or _LONG[form].format(**known)
        return whole.replace("MMMM", "MMM") if form in ("ll", "lll", "llll") else whole

    def write(match: re.Match[str]) -> str:
        token = match.group()
        return named.get(token) or (_FORMATS[token](at) if token in _FORMATS else token.strip("[]"))

    return _TOKEN.sub(write, _LOCAL_TOKEN.sub(expand, form))


def parse_by(text: str, form: str) -> datetime:
    """Read a text by a format, in UTC. Raises ValueError for what doesn't fit."""
    pattern = _TOKEN.sub(lambda match: _PARSERS.get(match.group(), match.group().strip("[]")), form)
    return datetime.strptime(text, pattern).replace(tzinfo=UTC)


def since(seconds: float) -> str:
    """Write a span in words, with the thresholds of Moment's ``fromNow`` (momentjs.com/docs/#/displaying/fromnow)."""
    steps = (
        (45, 1, "a few seconds"), (90, 60, "a minute"), (45 * 60, 60, "{} minutes"), (90 * 60, 3600, "an hour"),
        (22 * 3600, 3600, "{} hours"), (36 * 3600, 86_400, "a day"), (26 * 86_400, 86_400, "{} days"),
        (46 * 86_400, 1, "a month"), (320 * 86_400, 30.44 * 86_400, "{} months"), (548 * 86_400, 1, "a year"),
    )  # fmt: skip
    for limit, unit, words in steps:
        if abs(seconds) < limit:
            return words.format(round(abs(seconds) / unit))
    return f"{round(abs(seconds) / (365.25 * 86_400))} years"
