"""Every code of a problem stands in docs/problems.md, and the runbook knows every exit code and what ends a run."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from mappings.model import GapKind
from sync.cli import output
from sync.plan_gaps import PREFIX
from tests.docs.pages import ROOT, read, rows, section

CODE = re.compile(r"(?:config|yaml|mapping|sheet|okr|live|source)\.[a-z][a-z-]+")
OTHERS = {"config.yaml", "yaml.schemas", "sheet.google", "sheet.credentials"}  # a file, settings
FORM = ("unknown-key", "missing-key", "value")
ENDS = frozenset({
    "ClockWrong", "ForeignConfigError", "GoogleRefused", "KindUnusable", "LayoutError", "LedgerError", "LedgerLost",
    "PlanFileError",
    "SecretMissing", "SheetBusy", "SheetInUse", "SheetRefused", "SheetUnavailable", "StalePlan", "UnsafePlan",
    "WriteUnconfirmed",
})  # fmt: skip
NEVER_SAID = {"{}", "no attempt was made.", "The secret {} was not fetched yet."}  # another's words; what can't happen


@cache
def trees() -> dict[str, ast.Module]:
    """Our own code, read."""
    found = [path for folder in ("okr", "mappings", "connectors", "sync") for path in (ROOT / folder).rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(found)}


def texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def made_by_prefix(tree: ast.Module) -> Iterator[str]:
    """The codes that a function makes as ``f"okr.{code}"``: what it is called with."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        names = [argument.arg for argument in function.args.args]
        if "code" in names and "okr." in list(texts(function)):
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name:
                    yield from (f"okr.{text}" for text in texts(call.args[names.index("code")]))


@cache
def codes() -> frozenset[str]:
    """Every code that a problem can have."""
    plain = {text for tree in trees().values() for text in texts(tree) if CODE.fullmatch(text)}
    prefixed = {code for tree in trees().values() for code in made_by_prefix(tree)}
    formed = {f"{place}.{kind}" for place in ("config", "mapping") for kind in FORM}
    return frozenset((plain - OTHERS) | prefixed | formed | {f"{PREFIX}{kind.value}" for kind in GapKind})


def documented() -> list[str]:
    return [code for line in read("docs/problems.md").splitlines() if line.startswith("| `")
            for code in re.findall(r"`([a-z]+\.[a-z-]+)`", line.split("|")[1])]  # fmt: skip


def test_every_code_stands_on_the_page_once() -> None:
    assert sorted(codes() - set(documented())) == []
    assert sorted(set(documented()) - codes()) == []
    assert len(documented()) == len(set(documented())) > 100


def test_codes_that_are_put_together_are_found_too() -> None:
    assert {"okr.no-steps", "okr.vague", "okr.one-key-result", "source.doubt", "config.missing-key"} <= codes()


def test_every_exit_code_has_a_row_in_the_runbook() -> None:
    told = {row[0].split()[0].rstrip(",") for row in rows(section(read("docs/runbook.md"), "By exit code"))}
    names = ("FAILED", "USAGE", "PENDING", "PARTIAL", "BUSY", "REFUSED")
    assert {str(getattr(output, name)) for name in names} | {"130"} <= told


def shape(node: ast.expr) -> str:
    """A message as it stands in the code, with {} for what is put in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "{}"


@cache
def messages() -> frozenset[str]:
    """What the errors say that end a run."""
    calls = [node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ENDS and call.args]
    return frozenset(shape(call.args[0]) for call in named)


def symptoms() -> list[str]:
    return [
        said
        for row in rows(section(read("docs/runbook.md"), "By what it says"))
        for said in re.findall("`([^`]+)`", row[0])
    ]


@cache
def shapes() -> str:
    """All texts of the code, a line each."""
    kinds = (ast.JoinedStr, ast.Constant)
    return "\n".join(shape(node) for tree in trees().values() for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("message", sorted(messages() - NEVER_SAID))
def test_every_message_that_ends_a_run_is_found_in_the_runbook(message: str) -> None:
    assert [said for said in symptoms() if said in message] != []


@pytest.mark.parametrize("said", symptoms())
def test_what_the_runbook_quotes_is_said_by_the_code(said: str) -> None:
    assert said in shapes()


def test_what_nobody_says_is_noticed() -> None:
    assert "The sheet can't be raed" not in shapes()
    assert len(messages()) > 60
