"""What YAML's own parser complains of, in words that say what to do."""

from __future__ import annotations

import re
from dataclasses import replace

import yaml

from mappings.node import SourceText
from okr.problem import Problem, TextPlace

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where a line of YAML ends."""
_NO_TEXT = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no printable character of YAML 1.1, 5.1."""
_INDENT = re.compile(r"[ ]*\t")
_AFTER_QUOTE = re.compile(r"""(?P<quote>["']).*?(?P=quote)\s*[^\s,\]}:#]""")


def explain_yaml_error(error: Exception, text: str, source: SourceText) -> Problem:
    """One placed problem for an error of PyYAML or libyaml, which word the same mistakes differently."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _explain_marked(error, source)
    found = _NO_TEXT.search(text)  # libyaml counts bytes, people count characters
    position = found.start() if found else int(getattr(error, "position", getattr(error, "start", 0)))
    before = LINE_BREAK.split(text[:position])
    code = ord(text[position]) if position < len(text) else 0
    return _make(
        source, len(before), len(before[-1]) + 1, f"here stands a character that no text file holds (U+{code:04X})",
        "Delete it, and save the file as UTF-8.",
    )  # fmt: skip


def _explain_marked(error: yaml.MarkedYAMLError, source: SourceText) -> Problem:
    mark, context = error.problem_mark, error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = f"{error.context or ''}; {error.problem or ''}"
    if "nesting depth" in said:  # libyaml's own limit, since PyYAML 6.0.4; it may be met before ours
        fix = "Write it flat: no query or config needs this."
        return replace(_make(source, line, column, "values are nested too deep", fix), code="yaml.too-deep")
    if "quoted scalar" in said and "end of stream" in said and context:
        return _make(
            source, context.line + 1, context.column + 1, "this quote is never closed",
            "Close it. Within single quotes write '' for one '.",
        )  # fmt: skip
    if "flow" in said and context:
        return _explain_flow(source, line, column, (context.line + 1, context.column + 1))
    return _explain_block(source, line, column, said, context.line + 1 if context else line)


def _explain_flow(source: SourceText, line: int, column: int, opened: tuple[int, int]) -> Problem:
    """Inside {…} or […]: either never closed, or text in it holds one of their own characters."""
    bracket = source.line(opened[0])[opened[1] - 1 : opened[1]] or "{"
    closing = "]" if bracket == "[" else "}"
    here = source.line(line)[column - 1 : column]
    if here in ("{", "[", "}", "]") and (line, column) != opened:
        message = f"inside {bracket}…{closing}, text that holds {here} has to stand in quotes"
        return _make(source, line, column, message, "Put the whole text in quotes: '…'.")
    return _make(
        source, *opened, f"this {bracket} is never closed, or text inside it needs quotes",
        f"Close it with {closing}, and put text that holds , : {{ }} [ ] in quotes.",
    )  # fmt: skip


def _explain_block(source: SourceText, line: int, column: int, said: str, since: int) -> Problem:
    text = source.line(line)
    here = text[column - 1 : column]
    if _INDENT.match(text) and column <= len(text) - len(text.lstrip()) + 1:
        tab = text.index("\t") + 1
        return _make(source, line, tab, "a tab stands here; YAML is indented with spaces", "Use spaces.")
    if "cannot start any token" in said or "node content" in said:
        return _make(
            source, line, column, f"text can't begin with {here} unless it is in quotes",
            f"Quote text that begins with {here}: '{here}…'.",
        )  # fmt: skip
    if "mapping values are not allowed" in said:
        return _explain_colon(source, line, column)
    if "unknown escape" in said:
        return _make(
            source, line, column, "in double quotes a backslash begins an escape, and this is none",
            "Use single quotes, or write \\\\ for a backslash.",
        )  # fmt: skip
    if _stands_after_quote(text, column):
        return _make(
            source, line, column, "text goes on after its closing quote",
            """Put all of it in single quotes: '"Found in" = x'. Within those, write '' for one '.""",
        )  # fmt: skip
    if here in ("}", "]"):
        return _make(source, line, column, f"this {here} closes nothing", "Take it out, or put the text in quotes.")
    return _explain_rest(source, line, column, said, since)


def _explain_colon(source: SourceText, line: int, column: int) -> Problem:
    before = source.line(line)[: column - 1]
    if ": " in before or before.strip().endswith(":"):
        message, fix = "a second “: ” in one line", "Put the text that holds the colon in quotes."
    else:
        message = "this key doesn't fit under the line above it"
        fix = "Line it up with the keys it belongs to; a text above it may lack its quotes or its colon."
    return _make(source, line, column, message, fix)


def _explain_rest(source: SourceText, line: int, column: int, said: str, since: int) -> Problem:
    if "could not find expected ':'" in said:
        return _make(
            source, since, 1, "this line is no “key: value”",
            "Add the colon and a space, or indent it if it continues the text above.",
        )  # fmt: skip
    if "expected key" in said or "'-' indicator" in said or "block end" in said:
        return _make(
            source, line, column, f"this line doesn't line up with the ones above it (since line {since})",
            "Give the keys of one map the same number of spaces.",
        )  # fmt: skip
    if "sequence entries" in said or "mapping keys" in said:
        return _make(
            source, line, column, "a list or map can't begin in the middle of a line",
            "Begin it in the next line, indented, or put the text in quotes.",
        )  # fmt: skip
    if "anchor" in said or "alias" in said:
        return _make(
            source, line, column, "& and * at the beginning of a text have a meaning of their own in YAML",
            "Put the text in quotes.",
        )  # fmt: skip
    plain = re.sub(r"^; |; $", "", said)
    return _make(source, line, column, f"this is no YAML ({plain})", "Look at quotes, colons and indentation.")


def _stands_after_quote(text: str, column: int) -> bool:
    """Whether a quoted text ends just before this column and something else follows it."""
    return any(found.end() == column for found in _AFTER_QUOTE.finditer(text))


def _make(source: SourceText, line: int, column: int, message: str, fix: str) -> Problem:
    """The problem, moved back to the last line that holds something when the parser only noticed at the end."""
    last = len(source.lines)
    line = min(line, last)
    while line > 1 and not source.line(line).strip():
        line -= 1
        column = len(source.line(line)) + 1
    place = TextPlace(source.file, line, max(1, min(column, len(source.line(line)) + 1)))
    return Problem("yaml.syntax", message, place, fix, line_text=source.line(line))
