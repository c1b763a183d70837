"""A problem as people read it: the place, what is wrong, the line with a caret, and what to do."""

from __future__ import annotations

import unicodedata

from okr.problem import Problem, TextPlace

WIDEST = 100
_LONGEST = 600  # of a message: somebody may have pasted a book into a key


def render_problem(problem: Problem) -> str:
    """One problem, over one to three lines, without a newline at the end.

    ::

        config.yaml:41:14  key_results.WEB-1.1.metric: no metric is named “signup_rte”
           41 |     metric: signup_rte
              |             ^^^^^^^^^^  did you mean “signup_rate” (line 12)?
    """
    head = _shorten(f"{problem.place}: {problem.message}" if problem.place else problem.message)
    if isinstance(problem.place, TextPlace) and problem.line_text:
        return "\n".join([head, *_render_line(problem.place, problem.line_text, problem.fix)])
    return f"{head}\n      {_shorten(problem.fix)}" if problem.fix else head


def _render_line(place: TextPlace, text: str, fix: str | None) -> list[str]:
    start = max(0, place.column - 1)
    text, start = _crop(text.replace("\t", " "), start)
    caret = "^" * max(1, min(_width(text[start : start + place.length]), WIDEST))
    pointer = f"      | {' ' * _width(text[:start])}{caret}"
    return [f"{place.line:>5} | {clean(text)}".rstrip(), f"{pointer}  {_shorten(fix)}" if fix else pointer]


def _shorten(text: str) -> str:
    """Cleaned, and with its middle left out where it is far too long."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    return clean(text)


def _crop(text: str, start: int) -> tuple[str, int]:
    """A very long line, cut to what stands around the caret."""
    if len(text) <= WIDEST:
        return text, start
    left = max(0, min(start, len(text)) - WIDEST // 2)
    cropped = text[left : left + WIDEST]
    if left:
        cropped = f"…{cropped[1:]}"
    return (f"{cropped}…" if left + WIDEST < len(text) else cropped), start - left


def _width(text: str) -> int:
    """How many columns a terminal gives a text: wide characters take two, combining ones none.

    Widths are those of Unicode Standard Annex #11 (East Asian Width).
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def clean(text: str) -> str:
    """Without characters that steer a terminal."""
    return "".join("�" if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text)
